/* SPDX-License-Identifier: Apache-2.0 */
/* zpl.c: ZPL II (Zebra's Programming Guide), dots only.
 *
 * The plate is stored once a chunk (~DG) and recalled by each label; patches are drawn onto it
 * (^GF). Each label is a format of its own with a number made by the host: never ^SN or ^SF,
 * which a printer repeats by itself after media out. Nothing that a user wrote is in these
 * bytes as text. */
#include "drivers/languages.h"

#include "drivers/zpl-answer.h"
#include "drivers/zpl-graphic.h"

/* ^GF takes sizes up to this and clamps larger ones without a word. */
#define GF_MAX_BYTES 99999

static const char *const tracking_names[] = {
    [MEDIA_GAP] = "Y", [MEDIA_MARK] = "M", [MEDIA_CONTINUOUS] = "N"};
static const char *const media_names[] = {
    [MEDIA_DIRECT_THERMAL] = "D", [MEDIA_THERMAL_TRANSFER] = "T"};
static const char *const output_names[] = {
    [OUTPUT_TEAR] = "T", [OUTPUT_PEEL] = "P", [OUTPUT_CUT] = "C"};

/* ^PR's inches a second and the whole mm a second in each. */
static const struct {
    int mm_s, inches_s;
} speeds[] = {{50, 2},  {76, 3},  {101, 4},  {127, 5},  {152, 6},
              {203, 8}, {220, 9}, {245, 10}, {269, 11}, {304, 12}};

static int inches_per_s(int mm_s)
{
    int best = speeds[0].inches_s; /* slower than the slowest is the slowest */
    for (size_t i = 0; i < sizeof speeds / sizeof speeds[0]; i++)
        if (speeds[i].mm_s <= mm_s)
            best = speeds[i].inches_s;
    return best;
}

static int clamp_percent(int percent)
{
    return percent < 0 ? 0 : percent > 100 ? 100 : percent;
}

/* Everything sticky that moves, mirrors, scales, inverts, darkens or repeats a label: what an
 * earlier job of someone else left must not show on ours. Fieldless, so that nothing feeds.
 * ^MCY: without it an overlay that another job kept (^MCN) would be on our labels. ^JZN: after
 * media or ribbon out the printer must not print a number again by itself; the torn
 * label is in doubt and a person decides. ^JMA: full resolution. ^MU: dots. No ^JU: settings of
 * one chunk do not belong in the printer's flash. */
static void add_settings(const struct chunk_setup *chunk, struct buf *out)
{
    const struct settings *settings = chunk->settings;
    int darkness = (clamp_percent(settings->darkness_percent) * 30 + 50) / 100;
    int speed = inches_per_s(settings->speed_mm_s);
    buf_printf(out, "~SD%02d\n~TA000\n^XA^MUD^MD0^JZN^JMA^MCY^CI28", darkness);
    buf_printf(out, "^PW%u^LL%u", chunk->plate->width_dots, chunk->plate->height_dots);
    buf_add_text(out, "^LH0,0^LS0^LT0^PON^PMN^LRN");
    buf_printf(out, "^MN%s^MT%s^MM%s", tracking_names[chunk->stock->tracking],
               media_names[settings->media], output_names[settings->output]);
    buf_printf(out, "^PR%d,%d,2^XZ\n", speed, speed);
}

/* Whichever of the two is shorter: the ACS is given up where it becomes the longer one. */
static enum err add_plate(const struct chunk_setup *chunk, struct buf *out, struct why *why)
{
    const struct bitmap *plate = chunk->plate;
    size_t len = plate->stride * plate->height_dots;
    struct buf z64 = BUF_INIT(2 * len + 1024);
    enum err err = zpl_z64(plate->bits, len, &z64, why);
    if (err) {
        buf_free(&z64);
        return err;
    }
    struct buf acs = BUF_INIT(z64.len + ZPL_ACS_ROW_MAX(plate->stride));
    zpl_acs(plate->bits, plate->stride, plate->height_dots, &acs);
    const struct buf *data = !buf_err(&acs) && acs.len <= z64.len ? &acs : &z64;
    buf_printf(out, "~DGR:%s.GRF,%zu,%zu,", chunk->plate_id, len, plate->stride);
    buf_add(out, data->bytes, data->len);
    buf_add_byte(out, '\n');
    buf_free(&acs);
    buf_free(&z64);
    return ERR_NONE;
}

/* Our bug or a restored database, but not a printer's to find out: dots that the head does not
 * have are cut without a word, and so might be a number. */
static enum err check_chunk(const struct chunk_setup *chunk, struct why *why)
{
    const struct model *model = chunk->model;
    const struct bitmap *plate = chunk->plate;
    if (plate->width_dots > model->max_width_dots ||
        plate->height_dots > model->max_length_dots)
        return err_set(why, ERR_INPUT, "label of %u x %u dots; %s prints at most %u x %u",
                       plate->width_dots, plate->height_dots, model->name,
                       model->max_width_dots, model->max_length_dots);
    for (const char *at = chunk->plate_id; at < chunk->plate_id + PLATE_ID_SIZE - 1; at++)
        if (!((*at >= 'A' && *at <= 'Z') || (*at >= '0' && *at <= '9')))
            return err_set(why, ERR_INPUT, "plate name is not 8 of A-Z and 0-9");
    return ERR_NONE;
}

