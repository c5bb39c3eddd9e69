/* SPDX-License-Identifier: Apache-2.0 */
/* Reprints, scans, contradictions and samples: whatever happens to a further attempt, the label
 * that is on paper stays accounted for, and the states add up (job_get fails when they do not).
 */
#include "spooler/job/chunk.h"
#include "spooler/job/drawn-with.h"
#include "spooler/job/reprint-dots.h"
#include "spooler/job/reprint.h"
#include "spooler/job/verify.h"
#include "spooler/registry/registry.h"
#include "tests/unit/store-fixture.h"
#include "tests/unit/tap.h"

#include <stdlib.h>
#include <string.h>

static struct store *store;
static struct registry *registry;

/* One step of a story: what is done, and what it is done to. */
struct act {
    enum err (*run)(struct txn *txn, struct act *act, struct why *why);
    int64_t job, id;
    uint64_t first, last;
    const char *by, *printer, *on_doubt, *close_at;
    bool approval, sample, other_dots;
    struct reprint_dots *dots;
    uint8_t drawn; /* chunks are drawn with dots that this stands for; 0 = none are kept */
    uint32_t limit, most, pieces;
    enum decision decision;
    struct chunk chunk;
    struct chunk_outcome outcome;
    struct verify_answer answer;
    struct job found;
    struct why why;
};

static enum err run_act(struct txn *txn, void *arg, struct why *why)
{
    struct act *act = arg;
    return act->run(txn, act, why);
}

static enum err go(enum err (*run)(struct txn *, struct act *, struct why *), struct act *act)
{
    act->run = run;
    return store_write(store, run_act, act, &act->why);
}

static enum err new_job(struct txn *txn, struct act *act, struct why *why)
{
    static const uint8_t hash[32] = {1};
    struct job_new job = {.template_hash = hash,
                          .template_name = "t",
                          .template_body = "yaml",
                          .template_len = 4,
                          .pieces = act->pieces ? act->pieces : 1,
                          .close_at = act->close_at ? act->close_at : "printed",
                          .on_doubt = act->on_doubt ? act->on_doubt : "hold",
                          .printer = act->printer,
                          .caller = "unix:test",
                          .sample = act->sample};
    struct segment_plan plan = {
        .field = 0, .first = 1, .last = act->last, .series = "pack", .scope = "A"};
    enum err err = job_stage(txn, &job, &act->job, why);
    return err ? err : job_accept(txn, registry, act->job, act->last, &plan, 1, why);
}

static enum err send(struct txn *txn, struct act *act, struct why *why)
{
    static const uint8_t root[32] = {7};
    enum err err = chunk_next(txn, act->printer, act->most ? act->most : 100, &act->chunk, why);
    if (!err)
        err = chunk_take_ids(txn, 1, &act->chunk.id, why);
    act->chunk.epoch = 1;
    act->chunk.has_dots = act->drawn != 0;
    memset(act->chunk.dots, act->drawn, SHA256_BYTES);
    return err ? err : chunk_send(txn, &act->chunk, root, why);
}

static enum err settle(struct txn *txn, struct act *act, struct why *why)
{
    return chunk_settle(txn, act->chunk.id, &act->outcome, why);
}

static enum err order(struct txn *txn, struct act *act, struct why *why)
{
    struct reprint_new order = {.job_id = act->job,
                                .first = act->first,
                                .last = act->last,
                                .reason = "damaged",
                                .by = act->by ? act->by : "anna",
                                .needs_approval = act->approval,
                                .limit = act->limit,
                                .dots = act->dots,
                                .other_dots = act->other_dots};
    return reprint_order(txn, &order, &act->id, why);
}

static enum err approve(struct txn *txn, struct act *act, struct why *why)
{
    return reprint_approve(txn, act->id, act->by, why);
}

static enum err cancel_order(struct txn *txn, struct act *act, struct why *why)
{
    return reprint_cancel(txn, act->id, "anna", why);
}

static enum err resolve(struct txn *txn, struct act *act, struct why *why)
{
    return job_resolve(txn, act->job, act->first, act->last, act->decision, "anna", "seen",
                       why);
}

static enum err verify(struct txn *txn, struct act *act, struct why *why)
{
    return label_verify(txn, act->job, act->first, "gate 1", &act->answer, why);
}

static enum err cancel_job(struct txn *txn, struct act *act, struct why *why)
{
    return job_cancel(txn, act->job, "anna", NULL, why);
}

