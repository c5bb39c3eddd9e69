/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/inline.h"

#include "spooler/base/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

/* A terminal on the same machine answers in a few milliseconds; one that knows no DA1 never. */
#define ANSWER_MS 300

#define PICTURE_MAX (256 * 1024 * 1024)

static const struct {
    const char *name;
    enum inline_mode mode;
    inline_encode *encode;
    bool through_tmux;
} names[] = {
    {"auto", INLINE_AUTO, NULL, true},
    {"kitty", INLINE_KITTY, inline_kitty, false},
    {"iterm", INLINE_ITERM, inline_iterm, false},
    {"sixel", INLINE_SIXEL, inline_sixel, true},
    {"blocks", INLINE_BLOCKS, inline_blocks, true},
    {"none", INLINE_NONE, NULL, true},
};
#define NAMES (sizeof names / sizeof names[0])

static const char *of_process(const char *name)
{
    return getenv(name);
}

enum code inline_mode(struct tem *tem, enum inline_mode *out)
{
    const char *given = args_get(&tem->args, "inline");
    size_t i = 0;
    while (given && i < NAMES && strcmp(names[i].name, given) != 0)
        i++;
    if (i == NAMES)
        return tem_usage(tem, "--inline %s: expected auto, kitty, iterm, sixel, blocks or none",
                         given);
    enum inline_mode mode = names[i].mode;
    if (names[i].encode && !isatty(STDOUT_FILENO))
        return tem_usage(tem, "--inline %s: standard output is no terminal", given);
    if (!names[i].through_tmux && inline_is_multiplexed(of_process))
        return tem_usage(tem, "--inline %s: tmux and screen do not pass it on; use blocks",
                         given);
    *out = mode;
    return CODE_DONE;
}

/* ---- the terminal -------------------------------------------------------------------- */

/* What it answers until a 'c' or the time is up. */
static size_t answer_of(int tty, char *out, size_t size)
{
    static const char ask[] = "\x1b[c";
    size_t len = 0;
    if (write(tty, ask, sizeof ask - 1) != (ssize_t)sizeof ask - 1)
        return 0;
    while (len < size) {
        struct pollfd fd = {.fd = tty, .events = POLLIN};
        ssize_t n = poll(&fd, 1, ANSWER_MS) == 1 ? read(tty, out + len, size - len) : 0;
        if (n <= 0)
            break;
        len += (size_t)n;
        if (memchr(out, 'c', len))
            break;
    }
    return len;
}

/* Asked without echo and line by line switched off; in the background it is not asked, as that
 * would stop us. */
static bool terminal_has_sixel(void)
{
    char answer[128];
    size_t len = 0;
    struct termios before, raw;
    int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (tty < 0)
        return false;
    if (tcgetpgrp(tty) == getpgrp() && tcgetattr(tty, &before) == 0) {
        raw = before;
        raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
        raw.c_cc[VMIN] = 1;
        raw.c_cc[VTIME] = 0;
        if (tcsetattr(tty, TCSAFLUSH, &raw) == 0) {
            len = answer_of(tty, answer, sizeof answer);
            (void)tcsetattr(tty, TCSAFLUSH, &before); /* it took this a moment ago */
        }
    }
    close(tty); /* read and asked only */
    return inline_has_sixel(answer, len);
}

static enum inline_mode choose(const struct tem *tem)
{
    if (!tem->out.terminal || tem->json)
        return INLINE_NONE;
    enum inline_mode mode = inline_guess(of_process);
    if (mode == INLINE_AUTO)
        mode = terminal_has_sixel() ? INLINE_SIXEL : INLINE_BLOCKS;
    return mode == INLINE_BLOCKS && !tem->out.utf8 ? INLINE_NONE : mode;
}

enum code inline_show(struct tem *tem, enum inline_mode mode,
                      const struct inline_picture *picture)
{
    struct inline_room room = {.columns = (uint32_t)screen_columns(&tem->out),
                               .colour = tem->out.colour};
    struct buf out = BUF_INIT(PICTURE_MAX);
    struct winsize size;
    struct why why = {{0}};
    enum err err = ERR_NONE;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
        room.width_px = size.ws_xpixel;
    mode = mode == INLINE_AUTO ? choose(tem) : mode;
    for (size_t i = 0; !err && i < NAMES; i++) {
        if (names[i].mode == mode && names[i].encode)
            err = names[i].encode(picture, &room, &out);
    }
    if (!err && out.len && fflush(tem->out.stream) != 0)
        err = err_errno(&why, ERR_SYSTEM, errno, "write");
    if (!err && out.len)
        err = fd_write_all(STDOUT_FILENO, out.bytes, out.len, &why);
    buf_free(&out);
    return err ? tem_fail_err(tem, err, &why) : CODE_DONE;
}
