/* SPDX-License-Identifier: Apache-2.0 */
/* disk-bytes.c: FOLDER: what the store takes on disk for a job of a million labels, when it is
 * accepted and when it is printed; with one row of data, and with a row a label.
 *
 * Printing a million labels would take days. The job, its chunks and their states are driven
 * through the library with the calls and in the order of the pipeline: chunks of 100 labels, as
 * they come at 150 mm/s with a label every 33 mm, "printed" gathered as long as the follower
 * gathers. Only the commits are fewer; what they leave in the database is the same. Measured is
 * the whole database file, closed and checkpointed. */
#include "bench/measure.h"
#include "spooler/base/hash.h"
#include "spooler/base/log.h"
#include "spooler/job/chunk.h"
#include "spooler/job/rows.h"
#include "spooler/reconcile/follow.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define LABELS        UINT64_C(1000000)
#define CHUNK         100
#define CHUNKS_AT_ONE 200 /* chunks a transaction here */
#define FIELDS        6   /* as medicine-pack: product, producer, gtin, lot, expiry, serial */
/* Labels in the time in which "printed" is gathered. */
#define GATHERED (150 * FOLLOW_GATHER_MS / 1000 / 33)

struct job_run {
    struct registry *registry;
    bool row_a_label;
    int64_t id;
    uint64_t data_bytes; /* of all values of all rows, as they were given */
    struct rows_writer rows;
    uint64_t next; /* label */
    uint64_t printed;
    int64_t chunk_ids, ids_left;
};

static struct store *open_store(const char *folder)
{
    const struct store_config config = {
        .folder = folder, .clock = &clock_system, .random = &random_system};
    struct store *store = NULL;
    struct why why = {""};
    if (store_open(&config, &store, &why))
        measure_die("%s", why.text);
    return store;
}

static void write_or_die(struct store *store, store_op *op, struct job_run *run)
{
    struct why why = {""};
    if (store_write(store, op, run, &why))
        measure_die("%s", why.text);
}

/* ---- acceptance -------------------------------------------------------------------------- */

static enum err op_stage(struct txn *txn, void *arg, struct why *why)
{
    static const uint8_t hash[SHA256_BYTES] = {1};
    static char body[3000]; /* about what medicine-pack.yaml has */
    struct job_run *run = arg;
    struct job_new job = {
        .template_hash = hash,
        .template_name = "medicine-pack",
        .template_body = body,
        .template_len = sizeof body,
        .pieces = 1,
        .close_at = "printed",
        .on_doubt = "hold",
        .printer = "line1",
        .caller = "unix:anna",
        .person = "anna",
        .reference = "4500012345",
    };
    return job_stage(txn, &job, &run->id, why);
}

static enum err op_page(struct txn *txn, void *arg, struct why *why)
{
    struct job_run *run = arg;
    return job_stage_page(txn, run->id, run->rows.first, run->rows.last, run->rows.page.bytes,
                          run->rows.page.len, why);
}

static void add_row(struct store *store, struct job_run *run, uint64_t label, uint64_t quantity)
{
    char product[64], lot[32];
    bool full = false;
    snprintf(product, sizeof product, "Vi\303\252n n\303\251n Paracetamol %06llu",
             (unsigned long long)label % 1000000);
    snprintf(lot, sizeof lot, "L%08llu", (unsigned long long)label);
    const char *values[FIELDS] = {product, NULL, "08938505974194", lot, "2028-03-31", NULL};
    for (size_t i = 0; i < FIELDS; i++)
        run->data_bytes += values[i] ? strlen(values[i]) : 0;
    if (rows_add(&run->rows, values, quantity, &full))
        measure_die("out of memory");
    if (!full)
        return;
    write_or_die(store, op_page, run);
    rows_next_page(&run->rows);
}

static enum err op_accept(struct txn *txn, void *arg, struct why *why)
{
    struct job_run *run = arg;
    const struct segment_plan plan = {
        .field = 5, .first = 1, .last = LABELS, .series = "pack", .scope = "08938505974194"};
    return job_accept(txn, run->registry, run->id, LABELS, &plan, 1, why);
}

static void accept(struct store *store, struct job_run *run)
{
    write_or_die(store, op_stage, run);
    if (rows_writer_init(&run->rows, FIELDS))
        measure_die("out of memory");
    for (uint64_t label = 1; label <= (run->row_a_label ? LABELS : 1); label++)
        add_row(store, run, label, run->row_a_label ? 1 : LABELS);
    if (run->rows.last >= run->rows.first)
        write_or_die(store, op_page, run);
    write_or_die(store, op_accept, run);
    rows_writer_free(&run->rows);
}

