/* SPDX-License-Identifier: Apache-2.0 */
/* keys.h: the key files of random series, one a generation.
 *
 * FOLDER/series-NAME-GENERATION.key, mode 0600, one line: the key in hex, then the store and
 * its epoch that made it. The last two decide about a file that no generation in the store
 * knows: when this store made it in this epoch, a crash came between file and commit, and no
 * number was printed with it. Else the store is new or was restored from an older copy, and
 * numbers may be out there.
 *
 * Threads: plain functions without state. The caller wipes the keys. */
#ifndef TEM_REGISTRY_KEYS_H
#define TEM_REGISTRY_KEYS_H

#include "spooler/base/err.h"
#include "spooler/base/random.h"
#include "spooler/registry/number.h"
#include "spooler/store/store.h"

#include <stdint.h>

/* Eight bytes of SHA256("tem series key check" || key), in hex with the NUL. */
#define KEY_CHECK_SIZE 17
char *key_check(const uint8_t key[static NUMBER_KEY_BYTES], char out[static KEY_CHECK_SIZE]);

struct key_place {
    const char *folder, *series;
    uint32_t generation;
};

/* The key of a generation that the store knows. ERR_STATE: the file is lost, open to others,
 * malformed, or not the key whose check value is `check`; `why` names it and what to do. */
enum err key_load(const struct key_place *place, const char *check,
                  uint8_t out[static NUMBER_KEY_BYTES], struct why *why);
/* The key of a generation that is about to open: made, and durable on return; or taken over
 * from a start that died before its commit. ERR_STATE: another store or epoch made the file. */
enum err key_make(const struct key_place *place, const struct store *store,
                  const struct random_source *random, uint8_t out[static NUMBER_KEY_BYTES],
                  struct why *why);

#endif
