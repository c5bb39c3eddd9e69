/* SPDX-License-Identifier: Apache-2.0 */
#include "drivers/feed/device.h"

#include "spooler/base/fault.h"
#include "spooler/base/durable.h"

#include <cups/sidechannel.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BACK_FD       3
#define WRITE_MAX     (64u * 1024)
#define SAY_MAX_BYTES 600

static volatile sig_atomic_t stop_asked;

/* One a process, as are its descriptors. */
struct cups_way {
    bool back_open;
    bool drain_asked;
    struct reach reach;
    sigset_t while_waiting; /* SIGTERM gets through only here, so that none falls between */
};

static void on_sigterm(int signal_number)
{
    (void)signal_number; /* the only one it is set for */
    stop_asked = 1;
}

static enum err way_wait(void *ctx, bool want_write, int64_t timeout_ms, struct why *why)
{
    struct cups_way *way = ctx;
    struct pollfd fds[2] = {{.fd = STDOUT_FILENO, .events = want_write ? POLLOUT : 0},
                            {.fd = way->back_open ? BACK_FD : -1, .events = POLLIN}};
    if (timeout_ms < 0)
        timeout_ms = 0;
    struct timespec time = {.tv_sec = timeout_ms / 1000,
                            .tv_nsec = timeout_ms % 1000 * 1000000};
    int n = ppoll(fds, 2, &time, &way->while_waiting);
    if (n < 0 && errno != EINTR)
        return err_errno(why, ERR_SYSTEM, errno, "poll");
    if (n > 0 && fds[0].revents & (POLLERR | POLLNVAL | POLLHUP))
        return err_set(why, ERR_DEVICE, "the backend is gone");
    return ERR_NONE;
}

static enum err way_write(void *ctx, const uint8_t *bytes, size_t len, size_t *written,
                          struct why *why)
{
    (void)ctx; /* standard output */
    if (fault_fails("device.write.short"))
        len = (len + 1) / 2; /* a pipe may take less than it is given */
    fault_point("device.write.before");
    ssize_t n = write(STDOUT_FILENO, bytes, len < WRITE_MAX ? len : WRITE_MAX);
    fault_point("device.write.after");
    if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
        return err_errno(why, ERR_DEVICE, errno, "write to the backend");
    *written = n > 0 ? (size_t)n : 0;
    return ERR_NONE;
}

static enum err way_read(void *ctx, uint8_t *bytes, size_t size, size_t *got, struct why *why)
{
    struct cups_way *way = ctx;
    struct pollfd fd = {.fd = BACK_FD, .events = POLLIN};
    *got = 0;
    /* looked at first: the pipe is shared with cupsd, so it is not ours to make non-blocking */
    if (!way->back_open || poll(&fd, 1, 0) != 1)
        return ERR_NONE;
    ssize_t n = read(BACK_FD, bytes, size);
    fault_point("device.read.after");
    if (n > 0) {
        *got = (size_t)n;
        return ERR_NONE;
    }
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return ERR_NONE;
    way->back_open = false;
    return err_set(why, ERR_DEVICE, "the back channel is closed");
}

/* Asked once, however long it takes: each request would be answered. */
static enum err drain_side_channel(struct cups_way *way, int64_t timeout_ms, bool *done,
                                   struct why *why)
{
    if (!way->drain_asked &&
        cupsSideChannelWrite(CUPS_SC_CMD_DRAIN_OUTPUT, CUPS_SC_STATUS_NONE, NULL, 0, 1.0) != 0)
        return err_set(why, ERR_DEVICE, "the backend cannot be asked for delivery");
    way->drain_asked = true;
    struct pollfd fd = {.fd = CUPS_SC_FD, .events = POLLIN};
    struct timespec time = {.tv_sec = timeout_ms / 1000,
                            .tv_nsec = timeout_ms % 1000 * 1000000};
    int n = ppoll(&fd, 1, &time, &way->while_waiting);
    if (n == 0 || (n < 0 && errno == EINTR))
        return ERR_NONE;
    cups_sc_command_t command = CUPS_SC_CMD_NONE;
    cups_sc_status_t status = CUPS_SC_STATUS_NONE;
    char data[256];
    int len = sizeof data;
    if (cupsSideChannelRead(&command, &status, data, &len, 1.0) != 0)
        return err_set(why, ERR_DEVICE, "the backend did not say that all is delivered");
    if (command != CUPS_SC_CMD_DRAIN_OUTPUT)
        return ERR_NONE;
    if (status != CUPS_SC_STATUS_OK)
        return err_set(why, ERR_DEVICE, "the backend could not deliver all (status %d)",
                       (int)status);
    *done = true;
    return ERR_NONE;
}

static enum err way_drain(void *ctx, int64_t timeout_ms, bool *done, struct why *why)
{
    struct stat st;
    *done = false;
    /* printing to a file (FileDevice) has no backend: there the disk is the device */
    if (fstat(STDOUT_FILENO, &st) != 0 || !S_ISREG(st.st_mode))
        return drain_side_channel(ctx, timeout_ms, done, why);
    if (fdatasync(STDOUT_FILENO) != 0)
        return err_errno(why, ERR_DEVICE, errno, "fdatasync of the output");
    *done = true;
    return ERR_NONE;
}

static bool way_stopped(void *ctx)
{
    (void)ctx; /* signals are the process's */
    return stop_asked != 0;
}

static void way_say(void *ctx, const char *line)
{
    (void)ctx; /* standard error */
    char text[SAY_MAX_BYTES];
    int len = snprintf(text, sizeof text - 1, "%s", line);
    if (len < 0)
        return;
    size_t used = (size_t)len < sizeof text - 2 ? (size_t)len : sizeof text - 2;
    text[used++] = '\n';
    /* cupsd may be gone; an orphan holds the lock and finishes its chunk, words are a courtesy
     */
    (void)fd_write_all(STDERR_FILENO, text, used, NULL);
}

static enum reach_state way_reach(void *ctx, bool silent, uint32_t *conditions)
{
    struct cups_way *way = ctx;
    return reach_ask(&way->reach, silent, clock_mono_ms(&clock_system), conditions);
}

enum err device_cups(struct device *out, uint16_t snmp_port, struct why *why)
{
    static struct cups_way way;
    struct sigaction term = {.sa_handler = on_sigterm}, pipe_gone = {.sa_handler = SIG_IGN};
    sigset_t blocked;
    if (sigemptyset(&blocked) != 0 || sigaddset(&blocked, SIGTERM) != 0 ||
        sigprocmask(SIG_BLOCK, &blocked, &way.while_waiting) != 0 ||
        sigdelset(&way.while_waiting, SIGTERM) != 0 || sigaction(SIGTERM, &term, NULL) != 0 ||
        sigaction(SIGPIPE, &pipe_gone, NULL) != 0)
        return err_errno(why, ERR_SYSTEM, errno, "set up signals");
    int flags = fcntl(STDOUT_FILENO, F_GETFL);
    if (flags < 0 || fcntl(STDOUT_FILENO, F_SETFL, flags | O_NONBLOCK) != 0)
        return err_errno(why, ERR_SYSTEM, errno, "standard output");
    way.back_open = fcntl(BACK_FD, F_GETFD) >= 0;
    *out = (struct device){&way,      &clock_system, way_wait, way_write, way_read,
                           way_drain, way_stopped,   way_say,  way_reach};
    reach_open(&way.reach, getenv("DEVICE_URI"), snmp_port, clock_mono_ms(&clock_system));
    return ERR_NONE;
}
