/* SPDX-License-Identifier: Apache-2.0 */
#include "host.h"

#include <inttypes.h>
#include <string.h>

#define STX "\x02"
#define ETX "\x03"

/* The digit r of ~HS; which digit means which mode is the vendor's manual from memory. */
static char mode_digit(char mode)
{
    static const struct {
        char letter, digit;
    } modes[] = {{'R', '0'}, {'P', '1'}, {'T', '2'}, {'C', '3'}, {'D', '3'}};
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
        if (modes[i].letter == mode)
            return modes[i].digit;
    return '2';
}

void host_status(const struct host_view *v, struct line *out)
{
    uint32_t formats = v->formats < 999 ? v->formats : 999;
    uint32_t length = v->length_dots < 9999 ? v->length_dots : 9999;
    line_add(out, STX "030,%d,%d,%04u,%03u,%d,0,%d,000,0,0,0" ETX "\r\n", v->paper_out,
             v->paused, length, formats, v->buffer_full, v->partial_format);
    line_add(out, STX "000,0,%d,%d,%d,%c,6,%d,%08u,1,%03u" ETX "\r\n", v->head_open,
             v->ribbon_out, v->transfer, mode_digit(v->mode), v->label_waiting,
             v->labels_remaining, v->graphics);
    line_add(out, STX "1234,0" ETX "\r\n");
}

void host_errors(const struct host_view *v, struct line *out)
{
    unsigned bits = (v->paper_out ? 0x1U : 0) | (v->ribbon_out ? 0x2U : 0) |
                    (v->head_open ? 0x4U : 0) | (v->cutter ? 0x8U : 0) |
                    (v->jam ? 0x1000U : 0) | (v->paused ? 0x10000U : 0);
    line_add(out, STX "\r\nPRINTER STATUS\r\nERRORS: %d 00000000 %08X\r\n", bits != 0, bits);
    line_add(out, "WARNINGS: 0 00000000 00000000\r\n" ETX);
}

bool host_getvar(const struct host_view *v, const char *s, size_t n, struct line *out)
{
    static const char head[] = "! U1 getvar \"", count[] = "odometer.total_label_count",
                      id[] = "device.unique_id";
    size_t head_n = sizeof head - 1;
    if (n < head_n + 1 || memcmp(s, head, head_n) != 0 || s[n - 1] != '"')
        return false;
    const char *name = s + head_n;
    size_t name_n = n - head_n - 1;
    if (name_n == sizeof count - 1 && memcmp(name, count, name_n) == 0)
        line_add(out, "\"%" PRIu64 "\"", v->odometer);
    else if (name_n == sizeof id - 1 && memcmp(name, id, name_n) == 0)
        line_add(out, "\"%s\"", v->unique_id);
    else
        line_add(out, "\"?\"");
    return true;
}
