/* SPDX-License-Identifier: Apache-2.0 */
/* Orders to a printer over HTTP: what is asked of the pipeline, what stands in the ledger. */
#include "tests/unit/intake-kit.h"

#include "spooler/ledger/ledger.h"

#define JSON "application/json"

static const struct {
    const char *name, *method, *path, *body, *key;
    long status;
    int drained, orders; /* after it */
} rows[] = {
    {"change the roll", "POST", "/v1/printers/line1/change-roll",
     "{\"person\":\"anna\",\"reason\":\"wrong stock\"}", "k1", 200, 1, 1},
    {"the same again is answered, not done again", "POST", "/v1/printers/line1/change-roll",
     "{\"person\":\"anna\",\"reason\":\"wrong stock\"}", "k1", 200, 1, 1},
    {"resume", "POST", "/v1/printers/line1/resume", "{\"person\":\"anna\"}", NULL, 200, 0, 2},
    {"resume what was not drained is fine", "POST", "/v1/printers/line1/resume", "{}", NULL,
     200, 0, 3},
    {"no such printer", "POST", "/v1/printers/line9/change-roll", "{}", NULL, 404, 0, 3},
    {"no name", "POST", "/v1/printers//change-roll", "{}", NULL, 404, 0, 3},
    {"a name with more in it", "POST", "/v1/printers/line1%2f/change-roll", "{}", NULL, 404, 0,
     3},
    {"a name that is too long", "POST",
     "/v1/printers/"
     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
     "/resume",
     "{}", NULL, 404, 0, 3},
    {"another word", "POST", "/v1/printers/line1/paint", "{}", NULL, 404, 0, 3},
    {"GET", "GET", "/v1/printers/line1/change-roll", NULL, NULL, 405, 0, 3},
    {"an unknown member", "POST", "/v1/printers/line1/change-roll", "{\"roll\":7}", NULL, 400,
     0, 3},
};

/* The last event, as it stands in the ledger. */
static enum err read_last(struct txn *txn, void *arg, struct why *why)
{
    int64_t size = 0;
    enum err err = ledger_size(txn, &size, why);
    return err ? err : ledger_body(txn, size, arg, why);
}

static void test_ledger(const char *want)
{
    struct buf body = BUF_INIT(4096);
    if (store_read(store, read_last, &body, NULL))
        abort();
    tap_ok(strstr(buf_text(&body), want) != NULL, "the ledger has %s", want);
    buf_free(&body);
}

int main(void)
{
    begin_world();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct counts before = count_all();
        int orders = drain_orders;
        struct reply reply = ask((struct ask){.method = rows[i].method,
                                              .path = rows[i].path,
                                              .type = rows[i].body ? JSON : NULL,
                                              .body = rows[i].body,
                                              .key = rows[i].key});
        tap_is_int(reply.status, rows[i].status, "%s: status", rows[i].name);
        tap_ok(drained == rows[i].drained && drain_orders == rows[i].orders,
               "%s: drained %d after %d orders", rows[i].name, drained, drain_orders);
        tap_is_int(count_all().events - before.events, drain_orders - orders,
                   "%s: an event for each order", rows[i].name);
        reply_free(&reply);
        if (i == 1)
            test_ledger("\"type\":\"printer.change-roll\",\"by\":\"anna");
        if (i == 2)
            test_ledger("\"type\":\"printer.resumed\",\"by\":\"anna");
    }
    test_ledger("\"printer\":\"line1\"");
    end_world();
    return tap_done();
}
