/* SPDX-License-Identifier: Apache-2.0 */
/* What a token's name and a journal's records say of a chunk: the rows are the design's own
 * sentences ("S without C is in doubt; what follows the last S was not sent"). */
#include "spooler/reconcile/verdict.h"
#include "spooler/reconcile/words.h"
#include "tests/unit/tap.h"

#include <stdlib.h>
#include <unistd.h>

static const struct {
    const char *name;
    struct journal_state journal;
    uint32_t sent, confirmed;
    bool lost, clean, no_evidence;
} rows[] = {
    {"taken, nothing written: nothing was sent", {0}, 0, 0, false, false, false},
    {"baseline only", {.started = true}, 0, 0, false, false, false},
    {"all confirmed and ended",
     {.started = true, .sent = 10, .confirmed = 10, .ended = true},
     10,
     10,
     false,
     true,
     false},
    {"died with two of a window out",
     {.started = true, .sent = 7, .confirmed = 5},
     7,
     5,
     false,
     false,
     false},
    {"doubt that was written down is not a clean end",
     {.started = true, .sent = 7, .confirmed = 5, .doubt = true, .ended = true},
     7,
     5,
     false,
     false,
     false},
    {"printer without evidence, ended",
     {.started = true, .no_evidence = true, .sent = 10, .ended = true},
     10,
     0,
     false,
     true,
     true},
    {"printer without evidence, died",
     {.started = true, .no_evidence = true, .sent = 4},
     4,
     0,
     false,
     false,
     true},
    {"damaged: everything not confirmed is in doubt",
     {.started = true, .sent = 3, .confirmed = 2, .damaged = true},
     3,
     2,
     true,
     false,
     false},
    {"more sent than the chunk has is damage",
     {.sent = 11, .confirmed = 1},
     10,
     1,
     true,
     false,
     false},
    {"more confirmed than sent counts what was sent",
     {.sent = 3, .confirmed = 9},
     3,
     3,
     false,
     false,
     false},
};

static void test_rows(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct chunk_outcome got = verdict_of_journal(&rows[i].journal, 10);
        tap_is_int(got.sent, rows[i].sent, "%s: sent", rows[i].name);
        tap_is_int(got.confirmed, rows[i].confirmed, "%s: confirmed", rows[i].name);
        tap_ok(got.lost == rows[i].lost, "%s: lost", rows[i].name);
        tap_ok(got.ended_clean == rows[i].clean, "%s: clean", rows[i].name);
        tap_ok(got.no_evidence == rows[i].no_evidence, "%s: no evidence", rows[i].name);
        tap_ok(!got.withdrawn, "%s: a started chunk is never withdrawn", rows[i].name);
    }
}

static void test_names(const char *folder)
{
    struct token_name token = {
        .store_id = "0123456789abcdef", .epoch = 1, .job = 2, .chunk = 3, .attempt = 1};
    struct verdict verdict;
    struct why why;
    tap_is_int(verdict_read(folder, &token, 10, &verdict, &why), ERR_NONE, "no file is read");
    tap_ok(verdict.kind == VERDICT_OVER && verdict.outcome.lost, "no file = in doubt");
    tap_is_int(token_create(folder, &token, &why), ERR_NONE, "token made");
    verdict_read(folder, &token, 10, &verdict, &why);
    tap_is_int(verdict.kind, VERDICT_PREPARED, ".new = not started");
    tap_is_int(token_release(folder, &token, &why), ERR_NONE, "token released");
    verdict_read(folder, &token, 10, &verdict, &why);
    tap_is_int(verdict.kind, VERDICT_WAITING, ".go = not started");
    int fd = -1;
    tap_is_int(token_take(folder, &token, &fd, &why), ERR_NONE, "token taken");
    struct journal journal;
    journal_init(&journal, fd);
    tap_ok(!journal_baseline(&journal, 100, &why) && !journal_sent(&journal, 1, &why) &&
               !journal_confirmed(&journal, 1, &why) && !journal_sent(&journal, 2, &why),
           "records written");
    verdict_read(folder, &token, 10, &verdict, &why);
    tap_is_int(verdict.kind, VERDICT_RUNNING, "locked = temfeed lives");
    tap_is_int(verdict.outcome.confirmed, 1, "its count so far");
    tap_is_int(token_revoke(folder, &token, &why), ERR_STATE,
               "a taken token cannot be withdrawn");
    close(fd);
    verdict_read(folder, &token, 10, &verdict, &why);
    tap_ok(verdict.kind == VERDICT_OVER && !verdict.outcome.lost && verdict.outcome.sent == 2 &&
               verdict.outcome.confirmed == 1,
           "unlocked: one printed, one in doubt, the rest not sent");
    tap_is_int(token_remove(folder, &token, &why), ERR_NONE, "token removed");
}

static void test_words(void)
{
    static const struct {
        const char *message, *reasons, *want;
    } cases[] = {
        {"", "", ""},
        {"printer is ready", "", ""},
        {"waiting: out of labels: load a roll", "media-empty-error",
         "out of labels: load a roll"},
        {"", "media-empty-error", "out of labels: load a roll; destroy a torn label"},
        {"job printing", "cover-open-error some-other-thing",
         "the print head is open: close it; destroy a torn label; some-other-thing"},
        {"", "cups-waiting-for-job-completed", ""},
        {"", "connecting-to-device",
         "the printer cannot be reached yet: is it on, and its cable in?"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct queue_view queue = {.enabled = true};
        char words[512];
        snprintf(queue.message, sizeof queue.message, "%s", cases[i].message);
        snprintf(queue.reasons, sizeof queue.reasons, "%s", cases[i].reasons);
        words_of_queue(&queue, words, sizeof words);
        tap_is_str(words, cases[i].want, "words of \"%s\", %s", queue.message, queue.reasons);
    }
    struct queue_view queue = {.reasons = "media-empty-error cover-open-error"};
    char little[20];
    words_of_queue(&queue, little, sizeof little);
    tap_is_str(little, "out of labels: load", "cut, not overrun");
}

int main(void)
{
    char folder[] = "tem-verdict-XXXXXX";
    test_words();
    test_rows();
    if (tap_ok(mkdtemp(folder) != NULL, "a folder of its own")) {
        test_names(folder);
        tap_ok(rmdir(folder) == 0, "nothing is left in the feed folder");
    }
    return tap_done();
}
