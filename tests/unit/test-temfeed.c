/* SPDX-License-Identifier: Apache-2.0 */
/* The filter as CUPS runs it: a process with a backend made here on descriptors 1, 3 and 4.
 * Judged by the bytes that came, the journal and the exit status. What the printer does in
 * hours is test-feeder's; here it is descriptors, signals, refusals and sudden death. */
#include "drivers/feed/journal.h"
#include "tests/unit/tap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define LABELS 6

static char folder[128];
static int agent_fd; /* an SNMP agent that never answers; its port is in each PPD */
static uint16_t agent_port;
static const char *temfeed;

enum way { BY_FILE, BY_PIPE };
enum end { NOTHING, TERM, KILL, HANG_UP };

static const struct row {
    const char *name;
    enum evidence evidence;
    enum way input;
    const char *queue; /* $PRINTER */
    const char *ppd;   /* %s = the feed folder */
    enum token_state start;
    const char *fault; /* TEM_FAULT; NULL = none */
    enum end end;      /* done to it after `after` labels came */
    int after;
    bool no_stderr;
    size_t cut; /* bytes cut off the stream's end */
    int status; /* wanted exit status; -1 = killed */
    enum token_state token;
    int least, most; /* labels that came */
    int confirmed;   /* -1 = not looked at */
    bool ended;
    bool silent; /* not one byte may have come */
} rows[] = {
#define PPD "*PPD-Adobe: \"4.3\"\n*TemFeedFolder: \"%s\"\n"
    {"normal", EVIDENCE_COUNTER, BY_FILE, "q", PPD, TOKEN_GO, NULL, NOTHING, 0, false, 0, 0,
     TOKEN_TAKEN, LABELS, LABELS, LABELS, true, false},
    {"by a pipe", EVIDENCE_COUNTER, BY_PIPE, "q", PPD, TOKEN_GO, NULL, NOTHING, 0, false, 0, 0,
     TOKEN_TAKEN, LABELS, LABELS, LABELS, true, false},
    {"cupsd is gone (no standard error)", EVIDENCE_COUNTER, BY_FILE, "q", PPD, TOKEN_GO, NULL,
     NOTHING, 0, true, 0, 0, TOKEN_TAKEN, LABELS, LABELS, LABELS, true, false},
    {"without evidence", EVIDENCE_NONE, BY_FILE, "q", PPD, TOKEN_GO, NULL, NOTHING, 0, false, 0,
     0, TOKEN_TAKEN, LABELS, LABELS, 0, true, false},
    {"second start", EVIDENCE_COUNTER, BY_FILE, "q", PPD, TOKEN_TAKEN, NULL, NOTHING, 0, false,
     0, 0, TOKEN_TAKEN, 0, 0, 0, false, true},
    {"second start without evidence", EVIDENCE_NONE, BY_FILE, "q", PPD, TOKEN_TAKEN, NULL,
     NOTHING, 0, false, 0, 0, TOKEN_TAKEN, 0, 0, 0, false, true},
    {"not released yet", EVIDENCE_COUNTER, BY_FILE, "q", PPD, TOKEN_NEW, NULL, NOTHING, 0,
     false, 0, 0, TOKEN_NEW, 0, 0, 0, false, true},
    {"withdrawn", EVIDENCE_COUNTER, BY_FILE, "q", PPD, TOKEN_REVOKED, NULL, NOTHING, 0, false,
     0, 0, TOKEN_REVOKED, 0, 0, 0, false, true},
    {"no token at all", EVIDENCE_COUNTER, BY_FILE, "q", PPD, TOKEN_NONE, NULL, NOTHING, 0,
     false, 0, 0, TOKEN_NONE, 0, 0, 0, false, true},
    {"moved to another queue", EVIDENCE_COUNTER, BY_FILE, "other", PPD, TOKEN_GO, NULL, NOTHING,
     0, false, 0, 1, TOKEN_GO, 0, 0, 0, false, true},
    {"another folder", EVIDENCE_COUNTER, BY_FILE, "q", "*TemFeedFolder: \"/nonexistent%s\"\n",
     TOKEN_GO, NULL, NOTHING, 0, false, 0, 1, TOKEN_GO, 0, 0, 0, false, true},
    {"a folder that is not absolute", EVIDENCE_COUNTER, BY_FILE, "q",
     "*TemFeedFolder: \".%s\"\n", TOKEN_GO, NULL, NOTHING, 0, false, 0, 1, TOKEN_GO, 0, 0, 0,
     false, true},
    {"a PPD of somebody else", EVIDENCE_COUNTER, BY_FILE, "q", "*% TemFeedFolder: \"%s\"\n",
     TOKEN_GO, NULL, NOTHING, 0, false, 0, 1, TOKEN_GO, 0, 0, 0, false, true},
    {"two folders", EVIDENCE_COUNTER, BY_FILE, "q", PPD "*TemFeedFolder: \"/x\"\n", TOKEN_GO,
     NULL, NOTHING, 0, false, 0, 1, TOKEN_GO, 0, 0, 0, false, true},
    {"an SNMP port that is none", EVIDENCE_COUNTER, BY_FILE, "q",
     PPD "*TemSnmpPort: \"65536\"\n", TOKEN_GO, NULL, NOTHING, 0, false, 0, 1, TOKEN_GO, 0, 0,
     0, false, true},
    {"not asked over SNMP", EVIDENCE_COUNTER, BY_FILE, "q", PPD "*TemSnmpPort: \"0\"\n",
     TOKEN_GO, NULL, NOTHING, 0, false, 0, 0, TOKEN_TAKEN, LABELS, LABELS, LABELS, true, false},
    {"evidence that the language has not", EVIDENCE_ACK, BY_FILE, "q", PPD, TOKEN_GO, NULL,
     NOTHING, 0, false, 0, 1, TOKEN_GO, 0, 0, 0, false, true},
    {"a stream cut short is refused whole", EVIDENCE_COUNTER, BY_FILE, "q", PPD, TOKEN_GO, NULL,
     NOTHING, 0, false, 5, 1, TOKEN_GO, 0, 0, 0, false, true},
    {"likewise by a pipe", EVIDENCE_COUNTER, BY_PIPE, "q", PPD, TOKEN_GO, NULL, NOTHING, 0,
     false, 5, 1, TOKEN_GO, 0, 0, 0, false, true},
    {"SIGTERM in the middle", EVIDENCE_COUNTER, BY_FILE, "q", PPD, TOKEN_GO, NULL, TERM, 2,
     false, 0, 0, TOKEN_TAKEN, 2, 5, -1, true, false},
    {"kill -9 in the middle", EVIDENCE_COUNTER, BY_FILE, "q", PPD, TOKEN_GO, NULL, KILL, 3,
     false, 0, -1, TOKEN_TAKEN, 3, LABELS, -1, false, false},
    {"the backend dies", EVIDENCE_COUNTER, BY_FILE, "q", PPD, TOKEN_GO, NULL, HANG_UP, 2, false,
     0, 1, TOKEN_TAKEN, 2, LABELS, -1, false, false},
    {"the backend dies, no evidence", EVIDENCE_NONE, BY_FILE, "q", PPD, TOKEN_GO, NULL, HANG_UP,
     2, false, 0, 1, TOKEN_TAKEN, 2, LABELS, 0, false, false},
    {"dies before the rename", EVIDENCE_COUNTER, BY_FILE, "q", PPD, TOKEN_GO,
     "token.take.locked", NOTHING, 0, false, 0, -1, TOKEN_GO, 0, 0, 0, false, false},
    {"dies after the rename", EVIDENCE_COUNTER, BY_FILE, "q", PPD, TOKEN_GO,
     "token.take.renamed", NOTHING, 0, false, 0, -1, TOKEN_TAKEN, 0, 0, 0, false, false},
    {"dies before the baseline", EVIDENCE_COUNTER, BY_FILE, "q", PPD, TOKEN_GO,
     "journal.baseline.before", NOTHING, 0, false, 0, -1, TOKEN_TAKEN, 0, 0, 0, false, false},
    {"dies after the baseline", EVIDENCE_COUNTER, BY_FILE, "q", PPD, TOKEN_GO,
     "journal.baseline.synced", NOTHING, 0, false, 0, -1, TOKEN_TAKEN, 0, 0, 0, false, false},
    {"dies before S 3", EVIDENCE_COUNTER, BY_FILE, "q", PPD, TOKEN_GO, "journal.sent.before:3",
     NOTHING, 0, false, 0, -1, TOKEN_TAKEN, 2, 2, -1, false, false},
    {"dies after S 3", EVIDENCE_COUNTER, BY_FILE, "q", PPD, TOKEN_GO, "journal.sent.synced:3",
     NOTHING, 0, false, 0, -1, TOKEN_TAKEN, 2, 2, -1, false, false},
    {"dies with label 3 on its way", EVIDENCE_COUNTER, BY_FILE, "q", PPD, TOKEN_GO,
     "temfeed.impression.sent:3", NOTHING, 0, false, 0, -1, TOKEN_TAKEN, 3, 3, -1, false,
     false},
    {"dies before C", EVIDENCE_COUNTER, BY_FILE, "q", PPD, TOKEN_GO, "journal.confirmed.before",
     NOTHING, 0, false, 0, -1, TOKEN_TAKEN, 1, LABELS, 0, false, false},
    {"dies before E", EVIDENCE_COUNTER, BY_FILE, "q", PPD, TOKEN_GO, "journal.end.before",
     NOTHING, 0, false, 0, -1, TOKEN_TAKEN, LABELS, LABELS, LABELS, false, false},
    {"the journal's disk fails at S 2", EVIDENCE_COUNTER, BY_FILE, "q", PPD, TOKEN_GO,
     "journal.write:4:fail", NOTHING, 0, false, 0, 1, TOKEN_TAKEN, 1, 1, -1, false, false},
    {"without evidence, dies after S 2", EVIDENCE_NONE, BY_FILE, "q", PPD, TOKEN_GO,
     "journal.sent.synced:2", NOTHING, 0, false, 0, -1, TOKEN_TAKEN, 1, 1, 0, false, false},
};