static enum err get(struct txn *txn, struct act *act, struct why *why)
{
    return job_get(txn, act->job, &act->found, why);
}

struct spelled {
    char text[512];
    size_t len;
    int64_t job;
};

static enum err spell_span(void *arg, const struct span *span, struct why *why)
{
    struct spelled *spelled = arg;
    (void)why;
    spelled->len += (size_t)snprintf(
        spelled->text + spelled->len, sizeof spelled->text - spelled->len, "%s%llu-%llu %s %u",
        spelled->len ? ", " : "", (unsigned long long)span->first,
        (unsigned long long)span->last, label_state_name(span->state), span->attempt);
    return ERR_NONE;
}

static enum err spell(struct txn *txn, void *arg, struct why *why)
{
    struct spelled *spelled = arg;
    return job_spans(txn, spelled->job, 1, UINT32_MAX, spell_span, spelled, why);
}

/* "1-4 printed 1, 5-5 sending 2" and the job's state. */
static void is_now(int64_t job, const char *state, const char *want, const char *name)
{
    struct act act = {.job = job};
    struct spelled spelled = {.job = job};
    tap_is_int(go(get, &act), ERR_NONE, "%s: states add up", name);
    store_read(store, spell, &spelled, NULL);
    tap_is_str(spelled.text, want, "%s: labels", name);
    tap_is_str(job_state_name(act.found.state), state, "%s: job", name);
}

static struct act sent(const char *printer, uint32_t most)
{
    struct act act = {.printer = printer, .most = most};
    tap_is_int(go(send, &act), ERR_NONE, "a chunk is sent on %s", printer);
    return act;
}

static void settled(struct act *act, struct chunk_outcome outcome, const char *name)
{
    act->outcome = outcome;
    tap_is_int(go(settle, act), ERR_NONE, "%s", name);
}

#define CLEAN(n)                                                                               \
    (struct chunk_outcome)                                                                     \
    {                                                                                          \
        .ended_clean = true, .sent = n, .confirmed = n                                         \
    }

/* A job of `count` labels that are all printed. */
static int64_t printed_job(const char *printer, uint64_t count, const char *on_doubt)
{
    struct act job = {.printer = printer, .last = count, .on_doubt = on_doubt};
    tap_is_int(go(new_job, &job), ERR_NONE, "a job on %s", printer);
    struct act chunk = sent(printer, 0);
    settled(&chunk, CLEAN((uint32_t)count), "printed");
    return job.job;
}

static int64_t ordered(int64_t job, uint64_t first, uint64_t last)
{
    struct act act = {.job = job, .first = first, .last = last};
    tap_is_int(go(order, &act), ERR_NONE, "labels %llu to %llu are to be reprinted",
               (unsigned long long)first, (unsigned long long)last);
    return act.id;
}

static void none_next(const char *printer, const char *name)
{
    tap_is_int(go(send, &(struct act){.printer = printer}), ERR_NOT_FOUND, "%s", name);
}

/* ---- stories --------------------------------------------------------------------------------
 */

static void test_plain(void)
{
    int64_t job = printed_job("plain", 10, NULL);
    is_now(job, "closed", "1-10 printed 1", "before");
    ordered(job, 5, 6);
    is_now(job, "closed", "1-10 printed 1", "an order changes no label");
    struct act chunk = sent("plain", 0);
    tap_ok(chunk.chunk.first == 5 && chunk.chunk.last == 6 && chunk.chunk.attempt == 2,
           "labels 5 and 6, attempt 2");
    is_now(job, "closed", "1-4 printed 1, 5-6 sending 2, 7-10 printed 1", "sending");
    none_next("plain", "an order is sent once");
    settled(&chunk, CLEAN(2), "reprinted");
    is_now(job, "closed", "1-4 printed 1, 5-6 printed 2, 7-10 printed 1", "after");
    none_next("plain", "nothing is left of it");
    tap_is_int(fixture_read_int(store, "SELECT count(*) FROM reprint WHERE state = 'done'"), 1,
               "the order is done");
}

