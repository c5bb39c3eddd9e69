/* SPDX-License-Identifier: Apache-2.0 */
/* draw: labels a second from number to printer bytes, on one core.
 *
 *   draw FOLDER [NAME]    FOLDER: a fresh one of this run; NAME: this row only (medicine ..)
 *
 * As the pipeline does it, chunk by chunk: numbers (FF1) and bind, plate and patches, the hash
 * over each label's dots for the ledger, ZPL, into memory. One row of data, only the number
 * varies. What is not in it: the store, CUPS. */
#include "bench/labels.h"
#include "spooler/encode.h"
#include "spooler/render/dots.h"

#include <stdlib.h>
#include <string.h>

#define ENOUGH_NS    600000000
#define FIRST_LABELS 1000 /* warm, not measured */
#define PICTURES     500

static const struct stock stock = {.width_um = 102000, .height_um = 152000, .gap_um = 3000};
static const struct settings settings = {.darkness_percent = 50, .speed_mm_s = 150};

struct drawing {
    struct bench_labels labels;
    struct renderer *renderer;
    struct encode_printer printer;
    struct buf document;
    int64_t bind_ns, render_ns, hash_ns, encode_ns;
    size_t count;
};

static void draw_chunk(struct drawing *drawing)
{
    struct bench_labels *labels = &drawing->labels;
    struct label_doc *docs = calloc(BENCH_CHUNK, sizeof *docs);
    struct rendered rendered;
    struct findings findings;
    struct why why;
    uint32_t pieces = template_pieces(labels->template);
    struct chunk chunk = {.id = 1,
                          .job_id = 1,
                          .attempt = 1,
                          .first = drawing->count + 1,
                          .last = drawing->count + BENCH_CHUNK,
                          .impressions = BENCH_CHUNK * pieces};
    findings_init(&findings);
    buf_reset(&drawing->document);
    int64_t start = bench_cpu_ns();
    if (!docs)
        bench_die("memory", NULL);
    bench_bind(labels, docs, BENCH_CHUNK);
    int64_t bound = bench_cpu_ns();
    if (render_chunk(drawing->renderer, labels->template, docs, BENCH_CHUNK,
                     drawing->printer.model->dots_per_m, &rendered, &findings))
        bench_die(findings.count ? findings.list[0].message : "render", NULL);
    int64_t drawn = bench_cpu_ns();
    uint8_t dots[BENCH_CHUNK][SHA256_BYTES];
    if (dots_hash(&rendered, dots))
        bench_die("hash", NULL);
    int64_t hashed = bench_cpu_ns();
    bench_must(encode_chunk(&drawing->printer, "0123456789abcdef", &chunk, pieces, &rendered,
                            "1", &drawing->document, &why),
               "encode", &why);
    int64_t encoded = bench_cpu_ns();
    rendered_free(&rendered);
    drawing->render_ns += drawn - bound + bench_cpu_ns() - encoded;
    for (size_t i = 0; i < BENCH_CHUNK; i++)
        label_doc_free(&docs[i]);
    free(docs);
    drawing->bind_ns += bound - start;
    drawing->hash_ns += hashed - drawn;
    drawing->encode_ns += encoded - hashed;
    drawing->count += BENCH_CHUNK;
}

/* Whole labels as PNG files in memory, what somebody sees who draws them himself. */
static void print_pictures(const struct drawing *drawing)
{
    struct label_doc docs[BENCH_CHUNK] = {{0}};
    struct bench_labels labels = drawing->labels;
    struct rendered rendered;
    struct findings findings;
    struct why why;
    struct bitmap label;
    struct buf png = BUF_INIT(16 * 1024 * 1024);
    uint32_t dots_per_m = drawing->printer.model->dots_per_m;
    char row[128];
    findings_init(&findings);
    int64_t start = bench_cpu_ns();
    for (size_t count = 0; count < PICTURES; count += BENCH_CHUNK) {
        bench_bind(&labels, docs, BENCH_CHUNK);
        if (render_chunk(drawing->renderer, labels.template, docs, BENCH_CHUNK, dots_per_m,
                         &rendered, &findings))
            bench_die("render", NULL);
        for (size_t i = 0; i < BENCH_CHUNK; i++) {
            buf_reset(&png);
            if (rendered_compose(&rendered, i, &label))
                bench_die("compose", NULL);
            bench_must(png_write(&label, dots_per_m, &png, &why), "PNG", &why);
            bitmap_free(&label);
        }
        rendered_free(&rendered);
    }
    snprintf(row, sizeof row, BENCH_PICTURE_ROW, labels.about->name);
    bench_print(row, bench_rate(PICTURES, bench_cpu_ns() - start), "labels/s", "tem", 0);
    for (size_t i = 0; i < BENCH_CHUNK; i++)
        label_doc_free(&docs[i]);
    buf_free(&png);
}

