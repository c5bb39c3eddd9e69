/* SPDX-License-Identifier: Apache-2.0 */
/* board.h: what people see of the printers: each worker writes its row, anybody copies it.
 *
 * Thread rule: rows are guarded by the board's lock; one worker writes one row. */
#ifndef TEM_SPOOLER_BOARD_H
#define TEM_SPOOLER_BOARD_H

#include "spooler/intake/intake.h"
#include "spooler/pipeline.h"
#include "spooler/reconcile/follow.h"

struct board;
struct board_row;

enum err board_new(const struct pipeline_printer *printers, size_t count, struct board **out,
                   struct why *why);
void board_free(struct board *board);
bool board_view(struct board *board, size_t index, struct printer_view *out);

/* The row of a worker; `env` is what its followers get (ctx: the worker's), with show() to be
 * filled in by the board. */
struct board_row *board_row(struct board *board, size_t index, const struct follow_env *env);
/* A follow_env whose show() writes this row. */
void board_follow_env(struct board_row *row, struct follow_env *out);
/* Two queues must not lead to one device: one would clear what the other sent, and count its
 * labels. false: another printer of temd.yaml has it (`why` says which). */
bool board_claim(struct board_row *row, const char *device, struct why *why);
void board_idle(struct board_row *row);
/* Whether labels in doubt may still be in the printer: yes at first, and when one comes into
 * doubt; no once it was emptied, or none is in doubt. */
bool board_emptied(struct board_row *row);
void board_set_emptied(struct board_row *row, uint64_t device);
/* Nothing is out, and no chunk starts until somebody says that the roll is changed. */
void board_drained(struct board_row *row);
/* The queue cannot be used now: ERR_BUSY = CUPS is away, else it is refused. Logged when it
 * changes. */
void board_refused(struct board_row *row, enum err err, const char *words);

#endif
