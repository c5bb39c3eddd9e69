/* SPDX-License-Identifier: Apache-2.0 */
/* Archives: which jobs are due, what stays in the store, what a changed file is told of, a
 * death at every step, a full disk, a store from before archives. */
#include "tests/unit/intake-kit.h"

#include "spooler/archive/archive.h"
#include "spooler/archive/parts.h"
#include "spooler/job/chunk-leaves.h"
#include "spooler/ledger/ledger.h"
#include "spooler/ledger/notary.h"
#include "spooler/ledger/tree.h"
#include "spooler/store/schema.h"
#include "spooler/store/side.h"

#include <sqlite3.h>

#define DAY_MS INT64_C(86400000)

static struct note_signer signer;
static uint8_t blinding_key[SHA256_BYTES];

/* ---- printing without a printer ---------------------------------------------------------- */

struct act {
    uint32_t most;
    struct chunk chunk;
    struct chunk_outcome outcome;
};

/* The root is the one that the dispatcher would put into the event. */
static enum err send_chunk(struct txn *txn, void *arg, struct why *why)
{
    struct act *act = arg;
    struct chunk_leaf *leaves = NULL;
    struct merkle tree;
    size_t count = 0;
    uint8_t root[SHA256_BYTES];
    merkle_init(&tree);
    enum err err = chunk_next(txn, "line1", act->most, &act->chunk, why);
    if (!err)
        err = chunk_take_ids(txn, 1, &act->chunk.id, why);
    act->chunk.epoch = 1;
    if (!err)
        err = chunk_leaves(txn, registry, blinding_key, &act->chunk, &leaves, &count, why);
    for (size_t i = 0; i < count; i++)
        merkle_add_hash(&tree, leaves[i].hash);
    merkle_root(&tree, root);
    free(leaves);
    return err ? err : chunk_send(txn, &act->chunk, root, why);
}

static enum err settle(struct txn *txn, void *arg, struct why *why)
{
    struct act *act = arg;
    return chunk_settle(txn, act->chunk.id, &act->outcome, why);
}

static void must(enum err err, const struct why *why, const char *name)
{
    if (err) {
        printf("Bail out! %s: %s\n", name, why->text);
        exit(99);
    }
}

static void print(uint32_t most, uint32_t sent, uint32_t confirmed)
{
    struct why why = {""};
    struct act act = {.most = most,
                      .outcome = {.ended_clean = true, .sent = sent, .confirmed = confirmed}};
    must(store_write(store, send_chunk, &act, &why), &why, "send");
    must(store_write(store, settle, &act, &why), &why, "settle");
}

static struct reply order(const char *path, const char *body)
{
    return ask((struct ask){.method = "POST", .path = path, .type = JSON, .body = body});
}

static void ordered(const char *path, const char *body)
{
    struct reply reply = order(path, body);
    if (reply.status != 200 && reply.status != 201) {
        printf("Bail out! %s: %ld %s\n", path, reply.status, reply.body);
        exit(99);
    }
    reply_free(&reply);
}

/* 1: six labels, 2 and 3 printed again, closed. 2: three packs that expire on 2028-03-31. 3:
 * two of four printed, the rest cancelled. 4: one label in doubt. 5: open. */
static void tell_story(void)
{
    ordered(JOBS, FEW("\"quantity\":6,\"data\":{\"product\":\"Thuốc\",\"note\":\"N1\"}"));
    print(100, 6, 6);
    ordered(JOBS "/1/reprint", "{\"first\":2,\"last\":3,\"reason\":\"damaged\"}");
    print(100, 2, 2);
    ordered(JOBS, PACK);
    print(100, 3, 3);
    ordered(JOBS, FEW("\"quantity\":4,\"data\":{\"product\":\"P\"}"));
    print(2, 2, 2);
    ordered(JOBS "/3/cancel", "{}");
    ordered(JOBS, FEW("\"quantity\":3,\"data\":{\"product\":\"P\"}"));
    print(100, 2, 1);
    ordered(JOBS, FEW("\"quantity\":2,\"data\":{\"product\":\"P\"}"));
}

static void set_archive(void)
{
    static char folder[PATH_MAX];
    uint8_t seed[NOTE_KEY_BYTES] = {7};
    note_signer_make("tem/test", seed, &signer);
    memset(blinding_key, 9, sizeof blinding_key);
    snprintf(folder, sizeof folder, "%s", fixture_path("archives"));
    kit_archive = (struct archive_config){.store = store,
                                          .registry = registry,
                                          .folder = folder,
                                          .signer = &signer,
                                          .blinding_key = blinding_key,
                                          .retention = {0, 366},
                                          .version = "9.9"};
}

/* ---- what is due ---------------------------------------------------------------------------
 */

struct due_look {
    struct retention retention;
    int64_t before_ms;
    struct archive_due due;
};

static enum err op_due(struct txn *txn, void *arg, struct why *why)
{
    struct due_look *look = arg;
    return archive_find_due(txn, &look->retention, look->before_ms, &look->due, why);
}

/* All was done at 2026-03-01T08:00Z. 2028-03-31 is over 762 days after that day's begin, so one
 * year of 366 days later begins day 1128. */
