/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUF_FIRST_SIZE 64

void buf_init(struct buf *buf, size_t max)
{
    *buf = BUF_INIT(max);
}

void buf_free(struct buf *buf)
{
    free(buf->bytes);
    buf_init(buf, buf->max);
}

void buf_reset(struct buf *buf)
{
    buf->len = 0;
    buf->err = ERR_NONE;
    if (buf->bytes)
        buf->bytes[0] = 0;
}

uint8_t *buf_room(struct buf *buf, size_t len)
{
    if (buf->err)
        return NULL;
    if (len > buf->max - buf->len) {
        buf->err = ERR_TOO_LARGE;
        return NULL;
    }
    size_t need = buf->len + len + 1;
    if (need > buf->size) {
        size_t size = buf->size ? buf->size : BUF_FIRST_SIZE;
        while (size < need)
            size *= 2;
        uint8_t *bytes = realloc(buf->bytes, size);
        if (!bytes) {
            buf->err = ERR_NO_MEMORY;
            return NULL;
        }
        buf->bytes = bytes;
        buf->size = size;
    }
    return buf->bytes + buf->len;
}

void buf_add(struct buf *buf, const void *bytes, size_t len)
{
    uint8_t *to = buf_room(buf, len);
    if (!to)
        return;
    if (len)
        memcpy(to, bytes, len);
    buf->len += len;
    buf->bytes[buf->len] = 0;
}

void buf_add_text(struct buf *buf, const char *text)
{
    buf_add(buf, text, strlen(text));
}

void buf_add_byte(struct buf *buf, uint8_t byte)
{
    buf_add(buf, &byte, 1);
}

static void add_be(struct buf *buf, uint64_t value, size_t len)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)(value >> (8 * (len - 1 - i)));
    buf_add(buf, bytes, len);
}

void buf_add_be16(struct buf *buf, uint16_t value)
{
    add_be(buf, value, 2);
}

void buf_add_be32(struct buf *buf, uint32_t value)
{
    add_be(buf, value, 4);
}

void buf_add_be64(struct buf *buf, uint64_t value)
{
    add_be(buf, value, 8);
}

void buf_vprintf(struct buf *buf, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    uint8_t *to = len < 0 ? NULL : buf_room(buf, (size_t)len);
    if (to) {
        vsnprintf((char *)to, (size_t)len + 1, format, again);
        buf->len += (size_t)len;
    }
    va_end(again);
}

void buf_printf(struct buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    buf_vprintf(buf, format, args);
    va_end(args);
}

enum err buf_err(const struct buf *buf)
{
    return buf->err;
}

const char *buf_text(const struct buf *buf)
{
    return buf->bytes && !buf->err ? (const char *)buf->bytes : "";
}

char *buf_take(struct buf *buf)
{
    buf_add(buf, "", 0);
    if (buf->err)
        return NULL;
    char *text = (char *)buf->bytes;
    buf_init(buf, buf->max);
    return text;
}
