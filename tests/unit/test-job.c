/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs, spans and chunks against the promises: the states of a job add up to its quantity after
 * every step, and each label goes only where the table lets it. */
#include "spooler/job/chunk.h"
#include "spooler/job/job.h"
#include "spooler/job/rows.h"
#include "spooler/ledger/ledger.h"
#include "tests/unit/store-fixture.h"
#include "tests/unit/tap.h"

#include <stdlib.h>

static struct store *store;
static struct registry *registry;

/* ---- doing one thing to the store ------------------------------------------------------ */

struct step {
    enum err (*run)(struct txn *txn, struct step *step, struct why *why);
    int64_t id;
    uint64_t quantity, first, last;
    const char *text;
    const char *on_doubt, *close_at;
    uint32_t pieces;
    enum decision decision;
    struct chunk chunk;
    struct chunk_outcome outcome;
    struct job job;
    char told[128];
    bool doubt;
    struct why why;
};

static enum err run_step(struct txn *txn, void *arg, struct why *why)
{
    struct step *step = arg;
    return step->run(txn, step, why);
}

static enum err go(enum err (*run)(struct txn *, struct step *, struct why *),
                   struct step *step)
{
    step->run = run;
    return store_write(store, run_step, step, &step->why);
}

static enum err stage(struct txn *txn, struct step *step, struct why *why)
{
    static const uint8_t hash[32] = {1};
    struct job_new job = {
        .template_hash = hash,
        .template_name = "t",
        .template_body = "yaml",
        .template_len = 4,
        .pieces = step->pieces ? step->pieces : 1,
        .close_at = step->close_at ? step->close_at : "printed",
        .on_doubt = step->on_doubt ? step->on_doubt : "hold",
        .printer = step->text ? step->text : "p1",
        .caller = "unix:test",
    };
    return job_stage(txn, &job, &step->id, why);
}

static enum err accept(struct txn *txn, struct step *step, struct why *why)
{
    struct segment_plan plans[] = {
        {.field = 0, .first = 1, .last = step->quantity / 2, .series = "pack", .scope = "A"},
        {.field = 0,
         .first = step->quantity / 2 + 1,
         .last = step->quantity,
         .series = "pack",
         .scope = "B"},
    };
    return job_accept(txn, registry, step->id, step->quantity, plans, 2, why);
}

/* The same job as stage and accept make, at once. */
static enum err accept_at_once(struct txn *txn, struct step *step, struct why *why)
{
    static const uint8_t hash[32] = {1};
    const struct job_new job = {
        .template_hash = hash,
        .template_name = "t",
        .template_body = "yaml",
        .template_len = 4,
        .pieces = 2,
        .close_at = "sent",
        .on_doubt = "continue",
        .printer = step->text,
        .caller = "unix:test",
        .person = "anna",
        .utc_offset_min = 420,
    };
    const struct segment_plan plan = {
        .field = 0, .first = 1, .last = step->quantity, .series = "pack", .scope = "once"};
    enum err err = job_accept_at_once(txn, registry, &job, "page", 4, step->quantity, &plan, 1,
                                      &step->job, why);
    step->id = err ? 0 : step->job.id;
    return err;
}

static enum err next_and_send(struct txn *txn, struct step *step, struct why *why)
{
    static const uint8_t root[32] = {7};
    enum err err = chunk_next(txn, step->text ? step->text : "p1", (uint32_t)step->quantity,
                              &step->chunk, why);
    if (!err)
        err = chunk_take_ids(txn, 1, &step->chunk.id, why);
    step->chunk.epoch = 1;
    return err ? err : chunk_send(txn, &step->chunk, root, why);
}

static enum err confirm(struct txn *txn, struct step *step, struct why *why)
{
    return chunk_confirm(txn, step->chunk.id, step->quantity, why);
}

static enum err settle(struct txn *txn, struct step *step, struct why *why)
{
    return chunk_settle(txn, step->chunk.id, &step->outcome, why);
}

