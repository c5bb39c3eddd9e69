/* SPDX-License-Identifier: Apache-2.0 */
#include "zpl-interpret.h"

#include <stdlib.h>
#include <string.h>

void image_free(struct image *image)
{
    if (image != NULL)
        free(image->canvas);
    free(image);
}

void interpreter_init(struct interpreter *in, struct report *report,
                      const struct settings *factory)
{
    *in = (struct interpreter){.report = report,
                               .head_dots = factory->value[SET_WIDTH],
                               .factory = *factory,
                               .saved = *factory,
                               .now = *factory};
}

void interpreter_abandon(struct interpreter *in)
{
    free(in->canvas);
    gfx_free(&in->pending);
    in->canvas = NULL;
    in->in_format = in->has_field = in->field_open = false;
    in->x = in->y = 0;
    in->copies = 1;
}

void interpreter_power_on(struct interpreter *in)
{
    interpreter_abandon(in);
    graphics_clear(&in->graphics);
    free(in->kept);
    in->kept = NULL;
    in->now = in->saved;
    in->errors.count = 0;
}

bool interpreter_would_print(const struct interpreter *in)
{
    return in->in_format && in->has_field;
}

static bool need_canvas(struct interpreter *in, struct complaint *why)
{
    uint32_t width = (uint32_t)in->now.value[SET_WIDTH];
    uint32_t height = (uint32_t)in->now.value[SET_LENGTH];
    if (in->canvas != NULL)
        return true;
    if (in->kept != NULL && in->kept->width_dots == width && in->kept->height_dots == height)
        in->canvas = canvas_copy(in->kept);
    else
        in->canvas = canvas_new(width, height);
    return in->canvas != NULL || complain(why, "no memory for a label");
}

static bool cmd_xa(struct interpreter *in, const struct token *token, struct complaint *why)
{
    (void)token; /* takes no parameters */
    bool nested = in->in_format;
    interpreter_abandon(in);
    in->in_format = true;
    return !nested || complain(why, "^XA inside a format: the format before it is lost");
}

static bool cmd_fo(struct interpreter *in, const struct token *token, struct complaint *why)
{
    struct params p;
    int32_t justification;
    params_split(&p, token->data, token->n, 3);
    if (in->field_open)
        return complain(why, "^FO before the field's ^FS");
    if (p.count < 2 || !text_int(p.at[0].s, p.at[0].n, 0, 32000, &in->x) ||
        !text_int(p.at[1].s, p.at[1].n, 0, 32000, &in->y))
        return complain(why, "^FO wants x,y of 0 to 32000");
    if (p.count == 3 && !text_int(p.at[2].s, p.at[2].n, 0, 0, &justification))
        return complain(why, "^FO justification is not modelled");
    return true;
}

/* A field begins: marks the format as printing, whatever becomes of the data. */
static bool open_field(struct interpreter *in, struct complaint *why)
{
    in->has_field = true;
    if (in->field_open)
        return complain(why, "two pictures in one field: ^FS is missing");
    in->field_open = true;
    in->magnify_x = in->magnify_y = 1;
    return true;
}

static bool cmd_gf(struct interpreter *in, const struct token *token, struct complaint *why)
{
    return open_field(in, why) && gfx_field(token->data, token->n, &in->pending, why);
}

static bool copy_gfx(const struct gfx *from, struct gfx *to)
{
    size_t bytes = (size_t)from->row_bytes * from->rows;
    to->dots = malloc(bytes);
    if (to->dots == NULL)
        return false;
    memcpy(to->dots, from->dots, bytes);
    to->row_bytes = from->row_bytes;
    to->rows = from->rows;
    return true;
}

static bool cmd_xg(struct interpreter *in, const struct token *token, struct complaint *why)
{
    struct params p;
    char name[16];
    int32_t mx = 1, my = 1;
    params_split(&p, token->data, token->n, 3);
    if (!open_field(in, why))
        return false;
    if (p.count < 1 || !graphics_name(p.at[0].s, p.at[0].n, name, why))
        return complain(why, "^XG wants R:NAME.GRF");
    if ((p.count > 1 && !text_int(p.at[1].s, p.at[1].n, 1, 10, &mx)) ||
        (p.count > 2 && !text_int(p.at[2].s, p.at[2].n, 1, 10, &my)))
        return complain(why, "^XG magnification must be 1 to 10");
    const struct gfx *gfx = graphics_find(&in->graphics, name);
    if (gfx == NULL)
        return complain(why, "graphic is not stored");
    in->magnify_x = (uint32_t)mx;
    in->magnify_y = (uint32_t)my;
    return copy_gfx(gfx, &in->pending) || complain(why, "no memory");
}

