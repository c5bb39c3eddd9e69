/* SPDX-License-Identifier: Apache-2.0 */
/* Scans taken apart. The element strings and URIs are those of the GS1 examples in the facts
 * (01 09520123456788 ...); the expected AIs are read off them by hand. */
#include "spooler/intake/scan.h"
#include "tests/unit/tap.h"

#include <stdio.h>

static const struct {
    const char *name, *in, *want; /* AIs "01=...;"; NULL = refused */
    const char *plain;            /* NULL = "" */
} cases[] = {
    {"DataMatrix",
     "]d201095201234567881728030110L123\x1d"
     "217K3QF9ZT2M",
     "01=09520123456788;17=280301;10=L123;21=7K3QF9ZT2M;", NULL},
    {"GS1-128, the same",
     "]C101095201234567881728030110L123\x1d"
     "217K3QF9ZT2M",
     "01=09520123456788;17=280301;10=L123;21=7K3QF9ZT2M;", NULL},
    {"GS1 QR", "]Q30109520123456788217K3Q", "01=09520123456788;21=7K3Q;", NULL},
    {"DataBar", "]e00109520123456788", "01=09520123456788;", NULL},
    {"SSCC and contents",
     "]d20009520123456789123502095201234567883724\x1d"
     "10L123",
     "00=095201234567891235;02=09520123456788;37=24;10=L123;", NULL},
    {"no identifier, but separators",
     "010952012345678810L1\x1d"
     "21A",
     "01=09520123456788;10=L1;21=A;", NULL},
    {"a separator in front",
     "]C1\x1d"
     "0109520123456788",
     "01=09520123456788;", NULL},
    {"a separator behind", "]d221A\x1d", "21=A;", NULL},
    {"no identifier, no separator: both readings", "0109520123456788217K3QF9ZT2M",
     "01=09520123456788;21=7K3QF9ZT2M;", "0109520123456788217K3QF9ZT2M"},
    {"four digits of AI",
     "]d23103000750\x1d"
     "21A",
     "3103=000750;21=A;", NULL},
    {"serial with signs", "]d221_>%&\"<'+/", "21=_>%&\"<'+/;", NULL},
    {"parentheses", "(01)09520123456788(17)280301(10)L123(21)7K3QF9ZT2M",
     "01=09520123456788;17=280301;10=L123;21=7K3QF9ZT2M;", NULL},
    {"brackets", "[01]09520123456788[10]L123[21]7K3Q", "01=09520123456788;10=L123;21=7K3Q;",
     NULL},
    {"brackets around a forged AI", "[01]09520123456788[10]L1(21)FAKE[21]7K3Q",
     "01=09520123456788;10=L1(21)FAKE;21=7K3Q;", NULL},
    {"scanned lot with a forged AI",
     "]d2010952012345678810L1(21)FAKE\x1d"
     "217K3Q",
     "01=09520123456788;10=L1(21)FAKE;21=7K3Q;", NULL},
    {"parentheses with a forged AI: which is it?", "(01)09520123456788(10)L1(21)FAKE(21)7K3Q",
     NULL, NULL},
    {"parenthesis that is no AI", "(10)L(x)1(21)A", "10=L(x)1;21=A;", NULL},
    {"Digital Link", "https://id.gs1.org/01/09520123456788/10/L123/21/7K3QF9ZT2M?17=280301",
     "01=09520123456788;10=L123;21=7K3QF9ZT2M;17=280301;", NULL},
    {"Digital Link, escaped", "https://id.gs1.org/01/09520123456788/10/L%2F1%2B2/21/A%26B%25C",
     "01=09520123456788;10=L/1+2;21=A&B%C;", NULL},
    {"Digital Link, SSCC", "https://id.gs1.org/00/095201234567891235?02=09520123456788&37=24",
     "00=095201234567891235;02=09520123456788;37=24;", NULL},
    {"Digital Link with a stem", "http://example.vn/a/01/x/01/09520123456788/21/A#top",
     "01=09520123456788;21=A;", NULL},
    {"Digital Link, other parameters", "https://x.vn/01/09520123456788?lang=vi&10=L1",
     "01=09520123456788;10=L1;", NULL},
    {"Digital Link, GTIN-13", "HTTPS://x.vn/01/9520123456788/21/A", "01=09520123456788;21=A;",
     NULL},
    {"Digital Link, GTIN-8", "https://x.vn/01/02345673/21/A", "01=00000002345673;21=A;", NULL},
    {"a URI without a key", "https://example.vn/shop/9520123456788", NULL, NULL},
    {"a URI with a bad escape", "https://x.vn/01/09520123456788/21/A%2", NULL, NULL},
    {"a URI with NUL", "https://x.vn/01/09520123456788/21/A%00B", NULL, NULL},
    {"plain number", "7K3QF9ZT", "", "7K3QF9ZT"},
    {"plain number in Code 128", "]C07K3QF9ZT", "", "7K3QF9ZT"},
    {"plain number in Data Matrix", "]d17K3QF9ZT", "", "7K3QF9ZT"},
    {"cut inside a fixed AI", "]d2010952012345", NULL, NULL},
    {"unknown AI", "]d2010952012345678805X", NULL, NULL},
    {"one AI twice, the same",
     "]d221A\x1d"
     "21A",
     "21=A;", NULL},
    {"one AI twice, different",
     "]d221A\x1d"
     "21B",
     NULL, NULL},
    {"blank in a serial", "]d221ABC DEF", NULL, NULL},
    {"empty value", "(10)(21)A", NULL, NULL},
    {"empty", "", NULL, NULL},
    {"not UTF-8", "\xff", NULL, NULL},
};

int main(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct scan scan;
        struct why why = {""};
        char text[4096] = "";
        enum err err = scan_parse(cases[i].in, strlen(cases[i].in), &scan, &why);
        if (!cases[i].want) {
            tap_ok(err == ERR_INPUT && *why.text, "%s: refused: %s", cases[i].name, why.text);
            continue;
        }
        size_t used = 0;
        for (size_t k = 0; !err && k < scan.count; k++)
            used += (size_t)snprintf(text + used, sizeof text - used, "%s=%s;", scan.ais[k].ai,
                                     scan.ais[k].value);
        tap_is_str(err ? why.text : text, cases[i].want, "%s", cases[i].name);
        tap_is_str(err ? why.text : scan.plain, cases[i].plain ? cases[i].plain : "",
                   "%s: plain", cases[i].name);
    }
    return tap_done();
}
