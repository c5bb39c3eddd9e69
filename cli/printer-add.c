/* SPDX-License-Identifier: Apache-2.0 */
/* printer-add.c: makes or mends a printer's queue; removes it. */
#include "cli/client.h"
#include "cli/drawing.h"
#include "cli/printer-queue.h"
#include "cli/printer-text.h"
#include "cli/printer.h"
#include "cli/report.h"
#include "cli/text.h"
#include "spooler/base/durable.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PPD_MAX (256 * 1024)

/* A queue on its way: what is asked for and what is there. */
struct adding {
    struct tem *tem;
    struct site site;
    const struct config_printer *configured; /* NULL = temd.yaml does not have it */
    struct printer_entry entry;
    struct queue queue; /* as it is */
    bool exists;
    bool stock_guessed;
    struct buf device, ppd;
    char ppd_file[PATH_MAX]; /* "" = none was made */
    struct queue_wish wish;
};

/* Letters, digits, . _ -: what temd.yaml takes for names, and CUPS for queues. */
static bool name_ok(const char *name)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    size_t len = strspn(name, letters);
    return len > 0 && len <= 63 && name[len] == '\0' && name[0] != '-';
}

static enum code read_stock(struct adding *adding)
{
    struct tem *tem = adding->tem;
    struct printer_entry *entry = &adding->entry;
    const char *stock = args_get(&tem->args, "stock"), *gap = args_get(&tem->args, "gap");
    const struct config_printer *known = adding->configured;
    entry->width_um = known ? known->width_um : 50000;
    entry->height_um = known ? known->height_um : 30000;
    entry->gap_um = known ? known->gap_um : 3000;
    adding->stock_guessed = !stock && !known;
    if (stock && !size_parse(stock, &entry->width_um, &entry->height_um))
        return tem_usage(tem, "--stock %s: expected width x height in mm, such as 50x30",
                         stock);
    if (gap && (!mm_parse(gap, &entry->gap_um) || entry->gap_um > 50000))
        return tem_usage(tem, "--gap %s: expected mm from 0 to 50, such as 3", gap);
    return CODE_DONE;
}

static enum code read_model(struct adding *adding)
{
    struct tem *tem = adding->tem;
    const struct model *model = NULL;
    const char *name = args_get(&tem->args, "model");
    const char *evidence = args_get(&tem->args, "evidence");
    if (!name && adding->configured)
        name = adding->configured->model;
    if (!name)
        return tem_usage(tem, "no model is named: --model zpl-203, zpl-300, ...");
    if (evidence && strcmp(evidence, "full") != 0 && strcmp(evidence, "none") != 0)
        return tem_usage(tem, "--evidence %s: expected full or none", evidence);
    enum code code = drawing_model(tem, name, &model);
    if (code)
        return code;
    bool none =
        evidence ? strcmp(evidence, "none") == 0
                 : adding->configured && adding->configured->evidence == CONFIG_EVIDENCE_NONE;
    adding->entry.model = model->name;
    adding->entry.confirms = model->evidence != EVIDENCE_NONE && !none;
    return CODE_DONE;
}

static enum code read_device(struct adding *adding)
{
    struct tem *tem = adding->tem;
    struct why why = {{0}};
    const char *given = args_get(&tem->args, "device");
    const struct device_kind *kind;
    if (!given && adding->exists)
        given = adding->queue.device;
    if (!given)
        return tem_usage(tem, "no device is named: --device socket://ADDRESS "
                              "(tem printer discover lists what CUPS finds)");
    if (device_complete(given, adding->entry.confirms, &adding->device, &kind, &why))
        return tem_usage(tem, "%s", why.text);
    if (!kind->answers && adding->entry.confirms)
        return tem_fail(tem, CODE_BAD,
                        "%s: %s, so no label could be confirmed: use socket:// or usb://, or "
                        "say --evidence none (its labels are then `sent`, never `printed`)",
                        given, kind->words);
    adding->wish.device = buf_text(&adding->device);
    return CODE_DONE;
}

