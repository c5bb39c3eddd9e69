/* SPDX-License-Identifier: Apache-2.0 */
/* models.c: every printer model there is, one row each, and the words that all languages share.
 */
#include "drivers/languages.h"

#include "spooler/base/hash.h"

#include <assert.h>
#include <string.h>

/* receive_buffer_bytes: what the smallest printer of the kind is known to take in before it
 * stops reading; the window stays below it so that a label sent is a label in the printer. */
#define ZPL_BUFFER (64 * 1024)

/* 8000 and 12000 are heads of 8 and 12 dots a mm, sold as 203 and 300 dpi; Zebra's 300 dpi
 * heads have 11.8. Width: of the 4 inch heads (104 to 106 mm). Length: ^LL's limit of 32000,
 * cut to what a bitmap may be. */
static const struct model models[] = {
    {.name = "zpl-203",
     .title = "ZPL II, 203 dpi (8 dots a mm)",
     .driver = &driver_zpl,
     .dots_per_m = 8000,
     .max_width_dots = 832,
     .max_length_dots = BITMAP_MAX_DOTS,
     .receive_buffer_bytes = ZPL_BUFFER,
     .evidence = EVIDENCE_COUNTER},
    {.name = "zpl-300",
     .title = "ZPL II, 300 dpi (11.8 dots a mm)",
     .driver = &driver_zpl,
     .dots_per_m = 11811,
     .max_width_dots = 1248,
     .max_length_dots = BITMAP_MAX_DOTS,
     .receive_buffer_bytes = ZPL_BUFFER,
     .evidence = EVIDENCE_COUNTER},
    {.name = "zpl-300-12",
     .title = "ZPL II, 300 dpi (12 dots a mm)",
     .driver = &driver_zpl,
     .dots_per_m = 12000,
     .max_width_dots = 1248,
     .max_length_dots = BITMAP_MAX_DOTS,
     .receive_buffer_bytes = ZPL_BUFFER,
     .evidence = EVIDENCE_COUNTER},
    {.name = "zpl-600",
     .title = "ZPL II, 600 dpi (23.6 dots a mm)",
     .driver = &driver_zpl,
     .dots_per_m = 23622,
     .max_width_dots = 2496,
     .max_length_dots = BITMAP_MAX_DOTS,
     .receive_buffer_bytes = ZPL_BUFFER,
     .evidence = EVIDENCE_COUNTER},
    {.name = "png-203",
     .title = "PNG images, 8 dots a mm (no printer)",
     .driver = &driver_png,
     .dots_per_m = 8000,
     .max_width_dots = BITMAP_MAX_DOTS,
     .max_length_dots = BITMAP_MAX_DOTS,
     .receive_buffer_bytes = UINT32_MAX,
     .evidence = EVIDENCE_NONE},
    {.name = "png-300",
     .title = "PNG images, 11.8 dots a mm (no printer)",
     .driver = &driver_png,
     .dots_per_m = 11811,
     .max_width_dots = BITMAP_MAX_DOTS,
     .max_length_dots = BITMAP_MAX_DOTS,
     .receive_buffer_bytes = UINT32_MAX,
     .evidence = EVIDENCE_NONE},
};

const struct model *model_at(size_t index)
{
    return index < sizeof models / sizeof models[0] ? &models[index] : NULL;
}

const struct model *model_find(const char *name)
{
    for (size_t i = 0; i < sizeof models / sizeof models[0]; i++)
        if (strcmp(models[i].name, name) == 0)
            return &models[i];
    return NULL;
}

/* The size is hashed with the dots: 8 x 2 and 16 x 1 dots may be the same bytes. */
void plate_name(const struct bitmap *plate, char out[static PLATE_ID_SIZE])
{
    static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    uint8_t head[8 + SHA256_BYTES], digest[SHA256_BYTES];
    for (int i = 0; i < 4; i++) {
        head[i] = (uint8_t)(plate->width_dots >> (24 - 8 * i));
        head[4 + i] = (uint8_t)(plate->height_dots >> (24 - 8 * i));
    }
    sha256(plate->bits, plate->stride * plate->height_dots, head + 8);
    sha256(head, sizeof head, digest);
    uint64_t number = 0;
    for (int i = 0; i < 8; i++)
        number = number << 8 | digest[i];
    for (int i = 0; i < PLATE_ID_SIZE - 1; i++, number /= 36)
        out[i] = alphabet[number % 36];
    out[PLATE_ID_SIZE - 1] = '\0';
}

static const struct {
    const char *keyword, *words;
} conditions[] = {
#define X(code, keyword, words) {keyword, words},
    CONDITION_MAP(X)
#undef X
};

const char *condition_keyword(enum condition condition)
{
    assert(condition < CONDITION_COUNT);
    return conditions[condition].keyword;
}

const char *condition_words(enum condition condition)
{
    assert(condition < CONDITION_COUNT);
    return conditions[condition].words;
}

const char *condition_words_of(const char *keyword)
{
    for (size_t i = 0; i < CONDITION_COUNT; i++)
        if (strcmp(conditions[i].keyword, keyword) == 0)
            return conditions[i].words;
    return NULL;
}