static enum err resolve(struct txn *txn, struct step *step, struct why *why)
{
    return job_resolve(txn, step->id, step->first, step->last, step->decision, "anna", "seen",
                       why);
}

static enum err last_good(struct txn *txn, struct step *step, struct why *why)
{
    return job_resolve_last_good(txn, step->id, step->first, "anna", NULL, why);
}

static enum err cancel(struct txn *txn, struct step *step, struct why *why)
{
    return job_cancel(txn, step->id, "anna", NULL, why);
}

static enum err hold(struct txn *txn, struct step *step, struct why *why)
{
    return job_hold(txn, step->id, "anna", "person", "lunch", why);
}

static enum err release(struct txn *txn, struct step *step, struct why *why)
{
    return job_release(txn, step->id, "anna", why);
}

static enum err get(struct txn *txn, struct step *step, struct why *why)
{
    return job_get(txn, step->id, &step->job, why);
}

/* "reserved 3, printed 2" in the table's order; also the proof of promise 6: job_get fails when
 * the sum is off. */
static void is_states(int64_t id, enum job_state state, const char *want, const char *name)
{
    struct step step = {.id = id};
    char got[256] = "";
    enum err err = go(get, &step);
    tap_is_int(err, ERR_NONE, "%s: states add up", name);
    size_t at = 0;
    for (int i = 0; !err && i < LABEL_STATE_COUNT; i++) {
        if (step.job.counts[i])
            at += (size_t)snprintf(got + at, sizeof got - at, "%s%s %llu", at ? ", " : "",
                                   label_state_name((enum label_state)i),
                                   (unsigned long long)step.job.counts[i]);
    }
    tap_is_str(got, want, "%s: labels", name);
    tap_is_str(job_state_name(step.job.state), job_state_name(state), "%s: job", name);
}

static int64_t new_job(uint64_t quantity, const char *printer, struct step *step)
{
    step->quantity = quantity;
    step->text = printer;
    tap_ok(!go(stage, step) && !go(accept, step), "a job of %llu on %s is accepted",
           (unsigned long long)quantity, printer);
    return step->id;
}

static struct step send_chunk(uint64_t most, const char *printer)
{
    struct step step = {.quantity = most, .text = printer};
    tap_is_int(go(next_and_send, &step), ERR_NONE, "a chunk of at most %llu is sent",
               (unsigned long long)most);
    return step;
}

/* ---- rows
 * ------------------------------------------------------------------------------------ */

static void test_clean_run(void)
{
    struct step job = {0};
    int64_t id = new_job(10, "clean", &job);
    is_states(id, JOB_OPEN, "reserved 10", "accepted");
    struct step chunk = send_chunk(6, "clean");
    is_states(id, JOB_OPEN, "reserved 4, sending 6", "sending");
    chunk.quantity = 2;
    tap_is_int(go(confirm, &chunk), ERR_NONE, "two confirmed");
    is_states(id, JOB_OPEN, "reserved 4, sending 4, printed 2", "confirmed so far");
    tap_is_int(go(confirm, &chunk), ERR_NONE, "the same count again is nothing new");
    chunk.outcome = (struct chunk_outcome){.ended_clean = true, .sent = 6, .confirmed = 6};
    tap_is_int(go(settle, &chunk), ERR_NONE, "settled");
    tap_is_int(go(settle, &chunk), ERR_NONE, "settling twice changes nothing");
    is_states(id, JOB_OPEN, "reserved 4, printed 6", "first chunk");
    chunk = send_chunk(6, "clean");
    tap_is_int((long long)chunk.chunk.first, 7, "the next chunk starts behind it");
    chunk.outcome = (struct chunk_outcome){.ended_clean = true, .sent = 4, .confirmed = 4};
    tap_is_int(go(settle, &chunk), ERR_NONE, "settled");
    is_states(id, JOB_CLOSED, "printed 10", "all printed closes the job");
    tap_is_int(go(cancel, &(struct step){.id = id}), ERR_STATE,
               "a closed job cannot be cancelled");
}

