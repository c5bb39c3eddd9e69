/* SPDX-License-Identifier: Apache-2.0 */
#include "gfx.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

void gfx_free(struct gfx *gfx)
{
    free(gfx->dots);
    *gfx = (struct gfx){0};
}

uint16_t gfx_crc16(const char *s, size_t n)
{
    unsigned crc = 0;
    for (size_t i = 0; i < n; i++) {
        crc ^= (unsigned)(unsigned char)s[i] << 8;
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
        crc &= 0xFFFF;
    }
    return (uint16_t)crc;
}

/* Where ACS decoding stands; positions count nibbles. */
struct acs {
    uint8_t *dots;
    size_t row_nibbles, total_nibbles, at;
    uint32_t run;
};

static bool acs_put(struct acs *acs, unsigned nibble, size_t times, struct complaint *why)
{
    if (times > acs->total_nibbles - acs->at)
        return complain(why, "data goes beyond the declared %zu bytes", acs->total_nibbles / 2);
    for (; times > 0; times--, acs->at++)
        acs->dots[acs->at / 2] |= (uint8_t)(acs->at % 2 ? nibble : nibble << 4);
    return true;
}

static bool acs_repeat_row(struct acs *acs, struct complaint *why)
{
    if (acs->at == 0)
        return complain(why, "`:` has no row before it");
    if (acs->at % acs->row_nibbles != 0)
        return complain(why, "`:` in the middle of a row");
    if (acs->at == acs->total_nibbles)
        return complain(why, "`:` goes beyond the declared size");
    size_t row_bytes = acs->row_nibbles / 2;
    memcpy(acs->dots + acs->at / 2, acs->dots + acs->at / 2 - row_bytes, row_bytes);
    acs->at += acs->row_nibbles;
    return true;
}

static bool acs_step(struct acs *acs, char c, struct complaint *why)
{
    int nibble = text_hex(c);
    if (nibble >= 0) {
        size_t times = acs->run > 0 ? acs->run : 1;
        acs->run = 0;
        return acs_put(acs, (unsigned)nibble, times, why);
    }
    uint32_t count = 0;
    if (c >= 'G' && c <= 'Y')
        count = (uint32_t)(c - 'G') + 1;
    else if (c >= 'g' && c <= 'z')
        count = ((uint32_t)(c - 'g') + 1) * 20;
    if (count > 0) {
        acs->run += count;
        return acs->run <= 2 * GFX_MAX_BYTES || complain(why, "run count is too large");
    }
    if (acs->run > 0)
        return complain(why, "run count without a hex digit after it");
    if (c == ',') {
        if (acs->at == acs->total_nibbles)
            return complain(why, "`,` goes beyond the declared size");
        return acs_put(acs, 0, acs->row_nibbles - acs->at % acs->row_nibbles, why);
    }
    if (c == ':')
        return acs_repeat_row(acs, why);
    if (c == '!')
        return complain(why, "`!` (printers disagree about it)");
    return complain(why, "byte 0x%02X is neither hex nor a run", (unsigned char)c);
}

static bool decode_acs(const char *s, size_t n, uint8_t *dots, uint32_t total,
                       uint32_t row_bytes, struct complaint *why)
{
    struct acs acs = {
        .dots = dots, .row_nibbles = 2 * (size_t)row_bytes, .total_nibbles = 2 * (size_t)total};
    for (size_t i = 0; i < n; i++)
        if (s[i] != '\r' && s[i] != '\n' && !acs_step(&acs, s[i], why))
            return false;
    if (acs.run > 0)
        return complain(why, "run count at the end of the data");
    if (acs.at != acs.total_nibbles)
        return complain(why, "data ends after %zu of %zu hex digits", acs.at,
                        acs.total_nibbles);
    return true;
}

static int base64_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Decodes strictly padded base64 into `out`, which has room for n / 4 * 3 bytes. */
static bool base64_decode(const char *s, size_t n, uint8_t *out, size_t *out_bytes,
                          struct complaint *why)
{
    size_t pad = 0, at = 0;
    while (pad < n && pad < 2 && s[n - 1 - pad] == '=')
        pad++;
    if (n == 0 || n % 4 != 0)
        return complain(why, "base64 of %zu characters is not a multiple of 4", n);
    for (size_t i = 0; i < n; i += 4) {
        uint32_t word = 0;
        for (size_t k = i; k < i + 4; k++) {
            int value = k >= n - pad ? 0 : base64_value(s[k]);
            if (value < 0)
                return complain(why, "byte 0x%02X is not base64", (unsigned char)s[k]);
            word = word << 6 | (uint32_t)value;
        }
        out[at++] = (uint8_t)(word >> 16);
        out[at++] = (uint8_t)(word >> 8);
        out[at++] = (uint8_t)word;
    }
    *out_bytes = at - pad;
    return true;
}

static bool inflate_exactly(const uint8_t *in, size_t n, uint8_t *dots, uint32_t total,
                            struct complaint *why)
{
    z_stream z = {.next_in = (z_const Bytef *)(uintptr_t)in,
                  .avail_in = (uInt)n,
                  .next_out = dots,
                  .avail_out = total};
    uint8_t beyond;
    if (inflateInit(&z) != Z_OK)
        return complain(why, "zlib has no memory");
    int rc = inflate(&z, Z_FINISH);
    if (rc != Z_STREAM_END && z.avail_out == 0) {
        z.next_out = &beyond;
        z.avail_out = 1;
        rc = inflate(&z, Z_FINISH);
    }
    uLong got = z.total_out;
    uInt left = z.avail_in;
    (void)inflateEnd(&z); /* its state was valid: it can only say Z_OK */
    if (got > total)
        return complain(why, "inflates to more than the declared %u bytes", total);
    if (rc != Z_STREAM_END)
        return complain(why, "zlib data is damaged or cut (%d)", rc);
    if (got != total)
        return complain(why, "inflates to %lu bytes, declared are %u", got, total);
    if (left != 0)
        return complain(why, "%u bytes follow the zlib data", left);
    return true;
}