static const struct {
    const char *name;
    int64_t after_release, after_expiry, later_days, before_ms;
    const char *jobs;
    int64_t not_expired;
} dues[] = {
    {"the same moment", 0, 366, 0, INT64_MAX, "", 0},
    {"a day later", 0, 366, 1, INT64_MAX, "1 3 ", 1},
    {"one day short of 30", 30, 366, 30, INT64_MAX, "", 0},
    {"30 days and one", 30, 366, 31, INT64_MAX, "1 3 ", 1},
    {"a day before expiry + 1 year", 0, 366, 1127, INT64_MAX, "1 3 ", 1},
    {"at expiry + 1 year", 0, 366, 1128, INT64_MAX, "1 2 3 ", 0},
    {"the later counts: release", 1830, 0, 1830, INT64_MAX, "", 0},
    {"the later counts: release is over", 1830, 0, 1831, INT64_MAX, "1 2 3 ", 0},
    {"what expires never goes", 0, ARCHIVE_NEVER, 9999, INT64_MAX, "1 3 ", 1},
    {"by order", ARCHIVE_NEVER, 366, 0, FIXTURE_NOW_MS + 1, "1 3 ", 1},
    {"by order, the moment is not before it", ARCHIVE_NEVER, 366, 0, FIXTURE_NOW_MS, "", 0},
    {"an order does not shorten the age", 10, 0, 5, FIXTURE_NOW_MS + DAY_MS, "", 0},
};

static void test_due(void)
{
    struct why why = {""};
    struct due_look none = {.retention = {ARCHIVE_NEVER, 366}, .before_ms = INT64_MAX};
    tap_is_int(store_read(store, op_due, &none, &why), ERR_STATE, "no age: nothing is due (%s)",
               why.text);
    for (size_t i = 0; i < sizeof dues / sizeof dues[0]; i++) {
        struct due_look look = {.retention = {dues[i].after_release, dues[i].after_expiry},
                                .before_ms = dues[i].before_ms};
        char text[64] = "";
        size_t len = 0;
        fixture_later_ms = dues[i].later_days * DAY_MS;
        must(store_read(store, op_due, &look, &why), &why, "due");
        for (size_t k = 0; k < look.due.count; k++)
            len += (size_t)snprintf(text + len, sizeof text - len, "%lld ",
                                    (long long)look.due.jobs[k]);
        tap_is_str(text, dues[i].jobs, "due: %s", dues[i].name);
        tap_is_int(look.due.not_expired, dues[i].not_expired, "and wait to expire");
        archive_due_free(&look.due);
    }
    fixture_later_ms = DAY_MS;
}

/* ---- what is left ---------------------------------------------------------------------------
 */

#define IN_STORE(table) "SELECT count(*) FROM " table " WHERE job_id IN (1, 3)"

struct root {
    int64_t size;
    uint8_t bytes[SHA256_BYTES];
};

static enum err op_root(struct txn *txn, void *arg, struct why *why)
{
    struct root *root = arg;
    enum err err = root->size ? ERR_NONE : ledger_size(txn, &root->size, why);
    return err ? err : tree_root(txn, (uint64_t)root->size, root->bytes, why);
}

static struct root read_root(int64_t size)
{
    struct root root = {.size = size};
    struct why why = {""};
    must(store_read(store, op_root, &root, &why), &why, "root");
    return root;
}

/* As docs/administrator.md says: these go, those stay. */
static void left_in_store(const char *name)
{
    tap_is_int(fixture_read_int(store, IN_STORE("page")), 0, "%s: no data", name);
    tap_is_int(fixture_read_int(store, IN_STORE("chunk")), 0, "%s: no chunks", name);
    tap_is_int(fixture_read_int(store, IN_STORE("reprint")), 0, "%s: no orders", name);
    tap_is_int(fixture_read_int(store, IN_STORE("span") " AND newest = 0"), 0,
               "%s: no older attempts", name);
    tap_is_int(fixture_read_int(store, "SELECT sum (last - first + 1) FROM span"
                                       " WHERE job_id IN (1, 3) AND newest = 1"),
               10, "%s: each label has its state", name);
    tap_is_int(fixture_read_int(store, "SELECT sum (last - first + 1) FROM segment"
                                       " WHERE job_id IN (1, 3)"),
               10, "%s: each number is somebody's", name);
    tap_is_int(fixture_read_int(store,
                                "SELECT count(*) FROM event WHERE"
                                " json_valid (CAST (body AS TEXT)) AND"
                                " json_extract (CAST (body AS TEXT), '$.job') IN (1, 3)"),
               0, "%s: no text of their events", name);
    tap_is_int(fixture_read_int(store,
                                "SELECT count(*) = max (seq) AND min (length (leaf)) = 32"
                                " FROM event"),
               1, "%s: each event has its leaf", name);
    tap_is_int(fixture_read_int(store, "SELECT count(*) FROM page"), 3,
               "%s: the others have their data", name);
}

static struct reply get(const char *path)
{
    return ask((struct ask){.method = "GET", .path = path});
}

static void refused(const char *path, const char *body, const char *name)
{
    struct reply reply = body ? order(path, body) : get(path);
    show_if(reply.status != 409, &reply);
    tap_is_int(reply.status, 409, "refused: %s", name);
    const char *detail = text_of(reply.json, "detail");
    tap_ok(detail && strstr(detail, "job 1 is archived in one.tem-archive (SHA-256 "),
           "and says where it is: %s", detail ? detail : "");
    reply_free(&reply);
}

static void test_answers(void)
{
    struct reply reply = get("/v1/labels?scan=F00");
    const json_t *archived = json_object_get(reply.json, "archived");
    tap_is_str(text_of(archived, "file"), "one.tem-archive", "a scan: archived, and where");
    tap_is_int(int_of(reply.json, "job"), 1, "a scan: the job");
    tap_is_str(text_of(reply.json, "state"), "printed", "a scan: its state");
    reply_free(&reply);
    refused(JOBS "/1/reprint", "{\"first\":1,\"last\":1,\"reason\":\"lost\"}", "a reprint");
    refused("/v1/verify", "{\"scan\":\"F00\"}", "a read back");
    refused(JOBS "/1/report", NULL, "a report");
    refused(JOBS "/1/resolve",
            "{\"reason\":\"r\",\"ranges\":[{\"first\":1,\"last\":1,\"decision\":\"spoiled\"}]}",
            "a decision");
    reply = get("/v1/series/few/report");
    const json_t *sums = json_object_get(reply.json, "sums");
    tap_ok(json_is_true(json_object_get(sums, "adds_up")), "the series still adds up");
    tap_is_int(int_of(sums, "issued"), 15, "with all its numbers: 6 + 4 + 3 + 2");
    const json_t *scope = json_array_get(json_object_get(reply.json, "scopes"), 0);
    const char *words = text_of(json_array_get(json_object_get(scope, "pieces"), 0), "words");
    tap_ok(words && strstr(words, "archived in one.tem-archive, SHA-256 "),
           "and says where the first six are: %s", words ? words : "");
    reply_free(&reply);
    reply = order(JOBS, FEW("\"quantity\":1,\"data\":{\"product\":\"P\"}"));
    tap_is_int(reply.status, 201, "a new job");
    const json_t *range = json_array_get(json_object_get(reply.json, "ranges"), 0);
    tap_is_str(text_of(range, "first_number"), "F15", "has the next number, none of the old");
    reply_free(&reply);
}

