/* SPDX-License-Identifier: Apache-2.0 */
/* inline.h: a picture in the terminal, by whatever that terminal understands.
 *
 * kitty and iTerm take the PNG itself, sixel terminals get its pixels in eight greys, any other
 * UTF-8 terminal braille dots. Nothing here is ever written to what is no terminal. One thread.
 */
#ifndef TEM_CLI_INLINE_H
#define TEM_CLI_INLINE_H

#include "cli/tem.h"
#include "spooler/base/buf.h"
#include "spooler/base/sheet.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum inline_mode {
    INLINE_NONE,
    INLINE_AUTO,
    INLINE_KITTY,
    INLINE_ITERM,
    INLINE_SIXEL,
    INLINE_BLOCKS
};

/* What --inline says; absent: INLINE_AUTO. CODE_USAGE when it says something else, or when the
 * terminal is asked for and standard output is none, or tmux is between it and us. */
enum code inline_mode(struct tem *tem, enum inline_mode *out);

/* What `environment` (getenv) says about a terminal; INLINE_AUTO: nothing, it has to be asked.
 */
enum inline_mode inline_guess(const char *(*environment)(const char *name));
/* tmux or screen is between us and the terminal: it passes pictures on only where it was told
 * to, which cannot be seen from here. */
bool inline_is_multiplexed(const char *(*environment)(const char *name));
/* An answer to DA1, "ESC [ ? 62 ; 4 c": attribute 4 is sixel graphics (DEC VT340 manual). */
bool inline_has_sixel(const char *answer, size_t len);

/* A picture both ways; borrowed. */
struct inline_picture {
    const struct buf *png;
    const struct grey *grey;
};

/* Shows it on standard output. */
enum code inline_show(struct tem *tem, enum inline_mode mode,
                      const struct inline_picture *picture);

/* What a terminal has room for; 0 = it does not say. */
struct inline_room {
    uint32_t columns, width_px;
    bool colour; /* may be given colours of its own */
};

/* Encoders, pure: appended to `out`. */
typedef enum err inline_encode(const struct inline_picture *picture,
                               const struct inline_room *room, struct buf *out);
/* kitty graphics protocol: the PNG in chunks of 4096 characters. As for iTerm2's OSC 1337, the
 * terminal is told to fit what is wider than it into its columns. */
inline_encode inline_kitty, inline_iterm;
/* DEC sixel, a picture that is wider than the room shrunk by a whole factor. */
inline_encode inline_sixel;
/* Braille, two by four dots a character, shrunk by a whole factor to the columns; with colour
 * black on white, as on paper. */
inline_encode inline_blocks;

#endif
