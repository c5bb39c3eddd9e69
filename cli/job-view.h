/* SPDX-License-Identifier: Apache-2.0 */
/* job-view.h: a job as temd tells it, and what to say about it. Views borrow from the JSON. */
#ifndef TEM_CLI_JOB_VIEW_H
#define TEM_CLI_JOB_VIEW_H

#include "cli/tem.h"

#include <jansson.h>

/* In the order in which people ask; the words are for them, in short up to the colon. */
#define JOB_COUNT_MAP(X)                                                                       \
    X(COUNT_PRINTED, "printed", "printed")                                                     \
    X(COUNT_VERIFIED, "verified", "printed and read back")                                     \
    X(COUNT_SENT, "sent", "sent: the printer does not confirm")                                \
    X(COUNT_IN_DOUBT, "in_doubt", "in doubt: may or may not exist")                            \
    X(COUNT_SPOILED, "spoiled", "spoiled: printed, to be destroyed")                           \
    X(COUNT_SENDING, "sending", "on the way to the printer")                                   \
    X(COUNT_RESERVED, "reserved", "waiting")                                                   \
    X(COUNT_UNUSED, "unused", "unused: cancelled, will never be printed")

enum job_count {
#define X(name, word, words) name,
    JOB_COUNT_MAP(X)
#undef X
        JOB_COUNTS
};

struct job_view {
    int64_t id;
    uint64_t quantity, pieces; /* pieces: of a label */
    const char *state, *template_name, *printer, *person, *reference, *caller, *accepted_at;
    const char *close, *on_doubt;
    bool being_emptied;                    /* labels in doubt may still come out of a printer */
    bool sample;                           /* its label counts as spoiled once it is printed */
    uint64_t replaces_job, replaces_label; /* 0 = none */
    uint64_t reprints;                     /* orders that are not done */
    const char *hold_reason, *hold_text;   /* "" = not held */
    const char *archive;                   /* the file it is in; "" = in none */
    uint64_t counts[JOB_COUNTS];
    const json_t *ranges, *spans; /* NULL = not told */
    uint64_t ranges_more, spans_more;
};

/* What became of a job, as far as someone who waits for it is concerned. */
enum job_verdict {
    JOB_GOES_ON,
    JOB_IS_DONE, /* every label reached what the template asks, or waits for its scan only */
    JOB_IS_HELD, /* by a person, CUPS or the printer */
    JOB_IS_IN_DOUBT, /* a person must look at the roll */
    JOB_IS_CANCELLED,
    JOB_IS_INCOMPLETE /* closed, but some labels are spoiled or unused */
};

/* false: not a job. */
bool job_view_read(const json_t *json, struct job_view *out);
/* Pure. */
enum job_verdict job_view_verdict(const struct job_view *job);
enum code job_view_code(enum job_verdict verdict);
/* Labels that are on paper as far as is known. */
uint64_t job_view_done(const struct job_view *job);
/* The words for a state of a label ("in_doubt"); the state itself when it is not known. */
const char *job_view_words(const char *state);
/* The numbers of one label: "7K3QF9ZT" or, of several, "A / B"; appended clean. */
void job_view_numbers(const json_t *numbers, struct buf *out);

/* "job 12: 96 of 100 labels printed, 4 in doubt" */
void job_view_sentence(const struct job_view *job, const struct screen *screen);
/* What "absent" leads to: printed again, or, for a cancelled job, never. */
const char *job_view_absent(const struct job_view *job);
/* What a person has to do now: the server's words, the labels in doubt, the commands that
 * decide. Nothing for a job that needs nobody. */
void job_view_advice(const struct job_view *job, const struct screen *screen);

#endif
