/* SPDX-License-Identifier: Apache-2.0 */
#include "drivers/feed/snmp.h"

#include "drivers/driver.h"

#include <string.h>

/* Tags of X.690 and RFC 1157. */
enum { INTEGER = 0x02, OCTETS = 0x04, OID = 0x06, SEQUENCE = 0x30, GET_RESPONSE = 0xa2 };

#define ID_AT 17 /* of the id's last three bytes in the question */

void snmp_get(uint32_t id, uint8_t out[static SNMP_GET_BYTES])
{
    static const char question[SNMP_GET_BYTES + 1] =
        "\x30\x2c"     /* message */
        "\x02\x01\x00" /* version 1 */
        "\x04\x06"
        "public"   /* community */
        "\xa0\x1f" /* GetRequest */
        "\x02\x04\x01"
        "\0\0\0"                   /* its id: 1 first, so it is positive */
        "\x02\x01\x00\x02\x01\x00" /* error status, error index */
        "\x30\x11\x30\x0f"         /* one variable: */
        "\x06\x0b\x2b\x06\x01\x02\x01\x19\x03\x05\x01\x02\x01" /* 1.3.6.1.2.1.25.3.5.1.2.1 */
        "\x05\x00";                                            /* null */
    memcpy(out, question, SNMP_GET_BYTES);
    for (int i = 0; i < 3; i++)
        out[ID_AT + 1 + i] = (uint8_t)(id >> (16 - 8 * i));
}

struct ber {
    const uint8_t *at, *end;
};

/* Takes one element of that tag off the front; *in is what it holds. Lengths of up to two
 * bytes: a datagram has no longer ones. */
static bool take(struct ber *from, uint8_t tag, struct ber *in)
{
    const uint8_t *at = from->at;
    if (from->end - at < 2 || at[0] != tag)
        return false;
    size_t len = at[1];
    at += 2;
    if (len == 0x81 || len == 0x82) {
        ptrdiff_t bytes = len == 0x81 ? 1 : 2;
        if (from->end - at < bytes)
            return false;
        for (len = 0; bytes > 0; bytes--)
            len = len << 8 | *at++;
    } else if (len & 0x80) {
        return false;
    }
    if (len > (size_t)(from->end - at))
        return false;
    *in = (struct ber){at, at + len};
    from->at = at + len;
    return true;
}

static bool take_integer(struct ber *from, uint32_t *out)
{
    struct ber in;
    if (!take(from, INTEGER, &in) || in.end - in.at < 1 || in.end - in.at > 4)
        return false;
    *out = 0;
    for (; in.at < in.end; in.at++)
        *out = *out << 8 | *in.at;
    return true;
}

/* hrPrinterDetectedErrorState: bit 0 is the most significant of the first byte (RFC 2790). */
static uint32_t conditions_of(struct ber bits)
{
    static const struct {
        uint8_t bit;
        enum condition condition;
    } rows[] = {{1, CONDITION_MEDIA_EMPTY}, {3, CONDITION_RIBBON_EMPTY},
                {4, CONDITION_HEAD_OPEN},   {5, CONDITION_JAM},
                {9, CONDITION_MEDIA_EMPTY}, {11, CONDITION_MEDIA_EMPTY}};
    uint32_t conditions = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].bit / 8 < bits.end - bits.at &&
            bits.at[rows[i].bit / 8] & 0x80 >> rows[i].bit % 8)
            conditions |= 1u << rows[i].condition;
    return conditions;
}

bool snmp_answer(const uint8_t *bytes, size_t len, uint32_t id, uint32_t *conditions)
{
    struct ber all = {bytes, bytes + len}, message, community, pdu, list, variable, oid, value;
    uint32_t version, got, status, index;
    if (!take(&all, SEQUENCE, &message) || !take_integer(&message, &version) || version != 0 ||
        !take(&message, OCTETS, &community) || !take(&message, GET_RESPONSE, &pdu) ||
        !take_integer(&pdu, &got) || got != (0x01000000 | (id & 0xffffff)) ||
        !take_integer(&pdu, &status) || !take_integer(&pdu, &index))
        return false;
    *conditions = 0;
    /* An error ("no such name") is an answer as well: somebody is there. */
    if (status == 0 && take(&pdu, SEQUENCE, &list) && take(&list, SEQUENCE, &variable) &&
        take(&variable, OID, &oid) && take(&variable, OCTETS, &value))
        *conditions = conditions_of(value);
    return true;
}
