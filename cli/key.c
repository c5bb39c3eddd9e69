/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/key.h"

#include <errno.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#define LOOK_MS 200 /* at Ctrl-C, whose handler only sets a flag */

bool key_can_ask(void)
{
    return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

/* Waits for one byte that is not Enter. */
static char wait_key(struct tem *tem)
{
    struct pollfd fd = {.fd = STDIN_FILENO, .events = POLLIN};
    char key = 0;
    while (!atomic_load(tem->stop)) {
        int ready = poll(&fd, 1, LOOK_MS);
        if (ready < 0 && errno != EINTR)
            return 0;
        if (ready <= 0)
            continue;
        ssize_t got = read(STDIN_FILENO, &key, 1);
        if (got == 0 || (got < 0 && errno != EINTR))
            return 0;
        if (got == 1 && key == 4) /* Ctrl-D */
            return 0;
        if (got == 1 && key != '\n' && key != '\r')
            return key;
    }
    return 0;
}

char key_ask(struct tem *tem, const char *question)
{
    struct termios before, raw;
    fprintf(stderr, "%s ", question);
    fflush(stderr);
    if (tcgetattr(STDIN_FILENO, &before) != 0)
        return 0;
    raw = before;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    if (tcsetattr(STDIN_FILENO, TCSANOW, &raw) != 0)
        return 0;
    char key = wait_key(tem);
    /* When this fails the terminal is gone, and so is whoever would mind. */
    (void)tcsetattr(STDIN_FILENO, TCSANOW, &before);
    fprintf(stderr, "%c\n", key > ' ' && key < 127 ? key : ' ');
    return key;
}

bool key_yes(struct tem *tem, const char *question)
{
    char key = key_ask(tem, question);
    return key == 'y' || key == 'Y';
}