/* ---- the backend ------------------------------------------------------------- */

struct backend {
    pid_t pid;
    int out, back, side, words; /* our ends */
    char in[65536], said[16384];
    size_t in_len, understood, said_len;
    int labels, counted;
    bool end_seen, drained, label_twice, drained_early;
    bool hung_up;
};

static void say_back(struct backend *b, const char *text)
{
    if (b->back >= 0 && write(b->back, text, strlen(text)) < 0 && errno != EPIPE)
        abort();
}

static bool starts(const struct backend *b, const char *text, size_t *used)
{
    size_t len = strlen(text);
    if (b->in_len - b->understood < len || memcmp(b->in + b->understood, text, len) != 0)
        return false;
    *used = len;
    return true;
}

/* A label is out as soon as it has come; it is counted at the second question after that. */
static bool understand(struct backend *b)
{
    char text[64];
    size_t used = 0;
    if (starts(b, "~HS\r\n", &used)) {
        say_back(b, "\002030,0,0,0300,000,0,0,0,000,0,0,0\003\r\n"
                    "\002000,0,0,0,0,2,4,0,00000000,1,000\003\r\n\0021234,0\003\r\n");
    } else if (starts(b, "! U1 getvar \"device.unique_id\"\r\n", &used)) {
        say_back(b, "\"99J184700525\"\r\n");
    } else if (starts(b, "! U1 getvar \"odometer.total_label_count\"\r\n", &used)) {
        snprintf(text, sizeof text, "\"%d\"\r\n", 70 + b->counted);
        say_back(b, text);
        b->counted = b->labels;
    } else if (starts(b, "<L", &used)) {
        const char *end = memchr(b->in + b->understood, '>', b->in_len - b->understood);
        if (!end)
            return false;
        used = (size_t)(end - (b->in + b->understood)) + 1;
        int n = b->in[b->understood + 2] - '0';
        b->label_twice = b->label_twice || n != b->labels + 1;
        b->labels = n;
    } else if (starts(b, "<E>", &used)) {
        b->end_seen = true;
    } else if (!starts(b, "<B>", &used)) {
        return false;
    }
    b->understood += used;
    return true;
}

