/* SPDX-License-Identifier: Apache-2.0 */
#include "link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANSWERS_MAX_BYTES (64 * 1024)

struct answer {
    struct answer *next;
    int64_t due_us;
    size_t n, sent;
    char s[];
};

struct link {
    const struct link_events *events;
    struct report *report;
    int holder; /* bound and never listening: keeps the port ours while we refuse */
    int listener, connection;
    uint16_t port;
    int64_t delay_us;
    bool stalled, ended; /* ended: the host will send no more */
    unsigned connections;
    uint64_t received, drop_at;
    struct answer *first, **last;
    size_t answers_bytes;
};

static int bound_socket(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0)
        return -1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        int keep = errno;
        (void)close(fd); /* nothing was written to it */
        errno = keep;
        return -1;
    }
    return fd;
}

static void clear_answers(struct link *link)
{
    while (link->first != NULL) {
        struct answer *next = link->first->next;
        free(link->first);
        link->first = next;
    }
    link->last = &link->first;
    link->answers_bytes = 0;
}

void link_accept(struct link *link, bool accept)
{
    if (!accept && link->listener >= 0) {
        (void)close(link->listener); /* resets those in the backlog: that is meant */
        link->listener = -1;
    }
    if (!accept || link->listener >= 0)
        return;
    link->listener = bound_socket(link->port);
    if (link->listener < 0 || listen(link->listener, 8) != 0)
        report_log(link->report, "cannot listen at port %u: %s", link->port,
                   strerrorname_np(errno));
}

struct link *link_open(uint16_t port, int32_t answer_delay_ms, const struct link_events *events,
                       struct report *report)
{
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    struct link *link = calloc(1, sizeof *link);
    if (link == NULL)
        return NULL;
    link->events = events;
    link->report = report;
    link->listener = link->connection = -1;
    link->delay_us = (int64_t)answer_delay_ms * 1000;
    link->drop_at = UINT64_MAX;
    link->last = &link->first;
    link->holder = bound_socket(port);
    if (link->holder < 0 ||
        getsockname(link->holder, (struct sockaddr *)&address, &size) != 0) {
        report_log(report, "cannot bind port %u: %s", port, strerrorname_np(errno));
        link_close(link);
        return NULL;
    }
    link->port = ntohs(address.sin_port);
    link_accept(link, true);
    if (link->listener < 0) {
        link_close(link);
        return NULL;
    }
    return link;
}

static void hang_up(struct link *link, bool reset)
{
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    if (link->connection < 0)
        return;
    if (reset)
        (void)setsockopt(link->connection, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    (void)close(link->connection); /* the peer sees what it sees: this is a network */
    link->connection = -1;
    link->drop_at = UINT64_MAX;
    clear_answers(link);
    report_log(link->report, "connection %u %s", link->connections, reset ? "reset" : "closed");
    link->events->closed(link->events->context);
}

void link_close(struct link *link)
{
    if (link == NULL)
        return;
    hang_up(link, false);
    link_accept(link, false);
    if (link->holder >= 0)
        (void)close(link->holder); /* never carried a byte */
    free(link);
}

uint16_t link_port(const struct link *link)
{
    return link->port;
}

bool link_connected(const struct link *link)
{
    return link->connection >= 0;
}

uint64_t link_received_bytes(const struct link *link)
{
    return link->received;
}

void link_stall(struct link *link, bool stall)
{
    link->stalled = stall;
}

void link_drop(struct link *link)
{
    hang_up(link, true);
}

void link_drop_after(struct link *link, uint64_t n)
{
    link->drop_at = link->received + n;
}

void link_answer(struct link *link, const char *s, size_t n, int64_t now_us)
{
    if (link->connection < 0)
        return;
    if (n > ANSWERS_MAX_BYTES - link->answers_bytes) {
        report_log(link->report, "the host does not read: an answer is lost");
        return;
    }
    struct answer *answer = malloc(sizeof *answer + n);
    if (answer == NULL)
        return;
    *answer = (struct answer){.due_us = now_us + link->delay_us, .n = n};
    memcpy(answer->s, s, n);
    *link->last = answer;
    link->last = &answer->next;
    link->answers_bytes += n;
}

static size_t read_now(const struct link *link)
{
    if (link->stalled || link->ended)
        return 0;
    size_t room = link->events->room(link->events->context);
    uint64_t to_drop = link->drop_at - link->received;
    return room < to_drop ? room : (size_t)to_drop;
}

struct pollfd link_poll(struct link *link, int64_t now_us)
{
    if (link->connection < 0)
        return (struct pollfd){.fd = link->listener, .events = POLLIN};
    struct pollfd p = {.fd = link->connection};
    if (read_now(link) > 0)
        p.events |= POLLIN;
    if (link->first != NULL && link->first->due_us <= now_us)
        p.events |= POLLOUT;
    return p;
}

int64_t link_deadline(const struct link *link)
{
    return link->first != NULL ? link->first->due_us : INT64_MAX;
}

static void take_connection(struct link *link)
{
    int fd = accept4(link->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return; /* it went away again */
    link->connection = fd;
    link->ended = false;
    link->connections++;
    report_log(link->report, "connection %u opened", link->connections);
    link->events->opened(link->events->context, link->connections);
}

static void read_some(struct link *link)
{
    char s[65536];
    size_t most = read_now(link);
    ssize_t n = most == 0 ? 0 : recv(link->connection, s, most < sizeof s ? most : sizeof s, 0);
    if (most == 0)
        return;
    if (n < 0) {
        if (errno != EAGAIN && errno != EINTR)
            hang_up(link, false);
        return;
    }
    if (n == 0) {
        link->ended = true;
        return;
    }
    link->received += (uint64_t)n;
    link->events->received(link->events->context, s, (size_t)n);
    if (link->received >= link->drop_at)
        hang_up(link, true);
}

static void write_some(struct link *link, int64_t now_us)
{
    while (link->first != NULL && link->first->due_us <= now_us) {
        struct answer *answer = link->first;
        ssize_t n = send(link->connection, answer->s + answer->sent, answer->n - answer->sent,
                         MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0) {
            if (errno != EAGAIN && errno != EINTR)
                hang_up(link, false);
            return;
        }
        answer->sent += (size_t)n;
        if (answer->sent < answer->n)
            return;
        link->answers_bytes -= answer->n;
        link->first = answer->next;
        if (link->first == NULL)
            link->last = &link->first;
        free(answer);
    }
}

void link_handle(struct link *link, short revents, int64_t now_us)
{
    if (link->connection < 0) {
        if (revents & POLLIN)
            take_connection(link);
        return;
    }
    if (revents & (POLLIN | POLLHUP))
        read_some(link);
    if (link->connection >= 0 && (revents & (POLLERR | POLLNVAL)))
        hang_up(link, false);
    if (link->connection >= 0)
        write_some(link, now_us);
    if (link->connection >= 0 && link->ended && link->first == NULL)
        hang_up(link, false);
}
