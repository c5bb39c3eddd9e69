/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/comparer.h"

#include "spooler/drawing.h"
#include "spooler/job/archived.h"
#include "spooler/job/drawn-with.h"
#include "spooler/render/tools.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AT_ONCE 100 /* labels that are drawn together where nothing says how they were */

struct comparer {
    const struct pipeline_config *config;
    pthread_mutex_t lock; /* a renderer is for one thread at a time */
    struct renderer *renderer;
};

enum err comparer_new(const struct pipeline_config *config, struct comparer **out,
                      struct why *why)
{
    struct comparer *comparer = calloc(1, sizeof *comparer);
    if (!comparer)
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    comparer->config = config;
    pthread_mutex_init(&comparer->lock, NULL); /* never fails for a default mutex */
    enum err err = renderer_new(config->font_folders, &comparer->renderer, why);
    if (err)
        comparer_free(comparer);
    else
        *out = comparer;
    return err;
}

void comparer_free(struct comparer *comparer)
{
    if (!comparer)
        return;
    renderer_free(comparer->renderer);
    pthread_mutex_destroy(&comparer->lock);
    free(comparer);
}

/* One order while it is compared. */
struct comparing {
    struct comparer *comparer;
    struct txn *txn;
    const struct reprint_new *order;
    struct job job;
    struct template *template;
    const struct pipeline_printer *printer;
    struct reprint_dots dots;
};

static const struct pipeline_printer *find_printer(const struct comparer *comparer,
                                                   const char *name)
{
    for (size_t i = 0; i < comparer->config->printer_count; i++)
        if (strcmp(comparer->config->printers[i].name, name) == 0)
            return &comparer->config->printers[i];
    return NULL;
}

/* ---- what is said -------------------------------------------------------------------------
 */

static void judge(struct comparing *c, enum dots_verdict verdict, const char *words)
{
    if (verdict <= c->dots.verdict)
        return; /* the first of the worst is told */
    c->dots.verdict = verdict;
    snprintf(c->dots.words, sizeof c->dots.words, "%s", words);
}

/* "font X is another file; zint is 2.13.0 and was 2.12.0", as far as it is known; a hint. */
static void tell_changes(struct comparing *c, const struct chunk *sent, struct buf *out)
{
    struct render_tool tool;
    char then[RENDER_TOOL_TEXT];
    size_t before = out->len;
    for (size_t i = 0; renderer_tool(c->comparer->renderer, i, &tool); i++) {
        if (drawn_with_then(c->txn, sent->id, tool.name, then, sizeof then, NULL) ||
            strcmp(then, tool.version) == 0)
            continue;
        buf_printf(out, "%s%s", out->len > before ? "; " : "", tool.name);
        if (strncmp(tool.name, "font ", 5) == 0)
            buf_add_text(out, " is another file");
        else
            buf_printf(out, " is %s and was %s", tool.version, then);
    }
    if (out->len == before)
        buf_add_text(out, "a font or a library changed since");
}

static void judge_chunk(struct comparing *c, const struct chunk *sent, const char *sent_at,
                        const struct drawing *drawing)
{
    const struct pipeline_printer *then = find_printer(c->comparer, sent->printer);
    struct buf words = BUF_INIT(4096);
    if (memcmp(sent->dots, drawing->dots, SHA256_BYTES) == 0) {
        judge(c, DOTS_SAME, "");
        return;
    }
    buf_printf(&words,
               "labels %llu to %llu of job %lld, which were sent together at %.19sZ, are drawn"
               " with other dots now: ",
               (unsigned long long)sent->first, (unsigned long long)sent->last,
               (long long)sent->job_id, sent_at);
    if (then && then->with.model->dots_per_m != c->printer->with.model->dots_per_m)
        buf_add_text(&words, "this printer's resolution is another");
    else
        tell_changes(c, sent, &words);
    judge(c, DOTS_CHANGED, buf_text(&words));
    buf_free(&words);
}

static void judge_old(struct comparing *c, uint64_t first, uint64_t last)
{
    char words[JOB_WORDS];
    snprintf(words, sizeof words,
             "nothing here says what the dots of labels %llu to %llu of job %lld were, so they"
             " are not compared: an older Tem printed them",
             (unsigned long long)first, (unsigned long long)last, (long long)c->job.id);
    judge(c, DOTS_NOT_COMPARED, words);
}

/* ---- drawing ------------------------------------------------------------------------------
 */

static enum err draw(struct comparing *c, const struct chunk *chunk, struct drawing *out,
                     struct why *why)
{
    const struct pipeline_config *config = c->comparer->config;
    const struct drawing_tools tools = {config->blinding_key, c->comparer->renderer,
                                        c->printer->with.model->dots_per_m};
    struct bound_labels labels;
    enum err err = bind_labels_in(c->txn, config->registry, c->template, chunk,
                                  config->blinding_key, &labels, why);
    struct why because = {""};
    if (!err)
        err = drawing_make(&tools, c->template, &labels, out, &because);
    if (err != ERR_INPUT)
        return err && *because.text ? err_set(why, err, "%s", because.text) : err;
    return err_set(why, ERR_STATE,
                   "labels %llu to %llu of job %lld cannot be drawn any more: %s",
                   (unsigned long long)chunk->first, (unsigned long long)chunk->last,
                   (long long)c->job.id, because.text);
}

