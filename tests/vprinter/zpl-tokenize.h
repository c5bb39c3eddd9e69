/* SPDX-License-Identifier: Apache-2.0
 *
 * zpl-tokenize.h: cuts the byte stream into commands at the moment it arrives.
 *
 * The stream may be cut into reads anywhere: the same bytes give the same calls. Commands that
 * a printer obeys at once (~HS, ~HQ, ~JA, ~JR, getvar) are recognised here, before the labels
 * that wait in front of them; everything else becomes a token for the interpreter. Raw ^GFB
 * data and ~DG data belong to their command and are never searched for commands, except that
 * `^` and
 * `~` end text data. `! U1` lines are known between formats only. */
#ifndef VPRINTER_ZPL_TOKENIZE_H
#define VPRINTER_ZPL_TOKENIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The longest command with its data; what is longer is refused and skipped. */
#define TOKEN_MAX_BYTES (20 * 1024 * 1024)

/* One command with its parameters. `code` is for instance "^FO"; CUT_CODE marks the place where
 * a connection ended in the middle of a format. Owned by whom it was handed to; free(). */
struct token {
    struct token *next;
    char code[4];
    unsigned connection;
    uint64_t offset;
    size_t stream_bytes;
    size_t n;
    char data[];
};

#define CUT_CODE "cut"

struct token_sink {
    void *context;
    /* Takes the token. */
    void (*command)(void *context, struct token *token);
    /* Borrows it: a command to obey now. */
    void (*immediate)(void *context, const struct token *token);
    /* A whole `! ...` line without its end. */
    void (*line)(void *context, uint64_t offset, const char *s, size_t n);
    void (*error)(void *context, uint64_t offset, const char *s, size_t n, const char *text);
};

struct tokenizer;

/* Borrows `sink`. NULL without memory. */
struct tokenizer *tokenizer_new(const struct token_sink *sink);
void tokenizer_free(struct tokenizer *tk);

void tokenizer_feed(struct tokenizer *tk, const char *s, size_t n);

/* A new connection: offsets count from 0 again. */
void tokenizer_connection(struct tokenizer *tk, unsigned connection);

/* Forgets a half command and a half format; emits CUT_CODE when there was either. */
void tokenizer_cut(struct tokenizer *tk);

/* The same in silence, for ~JA and power loss. */
void tokenizer_reset(struct tokenizer *tk);

/* Bytes of the command that is still arriving. */
size_t tokenizer_partial_bytes(const struct tokenizer *tk);

bool tokenizer_in_format(const struct tokenizer *tk);

#endif
