/* SPDX-License-Identifier: Apache-2.0 */
/* temfeed.c: the CUPS filter: job-id user title copies options [file]. Feeds one chunk
 * (application/vnd.tem-labels) to its printer and keeps its journal; see feeder.h.
 *
 * It refuses what is not for it: a chunk of another queue (moved in CUPS), a stream that breaks
 * a rule, a model it does not know, a token that is not there to be taken. Copies are not
 * looked at: a number is printed once. Exit status 0: nothing is left to be done, whatever
 * became of the labels (the journal says it). 1: refused, or the way to the printer broke. */
#include "drivers/feed/feeder.h"
#include "spooler/base/fault.h"
#include "drivers/feed/ppd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A chunk is about a megabyte; this is against a stream without an end. */
#define SPOOL_MAX_BYTES ((int64_t)1024 * 1024 * 1024)

/* Into a file without a name: the stream is read twice (checked, then fed), and a pipe that
 * stops in the middle must not stop us in the middle of a label. */
static enum err spool(int from, int *out, struct why *why)
{
    FILE *file = tmpfile();
    if (!file)
        return err_errno(why, ERR_SYSTEM, errno, "temporary file");
    enum err err = ERR_NONE;
    int fd = -1;
    for (int64_t total = 0; !err;) {
        char bytes[16384];
        ssize_t n = read(from, bytes, sizeof bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            err = err_errno(why, ERR_SYSTEM, errno, "read standard input");
        if (n <= 0)
            break;
        total += n;
        if (total > SPOOL_MAX_BYTES)
            err = err_set(why, ERR_INPUT, "feed stream of more than a gigabyte");
        else if (fwrite(bytes, 1, (size_t)n, file) != (size_t)n)
            err = err_errno(why, ERR_SYSTEM, errno, "write temporary file");
    }
    if (!err && fflush(file) != 0)
        err = err_errno(why, ERR_SYSTEM, errno, "write temporary file");
    if (!err &&
        ((fd = fcntl(fileno(file), F_DUPFD_CLOEXEC, 10)) < 0 || lseek(fd, 0, SEEK_SET) != 0))
        err = err_errno(why, ERR_SYSTEM, errno, "temporary file");
    if (fclose(file) != 0 && !err)
        err = err_errno(why, ERR_SYSTEM, errno, "close temporary file");
    if (err && fd >= 0)
        close(fd); /* of no use any more */
    if (!err)
        *out = fd;
    return err;
}

static enum err open_input(const char *path, int *out, struct why *why)
{
    struct stat st;
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
    if (fd < 0)
        return err_errno(why, ERR_SYSTEM, errno, "open %s", path);
    if (fstat(fd, &st) != 0)
        return err_errno(why, ERR_SYSTEM, errno, "stat the feed stream");
    if (!S_ISREG(st.st_mode))
        return spool(fd, out, why);
    *out = fd;
    return ERR_NONE;
}

/* All of it before the first byte goes out: a stream that breaks a rule is refused whole. */
static enum err check_stream(int fd, struct stream_header *header, struct why *why)
{
    struct stream_reader *reader = NULL;
    off_t start = lseek(fd, 0, SEEK_CUR);
    enum err err = start < 0 ? err_errno(why, ERR_SYSTEM, errno, "seek in the feed stream")
                             : stream_open(fd, header, &reader, why);
    while (!err) {
        struct frame frame;
        err = stream_next(reader, &frame, why);
    }
    stream_close(reader);
    if (err != ERR_NOT_FOUND)
        return err;
    return lseek(fd, start, SEEK_SET) == start
               ? ERR_NONE
               : err_errno(why, ERR_SYSTEM, errno, "seek in the feed stream");
}

/* Queue, model and evidence are what this printer is; the token's name is exactly a token's
 * name. */
static enum err check_header(const struct stream_header *header, struct feed_job *job,
                             struct why *why)
{
    char text[TOKEN_NAME_SIZE + 8], name[TOKEN_NAME_SIZE];
    enum token_state state;
    const char *queue = getenv("PRINTER");
    if (!queue || strcmp(queue, header->queue) != 0)
        return err_set(why, ERR_INPUT, "chunk of queue %s came to queue %s; nothing is sent",
                       header->queue, queue ? queue : "(none)");
    job->model = model_find(header->model);
    if (!job->model)
        return err_set(why, ERR_INPUT, "unknown printer model %s", header->model);
    if (header->evidence != EVIDENCE_NONE &&
        (header->evidence != EVIDENCE_COUNTER || job->model->evidence != EVIDENCE_COUNTER))
        return err_set(why, ERR_INPUT, "model %s cannot give the evidence it is configured for",
                       header->model);
    job->name = (struct token_name){.epoch = header->epoch,
                                    .job = header->job,
                                    .chunk = header->chunk,
                                    .attempt = header->attempt};
    memcpy(job->name.store_id, header->store_id, sizeof job->name.store_id);
    snprintf(text, sizeof text, "%s.go", token_text(&job->name, name));
    if (!token_parse(text, &job->name, &state))
        return err_set(why, ERR_INPUT, "%s is not a token's name", name);
    return ERR_NONE;
}

/* Until the token is taken there is nothing to finish: a job cancelled by then ends well. */
static void end_well(int signal_number)
{
    (void)signal_number; /* SIGTERM */
    _exit(0);
}

static enum err run(const char *path, struct why *why)
{
    struct stream_header header;
    struct device device;
    struct feed_job job = {.header = &header, .device = &device};
    char folder[PATH_MAX];
    const char *ppd = getenv("PPD");
    uint16_t snmp_port = 0;
    int fd = -1;
    if (!ppd)
        return err_set(why, ERR_INPUT, "PPD is not set: not started by CUPS?");
    enum err err = ppd_feed_folder(ppd, folder, sizeof folder, why);
    if (!err)
        err = ppd_snmp_port(ppd, &snmp_port, why);
    if (!err)
        err = open_input(path, &fd, why);
    if (!err)
        err = check_stream(fd, &header, why);
    if (!err)
        err = check_header(&header, &job, why);
    if (!err)
        err = stream_open(fd, &header, &job.reader, why);
    fault_point("temfeed.checked");
    if (!err)
        err = device_cups(&device, snmp_port, why); /* from here on SIGTERM is the feeder's */
    job.folder = folder;
    if (!err)
        err = feeder_run(&job, why);
    stream_close(job.reader);
    if (fd > STDERR_FILENO)
        close(fd); /* read only: nothing to lose */
    return err;
}

int main(int argc, char **argv)
{
    struct sigaction term = {.sa_handler = end_well}, pipe_gone = {.sa_handler = SIG_IGN};
    struct why why = {""};
    if (argc != 6 && argc != 7) {
        fprintf(stderr, "ERROR: usage: temfeed job-id user title copies options [file]\n");
        return 1;
    }
    enum err err =
        sigaction(SIGTERM, &term, NULL) == 0 && sigaction(SIGPIPE, &pipe_gone, NULL) == 0
            ? run(argc == 7 ? argv[6] : NULL, &why)
            : err_errno(&why, ERR_SYSTEM, errno, "set up signals");
    if (err)
        fprintf(stderr, "ERROR: temfeed: %s\n", why.text);
    return err ? 1 : 0;
}