/* ---- changed files --------------------------------------------------------------------------
 */

static void outside(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    char *said = NULL;
    if (sqlite3_open(path, &db) != SQLITE_OK ||
        sqlite3_exec(db, sql, NULL, NULL, &said) != SQLITE_OK) {
        printf("Bail out! %s: %s\n", sql, said ? said : sqlite3_errmsg(db));
        exit(99);
    }
    sqlite3_close(db);
}

static void copy_file(const char *from, const char *to)
{
    char bytes[65536];
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    size_t n;
    if (!in || !out)
        abort();
    while ((n = fread(bytes, 1, sizeof bytes, in)) > 0)
        if (fwrite(bytes, 1, n, out) != n)
            abort();
    if (fclose(in) != 0 || fclose(out) != 0)
        abort();
}

/* Each of the first three jobs' events, in order: 1 accepted. */
static const struct {
    const char *name, *sql, *words;
} changes[] = {
    {"as it was", "SELECT 1", ""},
    {"an event edited",
     "UPDATE event SET body = CAST (replace (CAST (body AS TEXT), '\"quantity\":6',"
     " '\"quantity\":7') AS BLOB) WHERE seq = 1",
     "event 1 was changed"},
    {"an event edited with its leaf",
     "UPDATE event SET body = x'7b22736571223a312c7d', leaf ="
     " x'0000000000000000000000000000000000000000000000000000000000000000' WHERE seq = 1",
     "event 1 was changed"},
    {"an event deleted", "DELETE FROM event WHERE seq = 2", "event 2 is missing"},
    {"the bodies of two exchanged",
     "UPDATE event SET body = (SELECT body FROM event WHERE seq = 2) WHERE seq = 1",
     "in the place of event 1 stands event 2"},
    {"an event hidden behind its hash",
     "INSERT INTO subtree SELECT 0, seq - 1, leaf FROM event WHERE seq = 2;"
     "DELETE FROM event WHERE seq = 2",
     "job 1: table event has "},
    {"a hash of others changed", "UPDATE subtree SET hash = zeroblob (32)",
     "not those under the signed checkpoint"},
    {"data edited", "UPDATE data SET fields = '{\"product\":\"other\"}' WHERE job = 1",
     "job 1: a row of table data was changed"},
    {"data deleted", "DELETE FROM data WHERE job = 3", "job 3: table data has 0 rows, 1 were"},
    {"a state edited", "UPDATE span SET state = 'spoiled' WHERE job = 3 AND state = 'printed'",
     "job 3: a row of table span was changed"},
    {"a number edited", "UPDATE number SET number = 'F77' WHERE job = 1 AND label = 4",
     "job 1: a row of table number was changed"},
    {"two numbers exchanged",
     "UPDATE number SET label = label + 1000 WHERE job = 1 AND label IN (1, 2);"
     "UPDATE number SET label = 1003 - label % 1000 - 1000 WHERE label > 1000",
     "job 1: a row of table number was changed"},
    {"a job added",
     "INSERT INTO job SELECT 77, state, template, template_hash, printer, quantity,"
     " pieces, close_at, on_doubt, caller, person, reference, accepted_ms,"
     " utc_offset_min, sample, replaces, replaces_label, more FROM job WHERE job = 1",
     "table job has 3 rows, 2 were archived"},
    {"a template edited", "UPDATE template SET body = x'00'", "table template was changed"},
    {"data and its digest edited",
     "UPDATE data SET fields = '{}' WHERE job = 1;"
     "UPDATE digest SET sha256 = zeroblob (32) WHERE job = 1 AND part = 'data'",
     "the table of digests was changed"},
    {"what it says of itself edited", "UPDATE meta SET value = '5' WHERE key = 'labels'",
     "meta) was changed"},
    {"another person", "UPDATE meta SET value = 'eve' WHERE key = 'person'",
     "a row of table meta was changed"},
    {"the manifest edited",
     "UPDATE note SET body = replace (body, 'jobs 2', 'jobs 3') WHERE kind = 'manifest'",
     "the manifest: "},
    {"the checkpoint gone", "DELETE FROM note WHERE kind = 'checkpoint'",
     "the checkpoint is missing"},
    {"a view in a table's place",
     "ALTER TABLE span RENAME TO other; CREATE VIEW span AS SELECT * FROM other",
     "has not the tables of an archive"},
    {"a trigger", "CREATE TRIGGER t AFTER INSERT ON job BEGIN SELECT 1; END",
     "has not the tables of an archive"},
};

static bool found(const struct archive_faults *faults, const char *words)
{
    for (size_t i = 0; i < faults->count; i++)
        if (strstr(faults->words[i], words))
            return true;
    return false;
}

