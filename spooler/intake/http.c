/* SPDX-License-Identifier: Apache-2.0 */
/* http.c: one thread that serves both sockets.
 *
 * Two libmicrohttpd daemons with external polling: handlers and the callbacks of struct
 * intake_config run on this thread alone. Commits run on the store's writer thread, which
 * resumes the connection and wakes the poll below. */
#include "spooler/intake/connection.h"
#include "spooler/intake/doctor.h"
#include "spooler/intake/listen.h"

#include "spooler/base/log.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define CONNECTIONS_MAX  256
#define CONNECTION_BYTES (64 * 1024) /* headers and read buffer of one */
#define TIMEOUT_S        60
#define GRACE_MS         3000 /* at the stop: for clients that are slow to send or to read */
#define TICK_MS          50   /* how often the stop looks whether all are answered */

struct intake {
    struct intake_config config;
    struct shared shared;
    struct door doors[2];
    struct MHD_Daemon *daemons[2]; /* as doors; NULL = not served */
    char *socket_path;
    uint16_t port;
    pthread_t thread;
    bool running;
    atomic_bool stop;
};

static void log_mhd(void *arg, const char *format, va_list args)
{
    char text[256];
    (void)arg; /* both daemons log alike */
    vsnprintf(text, sizeof text, format, args);
    text[strcspn(text, "\n")] = '\0';
    log_debug("http", "text=%s", logq(text));
}

/* Takes the socket: MHD closes it at its stop, we when it cannot start. */
static enum err start_daemon(struct intake *intake, size_t index, int fd, struct why *why)
{
    struct door *door = &intake->doors[index];
    *door = (struct door){.shared = &intake->shared, .local = index == 0};
    intake->daemons[index] = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC | MHD_USE_ERROR_LOG, 0, NULL,
        NULL, connection_handle, door, MHD_OPTION_EXTERNAL_LOGGER, log_mhd, NULL,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_NOTIFY_CONNECTION, connection_opened, door,
        MHD_OPTION_URI_LOG_CALLBACK, connection_uri, door, MHD_OPTION_NOTIFY_COMPLETED,
        connection_completed, door, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)TIMEOUT_S, MHD_OPTION_END);
    if (intake->daemons[index])
        return ERR_NONE;
    (void)close(fd); /* nobody connected to it */
    return err_set(why, ERR_SYSTEM, "the HTTP server did not start");
}

static enum err open_doors(struct intake *intake, struct why *why)
{
    const struct intake_config *config = &intake->config;
    int fd;
    enum err err = ERR_NONE;
    if (config->socket_path) {
        err = listen_unix(config->socket_path, &fd, why);
        if (err)
            return err;
        intake->socket_path = strdup(config->socket_path);
        err = start_daemon(intake, 0, fd, why);
        if (!err && !intake->socket_path)
            err = err_set(why, ERR_NO_MEMORY, "out of memory");
    }
    if (!err && config->http_address) {
        err = listen_tcp(config->http_address, config->http_port, &fd, &intake->port, why);
        if (!err)
            err = start_daemon(intake, 1, fd, why);
    }
    return err;
}

/* ---- the thread ------------------------------------------------------------------------- */

static int next_timeout_ms(const struct intake *intake, bool stopping)
{
    int timeout_ms = stopping ? TICK_MS : -1;
    for (size_t i = 0; i < 2; i++) {
        MHD_UNSIGNED_LONG_LONG ms;
        if (!intake->daemons[i] || MHD_get_timeout(intake->daemons[i], &ms) != MHD_YES)
            continue;
        if (timeout_ms < 0 || ms < (MHD_UNSIGNED_LONG_LONG)timeout_ms)
            timeout_ms = ms > TIMEOUT_S * 1000 ? TIMEOUT_S * 1000 : (int)ms;
    }
    return timeout_ms;
}

static void wait_for_work(struct intake *intake, bool stopping)
{
    struct pollfd fds[3] = {{.fd = intake->shared.writes.wake_fd, .events = POLLIN}};
    nfds_t count = 1;
    for (size_t i = 0; i < 2; i++) {
        const union MHD_DaemonInfo *info =
            intake->daemons[i]
                ? MHD_get_daemon_info(intake->daemons[i], MHD_DAEMON_INFO_EPOLL_FD)
                : NULL;
        if (info)
            fds[count++] = (struct pollfd){.fd = info->epoll_fd, .events = POLLIN};
    }
    if (poll(fds, count, next_timeout_ms(intake, stopping)) < 0 && errno != EINTR)
        log_error("poll failed", "errno=%d", errno);
    uint64_t wakes;
    if ((fds[0].revents & POLLIN) &&
        read(intake->shared.writes.wake_fd, &wakes, sizeof wakes) < 0)
        log_error("eventfd failed", "errno=%d", errno);
    /* behind the read and before MHD looks: what is resumed from now on wakes again */
    atomic_store(&intake->shared.writes.woken, false);
}

