/* SPDX-License-Identifier: Apache-2.0
 *
 * tem-vprinter: wiring, signals and the one loop; see README.md. */
#include "control.h"
#include "options.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

enum { EXIT_WELL = 0, EXIT_ERRORS = 1, EXIT_BROKEN = 2 };

static int open_signals(void)
{
    sigset_t set;
    (void)sigemptyset(&set); /* they fail only for invalid numbers */
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    /* A log into a closed pipe must not end the printer. */
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR || sigprocmask(SIG_BLOCK, &set, NULL) != 0)
        return -1;
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Readers see the whole port or no file. Not synced: it is of no use after a crash. */
static bool write_port_file(const char *path, uint16_t port)
{
    char temporary[4096];
    struct line line = line_in(temporary, sizeof temporary);
    line_add(&line, "%s.%d.tmp", path, (int)getpid());
    FILE *file = line.cut ? NULL : fopen(temporary, "we");
    if (file == NULL)
        return false;
    bool ok = fprintf(file, "%u\n", port) > 0;
    if (fclose(file) != 0)
        ok = false;
    return ok && rename(temporary, path) == 0;
}

static struct timespec until(int64_t due_us, int64_t now_us)
{
    int64_t us = due_us > now_us ? due_us - now_us : 0;
    return (struct timespec){.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Runs until a signal or `quit`. False: the system let us down. */
static bool loop(struct printer *p, struct control *control, int signals)
{
    struct pollfd fds[2 + CONTROL_FDS];
    while (!p->quit) {
        int64_t now = clock_us();
        bool more = printer_run(p, now);
        int64_t due = earlier(printer_deadline(p), link_deadline(p->link));
        fds[0] = (struct pollfd){.fd = signals, .events = POLLIN};
        fds[1] = link_poll(p->link, now);
        control_poll(control, fds + 2);
        /* An answer that is due already waits for POLLOUT, not for time. */
        if (due <= now && (fds[1].events & POLLOUT) != 0)
            due = printer_deadline(p);
        struct timespec wait = until(more ? now : due, now);
        bool forever = !more && due == ENGINE_NEVER;
        if (ppoll(fds, sizeof fds / sizeof fds[0], forever ? NULL : &wait, NULL) < 0) {
            if (errno == EINTR)
                continue;
            report_log(p->report, "ppoll: %s", strerrorname_np(errno));
            return false;
        }
        p->now_us = clock_us();
        if (fds[0].revents != 0)
            break;
        if (fds[1].fd >= 0 && fds[1].revents != 0)
            link_handle(p->link, fds[1].revents, p->now_us);
        control_handle(control, fds + 2);
    }
    return true;
}

static void fill(struct printer *p, struct recorder *rec, const struct options *o)
{
    bool peel = strcmp(o->mode, "peel") == 0;
    struct settings factory = settings_factory(o->width_dots, o->length_dots, peel ? 'P' : 'T');
    p->engine = (struct engine){.rec = rec,
                                .report = p->report,
                                .dots_per_m = (uint32_t)o->dots_per_m,
                                .speed_mm_s = (uint32_t)o->speed_mm_s,
                                .gap_mm = (uint32_t)o->gap_mm,
                                .has_peeler = peel,
                                .take_ms = o->take_ms,
                                .media_left = o->labels_loaded,
                                .media_out = o->labels_loaded == 0};
    p->buffer_bytes = (size_t)o->buffer_bytes;
    p->unique_id = o->unique_id;
    p->talkative = o->talkative;
    p->mute = o->mute;
    p->keep_partial = o->keep_partial;
    interpreter_init(&p->interpreter, p->report, &factory);
}

/* Static: the printer holds 64 KiB of graphics table and error texts. */
static struct report report;
static struct printer printer;
static struct recorder recorder;

static int serve(const struct options *o)
{
    struct link_events events;
    struct control *control = NULL;
    int status = EXIT_BROKEN;
    int signals = open_signals();
    recorder = (struct recorder){.dir = o->out,
                                 .png = !o->no_png,
                                 .dots_per_m = (uint32_t)o->dots_per_m,
                                 .report = &report,
                                 .state_fd = -1};
    printer.report = &report;
    fill(&printer, &recorder, o);
    bool ready =
        signals >= 0 && printer_init(&printer, &events) && recorder_open(&recorder, o->state);
    if (ready)
        printer.link = link_open((uint16_t)o->port, o->answer_delay_ms, &events, &report);
    if (printer.link != NULL)
        control = control_open(o->control, &printer);
    if (control != NULL) {
        report_log(&report, "ready at port %u", link_port(printer.link));
        if (o->port_file != NULL && !write_port_file(o->port_file, link_port(printer.link)))
            report_log(&report, "cannot write %s", o->port_file);
        else if (loop(&printer, control, signals))
            status = report.errors > 0 ? EXIT_ERRORS : EXIT_WELL;
    }
    control_close(control);
    link_close(printer.link);
    printer_free(&printer);
    report_log(&report, "end: %" PRIu64 " labels, %" PRIu64 " torn, %" PRIu64 " errors",
               recorder.count[PAPER_LABEL], recorder.count[PAPER_TORN], report.errors);
    return recorder_close(&recorder) ? status : EXIT_BROKEN;
}

static int tell(const struct options *o, int argc, char **argv)
{
    char memory[256];
    struct line command = line_in(memory, sizeof memory);
    for (int i = 0; i < argc; i++)
        line_add(&command, "%s%s", i > 0 ? " " : "", argv[i]);
    return control_tell(o->control, memory);
}

int main(int argc, char **argv)
{
    struct options options;
    int first;
    if (!options_read(&options, argc, argv, &first))
        return EXIT_BROKEN;
    if (options.help) {
        options_help();
        return EXIT_WELL;
    }
    if (options.tell)
        return tell(&options, argc - first, argv + first);
    if (first != argc) {
        (void)fprintf(stderr, "tem-vprinter: `%s` is no option; see --help\n", argv[first]);
        return EXIT_BROKEN;
    }
    report.start_us = clock_us();
    report.log = options.quiet ? NULL : stderr;
    if (options.log != NULL)
        report.log = fopen(options.log, "ae");
    if (options.log != NULL && report.log == NULL) {
        (void)fprintf(stderr, "tem-vprinter: cannot write %s\n", options.log);
        return EXIT_BROKEN;
    }
    int status = serve(&options);
    if (options.log != NULL && fclose(report.log) != 0)
        return EXIT_BROKEN;
    return status;
}
