/* SPDX-License-Identifier: Apache-2.0 */
/* zint-alone: how many of the same symbols zint's library encodes a second, on one core.
 *
 *   zint-alone FOLDER     FOLDER: a fresh one of this run
 *
 * Only what differs from label to label, as Tem draws the rest once a chunk; no dot is drawn,
 * no text shaped, no byte made for a printer: what a label costs at the very least. */
#include "bench/labels.h"

#include <stdlib.h>
#include <string.h>
#include <zint.h>

#define ENOUGH_NS 600000000

static const struct {
    const char *symbology;
    int zint, input_mode, option_3;
} kinds[] = {
    {"gs1-datamatrix", BARCODE_DATAMATRIX, GS1_MODE, DM_SQUARE},
    {"qr", BARCODE_QRCODE, UNICODE_MODE, 0},
    {"gs1-128", BARCODE_GS1_128, GS1_MODE, 0},
};

static void encode(struct zint_symbol *symbol, const struct drawn *drawn)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(kinds[i].symbology, drawn->element->symbology) != 0)
            continue;
        ZBarcode_Clear(symbol);
        symbol->symbology = kinds[i].zint;
        symbol->input_mode = kinds[i].input_mode;
        symbol->option_1 = -1;
        symbol->option_2 = 0;
        symbol->option_3 = kinds[i].option_3;
        if (ZBarcode_Encode(symbol, (const unsigned char *)drawn->content,
                            (int)drawn->content_len) >= ZINT_ERROR)
            bench_die(symbol->errtxt, NULL);
        return;
    }
    bench_die("a symbology that this bench does not know", NULL);
}

static bool differs(const struct label_doc *docs, size_t index)
{
    return strcmp(docs[0].drawn[index].content, docs[1].drawn[index].content) != 0;
}

static void measure(const char *folder, const struct bench_row *row)
{
    struct bench_labels labels;
    struct label_doc docs[BENCH_CHUNK] = {{0}};
    struct zint_symbol *symbol = ZBarcode_Create();
    size_t count = 0;
    int64_t ns = 0;
    if (!symbol)
        bench_die("zint", NULL);
    bench_labels_open(folder, row, &labels);
    while (ns < ENOUGH_NS) {
        bench_bind(&labels, docs, BENCH_CHUNK);
        int64_t start = bench_cpu_ns();
        for (size_t label = 0; label < BENCH_CHUNK; label++)
            for (size_t i = 0; i < docs[label].count; i++)
                if (docs[label].drawn[i].element->kind == ELEMENT_BARCODE && differs(docs, i))
                    encode(symbol, &docs[label].drawn[i]);
        ns += bench_cpu_ns() - start;
        count += BENCH_CHUNK;
    }
    bench_print(row->row, bench_rate(count, ns), "labels/s", "zint, symbols only", 0);
    for (size_t label = 0; label < BENCH_CHUNK; label++)
        label_doc_free(&docs[label]);
    bench_labels_close(&labels);
    ZBarcode_Delete(symbol);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("usage: zint-alone FOLDER\n", stderr);
        return 2;
    }
    for (size_t i = 0; bench_row_at(i); i++)
        measure(argv[1], bench_row_at(i));
    return 0;
}