/* Bodies of the newest "job.accepted" events, but for what differs between any two. */
static enum err accepted_body(struct txn *txn, struct step *step, struct why *why)
{
    return sql_int(txn, (int64_t *)&step->quantity, why,
                   "SELECT count(*) FROM event WHERE json_extract(body, '$.type') ="
                   " 'job.accepted' AND json_extract(body, '$.job') = ?1"
                   " AND json_extract(body, '$.quantity') = 3"
                   " AND json_extract(body, '$.person') = 'anna'"
                   " AND json_extract(body, '$.ranges[0].count') = 3",
                   "i", step->id);
}

static void test_at_once(void)
{
    struct step made = {.quantity = 3, .text = "once"}, read = {0};
    tap_is_int(go(accept_at_once, &made), ERR_NONE, "a job accepted at once");
    read.id = made.id;
    tap_ok(!go(get, &read) && memcmp(&read.job, &made.job, sizeof read.job) == 0,
           "it is told as it would be read");
    is_states(made.id, JOB_OPEN, "reserved 3", "accepted at once");
    struct step event = {.id = made.id};
    tap_ok(!go(accepted_body, &event) && event.quantity == 1, "the ledger has it once");
    struct step chunk = send_chunk(6, "once");
    tap_ok(chunk.chunk.job_id == made.id && chunk.chunk.impressions == 6,
           "its labels are there to be sent");
    struct step none = {.quantity = 0, .text = "once"};
    tap_is_int(go(accept_at_once, &none), ERR_INPUT, "no labels are no job");
    none.quantity = 1000000;
    tap_is_int(go(accept_at_once, &none), ERR_EXHAUSTED, "more than the series has");
    struct step after = {.quantity = 3, .text = "once"};
    tap_ok(!go(accept_at_once, &after) && after.id == made.id + 1,
           "what was refused left nothing");
}

static void test_doubt(void)
{
    struct step job = {0};
    int64_t id = new_job(10, "doubt", &job);
    struct step chunk = send_chunk(8, "doubt");
    chunk.outcome = (struct chunk_outcome){.sent = 7, .confirmed = 4};
    tap_is_int(go(settle, &chunk), ERR_NONE, "settled with three out");
    is_states(id, JOB_HELD, "reserved 3, printed 4, in_doubt 3", "S without C is in doubt");
    struct step none = {.quantity = 10, .text = "doubt"};
    tap_is_int(go(next_and_send, &none), ERR_NOT_FOUND, "a held job gives no chunk");
    tap_is_int(go(release, &(struct step){.id = id}), ERR_STATE,
               "nor is it released with doubt");
    tap_is_int(go(last_good, &(struct step){.id = id, .first = 9}), ERR_STATE,
               "a last good label that was never sent is refused");
    tap_is_int(go(last_good, &(struct step){.id = id, .first = 2}), ERR_STATE,
               "nor one far before the doubt");
    tap_is_int(go(last_good, &(struct step){.id = id, .first = 5}), ERR_NONE,
               "label 5 was the last");
    is_states(id, JOB_OPEN, "reserved 5, printed 5", "5 printed, 6 and 7 absent, job resumed");
    chunk = send_chunk(10, "doubt");
    tap_is_int((long long)chunk.chunk.first, 6, "goes on from the exact next label");
    tap_is_int((long long)chunk.chunk.last, 8, "a chunk never mixes attempts");
    tap_is_int(chunk.chunk.attempt, 2, "under the next attempt");
    chunk.outcome = (struct chunk_outcome){.ended_clean = true, .sent = 3, .confirmed = 3};
    go(settle, &chunk);
    chunk = send_chunk(10, "doubt");
    tap_is_int((long long)chunk.chunk.first, 9, "then the rest");
    chunk.outcome = (struct chunk_outcome){.lost = true};
    go(settle, &chunk);
    is_states(id, JOB_HELD, "printed 8, in_doubt 2", "no journal: all of the chunk in doubt");
    struct step decide = {.id = id, .first = 9, .last = 9, .decision = DECISION_SPOILED};
    tap_is_int(go(resolve, &decide), ERR_NONE, "one is spoiled");
    decide = (struct step){.id = id, .first = 10, .last = 10, .decision = DECISION_PRINTED};
    tap_is_int(go(resolve, &decide), ERR_NONE, "one is printed");
    is_states(id, JOB_CLOSED, "printed 9, spoiled 1", "all accounted for");
    decide = (struct step){.id = id, .first = 3, .last = 4, .decision = DECISION_PRINTED};
    tap_is_int(go(resolve, &decide), ERR_STATE, "what is not in doubt is not decided again");
    decide = (struct step){.id = id, .first = 10, .last = 11, .decision = DECISION_PRINTED};
    tap_is_int(go(resolve, &decide), ERR_INPUT, "nor labels the job does not have");
    decide = (struct step){.id = id, .first = 1, .last = 1, .decision = DECISION_ABSENT};
    tap_is_int(go(resolve, &decide), ERR_STATE,
               "a printed label is not printed again by resolve");
}

