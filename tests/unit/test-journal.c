/* SPDX-License-Identifier: Apache-2.0 */
/* The journal. Its bytes are made here by zlib's crc32 from journal.h's text, not by journal.c.
 */
#include "drivers/feed/journal.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>
#include <zlib.h>

/* Records separated by ';', a checksum added to each: "B 7;S 1;C 1;E". */
static size_t make(const char *records, char *out, size_t size)
{
    size_t len = 0;
    while (*records) {
        size_t n = strcspn(records, ";");
        len += (size_t)snprintf(out + len, size - len, "%.*s ", (int)n, records);
        unsigned long crc = crc32(0, (const Bytef *)out, (uInt)len);
        len += (size_t)snprintf(out + len, size - len, "%08lx\n", crc);
        records += n + (records[n] == ';');
    }
    return len;
}

static const struct row {
    const char *name, *records;
    struct journal_state want;
} rows[] = {
    {"nothing yet", "", {0}},
    {"baseline", "B 7", {.started = true, .baseline = 7}},
    {"which device", "I 12;B 7", {.started = true, .baseline = 7, .device = 12}},
    {"which device, twice", "I 12;I 12;B 7", {.device = 12, .damaged = true}},
    {"which device, too late", "B 7;I 12", {.started = true, .baseline = 7, .damaged = true}},
    {"no device", "I 0;B 7", {.damaged = true}},
    {"largest baseline", "B 18446744073709551615", {.started = true, .baseline = UINT64_MAX}},
    {"sent", "B 7;S 1;S 2", {.started = true, .baseline = 7, .sent = 2}},
    {"confirmed", "B 0;S 1;S 2;C 1", {.started = true, .sent = 2, .confirmed = 1}},
    {"several at once", "B 0;S 1;S 2;S 3;C 3", {.started = true, .sent = 3, .confirmed = 3}},
    {"ended", "B 0;S 1;C 1;E", {.started = true, .sent = 1, .confirmed = 1, .ended = true}},
    {"ended without a label", "B 0;E", {.started = true, .ended = true}},
    {"doubt",
     "B 0;S 1;C 1;S 2;D 2;E",
     {.started = true,
      .sent = 2,
      .confirmed = 1,
      .doubt = true,
      .doubt_why = DOUBT_TORN,
      .ended = true}},
    {"doubt for a reason of a later version",
     "B 0;S 1;D 999",
     {.started = true, .sent = 1, .doubt = true, .doubt_why = 999}},
    {"doubt without a reason", "B 0;S 1;D", {.started = true, .sent = 1, .damaged = true}},
    {"no evidence",
     "N;S 1;S 2;E",
     {.started = true, .no_evidence = true, .sent = 2, .ended = true}},
    /* what temfeed never writes is damage */
    {"S before B", "S 1", {.damaged = true}},
    {"S out of order", "B 0;S 2", {.started = true, .damaged = true}},
    {"S twice", "B 0;S 1;S 1", {.started = true, .sent = 1, .damaged = true}},
    {"C before its S", "B 0;S 1;C 2", {.started = true, .sent = 1, .damaged = true}},
    {"C goes back",
     "B 0;S 1;S 2;C 2;C 1",
     {.started = true, .sent = 2, .confirmed = 2, .damaged = true}},
    {"C without evidence",
     "N;S 1;C 1",
     {.started = true, .no_evidence = true, .sent = 1, .damaged = true}},
    {"C after D",
     "B 0;S 1;D 1;C 1",
     {.started = true, .sent = 1, .doubt = true, .doubt_why = DOUBT_COUNT, .damaged = true}},
    {"S after E", "B 0;E;S 1", {.started = true, .ended = true, .damaged = true}},
    {"B twice", "B 0;B 0", {.started = true, .damaged = true}},
    {"B and N", "B 0;N", {.started = true, .damaged = true}},
    {"leading zero", "B 0;S 01", {.started = true, .damaged = true}},
    {"unknown letter", "B 0;X 1", {.started = true, .damaged = true}},
    {"number too large", "B 18446744073709551616", {.damaged = true}},
    {"more impressions than any chunk has", "B 0;S 10001", {.started = true, .damaged = true}},
};

static bool same(const struct journal_state *a, const struct journal_state *b)
{
    return a->started == b->started && a->no_evidence == b->no_evidence &&
           a->baseline == b->baseline && a->device == b->device && a->sent == b->sent &&
           a->confirmed == b->confirmed && a->doubt == b->doubt &&
           a->doubt_why == b->doubt_why && a->ended == b->ended && a->damaged == b->damaged;
}

static void test_rows(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char bytes[512];
        struct journal_state state;
        journal_parse(bytes, make(rows[i].records, bytes, sizeof bytes), &state);
        tap_ok(same(&state, &rows[i].want), "read: %s", rows[i].name);
    }
}

static const char whole[] = "I 9;B 41;S 1;S 2;S 3;C 1;S 4;C 3;S 5;C 4;S 6";

/* Cut anywhere, it says what the whole lines say, and is not damaged: the rest was never
 * synced. */
static void test_cuts(void)
{
    char bytes[512];
    size_t len = make(whole, bytes, sizeof bytes);
    int wrong = 0;
    for (size_t cut = 0; cut <= len; cut++) {
        struct journal_state state, want;
        size_t lines = cut;
        while (lines > 0 && bytes[lines - 1] != '\n')
            lines--;
        journal_parse(bytes, cut, &state);
        journal_parse(bytes, lines, &want);
        wrong += state.damaged || !same(&state, &want);
    }
    tap_is_int(wrong, 0, "cut at every byte: the whole lines count, nothing is damaged");
}

