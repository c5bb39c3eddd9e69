/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/store/backup.h"

#include "spooler/base/fault.h"
#include "spooler/base/durable.h"
#include "spooler/store/conn.h"
#include "spooler/store/migrate.h"
#include "spooler/store/schema.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_ROOM (PATH_MAX + 32)

static enum err join(char out[static PATH_ROOM], const char *folder, const char *name,
                     struct why *why)
{
    int len = snprintf(out, PATH_ROOM, "%s/%s", folder, name);
    return len < 0 || len >= PATH_MAX ? err_set(why, ERR_TOO_LARGE, "the path is too long")
                                      : ERR_NONE;
}

/* The folder that a file is in. */
static void folder_of(const char *file, char out[static PATH_ROOM])
{
    const char *slash = strrchr(file, '/');
    int len = slash ? (int)(slash - file) : 1;
    snprintf(out, PATH_ROOM, "%.*s", len > 0 ? len : 1, slash ? file : ".");
}

/* ---- what a database is ------------------------------------------------------------------ */

static enum err is_sound(struct txn *txn, const char *path, struct why *why)
{
    struct rows *rows = NULL;
    bool have = false;
    enum err err = sql_query(txn, &rows, why, "PRAGMA quick_check(1)", "");
    if (!err)
        err = rows_next(rows, &have, why);
    const char *said = !err && have ? rows_text(rows, 0) : NULL;
    if (!err && (!said || strcmp(said, "ok") != 0))
        err =
            err_set(why, ERR_CORRUPT, "%s is damaged: %.200s", path, said ? said : "no answer");
    rows_end(rows);
    return err;
}

static enum err read_facts(struct conn *conn, const char *path, struct backup_facts *out,
                           struct why *why)
{
    struct txn txn = {.conn = conn};
    int64_t version = 0;
    enum err err = sql_int(&txn, &version, why, "PRAGMA user_version", "");
    if (!err && (version < 1 || version > schema_version))
        return err_set(why, version < 1 ? ERR_CORRUPT : ERR_STATE,
                       version < 1 ? "%s is no store of Tem's"
                                   : "%s was made by a newer version of Tem",
                       path);
    if (!err)
        err = is_sound(&txn, path, why);
    if (!err)
        err = migrate_identity(conn, out->store_id, &out->epoch, why);
    if (!err)
        err = sql_int(&txn, &out->events, why, "SELECT coalesce(max(seq), 0) FROM event", "");
    if (!err)
        err = sql_int(&txn, &out->jobs, why, "SELECT count(*) FROM job WHERE state <> 'staged'",
                      "");
    return err;
}

/* ---- there ----------------------------------------------------------------------------------
 */

/* Of one snapshot; whoever writes meanwhile goes on. */
static enum err copy_into(const char *database, const char *part, struct why *why)
{
    struct conn *conn = NULL;
    sqlite3_stmt *statement = NULL;
    enum err err = conn_open(database, CONN_READER, &conn, why);
    if (err)
        return err;
    err = conn_exec(conn, "PRAGMA query_only = OFF", why);
    if (!err &&
        (sqlite3_prepare_v2(conn->db, "VACUUM INTO ?1", -1, &statement, NULL) != SQLITE_OK ||
         sqlite3_bind_text(statement, 1, part, -1, SQLITE_STATIC) != SQLITE_OK ||
         sqlite3_step(statement) != SQLITE_DONE))
        err = conn_fail(conn, "VACUUM INTO", why);
    sqlite3_finalize(statement); /* tells again what the step told */
    conn_close(conn);
    return err;
}

static enum err look_at(const char *path, struct backup_facts *out, struct why *why)
{
    struct conn *conn = NULL;
    enum err err = conn_open(path, CONN_WRITER, &conn, why);
    if (!err)
        err = read_facts(conn, path, out, why);
    conn_close(conn);
    return err;
}

static void remove_with_log(const char *path)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    char name[PATH_ROOM];
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name); /* most of them are not there */
    }
}