static enum err note_printer(void *arg, const char *printer, uint64_t device, struct why *why)
{
    struct step *step = arg;
    if (device)
        snprintf(step->told + strlen(step->told), sizeof step->told - strlen(step->told),
                 "%llu@", (unsigned long long)device);
    (void)why; /* cannot fail */
    snprintf(step->told + strlen(step->told), sizeof step->told - strlen(step->told), "%s ",
             printer);
    return ERR_NONE;
}

static enum err doubtful(struct txn *txn, struct step *step, struct why *why)
{
    step->told[0] = '\0';
    enum err err = chunk_doubtful(txn, step->id, note_printer, step, why);
    return err ? err : chunk_in_doubt(txn, step->text, &step->doubt, why);
}

static void is_doubtful(int64_t id, const char *printer, const char *printers, bool doubt,
                        const char *name)
{
    struct step ask = {.id = id, .text = printer};
    tap_is_int(go(doubtful, &ask), ERR_NONE, "%s: asked", name);
    tap_is_str(ask.told, printers, "%s: printers to be emptied", name);
    tap_is_int(ask.doubt, doubt, "%s: labels in doubt were sent to %s", name, printer);
}

/* Which printers may still hold labels in doubt: those that they were sent to last. */
static void test_doubtful(void)
{
    struct step job = {0}, none = {.close_at = "sent"};
    int64_t id = new_job(4, "dp1", &job);
    is_doubtful(id, "dp1", "", false, "nothing sent");
    struct step chunk = send_chunk(4, "dp1");
    is_doubtful(id, "dp1", "", false, "on its way");
    chunk.outcome = (struct chunk_outcome){.sent = 4, .confirmed = 2, .device = 77};
    go(settle, &chunk);
    is_doubtful(id, "dp1", "77@dp1 ", true, "a window in doubt");
    is_doubtful(id, "dp2", "77@dp1 ", false, "another printer");
    struct step decide = {.id = id, .first = 3, .last = 4, .decision = DECISION_PRINTED};
    go(resolve, &decide);
    is_doubtful(id, "dp1", "", false, "decided");
    id = new_job(2, "dp3", &none);
    chunk = send_chunk(2, "dp3");
    chunk.outcome = (struct chunk_outcome){.no_evidence = true, .ended_clean = true, .sent = 2};
    go(settle, &chunk);
    is_doubtful(id, "dp3", "dp3 ", false, "sent only: may be called absent, too");
}

static void test_last_good_before_doubt(void)
{
    struct step job = {0};
    int64_t id = new_job(6, "before", &job);
    struct step chunk = send_chunk(6, "before");
    chunk.outcome = (struct chunk_outcome){.sent = 4, .confirmed = 2};
    go(settle, &chunk);
    tap_is_int(go(last_good, &(struct step){.id = id, .first = 2}), ERR_NONE,
               "the last good label may be the last confirmed one");
    is_states(id, JOB_OPEN, "reserved 4, printed 2", "none of the window came out");
}