static void print_stages(const struct drawing *drawing, int64_t all_ns)
{
    const struct {
        const char *stage;
        int64_t ns;
    } stages[] = {{"number + bind", drawing->bind_ns},
                  {"render", drawing->render_ns},
                  {"hash over dots", drawing->hash_ns},
                  {"encode", drawing->encode_ns}};
    char row[128];
    const struct bench_row *about = drawing->labels.about;
    int64_t count = (int64_t)drawing->count;
    bench_print(about->row, bench_rate(drawing->count, all_ns), "labels/s", "tem",
                about->target);
    for (size_t i = 0; i < sizeof stages / sizeof stages[0]; i++) {
        snprintf(row, sizeof row, "%s, of it %s", about->name, stages[i].stage);
        bench_print(row, stages[i].ns / count, "ns/label", "tem", 0);
    }
    snprintf(row, sizeof row, BENCH_ENCODE_ROW, about->name);
    bench_print(row, bench_rate(drawing->count, drawing->encode_ns), "labels/s", "tem", 0);
}

/* What is sent for each label once the plate is in the printer, and what the same dots are
 * uncompressed. */
static void print_bytes(const struct drawing *drawing)
{
    struct label_doc docs[BENCH_CHUNK] = {{0}};
    struct bench_labels labels = drawing->labels;
    struct rendered rendered;
    struct findings findings;
    struct why why;
    struct buf bytes = BUF_INIT(16 * 1024 * 1024);
    char row[128];
    findings_init(&findings);
    bench_bind(&labels, docs, BENCH_CHUNK);
    if (render_chunk(drawing->renderer, labels.template, docs, BENCH_CHUNK,
                     drawing->printer.model->dots_per_m, &rendered, &findings))
        bench_die("render", NULL);
    struct chunk_setup setup = {.model = drawing->printer.model,
                                .stock = &stock,
                                .settings = &settings,
                                .plate = &rendered.plate,
                                .impressions = BENCH_CHUNK,
                                .name = "1"};
    plate_name(&rendered.plate, setup.plate_id);
    for (uint32_t i = 0; i < BENCH_CHUNK; i++) {
        struct impression impression = {.index = i + 1,
                                        .first_label = i + 1,
                                        .last_label = i + 1,
                                        .patches = rendered.labels[i].patches,
                                        .patch_count = rendered.labels[i].count};
        bench_must(setup.model->driver->impression(&setup, &impression, &bytes, &why), "bytes",
                   &why);
        label_doc_free(&docs[i]);
    }
    snprintf(row, sizeof row, BENCH_BYTES_ROW, labels.about->name);
    bench_print(row, (int64_t)(bytes.len / BENCH_CHUNK), "bytes", "tem",
                strcmp(labels.about->name, "medicine") == 0 ? 1536 : 0);
    bench_print(row, (int64_t)(rendered.plate.stride * rendered.plate.height_dots), "bytes",
                "full raster", 0);
    rendered_free(&rendered);
    buf_free(&bytes);
}

static void measure(const char *folder, const struct bench_row *row)
{
    struct drawing drawing = {
        .renderer = bench_renderer(),
        .printer = {.model = model_find(row->model),
                    .stock = &stock,
                    .settings = &settings,
                    .queue = "line1",
                    .evidence = EVIDENCE_COUNTER,
                    .window = 4},
        .document = BUF_INIT(64 * 1024 * 1024),
    };
    bench_labels_open(folder, row, &drawing.labels);
    while (drawing.count < FIRST_LABELS)
        draw_chunk(&drawing);
    drawing.bind_ns = drawing.render_ns = drawing.hash_ns = drawing.encode_ns = 0;
    drawing.count = 0;
    int64_t start = bench_cpu_ns(), all;
    do
        draw_chunk(&drawing);
    while ((all = bench_cpu_ns() - start) < ENOUGH_NS);
    print_stages(&drawing, all);
    print_bytes(&drawing);
    print_pictures(&drawing);
    buf_free(&drawing.document);
    bench_labels_close(&drawing.labels);
    renderer_free(drawing.renderer);
}

int main(int argc, char **argv)
{
    if (argc < 2 || argc > 3) {
        fputs("usage: draw FOLDER [NAME]\n", stderr);
        return 2;
    }
    for (size_t i = 0; bench_row_at(i); i++)
        if (argc < 3 || strcmp(argv[2], bench_row_at(i)->name) == 0)
            measure(argv[1], bench_row_at(i));
    return 0;
}