enum err store_backup(const char *folder, const char *file, struct backup_facts *out,
                      struct why *why)
{
    char database[PATH_ROOM], part[PATH_ROOM], target[PATH_ROOM];
    struct stat st;
    enum err err = join(database, folder, "tem.db", why);
    if (err)
        return err;
    if (stat(database, &st) != 0)
        return err_errno(why, ERR_NOT_FOUND, errno, "there is no store in %s: %s", folder,
                         database);
    if (stat(file, &st) == 0)
        return err_set(why, ERR_STATE, "%s is there already: nothing was written", file);
    if (snprintf(part, sizeof part, "%s.part", file) >= PATH_MAX)
        return err_set(why, ERR_TOO_LARGE, "the path is too long");
    folder_of(file, target);
    remove_with_log(part);
    fault_point("backup.copy.before");
    err = copy_into(database, part, why);
    fault_point("backup.copied");
    if (!err)
        err = look_at(part, out, why);
    fault_point("backup.checked");
    if (!err)
        err = durable_sync_file(part, why);
    fault_point("backup.synced");
    if (!err && rename(part, file) != 0)
        err = err_errno(why, ERR_SYSTEM, errno, "rename %s", part);
    fault_point("backup.renamed");
    if (!err)
        err = durable_sync_folder(target, why);
    fault_point("backup.done");
    if (err)
        remove_with_log(part);
    return err;
}

/* ---- and back
 * ---------------------------------------------------------------------------------- */

static enum err copy_bytes(const char *from, const char *to, struct why *why)
{
    char chunk[65536];
    ssize_t n = 0;
    int in = open(from, O_RDONLY | O_CLOEXEC), out = -1;
    enum err err = in < 0 ? err_errno(why, ERR_NOT_FOUND, errno, "open %s", from) : ERR_NONE;
    if (!err && (out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640)) < 0)
        err = err_errno(why, ERR_SYSTEM, errno, "open %s", to);
    while (!err && (n = read(in, chunk, sizeof chunk)) > 0)
        err = fd_write_all(out, chunk, (size_t)n, why);
    if (!err && n < 0)
        err = err_errno(why, ERR_SYSTEM, errno, "read %s", from);
    if (!err && fsync(out) != 0)
        err = err_errno(why, ERR_SYSTEM, errno, "sync %s", to);
    if (in >= 0)
        close(in); /* read only */
    if (out >= 0 && close(out) != 0 && !err)
        err = err_errno(why, ERR_SYSTEM, errno, "close %s", to);
    return err;
}

static enum err mark_put_back(const char *path, uint64_t gap, struct backup_facts *out,
                              struct why *why)
{
    struct conn *conn = NULL;
    enum err err = conn_open(path, CONN_WRITER, &conn, why);
    if (!err)
        err = read_facts(conn, path, out, why);
    if (!err) {
        struct txn txn = {.conn = conn};
        err = sql_run(&txn, why,
                      "INSERT INTO meta (key, value) VALUES ('put_back', ?1) ON CONFLICT (key)"
                      " DO UPDATE SET value = excluded.value",
                      "i", (int64_t)gap);
    }
    if (!err)
        err = conn_exec(conn, "PRAGMA journal_mode = delete", why); /* all of it in one file */
    conn_close(conn);
    return err;
}

/* The store that is there may be damaged: that is why a copy is put back. Only if it says
 * another id it is not ours to replace. */
static enum err check_same(const char *database, const struct backup_facts *facts,
                           struct why *why)
{
    struct conn *conn = NULL;
    char id[STORE_ID_SIZE] = "";
    uint32_t epoch;
    struct stat st;
    if (stat(database, &st) != 0)
        return ERR_NONE;
    if (conn_open(database, CONN_READER, &conn, NULL) == ERR_NONE &&
        migrate_identity(conn, id, &epoch, NULL) != ERR_NONE)
        id[0] = '\0';
    conn_close(conn);
    return *id && strcmp(id, facts->store_id) != 0
               ? err_set(
                     why, ERR_STATE,
                     "%s is store %s and the copy is of store %s: move it away first if it is"
                     " not needed",
                     database, id, facts->store_id)
               : ERR_NONE;
}