/* What is there under that name already; a queue of something else is not ours to change. */
static enum code look(struct adding *adding)
{
    struct tem *tem = adding->tem;
    struct why why = {{0}};
    const char *name = adding->wish.name;
    enum err err = queue_get(adding->site.cups_server, name, &adding->queue, &why);
    if (err == ERR_NOT_FOUND)
        return CODE_DONE;
    if (err)
        return tem_fail_err(tem, err, &why);
    adding->exists = true;
    if (adding->queue.is_class || adding->queue.remote)
        return tem_fail(tem, CODE_REFUSED, "%s", adding->queue.unfit_why.text);
    if (!adding->queue.is_tem && !args_get(&tem->args, "force"))
        return tem_fail(
            tem, CODE_REFUSED,
            "CUPS has a queue %s for something else (driver \"%s\"): choose another "
            "with --queue, or take this one over with --force",
            name, adding->queue.driver);
    return CODE_DONE;
}

/* The PPD with the feed folder that temd uses; a file of it only when the queue's differs. */
static enum code make_ppd(struct adding *adding)
{
    struct tem *tem = adding->tem;
    struct why why = {{0}};
    const char *from = args_get(&tem->args, "ppd");
    struct buf there = BUF_INIT(PPD_MAX);
    enum err err = ppd_make(from ? from : TEM_CUPS_MODEL_FOLDER "/tem.ppd",
                            site_feed_folder(&adding->site), &adding->ppd, &why);
    if (err == ERR_NOT_FOUND)
        (void)err_set(&why, err,
                      "%s is not there: make install puts it there, or say --ppd FILE",
                      from ? from : TEM_CUPS_MODEL_FOLDER "/tem.ppd"); /* err stays */
    bool same = !err && adding->exists && adding->queue.is_tem &&
                !queue_ppd(adding->site.cups_server, adding->wish.name, &there, NULL) &&
                ppd_same(buf_text(&there), buf_text(&adding->ppd));
    buf_free(&there);
    if (err)
        return tem_fail_err(tem, err, &why);
    if (same)
        return CODE_DONE;
    const char *folder = getenv("TMPDIR");
    snprintf(adding->ppd_file, sizeof adding->ppd_file, "%s/tem-ppd.XXXXXX",
             folder && *folder ? folder : P_tmpdir);
    int fd = mkstemp(adding->ppd_file);
    if (fd < 0) {
        err = err_errno(&why, ERR_SYSTEM, errno, "a temporary file");
        adding->ppd_file[0] = '\0';
        return tem_fail_err(tem, err, &why);
    }
    err = fd_write_all(fd, adding->ppd.bytes, adding->ppd.len, &why);
    if (close(fd) != 0 && !err)
        err = err_errno(&why, ERR_SYSTEM, errno, "close a temporary file");
    adding->wish.ppd = adding->ppd_file;
    return err ? tem_fail_err(tem, err, &why) : CODE_DONE;
}

/* Sends only what differs: CUPS starts a running job again from its first byte when a device or
 * a driver changes; temfeed then prints nothing, and what was out is in doubt. */
static enum code change(struct adding *adding, struct buf *changed)
{
    struct tem *tem = adding->tem;
    struct why why = {{0}};
    if (adding->exists) {
        queue_differences(&adding->queue, &adding->wish, changed);
        if (!changed->len)
            return CODE_DONE;
        bool gentle =
            !adding->wish.ppd && strcmp(adding->queue.device, adding->wish.device) == 0;
        if (adding->queue.open_jobs > 0 && !gentle && !args_get(&tem->args, "force"))
            return tem_fail(
                tem, CODE_REFUSED,
                "queue %s has %d open CUPS jobs, which a change of %s would stop in "
                "the middle: tem hold the job and wait until it stands still, or say "
                "--force",
                adding->wish.name, adding->queue.open_jobs, buf_text(changed));
    }
    enum err err = queue_make(adding->site.cups_server, &adding->wish, &why);
    if (!err)
        err = queue_get(adding->site.cups_server, adding->wish.name, &adding->queue, &why);
    if (!err && adding->queue.unfit)
        err = err_set(&why, adding->queue.unfit, "%s", adding->queue.unfit_why.text);
    return err ? tem_fail_err(tem, err, &why) : CODE_DONE;
}

static void say_entry(const struct adding *adding)
{
    FILE *out = adding->tem->out.stream;
    struct buf entry = BUF_INIT(2048);
    entry_add(&adding->entry, &entry);
    if (adding->configured)
        fprintf(out, "%s has it in line %llu; nothing to do there\n", adding->site.file,
                (unsigned long long)adding->configured->line);
    else
        fprintf(out,
                "\nPut this under `printers:` in %s, then restart temd:\n\n"
                "printers:\n  %s\n%s",
                adding->site.file, buf_text(&entry),
                adding->stock_guessed
                    ? "\n50 x 30 mm is a guess: measure a label of the roll and its gap\n"
                    : "");
    buf_free(&entry);
}

