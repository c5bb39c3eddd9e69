/* SPDX-License-Identifier: Apache-2.0 */
/* ledger-fill.c: FOLDER EVENTS: fills the ledger of a store in FOLDER/store, and says on
 * standard output how many nanoseconds an event took, without its commit.
 *
 * The events are those of a line that prints chunks of 100 labels: sending, ten times printed,
 * settled; bodies as the jobs write them. */
#include "spooler/base/log.h"
#include "spooler/ledger/ledger.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define AT_ONCE 5000

struct filling {
    int64_t next, all;
    int64_t took_ns;
};

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static json_t *change(int64_t first, int64_t last, const char *from, const char *to)
{
    return json_pack("[{sI sI ss ss si}]", "first", (json_int_t)first, "last", (json_int_t)last,
                     "from", from, "to", to, "attempt", 1);
}

static enum err add_one(struct txn *txn, int64_t i, struct why *why)
{
    static const char root[] =
        "9316975e266027a6bbe0c8bff2f0a03c9efeb5199f751e2c3f15fa7f0ff65545";
    int64_t chunk = i / 12 + 1, job = chunk / 50 + 1, first = chunk % 50 * 100 + 1;
    int64_t step = i % 12, label = first + (step - 1) * 10;
    json_t *members =
        step == 0 ? json_pack("{sI sI si ss ss so}", "job", (json_int_t)job, "chunk",
                              (json_int_t)chunk, "attempt", 1, "printer", "line-3", "root",
                              root, "changes", change(first, first + 99, "reserved", "sending"))
                  : json_pack("{sI so sI}", "job", (json_int_t)job, "changes",
                              change(label, label + 9, "sending", "printed"), "chunk",
                              (json_int_t)chunk);
    return members ? ledger_append(txn,
                                   step == 0    ? "chunk.sending"
                                   : step == 11 ? "chunk.settled"
                                                : "label.printed",
                                   NULL, members, NULL, why)
                   : err_set(why, ERR_NO_MEMORY, "out of memory");
}

static enum err add_some(struct txn *txn, void *arg, struct why *why)
{
    struct filling *filling = arg;
    int64_t start_ns = now_ns();
    enum err err = ERR_NONE;
    for (int64_t i = filling->next; !err && i < filling->all && i < filling->next + AT_ONCE;
         i++)
        err = add_one(txn, i, why);
    filling->took_ns += now_ns() - start_ns;
    return err;
}

int main(int argc, char **argv)
{
    char folder[PATH_MAX];
    struct filling filling = {.all = argc == 3 ? strtoll(argv[2], NULL, 10) : 0};
    if (filling.all <= 0) {
        fputs("usage: ledger-fill FOLDER EVENTS\n", stderr);
        return 2;
    }
    snprintf(folder, sizeof folder, "%s/store", argv[1]);
    log_set_level(LOG_LEVEL_ERROR);
    const struct store_config config = {
        .folder = folder, .clock = &clock_system, .random = &random_system};
    struct store *store = NULL;
    struct why why = {""};
    enum err err = store_open(&config, &store, &why);
    for (; !err && filling.next < filling.all; filling.next += AT_ONCE)
        err = store_write(store, add_some, &filling, &why);
    store_close(store);
    if (err) {
        fprintf(stderr, "ledger-fill: %s\n", why.text);
        return 1;
    }
    printf("%lld\n", (long long)(filling.took_ns / filling.all));
    return 0;
}
