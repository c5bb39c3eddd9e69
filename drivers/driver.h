/* SPDX-License-Identifier: Apache-2.0 */
/* driver.h: one printer language = one row of pure functions.
 *
 * No I/O, no clock, no globals: a driver turns plate and patches into bytes and the printer's
 * answers into events. Who sends the bytes, when, and what an answer is worth is temfeed's
 * business (drivers/feed/). User data arrives as dots only, so that no text of a user ever is
 * in a command stream (promise 11). A new language is one file, its rows in models.c and its
 * goldens; drivers/README.md shows how.
 *
 * Threads: rows are constant; callers own their state. */
#ifndef TEM_DRIVERS_DRIVER_H
#define TEM_DRIVERS_DRIVER_H

#include "spooler/base/bitmap.h"
#include "spooler/base/buf.h"
#include "spooler/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- what a chunk is printed with ---------------------------------------- */

enum media_tracking { MEDIA_GAP, MEDIA_MARK, MEDIA_CONTINUOUS };
enum media_type { MEDIA_DIRECT_THERMAL, MEDIA_THERMAL_TRANSFER };
enum output_mode { OUTPUT_TEAR, OUTPUT_PEEL, OUTPUT_CUT };

/* The labels on the roll. */
struct stock {
    int64_t width_um, height_um; /* of one label */
    int64_t gap_um;
    enum media_tracking tracking;
};

/* Every sticky setting a label depends on; set in each chunk, never assumed. */
struct settings {
    int darkness_percent; /* 0..100 of the model's range */
    int speed_mm_s;       /* rounded down to one that the model has */
    enum media_type media;
    enum output_mode output;
};

/* How much a printer's word is worth (design: strongest first in facts). */
enum evidence { EVIDENCE_NONE, EVIDENCE_COUNTER, EVIDENCE_REMAINING, EVIDENCE_ACK };

struct driver;

/* One printer model; a row in models.c. */
struct model {
    const char *name;  /* "zpl-203" */
    const char *title; /* for people */
    const struct driver *driver;
    uint32_t dots_per_m; /* 8000, 11811, 12000, 23622; "203 dpi" is a name */
    uint32_t max_width_dots;
    uint32_t max_length_dots;
    uint32_t receive_buffer_bytes; /* what the window's bytes stay below */
    enum evidence evidence;        /* the best it can give */
};

/* The model of that name, or NULL. */
const struct model *model_find(const char *name);
/* All models, for listings: index 0.. until NULL. */
const struct model *model_at(size_t index);

/* ---- bytes to the printer ------------------------------------------------ */

#define PLATE_ID_SIZE 9
struct chunk_setup {
    const struct model *model;
    const struct stock *stock;
    const struct settings *settings;
    const struct bitmap *plate;
    char plate_id[PLATE_ID_SIZE]; /* 8 of A-Z 0-9, from the plate's hash: plate_name() */
    uint32_t impressions;
    const char *name; /* the chunk's name, for people */
};

struct impression {
    uint32_t index; /* from 1 */
    uint64_t first_label, last_label;
    const struct patch *patches;
    size_t patch_count;
};

/* Fills `out` with a name made from the plate's dots and size. */
void plate_name(const struct bitmap *plate, char out[static PLATE_ID_SIZE]);

enum query_kind {
    QUERY_STATUS,  /* may go unanswered while a fault is open */
    QUERY_COUNT,   /* the counter of labels */
    QUERY_FAULTS,  /* answered in a fault, too; says nothing of what waits or moves */
    QUERY_IDENTITY /* which piece of hardware it is: a serial number */
};
enum ask_when { ASK_ANY, ASK_BETWEEN, ASK_IDLE };

/* ---- answers from the printer -------------------------------------------- */

/* printer-state-reasons keywords (RFC 8011 5.4.12, PWG 5100.9; offline-report is CUPS's own)
 * and words for the operator: what is wrong, and what to do. The last two no printer can say:
 * they are what temfeed makes of its silence. */
