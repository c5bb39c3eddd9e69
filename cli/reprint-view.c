/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/reprint-view.h"

#include "cli/report.h"
#include "cli/text.h"

#include <inttypes.h>
#include <string.h>

/* The template wanted a new number, and the old label is void. */
static void say_replacement(struct tem *tem, const json_t *order)
{
    const json_t *job = json_object_get(order, "job"), *old = json_object_get(order, "void");
    struct buf line = BUF_INIT(4096);
    buf_printf(&line, "job %" PRIu64 ": 1 label on ", json_count(job, "id"));
    text_clean(json_text(job, "printer"), &line);
    const json_t *range = json_array_get(json_object_get(job, "ranges"), 0);
    if (range) {
        buf_add_text(&line, ", new number ");
        text_clean(json_text(range, "first_number"), &line);
    }
    fprintf(tem->out.stream,
            "%s\nDestroy the damaged one: label %" PRIu64 " of job %" PRIu64 " is void.\n",
            buf_text(&line), json_count(old, "label"), json_count(old, "job"));
    buf_free(&line);
}

void reprint_view_say(struct tem *tem, const json_t *order)
{
    if (strcmp(json_text(order, "kind"), "replacement") == 0) {
        say_replacement(tem, order);
        return;
    }
    struct buf line = BUF_INIT(4096);
    const char *state = json_text(order, "state");
    bool fresh = strcmp(json_text(order, "number"), "new") == 0;
    uint64_t id = json_count(order, "id");
    uint64_t count = json_count(order, "last") - json_count(order, "first") + 1;
    buf_printf(&line, "reprint %" PRIu64 ": ", id);
    text_count(count, "label", &line);
    buf_add_text(&line, fresh ? " with a new number on " : " on ");
    text_clean(json_text(order, "printer"), &line);
    if (strcmp(state, "waiting") == 0)
        buf_printf(&line,
                   " once another person agrees: tem reprints --approve %" PRIu64
                   "\nKeep the damaged one apart until then.",
                   id);
    else if (strcmp(state, "open") == 0)
        buf_add_text(&line, "\nDestroy the damaged one: its number is on the new one.");
    else
        buf_printf(&line, ": %s", state);
    fprintf(tem->out.stream, "%s\n", buf_text(&line));
    buf_free(&line);
}
