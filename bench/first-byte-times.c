/* SPDX-License-Identifier: Apache-2.0 */
/* first-byte-times.c: PRINTER-PORT PORT-FILE TEMD-SOCKET CUPS-SOCKET: how long from an order to
 * its first byte at the printer.
 *
 * It stands between CUPS's socket backend and the (virtual) printer and hands everything on, so
 * that the printer answers as it does; the clock stops when a byte comes by. It writes its port
 * to PORT-FILE, waits for a line on standard input (the queues `p1` and `raw1` lead to that
 * port by then), and sends jobs of one label, each when the one before is over: through temd,
 * and the same label's size of bytes to CUPS alone. */
#include "bench/measure.h"

#include <cups/cups.h>

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define ORDERS    15
#define WARM_UP   2 /* orders before those that count: fonts, plates, caches */
#define PAUSE_US  300000
#define LABEL_LEN 2048 /* bytes: about what a medicine pack takes */
#define ROW       "POST to first byte at the printer"

/* What came by since the last order. */
static _Atomic int64_t first_byte_ns, first_label_ns;
static atomic_bool connected;
static int listener, printer_port;

/* ---- between backend and printer --------------------------------------------------------- */

static struct sockaddr_in loopback(int port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static bool hand_on(int from, int to, char *bytes, size_t size, ssize_t *len)
{
    *len = read(from, bytes, size);
    return *len > 0 && send(to, bytes, (size_t)*len, MSG_NOSIGNAL) == *len;
}

static void note(const char *bytes, size_t len)
{
    int64_t now = measure_now_ns(), none = 0;
    atomic_compare_exchange_strong(&first_byte_ns, &none, now);
    none = 0;
    if (memmem(bytes, len, "^XA", 3)) /* questions and clearing begin with ~ */
        atomic_compare_exchange_strong(&first_label_ns, &none, now);
}

static void relay(int backend)
{
    struct sockaddr_in address = loopback(printer_port);
    char bytes[65536];
    ssize_t len;
    int printer = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    if (printer < 0 || connect(printer, (struct sockaddr *)&address, sizeof address) != 0)
        measure_die("the virtual printer does not answer: errno %d", errno);
    if (setsockopt(printer, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0 ||
        setsockopt(backend, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0)
        measure_die("TCP_NODELAY: errno %d", errno);
    struct pollfd fds[2] = {{.fd = backend, .events = POLLIN},
                            {.fd = printer, .events = POLLIN}};
    while (poll(fds, 2, -1) > 0) {
        if (fds[0].revents) {
            if (!hand_on(backend, printer, bytes, sizeof bytes, &len))
                break;
            note(bytes, (size_t)len);
        }
        if (fds[1].revents && !hand_on(printer, backend, bytes, sizeof bytes, &len))
            break;
    }
    close(printer); /* either side closed: all was handed on */
}

static void *relay_all(void *arg)
{
    (void)arg; /* one relay a program */
    for (;;) {
        int backend = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (backend < 0)
            measure_die("accept: errno %d", errno);
        atomic_store(&connected, true);
        relay(backend);
        close(backend); /* as above */
        atomic_store(&connected, false);
    }
    return NULL;
}

static void listen_for_backend(const char *port_file)
{
    struct sockaddr_in address = loopback(0);
    socklen_t len = sizeof address;
    pthread_t thread;
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(listener, 4) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &len) != 0)
        measure_die("listening socket: errno %d", errno);
    FILE *file = fopen(port_file, "w");
    if (!file || fprintf(file, "%d\n", ntohs(address.sin_port)) < 0 || fclose(file) != 0)
        measure_die("%s cannot be written", port_file);
    if (pthread_create(&thread, NULL, relay_all, NULL) != 0)
        measure_die("no thread");
}

/* ---- orders -------------------------------------------------------------------------------
 */

static int temd;

static void connect_temd(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    temd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (strlen(path) >= sizeof address.sun_path)
        measure_die("the socket's path is too long: %s", path);
    memcpy(address.sun_path, path, strlen(path) + 1);
    if (temd < 0 || connect(temd, (struct sockaddr *)&address, sizeof address) != 0)
        measure_die("connect to %s: errno %d", path, errno);
}

static void order_from_temd(void)
{
    static const char body[] =
        "{\"template\":\"medicine-pack\",\"printer\":\"p1\",\"quantity\":1,\"data\":{"
        "\"product\":\"Vi\303\252n n\303\251n Paracetamol 500 mg\",\"gtin\":\"8938505974194\","
        "\"lot\":\"L2403A\",\"expiry\":\"2028-03-31\"}}";
    char text[8192];
    int len = snprintf(text, sizeof text,
                       "POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                       "application/json\r\nContent-Length: %zu\r\n\r\n%s",
                       sizeof body - 1, body);
    if (write(temd, text, (size_t)len) != len)
        measure_die("write to temd: errno %d", errno);
    ssize_t got = read(temd, text, sizeof text - 1);
    if (got < 13 || memcmp(text, "HTTP/1.1 201 ", 13) != 0)
        measure_die("temd: %.*s", got > 0 ? (int)got : 0, text);
}

static void order_from_cups(void)
{
    static const char start[] = "^XA^FO50,50^GB100,100,3^FS", end[] = "^XZ\n";
    char label[LABEL_LEN];
    memset(label, ' ', sizeof label);
    memcpy(label, start, sizeof start - 1);
    memcpy(label + sizeof label - (sizeof end - 1), end, sizeof end - 1);
    http_t *http = httpConnect2(cupsServer(), ippPort(), NULL, AF_UNSPEC,
                                HTTP_ENCRYPTION_IF_REQUESTED, 1, 5000, NULL);
    ipp_t *request = ippNewRequest(IPP_OP_PRINT_JOB);
    ippAddString(request, IPP_TAG_OPERATION, IPP_TAG_URI, "printer-uri", NULL,
                 "ipp://localhost/printers/raw1");
    ippAddString(request, IPP_TAG_OPERATION, IPP_TAG_NAME, "requesting-user-name", NULL,
                 cupsUser());
    ippAddString(request, IPP_TAG_OPERATION, IPP_TAG_MIMETYPE, "document-format", NULL,
                 "application/vnd.cups-raw");
    if (!http ||
        cupsSendRequest(http, request, "/printers/raw1", ippLength(request) + sizeof label) !=
            HTTP_STATUS_CONTINUE ||
        cupsWriteRequestData(http, label, sizeof label) != HTTP_STATUS_CONTINUE)
        measure_die("CUPS takes no job: %s", cupsLastErrorString());
    ipp_t *answer = cupsGetResponse(http, "/printers/raw1");
    if (!answer || ippGetStatusCode(answer) >= IPP_STATUS_ERROR_BAD_REQUEST)
        measure_die("CUPS refused a job: %s", cupsLastErrorString());
    ippDelete(answer);
    ippDelete(request);
    httpClose(http);
}

/* ---- measuring -----------------------------------------------------------------------------
 */

static void wait_until_over(void)
{
    for (int i = 0; i < 30000 && (!atomic_load(&first_label_ns) || atomic_load(&connected));
         i++)
        usleep(1000);
    if (!atomic_load(&first_label_ns) || atomic_load(&connected))
        measure_die("a label did not come to its end within 30 s");
    usleep(PAUSE_US); /* the queue, and who follows it, come to rest */
}

static void measure(void (*order)(void), const char *who, long target, const char *first)
{
    int64_t byte_ns[ORDERS], label_ns[ORDERS];
    for (int i = -WARM_UP; i < ORDERS; i++) {
        atomic_store(&first_byte_ns, 0);
        atomic_store(&first_label_ns, 0);
        int64_t start_ns = measure_now_ns();
        order();
        wait_until_over();
        if (i < 0)
            continue;
        byte_ns[i] = atomic_load(&first_byte_ns) - start_ns;
        label_ns[i] = atomic_load(&first_label_ns) - start_ns;
    }
    measure_print(&(struct measurement){
        .row = ROW,
        .unit = "ms",
        .value_milli = measure_percentile(byte_ns, ORDERS, 50) / 1000,
        .who = who,
        .target = target,
        .note = first,
    });
    measure_print(&(struct measurement){
        .row = ROW ", of the label",
        .unit = "ms",
        .value_milli = measure_percentile(label_ns, ORDERS, 50) / 1000,
        .who = who,
    });
}

int main(int argc, char **argv)
{
    char line[16];
    if (argc != 5)
        measure_die("usage: first-byte-times PRINTER-PORT PORT-FILE TEMD-SOCKET CUPS-SOCKET");
    printer_port = (int)strtol(argv[1], NULL, 10);
    listen_for_backend(argv[2]);
    if (!fgets(line, sizeof line, stdin))
        measure_die("nobody said that the queues are there");
    connect_temd(argv[3]);
    cupsSetServer(argv[4]);
    measure(order_from_temd, "tem", 40, "a question: is the printer ready?");
    measure(order_from_cups, "CUPS alone", 0, "a raw queue");
    return 0;
}
