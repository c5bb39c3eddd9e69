/* SPDX-License-Identifier: Apache-2.0 */
/* http-clients.c: SOCKET SECONDS CLIENTS: posts jobs of one label to a running temd over that
 * many connections that stay open, each sending its next job when the one before was accepted.
 *
 * Prints three rows (accepted a second, 99th percentile, longest stall) and on standard error
 * "accepted N", which jobs-accepted compares with what is there after a crash. Every job has an
 * Idempotency-Key, as an ERP's has. An answer other than 201 ends it: there is no figure then.
 */
#include "bench/measure.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define CLIENTS_MAX 256
#define ANSWERS_MAX 4000000
#define ROW         "jobs accepted durably, 32 clients"

struct client {
    int fd;
    unsigned number;
    unsigned jobs;
    int64_t sent_ns;
    size_t len;
    char in[16384];
};

/* What all clients saw. */
struct tally {
    int64_t *took_ns;
    size_t count;
    int64_t last_ns; /* the newest answer of any client */
    int64_t stall_ns;
};

static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (strlen(path) >= sizeof address.sun_path)
        measure_die("the socket's path is too long: %s", path);
    memcpy(address.sun_path, path, strlen(path) + 1);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
        measure_die("connect to %s: errno %d", path, errno);
    if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0)
        measure_die("fcntl: errno %d", errno);
    return fd;
}

/* A request is far smaller than a socket's buffer, and the one before was answered. */
static void post(struct client *client)
{
    static const char body[] =
        "{\"template\":\"medicine-pack\",\"printer\":\"p1\",\"quantity\":1,\"data\":{"
        "\"product\":\"Vi\303\252n n\303\251n Paracetamol 500 mg\",\"gtin\":\"8938505974194\","
        "\"lot\":\"L2403A\",\"expiry\":\"2028-03-31\"}}";
    char request[1024];
    int len = snprintf(request, sizeof request,
                       "POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                       "application/json\r\nIdempotency-Key: order-%u-%u\r\n"
                       "Content-Length: %zu\r\n\r\n%s",
                       client->number, client->jobs++, sizeof body - 1, body);
    client->len = 0;
    client->sent_ns = measure_now_ns();
    if (write(client->fd, request, (size_t)len) != len)
        measure_die("a request was not taken whole: errno %d", errno);
}

/* Whether a whole answer is in `in`. */
static bool answered(const struct client *client)
{
    static const char length[] = "Content-Length: ";
    const char *end = memmem(client->in, client->len, "\r\n\r\n", 4);
    if (!end)
        return false;
    const char *at = memmem(client->in, (size_t)(end - client->in), length, sizeof length - 1);
    if (!at)
        measure_die("an answer without a length");
    size_t body = strtoul(at + sizeof length - 1, NULL, 10);
    return client->len >= (size_t)(end + 4 - client->in) + body;
}

/* Takes what is there; true when the answer is whole. */
static bool receive(struct client *client)
{
    ssize_t n = read(client->fd, client->in + client->len, sizeof client->in - client->len);
    if (n < 0 && errno == EAGAIN)
        return false;
    if (n <= 0)
        measure_die("the connection ended: errno %d", n < 0 ? errno : 0);
    client->len += (size_t)n;
    if (!answered(client))
        return false;
    if (memcmp(client->in, "HTTP/1.1 201 ", 13) != 0)
        measure_die("not accepted: %.*s", (int)client->len, client->in);
    return true;
}

static void count(struct tally *tally, const struct client *client)
{
    int64_t now = measure_now_ns();
    if (tally->count == ANSWERS_MAX)
        measure_die("more answers than there is room for");
    tally->took_ns[tally->count++] = now - client->sent_ns;
    if (now - tally->last_ns > tally->stall_ns)
        tally->stall_ns = now - tally->last_ns;
    tally->last_ns = now;
}

/* Until the time is over and every client has its answer. */
static void run(struct client *clients, size_t client_count, int64_t until_ns,
                struct tally *tally)
{
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    size_t busy = client_count;
    for (size_t i = 0; i < client_count; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &clients[i]};
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, clients[i].fd, &event) != 0)
            measure_die("epoll: errno %d", errno);
        post(&clients[i]);
    }
    while (busy > 0) {
        struct epoll_event events[CLIENTS_MAX];
        int n = epoll_wait(epoll, events, CLIENTS_MAX, 60000);
        if (n <= 0)
            measure_die("no answer for a minute");
        for (int i = 0; i < n; i++) {
            struct client *client = events[i].data.ptr;
            if (!receive(client))
                continue;
            count(tally, client);
            if (tally->last_ns < until_ns)
                post(client);
            else
                busy--;
        }
    }
    close(epoll); /* of no use any more */
}

int main(int argc, char **argv)
{
    static struct client clients[CLIENTS_MAX];
    if (argc != 4)
        measure_die("usage: http-clients SOCKET SECONDS CLIENTS");
    int64_t seconds = strtoll(argv[2], NULL, 10);
    size_t client_count = strtoul(argv[3], NULL, 10);
    if (seconds < 1 || client_count < 1 || client_count > CLIENTS_MAX)
        measure_die("1 to %d clients for at least a second", CLIENTS_MAX);
    struct tally tally = {.took_ns = calloc(ANSWERS_MAX, sizeof *tally.took_ns)};
    if (!tally.took_ns)
        measure_die("out of memory");
    for (size_t i = 0; i < client_count; i++)
        clients[i] = (struct client){.fd = connect_to(argv[1]), .number = (unsigned)i};
    int64_t start_ns = measure_now_ns();
    tally.last_ns = start_ns;
    run(clients, client_count, start_ns + seconds * 1000000000, &tally);
    int64_t ran_us = (tally.last_ns - start_ns) / 1000;
    measure_print(&(struct measurement){
        .row = ROW,
        .unit = "jobs/s",
        .value_milli = (int64_t)tally.count * 1000000000 / ran_us,
        .target = 6000,
    });
    measure_print(&(struct measurement){
        .row = ROW ", 99th percentile",
        .unit = "ms",
        .value_milli = measure_percentile(tally.took_ns, tally.count, 99) / 1000,
        .target = 20,
    });
    measure_print(&(struct measurement){
        .row = ROW ", longest stall",
        .unit = "ms",
        .value_milli = tally.stall_ns / 1000,
        .note = "the longest time in which nobody got an answer",
    });
    fprintf(stderr, "accepted %zu\n", tally.count);
    for (size_t i = 0; i < client_count; i++)
        close(clients[i].fd); /* all was answered */
    free(tally.took_ns);
    return 0;
}
