/* SPDX-License-Identifier: Apache-2.0 */
/* config.h: what an administrator sets, checked as a whole before temd does anything.
 *
 * One table (options.c) says each option's key, type, range, default and help; it loads, checks
 * and prints the documented example. A file with a fault gives findings (line, column, value,
 * what was expected, the nearest known key) and no configuration. Everything is handed down by
 * main.c as plain values: these structs know no other module. Whether a model or a queue exists
 * is for those who know models and queues.
 *
 * A configuration owns its strings and is immutable after loading: any thread may read it. */
#ifndef TEM_CONFIG_CONFIG_H
#define TEM_CONFIG_CONFIG_H

#include "spooler/base/buf.h"
#include "spooler/base/err.h"
#include "spooler/base/findings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONFIG_MAX_BYTES    (1024 * 1024)
#define CONFIG_MAX_PRINTERS 256
#define CONFIG_MAX_SERIES   1000

/* Alphabets of a series that names none. */
#define CONFIG_ALPHABET_RANDOM     "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
#define CONFIG_ALPHABET_SEQUENTIAL "0123456789"

/* Folders that the build chose; the defaults in the table are made from them. */
struct config_places {
    const char *state; /* "/var/lib/tem" */
    const char *run;   /* "/run/tem" */
    const char *data;  /* "/usr/share/tem" */
    const char *feed;  /* start tokens and journals: the PPD names the same folder */
    const char *fonts; /* colon-separated */
};

struct config_list {
    char **items; /* NULL-terminated; NULL when empty */
    size_t count;
};

#define CONFIG_NEVER (-1) /* an age: of no age is it time */

/* In the order of the words in the table, which is that of the enums in driver.h, number.h and
 * log.h. */
enum config_tracking { CONFIG_GAP, CONFIG_MARK, CONFIG_CONTINUOUS };
enum config_media { CONFIG_DIRECT, CONFIG_TRANSFER };
enum config_output { CONFIG_TEAR, CONFIG_PEEL, CONFIG_CUT };
enum config_evidence { CONFIG_EVIDENCE_FULL, CONFIG_EVIDENCE_NONE };
enum config_format { CONFIG_RANDOM, CONFIG_SEQUENTIAL };
enum config_check { CONFIG_CHECK_NONE, CONFIG_CHECK_GS1 };

/* A CUPS queue, a model and the stock that is loaded. */
struct config_printer {
    char *name;
    char *queue;
    char *model;
    int64_t width_um, height_um, gap_um; /* of one label on the roll */
    int64_t tracking;                    /* enum config_tracking */
    int64_t window;                      /* impressions without confirmation */
    int64_t evidence;                    /* enum config_evidence */
    int64_t darkness_percent;
    int64_t speed_mm_s;
    int64_t media;  /* enum config_media */
    int64_t output; /* enum config_output */
    uint64_t line;  /* in the file, for messages */
};

struct config_series {
    char *name;
    int64_t format; /* enum config_format */
    char *alphabet; /* filled in after loading: the format's own where the file has none */
    int64_t length;
    char *prefix;
    int64_t check; /* enum config_check */
    int64_t first;
    int64_t last;      /* 0 = the registry's default */
    int64_t last_used; /* -1 = nothing was used before */
    int64_t low_water;
    uint64_t line;
};

struct config {
    char *socket_path;
    char *http_address; /* numeric loopback address, no brackets; NULL = no HTTP */
    int64_t http_port;  /* 0 = any free port */
    char *store_folder;
    char *key_folder;
    char *witness_folder; /* NULL = the key folder */
    char *feed_folder;
    char *archive_folder;
    struct config_list template_folders;
    struct config_list font_folders;
    char *ledger_origin; /* "" = made from the store's id */
    int64_t checkpoint_seconds;
    int64_t checkpoint_events;
    int64_t after_release_days; /* of jobs; CONFIG_NEVER = only by order */
    int64_t after_expiry_days;
    int64_t key_days;       /* of idempotency keys; CONFIG_NEVER = for ever */
    int64_t utc_offset_min; /* -720..840, minutes east of UTC */
    char *cups_server;      /* socket path or loopback host[:port]; NULL = CUPS's own default */
    int64_t body_bytes;
    int64_t csv_bytes;
    int64_t chunk_impressions;
    int64_t chunk_bytes;
    struct config_list reprint_reasons;
    int64_t log_level; /* enum log_level */
    struct config_printer *printers;
    size_t printer_count;
    struct config_series *series;
    size_t series_count;
};

/* Parses and checks. `file` is named in findings. ERR_INPUT with at least one finding when
 * something is wrong; ERR_NO_MEMORY. */
enum err config_parse(const char *text, size_t len, const char *file,
                      const struct config_places *places, struct config **out,
                      struct findings *findings);
/* Reads the file and parses it; a file that cannot be read is a finding. */
enum err config_load(const char *path, const struct config_places *places, struct config **out,
                     struct findings *findings);
void config_free(struct config *config);

/* The documented example: every option with its help and its default; printers and series,
 * which have none, as comments. What it prints loads without findings. */
enum err config_example(const struct config_places *places, struct buf *out);

#endif