/* A label is "not sent" when neither damaged nor up to `sent`. One changed bit, or a changed
 * byte, must never say that of the six that were S'd; nor may it confirm more than four. */
static void test_flips(void)
{
    char bytes[512];
    size_t len = make(whole, bytes, sizeof bytes);
    int lost = 0, invented = 0;
    for (size_t i = 0; i < len; i++) {
        for (int value = 0; value < 256; value++) {
            struct journal_state state;
            char kept = bytes[i];
            if ((char)value == kept)
                continue;
            bytes[i] = (char)value;
            journal_parse(bytes, len, &state);
            bytes[i] = kept;
            lost += !state.damaged && state.sent < 6;
            invented += state.confirmed > 4 || (!state.damaged && state.sent > 6);
        }
    }
    tap_is_int(lost, 0, "each byte changed to each value: nothing S'd becomes \"not sent\"");
    tap_is_int(invented, 0, "and nothing becomes confirmed");
}

/* Lines swapped, repeated, dropped, or taken from another chunk's journal. */
static void test_moved_lines(void)
{
    char bytes[512], other[512], mixed[1200];
    size_t len = make("B 41;S 1;S 2;C 1;S 3", bytes, sizeof bytes);
    make("B 42;S 1;S 2;C 2;S 3", other, sizeof other);
    struct journal_state state;
    char *second = strchr(bytes, '\n') + 1, *third = strchr(second, '\n') + 1;
    char *fourth = strchr(third, '\n') + 1;
    char *other_third = strchr(strchr(other, '\n') + 1, '\n') + 1;
    int n = snprintf(mixed, sizeof mixed, "%.*s%s", (int)(second - bytes), bytes, third);
    journal_parse(mixed, (size_t)n, &state);
    tap_ok(state.damaged && state.sent == 0, "a line dropped");
    n = snprintf(mixed, sizeof mixed, "%.*s%.*s%s", (int)(fourth - bytes), bytes,
                 (int)(fourth - third), third, fourth);
    journal_parse(mixed, (size_t)n, &state);
    tap_ok(state.damaged && state.sent == 2, "a line twice");
    n = snprintf(mixed, sizeof mixed, "%.*s%s", (int)(third - bytes), bytes, other_third);
    journal_parse(mixed, (size_t)n, &state);
    tap_ok(state.damaged && state.sent == 1 && state.confirmed == 0,
           "lines of another journal");
    memset(mixed, 0, sizeof mixed);
    memcpy(mixed, bytes, len);
    journal_parse(mixed, len + 16, &state);
    tap_ok(state.damaged && state.sent == 3,
           "zeros behind the end (a power cut on some disks)");
}

/* ---- through the file ---------------------------------------------------------- */

static void test_file(const char *folder)
{
    const struct token_name name = {"0123456789abcdef", 1, 2, 3, 4};
    struct journal journal;
    struct journal_state state;
    int fd = -1;
    tap_is_int(journal_read(folder, &name, &state, NULL), ERR_NOT_FOUND, "no file: not found");
    tap_ok(!token_create(folder, &name, NULL) && !token_release(folder, &name, NULL) &&
               !token_take(folder, &name, &fd, NULL),
           "a token is taken");
    tap_ok(!journal_read(folder, &name, &state, NULL) && state.locked && !state.started,
           "taken and locked, nothing written");
    journal_init(&journal, fd);
    tap_ok(!journal_baseline(&journal, 41, NULL) && !journal_sent(&journal, 1, NULL) &&
               !journal_sent(&journal, 2, NULL) && !journal_confirmed(&journal, 1, NULL),
           "records written");
    tap_ok(!journal_read(folder, &name, &state, NULL) && state.locked && state.sent == 2 &&
               state.confirmed == 1 && !state.damaged && !state.ended,
           "read while it is written");
    tap_ok(!journal_doubt(&journal, DOUBT_SILENCE, NULL) && !journal_end(&journal, NULL),
           "ended");
    char want[512], got[512], path[256], text[TOKEN_NAME_SIZE];
    size_t len = make("B 41;S 1;S 2;C 1;D 4;E", want, sizeof want);
    snprintf(path, sizeof path, "%s/%s.taken", folder, token_text(&name, text));
    int file = open(path, O_RDONLY | O_CLOEXEC);
    tap_ok(read(file, got, sizeof got) == (ssize_t)len && memcmp(got, want, len) == 0,
           "the file's bytes are those of journal.h");
    close(file);
    close(fd);
    tap_ok(!journal_read(folder, &name, &state, NULL) && !state.locked && state.ended &&
               state.doubt,
           "the lock went with the writer");
    /* a disk that does not take a record: nothing may follow the torn one */
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    if (full < 0) {
        tap_skip("no /dev/full");
    } else {
        struct why why = {""};
        journal_init(&journal, full);
        tap_is_int(journal_sent(&journal, 1, &why), ERR_FULL, "full disk: %s", why.text);
        tap_is_int(journal_end(&journal, NULL), ERR_STATE, "then nothing is written any more");
        close(full);
    }
    tap_ok(!token_remove(folder, &name, NULL), "removed");
}

int main(void)
{
    const char *base = getenv("TMPDIR");
    char folder[64];
    snprintf(folder, sizeof folder, "%.40s/tem-XXXXXX", base ? base : P_tmpdir);
    if (!mkdtemp(folder))
        abort();
    test_rows();
    test_cuts();
    test_flips();
    test_moved_lines();
    test_file(folder);
    return rmdir(folder) == 0 ? tap_done() : 1;
}