static void test_refused(void)
{
    int64_t job = printed_job("refused", 10, NULL);
    struct act act = {.job = job, .first = 3, .last = 3};
    ordered(job, 2, 4);
    tap_is_int(go(order, &act), ERR_STATE, "no second order for the same label");
    act = (struct act){.job = job, .first = 10, .last = 11};
    tap_is_int(go(order, &act), ERR_INPUT, "no label that the job does not have");
    act = (struct act){.job = job, .first = 0, .last = 1};
    tap_is_int(go(order, &act), ERR_INPUT, "no label 0");
    act = (struct act){.job = 999, .first = 1, .last = 1};
    tap_is_int(go(order, &act), ERR_NOT_FOUND, "no such job");
    struct act open = {.printer = "refused-2", .last = 4};
    go(new_job, &open);
    act = (struct act){.job = open.job, .first = 1, .last = 1};
    tap_is_int(go(order, &act), ERR_STATE, "no label that was never printed");
    act = (struct act){.job = job, .first = 9, .last = 9, .limit = 1};
    tap_is_int(go(order, &act), ERR_NONE, "the first one within the limit");
    struct act chunk = sent("refused", 0);
    settled(&chunk, CLEAN(3), "2 to 4");
    chunk = sent("refused", 0);
    settled(&chunk, CLEAN(1), "9");
    tap_is_int(go(order, &act), ERR_STATE, "the second one is past it");
}

static void test_two_people(void)
{
    int64_t job = printed_job("two", 4, NULL);
    struct act act = {.job = job, .first = 1, .last = 1, .approval = true};
    tap_is_int(go(order, &act), ERR_NONE, "ordered");
    none_next("two", "waits for a second person");
    act.by = "anna";
    tap_is_int(go(approve, &act), ERR_DENIED, "who is not the first one");
    act.by = "binh";
    tap_is_int(go(approve, &act), ERR_NONE, "approved");
    tap_is_int(go(approve, &act), ERR_STATE, "once");
    struct act chunk = sent("two", 0);
    settled(&chunk, CLEAN(1), "reprinted");
    tap_is_int(go(cancel_order, &act), ERR_STATE, "what is done is not cancelled");
    act = (struct act){.job = job, .first = 2, .last = 3, .approval = true};
    go(order, &act);
    tap_is_int(go(cancel_order, &act), ERR_NONE, "cancelled while it waits");
    act.by = "binh";
    tap_is_int(go(approve, &act), ERR_STATE, "too late to approve");
    none_next("two", "and never sent");
}

static void test_not_sent(void)
{
    int64_t job = printed_job("back", 10, NULL);
    go(verify, &(struct act){.job = job, .first = 6});
    ordered(job, 4, 8);
    struct act chunk = sent("back", 0);
    tap_ok(chunk.chunk.first == 4 && chunk.chunk.last == 5, "a chunk does not mix states");
    settled(&chunk, (struct chunk_outcome){.withdrawn = true}, "withdrawn");
    is_now(job, "closed", "1-5 printed 1, 6-6 verified 1, 7-10 printed 1", "as before");
    chunk = sent("back", 0);
    tap_is_int((long long)chunk.chunk.first, 4, "sent again from its first label");
    settled(&chunk, (struct chunk_outcome){.sent = 1, .confirmed = 1}, "ended after one");
    is_now(job, "closed",
           "1-3 printed 1, 4-4 printed 2, 5-5 printed 1, 6-6 verified 1, 7-10 printed 1",
           "one reprinted, one back");
    chunk = sent("back", 0);
    tap_ok(chunk.chunk.first == 5 && chunk.chunk.last == 5, "goes on with label 5");
    settled(&chunk, CLEAN(1), "5");
    chunk = sent("back", 0);
    tap_ok(chunk.chunk.first == 6 && chunk.chunk.last == 6, "the verified one");
    settled(&chunk, (struct chunk_outcome){0}, "journal without a label");
    is_now(job, "closed", "1-3 printed 1, 4-5 printed 2, 6-6 verified 1, 7-10 printed 1",
           "verified again");
    chunk = sent("back", 0);
    settled(&chunk, CLEAN(1), "6");
    chunk = sent("back", 0);
    tap_ok(chunk.chunk.first == 7 && chunk.chunk.last == 8, "the rest");
    settled(&chunk, CLEAN(2), "7 and 8");
    is_now(job, "closed", "1-3 printed 1, 4-8 printed 2, 9-10 printed 1", "all of it");
    none_next("back", "done");
}