/* Appends the hashes of labels first..last of a drawn chunk. */
static enum err keep_hashes(struct comparing *c, const struct chunk *chunk,
                            const struct drawing *drawing, uint64_t first, uint64_t last,
                            struct why *why)
{
    size_t each = drawing->rendered.count / (size_t)(chunk->last - chunk->first + 1);
    size_t count = (size_t)(last - first + 1) * each;
    void *list = realloc(c->dots.hashes, (c->dots.count + count) * SHA256_BYTES);
    if (!list)
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    c->dots.hashes = list;
    enum err err = drawing_hashes(drawing, (size_t)(first - chunk->first) * each, count,
                                  c->dots.hashes + c->dots.count, why);
    c->dots.count += err ? 0 : count;
    return err;
}

/* Labels from `first` on, up to `last`, as far as one chunk printed them; *next: the label
 * behind. */
static enum err compare_chunk(struct comparing *c, uint64_t first, uint64_t last,
                              uint32_t attempt, uint64_t *next, struct why *why)
{
    struct chunk sent = {0};
    struct drawing drawing;
    char sent_at[CLOCK_ISO_SIZE];
    enum err err = reprint_dots_sent(c->txn, c->job.id, first, attempt, &sent, sent_at,
                                     sizeof sent_at, why);
    if (err && err != ERR_NOT_FOUND)
        return err;
    if (err || !sent.has_dots) {
        uint64_t end = !err && sent.last < last ? sent.last : last;
        end = end - first >= AT_ONCE ? first + AT_ONCE - 1 : end;
        sent = (struct chunk){.job_id = c->job.id, .first = first, .last = end};
    }
    err = draw(c, &sent, &drawing, why);
    if (err)
        return err;
    last = sent.last < last ? sent.last : last;
    if (sent.has_dots)
        judge_chunk(c, &sent, sent_at, &drawing);
    else
        judge_old(c, first, last);
    err = keep_hashes(c, &sent, &drawing, first, last, why);
    drawing_free(&drawing);
    *next = last + 1;
    return err;
}

struct parts {
    struct comparing *comparing;
    bool on_paper;
};

static enum err compare_span(void *arg, const struct span *span, struct why *why)
{
    struct parts *parts = arg;
    const struct reprint_new *order = parts->comparing->order;
    uint64_t first = span->first > order->first ? span->first : order->first;
    uint64_t last = span->last < order->last ? span->last : order->last;
    enum err err = ERR_NONE;
    if (span->state != LABEL_PRINTED && span->state != LABEL_VERIFIED)
        parts->on_paper = false;
    while (!err && parts->on_paper && first <= last)
        err = compare_chunk(parts->comparing, first, last, span->attempt, &first, why);
    return err;
}

/* ---- an order -----------------------------------------------------------------------------
 */

static enum err restore_template(struct comparing *c, struct why *why)
{
    struct findings findings;
    struct buf body = BUF_INIT(TEMPLATE_MAX_BODY);
    findings_init(&findings);
    enum err err = job_template(c->txn, c->job.template_hash, &body, why);
    if (!err &&
        template_restore(body.bytes, body.len, c->job.template_name, &c->template, &findings))
        err = err_set(why, ERR_CORRUPT, "the kept version of template %s no longer loads",
                      c->job.template_name);
    findings_clear(&findings);
    buf_free(&body);
    return err;
}

static enum err find_order(struct comparing *c, struct why *why)
{
    enum err err = job_get(c->txn, c->order->job_id, &c->job, why);
    if (err)
        return err;
    err = archive_refuse(c->txn, c->job.id, why);
    if (err)
        return err;
    const char *name = c->order->printer ? c->order->printer : c->job.printer;
    c->printer = find_printer(c->comparer, name);
    if (!c->printer)
        return err_set(why, ERR_STATE,
                       "printer %s is no longer configured: say on which one to print", name);
    return restore_template(c, why);
}

enum err comparer_compare(struct comparer *comparer, struct txn *txn,
                          const struct reprint_new *order, struct reprint_dots *out,
                          struct why *why)
{
    struct comparing c = {.comparer = comparer, .txn = txn, .order = order};
    struct parts parts = {&c, true};
    enum err err = find_order(&c, why);
    bool there = !err && order->first >= 1 && order->first <= order->last &&
                 order->last <= c.job.quantity &&
                 order->last - order->first < REPRINT_LABELS_MAX;
    pthread_mutex_lock(&comparer->lock);
    if (there)
        err =
            job_spans(txn, order->job_id, order->first, order->last, compare_span, &parts, why);
    pthread_mutex_unlock(&comparer->lock);
    template_free(c.template);
    if (!err && !parts.on_paper)
        c.dots.verdict = DOTS_UNKNOWN;
    if (err)
        reprint_dots_free(&c.dots);
    else
        *out = c.dots;
    return err;
}