static void test_changes(void)
{
    char file[PATH_MAX], copy[PATH_MAX];
    snprintf(file, sizeof file, "%s", fixture_path("archives/one.tem-archive"));
    snprintf(copy, sizeof copy, "%s", fixture_path("copy.tem-archive"));
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        struct archive_faults faults = {.count = 0};
        struct archive_facts facts;
        struct why why = {""};
        bool good = !*changes[i].words;
        copy_file(file, copy);
        outside(copy, changes[i].sql);
        enum err err = archive_check(copy, &signer.key, &facts, &faults, &why);
        tap_is_int(err, good ? ERR_NONE : ERR_CORRUPT, "%s: %s", changes[i].name, why.text);
        if (!good && !found(&faults, changes[i].words)) {
            for (size_t k = 0; k < faults.count; k++)
                printf("# %s\n", faults.words[k]);
            tap_ok(false, "%s: is told: %s", changes[i].name, changes[i].words);
        }
        archive_faults_free(&faults);
    }
}

static void set_blob(const char *path, const char *sql, const void *bytes, size_t len)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    if (sqlite3_open(path, &db) != SQLITE_OK ||
        sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK ||
        sqlite3_bind_blob(statement, 1, bytes, (int)len, SQLITE_STATIC) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_DONE)
        abort();
    sqlite3_finalize(statement);
    sqlite3_close(db);
}

/* Digest of job 1's numbers, then the manifest, made anew by somebody who has the key. */
static void sign_again(const char *path)
{
    struct side *side = NULL;
    struct buf text = BUF_INIT(4096), note = BUF_INIT(NOTE_MAX);
    struct why why = {""};
    uint8_t hash[SHA256_BYTES];
    int64_t lines;
    size_t part = 0;
    while (strcmp(archive_parts[part].name, "number") != 0)
        part++;
    must(side_open(path, archive_schema, &side, &why), &why, "open");
    must(archive_part_digest(side_txn(side), &archive_parts[part], 1, &lines, hash, &why), &why,
         "digest");
    side_close(side);
    set_blob(path, "UPDATE digest SET sha256 = ?1 WHERE job = 1 AND part = 'number'", hash,
             sizeof hash);
    must(side_open(path, archive_schema, &side, &why), &why, "open");
    must(archive_digest(side_txn(side), hash, &why), &why, "digest");
    side_close(side);
    const struct archive_manifest manifest = {
        "tem/test",
        fixture_read_int(store, "SELECT min (id) FROM archive"),
        2,
        10,
        fixture_read_int(store, "SELECT events FROM archive ORDER BY id LIMIT 1"),
        hash};
    archive_manifest_text(&manifest, &text);
    note_sign(&signer, buf_text(&text), text.len, &note);
    set_blob(path, "UPDATE note SET body = CAST (?1 AS TEXT) WHERE kind = 'manifest'",
             note.bytes, note.len);
    buf_free(&text);
    buf_free(&note);
}

/* What was signed before a number was printed is under the checkpoint that others have. */
static void test_signed_again(void)
{
    static const struct {
        const char *name, *sql, *words;
    } rows[] = {
        {"as it was", "SELECT 1", ""},
        {"another number", "UPDATE number SET number = 'F77' WHERE job = 1 AND label = 4",
         "job 1: the numbers of labels 1 to 6 are not those of the signed event"},
        {"a number taken out", "DELETE FROM number WHERE job = 1 AND label = 6",
         "job 1: the numbers of labels 1 to 6 are not those of the signed event"},
    };
    char copy[PATH_MAX], file[PATH_MAX];
    snprintf(copy, sizeof copy, "%s", fixture_path("signed.tem-archive"));
    snprintf(file, sizeof file, "%s", fixture_path("archives/one.tem-archive"));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct archive_faults faults = {.count = 0};
        struct archive_facts facts;
        copy_file(file, copy);
        outside(copy, rows[i].sql);
        sign_again(copy);
        (void)archive_check(copy, &signer.key, &facts, &faults, NULL); /* the faults say it */
        tap_ok(*rows[i].words ? found(&faults, rows[i].words) : faults.count == 0,
               "signed again: %s", rows[i].name);
        archive_faults_free(&faults);
    }
}

static void test_other_key(void)
{
    struct archive_faults faults = {.count = 0};
    struct archive_facts facts;
    struct note_signer other;
    uint8_t seed[NOTE_KEY_BYTES] = {8};
    note_signer_make("tem/test", seed, &other);
    tap_is_int(archive_check(fixture_path("archives/one.tem-archive"), &other.key, &facts,
                             &faults, NULL),
               ERR_CORRUPT, "another's key did not sign it");
    archive_faults_free(&faults);
}

static void test_show(void)
{
    const char *file = fixture_path("archives/one.tem-archive");
    json_t *json = NULL;
    struct why why = {""};
    tap_is_int(archive_show(file, 0, "F01", &json, &why), ERR_NONE,
               "a number is found in it %s", why.text);
    const json_t *label = json_array_get(json_object_get(json, "labels"), 0);
    tap_is_int(int_of(label, "job"), 1, "its job");
    tap_is_int(int_of(label, "label"), 2, "its label");
    tap_is_int((long long)json_array_size(json_object_get(label, "attempts")), 2,
               "both attempts of it");
    tap_is_str(text_of(json_object_get(label, "fields"), "product"), "Thuốc", "what is on it");
    json_decref(json);
    json = NULL;
    tap_is_int(archive_show(file, 3, NULL, &json, &why), ERR_NONE, "a job is found %s",
               why.text);
    tap_is_int(int_of(json_object_get(json, "counts"), "unused"), 2, "its states");
    json_decref(json);
    tap_is_int(archive_show(file, 4, NULL, &json, NULL), ERR_NOT_FOUND, "a job of the store");
    tap_is_int(archive_show(file, 0, "F10", &json, NULL), ERR_NOT_FOUND, "a number of another");
}

/* ---- archiving ------------------------------------------------------------------------------
 */

static enum err archive_now(const char *file, struct archive *out, struct why *why)
{
    const struct archive_order wanted = {file, "anna", INT64_MAX};
    return archive_run(&kit_archive, &wanted, out, why);
}