static void test_doubt(void)
{
    int64_t job = printed_job("doubt", 10, NULL);
    ordered(job, 3, 6);
    struct act chunk = sent("doubt", 0);
    settled(&chunk, (struct chunk_outcome){.sent = 3, .confirmed = 1}, "two out");
    is_now(job, "held", "1-2 printed 1, 3-3 printed 2, 4-5 in_doubt 2, 6-10 printed 1",
           "the job is held again");
    none_next("doubt", "a held job gives no reprint");
    struct act act = {.job = job, .first = 4, .last = 4, .decision = DECISION_PRINTED};
    tap_is_int(go(resolve, &act), ERR_NONE, "4 is there");
    act = (struct act){.job = job, .first = 5, .last = 5, .decision = DECISION_ABSENT};
    tap_is_int(go(resolve, &act), ERR_NONE, "5 is not");
    is_now(job, "closed", "1-2 printed 1, 3-4 printed 2, 5-10 printed 1",
           "5 is what its first attempt was; never unused");
    chunk = sent("doubt", 0);
    tap_ok(chunk.chunk.first == 6 && chunk.chunk.last == 6,
           "the order goes on behind the doubt");
    settled(&chunk, CLEAN(1), "6");
    chunk = sent("doubt", 0);
    tap_ok(chunk.chunk.first == 5 && chunk.chunk.last == 5, "and the absent one once more");
    settled(&chunk, CLEAN(1), "5");
    is_now(job, "closed", "1-2 printed 1, 3-6 printed 2, 7-10 printed 1", "all of it");
    none_next("doubt", "no label is sent a third time");
}

static void test_doubt_in_cancelled(void)
{
    struct act job = {.printer = "gone", .last = 6};
    go(new_job, &job);
    struct act chunk = sent("gone", 4);
    settled(&chunk, CLEAN(4), "four printed");
    tap_is_int(go(cancel_job, &job), ERR_NONE, "cancelled");
    is_now(job.job, "cancelled", "1-4 printed 1, 5-6 unused 1", "two unused");
    ordered(job.job, 2, 3);
    chunk = sent("gone", 0);
    settled(&chunk, (struct chunk_outcome){.lost = true}, "lost");
    is_now(job.job, "cancelled", "1-1 printed 1, 2-3 in_doubt 2, 4-4 printed 1, 5-6 unused 1",
           "in doubt");
    struct act act = {.job = job.job, .first = 2, .last = 3, .decision = DECISION_ABSENT};
    tap_is_int(go(resolve, &act), ERR_NONE, "neither exists");
    is_now(job.job, "cancelled", "1-4 printed 1, 5-6 unused 1",
           "a label that is on paper is never called unused");
}

static void test_continue(void)
{
    int64_t job = printed_job("onward", 4, "continue");
    ordered(job, 1, 1);
    struct act chunk = sent("onward", 0);
    settled(&chunk, (struct chunk_outcome){.lost = true}, "lost");
    is_now(job, "open", "1-1 in_doubt 2, 2-4 printed 1", "not closed with doubt in it");
    struct act act = {.job = job, .first = 1, .last = 1, .decision = DECISION_SPOILED};
    tap_is_int(go(resolve, &act), ERR_NONE, "destroyed");
    is_now(job, "closed", "1-1 spoiled 2, 2-4 printed 1", "closed again");
}

static void test_verify(void)
{
    struct act job = {.printer = "gate", .last = 6, .close_at = "verified"};
    go(new_job, &job);
    struct act chunk = sent("gate", 4);
    struct act scan = {.job = job.job, .first = 2};
    tap_is_int(go(verify, &scan), ERR_NONE, "a scan while it is being sent");
    tap_is_str(verify_result_name(scan.answer.result), "not_printed", "is too early");
    settled(&chunk, CLEAN(4), "printed");
    static const struct {
        uint64_t label;
        const char *result;
        uint64_t expected;
    } scans[] = {{1, "verified", 0}, {2, "verified", 2}, {2, "duplicate", 3},
                 {4, "verified", 3}, {3, "verified", 5}, {5, "not_printed", 4}};
    for (size_t i = 0; i < sizeof scans / sizeof scans[0]; i++) {
        scan = (struct act){.job = job.job, .first = scans[i].label};
        tap_is_int(go(verify, &scan), ERR_NONE, "label %llu is read",
                   (unsigned long long)scans[i].label);
        tap_is_str(verify_result_name(scan.answer.result), scans[i].result, "%s",
                   scans[i].result);
        tap_is_int((long long)scan.answer.expected, (long long)scans[i].expected,
                   "which label was expected");
    }
    scan = (struct act){.job = job.job, .first = 7};
    tap_is_int(go(verify, &scan), ERR_NOT_FOUND, "no such label");
    go(cancel_job, &job);
    scan = (struct act){.job = job.job, .first = 6};
    go(verify, &scan);
    tap_is_str(verify_result_name(scan.answer.result), "void", "an unused number");
    is_now(job.job, "cancelled", "1-4 verified 1, 5-6 unused 1", "at the end");
    job = (struct act){.printer = "gate-2", .last = 2, .close_at = "verified"};
    go(new_job, &job);
    chunk = sent("gate-2", 0);
    settled(&chunk, CLEAN(2), "printed");
    is_now(job.job, "open", "1-2 printed 1", "printed is not enough");
    go(verify, &(struct act){.job = job.job, .first = 1});
    go(verify, &(struct act){.job = job.job, .first = 2});
    is_now(job.job, "closed", "1-2 verified 1", "verified closes it");
}

