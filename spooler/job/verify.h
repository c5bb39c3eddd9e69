/* SPDX-License-Identifier: Apache-2.0 */
/* verify.h: what a scanner reads. Within the caller's txn. */
#ifndef TEM_JOB_VERIFY_H
#define TEM_JOB_VERIFY_H

#include "spooler/job/job.h"

enum verify_result {
    VERIFY_DONE,        /* is verified now */
    VERIFY_DUPLICATE,   /* was verified before: the same label, or two labels of one number */
    VERIFY_VOID,        /* spoiled or unused: should not be on anything */
    VERIFY_NOT_PRINTED, /* reserved or still being sent: read it again when it is confirmed */
    VERIFY_IN_DOUBT, /* of several pieces, and in doubt: one that is there says nothing of the
                        others */
    VERIFY_RESULT_COUNT
};
const char *verify_result_name(enum verify_result result);

struct verify_answer {
    enum verify_result result;
    enum label_state state; /* after it */
    uint64_t expected;      /* the label behind the one that was verified last; 0 = unknown */
};
/* A scanner at `station` read label `label`: printed, sent and in doubt become verified (event
 * "label.verified"), anything else is answered and changes nothing. */
enum err label_verify(struct txn *txn, int64_t job_id, uint64_t label, const char *station,
                      struct verify_answer *out, struct why *why);

#endif
