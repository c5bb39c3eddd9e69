/* SPDX-License-Identifier: Apache-2.0 */
/* base64.c: see base64.h. */
#include "spooler/ledger/base64.h"

#include <nettle/base64.h>
#include <string.h>

void base64_add(struct buf *out, const void *bytes, size_t len)
{
    size_t size = BASE64_ENCODE_RAW_LENGTH(len);
    uint8_t *room = buf_room(out, size);
    if (!room)
        return;
    base64_encode_raw((char *)room, len, bytes);
    out->len += size;
    out->bytes[out->len] = 0; /* buf.h promises it */
}

/* Decodes a group of four; false for a character of another alphabet, or `=` elsewhere than at
 * the end. */
static bool decode(const char *text, size_t len, uint8_t *out, size_t *count)
{
    struct base64_decode_ctx context;
    base64_decode_init(&context);
    for (size_t i = 0; i < len; i++) {
        /* nettle skips white space; a note has none inside */
        if (text[i] == ' ' || (text[i] >= '\t' && text[i] <= '\r'))
            return false;
    }
    *count = BASE64_DECODE_LENGTH(len);
    return base64_decode_update(&context, count, out, len, text) &&
           base64_decode_final(&context);
}

bool base64_parse(const char *text, size_t len, void *out, size_t max, size_t *count)
{
    struct buf bytes = BUF_INIT(max + 3), again = BUF_INIT(len + 4);
    size_t got = 0;
    bool good = len % 4 == 0 && len / 4 <= max / 3 + 1;
    uint8_t *room = good && len ? buf_room(&bytes, BASE64_DECODE_LENGTH(len)) : NULL;
    good = good && (len == 0 || (room && decode(text, len, room, &got))) && got <= max;
    if (good && len) { /* bits behind the last byte must be 0 */
        base64_add(&again, room, got);
        good = again.len == len && memcmp(again.bytes, text, len) == 0;
    }
    if (good && got)
        memcpy(out, room, got);
    if (good)
        *count = got;
    buf_free(&bytes);
    buf_free(&again);
    return good;
}

bool base64_parse_exact(const char *text, size_t len, void *out, size_t count)
{
    uint8_t bytes[128];
    size_t got = 0;
    if (count > sizeof bytes || !base64_parse(text, len, bytes, count, &got) || got != count)
        return false;
    memcpy(out, bytes, count);
    return true;
}
