/* SPDX-License-Identifier: Apache-2.0 */
/* Every text is what jansson's own writer makes of the same value: the ledger's bytes are
 * hashed, and who checks them may use any other writer. */
#include "spooler/base/json-text.h"

#include "tests/unit/tap.h"

#include <stdlib.h>
#include <string.h>

/* As jansson reads them; what it writes of them is the expectation. */
static const char *const texts[] = {
    "{}",
    "[]",
    "[[],{},[[]],{\"a\":{}}]",
    "{\"b\":1,\"a\":2,\"\":3}",
    "[true,false,null]",
    "[0,-1,1,9223372036854775807,-9223372036854775808,10,-10,99]",
    "[\"\",\"a\",\"Vi\xc3\xaan n\xc3\xa9n\",\"\xe2\x98\x83\",\"\xf0\x9f\x8f\xb7\"]",
    "[\"\\\"\",\"\\\\\",\"a\\\"b\\\\c\",\"/\",\"\\/\",\"\\u007f\"]",
    "[\"\\b\\f\\n\\r\\t\",\"\\u0001\\u001f\",\"\\u000b\\u001d(21)\",\"a\\u0000b\"]",
    "{\"a\\\"\\n\":\"x\",\"Vi\xc3\xaan\":[{\"first\":1,\"last\":2}]}",
};

static void test_texts(void)
{
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        json_t *json = json_loads(texts[i], JSON_ALLOW_NUL, NULL);
        char *want = json ? json_dumps(json, JSON_COMPACT) : NULL;
        struct buf got = BUF_INIT(4096);
        json_text(json, &got);
        tap_ok(want && !buf_err(&got) && got.len == strlen(want) &&
                   memcmp(got.bytes, want, got.len) == 0,
               "row %zu: %s", i, want ? want : "does not parse");
        buf_free(&got);
        free(want);
        json_decref(json);
    }
}

static void test_failures(void)
{
    struct buf small = BUF_INIT(5), none = BUF_INIT(5);
    json_t *json = json_pack("[sss]", "a", "b", "c");
    json_text(json, &small);
    tap_is_int(buf_err(&small), ERR_TOO_LARGE, "more than the buffer may hold");
    json_text(NULL, &none);
    tap_is_int(buf_err(&none), ERR_NO_MEMORY, "what could not be made");
    json_decref(json);
    buf_free(&small);
    buf_free(&none);
}

int main(void)
{
    test_texts();
    test_failures();
    return tap_done();
}