static void side_request(struct backend *b)
{
    char message[64];
    ssize_t n = read(b->side, message, sizeof message);
    if (n >= 4 && message[0] == 2) { /* CUPS_SC_CMD_DRAIN_OUTPUT; status 1 = OK */
        b->drained_early = b->labels < LABELS;
        b->drained = true;
        if (write(b->side, "\2\1\0\0", 4) != 4)
            abort();
    }
}

/* Lives until the filter closes its standard output. */
static void serve(struct backend *b, const struct row *row)
{
    bool done = false;
    for (bool open = true; open;) {
        struct pollfd fds[3] = {
            {b->out, POLLIN, 0}, {b->side, POLLIN, 0}, {b->words, POLLIN, 0}};
        if (poll(fds, 3, 10000) <= 0) {
            kill(b->pid, SIGKILL);
            tap_ok(false, "%s: hangs", row->name);
            return;
        }
        if (fds[1].revents & POLLIN && !fds[0].revents)
            side_request(b); /* after all that was written before it, as a backend does */
        else if (fds[1].revents & ~POLLIN)
            b->side = -1;
        if (fds[2].revents) {
            ssize_t n = read(b->words, b->said + b->said_len, sizeof b->said - 1 - b->said_len);
            if (n > 0)
                b->said_len += (size_t)n;
            else
                b->words = -1;
        }
        if (!fds[0].revents)
            continue;
        ssize_t n = read(b->out, b->in + b->in_len, sizeof b->in - b->in_len);
        open = n > 0;
        b->in_len += n > 0 ? (size_t)n : 0;
        while (understand(b))
            continue;
        if (done || row->end == NOTHING || b->labels < row->after)
            continue;
        done = true;
        if (row->end == HANG_UP)
            return;
        kill(b->pid, row->end == TERM ? SIGTERM : SIGKILL);
    }
}