static void test_archive(void)
{
    struct archive archive = {0}, again = {0};
    struct why why = {""};
    struct root before = read_root(0);
    tap_is_int(archive_now("../x", &archive, &why), ERR_INPUT, "a name that leads away");
    tap_is_int(archive_now("a.part", &archive, &why), ERR_INPUT, "a name that parts have");
    tap_is_int(archive_now("one.tem-archive", &archive, &why), ERR_NONE, "archived %s",
               why.text);
    tap_is_int(archive.jobs, 2, "two jobs");
    tap_is_int(archive.labels, 10, "ten labels");
    tap_is_int(archive.state, ARCHIVE_DONE, "all has left the store");
    left_in_store("archived");
    struct root after = read_root(before.size);
    tap_ok(memcmp(before.bytes, after.bytes, sizeof after.bytes) == 0,
           "the ledger's root is as it was");
    tap_is_int(archive_now("two.tem-archive", &again, &why), ERR_NOT_FOUND,
               "nothing more is due: %s", why.text);
    tap_is_int(archive_now("one.tem-archive", &again, &why), ERR_STATE, "the file is there: %s",
               why.text);
}

static void read_trigger(char *out, size_t size)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    if (sqlite3_open(store_path(store), &db) != SQLITE_OK ||
        sqlite3_prepare_v2(db, "SELECT sql FROM sqlite_schema WHERE name = 'event_same'", -1,
                           &statement, NULL) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW)
        abort();
    snprintf(out, size, "%s", (const char *)sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    sqlite3_close(db);
}

/* An event that was edited in the store does not get into an archive unseen. */
static void test_edited_store(void)
{
    struct archive archive;
    struct why why = {""};
    char trigger[2048];
    fixture_later_ms = DAY_MS;
    read_trigger(trigger, sizeof trigger);
    outside(store_path(store),
            "DROP TRIGGER event_same; CREATE TABLE kept_event AS SELECT body FROM"
            " event WHERE seq = 1");
    outside(store_path(store), "UPDATE event SET body = CAST (replace (CAST (body AS TEXT),"
                               " '\"quantity\":6', '\"quantity\":5') AS BLOB) WHERE seq = 1");
    tap_is_int(archive_now("one.tem-archive", &archive, &why), ERR_CORRUPT, "edited before: %s",
               why.text);
    tap_is_int(fixture_read_int(store, "SELECT count(*) FROM archive") +
                   fixture_read_int(store, "SELECT count(*) FROM job WHERE archive_id > 0"),
               0, "nothing is archived");
    tap_ok(access(fixture_path("archives/one.tem-archive"), F_OK) != 0, "there is no file");
    outside(store_path(store),
            "UPDATE event SET body = (SELECT body FROM kept_event) WHERE seq = 1;"
            "DROP TABLE kept_event");
    outside(store_path(store), trigger);
}

static int64_t say(const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    int64_t value = -1;
    if (sqlite3_open(store_path(store), &db) == SQLITE_OK &&
        sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK)
        value = sqlite3_step(statement);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return value;
}

/* What an administrator's sqlite3 may not do by accident. */
static void test_guards(void)
{
    static const char *const forbidden[] = {
        "DELETE FROM archive",
        "UPDATE archive SET sha256 = zeroblob (32)",
        "UPDATE job SET archive_id = NULL WHERE id = 1",
        "UPDATE event SET body = x'' WHERE archive_id IS NULL",
        "UPDATE event SET body = x'', archive_id = 1 WHERE archive_id IS NULL",
        "UPDATE event SET leaf = zeroblob (32) WHERE seq = 1",
        "UPDATE event SET body = x'00' WHERE seq = 1",
        "DELETE FROM event WHERE seq = 1",
    };
    for (size_t i = 0; i < sizeof forbidden / sizeof forbidden[0]; i++)
        tap_is_int(say(forbidden[i]), SQLITE_CONSTRAINT, "refused: %s", forbidden[i]);
}

/* ---- keys
 * ------------------------------------------------------------------------------------ */

static long post_key(const char *key, int64_t later_days)
{
    static const char body[] = FEW("\"quantity\":1,\"data\":{\"product\":\"K\"}");
    fixture_later_ms = later_days * DAY_MS;
    struct reply reply = ask(
        (struct ask){.method = "POST", .path = JOBS, .type = JSON, .body = body, .key = key});
    long id = reply.status == 201 ? (long)int_of(reply.json, "id") : -reply.status;
    reply_free(&reply);
    return id;
}

static void test_keys(void)
{
    long first = post_key("k1", 2);
    tap_is_int(post_key("k1", 402), first, "a key of 400 days: the same job");
    long later = post_key("k1", 403);
    tap_ok(later > first, "a day more: a new one");
    tap_is_int(post_key("k1", 404), later, "which is the key's from then on");
    for (int i = 0; i < 4; i++) {
        char key[8];
        snprintf(key, sizeof key, "o%d", i);
        (void)post_key(key, 405);
    }
    (void)post_key("new", 1000);
    (void)post_key("new2", 1000);
    (void)post_key("new3", 1000);
    /* one is there with a time that is still to come: the clock was set back */
    tap_is_int(fixture_read_int(store, "SELECT count(*) FROM idempotency"), 4,
               "each that is kept takes old ones along");
    fixture_later_ms = DAY_MS;
}

/* temd is told to stop: nothing is half done. */
static void test_stop(void)
{
    struct archive archive;
    struct why why = {""};
    atomic_bool stop = true;
    kit_archive.stop = &stop;
    fixture_later_ms = DAY_MS;
    tap_is_int(archive_now("one.tem-archive", &archive, &why), ERR_BUSY, "stopping: %s",
               why.text);
    tap_is_int(fixture_read_int(store, "SELECT count(*) FROM archive") +
                   fixture_read_int(store, "SELECT count(*) FROM job WHERE archive_id > 0"),
               0, "nothing is archived");
    kit_archive.stop = NULL;
}

