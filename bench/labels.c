/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/labels.h"

#include "spooler/base/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FIRST_COUNTER    1000
#define FONT_FOLDERS_MAX 16

static const struct bench_row rows[] = {
    {.name = "medicine",
     .row = "medicine 203 dpi, bind + render + encode, one core",
     .template = "templates/stock/medicine-pack.yaml",
     .model = "zpl-203",
     .series = "pack",
     .format = {.kind = NUMBER_RANDOM, .alphabet = NUMBER_ALPHABET_DEFAULT, .length = 10},
     .target = 12000},
    {.name = "produce",
     .row = "produce 300 dpi, one core",
     .template = "templates/stock/farm-produce.yaml",
     .model = "zpl-300",
     .series = "box",
     .format = {.kind = NUMBER_RANDOM, .alphabet = NUMBER_ALPHABET_DEFAULT, .length = 10},
     .target = 4500},
    {.name = "pallet",
     .row = "pallet 203 dpi, one core",
     .template = "templates/stock/pallet.yaml",
     .model = "zpl-203",
     .series = "sscc",
     .format = {.kind = NUMBER_SEQUENTIAL,
                .alphabet = "0123456789",
                .length = 9,
                .prefix = "09520123",
                .check = CHECK_GS1},
     .target = 15000},
};

const struct bench_row *bench_row_at(size_t index)
{
    return index < sizeof rows / sizeof rows[0] ? &rows[index] : NULL;
}

void bench_die(const char *what, const struct why *why)
{
    fprintf(stderr, "%s: %s\n", what, why ? why->text : "failed");
    exit(1);
}

void bench_must(enum err err, const char *what, const struct why *why)
{
    if (err)
        bench_die(what, why);
}

static enum err open_scope(struct txn *txn, void *arg, struct why *why)
{
    struct bench_labels *labels = arg;
    struct serial_range range;
    struct buf scope = BUF_INIT(256);
    int field = 0; /* the series field: the last one of each of these templates */
    for (size_t i = 0; i < template_field_count(labels->template); i++)
        if (template_field(labels->template, i)->type == FIELD_SERIES)
            field = (int)i;
    enum err err = template_scope(labels->template, (size_t)field, &labels->row, &scope);
    if (!err)
        err = registry_reserve(txn, labels->registry, labels->about->series, buf_text(&scope),
                               1, &range, why);
    if (!err)
        err = registry_scope(txn, labels->registry, range.scope_id, &labels->scope, why);
    buf_free(&scope);
    return err;
}

static void load(struct bench_labels *labels)
{
    const char *source = getenv("TEM_SRCDIR");
    char path[4096], text[1024];
    struct findings findings;
    findings_init(&findings);
    snprintf(path, sizeof path, "%s/%s", source ? source : ".", labels->about->template);
    if (template_load(path, &labels->template, &findings) ||
        template_sample_row(labels->template, &labels->row, &findings)) {
        for (size_t i = 0; i < findings.count; i++)
            fprintf(stderr, "%s\n", finding_text(&findings.list[i], text, sizeof text));
        exit(1);
    }
    findings_clear(&findings);
}

void bench_labels_open(const char *folder, const struct bench_row *row,
                       struct bench_labels *out)
{
    char path[4096];
    struct why why;
    *out = (struct bench_labels){.about = row, .next = FIRST_COUNTER};
    log_set_level(LOG_LEVEL_ERROR);
    load(out);
    snprintf(path, sizeof path, "%s/%s", folder, row->name);
    struct store_config config = {
        .folder = path, .clock = &clock_system, .random = &random_system};
    struct series_config series = {.name = row->series, .format = row->format};
    bench_must(store_open(&config, &out->store, &why), path, &why);
    bench_must(
        registry_open(out->store, &series, 1, path, &random_system, NULL, &out->registry, &why),
        path, &why);
    bench_must(store_write(out->store, open_scope, out, &why), path, &why);
}

void bench_labels_close(struct bench_labels *labels)
{
    registry_free(labels->registry);
    store_close(labels->store);
    row_free(&labels->row);
    template_free(labels->template);
}

void bench_bind(struct bench_labels *labels, struct label_doc *docs, size_t count)
{
    struct why why;
    for (size_t i = 0; i < count; i++) {
        const char *numbers[TEMPLATE_MAX_FIELDS] = {NULL};
        char number[NUMBER_MAX];
        uint64_t counter = labels->next++;
        bench_must(registry_number(&labels->scope, counter, number, &why), "number", &why);
        for (size_t field = 0; field < labels->row.count; field++)
            if (template_field(labels->template, field)->type == FIELD_SERIES)
                numbers[field] = number;
        struct bind_input input = {
            .row = &labels->row,
            .numbers = numbers,
            .builtins = {
                .label_index = counter, .label_count = counter, .piece_index = 1, .job_id = 1}};
        bench_must(template_bind(labels->template, &input, &docs[i], &why), "bind", &why);
    }
}

struct renderer *bench_renderer(void)
{
    char folders[] = TEM_FONT_FOLDERS;
    const char *list[FONT_FOLDERS_MAX + 1] = {NULL};
    struct renderer *renderer = NULL;
    struct why why;
    char *rest = folders;
    for (size_t i = 0; i < FONT_FOLDERS_MAX && rest; i++)
        list[i] = strsep(&rest, ":");
    bench_must(renderer_new(list, &renderer, &why), "fonts", &why);
    return renderer;
}

int64_t bench_cpu_ns(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now))
        bench_die("clock", NULL);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

int64_t bench_rate(size_t things, int64_t ns)
{
    return (int64_t)((double)things * 1e9 / (double)(ns > 0 ? ns : 1) + 0.5);
}

void bench_print(const char *row, int64_t value, const char *unit, const char *who, long target)
{
    printf("{\"row\": \"%s\", \"value\": %" PRId64 ", \"unit\": \"%s\", \"who\": \"%s\"", row,
           value, unit, who);
    if (target)
        printf(", \"target\": %ld", target);
    puts("}");
}