static bool draw_pending(struct interpreter *in, struct complaint *why)
{
    const struct gfx *gfx = &in->pending;
    int32_t x = in->x + in->now.value[SET_HOME_X] - in->now.value[SET_SHIFT];
    int32_t y = in->y + in->now.value[SET_HOME_Y] + in->now.value[SET_TOP];
    int64_t right = x + (int64_t)gfx->row_bytes * 8 * in->magnify_x;
    int64_t bottom = y + (int64_t)gfx->rows * in->magnify_y;
    if (!need_canvas(in, why))
        return false;
    uint64_t lost = canvas_draw(in->canvas, gfx, x, y, in->magnify_x, in->magnify_y,
                                in->now.value[SET_REVERSE] == 'Y');
    if (lost > 0)
        return complain(why, "%llu black dots fall outside the label of %u x %u dots",
                        (unsigned long long)lost, in->canvas->width_dots,
                        in->canvas->height_dots);
    /* Rows end at whole bytes: up to seven white dots of padding may stick out. */
    right -= 7 * (int64_t)in->magnify_x;
    if (x < 0 || y < 0 || right > in->canvas->width_dots || bottom > in->canvas->height_dots)
        return complain(why, "the field reaches out of the label of %u x %u dots",
                        in->canvas->width_dots, in->canvas->height_dots);
    return true;
}

static bool cmd_fs(struct interpreter *in, const struct token *token, struct complaint *why)
{
    (void)token;
    bool ok = in->pending.dots == NULL || draw_pending(in, why);
    gfx_free(&in->pending);
    in->field_open = false;
    in->x = in->y = 0;
    return ok;
}

static bool cmd_pq(struct interpreter *in, const struct token *token, struct complaint *why)
{
    struct params p;
    int32_t copies, other;
    params_split(&p, token->data, token->n, 5);
    if (p.count < 1 || !text_int(p.at[0].s, p.at[0].n, 1, 99999999, &copies))
        return complain(why, "^PQ wants 1 to 99999999 labels");
    if ((p.count > 1 && p.at[1].n > 0 && !text_int(p.at[1].s, p.at[1].n, 0, 0, &other)) ||
        (p.count > 2 && p.at[2].n > 0 && !text_int(p.at[2].s, p.at[2].n, 0, 1, &other)))
        return complain(why, "^PQ pauses and replicates are not modelled");
    for (size_t i = 3; i < p.count; i++)
        if (p.at[i].n != 1 || (p.at[i].s[0] != 'Y' && p.at[i].s[0] != 'N'))
            return complain(why, "^PQ: parameter %zu must be Y or N", i + 1);
    in->copies = (uint32_t)copies;
    return true;
}

static bool cmd_id(struct interpreter *in, const struct token *token, struct complaint *why)
{
    struct params p;
    params_split(&p, token->data, token->n, 1);
    return p.count == 1 ? graphics_delete(&in->graphics, p.at[0].s, p.at[0].n, why)
                        : complain(why, "^ID wants a name");
}

static bool cmd_dg(struct interpreter *in, const struct token *token, struct complaint *why)
{
    return graphics_store(&in->graphics, token->data, token->n, why);
}

static bool cmd_fx(struct interpreter *in, const struct token *token, struct complaint *why)
{
    (void)in, (void)token, (void)why; /* a comment */
    return true;
}

static bool cmd_xb(struct interpreter *in, const struct token *token, struct complaint *why)
{
    (void)in; /* no backfeed to suppress in this paper path */
    struct params p;
    params_split(&p, token->data, token->n, 1);
    return p.count == 0 || complain(why, "^XB takes no parameters");
}

static bool cmd_ju(struct interpreter *in, const struct token *token, struct complaint *why)
{
    struct params p;
    params_split(&p, token->data, token->n, 1);
    switch (p.count == 1 && p.at[0].n == 1 ? p.at[0].s[0] : '\0') {
    case 'F':
        in->now = in->factory;
        return true;
    case 'R':
        in->now = in->saved;
        return true;
    case 'S':
        in->saved = in->now;
        return true;
    }
    return complain(why, "^JU wants F, R or S");
}

