/* SPDX-License-Identifier: Apache-2.0 */
/* recovery-fill.c: FOLDER mixed|small LABELS: a store in FOLDER/store as it is after years:
 * jobs of LABELS labels in all, printed through the library with the calls and in the order of
 * the pipeline (as disk-bytes does), keys in FOLDER/keys. Prints how many jobs and events it
 * has.
 *
 * mixed: jobs of 20 to 20,000 labels, every fifth with a row of data a label; small: jobs of 20
 * labels. Every job came with an Idempotency-Key; 500 scopes; one chunk of a hundred ended in
 * doubt that a person resolved, one job of a hundred was cancelled, one of 500 is still held.
 */
#include "bench/measure.h"
#include "spooler/base/hash.h"
#include "spooler/base/log.h"
#include "spooler/job/chunk.h"
#include "spooler/job/rows.h"
#include "spooler/ledger/ledger.h"
#include "spooler/reconcile/follow.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK    100
#define FIELDS   6 /* as medicine-pack: product, producer, gtin, lot, expiry, serial */
#define SERIAL   5
#define SCOPES   500
#define AT_ONCE  20000 /* labels a commit, about */
#define ANSWER   1200  /* bytes that are kept under an Idempotency-Key */
#define DOUBTFUL 4     /* labels in doubt after a fault: the window */
/* Labels in the time in which "printed" is gathered: 150 mm/s, a label every 33 mm. */
#define GATHERED (150 * FOLLOW_GATHER_MS / 1000 / 33)

struct filling {
    struct registry *registry;
    bool small;
    uint64_t labels, all; /* done, to be done */
    uint64_t jobs, chunks;
    struct rows_writer rows;
    int64_t chunk_ids, ids_left;
};

static uint64_t size_of_job(const struct filling *filling)
{
    static const uint64_t sizes[] = {20, 100, 500, 2000, 5000, 500, 100, 20000, 1000, 2000};
    uint64_t size = filling->small ? 20 : sizes[filling->jobs % (sizeof sizes / sizeof *sizes)];
    uint64_t left = filling->all - filling->labels;
    return size < left ? size : left;
}

/* ---- acceptance ------------------------------------------------------------------------ */

static enum err add_rows(struct txn *txn, struct filling *filling, int64_t id,
                         uint64_t quantity, const char *gtin, struct why *why)
{
    uint64_t a_row = !filling->small && filling->jobs % 5 == 4 ? 1 : quantity;
    enum err err = rows_writer_init(&filling->rows, FIELDS);
    for (uint64_t label = 1; !err && label <= quantity; label += a_row) {
        char product[64], lot[32];
        bool full = false;
        snprintf(product, sizeof product, "Vi\303\252n n\303\251n Paracetamol %06llu",
                 (unsigned long long)label);
        snprintf(lot, sizeof lot, "L%08llu", (unsigned long long)filling->jobs);
        const char *values[FIELDS] = {product, NULL, gtin, lot, "2028-03-31", NULL};
        err = rows_add(&filling->rows, values, a_row, &full);
        bool last = label + a_row > quantity;
        if (!err && (full || last))
            err = job_stage_page(txn, id, filling->rows.first, filling->rows.last,
                                 filling->rows.page.bytes, filling->rows.page.len, why);
        if (!err && full)
            rows_next_page(&filling->rows);
    }
    rows_writer_free(&filling->rows);
    return err;
}

static enum err accept(struct txn *txn, struct filling *filling, uint64_t quantity, int64_t *id,
                       struct why *why)
{
    static const uint8_t hash[SHA256_BYTES] = {1};
    static char body[3000], answer[ANSWER];
    char gtin[16], key[40];
    const struct job_new job = {
        .template_hash = hash,
        .template_name = "medicine-pack",
        .template_body = body, /* about what medicine-pack.yaml has */
        .template_len = sizeof body,
        .pieces = 1,
        .close_at = "printed",
        .on_doubt = "hold",
        .printer = "old",
        .caller = "unix:anna",
        .person = "anna",
        .reference = "4500012345",
    };
    snprintf(gtin, sizeof gtin, "0893850%06u4", (unsigned)(filling->jobs % SCOPES));
    snprintf(key, sizeof key, "order-4500012345-%08llu", (unsigned long long)filling->jobs);
    const struct segment_plan plan = {
        .field = SERIAL, .first = 1, .last = quantity, .series = "pack", .scope = gtin};
    enum err err = job_stage(txn, &job, id, why);
    if (!err)
        err = add_rows(txn, filling, *id, quantity, gtin, why);
    if (!err)
        err = job_accept(txn, filling->registry, *id, quantity, &plan, 1, why);
    return err ? err
               : idempotency_keep(txn, "unix:anna", key, hash, 0, 201, answer, sizeof answer,
                                  *id, why);
}

