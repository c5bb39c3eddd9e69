/* SPDX-License-Identifier: Apache-2.0 */
/* mm.h: lengths as messages say them: in millimetres, as templates and people do. Pure. */
#ifndef TEM_BASE_MM_H
#define TEM_BASE_MM_H

#include <stdint.h>

struct mm_text {
    char text[64];
};

/* "0.375 mm" of 375 thousandths. */
struct mm_text mm_text(int64_t um);
/* The same of so many dots, to the nearest thousandth of a mm. */
struct mm_text mm_of_dots(int64_t dots, uint32_t dots_per_m);

#endif
