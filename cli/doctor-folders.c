/* SPDX-License-Identifier: Apache-2.0 */
/* doctor-folders.c: folders, who may do what in them, keys, the disk. */
#include "cli/doctor.h"

#include "spooler/base/buf.h"
#include "spooler/base/durable.h"
#include "spooler/base/err.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#define GROUPS_MAX 256

#define MODE(st) ((unsigned)((st)->st_mode & 07777))

bool user_owns(const char *user, const struct stat *st)
{
    const struct passwd *entry = getpwnam(user);
    return entry && (entry->pw_uid == st->st_uid || entry->pw_uid == 0);
}

bool user_in_group(const char *user, gid_t group)
{
    const struct passwd *entry = getpwnam(user);
    gid_t groups[GROUPS_MAX];
    int count = GROUPS_MAX;
    if (!entry)
        return false;
    if (entry->pw_uid == 0)
        return true;
    if (getgrouplist(user, entry->pw_gid, groups, &count) < 0)
        count = GROUPS_MAX; /* in more than we look at: those that fit are filled in */
    for (int i = 0; i < count; i++) {
        if (groups[i] == group)
            return true;
    }
    return false;
}

static const char *group_name(gid_t group)
{
    const struct group *entry = getgrgid(group);
    return entry ? entry->gr_name : "?";
}

/* stat() with its row when it fails; a folder that temd makes at its first start is no fault.
 */
static bool look(struct doctor *doctor, const char *name, const char *path, bool made_by_temd,
                 struct stat *st)
{
    struct why why;
    if (stat(path, st) == 0) {
        if (S_ISDIR(st->st_mode))
            return true;
        doctor_mend(doctor, "move %s away", path);
        doctor_add(doctor, name, VERDICT_FAIL, "%s is no folder", path);
        return false;
    }
    if (errno == ENOENT && made_by_temd) {
        doctor_add(doctor, name, VERDICT_WARN,
                   "%s is not there yet: temd makes it when it starts", path);
        return false;
    }
    bool hidden = errno == EACCES;
    err_errno(&why, ERR_SYSTEM, errno, "%s", path);
    if (hidden)
        doctor_mend_as_root(doctor);
    doctor_add(doctor, name, hidden ? VERDICT_WARN : VERDICT_FAIL, "%s", why.text);
    return false;
}

/* What temd found, and keeps beside the store: it may not even start any more (store/watch.h).
 */
static void check_store_file(struct doctor *doctor, const char *folder)
{
    static const char damaged[] = "damaged: ";
    struct buf path = BUF_INIT(8192), text = BUF_INIT(4097);
    buf_printf(&path, "%s/tem.open", folder);
    bool there = !buf_err(&path) && file_read(buf_text(&path), 4096, &text, NULL) == ERR_NONE;
    if (there && strncmp(buf_text(&text), damaged, sizeof damaged - 1) == 0) {
        const char *words = buf_text(&text) + sizeof damaged - 1;
        doctor_mend(doctor,
                    "stop temd, copy %s away, and put the newest good copy in its place: tem "
                    "restore FILE",
                    folder);
        doctor_add(doctor, "store-file", VERDICT_FAIL, "temd found its store damaged: %.*s",
                   (int)strcspn(words, "\n"), words);
    }
    buf_free(&path);
    buf_free(&text);
}

static void check_store(struct doctor *doctor)
{
    const char *path = doctor->site.config->store_folder, *user = doctor->site.user;
    struct stat st;
    if (!look(doctor, "store-folder", path, true, &st))
        return;
    check_store_file(doctor, path);
    if (!user_owns(user, &st)) {
        doctor_mend(doctor, "stop temd; chown -R %s %s", user, path);
        doctor_add(doctor, "store-folder", VERDICT_FAIL, "%s does not belong to temd's user %s",
                   path, user);
    } else if (st.st_mode & 07) {
        doctor_mend(doctor, "chmod o= %s", path);
        doctor_add(doctor, "store-folder", VERDICT_FAIL,
                   "%s is open to everybody (mode %04o): numbers and orders are in it", path,
                   MODE(&st));
    } else
        doctor_add(doctor, "store-folder", VERDICT_OK, "%s, of %s, mode %04o", path, user,
                   MODE(&st));
}

/* ---- keys ---------------------------------------------------------------------------------
 */

/* The first key file with a fault: says so and returns false. */
static bool check_key(struct doctor *doctor, int folder, const char *path, const char *name)
{
    struct stat st;
    if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode))
        return true; /* gone meanwhile, or no key file */
    if (st.st_mode & 077) {
        doctor_mend(doctor,
                    "chmod 600 %s/%s; if a stranger could read it, give the series a new "
                    "generation",
                    path, name);
        doctor_add(
            doctor, "keys", VERDICT_FAIL,
            "%s/%s is open to others (mode %04o): who has it can tell which numbers come "
            "next",
            path, name, MODE(&st));
        return false;
    }
    if (!user_owns(doctor->site.user, &st)) {
        doctor_mend(doctor, "chown %s %s/%s", doctor->site.user, path, name);
        doctor_add(doctor, "keys", VERDICT_FAIL, "%s/%s cannot be read by temd's user %s", path,
                   name, doctor->site.user);
        return false;
    }
    return true;
}