static bool cmd_setting(struct interpreter *in, const struct token *token,
                        struct complaint *why)
{
    struct settings next = in->now;
    switch (settings_apply(&next, token->code, token->data, token->n, why)) {
    case SETTINGS_UNKNOWN:
        return complain(why, "unknown command");
    case SETTINGS_BAD:
        return false;
    case SETTINGS_OK:
        break;
    }
    if (in->canvas != NULL && (next.value[SET_WIDTH] != in->now.value[SET_WIDTH] ||
                               next.value[SET_LENGTH] != in->now.value[SET_LENGTH]))
        return complain(why, "%s must come before the first field", token->code);
    if (next.value[SET_WIDTH] > in->head_dots)
        return complain(why, "^PW is wider than the head of %d dots", in->head_dots);
    in->now = next;
    return true;
}

/* Takes the canvas away from the format. NULL: no memory. */
static struct image *make_image(struct interpreter *in, struct complaint *why)
{
    struct image *image = calloc(1, sizeof *image);
    if (image == NULL || !need_canvas(in, why)) {
        free(image);
        (void)complain(why, "no memory for a label");
        return NULL;
    }
    free(in->kept);
    in->kept = in->now.value[SET_MAP_CLEAR] == 'N' ? canvas_copy(in->canvas) : NULL;
    image->canvas = in->canvas;
    in->canvas = NULL;
    bool turned = in->now.value[SET_ORIENTATION] == 'I';
    bool mirrored = in->now.value[SET_MIRROR] == 'Y';
    canvas_flip(image->canvas, turned != mirrored, turned);
    image->settings = in->now;
    image->copies = in->copies;
    image->fnv = canvas_fnv(image->canvas);
    image->black = canvas_black(image->canvas);
    return image;
}

/* Returns false when something is to be said; *out may be set all the same. */
static bool end_format(struct interpreter *in, struct image **out, struct complaint *why)
{
    bool ok = true;
    if (!in->in_format)
        return complain(why, "^XZ without ^XA");
    if (in->field_open)
        ok = complain(why, "the last field has no ^FS: not drawn");
    if (in->has_field) {
        *out = make_image(in, why);
        ok = ok && *out != NULL;
    }
    interpreter_abandon(in);
    return ok;
}

static const struct command {
    const char *code;
    bool in_format_only;
    bool (*run)(struct interpreter *, const struct token *, struct complaint *);
} commands[] = {
    {"^XA", false, cmd_xa}, {"^FO", true, cmd_fo},  {"^GF", true, cmd_gf},
    {"^XG", true, cmd_xg},  {"^FS", true, cmd_fs},  {"^PQ", true, cmd_pq},
    {"^ID", true, cmd_id},  {"~DG", false, cmd_dg}, {"^FX", true, cmd_fx},
    {"^XB", true, cmd_xb},  {"^JU", true, cmd_ju},
};

static bool run_command(struct interpreter *in, const struct token *token,
                        struct complaint *why)
{
    bool in_format_only = token->code[0] == '^';
    bool (*run)(struct interpreter *, const struct token *, struct complaint *) = cmd_setting;
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(commands[i].code, token->code) == 0) {
            run = commands[i].run;
            in_format_only = commands[i].in_format_only;
        }
    }
    if (in_format_only && !in->in_format)
        return complain(why, "%s outside of a format", token->code);
    return run(in, token, why);
}

struct image *interpreter_run(struct interpreter *in, const struct token *token)
{
    struct image *image = NULL;
    struct complaint why = {""};
    bool ok;
    if (strcmp(token->code, CUT_CODE) == 0) {
        in->report->cut++;
        report_log(in->report, "connection %u ended inside a command or format: dropped",
                   token->connection);
        interpreter_abandon(in);
        return NULL;
    }
    if (strcmp(token->code, "^XZ") == 0)
        ok = end_format(in, &image, &why);
    else
        ok = run_command(in, token, &why);
    if (!ok) {
        char memory[64];
        struct line context = line_in(memory, sizeof memory);
        line_add_safe(&context, token->code, strlen(token->code));
        line_add_safe(&context, token->data,
                      token->n < REPORT_CONTEXT_BYTES ? token->n : REPORT_CONTEXT_BYTES);
        report_error(in->report, &in->errors,
                     &(struct place){token->connection, token->offset, memory, context.len},
                     why.text);
    }
    if (image != NULL) {
        image->errors = in->errors;
        in->errors.count = 0;
    }
    return image;
}
