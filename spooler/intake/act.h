/* SPDX-License-Identifier: Apache-2.0 */
/* act.h: orders of people: read, named, given a reason, done in one commit; inside intake/
 * only.
 *
 * An order is a row: what is different is how its body is read and what is done in the commit.
 */
#ifndef TEM_INTAKE_ACT_H
#define TEM_INTAKE_ACT_H

#include "spooler/intake/request.h"
#include "spooler/job/replace.h"
#include "spooler/job/reprint-dots.h"
#include "spooler/job/reprint.h"

struct act;

struct order {
    const char *log;
    const char *const *keys; /* of the body */
    size_t key_count;
    bool reason_needed;
    int status; /* of the answer; 0 = 200 */
    /* Before the commit, when there is a body; faults are findings. NULL = nothing to read. */
    enum err (*read)(struct request *request, struct act *act, struct why *why);
    /* After that, and before the commit, what takes long: as a read, on a thread of its own.
     * NULL = nothing. */
    enum err (*ponder)(struct txn *txn, struct request *request, struct act *act,
                       struct why *why);
    /* In the commit; `id` is the path's. NULL = `tell` does it, which has the path's name. */
    enum err (*run)(struct txn *txn, int64_t id, struct act *act, struct why *why);
    /* The answer, still in the commit; NULL = the job as it is then. */
    enum err (*tell)(struct txn *txn, struct request *request, struct act *act, json_t **out,
                     struct why *why);
};

struct decided {
    uint64_t first, last;
    enum decision decision;
};

/* An order of a person; lives with its request. */
struct act {
    const struct order *order;
    json_t *root; /* the body; NULL = none */
    char by[JOB_TEXT];
    char reason[401];
    uint64_t last_good; /* label; 0 = not given */
    struct decided *ranges;
    size_t range_count;
    bool absent; /* labels are called absent, and nobody says that the printer was cleared */
    struct reprint_new reprint; /* strings borrow from root and from here */
    struct reprint_dots dots;
    bool pondering; /* order->ponder is under way */
    bool replaces;  /* a new number instead: the template's policy */
    struct replacement replacement;
    struct registry *registry;
    const struct intake_config *config;
    int64_t made; /* id of what the order made */
};

enum step act_run(struct request *request, const struct order *order);

#endif