/* ---- the filter ---------------------------------------------------------------- */

static void start_filter(const struct row *row, const char *stream, const char *ppd,
                         struct backend *b)
{
    int out[2], back[2], side[2], words[2], in[2];
    if (pipe2(out, O_CLOEXEC) || pipe2(back, O_CLOEXEC) || pipe2(words, O_CLOEXEC) ||
        pipe2(in, O_CLOEXEC) || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, side))
        abort();
    b->pid = fork();
    if (b->pid < 0)
        abort();
    if (b->pid == 0) {
        int fds[5] = {in[0], out[1], words[1], back[0], side[1]};
        for (int i = 0; i < 5; i++) /* out of the way of 0..4 first */
            fds[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 50);
        for (int i = 0; i < 5; i++)
            if (dup2(fds[i], i) != i)
                _exit(126);
        setenv("PRINTER", row->queue, 1);
        setenv("PPD", ppd, 1);
        setenv("DEVICE_URI", "socket://127.0.0.1:9100/?snmp=false", 1);
        if (row->fault)
            setenv("TEM_FAULT", row->fault, 1);
        execl(temfeed, "temfeed", "1", "tem", "title", "3", "",
              row->input == BY_FILE ? stream : NULL, (char *)NULL);
        _exit(127);
    }
    close(out[1]);
    close(back[0]);
    close(side[1]);
    close(words[1]);
    close(in[0]);
    b->out = out[0];
    b->back = back[1];
    b->side = side[0];
    b->words = words[0];
    if (row->input == BY_PIPE) {
        char bytes[4096];
        int fd = open(stream, O_RDONLY | O_CLOEXEC);
        ssize_t n = read(fd, bytes, sizeof bytes);
        if (n < 0 || write(in[1], bytes, (size_t)n) != n)
            abort();
        close(fd);
    }
    close(in[1]);
    if (row->no_stderr) {
        close(b->words);
        b->words = -1;
    }
}

