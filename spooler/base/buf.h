/* SPDX-License-Identifier: Apache-2.0 */
/* buf.h: a growable byte buffer with a maximum from birth.
 *
 * Appends after a failure do nothing and the failure is remembered, so that a
 * writer may append many times and check once with buf_err(). bytes[len] is
 * always 0 once anything was appended. Not thread-safe: one owner. */
#ifndef TEM_BASE_BUF_H
#define TEM_BASE_BUF_H

#include "spooler/base/err.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
    uint8_t *bytes;
    size_t len;
    size_t size;
    size_t max;
    enum err err; /* ERR_NONE, ERR_TOO_LARGE or ERR_NO_MEMORY */
};

#define BUF_INIT(max_bytes) ((struct buf){.max = (max_bytes)})

void buf_init(struct buf *buf, size_t max);
/* Releases the memory; the buffer is empty and usable with the same maximum. */
void buf_free(struct buf *buf);
/* Empties it and forgets a failure, keeps the memory. */
void buf_reset(struct buf *buf);

void buf_add(struct buf *buf, const void *bytes, size_t len);
void buf_add_text(struct buf *buf, const char *text);
void buf_add_byte(struct buf *buf, uint8_t byte);
void buf_add_be16(struct buf *buf, uint16_t value);
void buf_add_be32(struct buf *buf, uint32_t value);
void buf_add_be64(struct buf *buf, uint64_t value);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *buf, const char *format, va_list args);
/* Makes room for `len` bytes and returns where to write them (the caller then adds to
 * buf->len); NULL on failure, which is remembered. */
uint8_t *buf_room(struct buf *buf, size_t len);

enum err buf_err(const struct buf *buf);
/* The bytes as a C string ("" while empty or failed); valid until the next change. */
const char *buf_text(const struct buf *buf);
/* Hands the memory over (caller frees); the buffer is empty. NULL when failed. */
char *buf_take(struct buf *buf);

#endif