#define CONDITION_MAP(X)                                                                       \
    X(CONDITION_MEDIA_EMPTY, "media-empty-error",                                              \
      "out of labels: load a roll; destroy a torn label")                                      \
    X(CONDITION_RIBBON_EMPTY, "marker-supply-empty-error",                                     \
      "out of ribbon: load one; destroy labels that are pale or torn")                         \
    X(CONDITION_HEAD_OPEN, "cover-open-error",                                                 \
      "the print head is open: close it; destroy a torn label")                                \
    X(CONDITION_CUTTER, "cutter-error", "the cutter is stuck: look at it")                     \
    X(CONDITION_JAM, "media-jam-error", "labels are jammed: clear the paper path")             \
    X(CONDITION_PAUSED, "paused-warning", "paused at the printer: press PAUSE there")          \
    X(CONDITION_OVER_TEMP, "overheated-error",                                                 \
      "the print head is too hot: it goes on by itself")                                       \
    X(CONDITION_OTHER, "other-error", "the printer reports a fault: look at its panel")        \
    X(CONDITION_NO_ANSWER, "timed-out-error", "the printer does not answer: look at it")       \
    X(CONDITION_OFFLINE, "offline-report",                                                     \
      "the printer is off, or its cable is out: nothing of it answers")

enum condition {
#define X(code, keyword, words) code,
    CONDITION_MAP(X)
#undef X
        CONDITION_COUNT
};
const char *condition_keyword(enum condition condition);
const char *condition_words(enum condition condition);
/* The words for a keyword; NULL for one that is none of ours. */
const char *condition_words_of(const char *keyword);

enum event_kind {
    EVENT_COUNT,      /* value = the device's own counter of labels fed */
    EVENT_STATUS,     /* conditions: the whole set now (bit = 1 << enum condition); idle */
    EVENT_FAULTS,     /* conditions alone, as answered to QUERY_FAULTS */
    EVENT_NAME,       /* a text: an identity, if that was asked; see `mark` */
    EVENT_UNSUPPORTED /* the printer does not know the question asked */
};

struct device_event {
    enum event_kind kind;
    uint64_t value;
    uint64_t mark; /* of EVENT_COUNT and EVENT_NAME: a hash of the text (a serial number may be
                      all digits); never 0 */
    uint32_t conditions;
    bool idle; /* buffer empty, nothing moving, nothing remaining, no label waits */
};

/* What a parser carries between calls. Start with {0}. */
struct parse_state {
    uint8_t step;
    uint32_t scratch[8];
};

struct driver {
    const char *name;      /* "zpl" */
    const char *file_type; /* of what it emits, for previews to a file: ".zpl" */
    bool alike; /* the same patches give the same bytes, whatever the impression's index: the
                   pieces of a label are encoded once */

    /* All sticky settings, the plate stored in the printer where the language can. */
    enum err (*begin)(const struct chunk_setup *chunk, struct buf *out, struct why *why);
    /* Exactly one impression's worth of paper. */
    enum err (*impression)(const struct chunk_setup *chunk, const struct impression *impression,
                           struct buf *out, struct why *why);
    /* Gives back what begin() took in the printer; feeds nothing. */
    enum err (*end)(const struct chunk_setup *chunk, struct buf *out, struct why *why);
    /* Clears what the printer still holds; feeds nothing. */
    enum err (*cancel)(const struct chunk_setup *chunk, struct buf *out, struct why *why);

    /* Bytes that ask; no bytes = the language has no such question. NULL when evidence is NONE.
     */
    enum err (*query)(enum query_kind kind, struct buf *out);
    enum ask_when (*query_when)(enum query_kind kind);
    /* Takes one whole answer off the front of `bytes`: returns bytes consumed and fills *event
     * (have_event says whether they were an answer or noise to be skipped); 0 = need more. */
    size_t (*parse)(struct parse_state *state, const uint8_t *bytes, size_t len,
                    struct device_event *event, bool *have_event);
};

#endif