/* What is there stays beside it under the first free number. The database keeps its name all
 * the while, as a second link: in a moment without one, a start would begin a new store, with
 * numbers that are out. Without its log it is an older copy, which a start finds by the
 * ledger's witness. */
static enum err set_aside(const char *folder, const char *database, struct why *why)
{
    static const char *const ends[] = {"-wal", "-shm"};
    char from[PATH_ROOM + 8], to[PATH_ROOM + 32];
    struct stat st;
    if (stat(database, &st) != 0)
        return ERR_NONE;
    unsigned number = 1;
    for (; number < 10000; number++) {
        snprintf(to, sizeof to, "%s.before-%u", database, number);
        if (link(database, to) == 0)
            break;
        if (errno != EEXIST)
            return err_errno(why, ERR_SYSTEM, errno, "link %s", to);
    }
    fault_point("restore.linked");
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        snprintf(from, sizeof from, "%s%s", database, ends[i]);
        snprintf(to, sizeof to, "%s.before-%u%s", database, number, ends[i]);
        if (rename(from, to) != 0 && errno != ENOENT)
            return err_errno(why, ERR_SYSTEM, errno, "rename %s", from);
        fault_point("restore.log.aside");
    }
    return durable_sync_folder(folder, why);
}

static enum err put_in_place(const char *file, const char *folder, uint64_t gap,
                             struct backup_facts *out, struct why *why)
{
    char database[PATH_ROOM], part[PATH_ROOM], open_mark[PATH_ROOM];
    struct stat st;
    enum err err = join(database, folder, "tem.db", why);
    if (!err)
        err = join(part, folder, "tem.db.restoring", why);
    if (err)
        return err;
    remove_with_log(part);
    fault_point("restore.before");
    err = copy_bytes(file, part, why);
    fault_point("restore.copied");
    if (!err)
        err = mark_put_back(part, gap, out, why);
    fault_point("restore.marked");
    if (!err)
        err = check_same(database, out, why);
    fault_point("restore.checked");
    /* temd's own user must be able to open it, whoever puts it back. */
    if (!err && stat(folder, &st) == 0 && geteuid() == 0 &&
        chown(part, st.st_uid, st.st_gid) != 0)
        err = err_errno(why, ERR_SYSTEM, errno, "chown %s", part);
    if (!err)
        err = durable_sync_file(part, why);
    fault_point("restore.synced");
    if (!err)
        err = set_aside(folder, database, why);
    fault_point("restore.aside");
    if (!err && rename(part, database) != 0)
        err = err_errno(why, ERR_SYSTEM, errno, "rename %s", part);
    fault_point("restore.renamed");
    /* What was found of the store that was there is not true of this one, which was checked. */
    if (!err && join(open_mark, folder, "tem.open", why) == ERR_NONE)
        remove_with_log(open_mark);
    if (!err)
        err = durable_sync_folder(folder, why);
    fault_point("restore.done");
    if (err)
        remove_with_log(part);
    return err;
}

enum err store_put_back(const char *file, const char *folder, uint64_t gap,
                        struct backup_facts *out, struct why *why)
{
    char lock[PATH_ROOM];
    enum err err = durable_mkdir(folder, 0750, why);
    if (!err)
        err = join(lock, folder, "tem.lock", why);
    if (err)
        return err;
    int fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (fd < 0)
        return err_errno(why, ERR_SYSTEM, errno, "open %s", lock);
    if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        err = err_set(why, ERR_BUSY, "a temd has this store open: stop it first");
    else
        err = put_in_place(file, folder, gap, out, why);
    close(fd); /* and the lock goes with it */
    return err;
}

enum err store_was_put_back(struct txn *txn, bool *yes, uint64_t *gap, struct why *why)
{
    int64_t value = 0;
    enum err err = sql_int(
        txn, &value, why, "SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'put_back'", "");
    *yes = err == ERR_NONE;
    *gap = err ? 0 : (uint64_t)value;
    return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

enum err store_renewed(struct txn *txn, struct why *why)
{
    return sql_run(txn, why, "DELETE FROM meta WHERE key = 'put_back'", "");
}