static bool decode_packed(const char *s, size_t n, bool zlib, uint8_t *dots, uint32_t total,
                          struct complaint *why)
{
    while (n > 0 && (s[n - 1] == '\r' || s[n - 1] == '\n'))
        n--;
    if (n < 5 || s[n - 5] != ':')
        return complain(why, "no `:` and 4 digits of CRC at the end");
    unsigned crc = 0;
    for (size_t i = n - 4; i < n; i++) {
        int digit = text_hex(s[i]);
        if (digit < 0)
            return complain(why, "CRC is not 4 hex digits");
        crc = crc << 4 | (unsigned)digit;
    }
    n -= 5;
    if (gfx_crc16(s, n) != crc)
        return complain(why, "CRC is %04X, the data have %04X", crc, gfx_crc16(s, n));
    uint8_t *packed = malloc(n / 4 * 3 + 3);
    size_t packed_bytes = 0;
    if (packed == NULL)
        return complain(why, "no memory");
    bool ok = base64_decode(s, n, packed, &packed_bytes, why);
    if (ok && zlib)
        ok = inflate_exactly(packed, packed_bytes, dots, total, why);
    else if (ok && packed_bytes != total)
        ok = complain(why, "base64 holds %zu bytes, declared are %u", packed_bytes, total);
    else if (ok)
        memcpy(dots, packed, total);
    free(packed);
    return ok;
}

static bool sizes_ok(uint32_t total, uint32_t row_bytes, struct complaint *why)
{
    if (total == 0 || row_bytes == 0 || total > GFX_MAX_BYTES)
        return complain(why, "sizes %u and %u are not usable", total, row_bytes);
    if (total % row_bytes != 0)
        return complain(why, "%u bytes are no whole rows of %u", total, row_bytes);
    return true;
}

bool gfx_decode(const char *s, size_t n, uint32_t total_bytes, uint32_t row_bytes,
                struct gfx *out, struct complaint *why)
{
    if (!sizes_ok(total_bytes, row_bytes, why))
        return false;
    uint8_t *dots = calloc(total_bytes, 1);
    if (dots == NULL)
        return complain(why, "no memory");
    bool ok;
    if (n >= 5 && memcmp(s, ":Z64:", 5) == 0)
        ok = decode_packed(s + 5, n - 5, true, dots, total_bytes, why);
    else if (n >= 5 && memcmp(s, ":B64:", 5) == 0)
        ok = decode_packed(s + 5, n - 5, false, dots, total_bytes, why);
    else
        ok = decode_acs(s, n, dots, total_bytes, row_bytes, why);
    if (!ok) {
        free(dots);
        return false;
    }
    *out = (struct gfx){.row_bytes = row_bytes, .rows = total_bytes / row_bytes, .dots = dots};
    return true;
}

bool gfx_decode_raw(const char *s, size_t n, uint32_t total_bytes, uint32_t row_bytes,
                    struct gfx *out, struct complaint *why)
{
    if (!sizes_ok(total_bytes, row_bytes, why))
        return false;
    if (n != total_bytes)
        return complain(why, "%zu raw bytes, declared are %u", n, total_bytes);
    uint8_t *dots = malloc(n);
    if (dots == NULL)
        return complain(why, "no memory");
    memcpy(dots, s, n);
    *out = (struct gfx){.row_bytes = row_bytes, .rows = total_bytes / row_bytes, .dots = dots};
    return true;
}

bool gfx_field(const char *s, size_t n, struct gfx *out, struct complaint *why)
{
    struct params p;
    int32_t b, c, row_bytes;
    params_split(&p, s, n, 5);
    if (p.count < 5)
        return complain(why, "^GF wants 5 parameters, got %zu", p.count);
    if (!text_int(p.at[1].s, p.at[1].n, 1, GFX_FIELD_MAX_BYTES, &b) ||
        !text_int(p.at[2].s, p.at[2].n, 1, GFX_FIELD_MAX_BYTES, &c))
        return complain(why, "^GF counts must be 1 to %d", GFX_FIELD_MAX_BYTES);
    if (b != c)
        return complain(why, "^GF counts b and c differ (%d and %d)", b, c);
    if (!text_int(p.at[3].s, p.at[3].n, 1, GFX_FIELD_MAX_BYTES, &row_bytes))
        return complain(why, "^GF row bytes are not usable");
    /* params_split has trimmed the ends, which raw data must not be. */
    const char *data = (const char *)memchr(p.at[3].s, ',', (size_t)(s + n - p.at[3].s)) + 1;
    size_t data_bytes = (size_t)(s + n - data);
    if (p.at[0].n == 1 && p.at[0].s[0] == 'A')
        return gfx_decode(p.at[4].s, p.at[4].n, (uint32_t)c, (uint32_t)row_bytes, out, why);
    if (p.at[0].n == 1 && p.at[0].s[0] == 'B')
        return gfx_decode_raw(data, data_bytes, (uint32_t)c, (uint32_t)row_bytes, out, why);
    return complain(why, "^GF data must be of type A or B");
}
