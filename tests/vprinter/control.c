/* SPDX-License-Identifier: Apache-2.0 */
#include "control.h"

#include "commands.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define CLIENTS (CONTROL_FDS - 1)

struct control {
    struct printer *printer;
    struct sockaddr_un address;
    int listener;
    struct client {
        int fd;
        size_t n;
        char text[256];
    } clients[CLIENTS];
};

static bool set_address(struct sockaddr_un *address, const char *path)
{
    size_t n = strlen(path);
    if (n == 0 || n >= sizeof address->sun_path)
        return false;
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(address->sun_path, path, n + 1);
    return true;
}

static int connected_socket(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof *address) != 0) {
        (void)close(fd); /* carried nothing */
        return -1;
    }
    return fd;
}

static bool listen_at(struct control *control)
{
    int alive = connected_socket(&control->address);
    if (alive >= 0) {
        (void)close(alive); /* carried nothing */
        errno = EADDRINUSE;
        return false;
    }
    if (unlink(control->address.sun_path) != 0 && errno != ENOENT)
        return false;
    control->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    return control->listener >= 0 &&
           bind(control->listener, (const struct sockaddr *)&control->address,
                sizeof control->address) == 0 &&
           listen(control->listener, CLIENTS) == 0;
}

struct control *control_open(const char *path, struct printer *printer)
{
    struct control *control = calloc(1, sizeof *control);
    if (control == NULL)
        return NULL;
    control->printer = printer;
    control->listener = -1;
    for (int i = 0; i < CLIENTS; i++)
        control->clients[i].fd = -1;
    if (!set_address(&control->address, path) || !listen_at(control)) {
        report_log(printer->report, "cannot listen at %s: %s", path, strerrorname_np(errno));
        if (control->listener >= 0)
            (void)close(control->listener);
        free(control);
        return NULL;
    }
    return control;
}

static void drop_client(struct client *client)
{
    if (client->fd >= 0)
        (void)close(client->fd); /* what it did not read is its loss */
    client->fd = -1;
    client->n = 0;
}

void control_close(struct control *control)
{
    if (control == NULL)
        return;
    for (int i = 0; i < CLIENTS; i++)
        drop_client(&control->clients[i]);
    (void)close(control->listener);
    (void)unlink(control->address.sun_path); /* a dead socket is replaced anyway */
    free(control);
}

void control_poll(const struct control *control, struct pollfd *fds)
{
    int free_places = 0;
    for (int i = 0; i < CLIENTS; i++) {
        fds[i + 1] = (struct pollfd){.fd = control->clients[i].fd, .events = POLLIN};
        free_places += control->clients[i].fd < 0;
    }
    fds[0] = (struct pollfd){.fd = free_places > 0 ? control->listener : -1, .events = POLLIN};
}

static void take_client(struct control *control)
{
    int fd = accept4(control->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    for (int i = 0; fd >= 0 && i < CLIENTS; i++) {
        if (control->clients[i].fd < 0) {
            control->clients[i].fd = fd;
            return;
        }
    }
}

static bool reply_to(struct control *control, struct client *client, char *text)
{
    char memory[8192];
    struct line reply = line_in(memory, sizeof memory - 1);
    commands_run(control->printer, text, &reply);
    memory[reply.len++] = '\n';
    return send(client->fd, memory, reply.len, MSG_NOSIGNAL | MSG_DONTWAIT) ==
           (ssize_t)reply.len;
}

static bool obey_lines(struct control *control, struct client *client)
{
    char *end;
    while ((end = memchr(client->text, '\n', client->n)) != NULL) {
        char *text = client->text;
        size_t used = (size_t)(end - text) + 1;
        *end = '\0';
        if (!reply_to(control, client, text))
            return false;
        client->n -= used;
        memmove(text, text + used, client->n);
    }
    return client->n < sizeof client->text;
}

static void hear(struct control *control, struct client *client)
{
    ssize_t n = recv(client->fd, client->text + client->n, sizeof client->text - client->n, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n > 0)
        client->n += (size_t)n;
    if (n <= 0 || !obey_lines(control, client))
        drop_client(client);
}

void control_handle(struct control *control, const struct pollfd *fds)
{
    for (int i = 0; i < CLIENTS; i++)
        if (fds[i + 1].fd >= 0 && fds[i + 1].revents != 0)
            hear(control, &control->clients[i]);
    if (fds[0].fd >= 0 && fds[0].revents != 0)
        take_client(control);
}

int control_tell(const char *path, const char *command)
{
    struct sockaddr_un address;
    char answer[8192] = "";
    size_t n = 0;
    int fd = set_address(&address, path) ? connected_socket(&address) : -1;
    if (fd < 0) {
        (void)fprintf(stderr, "tem-vprinter: nobody listens at %s\n", path);
        return 2;
    }
    bool ok = dprintf(fd, "%s\n", command) > 0;
    while (ok && n < sizeof answer && memchr(answer, '\n', n) == NULL) {
        ssize_t got = read(fd, answer + n, sizeof answer - n);
        if (got <= 0)
            break;
        n += (size_t)got;
    }
    (void)close(fd); /* all is read */
    if (n == 0)
        return 2;
    if (fwrite(answer, 1, n, stdout) != n || fflush(stdout) != 0)
        return 2;
    return n > 8 && memcmp(answer, "{\"error\"", 8) == 0;
}
