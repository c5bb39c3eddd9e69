/* SPDX-License-Identifier: Apache-2.0 */
#include "record.h"

#include "png-out.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const kind_names[PAPER_KINDS] = {"label", "torn", "feed", "foreign"};

/* The state file is always this long, so that one pwrite replaces it whole. */
#define STATE_BYTES 21

static bool fail(struct recorder *rec, const char *what)
{
    report_log(rec->report, "cannot write %s: %s", what, strerrorname_np(errno));
    rec->failed = true;
    return false;
}

static bool state_open(struct recorder *rec, const char *path)
{
    char text[STATE_BYTES + 1] = "";
    rec->state_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (rec->state_fd < 0)
        return fail(rec, path);
    ssize_t n = pread(rec->state_fd, text, STATE_BYTES, 0);
    if (n < 0)
        return fail(rec, path);
    uint64_t odometer = 0;
    for (ssize_t i = 0; i < n && text[i] != '\n'; i++) {
        if (text[i] < '0' || text[i] > '9' || odometer > UINT64_MAX / 10 - 1) {
            errno = EBADMSG;
            return fail(rec, path);
        }
        odometer = odometer * 10 + (uint64_t)(text[i] - '0');
    }
    rec->odometer = odometer;
    return true;
}

bool recorder_open(struct recorder *rec, const char *state_path)
{
    char path[4096];
    struct line line = line_in(path, sizeof path);
    line_add(&line, "%s/labels.jsonl", rec->dir);
    rec->state_fd = -1;
    if (mkdir(rec->dir, 0755) != 0 && errno != EEXIST)
        return fail(rec, rec->dir);
    rec->labels = line.cut ? NULL : fopen(path, "ae");
    if (rec->labels == NULL)
        return fail(rec, "labels.jsonl");
    return state_path == NULL || state_open(rec, state_path);
}

static void save_odometer(struct recorder *rec)
{
    char text[STATE_BYTES + 1];
    struct line line = line_in(text, sizeof text);
    line_add(&line, "%020" PRIu64 "\n", rec->odometer);
    if (rec->state_fd >= 0 && pwrite(rec->state_fd, text, line.len, 0) != (ssize_t)line.len)
        (void)fail(rec, "state file");
}

/* Draws what is on the paper; false: no picture. */
static bool draw(struct recorder *rec, const char *name, const struct image *image,
                 uint32_t rows)
{
    char path[4096];
    struct line line = line_in(path, sizeof path);
    struct canvas *piece = NULL;
    line_add(&line, "%s/%s", rec->dir, name);
    if (rows < image->canvas->height_dots) {
        piece = canvas_copy(image->canvas);
        if (piece != NULL)
            canvas_blank_from(piece, rows);
    }
    bool ok =
        !line.cut && png_out(path, piece != NULL ? piece : image->canvas, rec->dots_per_m);
    free(piece);
    return ok || fail(rec, name);
}

static void add_errors(struct line *line, const struct error_list *errors)
{
    unsigned kept = sizeof errors->text / sizeof errors->text[0];
    line_add(line, ",\"errors\":[");
    for (unsigned i = 0; i < errors->count && i < kept; i++)
        line_add(line, "%s\"%s\"", i > 0 ? "," : "", errors->text[i]);
    if (errors->count > kept)
        line_add(line, ",\"and %u more\"", errors->count - kept);
    line_add(line, "]");
}

void recorder_add(struct recorder *rec, enum paper kind, const struct image *image,
                  const struct settings *settings, uint32_t rows)
{
    static const struct error_list none;
    char memory[4096], name[64];
    struct line line = line_in(memory, sizeof memory);
    struct line png = line_in(name, sizeof name);
    rec->n++;
    rec->count[kind]++;
    rec->odometer += kind != PAPER_TORN;
    line_add(&png, "label-%06" PRIu64 ".png", rec->n);
    line_add(&line,
             "{\"n\":%" PRIu64 ",\"kind\":\"%s\",\"odometer\":%" PRIu64
             ",\"dots\":[%d,%d],\"rows\":%u",
             rec->n, kind_names[kind], rec->odometer, settings->value[SET_WIDTH],
             settings->value[SET_LENGTH], rows);
    line_add(&line, ",\"fnv\":\"%016" PRIx64 "\",\"black\":%" PRIu64,
             image != NULL ? image->fnv : 0, image != NULL ? image->black : 0);
    if (image != NULL && rec->png && draw(rec, name, image, rows))
        line_add(&line, ",\"png\":\"%s\"", name);
    else
        line_add(&line, ",\"png\":null");
    line_add(&line, ",\"settings\":");
    settings_json(settings, &line);
    add_errors(&line, image != NULL ? &image->errors : &none);
    line_add(&line, ",\"t_ms\":%" PRId64 "}\n", (clock_us() - rec->report->start_us) / 1000);
    if (fwrite(memory, 1, line.len, rec->labels) != line.len || fflush(rec->labels) != 0)
        (void)fail(rec, "labels.jsonl");
    save_odometer(rec);
    report_log(rec->report, "%s %" PRIu64 ", odometer %" PRIu64, kind_names[kind], rec->n,
               rec->odometer);
}

bool recorder_close(struct recorder *rec)
{
    if (rec->labels != NULL && fclose(rec->labels) != 0)
        (void)fail(rec, "labels.jsonl");
    if (rec->state_fd >= 0 && close(rec->state_fd) != 0)
        (void)fail(rec, "state file");
    return !rec->failed;
}