static void test_contradiction(void)
{
    int64_t job = printed_job("wrong", 4, NULL);
    struct act act = {.job = job, .first = 2, .last = 3, .decision = DECISION_DOUBT};
    tap_is_int(go(resolve, &act), ERR_NONE, "two labels of one number were found");
    is_now(job, "held", "1-1 printed 1, 2-3 in_doubt 1, 4-4 printed 1", "in doubt, and held");
    act = (struct act){.job = job, .first = 2, .last = 2, .decision = DECISION_SPOILED};
    tap_is_int(go(resolve, &act), ERR_NONE, "one is destroyed");
    act = (struct act){.job = job, .first = 3, .last = 3, .decision = DECISION_PRINTED};
    tap_is_int(go(resolve, &act), ERR_NONE, "one is good");
    is_now(job, "closed", "1-1 printed 1, 2-2 spoiled 1, 3-4 printed 1", "closed again");
}

static void test_sample(void)
{
    struct act job = {.printer = "sample", .last = 1, .sample = true};
    go(new_job, &job);
    struct act chunk = sent("sample", 0);
    settled(&chunk, (struct chunk_outcome){.lost = true}, "lost");
    is_now(job.job, "held", "1-1 in_doubt 1", "in doubt like any label");
    struct act act = {.job = job.job, .first = 1, .last = 1, .decision = DECISION_PRINTED};
    tap_is_int(go(resolve, &act), ERR_NONE, "it is there");
    is_now(job.job, "closed", "1-1 spoiled 1", "and counts as spoiled");
}

static void test_pieces(void)
{
    struct act job = {.printer = "pairs", .last = 3, .pieces = 2};
    go(new_job, &job);
    struct act chunk = sent("pairs", 0);
    settled(&chunk, CLEAN(6), "three labels of two pieces");
    ordered(job.job, 2, 3);
    chunk = sent("pairs", 0);
    tap_is_int(chunk.chunk.impressions, 4, "a reprint has all pieces");
    settled(&chunk, (struct chunk_outcome){.sent = 3, .confirmed = 3}, "one piece is missing");
    is_now(job.job, "held", "1-1 printed 1, 2-2 printed 2, 3-3 in_doubt 2",
           "a label without all its pieces is in doubt");
}

/* ---- dots ---------------------------------------------------------------------------------
 */

/* Two drawings a label; those of label n are filled with n, and so is their second half with
 * `version`. */
#define EACH 2
static uint8_t drawings[40][SHA256_BYTES];

static const uint8_t (*draw_labels(uint64_t first, uint64_t last,
                                   uint8_t version))[SHA256_BYTES]
{
    for (uint64_t i = 0; i < (last - first + 1) * EACH; i++) {
        memset(drawings[i], (int)(first + i / EACH), SHA256_BYTES / 2);
        memset(drawings[i] + SHA256_BYTES / 2, version, SHA256_BYTES / 2);
    }
    return (const uint8_t(*)[SHA256_BYTES])drawings;
}

/* `version` 0: nothing was drawn. */
static struct reprint_dots compared(enum dots_verdict verdict, uint64_t first, uint64_t last,
                                    uint8_t version)
{
    struct reprint_dots dots = {.verdict = verdict, .words = "the font is another one"};
    dots.count = version ? (last - first + 1) * EACH : 0;
    dots.hashes = malloc(sizeof drawings);
    if (!dots.hashes)
        exit(99);
    draw_labels(first, last, version);
    memcpy(dots.hashes, drawings, sizeof drawings);
    return dots;
}

