/* SPDX-License-Identifier: Apache-2.0 */
#include "zpl-tokenize.h"

#include "gfx.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES 256

enum state { IDLE, CODE, PARAMS, RAW, LINE, JUNK, SKIP };

struct tokenizer {
    const struct token_sink *sink;
    enum state state;
    bool in_format;
    unsigned connection;
    uint64_t offset, start;
    char code[4];
    size_t code_n;
    char *buf;
    size_t n, cap;
    size_t raw_left;
    unsigned commas;
};

/* Commands that are complete after a known number of parameter bytes: they must not wait for
 * the next `^` or `~`, which may never come. */
static const struct shape {
    char code[4];
    size_t params;
    bool immediate;
} shapes[] = {
    {"^XA", 0, false}, {"^XZ", 0, false}, {"^FS", 0, false}, {"~HS", 0, true},
    {"~HQ", 2, true},  {"~JA", 0, true},  {"~JR", 0, true},
};

static const struct shape *shape_of(const char *code)
{
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
        if (strcmp(shapes[i].code, code) == 0)
            return &shapes[i];
    return NULL;
}

struct tokenizer *tokenizer_new(const struct token_sink *sink)
{
    struct tokenizer *tk = calloc(1, sizeof *tk);
    if (tk != NULL)
        tk->sink = sink;
    return tk;
}

void tokenizer_free(struct tokenizer *tk)
{
    if (tk != NULL)
        free(tk->buf);
    free(tk);
}

void tokenizer_connection(struct tokenizer *tk, unsigned connection)
{
    tk->connection = connection;
    tk->offset = 0;
    tk->start = 0;
}

size_t tokenizer_partial_bytes(const struct tokenizer *tk)
{
    return tk->state == IDLE || tk->state == JUNK || tk->state == SKIP ? 0 : tk->code_n + tk->n;
}

bool tokenizer_in_format(const struct tokenizer *tk)
{
    return tk->in_format;
}

static void fail(struct tokenizer *tk, const char *s, size_t n, const char *text)
{
    tk->sink->error(tk->sink->context, tk->start, s, n, text);
}

static bool append(struct tokenizer *tk, const char *s, size_t n)
{
    if (n > TOKEN_MAX_BYTES - tk->n)
        return false;
    if (tk->n + n > tk->cap) {
        size_t cap = tk->cap < 256 ? 256 : tk->cap;
        while (cap < tk->n + n)
            cap *= 2;
        char *buf = realloc(tk->buf, cap);
        if (buf == NULL)
            return false;
        tk->buf = buf;
        tk->cap = cap;
    }
    if (n > 0)
        memcpy(tk->buf + tk->n, s, n);
    tk->n += n;
    return true;
}

static struct token *make_token(const struct tokenizer *tk, const char *code)
{
    struct token *token = malloc(sizeof *token + tk->n + 1);
    if (token == NULL)
        return NULL;
    *token = (struct token){.connection = tk->connection,
                            .offset = tk->start,
                            .stream_bytes = tk->code_n + tk->n,
                            .n = tk->n};
    memcpy(token->code, code, sizeof token->code);
    if (tk->n > 0)
        memcpy(token->data, tk->buf, tk->n);
    token->data[tk->n] = '\0';
    return token;
}

static void drop_partial(struct tokenizer *tk)
{
    tk->state = IDLE;
    tk->n = tk->code_n = 0;
}

/* The command in the making is complete. */
static void finish(struct tokenizer *tk)
{
    const struct shape *shape = shape_of(tk->code);
    if (shape != NULL && tk->n != shape->params) {
        fail(tk, tk->code, 3, "command is cut short");
        drop_partial(tk);
        return;
    }
    struct token *token = make_token(tk, tk->code);
    drop_partial(tk);
    if (token == NULL) {
        fail(tk, tk->code, 3, "no memory for this command");
        return;
    }
    if (strcmp(token->code, "^XA") == 0)
        tk->in_format = true;
    if (strcmp(token->code, "^XZ") == 0)
        tk->in_format = false;
    if (shape != NULL && shape->immediate) {
        tk->sink->immediate(tk->sink->context, token);
        free(token);
    } else {
        tk->sink->command(tk->sink->context, token);
    }
}

void tokenizer_reset(struct tokenizer *tk)
{
    drop_partial(tk);
    tk->in_format = false;
}

void tokenizer_cut(struct tokenizer *tk)
{
    bool partial = tokenizer_partial_bytes(tk) > 0 || tk->in_format;
    tokenizer_reset(tk);
    struct token *token = partial ? make_token(tk, CUT_CODE) : NULL;
    if (token != NULL)
        tk->sink->command(tk->sink->context, token);
}

