/* SPDX-License-Identifier: Apache-2.0 */
/* text-fault.h: characters that no value, name or reason may have: people and machines must see
 * the same text. Pure. */
#ifndef TEM_BASE_TEXT_FAULT_H
#define TEM_BASE_TEXT_FAULT_H

#include <stdbool.h>
#include <stddef.h>

struct text_fault {
    const char *code;     /* of a finding: "bad-utf8", "control-character", "damaged-text" */
    const char *expected; /* NULL = the words say it */
    char words[160];      /* with the character and its position, from 1 */
};

/* The first of: no UTF-8; a control character, a line's end, a mark or override of direction
 * (UAX 9: a lot 123 would be read as 321), a code point that is no character; an invisible
 * character; U+FFFD; a combining mark without its letter. False: none. Joiners are none: they
 * change how letters look. */
bool text_fault(const char *text, size_t len, struct text_fault *out);

#endif
