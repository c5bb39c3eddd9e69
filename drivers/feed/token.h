/* SPDX-License-Identifier: Apache-2.0 */
/* token.h: the start token of a chunk. One file a chunk; its name is its state.
 *
 *   NAME.new      temd has made it; nothing was submitted
 *   NAME.go       temd has committed "sending"; whoever holds the stream may start
 *   NAME.taken    temfeed has started; the file is the journal (journal.h)
 *   NAME.revoked  temd has withdrawn it before a start
 *   NAME.cancel   (an empty file beside) temd asks temfeed to clear the printer on SIGTERM
 *
 * NAME = tem-STORE-EPOCH-JOB-CHUNK-ATTEMPT, which is the CUPS job's name as well. Renames
 * decide: of token_take and token_revoke exactly one succeeds, and each is on disk (folder
 * synced) before it returns. temfeed locks the file before it renames it and keeps the lock
 * while it lives; temd only ever tries the lock. Both sides run as different users of one
 * group: files are 0660, the folder 2770. */
#ifndef TEM_DRIVERS_FEED_TOKEN_H
#define TEM_DRIVERS_FEED_TOKEN_H

#include "drivers/feed/stream.h"
#include "spooler/base/err.h"

#include <stdbool.h>
#include <stdint.h>

#define TOKEN_NAME_SIZE 128

struct token_name {
    char store_id[STREAM_STORE_ID_SIZE];
    uint32_t epoch;
    uint64_t job, chunk;
    uint32_t attempt;
};

enum token_state {
    TOKEN_NONE, /* no file of that name at all */
    TOKEN_NEW,
    TOKEN_GO,
    TOKEN_TAKEN,
    TOKEN_REVOKED
};

/* "tem-0123456789abcdef-1-12-345-1" without suffix. Returns `out`. */
char *token_text(const struct token_name *name, char out[static TOKEN_NAME_SIZE]);
/* Exactly such a name with one of the suffixes .new .go .taken .revoked (no leading zeros, no
 * other form); false otherwise. */
bool token_parse(const char *file_name, struct token_name *out, enum token_state *state);

/* temd's side. `folder` is the feed folder. */
enum err token_create(const char *folder, const struct token_name *name, struct why *why);
/* Takes so much of the disk for the journal that will stand in the token: a disk that gets full
 * must not keep it from saying what was sent. Of a token that is new. ERR_FULL. A file system
 * that cannot do it is fine. */
enum err token_make_room(const char *folder, const struct token_name *name, size_t bytes,
                         struct why *why); /* .new, file and folder synced */
enum err token_release(const char *folder, const struct token_name *name,
                       struct why *why); /* .new -> .go */
/* .go or .new -> .revoked, folder synced. ERR_STATE: temfeed was first (or it is gone). */
enum err token_revoke(const char *folder, const struct token_name *name, struct why *why);
/* Leaves .cancel for temfeed. */
enum err token_ask_cancel(const char *folder, const struct token_name *name, struct why *why);
/* Which file there is now. Reads names only. */
enum err token_look(const char *folder, const struct token_name *name, enum token_state *out,
                    struct why *why);
/* Removes whatever is left of a settled chunk. */
enum err token_remove(const char *folder, const struct token_name *name, struct why *why);

/* temfeed's side: opens .go, locks it, renames it to .taken, syncs the folder. *fd is then open
 * for append and locked until closed. ERR_STATE: not ours to start; send nothing. */
enum err token_take(const char *folder, const struct token_name *name, int *fd,
                    struct why *why);
bool token_cancel_asked(const char *folder, const struct token_name *name);

#endif