static void test_withdrawn_and_cancel(void)
{
    struct step job = {0};
    int64_t id = new_job(8, "cancel", &job);
    struct step chunk = send_chunk(4, "cancel");
    chunk.outcome = (struct chunk_outcome){.withdrawn = true};
    go(settle, &chunk);
    is_states(id, JOB_OPEN, "reserved 8", "withdrawn: reserved again");
    chunk = send_chunk(4, "cancel");
    tap_is_int(chunk.chunk.attempt, 1, "a token that was never taken costs no attempt");
    tap_is_int(go(cancel, &(struct step){.id = id}), ERR_NONE, "cancelled while sending");
    is_states(id, JOB_CANCELLING, "sending 4, unused 4", "what is not sent is unused at once");
    chunk.outcome = (struct chunk_outcome){.ended_clean = true, .sent = 2, .confirmed = 1};
    go(settle, &chunk);
    is_states(id, JOB_CANCELLED, "printed 1, in_doubt 1, unused 6", "what printed is counted");
    struct step decide = {.id = id, .first = 2, .last = 2, .decision = DECISION_ABSENT};
    tap_is_int(go(resolve, &decide), ERR_NONE, "its doubt is decided afterwards");
    is_states(id, JOB_CANCELLED, "printed 1, unused 7",
              "absent in a cancelled job never prints");
    struct step none = {.quantity = 10, .text = "cancel"};
    tap_is_int(go(next_and_send, &none), ERR_NOT_FOUND, "a cancelled job gives no chunk");
}

static void test_hold(void)
{
    struct step job = {0};
    int64_t id = new_job(4, "hold", &job);
    tap_is_int(go(hold, &(struct step){.id = id}), ERR_NONE, "held by a person");
    struct step none = {.quantity = 10, .text = "hold"};
    tap_is_int(go(next_and_send, &none), ERR_NOT_FOUND, "gives no chunk");
    tap_is_int(go(release, &(struct step){.id = id}), ERR_NONE, "released");
    struct step chunk = send_chunk(4, "hold");
    tap_is_int(go(hold, &(struct step){.id = id}), ERR_NONE, "held while sending");
    chunk.outcome = (struct chunk_outcome){.sent = 4, .confirmed = 3};
    go(settle, &chunk);
    struct step look = {.id = id};
    go(get, &look);
    tap_is_str(look.job.hold_reason, "person", "the first reason stays");
    tap_is_int(go(get, &(struct step){.id = 999}), ERR_NOT_FOUND, "a job that is not there");
}

static void test_kinds(void)
{
    struct step job = {.close_at = "sent"};
    int64_t id = new_job(4, "mute", &job);
    struct step chunk = send_chunk(4, "mute");
    chunk.outcome = (struct chunk_outcome){.no_evidence = true, .ended_clean = true, .sent = 4};
    go(settle, &chunk);
    is_states(id, JOB_CLOSED, "sent 4", "without evidence: sent, which closes close: sent");
    job = (struct step){.close_at = "sent"};
    id = new_job(4, "mute", &job);
    chunk = send_chunk(4, "mute");
    chunk.outcome = (struct chunk_outcome){.no_evidence = true, .sent = 2};
    go(settle, &chunk);
    is_states(id, JOB_HELD, "reserved 2, in_doubt 2", "not ended: what was sent is in doubt");
    job = (struct step){.on_doubt = "continue"};
    id = new_job(4, "onward", &job);
    chunk = send_chunk(4, "onward");
    chunk.outcome = (struct chunk_outcome){.sent = 2, .confirmed = 1};
    go(settle, &chunk);
    is_states(id, JOB_OPEN, "reserved 2, printed 1, in_doubt 1", "on_doubt: continue goes on");
    job = (struct step){.pieces = 2};
    id = new_job(4, "pairs", &job);
    chunk = send_chunk(5, "pairs");
    tap_is_int((long long)chunk.chunk.last, 2, "five impressions are two labels of two pieces");
    tap_is_int(chunk.chunk.impressions, 4, "a chunk never splits a label");
    chunk.outcome = (struct chunk_outcome){.sent = 4, .confirmed = 3};
    go(settle, &chunk);
    is_states(id, JOB_HELD, "reserved 2, printed 1, in_doubt 1",
              "a label is printed when all its pieces are");
}