static void say_added(const struct adding *adding, const struct buf *changed)
{
    const struct screen *screen = &adding->tem->out;
    const struct queue *queue = &adding->queue;
    FILE *out = screen->stream;
    if (!adding->exists)
        fprintf(out, "queue %s is made:\n", adding->wish.name);
    else if (changed->len)
        fprintf(out, "queue %s is mended: %s\n", adding->wish.name, buf_text(changed));
    else
        fprintf(out, "queue %s is as it must be; nothing was changed\n", adding->wish.name);
    fprintf(out, "  device  %s\n  policy  %s, %s alone may print, no banners\n  feed    %s\n",
            queue->device, queue->error_policy, queue->users, site_feed_folder(&adding->site));
    if (access(site_feed_folder(&adding->site), F_OK) != 0 && errno == ENOENT)
        fprintf(out, "%sthe feed folder is not there: sudo install -d -g lp -m 2770 %s%s\n",
                screen_colour(screen, COLOUR_RED), site_feed_folder(&adding->site),
                screen_colour(screen, COLOUR_NONE));
    if (queue->filter_bad)
        fprintf(out, "%sCUPS does not run temfeed: tem doctor says why%s\n",
                screen_colour(screen, COLOUR_RED), screen_colour(screen, COLOUR_NONE));
    if (!adding->entry.confirms)
        fputs("This printer cannot confirm: its labels are `sent`, never `printed`.\n", out);
    say_entry(adding);
    fprintf(out, "\nThen: tem printer test %s\n", adding->entry.name);
}

static enum code tell(const struct adding *adding, const struct buf *changed)
{
    struct buf entry = BUF_INIT(2048);
    if (!adding->tem->json) {
        say_added(adding, changed);
        return CODE_DONE;
    }
    entry_add(&adding->entry, &entry);
    json_t *json = json_pack("{ss ss ss ss sb sb ss ss}", "queue", adding->wish.name, "device",
                             adding->wish.device, "model", adding->entry.model, "feed_folder",
                             site_feed_folder(&adding->site), "made", !adding->exists,
                             "confirms", adding->entry.confirms, "changed", buf_text(changed),
                             "yaml", buf_text(&entry));
    buf_free(&entry);
    bool good = json && json_dumpf(json, adding->tem->out.stream, JSON_COMPACT) == 0;
    json_decref(json);
    fputc('\n', adding->tem->out.stream);
    return good ? CODE_DONE : tem_fail(adding->tem, CODE_INTERNAL, "out of memory");
}

enum code printer_add(struct tem *tem, const char *const *words, size_t count)
{
    (void)count; /* one, as the table says */
    struct adding adding = {.tem = tem, .device = BUF_INIT(2048), .ppd = BUF_INIT(PPD_MAX)};
    struct buf changed = BUF_INIT(512);
    if (!name_ok(words[0]))
        return tem_usage(tem, "\"%s\" is no name: letters, digits, . _ - (at most 63)",
                         words[0]);
    site_load(tem, &adding.site);
    adding.configured = site_printer(&adding.site, words[0]);
    adding.wish = (struct queue_wish){
        .name = printer_queue_name(tem, &adding.site, words[0]),
        .info = words[0],
        .user = adding.site.user,
    };
    adding.entry = (struct printer_entry){.name = words[0], .queue = adding.wish.name};
    enum code code = name_ok(adding.wish.name)
                         ? read_stock(&adding)
                         : tem_usage(tem, "\"%s\" is no queue's name: letters, digits, . _ -",
                                     adding.wish.name);
    if (!code)
        code = read_model(&adding);
    if (!code)
        code = look(&adding);
    if (!code)
        code = read_device(&adding);
    if (!code)
        code = make_ppd(&adding);
    if (!code)
        code = change(&adding, &changed);
    if (!code)
        code = tell(&adding, &changed);
    if (adding.ppd_file[0] && unlink(adding.ppd_file) != 0 && !code)
        code = tem_fail(tem, CODE_INTERNAL, "%s cannot be removed", adding.ppd_file);
    buf_free(&changed);
    buf_free(&adding.device);
    buf_free(&adding.ppd);
    site_free(&adding.site);
    return code;
}