/* No new connections; the socket's name goes first, so that clients see "not running". */
static void close_doors(struct intake *intake)
{
    if (intake->socket_path && unlink(intake->socket_path) != 0)
        log_warn("socket not removed", "path=%s errno=%d", logq(intake->socket_path), errno);
    for (size_t i = 0; i < 2; i++) {
        MHD_socket fd =
            intake->daemons[i] ? MHD_quiesce_daemon(intake->daemons[i]) : MHD_INVALID_SOCKET;
        if (fd != MHD_INVALID_SOCKET && close(fd) != 0)
            log_warn("listening socket not closed", "errno=%d", errno);
    }
    intake->shared.stopping = true;
}

/* What waits for a commit is answered, however long that takes; the rest has GRACE_MS. */
static bool may_end(struct intake *intake, int64_t since_ms)
{
    if (atomic_load(&intake->shared.writes.pending) > 0)
        return false;
    return intake->shared.active == 0 || clock_mono_ms(&clock_system) - since_ms > GRACE_MS;
}

static void *serve(void *arg)
{
    struct intake *intake = arg;
    int64_t since_ms = 0;
    for (;;) {
        bool stopping = atomic_load(&intake->stop);
        if (stopping && !intake->shared.stopping) {
            close_doors(intake);
            since_ms = clock_mono_ms(&clock_system);
        }
        if (stopping && may_end(intake, since_ms))
            return NULL;
        wait_for_work(intake, stopping);
        for (size_t i = 0; i < 2; i++) {
            if (intake->daemons[i] && MHD_run(intake->daemons[i]) != MHD_YES)
                log_error("http loop failed", NULL);
        }
    }
}

/* Signals are main's; a client that went away must not end the process. */
static enum err start_thread(struct intake *intake, struct why *why)
{
    sigset_t all, old;
    sigfillset(&all);
    int error = pthread_sigmask(SIG_SETMASK, &all, &old);
    if (error == 0) {
        error = pthread_create(&intake->thread, NULL, serve, intake);
        intake->running = error == 0;
        int restored = pthread_sigmask(SIG_SETMASK, &old, NULL);
        error = error ? error : restored;
    }
    return error ? err_errno(why, ERR_SYSTEM, error, "starting the HTTP thread") : ERR_NONE;
}

enum err intake_start(const struct intake_config *config, struct intake **out, struct why *why)
{
    struct intake *intake = calloc(1, sizeof *intake);
    if (!intake)
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    intake->config = *config;
    intake->shared.config = &intake->config;
    enum err err = ERR_NONE;
    intake->shared.writes.wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (intake->shared.writes.wake_fd < 0)
        err = err_errno(why, ERR_SYSTEM, errno, "eventfd");
    if (!err)
        err = doctor_new(&intake->config, &intake->shared.doctor, why);
    if (!err)
        err = open_doors(intake, why);
    if (!err)
        err = start_thread(intake, why);
    if (err)
        intake_stop(intake);
    else
        *out = intake;
    return err;
}

uint16_t intake_port(const struct intake *intake)
{
    return intake->port;
}

void intake_stop(struct intake *intake)
{
    if (!intake)
        return;
    atomic_store(&intake->stop, true);
    uint64_t one = 1;
    if (intake->running) {
        if (write(intake->shared.writes.wake_fd, &one, sizeof one) != sizeof one)
            log_error("eventfd failed", "errno=%d", errno);
        int error = pthread_join(intake->thread, NULL);
        if (error)
            log_error("http thread not joined", "errno=%d", error);
    } else if (intake->socket_path)
        (void)unlink(intake->socket_path); /* start failed, nobody was served */
    for (size_t i = 0; i < 2; i++) {
        if (intake->daemons[i])
            MHD_stop_daemon(intake->daemons[i]);
    }
    if (intake->shared.writes.wake_fd >= 0)
        (void)close(intake->shared.writes.wake_fd); /* an eventfd holds nothing */
    doctor_free(intake->shared.doctor);
    free(intake->socket_path);
    free(intake);
}
