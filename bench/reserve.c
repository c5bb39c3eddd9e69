/* SPDX-License-Identifier: Apache-2.0 */
/* reserve.c: FOLDER: what a reservation of one number costs, and of a thousand million.
 *
 * Both take turns, block by block, so that what else the machine does meets both alike. Once
 * inside one transaction (the work itself), once each with its own commit (what a caller
 * waits). */
#include "bench/measure.h"
#include "spooler/base/log.h"
#include "spooler/registry/registry.h"

#include <limits.h>
#include <stdio.h>

#define BLOCKS  20  /* of each count, taking turns */
#define INSIDE  500 /* reservations a block, in one transaction */
#define ALONE   25  /* reservations a block, each with its commit */
#define MANY    UINT64_C(1000000000)
#define COUNTS  2
#define SAMPLES (BLOCKS * ALONE)

struct reserving {
    struct registry *registry;
    uint64_t count;
    unsigned times;
    int64_t took_ns;
};

static enum err reserve(struct txn *txn, void *arg, struct why *why)
{
    struct reserving *reserving = arg;
    struct serial_range range;
    enum err err = ERR_NONE;
    int64_t start_ns = measure_now_ns();
    for (unsigned i = 0; !err && i < reserving->times; i++)
        err = registry_reserve(txn, reserving->registry, "pack", "08938505974194",
                               reserving->count, &range, why);
    reserving->took_ns = measure_now_ns() - start_ns;
    return err;
}

/* Nanoseconds from the order to the answer; the work itself in `reserving`. */
static int64_t write_ns(struct store *store, struct reserving *reserving)
{
    struct why why = {""};
    int64_t start_ns = measure_now_ns();
    if (store_write(store, reserve, reserving, &why))
        measure_die("%s", why.text);
    return measure_now_ns() - start_ns;
}

static void measure(struct store *store, struct registry *registry)
{
    static const struct {
        uint64_t count;
        const char *inside, *alone;
    } rows[COUNTS] = {
        {1, "reserve 1", "reserve 1, with its commit"},
        {MANY, "reserve 10^9", "reserve 10^9, with its commit"},
    };
    static int64_t inside_ns[COUNTS][BLOCKS], alone_ns[COUNTS][SAMPLES];
    for (size_t block = 0; block < BLOCKS; block++) {
        for (size_t row = 0; row < COUNTS; row++) {
            struct reserving one = {registry, rows[row].count, 1, 0};
            struct reserving many = {registry, rows[row].count, INSIDE, 0};
            write_ns(store, &many);
            inside_ns[row][block] = many.took_ns / INSIDE;
            for (size_t i = 0; i < ALONE; i++)
                alone_ns[row][block * ALONE + i] = write_ns(store, &one);
        }
    }
    for (size_t row = 0; row < COUNTS; row++) {
        measure_print(&(struct measurement){
            .row = rows[row].inside,
            .unit = "us",
            .value_milli = measure_percentile(inside_ns[row], BLOCKS, 50),
            .note = "inside one transaction",
        });
        measure_print(&(struct measurement){
            .row = rows[row].alone,
            .unit = "us",
            .value_milli = measure_percentile(alone_ns[row], SAMPLES, 50),
        });
    }
}

int main(int argc, char **argv)
{
    if (argc != 2)
        measure_die("usage: reserve FOLDER");
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s/store", argv[1]);
    log_set_level(LOG_LEVEL_ERROR);
    const struct store_config config = {
        .folder = folder, .clock = &clock_system, .random = &random_system};
    const struct series_config series = {
        .name = "pack",
        .format = {.kind = NUMBER_RANDOM, .alphabet = NUMBER_ALPHABET_DEFAULT, .length = 12}};
    struct store *store = NULL;
    struct registry *registry = NULL;
    struct why why = {""};
    if (store_open(&config, &store, &why) ||
        registry_open(store, &series, 1, argv[1], &random_system, NULL, &registry, &why))
        measure_die("%s", why.text);
    measure(store, registry);
    registry_free(registry);
    store_close(store);
    return 0;
}
