/* SPDX-License-Identifier: Apache-2.0 */
/* random.h: unpredictable bytes, through a struct so that tests replace them. */
#ifndef TEM_BASE_RANDOM_H
#define TEM_BASE_RANDOM_H

#include "spooler/base/err.h"

#include <stddef.h>

struct random_source {
    enum err (*fill)(void *ctx, void *bytes, size_t len, struct why *why);
    void *ctx;
};

/* getrandom(2). */
extern const struct random_source random_system;

#endif