/* ---- numbers and data
 * ------------------------------------------------------------------------- */

struct seen {
    char text[4096];
    int64_t id;
    const char *number;
    struct label_place place;
};

static enum err see_number(void *arg, size_t field, const char *series, const char *scope,
                           const char *number, struct why *why)
{
    struct seen *seen = arg;
    (void)why; /* cannot fail */
    snprintf(seen->text, sizeof seen->text, "%zu %s %s %s", field, series, scope, number);
    return ERR_NONE;
}

static enum err numbers_of_six(struct txn *txn, void *arg, struct why *why)
{
    struct seen *seen = arg;
    return label_numbers(txn, registry, seen->id, 6, see_number, seen, why);
}

static enum err find_number(struct txn *txn, void *arg, struct why *why)
{
    struct seen *seen = arg;
    struct number_place place;
    enum err err = registry_find(txn, registry, "pack", "B", seen->number, &place, why);
    return err ? err : label_find(txn, &place, &seen->place, why);
}

static void test_numbers(void)
{
    struct step job = {0};
    struct seen seen = {.id = new_job(10, "numbers", &job)};
    struct why why;
    tap_is_int(store_read(store, numbers_of_six, &seen, &why), ERR_NONE, "numbers of a label");
    tap_ok(strncmp(seen.text, "0 pack B ", 9) == 0, "label 6 is the first of scope B");
    char number[NUMBER_MAX];
    snprintf(number, sizeof number, "%.32s", seen.text + 9);
    seen.number = number;
    tap_is_int(store_read(store, find_number, &seen, &why), ERR_NONE, "a number finds back");
    tap_ok(seen.place.job_id == seen.id && seen.place.label == 6 &&
               seen.place.state == LABEL_RESERVED,
           "its job, label and state");
    seen.number = "999999";
    tap_is_int(store_read(store, find_number, &seen, &why), ERR_NOT_FOUND,
               "a number that was never given");
}

static enum err see_row(void *arg, const struct row_view *row, struct why *why)
{
    struct seen *seen = arg;
    size_t at = strlen(seen->text);
    (void)why; /* cannot fail */
    snprintf(seen->text + at, sizeof seen->text - at, "%llu-%llu %s %s; ",
             (unsigned long long)row->first, (unsigned long long)row->last,
             row->values[0] ? row->values[0] : "-", row->values[1] ? row->values[1] : "-");
    return ERR_NONE;
}

static void test_rows_page(void)
{
    struct rows_writer writer;
    struct seen seen = {0};
    struct why why;
    bool full;
    tap_is_int(rows_writer_init(&writer, 2), ERR_NONE, "a page");
    rows_add(&writer, (const char *const[]){"a", "1"}, 3, &full);
    rows_add(&writer, (const char *const[]){"a", NULL}, 1, &full);
    rows_add(&writer, (const char *const[]){"a", ""}, 1, &full);
    rows_add(&writer, (const char *const[]){NULL, "\xe1\xbb\x97"}, 2, &full);
    tap_is_int((long long)writer.last, 7, "labels in it");
    tap_is_int(
        rows_read_page(writer.page.bytes, writer.page.len, 2, 1, 2, 6, see_row, &seen, &why),
        ERR_NONE, "labels 2 to 6 read back");
    tap_is_str(seen.text, "2-3 a 1; 4-4 a -; 5-5 a ; 6-6 - \xe1\xbb\x97; ",
               "cut to what was asked");
    int bad = 0;
    for (size_t len = 0; len < writer.page.len; len++) {
        char *copy =
            malloc(len + 1); /* of its own size, so that a sanitizer sees an over-read */
        memcpy(copy, writer.page.bytes, len);
        struct seen cut = {0};
        enum err err = rows_read_page(copy, len, 2, 1, 1, 7, see_row, &cut, &why);
        bad += err != ERR_NONE && err != ERR_CORRUPT;
        free(copy);
    }
    tap_is_int(bad, 0, "a page cut anywhere is read in part or called corrupt");
    rows_writer_free(&writer);
}

