/* SPDX-License-Identifier: Apache-2.0 */
#include "drivers/feed/reach.h"

#include "drivers/feed/snmp.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PAUSE_MS   2000
#define GREETINGS  3 /* questions to a printer that talks, until one is answered */
#define GONE_AFTER 3 /* questions in a row without an answer; UDP may lose one */

/* The host between "socket://" and the next of ":/?"; an IPv6 address stands in brackets. */
static bool host_of(const char *uri, char *out, size_t size)
{
    static const char scheme[] = "socket://";
    if (!uri || strncmp(uri, scheme, sizeof scheme - 1) != 0)
        return false;
    const char *at = uri + sizeof scheme - 1;
    bool brackets = *at == '[';
    at += brackets;
    size_t len = strcspn(at, brackets ? "]" : ":/?");
    if (len == 0 || len >= size)
        return false;
    memcpy(out, at, len);
    out[len] = '\0';
    return true;
}

/* Numbers only: looking a name up may wait for longer than a label takes. */
static int connect_to(const char *host, uint16_t port)
{
    char service[8];
    struct addrinfo hints = {.ai_socktype = SOCK_DGRAM,
                             .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV},
                    *list = NULL;
    snprintf(service, sizeof service, "%u", port);
    if (getaddrinfo(host, service, &hints, &list) != 0)
        return -1;
    int fd = socket(list->ai_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, list->ai_addr, list->ai_addrlen) != 0) {
        close(fd); /* carried nothing */
        fd = -1;
    }
    freeaddrinfo(list);
    return fd;
}

void reach_open(struct reach *reach, const char *uri, uint16_t port, int64_t now_ms)
{
    char host[256];
    *reach = (struct reach){.fd = -1, .id = (uint32_t)getpid() << 8, .next_ms = now_ms};
    if (port && host_of(uri, host, sizeof host))
        reach->fd = connect_to(host, port);
}

void reach_close(struct reach *reach)
{
    if (reach->fd >= 0)
        close(reach->fd); /* what is not read is of no use any more */
    reach->fd = -1;
}

static void take_answers(struct reach *reach)
{
    uint8_t bytes[512];
    ssize_t n;
    while ((n = recv(reach->fd, bytes, sizeof bytes, 0)) > 0) {
        if (!snmp_answer(bytes, (size_t)n, reach->id, &reach->conditions))
            continue;
        reach->ever = reach->since = true;
        reach->unanswered = 0;
    }
}

static void send_question(struct reach *reach, int64_t now_ms)
{
    uint8_t question[SNMP_GET_BYTES];
    reach->id++;
    reach->unanswered++;
    reach->next_ms = now_ms + PAUSE_MS;
    snmp_get(reach->id, question);
    if (send(reach->fd, question, sizeof question, MSG_NOSIGNAL) < 0)
        return; /* not answered either: that is counted already */
}

enum reach_state reach_ask(struct reach *reach, bool silent, int64_t now_ms,
                           uint32_t *conditions)
{
    *conditions = 0;
    if (reach->fd < 0)
        return REACH_UNKNOWN;
    take_answers(reach);
    if (silent != reach->silent) {
        reach->silent = silent;
        reach->since = false;
        reach->unanswered = 0;
        reach->next_ms = now_ms;
    }
    bool wanted = silent || (!reach->ever && reach->unanswered < GREETINGS);
    if (wanted && now_ms >= reach->next_ms && reach->unanswered < UINT32_MAX)
        send_question(reach, now_ms);
    if (!silent || !reach->ever)
        return REACH_UNKNOWN;
    if (reach->unanswered > GONE_AFTER)
        return REACH_GONE;
    *conditions = reach->since ? reach->conditions : 0;
    return reach->since ? REACH_ANSWERS : REACH_UNKNOWN;
}
