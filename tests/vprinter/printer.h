/* SPDX-License-Identifier: Apache-2.0
 *
 * printer.h: the whole printer: receive buffer, interpreter, paper path and power, joined.
 *
 * What arrives is cut into commands at once; the printer obeys immediate ones, queues the
 * others and works them off in order while the paper path has room. Bytes in that queue fill
 * the receive buffer; a command that is still arriving counts only while others wait before it,
 * because otherwise the printer consumes it as it comes. */
#ifndef VPRINTER_PRINTER_H
#define VPRINTER_PRINTER_H

#include "engine.h"
#include "link.h"
#include "zpl-tokenize.h"

struct printer {
    struct report *report;
    struct link *link;
    struct engine engine;
    struct interpreter interpreter;
    struct tokenizer *tokenizer;
    struct token_sink sink;
    struct token *first, **last;
    size_t queued_bytes, buffer_bytes;
    uint32_t queued_formats;
    const char *unique_id;
    char other_id[64]; /* of the printer that took its place */
    bool talkative, mute, keep_partial, refuse, off, quit;
    bool dark; /* off, behind a print server that keeps the connection */
    unsigned connection;
    int32_t cycle_ms; /* how long ~JR and power-cycle-after take the power away */
    int64_t on_us, now_us;
};

/* Wires what the caller has filled: report, engine's constants, interpreter, buffer size, names
 * and switches. `events` gets the callbacks for link_open(). False: no memory. */
bool printer_init(struct printer *p, struct link_events *events);
void printer_free(struct printer *p);

/* Does what is due at `now_us`. True: call again at once. */
bool printer_run(struct printer *p, int64_t now_us);
int64_t printer_deadline(const struct printer *p);

/* Loses connection, buffer, label, stored graphics; comes back after `off_ms`. */
void printer_power_cycle(struct printer *p, int64_t off_ms);

/* The same behind a print server that keeps the connection and loses what comes meanwhile. */
void printer_blackout(struct printer *p, int64_t off_ms);

/* CANCEL at the panel: everything that is not feeding is forgotten. */
void printer_clear(struct printer *p);

/* Another printer is put behind such a print server, with its own name and odometer. */
void printer_swap(struct printer *p, const char *id, uint64_t odometer);

/* Whether connections are refused though the power is on. */
void printer_refuse(struct printer *p, bool refuse);

/* Whole formats received whose label has not begun to feed. */
uint32_t printer_formats(const struct printer *p);

size_t printer_buffered_bytes(const struct printer *p);

#endif
