/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/base/mm.h"

#include <inttypes.h>
#include <stdio.h>

struct mm_text mm_text(int64_t um)
{
    struct mm_text mm;
    int64_t size = um < 0 ? -um : um;
    snprintf(mm.text, sizeof mm.text, "%s%" PRId64 ".%03" PRId64 " mm", um < 0 ? "-" : "",
             size / 1000, size % 1000);
    return mm;
}

struct mm_text mm_of_dots(int64_t dots, uint32_t dots_per_m)
{
    return mm_text((dots * 1000000 + dots_per_m / 2) / dots_per_m);
}