static enum err op_cancel(struct txn *txn, void *arg, struct why *why)
{
    return job_cancel(txn, *(int64_t *)arg, "anna", NULL, why);
}

/* More than a commit takes of anything: 600 jobs of a label. */
#define MANY 600

static enum err op_print_all(struct txn *txn, void *arg, struct why *why)
{
    struct act *act = arg;
    enum err err = ERR_NONE;
    while (!(err = send_chunk(txn, act, why)))
        if ((err = settle(txn, act, why)))
            return err;
    return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

static void test_many(void)
{
    struct archive archive = {.state = ARCHIVE_MAKING};
    struct why why = {""};
    struct act act = {.most = 100, .outcome = {.ended_clean = true, .sent = 1, .confirmed = 1}};
    int64_t open = 5; /* has two labels */
    must(store_write(store, op_cancel, &open, &why), &why, "cancel");
    for (int i = 0; i < MANY; i++)
        ordered(JOBS, "{\"template\":\"wide\",\"printer\":\"line1\",\"quantity\":1,"
                      "\"data\":{\"product\":\"P\"}}");
    must(store_write(store, op_print_all, &act, &why), &why, "print");
    fixture_later_ms = 2 * DAY_MS;
    tap_is_int(archive_now("many", &archive, &why), ERR_NONE, "%d jobs %s", MANY, why.text);
    tap_is_int(archive.jobs, MANY + 2, "all of them, the cancelled one and the one still open");
    tap_is_int(archive.state, ARCHIVE_DONE, "have left");
    tap_is_int(fixture_read_int(store,
                                "SELECT count(*) FROM job AS j WHERE archive_id = (SELECT"
                                " max (id) FROM archive) AND (EXISTS (SELECT 1 FROM page"
                                " WHERE job_id = j.id) OR EXISTS (SELECT 1 FROM chunk"
                                " WHERE job_id = j.id))"),
               0, "nothing of any is left behind");
    tap_is_int(fixture_read_int(store, "SELECT sum (archive_id IS NOT NULL) FROM event WHERE"
                                       " archive_id = (SELECT max (id) FROM archive)"),
               archive.events, "no event was passed over");
    tap_is_int(fixture_read_int(store, "SELECT count(*) FROM event WHERE archive_id IS NULL"
                                       " AND length (body) = 0"),
               0, "nor emptied without one");
    fixture_later_ms = DAY_MS;
}

/* ---- over HTTP ------------------------------------------------------------------------- */

#define ARCHIVES "/v1/archives"

static void answered(struct ask what, long status, const char *name)
{
    what.method = "POST";
    what.path = ARCHIVES;
    what.type = JSON;
    struct reply reply = ask(what);
    show_if(reply.status != status, &reply);
    tap_is_int(reply.status, status, "POST " ARCHIVES ": %s", name);
    reply_free(&reply);
}

static void test_http(void)
{
    fixture_later_ms = 1128 * DAY_MS; /* job 2 is due */
    answered((struct ask){.body = "{\"file\":\"a\",\"person\":\"x\"}", .tcp = true}, 403,
             "not from the network");
    answered((struct ask){.body = "{\"file\":\"../a\"}"}, 400, "a name that leads away");
    answered((struct ask){.body = "{\"file\":\"a\",\"before\":\"yesterday\"}"}, 400, "no date");
    answered((struct ask){.body = "{\"file\":\"a\",\"force\":true}"}, 400, "an unknown key");
    answered((struct ask){.body = "{\"file\":\"a\",\"before\":\"2026-03-01\"}"}, 404,
             "nothing ended before");
    answered((struct ask){.body = "{}"}, 200, "without a file it only finishes");
    struct reply reply = order(ARCHIVES, "{\"dry_run\":true}");
    tap_is_int((long long)json_array_size(json_object_get(reply.json, "jobs")), 1,
               "a dry run names one job");
    reply_free(&reply);
    tap_is_int(fixture_read_int(store, "SELECT count(*) FROM archive"), 1, "and does nothing");
    struct ask real = {.method = "POST",
                       .path = ARCHIVES,
                       .type = JSON,
                       .body = "{\"file\":\"two.tem-archive\"}",
                       .key = "archive-2"};
    reply = ask(real);
    show_if(reply.status != 201, &reply);
    tap_is_int(reply.status, 201, "an order: on record");
    tap_is_str(text_of(reply.json, "state"), "done", "and done");
    tap_is_str(text_of(reply.json, "person"), user, "by whom");
    struct reply again = ask(real);
    tap_is_str(again.replayed, "true", "the same order again");
    tap_ok(again.body && strcmp(again.body, reply.body) == 0, "gets the same answer");
    reply_free(&again);
    reply_free(&reply);
    reply = get(ARCHIVES);
    tap_is_int((long long)json_array_size(json_object_get(reply.json, "archives")), 2,
               "both are listed");
    reply_free(&reply);
    fixture_later_ms = DAY_MS;
}

/* ---- deaths
 * ---------------------------------------------------------------------------------- */

static void reopen(void)
{
    struct why why = {""};
    end_world();
    intake = NULL;
    store = fixture_open(fixture_path("store"));
    const struct series_config series[] = {
        {.name = "pack",
         .format = {.kind = NUMBER_RANDOM, .alphabet = NUMBER_ALPHABET_DEFAULT, .length = 8}},
        {.name = "few",
         .format =
             {.kind = NUMBER_SEQUENTIAL, .alphabet = "0123456789", .length = 2, .prefix = "F"}},
    };
    must(registry_open(store, series, 2, fixture_path("keys"), &random_system, NULL, &registry,
                       &why),
         &why, "registry");
    catalog = NULL;
    set_archive();
    must(archive_release(store, &why), &why, "release");
}

static const struct {
    const char *fault;
    bool recorded; /* the archive is on record when it dies */
} deaths[] = {
    {"archive.marked", false},        {"archive.write.half", false},
    {"archive.synced", false},        {"archive.checked", false},
    {"archive.record.before", false}, {"archive.record.after", true},
    {"archive.renamed", true},        {"archive.remove.rows:1", true},
    {"archive.remove.rows:3", true},  {"archive.remove.events", true},
    {"archive.done.before", true},
};

/* The child: a whole plant in a folder, and an archiving that dies. */
static int be_child(const char *folder)
{
    struct archive archive;
    snprintf(fixture_folder, sizeof fixture_folder, "%.*s", PATH_MAX - 1, folder);
    log_set_level(LOG_LEVEL_ERROR);
    signal(SIGPIPE, SIG_IGN);
    struct why why = {""};
    open_world();
    must(start_intake(&why), &why, "intake");
    set_archive();
    tell_story();
    fixture_later_ms = DAY_MS;
    return archive_now("one.tem-archive", &archive, &why) ? 2 : 0;
}

static void test_death(size_t row)
{
    char folder[PATH_MAX + 32], base[PATH_MAX];
    struct archive archive = {0};
    struct why why = {""};
    int out;
    snprintf(base, sizeof base, "%s", fixture_folder);
    snprintf(folder, sizeof folder, "%s/death-%zu", base, row);
    if (mkdir(folder, 0700) != 0)
        abort();
    int code = fixture_wait(fixture_child(deaths[row].fault, "die", folder, &out));
    close(out);
    tap_is_int(code, 1000 + SIGKILL, "dies at %s", deaths[row].fault);
    snprintf(fixture_folder, sizeof fixture_folder, "%.*s", PATH_MAX - 1, folder);
    reopen();
    tap_is_int(fixture_read_int(store, "SELECT count(*) FROM job WHERE archive_id IS NOT NULL"),
               deaths[row].recorded ? 2 : 0, "%s: jobs that are in an archive",
               deaths[row].fault);
    if (!deaths[row].recorded)
        tap_is_int(fixture_read_int(store, IN_STORE("page")), 2, "%s: nothing has left",
                   deaths[row].fault);
    enum err err = deaths[row].recorded ? archive_resume(&kit_archive, NULL, &why)
                                        : archive_now("one.tem-archive", &archive, &why);
    tap_is_int(err, ERR_NONE, "%s: run again, it is done %s", deaths[row].fault, why.text);
    left_in_store(deaths[row].fault);
    struct archive_faults faults = {.count = 0};
    struct archive_facts facts;
    tap_is_int(archive_check(fixture_path("archives/one.tem-archive"), &signer.key, &facts,
                             &faults, &why),
               ERR_NONE, "%s: the file is whole %s", deaths[row].fault, why.text);
    tap_is_int(fixture_read_int(store, "SELECT count(*) FROM event WHERE instr (CAST (body AS"
                                       " TEXT), '\"type\":\"jobs.archived\"') > 0"),
               1, "%s: one event says so", deaths[row].fault);
    archive_faults_free(&faults);
    snprintf(fixture_folder, sizeof fixture_folder, "%s", base);
}

/* A file that is not the recorded one takes nothing out of the store. */
static void test_other_file(void)
{
    char folder[PATH_MAX + 32], base[PATH_MAX];
    struct why why = {""};
    int out;
    snprintf(base, sizeof base, "%s", fixture_folder);
    snprintf(folder, sizeof folder, "%s/other", base);
    if (mkdir(folder, 0700) != 0)
        abort();
    (void)fixture_wait(fixture_child("archive.renamed", "die", folder, &out));
    close(out);
    snprintf(fixture_folder, sizeof fixture_folder, "%.*s", PATH_MAX - 1, folder);
    reopen();
    char good[PATH_MAX];
    snprintf(good, sizeof good, "%s", fixture_path("good"));
    copy_file(fixture_path("archives/one.tem-archive"), good);
    outside(fixture_path("archives/one.tem-archive"), "UPDATE meta SET value = 'eve'"
                                                      " WHERE key = 'person'");
    tap_is_int(archive_resume(&kit_archive, NULL, &why), ERR_CORRUPT, "another file: %s",
               why.text);
    tap_is_int(fixture_read_int(store, IN_STORE("page")), 2, "nothing has left");
    unlink(fixture_path("archives/one.tem-archive"));
    tap_is_int(archive_resume(&kit_archive, NULL, &why), ERR_NOT_FOUND, "no file: %s",
               why.text);
    tap_is_int(fixture_read_int(store, IN_STORE("page")), 2, "nothing has left");
    copy_file(good, fixture_path("archives/one.tem-archive"));
    char trigger[2048];
    read_trigger(trigger, sizeof trigger);
    outside(store_path(store),
            "DROP TRIGGER event_same; CREATE TABLE kept_event AS SELECT body FROM"
            " event WHERE seq = 1; UPDATE event SET body = x'7b7d' WHERE seq = 1");
    outside(store_path(store), trigger);
    tap_is_int(archive_resume(&kit_archive, NULL, &why), ERR_CORRUPT, "another event: %s",
               why.text);
    tap_is_int(fixture_read_int(store, "SELECT length (body) FROM event WHERE seq = 1"), 2,
               "it stays where it is, to be looked at");
    outside(store_path(store),
            "DROP TRIGGER event_same; UPDATE event SET body = (SELECT body FROM"
            " kept_event) WHERE seq = 1; DROP TABLE kept_event");
    outside(store_path(store), trigger);
    why.text[0] = '\0';
    tap_is_int(archive_resume(&kit_archive, NULL, &why), ERR_NONE, "put back: it goes on %s",
               why.text);
    left_in_store("put back");
    snprintf(fixture_folder, sizeof fixture_folder, "%s", base);
}

/* A file size limit stands for a full disk: the file needs more than the store's log. */
static void test_full(void)
{
    struct archive archive;
    struct why why = {""};
    struct rlimit limit;
    signal(SIGXFSZ, SIG_IGN);
    if (getrlimit(RLIMIT_FSIZE, &limit) != 0)
        abort();
    rlim_t was = limit.rlim_cur;
    struct stat st;
    if (stat(fixture_path("archives/one.tem-archive"), &st) != 0)
        abort();
    limit.rlim_cur = (rlim_t)st.st_size - 8192;
    int64_t last = fixture_read_int(store, "SELECT max (id) FROM job");
    must(store_write(store, op_cancel, &last, &why), &why, "cancel");
    fixture_later_ms = 1200 * DAY_MS;
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
        abort();
    enum err err = archive_now("full.tem-archive", &archive, &why);
    limit.rlim_cur = was;
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
        abort();
    tap_is_int(err, ERR_FULL, "a full disk: %s", why.text);
    tap_ok(access(fixture_path("archives/full.tem-archive.part"), F_OK) != 0 &&
               access(fixture_path("archives/full.tem-archive"), F_OK) != 0,
           "no file is left");
    tap_is_int(fixture_read_int(store, "SELECT count(*) FROM archive WHERE state <> 'done'"), 0,
               "no archive is left half made");
    tap_is_int(archive_now("full.tem-archive", &archive, &why), ERR_NONE,
               "with room again it is made");
    tap_is_int(archive.id, 7, "the second was begun: it was the file that had no room");
    fixture_later_ms = DAY_MS;
}

/* ---- a store from before
 * --------------------------------------------------------------------- */

static void test_old_store(void)
{
    char folder[PATH_MAX], path[PATH_MAX + 8];
    snprintf(folder, sizeof folder, "%s", fixture_path("old"));
    snprintf(path, sizeof path, "%s/tem.db", folder);
    if (mkdir(folder, 0700) != 0)
        abort();
    int before = 0; /* the migration that brought archives */
    while (!strstr(schema_migrations[before], "CREATE TABLE archive"))
        before++;
    char stamp[64];
    snprintf(stamp, sizeof stamp, "PRAGMA user_version = %d", before);
    for (int i = 0; i < before; i++)
        outside(path, schema_migrations[i]);
    outside(path, "INSERT INTO meta (key, value) VALUES ('store_id', 'a0a1a2a3a4a5a6a7'),"
                  " ('epoch', '1'); INSERT INTO event (seq, body) VALUES (1, x'7b7d')");
    outside(path, stamp);
    struct store *old = fixture_open(folder);
    tap_is_int(fixture_read_int(old, "SELECT count(*) FROM event WHERE archive_id IS NULL"
                                     " AND body = x'7b7d'"),
               1, "an event of an older store is as it was");
    tap_is_int(fixture_read_int(old, "SELECT count(*) FROM archive"), 0, "no archives");
    tap_is_int(fixture_read_int(old,
                                "SELECT count(*) FROM sqlite_schema WHERE name = 'event_same'"
                                " AND sql LIKE '%removing%'"),
               1, "and its trigger is the new one");
    store_close(old);
}

/* ---- nothing is lost
 * ------------------------------------------------------------------------- */

/* Columns of tables whose rows leave the store. One that is new has to go into the file: into
 * `more` in write.c; then its name belongs here. (segment, job and the newest spans stay;
 * reprint.dots is for sending alone, what was sent has its root in the ledger.) */
static const struct {
    const char *table, *columns;
} carried[] = {
    {"page", "job_id,first,last,body"},
    {"span", "job_id,newest,first,last,attempt,state,chunk_id"},
    {"chunk", "id,job_id,attempt,first,last,printer,impressions,confirmed,state,epoch,sent_ms,"
              "settled_ms,reprint_id,sending_seq,device"},
    {"reprint",
     "id,job_id,first,last,next,state,printer,reason,words,person,approver,ordered_ms,dots,"
     "verdict,ended,new_fields,caller,by_job"},
    {"event", "seq,body,leaf,archive_id"},
    {"job",
     "id,state,template_hash,template_name,printer,quantity,pieces,close_at,on_doubt,caller,"
     "person,accepted_ms,utc_offset_min,staged_ms,hold_reason,hold_text,reference,"
     "verified_last,sample,replaces,replaces_label,archive_id"},
};

static void test_carried(void)
{
    for (size_t i = 0; i < sizeof carried / sizeof carried[0]; i++) {
        sqlite3 *db = NULL;
        sqlite3_stmt *statement = NULL;
        if (sqlite3_open(store_path(store), &db) != SQLITE_OK ||
            sqlite3_prepare_v2(db, "SELECT group_concat (name) FROM pragma_table_info (?1)", -1,
                               &statement, NULL) != SQLITE_OK ||
            sqlite3_bind_text(statement, 1, carried[i].table, -1, SQLITE_STATIC) != SQLITE_OK ||
            sqlite3_step(statement) != SQLITE_ROW)
            abort();
        tap_is_str((const char *)sqlite3_column_text(statement, 0), carried[i].columns,
                   "an archive has all columns of %s", carried[i].table);
        sqlite3_finalize(statement);
        sqlite3_close(db);
    }
}

int main(int argc, char **argv)
{
    if (argc == 3)
        return be_child(argv[2]);
    begin_world();
    set_archive();
    tell_story();
    test_carried();
    test_due();
    test_edited_store();
    test_stop();
    test_archive();
    test_answers();
    test_show();
    test_changes();
    test_signed_again();
    test_other_key();
    test_guards();
    test_http();
    test_many();
    test_keys();
    test_old_store();
    reopen(); /* and so the store's log is empty */
    test_full();
    for (size_t i = 0; i < sizeof deaths / sizeof deaths[0]; i++)
        test_death(i);
    test_other_file();
    end_world();
    return tap_done();
}