static void check_key_files(struct doctor *doctor, const char *path)
{
    DIR *folder = opendir(path);
    size_t count = 0;
    bool good = true;
    if (!folder) {
        doctor_mend_as_root(doctor);
        doctor_add(doctor, "keys", VERDICT_WARN, "%s cannot be looked into as this user", path);
        return;
    }
    for (const struct dirent *entry; good && (entry = readdir(folder)) != NULL;) {
        size_t len = strlen(entry->d_name);
        if (len < 4 || strcmp(entry->d_name + len - 4, ".key") != 0)
            continue;
        count++;
        good = check_key(doctor, dirfd(folder), path, entry->d_name);
    }
    closedir(folder);
    if (good)
        doctor_add(doctor, "keys", VERDICT_OK, "%s: %zu keys, for temd's user alone", path,
                   count);
}

static void check_keys(struct doctor *doctor)
{
    const char *path = doctor->site.config->key_folder;
    struct stat st;
    if (!look(doctor, "keys", path, true, &st))
        return;
    if (st.st_mode & 027) {
        doctor_mend(doctor, "chmod 700 %s", path);
        doctor_add(doctor, "keys", VERDICT_FAIL, "%s is open to others (mode %04o)", path,
                   MODE(&st));
    } else
        check_key_files(doctor, path);
}

/* ---- the feed folder -----------------------------------------------------------------------
 */

/* temd makes the tokens, temfeed renames them: both write there, through one group. */
static void check_feed(struct doctor *doctor)
{
    const char *path = doctor->site.config->feed_folder, *filter = doctor->cups.user;
    struct stat st;
    if (!look(doctor, "feed-folder", path, false, &st))
        return;
    bool group_writes = (st.st_mode & 070) == 070;
    bool filter_may = user_in_group(filter, st.st_gid) || user_owns(filter, &st);
    bool temd_may =
        user_in_group(doctor->site.user, st.st_gid) || user_owns(doctor->site.user, &st);
    if (!filter_may || !group_writes || !(st.st_mode & S_ISGID)) {
        doctor_mend(doctor, "chgrp %s %s && chmod 2770 %s", doctor->cups.group, path, path);
        doctor_add(doctor, "feed-folder", VERDICT_FAIL,
                   "%s (group %s, mode %04o): CUPS's filter user %s and temd must share it",
                   path, group_name(st.st_gid), MODE(&st), filter);
    } else if (!temd_may) {
        doctor_mend(doctor, "adduser %s %s, then restart temd", doctor->site.user,
                    group_name(st.st_gid));
        doctor_add(doctor, "feed-folder", VERDICT_FAIL,
                   "temd's user %s is not in %s's group %s", doctor->site.user, path,
                   group_name(st.st_gid));
    } else if (st.st_mode & 07) {
        doctor_mend(doctor, "chmod 2770 %s", path);
        doctor_add(doctor, "feed-folder", VERDICT_FAIL,
                   "%s is open to everybody (mode %04o): a token taken away stops a job", path,
                   MODE(&st));
    } else
        doctor_add(doctor, "feed-folder", VERDICT_OK, "%s, group %s, mode %04o", path,
                   group_name(st.st_gid), MODE(&st));
}

/* A disk that forgets, or that is shared over a network, keeps no promise. */
static const char *bad_disk(const char *path)
{
    static const struct {
        uint64_t magic;
        const char *words;
    } kinds[] = {{TMPFS_MAGIC, "a tmpfs: it is gone after a reboot"},
                 {RAMFS_MAGIC, "a ramfs: it is gone after a reboot"},
                 {NFS_SUPER_MAGIC, "NFS: locks and fsync are not what they must be"},
                 {0xff534d42 /* CIFS */, "CIFS: locks and fsync are not what they must be"}};
    struct statfs fs;
    if (statfs(path, &fs) != 0)
        return NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if ((uint64_t)fs.f_type == kinds[i].magic)
            return kinds[i].words;
    }
    return NULL;
}

static void check_disk(struct doctor *doctor)
{
    const struct config *config = doctor->site.config;
    struct stat store, feed;
    if (stat(config->store_folder, &store) != 0 || stat(config->feed_folder, &feed) != 0)
        return; /* said above */
    const char *bad = bad_disk(config->store_folder);
    if (!bad)
        bad = bad_disk(config->feed_folder);
    doctor_mend(doctor,
                "stop temd when no job is open; move store and feed folder (folders: in "
                "%s) to one local disk; tem printer add for each printer",
                doctor->site.file);
    if (bad)
        doctor_add(doctor, "disk", VERDICT_FAIL, "store or feed folder is on %s", bad);
    else if (store.st_dev != feed.st_dev)
        doctor_add(doctor, "disk", VERDICT_FAIL,
                   "store and feed folder are on two disks: after a power cut they could "
                   "contradict each other");
    else
        doctor_add(doctor, "disk", VERDICT_OK, "store and feed folder are on one local disk");
}

static void check_room(struct doctor *doctor)
{
    const char *path = doctor->site.config->store_folder;
    uint64_t want = doctor->want_mib;
    struct statvfs fs;
    if (statvfs(path, &fs) != 0)
        return; /* said above */
    uint64_t mib = (uint64_t)fs.f_bavail * fs.f_frsize / (1024 * 1024);
    enum verdict verdict = mib >= want        ? VERDICT_OK
                           : mib >= want / 10 ? VERDICT_WARN
                                              : VERDICT_FAIL;
    doctor_mend(doctor, "make room: on a full disk temd answers 507 and prints nothing new");
    doctor_add(doctor, "disk-room", verdict, "%" PRIu64 " MiB free for %s", mib, path);
}

void doctor_folders(struct doctor *doctor)
{
    check_store(doctor);
    check_keys(doctor);
    check_feed(doctor);
    check_disk(doctor);
    check_room(doctor);
}