struct matching {
    const struct chunk *chunk;
    uint8_t version;
};

static enum err match(struct txn *txn, void *arg, struct why *why)
{
    const struct matching *matching = arg;
    const struct chunk *chunk = matching->chunk;
    return reprint_dots_match(txn, chunk,
                              draw_labels(chunk->first, chunk->last, matching->version),
                              (chunk->last - chunk->first + 1) * EACH, why);
}

static void matches(const struct chunk *chunk, uint8_t version, enum err want, const char *name)
{
    struct matching matching = {chunk, version};
    tap_is_int(store_read(store, match, &matching, NULL), want, "%s", name);
}

static void test_consent(void)
{
    static const struct {
        const char *name;
        enum dots_verdict verdict;
        bool other_dots;
        enum err want;
    } rows[] = {
        {"the same dots", DOTS_SAME, false, ERR_NONE},
        {"the same dots, whatever was accepted", DOTS_SAME, true, ERR_NONE},
        {"other dots", DOTS_CHANGED, false, ERR_DOTS},
        {"other dots, accepted", DOTS_CHANGED, true, ERR_NONE},
        {"an older Tem's", DOTS_NOT_COMPARED, false, ERR_DOTS},
        {"an older Tem's, accepted", DOTS_NOT_COMPARED, true, ERR_NONE},
        {"labels changed meanwhile", DOTS_UNKNOWN, true, ERR_BUSY},
    };
    int64_t job = printed_job("consent", 20, NULL);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct reprint_dots dots = compared(rows[i].verdict, i + 1, i + 1, 1);
        struct act act = {.job = job,
                          .first = i + 1,
                          .last = i + 1,
                          .dots = &dots,
                          .other_dots = rows[i].other_dots};
        int64_t before = fixture_read_int(store, "SELECT count(*) FROM reprint");
        tap_is_int(go(order, &act), rows[i].want, "%s", rows[i].name);
        tap_is_int(fixture_read_int(store, "SELECT count(*) FROM reprint") - before,
                   rows[i].want == ERR_NONE, "%s: orders", rows[i].name);
        if (rows[i].want == ERR_DOTS)
            tap_is_str(act.why.text, "the font is another one", "and why");
        reprint_dots_free(&dots);
    }
    tap_is_int(fixture_read_int(store,
                                "SELECT count(*) FROM event WHERE json_extract(CAST(body AS"
                                " TEXT), '$.dots') IN ('changed', 'not_compared')"),
               2, "the ledger says which were accepted");
}

static void test_match(void)
{
    int64_t job = printed_job("match", 20, NULL);
    struct reprint_dots dots = compared(DOTS_SAME, 5, 14, 1);
    struct act act = {.job = job, .first = 5, .last = 14, .dots = &dots};
    tap_is_int(go(order, &act), ERR_NONE, "labels 5 to 14");
    struct act chunk = sent("match", 4);
    tap_is_int((long long)chunk.chunk.last, 8, "the first chunk of the order");
    matches(&chunk.chunk, 1, ERR_NONE, "drawn as they were compared");
    matches(&chunk.chunk, 2, ERR_DOTS, "drawn with another font");
    settled(&chunk, CLEAN(4), "5 to 8");
    chunk = sent("match", 100);
    tap_is_int((long long)chunk.chunk.first, 9, "the second one");
    matches(&chunk.chunk, 1, ERR_NONE, "drawn as they were compared");
    matches(&chunk.chunk, 2, ERR_DOTS, "drawn with another font");
    settled(&chunk, (struct chunk_outcome){.sent = 4, .confirmed = 1}, "10 to 12 in doubt");
    act = (struct act){.job = job, .first = 10, .last = 12, .decision = DECISION_ABSENT};
    tap_is_int(go(resolve, &act), ERR_NONE, "they do not exist");
    chunk = sent("match", 100);
    tap_is_int((long long)chunk.chunk.first, 13, "the rest of the first order");
    settled(&chunk, CLEAN(2), "13 and 14");
    chunk = sent("match", 100);
    tap_ok(chunk.chunk.first == 10 && chunk.chunk.last == 12, "the absent ones once more");
    matches(&chunk.chunk, 1, ERR_NONE, "their dots were compared by the first order");
    matches(&chunk.chunk, 2, ERR_DOTS, "and hold for the second");
    settled(&chunk, CLEAN(3), "10 to 12");
    ordered(job, 1, 1);
    chunk = sent("match", 100);
    matches(&chunk.chunk, 2, ERR_NONE, "an order from before they were compared is sent");
    settled(&chunk, CLEAN(1), "1");
    reprint_dots_free(&dots);
}