static int end_of(pid_t pid)
{
    int status = 0;
    if (waitpid(pid, &status, 0) != pid)
        abort();
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void write_file(const char *path, const void *bytes, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, bytes, len) != (ssize_t)len || close(fd) != 0)
        abort();
}

static void write_stream(const struct row *row, const struct token_name *name, const char *path)
{
    struct stream_header header = {.epoch = name->epoch,
                                   .queue = "q",
                                   .job = name->job,
                                   .chunk = name->chunk,
                                   .attempt = name->attempt,
                                   .impressions = LABELS,
                                   .model = "zpl-203",
                                   .evidence = row->evidence,
                                   .window = 3};
    struct buf out = BUF_INIT(4096);
    memcpy(header.store_id, name->store_id, sizeof header.store_id);
    stream_put_header(&out, &header);
    stream_put_frame(&out, FRAME_BEGIN, 0, "<B>", 3);
    for (uint32_t n = 1; n <= LABELS; n++) {
        char label[16];
        int len = snprintf(label, sizeof label, "<L%u>", n);
        stream_put_frame(&out, FRAME_IMPRESSION, n, label, (size_t)len);
    }
    stream_put_frame(&out, FRAME_END, 0, "<E>", 3);
    if (buf_err(&out))
        abort();
    write_file(path, out.bytes, out.len - row->cut);
    buf_free(&out);
}

static void set_token(const struct token_name *name, enum token_state state)
{
    int fd = -1;
    if (state == TOKEN_NONE)
        return;
    bool ok = !token_create(folder, name, NULL);
    if (state != TOKEN_NEW)
        ok = ok && !token_release(folder, name, NULL);
    if (state == TOKEN_TAKEN)
        ok = ok && !token_take(folder, name, &fd, NULL) && close(fd) == 0;
    if (state == TOKEN_REVOKED)
        ok = ok && !token_revoke(folder, name, NULL);
    if (!ok)
        abort();
}

static void judge(const struct row *row, const struct token_name *name, const struct backend *b,
                  int status)
{
    struct journal_state state = {0};
    enum token_state token = TOKEN_NONE;
    tap_is_int(status, row->status, "%s: exit status", row->name);
    tap_ok(!token_look(folder, name, &token, NULL) && token == row->token, "%s: the token",
           row->name);
    if (token == TOKEN_TAKEN && journal_read(folder, name, &state, NULL))
        abort();
    tap_ok(b->labels >= row->least && b->labels <= row->most && !b->label_twice,
           "%s: %d labels came, in order", row->name, b->labels);
    if (row->silent)
        tap_ok(b->in_len == 0, "%s: not one byte came", row->name);
    tap_ok(!state.locked && !state.damaged, "%s: the journal is whole and let go", row->name);
    tap_ok((int)state.sent >= b->labels && (int)state.confirmed <= b->labels,
           "%s: S %u >= came %d >= C %u", row->name, state.sent, b->labels, state.confirmed);
    tap_ok((int)state.sent <= b->labels + 1, "%s: no S without its bytes but the last",
           row->name);
    tap_is_int(state.ended, row->ended, "%s: E", row->name);
    if (row->confirmed >= 0)
        tap_is_int(state.confirmed, row->confirmed, "%s: C", row->name);
    if (row->ended && b->labels == LABELS)
        tap_ok(b->end_seen, "%s: END came", row->name);
    if (row->evidence == EVIDENCE_NONE && row->ended)
        tap_ok(b->drained && !b->drained_early, "%s: delivery was asked for at the end",
               row->name);
    char page[32];
    snprintf(page, sizeof page, "PAGE: %d 1\n", row->confirmed);
    if (row->confirmed > 0 && !row->no_stderr)
        tap_ok(strstr(b->said, page) != NULL, "%s: PAGE for each", row->name);
    if (row->status == 1)
        tap_ok(strstr(b->said, "ERROR: temfeed: ") != NULL, "%s: says why", row->name);
}

