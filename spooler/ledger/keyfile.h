/* SPDX-License-Identifier: Apache-2.0 */
/* keyfile.h: a secret of 32 bytes in a file of its own, as hex, mode 0600; inside ledger/. */
#ifndef TEM_LEDGER_KEYFILE_H
#define TEM_LEDGER_KEYFILE_H

#include "spooler/base/err.h"
#include "spooler/base/random.h"

#include <stdint.h>

#define KEYFILE_BYTES 32

/* Reads `folder`/`name`, or makes it there from `random`. ERR_STATE when the file is there and
 * is not such a key, or is open to others: `danger` says what that would mean. */
enum err keyfile_open(const char *folder, const char *name, const char *danger,
                      const struct random_source *random, uint8_t out[static KEYFILE_BYTES],
                      struct why *why);

#endif