struct looking {
    int64_t job;
    uint64_t label;
    uint32_t attempt;
    struct chunk found;
    char sent_at[32];
};

static enum err look(struct txn *txn, void *arg, struct why *why)
{
    struct looking *looking = arg;
    return reprint_dots_sent(txn, looking->job, looking->label, looking->attempt,
                             &looking->found, looking->sent_at, sizeof looking->sent_at, why);
}

/* The root of what printed a label is that of the attempt, whatever was withdrawn before. */
static void test_sent(void)
{
    struct act job = {.printer = "roots", .last = 4};
    go(new_job, &job);
    struct act chunk = {.printer = "roots", .drawn = 3};
    go(send, &chunk);
    settled(&chunk, (struct chunk_outcome){.withdrawn = true}, "withdrawn");
    chunk = (struct act){.printer = "roots", .drawn = 4, .most = 2};
    go(send, &chunk);
    settled(&chunk, CLEAN(2), "1 and 2");
    chunk = (struct act){.printer = "roots"};
    go(send, &chunk);
    settled(&chunk, CLEAN(2), "3 and 4, by an older Tem");
    ordered(job.job, 2, 2);
    chunk = (struct act){.printer = "roots", .drawn = 5};
    go(send, &chunk);
    settled(&chunk, CLEAN(1), "2 again");
    static const struct {
        uint64_t label;
        uint32_t attempt;
        uint8_t drawn;
        uint64_t first, last;
    } rows[] = {{1, 1, 4, 1, 2}, {2, 1, 4, 1, 2}, {2, 2, 5, 2, 2}, {3, 1, 0, 3, 4}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct looking looking = {job.job, rows[i].label, rows[i].attempt, {0}, ""};
        tap_is_int(store_read(store, look, &looking, NULL), ERR_NONE,
                   "what printed attempt %u of label %llu", rows[i].attempt,
                   (unsigned long long)rows[i].label);
        tap_ok(looking.found.first == rows[i].first && looking.found.last == rows[i].last,
               "its chunk");
        tap_is_int(looking.found.has_dots ? looking.found.dots[31] : 0, rows[i].drawn,
                   "its root");
        tap_is_int((long long)strlen(looking.sent_at), 24, "and when it was sent");
    }
    struct looking none = {job.job, 1, 2, {0}, ""};
    tap_is_int(store_read(store, look, &none, NULL), ERR_NOT_FOUND, "no such attempt");
}

static enum err note_tool(struct txn *txn, void *arg, struct why *why)
{
    const char *const *version = arg;
    return drawn_with_note(txn, "zint", *version, why);
}

static void test_drawn_with(void)
{
    static const struct {
        const char *version, *name;
        int64_t noted;
    } rows[] = {{"2.12.0", "a version is noted", 1},
                {"2.12.0", "once", 1},
                {"2.13.0", "another one", 2},
                {"2.12.0", "and when it comes back", 3}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *version = rows[i].version;
        tap_is_int(store_write(store, note_tool, &version, NULL), ERR_NONE, "zint %s", version);
        tap_is_int(fixture_read_int(store, "SELECT count(*) FROM drawn_with"), rows[i].noted,
                   "%s", rows[i].name);
    }
}

int main(void)
{
    static const struct series_config series[] = {
        {.name = "pack",
         .format = {.kind = NUMBER_SEQUENTIAL, .alphabet = "0123456789", .length = 6}}};
    struct why why = {""};
    fixture_begin();
    store = fixture_open(fixture_path("store"));
    if (registry_open(store, series, 1, fixture_folder, &random_system, NULL, &registry,
                      &why)) {
        printf("Bail out! %s\n", why.text);
        return 99;
    }
    test_plain();
    test_refused();
    test_two_people();
    test_not_sent();
    test_doubt();
    test_doubt_in_cancelled();
    test_continue();
    test_verify();
    test_contradiction();
    test_sample();
    test_pieces();
    test_consent();
    test_match();
    test_sent();
    test_drawn_with();
    registry_free(registry);
    store_close(store);
    return tap_done();
}