static enum err finish(const struct buf *out, struct why *why)
{
    return buf_err(out) ? err_set(why, buf_err(out), "printer bytes do not fit in memory")
                        : ERR_NONE;
}

static enum err zpl_begin(const struct chunk_setup *chunk, struct buf *out, struct why *why)
{
    enum err err = check_chunk(chunk, why);
    if (err)
        return err;
    add_settings(chunk, out);
    err = add_plate(chunk, out, why);
    return err ? err : finish(out, why);
}

static void add_number(size_t number, char after, struct buf *out)
{
    uint8_t text[24];
    size_t at = sizeof text;
    text[--at] = (uint8_t)after;
    do
        text[--at] = (uint8_t)('0' + number % 10);
    while ((number /= 10) > 0);
    buf_add(out, text + at, sizeof text - at);
}

/* One ^GF a band: b and c are the uncompressed bytes (Programming Guide, ^GF, type A). Without
 * printf, which took a third of the time of a small patch. */
static void add_patch(const struct patch *patch, struct buf *out)
{
    const struct bitmap *bits = &patch->bits;
    uint32_t band_rows = (uint32_t)(GF_MAX_BYTES / bits->stride);
    for (uint32_t y = 0; y < bits->height_dots; y += band_rows) {
        uint32_t left = bits->height_dots - y;
        uint32_t rows = left < band_rows ? left : band_rows;
        size_t len = rows * bits->stride;
        buf_add_text(out, "^FO");
        add_number(patch->x_dots, ',', out);
        add_number(patch->y_dots + y, '^', out);
        buf_add_text(out, "GFA,");
        add_number(len, ',', out);
        add_number(len, ',', out);
        add_number(bits->stride, ',', out);
        zpl_acs(bits->bits + y * bits->stride, bits->stride, rows, out);
        buf_add_text(out, "^FS\n");
    }
}

static enum err zpl_impression(const struct chunk_setup *chunk,
                               const struct impression *impression, struct buf *out,
                               struct why *why)
{
    const struct bitmap *plate = chunk->plate;
    enum err err = check_chunk(chunk, why);
    if (err)
        return err;
    for (size_t i = 0; i < impression->patch_count; i++) {
        const struct patch *patch = &impression->patches[i];
        if (patch->x_dots > plate->width_dots || patch->y_dots > plate->height_dots ||
            patch->bits.width_dots > plate->width_dots - patch->x_dots ||
            patch->bits.height_dots > plate->height_dots - patch->y_dots)
            return err_set(why, ERR_INPUT, "patch %zu of impression %u is not on the label", i,
                           impression->index);
    }
    buf_add_text(out, "^XA^PW");
    add_number(plate->width_dots, '^', out);
    buf_add_text(out, "LL");
    add_number(plate->height_dots, '\n', out);
    buf_add_text(out, "^FO0,0^XGR:");
    buf_add_text(out, chunk->plate_id);
    buf_add_text(out, ".GRF,1,1^FS\n");
    for (size_t i = 0; i < impression->patch_count; i++)
        add_patch(&impression->patches[i], out);
    buf_add_text(out, "^PQ1,0,0,N^XZ\n");
    return finish(out, why);
}

/* A format without a field does not print (Programming Guide, ^ID: "within any printing or
 * non-printing format"). No ^PQ: it says how many labels a *printing* format makes. */
static enum err zpl_end(const struct chunk_setup *chunk, struct buf *out, struct why *why)
{
    buf_printf(out, "^XA^IDR:%s.GRF^FS^XZ\n", chunk->plate_id);
    return finish(out, why);
}

static enum err zpl_cancel(const struct chunk_setup *chunk, struct buf *out, struct why *why)
{
    (void)chunk; /* ~JA clears whatever there is */
    buf_add_text(out, "~JA\n");
    return finish(out, why);
}

static enum err zpl_query(enum query_kind kind, struct buf *out)
{
    static const char *const questions[] = {
        [QUERY_STATUS] = "~HS\r\n",
        [QUERY_COUNT] = "! U1 getvar \"odometer.total_label_count\"\r\n",
        [QUERY_FAULTS] = "~HQES\r\n",
        [QUERY_IDENTITY] = "! U1 getvar \"device.unique_id\"\r\n"};
    buf_add_text(out, questions[kind]);
    return buf_err(out);
}

/* In the middle of ~DG data a ~ would end the data, and SGD is read in turn with formats. */
static enum ask_when zpl_query_when(enum query_kind kind)
{
    (void)kind; /* the same for all */
    return ASK_BETWEEN;
}

const struct driver driver_zpl = {
    .name = "zpl",
    .file_type = ".zpl",
    .alike = true,
    .begin = zpl_begin,
    .impression = zpl_impression,
    .end = zpl_end,
    .cancel = zpl_cancel,
    .query = zpl_query,
    .query_when = zpl_query_when,
    .parse = zpl_parse,
};
