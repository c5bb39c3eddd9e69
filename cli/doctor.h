/* SPDX-License-Identifier: Apache-2.0 */
/* doctor.h: what the checks of `tem doctor` share. A check looks at one thing, changes nothing,
 * and adds a row: what it is called, ok, warn or fail, what was seen, and what to do. Rows of
 * temd's own (GET /v1/doctor) have the same form. One thread. */
#ifndef TEM_CLI_DOCTOR_H
#define TEM_CLI_DOCTOR_H

#include "cli/site.h"
#include "cli/tem.h"

#include <jansson.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/types.h>

enum verdict { VERDICT_OK, VERDICT_WARN, VERDICT_FAIL, VERDICTS };

/* What cups-files.conf says, else what the build and Debian have. */
struct cups_files {
    char filters[PATH_MAX]; /* the folder of filters */
    char mime[PATH_MAX];    /* two folders in which cupsd looks for MIME types */
    char root[PATH_MAX];
    char user[64], group[64]; /* filters run as */
};

struct doctor {
    struct tem *tem;
    struct site site;
    struct cups_files cups;
    json_t *rows;
    uint64_t want_mib, wait_s; /* --free, --wait */
    size_t counts[VERDICTS];
    struct buf mend; /* for the next row */
    bool no_memory;
};

/* What has to be done; becomes part of the next row. */
void doctor_mend(struct doctor *doctor, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* That somebody who may look has to run this. */
void doctor_mend_as_root(struct doctor *doctor);
/* The next row. `name` is one of those in docs/administrator.md. */
void doctor_add(struct doctor *doctor, const char *name, enum verdict verdict,
                const char *format, ...) __attribute__((format(printf, 4, 5)));

/* doctor-folders.c: folders, keys, disk */
void doctor_folders(struct doctor *doctor);
/* doctor-labels.c: fonts, templates */
void doctor_labels(struct doctor *doctor);
/* doctor-cups.c: filter, MIME type, queues */
void doctor_cups_files(struct doctor *doctor);
void doctor_cups(struct doctor *doctor);
/* doctor-host.c: clock, time zone */
void doctor_host(struct doctor *doctor);
/* doctor-temd.c: temd, its printers, its own examination */
void doctor_temd(struct doctor *doctor);

/* Whether a user is the owner, or is in the group, of something; root is both. */
bool user_owns(const char *user, const struct stat *st);
bool user_in_group(const char *user, gid_t group);

#endif