/* ---- printing, as pipeline.c and follow.c do it -------------------------------------------
 */

static enum err print_chunk(struct txn *txn, struct job_run *run, struct why *why)
{
    struct chunk chunk;
    uint8_t root[SHA256_BYTES];
    enum err err = ERR_NONE;
    if (run->ids_left == 0) {
        err = chunk_take_ids(txn, 16, &run->chunk_ids, why);
        run->ids_left = 16;
    }
    if (!err)
        err = chunk_next(txn, "line1", CHUNK, &chunk, why);
    if (err)
        return err;
    chunk.id = run->chunk_ids++;
    chunk.epoch = 1;
    run->ids_left--;
    memset(root, (int)(chunk.id & 0xff), sizeof root);
    chunk.has_dots = true;
    memset(chunk.dots, (int)(chunk.id & 0xff), sizeof chunk.dots);
    err = chunk_send(txn, &chunk, root, why);
    for (uint64_t done = GATHERED; !err && done < CHUNK; done += GATHERED)
        err = chunk_confirm(txn, chunk.id, done, why);
    struct chunk_outcome outcome = {.ended_clean = true, .sent = CHUNK, .confirmed = CHUNK};
    return err ? err : chunk_settle(txn, chunk.id, &outcome, why);
}

static enum err op_print(struct txn *txn, void *arg, struct why *why)
{
    struct job_run *run = arg;
    enum err err = ERR_NONE;
    for (size_t i = 0; !err && i < CHUNKS_AT_ONE; i++)
        err = print_chunk(txn, run, why);
    return err;
}

static enum err op_check(struct txn *txn, void *arg, struct why *why)
{
    struct job_run *run = arg;
    struct job job;
    enum err err = job_get(txn, run->id, &job, why);
    if (!err && job.state != JOB_CLOSED)
        err = err_set(why, ERR_STATE, "the job is %s", job_state_name(job.state));
    return err;
}

/* ---- measuring ----------------------------------------------------------------------------
 */

static void print_row(const char *folder, const char *row, long target)
{
    char path[PATH_MAX];
    struct stat st;
    snprintf(path, sizeof path, "%s/tem.db", folder);
    if (stat(path, &st) != 0)
        measure_die("%s is not there", path);
    measure_print(&(struct measurement){
        .row = row,
        .unit = "bytes",
        .value_milli = (int64_t)st.st_size * 1000 / (int64_t)LABELS,
        .target = target,
        .note = "job and chunks driven through the library, as the pipeline does",
    });
}

static void run_one(const char *folder, bool row_a_label, const char *accepted,
                    const char *printed)
{
    char store_folder[PATH_MAX];
    struct job_run run = {.row_a_label = row_a_label};
    struct why why = {""};
    const struct series_config series = {
        .name = "pack",
        .format = {.kind = NUMBER_RANDOM, .alphabet = NUMBER_ALPHABET_DEFAULT, .length = 12}};
    snprintf(store_folder, sizeof store_folder, "%s/%s", folder,
             row_a_label ? "rows" : "one-row");
    struct store *store = open_store(store_folder);
    if (registry_open(store, &series, 1, store_folder, &random_system, NULL, &run.registry,
                      &why))
        measure_die("%s", why.text);
    accept(store, &run);
    store_close(store); /* checkpoints */
    print_row(store_folder, accepted, row_a_label ? 0 : 1);
    store = open_store(store_folder);
    for (uint64_t label = 1; label <= LABELS; label += CHUNK * CHUNKS_AT_ONE)
        write_or_die(store, op_print, &run);
    write_or_die(store, op_check, &run);
    store_close(store);
    print_row(store_folder, printed, row_a_label ? 0 : 10);
    if (row_a_label)
        measure_print(&(struct measurement){
            .row = "bytes a label of the 1,000,000 rows' own values",
            .unit = "bytes",
            .value_milli = (int64_t)run.data_bytes * 1000 / (int64_t)LABELS,
            .who = "data",
        });
    registry_free(run.registry);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        measure_die("usage: disk-bytes FOLDER");
    log_set_level(LOG_LEVEL_ERROR);
    run_one(argv[1], false, "bytes on disk a label, 1,000,000-label job, accepted",
            "bytes on disk a label, 1,000,000-label job, printed");
    run_one(argv[1], true,
            "bytes on disk a label, 1,000,000-label job, a row of data each, accepted",
            "bytes on disk a label, 1,000,000-label job, a row of data each, printed");
    return 0;
}