/* ---- printing, as pipeline.c and follow.c do it ------------------------------------------ */

static enum err print_chunk(struct txn *txn, struct filling *filling, bool stays,
                            struct why *why)
{
    struct chunk chunk;
    uint8_t root[SHA256_BYTES];
    enum err err = ERR_NONE;
    if (filling->ids_left == 0) {
        err = chunk_take_ids(txn, 16, &filling->chunk_ids, why);
        filling->ids_left = 16;
    }
    if (!err)
        err = chunk_next(txn, "old", CHUNK, &chunk, why);
    if (err)
        return err;
    chunk.id = filling->chunk_ids++;
    chunk.epoch = 1;
    filling->ids_left--;
    memset(root, (int)(chunk.id & 0xff), sizeof root);
    uint32_t count = chunk.impressions;
    bool doubt = count > DOUBTFUL && (stays || ++filling->chunks % 100 == 0);
    err = chunk_send(txn, &chunk, root, why);
    for (uint64_t done = GATHERED; !err && done < count; done += GATHERED)
        err = chunk_confirm(txn, chunk.id, done, why);
    struct chunk_outcome outcome = {
        .ended_clean = !doubt, .sent = count, .confirmed = doubt ? count - DOUBTFUL : count};
    if (!err)
        err = chunk_settle(txn, chunk.id, &outcome, why);
    if (!err && doubt && !stays)
        err = job_resolve(txn, chunk.job_id, chunk.last - DOUBTFUL + 1, chunk.last,
                          DECISION_PRINTED, "binh", "read the end of the roll", why);
    return err;
}

static enum err one_job(struct txn *txn, struct filling *filling, struct why *why)
{
    uint64_t quantity = size_of_job(filling);
    int64_t id = 0;
    enum err err = accept(txn, filling, quantity, &id, why);
    bool cancelled = filling->jobs % 100 == 50, stays = filling->jobs % 500 == 7;
    if (!err && cancelled)
        err = job_cancel(txn, id, "anna", "ordered twice", why);
    while (!err && !cancelled)
        err = print_chunk(txn, filling, stays, why);
    filling->labels += quantity;
    filling->jobs++;
    return err == ERR_NOT_FOUND ? ERR_NONE : err; /* all of it is printed, or it is held */
}

static enum err some_jobs(struct txn *txn, void *arg, struct why *why)
{
    struct filling *filling = arg;
    uint64_t from = filling->labels;
    enum err err = ERR_NONE;
    while (!err && filling->labels < filling->all && filling->labels < from + AT_ONCE)
        err = one_job(txn, filling, why);
    return err;
}

static enum err count_events(struct txn *txn, void *arg, struct why *why)
{
    return ledger_size(txn, arg, why);
}

int main(int argc, char **argv)
{
    char store_folder[PATH_MAX], keys[PATH_MAX];
    struct filling filling = {.all = argc == 4 ? strtoull(argv[3], NULL, 10) : 0};
    const struct series_config series = {
        .name = "pack",
        .format = {.kind = NUMBER_RANDOM, .alphabet = NUMBER_ALPHABET_DEFAULT, .length = 10},
        .first = 1};
    if (!filling.all)
        measure_die("usage: recovery-fill FOLDER mixed|small LABELS");
    filling.small = strcmp(argv[2], "small") == 0;
    log_set_level(LOG_LEVEL_ERROR);
    snprintf(store_folder, sizeof store_folder, "%s/store", argv[1]);
    snprintf(keys, sizeof keys, "%s/keys", argv[1]);
    const struct store_config config = {
        .folder = store_folder, .clock = &clock_system, .random = &random_system};
    struct store *store = NULL;
    struct why why = {""};
    if (store_open(&config, &store, &why) ||
        registry_open(store, &series, 1, keys, &random_system, NULL, &filling.registry, &why))
        measure_die("%s", why.text);
    while (filling.labels < filling.all)
        if (store_write(store, some_jobs, &filling, &why))
            measure_die("%s", why.text);
    int64_t events = 0;
    if (store_read(store, count_events, &events, &why))
        measure_die("%s", why.text);
    store_close(store);
    registry_free(filling.registry);
    printf("%llu %lld\n", (unsigned long long)filling.jobs, (long long)events);
    return 0;
}
