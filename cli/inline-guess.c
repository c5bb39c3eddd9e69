/* SPDX-License-Identifier: Apache-2.0 */
/* inline-guess.c: what environment and answers say about a terminal. */
#include "cli/inline.h"

#include <string.h>

static bool begins(const char *text, const char *with)
{
    return text && strncmp(text, with, strlen(with)) == 0;
}

bool inline_is_multiplexed(const char *(*environment)(const char *name))
{
    const char *tmux = environment("TMUX"), *term = environment("TERM");
    return (tmux && *tmux) || begins(term, "tmux") || begins(term, "screen");
}

enum inline_mode inline_guess(const char *(*environment)(const char *name))
{
    static const struct {
        const char *variable, *begins;
        enum inline_mode mode;
    } rows[] = {
        {"KITTY_WINDOW_ID", "", INLINE_KITTY},       {"TERM", "xterm-kitty", INLINE_KITTY},
        {"TERM", "xterm-ghostty", INLINE_KITTY},     {"TERM_PROGRAM", "ghostty", INLINE_KITTY},
        {"TERM_PROGRAM", "iTerm.app", INLINE_ITERM}, {"TERM_PROGRAM", "WezTerm", INLINE_ITERM},
    };
    const char *term = environment("TERM");
    if (!term || !*term || strcmp(term, "dumb") == 0 || strcmp(term, "linux") == 0)
        return INLINE_NONE; /* the console's fonts have no braille */
    if (inline_is_multiplexed(environment))
        return INLINE_AUTO;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (begins(environment(rows[i].variable), rows[i].begins))
            return rows[i].mode;
    }
    return INLINE_AUTO;
}

bool inline_has_sixel(const char *answer, size_t len)
{
    size_t at = 0;
    while (at + 2 < len && memcmp(answer + at, "\x1b[?", 3) != 0)
        at++;
    unsigned value = 0;
    for (at += 3; at < len; at++) {
        char c = answer[at];
        if (c >= '0' && c <= '9' && value < 10000)
            value = value * 10 + (unsigned)(c - '0');
        else if ((c == ';' || c == 'c') && value == 4)
            return true;
        else if (c == ';')
            value = 0;
        else
            return false;
    }
    return false;
}