static void agent_start(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    agent_fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (agent_fd < 0 || bind(agent_fd, (struct sockaddr *)&at, sizeof at) != 0 ||
        getsockname(agent_fd, (struct sockaddr *)&at, &size) != 0)
        abort();
    agent_port = ntohs(at.sin_port);
}

static int agent_questions(void)
{
    char bytes[256];
    int count = 0;
    while (recv(agent_fd, bytes, sizeof bytes, 0) > 0)
        count++;
    return count;
}

/* The row's PPD with the folder in the place of %s, and the agent's port if it names none. */
static size_t make_ppd(const struct row *row, char *out, size_t size)
{
    const char *hole = strstr(row->ppd, "%s");
    int len = snprintf(out, size, "%.*s%s%s", hole ? (int)(hole - row->ppd) : 0, row->ppd,
                       hole ? folder : "", hole ? hole + 2 : row->ppd);
    if (!strstr(row->ppd, "*TemSnmpPort:"))
        len += snprintf(out + len, size - (size_t)len, "*TemSnmpPort: \"%u\"\n", agent_port);
    return (size_t)len;
}

static void run(const struct row *row, uint32_t index)
{
    static struct backend b;
    struct token_name name = {"0123456789abcdef", 1, 7, index + 1, 1};
    char stream[160], ppd_path[160], ppd[512];
    memset(&b, 0, sizeof b);
    snprintf(stream, sizeof stream, "%s/stream", folder);
    snprintf(ppd_path, sizeof ppd_path, "%s/ppd", folder);
    size_t len = make_ppd(row, ppd, sizeof ppd);
    write_file(ppd_path, ppd, len);
    write_stream(row, &name, stream);
    set_token(&name, row->start);
    start_filter(row, stream, ppd_path, &b);
    serve(&b, row);
    if (row->end == HANG_UP) {
        close(b.out);
        close(b.back);
        close(b.side);
        b.back = -1;
    }
    int status = end_of(b.pid);
    for (ssize_t n = 1; b.words >= 0 && n > 0;) {
        n = read(b.words, b.said + b.said_len, sizeof b.said - 1 - b.said_len);
        b.said_len += n > 0 ? (size_t)n : 0;
    }
    judge(row, &name, &b, status);
    int questions = agent_questions();
    bool asks = b.labels > 0 && row->evidence == EVIDENCE_COUNTER && !strstr(row->ppd, "Snmp");
    tap_ok(asks ? questions == 1 : questions <= (row->evidence == EVIDENCE_COUNTER),
           "%s: asked over SNMP, once at most (%d)", row->name, questions);
    if (row->end != HANG_UP)
        close(b.out);
    if (b.back >= 0)
        close(b.back);
    if (b.side >= 0)
        close(b.side);
    if (b.words >= 0)
        close(b.words);
    if (token_remove(folder, &name, NULL) || unlink(stream) || unlink(ppd_path))
        abort();
}

int main(int argc, char **argv)
{
    const char *base = getenv("TMPDIR");
    temfeed = getenv("TEM_TEMFEED");
    temfeed = temfeed ? temfeed : "drivers/feed/temfeed";
    if (access(temfeed, X_OK) != 0) {
        tap_skip("%s is not built", temfeed);
        return tap_done();
    }
    signal(SIGPIPE, SIG_IGN);
    agent_start();
    snprintf(folder, sizeof folder, "%.90s/tem-XXXXXX", base ? base : P_tmpdir);
    if (!mkdtemp(folder))
        abort();
    for (uint32_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (argc < 2 || strcmp(argv[1], rows[i].name) == 0)
            run(&rows[i], i);
    return rmdir(folder) == 0 ? tap_done() : 1;
}