static void begin(struct tokenizer *tk, char c)
{
    tk->state = CODE;
    tk->start = tk->offset;
    tk->code[0] = c;
    tk->code[1] = tk->code[2] = tk->code[3] = '\0';
    tk->code_n = 1;
    tk->n = 0;
    tk->commas = 0;
}

/* A `^` or `~` ends what comes before it. */
static void end_at_prefix(struct tokenizer *tk)
{
    if (tk->state == CODE)
        fail(tk, tk->code, tk->code_n, "command code is cut short");
    else if (tk->state == PARAMS)
        finish(tk);
}

static void step_code(struct tokenizer *tk, char c)
{
    tk->code[tk->code_n++] = c;
    if (tk->code_n < 3)
        return;
    const struct shape *shape = shape_of(tk->code);
    tk->state = PARAMS;
    if (shape != NULL && shape->params == 0)
        finish(tk);
}

/* Raw data starts after the fourth comma of ^GFB, and its length stands before that. */
static void maybe_raw(struct tokenizer *tk)
{
    struct params p;
    int32_t raw_bytes;
    if (++tk->commas != 4 || strcmp(tk->code, "^GF") != 0 || tk->buf[0] != 'B')
        return;
    params_split(&p, tk->buf, tk->n, 5);
    if (p.count > 1 && text_int(p.at[1].s, p.at[1].n, 1, GFX_FIELD_MAX_BYTES, &raw_bytes)) {
        tk->state = RAW;
        tk->raw_left = (size_t)raw_bytes;
    }
}

static void step_params(struct tokenizer *tk, const char *s, size_t n)
{
    const struct shape *shape = shape_of(tk->code);
    if (!append(tk, s, n)) {
        fail(tk, tk->buf, tk->n < 40 ? tk->n : 40, "command is too long: skipped");
        tk->state = SKIP;
    } else if (shape != NULL && tk->n == shape->params) {
        finish(tk);
    } else if (s[n - 1] == ',') {
        maybe_raw(tk);
    }
}

/* How many of the `n` bytes can be taken as parameters in one go: up to a prefix, and to the
 * commas that may start raw data. */
static size_t params_span(const struct tokenizer *tk, const char *s, size_t n)
{
    if (shape_of(tk->code) != NULL || (tk->code[1] == 'G' && tk->commas < 4))
        return 1;
    size_t i = 1;
    while (i < n && s[i] != '^' && s[i] != '~' && (s[i] != '!' || tk->in_format))
        i++;
    return i;
}

static void step_line(struct tokenizer *tk, const char *s)
{
    if (*s == '\r' || *s == '\n') {
        tk->sink->line(tk->sink->context, tk->start, tk->buf, tk->n);
        drop_partial(tk);
    } else if (tk->n >= LINE_MAX_BYTES || !append(tk, s, 1)) {
        fail(tk, tk->buf, tk->n < 40 ? tk->n : 40, "`!` line is too long");
        tk->state = JUNK;
    }
}

static void step_idle(struct tokenizer *tk, const char *s, size_t n)
{
    if (*s == '\r' || *s == '\n' || *s == ' ' || *s == '\t')
        return;
    tk->start = tk->offset;
    tk->state = JUNK;
    fail(tk, s, n < 40 ? n : 40, "bytes that belong to no command");
}

/* Takes at least one byte; returns how many. */
static size_t step(struct tokenizer *tk, const char *s, size_t n)
{
    size_t taken = 1;
    if (tk->state == RAW) {
        taken = n < tk->raw_left ? n : tk->raw_left;
        tk->raw_left -= taken;
        if (!append(tk, s, taken))
            tk->state = SKIP;
        else if (tk->raw_left == 0)
            finish(tk);
        return taken;
    }
    if (tk->state != LINE && (*s == '^' || *s == '~')) {
        end_at_prefix(tk);
        begin(tk, *s);
        return 1;
    }
    if (tk->state != LINE && *s == '!' && !tk->in_format) {
        end_at_prefix(tk);
        begin(tk, *s);
        tk->state = LINE;
    }
    switch (tk->state) {
    case IDLE:
        step_idle(tk, s, n);
        break;
    case CODE:
        step_code(tk, *s);
        break;
    case LINE:
        step_line(tk, s);
        break;
    case PARAMS:
        taken = params_span(tk, s, n);
        step_params(tk, s, taken);
        break;
    case RAW:
    case JUNK:
    case SKIP:
        break;
    }
    return taken;
}

void tokenizer_feed(struct tokenizer *tk, const char *s, size_t n)
{
    while (n > 0) {
        size_t taken = step(tk, s, n);
        s += taken;
        n -= taken;
        tk->offset += taken;
    }
}
