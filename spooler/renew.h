/* SPDX-License-Identifier: Apache-2.0 */
/* renew.h: at start, before anything is issued: is this the store that we left? */
#ifndef TEM_SPOOLER_RENEW_H
#define TEM_SPOOLER_RENEW_H

#include "spooler/registry/registry.h"
#include "spooler/store/store.h"

/* Numbers that each scope skips where nothing says how far they went. */
#define RENEW_GAP 1000000

/* Keeps marks in FOLDER/registry-STOREID.marks, and skips what the store does not know to be
 * issued. A store that was put back, or that `older` says is an older copy (`because` for
 * people), is renewed: *renewed, and it has to be opened again. The log says what was done. */
enum err renew_at_start(struct store *store, struct registry *registry, const char *folder,
                        bool older, const char *because, bool *renewed, struct why *why);

#endif