static enum err count_events(struct txn *txn, void *arg, struct why *why)
{
    return ledger_size(txn, arg, why);
}

static void test_ledger_follows(void)
{
    struct step job = {0};
    int64_t before, after;
    struct why why;
    store_read(store, count_events, &before, &why);
    int64_t id = new_job(4, "ledger", &job);
    struct step chunk = send_chunk(4, "ledger");
    chunk.quantity = 1;
    go(confirm, &chunk);
    chunk.outcome = (struct chunk_outcome){.sent = 4, .confirmed = 4, .ended_clean = true};
    go(settle, &chunk);
    store_read(store, count_events, &after, &why);
    tap_is_int(after - before, 5, "accepted, sending, printed, settled, closed: an event each");
    tap_is_int(go(hold, &(struct step){.id = id}), ERR_STATE, "an order that is refused");
    store_read(store, count_events, &before, &why);
    tap_is_int(before - after, 0, "leaves no event");
}

static void test_transitions(void)
{
    /* The life of a label as docs/overview.md has it, written down once more by hand. */
    static const struct {
        enum label_state from;
        enum label_event event;
    } forbidden[] = {
        {LABEL_PRINTED, EV_SEND},
        {LABEL_IN_DOUBT, EV_SEND},
        {LABEL_SPOILED, EV_SEND},
        {LABEL_UNUSED, EV_SEND},
        {LABEL_SENT, EV_SEND},
        {LABEL_SENDING, EV_SEND},
        {LABEL_IN_DOUBT, EV_NOT_SENT},
        {LABEL_PRINTED, EV_PERSON_ABSENT},
        {LABEL_SPOILED, EV_PERSON_ABSENT},
        {LABEL_UNUSED, EV_PERSON_ABSENT},
        {LABEL_SENDING, EV_CANCEL},
        {LABEL_SENDING, EV_PERSON_ABSENT},
        {LABEL_RESERVED, EV_CONFIRMED},
    };
    for (size_t i = 0; i < sizeof forbidden / sizeof forbidden[0]; i++)
        tap_ok(!transition_find(forbidden[i].from, forbidden[i].event), "%s is never \"%s\"",
               label_state_name(forbidden[i].from), label_event_name(forbidden[i].event));
    for (size_t i = 0; transition_at(i); i++)
        tap_ok(transition_at(i)->to != LABEL_RESERVED ||
                   transition_at(i)->from == LABEL_SENDING ||
                   transition_at(i)->evidence == BY_PERSON,
               "back to reserved only by token, journal or person (row %zu)", i);
}

int main(void)
{
    struct series_config series = {
        .name = "pack",
        .format = {.kind = NUMBER_SEQUENTIAL, .alphabet = "0123456789", .length = 6},
        .first = 1,
    };
    struct why why;
    fixture_begin();
    store = fixture_open(fixture_path("store"));
    enum err err =
        registry_open(store, &series, 1, fixture_folder, &random_system, NULL, &registry, &why);
    if (!tap_ok(!err, "a registry"))
        return tap_done();
    test_clean_run();
    test_at_once();
    test_doubt();
    test_doubtful();
    test_last_good_before_doubt();
    test_withdrawn_and_cancel();
    test_hold();
    test_kinds();
    test_numbers();
    test_rows_page();
    test_ledger_follows();
    test_transitions();
    registry_free(registry);
    store_close(store);
    return tap_done();
}
