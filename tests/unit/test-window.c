/* SPDX-License-Identifier: Apache-2.0 */
/* The window: a row is a little story, told in letters, and what must be true at its end.
 *
 *   s      an impression of 100 bytes is sent if the window lets it, else `refused` counts
 *   S      likewise, of 50,000 bytes
 *   f c    a fault opens that leaves labels where they are; a clean status comes
 *   h      a fault opens that hands mend
 *   p P    a reading while it pauses: busy; idle in both its statuses
 *   m M    a reading while it is out of labels: soon after a status without a fault; too late
 *   +N     the device's counter moves by N (one digit); -N: back
 *   i b    a reading: idle; busy
 *   w      five seconds go by */
#include "drivers/feed/asker.h"
#include "drivers/feed/window.h"
#include "tests/unit/tap.h"

#include <stdlib.h>

static const struct row {
    const char *name, *story;
    uint32_t limit;
    uint32_t sent, confirmed, refused;
    enum verdict verdict;
    bool doubts; /* looked at when the verdict is doubt */
} rows[] = {
    {"a label sent, counted, idle", "s+1i", 4, 1, 1, 0, VERDICT_GO_ON, false},
    {"no more than the window", "sssss", 4, 4, 0, 1, VERDICT_GO_ON, false},
    {"one with peel or cut", "ss", 1, 1, 0, 1, VERDICT_GO_ON, false},
    {"the last one counted is not confirmed yet", "ssss+1bs", 4, 4, 0, 1, VERDICT_GO_ON, false},
    {"the one before it is, and makes room", "ssss+2bs", 4, 5, 1, 0, VERDICT_GO_ON, false},
    {"the bytes stay below the printer's buffer", "SS", 4, 1, 0, 1, VERDICT_GO_ON, false},
    {"room for bytes comes back", "S+1iS", 4, 2, 1, 0, VERDICT_GO_ON, false},
    {"small ones go beside a large one", "Ss", 4, 2, 0, 0, VERDICT_GO_ON, false},
    {"the last one is confirmed only when idle", "ss+2b", 4, 2, 1, 0, VERDICT_GO_ON, false},
    {"and then it is", "ss+2bi", 4, 2, 2, 0, VERDICT_GO_ON, false},
    {"nothing is sent while a fault is open", "fs", 4, 0, 0, 1, VERDICT_GO_ON, false},
    {"nothing out, fault over: it goes on", "fcs", 4, 1, 0, 0, VERDICT_GO_ON, false},
    {"after a fault nothing is sent until all is clear", "sfcs", 4, 1, 0, 1, VERDICT_GO_ON,
     false},
    {"after a fault nothing is confirmed while busy", "ssfc+1b", 4, 2, 0, 0, VERDICT_GO_ON,
     false},
    {"nor one by one while idle", "ssfc+1i", 4, 2, 0, 0, VERDICT_GO_ON, false},
    {"but all together: idle and exact", "ssfc+2i", 4, 2, 2, 0, VERDICT_GO_ON, false},
    {"exact but busy is not enough", "ssfc+2b", 4, 2, 0, 0, VERDICT_GO_ON, false},
    {"then it goes on", "ssfc+2is", 4, 3, 2, 0, VERDICT_GO_ON, false},
    {"confirmed before a fault stays so", "sss+2bfc", 4, 3, 1, 0, VERDICT_GO_ON, false},
    {"after a fault, empty and too low for five seconds", "sss+2bfciwi", 4, 3, 1, 0,
     VERDICT_DOUBT, true},
    {"not at once: bytes may be on their way", "ssfci", 4, 2, 0, 0, VERDICT_GO_ON, false},
    {"busy in between starts the five seconds anew", "ssfciwbi", 4, 2, 0, 0, VERDICT_GO_ON,
     false},
    {"a count that moves at once starts them anew", "ssfci+1i+1i", 4, 2, 2, 0, VERDICT_GO_ON,
     false},
    {"one that moves after the printer was long empty was fed", "ssfciw+1i", 4, 2, 0, 0,
     VERDICT_DOUBT, true},
    {"the label that moved when it was paused comes out first", "ssfp+1ppc+1i", 4, 2, 2, 0,
     VERDICT_GO_ON, false},
    {"fed while it pauses: an exact count proves nothing", "ssfpwp+1pc+1i", 4, 2, 0, 0,
     VERDICT_DOUBT, true},
    {"or twice at once", "sssfp+2pc+1i", 4, 3, 0, 0, VERDICT_DOUBT, true},
    {"cleared while it pauses, then fed: likewise", "ssfPc+2i", 4, 2, 0, 0, VERDICT_DOUBT,
     true},
    {"all came out before it paused", "ss+2fPPci", 4, 2, 2, 0, VERDICT_GO_ON, false},
    {"out of labels: one count proves nothing", "ssss+2hm", 4, 4, 0, 0, VERDICT_GO_ON, false},
    {"two equal counts: all counted but the last", "ssss+2hmm", 4, 4, 1, 0, VERDICT_GO_ON,
     false},
    {"the rest is in doubt afterwards", "ssss+2hmmc+2i", 4, 4, 1, 0, VERDICT_DOUBT, true},
    {"a count that moves is none; then two equal ones", "ssss+2hm+1mm", 4, 4, 2, 0,
     VERDICT_GO_ON, false},
    {"one that stood and moves: somebody feeds", "ssss+2hmm+1mm", 4, 4, 1, 0, VERDICT_GO_ON,
     false},
    {"nothing counted, nothing confirmed", "sshmm", 4, 2, 0, 0, VERDICT_GO_ON, false},
    {"one counted: it may be the torn one", "ss+1hmm", 4, 2, 0, 0, VERDICT_GO_ON, false},
    {"all counted: the last may be the torn one", "ss+2hmm", 4, 2, 1, 0, VERDICT_GO_ON, false},
    {"too late: hands may have fed", "ssss+2hMM", 4, 4, 0, 0, VERDICT_GO_ON, false},
    {"one soon, one late", "ssss+2hmM", 4, 4, 0, 0, VERDICT_GO_ON, false},
    {"more counted than sent proves nothing", "ss+3hmm", 4, 2, 0, 0, VERDICT_GO_ON, false},
    {"nor does a counter set back", "sss+2bs-1hmm", 4, 4, 1, 0, VERDICT_GO_ON, false},
    {"what was confirmed before stays", "sss+2b+1hmm", 4, 3, 2, 0, VERDICT_GO_ON, false},
    {"a second fault starts them anew", "ssfciwfci", 4, 2, 0, 0, VERDICT_GO_ON, false},
    {"empty and too low: nothing more is sent", "ss+1is", 4, 2, 0, 1, VERDICT_GO_ON, false},
    {"until all is there", "ss+1i+1b+0is", 4, 3, 2, 0, VERDICT_GO_ON, false},
    {"without a fault it takes twenty", "ss+1iwwwi", 4, 2, 0, 0, VERDICT_GO_ON, false},
    {"and then it is lost (cleared at the panel)", "sss+2iwwwwi", 4, 3, 1, 0, VERDICT_DOUBT,
     true},
    {"one that moves after it was long empty was fed, without a fault as well", "sss+2iw+1i", 4,
     3, 1, 0, VERDICT_DOUBT, true},
    {"a foreign label", "s+2i", 4, 1, 0, 0, VERDICT_DOUBT, true},
    {"one in place of ours: ours is not confirmed before it came", "ss+1b", 4, 2, 0, 0,
     VERDICT_GO_ON, false},
    {"a foreign label with nothing out", "s+1i+1i", 4, 1, 1, 0, VERDICT_DOUBT, true},
    {"two feeds after a new roll, labels out", "ssfc+3i", 4, 2, 0, 0, VERDICT_DOUBT, true},
    {"a new roll fed with nothing out leaves no doubt", "s+1ifc+2i", 4, 1, 1, 0, VERDICT_DOUBT,
     false},
    {"a torn label and one feed look like a label: doubt", "sss+2bhc+1i", 4, 3, 1, 0,
     VERDICT_DOUBT, true},
    {"also when the count comes late", "sss+2bhcb+1i", 4, 3, 1, 0, VERDICT_DOUBT, true},
    {"not before the printer is empty", "sshc+1b", 4, 2, 0, 0, VERDICT_GO_ON, false},
    {"hands with nothing out: it goes on", "s+1ihcis", 4, 2, 1, 0, VERDICT_GO_ON, false},
    {"a reset", "sss+2b-1i", 4, 3, 1, 0, VERDICT_DOUBT, true},
    {"a reset below the baseline", "s-9i", 4, 1, 0, 0, VERDICT_DOUBT, true},
    {"a reset during a fault", "sss+2bfc-1i", 4, 3, 1, 0, VERDICT_DOUBT, true},
    {"a peeler may wait for hours", "swwwwwwwbwwwwb", 1, 1, 0, 0, VERDICT_GO_ON, false},
};

static void tell(const struct row *row, struct window *window, uint32_t *refused,
                 enum verdict *verdict)
{
    uint64_t count = 1000;
    int64_t now = 0;
    window_init(window, row->limit, 64 * 1024, count);
    for (const char *at = row->story; *at && *verdict == VERDICT_GO_ON; at++) {
        size_t bytes = *at == 'S' ? 50000 : 100;
        switch (*at) {
        case 's':
        case 'S':
            if (window_may_send(window, bytes))
                window_sent(window, bytes);
            else
                ++*refused;
            break;
        case 'f':
            window_trouble(window);
            break;
        case 'h':
            window_trouble(window);
            window_touched(window);
            break;
        case 'p':
        case 'P':
        case 'm':
        case 'M':
            now += 100;
            window_fault_reading(window, count, *at == 'P', *at == 'm', now);
            break;
        case 'c':
            window_trouble_over(window);
            break;
        case '+':
            count += (uint64_t)(*++at - '0');
            break;
        case '-':
            count -= (uint64_t)(*++at - '0');
            break;
        case 'i':
        case 'b':
            now += 100;
            *verdict = window_reading(window, count, *at == 'i', now);
            break;
        case 'w':
            now += 5000;
            break;
        default:
            abort();
        }
    }
}

#define CLEAR                                                                                  \
    "\002030,0,0,0300,000,0,0,0,000,0,0,0\003\r\n\002000,0,0,0,0,2,4,0,00000000,1,000\003\r\n" \
    "\0021234,0\003\r\n"
#define BUSY                                                                                   \
    "\002030,0,0,0300,001,0,0,0,000,0,0,0\003\r\n\002000,0,0,0,0,2,4,0,00000001,1,000\003\r\n" \
    "\0021234,0\003\r\n"
#define PAUSED                                                                                 \
    "\002030,0,1,0300,000,0,0,0,000,0,0,0\003\r\n\002000,0,0,0,0,2,4,0,00000000,1,000\003\r\n" \
    "\0021234,0\003\r\n"

#define HQES(errors)                                                                           \
    "\002\r\nPRINTER STATUS\r\nERRORS: " errors "\r\nWARNINGS: 0 00000000 "                    \
    "00000000\r\n\003\r\n"
#define MEDIA_OUT HQES("1 00000000 00000001")
#define CUTTER    HQES("1 00000000 00000008")
#define NO_FAULT  HQES("0 00000000 00000000")
#define WORN      HQES("1 00000000 00000040")

/* The asker: at a time, the question that must be due then is asked, or an answer comes and
 * must be heard as that. */
static const struct turn {
    const char *name;
    int64_t at_ms;
    char question; /* S, I, C, F (faults), - (none due), T (falls silent), 0 (not looked at) */
    const char *answer;
    enum heard heard;
    char counted; /* a fault's: F = counted and fresh, L = counted, too late */
} turns[] = {
    {"first the status", 0, 'S', CLEAR, HEARD_CLEAR, 0},
    {"then who it is", 1, 'I', "\"SN1\"", HEARD_IDENTITY, 0},
    {"then the count", 2, 'C', "\"7\"", HEARD_NOTHING, 0},
    {"a status after it makes a reading", 3, 'S', CLEAR, HEARD_READING, 0},
    {"then a pause", 4, '-', NULL, HEARD_NOTHING, 0},
    {"an answer that nobody waits for makes nothing better", 5, 0, CLEAR, HEARD_NOTHING, 0},
    {"a count that nobody asked for is not taken", 6, 0, "\"9\"", HEARD_NOTHING, 0},
    {"but a fault makes it worse", 7, 0, PAUSED, HEARD_FAULT, 0},
    {"in a fault the count is asked for at once", 8, 'C', "\"7\"", HEARD_NOTHING, 0},
    {"and lies between two statuses with it", 9, 'S', PAUSED, HEARD_FAULT, 'F'},
    {"not at once again", 10, '-', NULL, HEARD_NOTHING, 0},
    {"but soon", 49, 'C', "\"7\"", HEARD_NOTHING, 0},
    {"the second", 50, 'S', PAUSED, HEARD_FAULT, 'F'},
    {"then ever less often", 128, '-', NULL, HEARD_NOTHING, 0},
    {"the third", 1010, 'C', "\"7\"", HEARD_NOTHING, 0},
    {"comes too late after the last status without a fault", 1011, 'S', PAUSED, HEARD_FAULT,
     'L'},
    {"a count that does not come in a fault", 1200, 'C', NULL, HEARD_NOTHING, 0},
    {"the status all the same: it is over", 2200, 'S', CLEAR, HEARD_CLEAR, 0},
    {"who is it now?", 2201, 'I', "\"SN1\"", HEARD_IDENTITY, 0},
    {"the count again, which does not come", 2202, 'C', NULL, HEARD_NOTHING, 0},
    {"the status meanwhile", 3203, 'S', "\"8\"", HEARD_NOTHING, 0},
    {"whose answer was asked for before the count came: no reading", 3204, 0, CLEAR,
     HEARD_CLEAR, 0},
    {"one that was asked for later", 3205, 'S', CLEAR, HEARD_READING, 0},
    {"count", 4000, 'C', "\"8\"", HEARD_NOTHING, 0},
    {"a fault shows in the closing status: no reading, and no fault before it", 4001, 'S',
     PAUSED, HEARD_FAULT, 0},
    {"count", 4002, 'C', "\"8\"", HEARD_NOTHING, 0},
    {"nor is it one when the closing status has none", 4003, 'S', CLEAR, HEARD_CLEAR, 0},
    {"an identity of digits alone is no count", 4004, 'I', "\"8\"", HEARD_IDENTITY, 0},
    {"count", 4005, 'C', "\"8\"", HEARD_NOTHING, 0},
    {"the closing status does not come", 4006, 'S', NULL, HEARD_NOTHING, 0},
    {"silence after two seconds", 6006, 'T', NULL, HEARD_NOTHING, 0},
    {"then what is wrong is asked for: many answer that", 6006, 'F', MEDIA_OUT, HEARD_FAULT, 0},
    {"the count, once", 6007, 'C', NULL, HEARD_NOTHING, 0},
    {"the status again", 7007, 'S', NULL, HEARD_NOTHING, 0},
    {"the fault again; a count that did not come makes it none", 7207, 'F', MEDIA_OUT,
     HEARD_FAULT, 0},
    {"only a status ends it", 7248, 'S', CLEAR, HEARD_CLEAR, 0},
    {"late answers may come: not at once", 7249, '-', CLEAR, HEARD_NOTHING, 0},
    {"who is it now?", 7548, 'I', NULL, HEARD_NOTHING, 0},
    {"nothing is counted before it says so", 8548, 'S', BUSY, HEARD_CLEAR, 0},
    {"nothing moves: is it the cutter? No answer", 9548, 'F', NULL, HEARD_NOTHING, 0},
    {"is no silence", 10548, 'S', "\"SN1\"", HEARD_IDENTITY, 0},
    {"the status that is out", 10549, 0, BUSY, HEARD_CLEAR, 0},
    {"the count is read anew", 10550, 'C', "\"?\"", HEARD_UNSUPPORTED, 0},
    {"a busy printer may owe the count", 11550, 'S', BUSY, HEARD_CLEAR, 0},
    {"an idle one that owes it was deaf for a while", 12550, 'S', CLEAR, HEARD_LOST, 0},
    {"who is it?", 12850, 'I', "\"?\"", HEARD_IDENTITY, 0},
    {"the count is asked for anew", 12851, 'C', NULL, HEARD_NOTHING, 0},
};

/* A cutter shows in no status. */
static const struct turn cutter_turns[] = {
    {"status", 0, 'S', CLEAR, HEARD_CLEAR, 0},
    {"who", 1, 'I', "\"SN1\"", HEARD_IDENTITY, 0},
    {"count", 2, 'C', "\"7\"", HEARD_NOTHING, 0},
    {"reading", 3, 'S', BUSY, HEARD_READING, 0},
    {"count", 1900, 'C', "\"7\"", HEARD_NOTHING, 0},
    {"reading", 1901, 'S', BUSY, HEARD_READING, 0},
    {"a reading is not disturbed", 1950, 'C', "\"7\"", HEARD_NOTHING, 0},
    {"nor its end", 2050, 'S', BUSY, HEARD_READING, 0},
    {"busy, and nothing moves for two seconds: its faults", 2300, 'F', CUTTER, HEARD_FAULT, 0},
    {"the count during the fault", 2301, 'C', NULL, HEARD_NOTHING, 0},
    {"a status that does not show it does not end it", 3401, 'S', BUSY, HEARD_FAULT, 0},
    {"they are asked for again", 3442, 'F', CUTTER, HEARD_FAULT, 0},
    {"status", 3600, 'S', BUSY, HEARD_FAULT, 0},
    {"mended", 3950, 'F', NO_FAULT, HEARD_NOTHING, 0},
    {"now the status says it", 3971, 'S', BUSY, HEARD_CLEAR, 0},
    {"who", 3972, 'I', "\"SN1\"", HEARD_IDENTITY, 0},
};

/* A language that has only the two questions. */
static enum err few_questions(enum query_kind kind, struct buf *out)
{
    if (kind == QUERY_STATUS || kind == QUERY_COUNT)
        buf_add_text(out, "?");
    return buf_err(out);
}

/* A worn element of the head is no fault of a printer that prints on, but one of a silent one.
 */
static const struct turn worn_turns[] = {
    {"status", 0, 'S', CLEAR, HEARD_CLEAR, 0},
    {"who", 1, 'I', "\"SN1\"", HEARD_IDENTITY, 0},
    {"count", 2, 'C', "\"7\"", HEARD_NOTHING, 0},
    {"reading", 3, 'S', BUSY, HEARD_READING, 0},
    {"nothing moves", 2100, 'F', WORN, HEARD_NOTHING, 0},
    {"count", 2101, 'C', "\"7\"", HEARD_NOTHING, 0},
    {"reading", 2102, 'S', NULL, HEARD_NOTHING, 0},
    {"silence", 4102, 'T', NULL, HEARD_NOTHING, 0},
    {"what is wrong?", 4102, 'F', WORN, HEARD_FAULT, 0},
};

static const struct turn few_turns[] = {
    {"status", 0, 'S', CLEAR, HEARD_CLEAR, 0},
    {"at once the count", 1, 'C', "\"7\"", HEARD_NOTHING, 0},
    {"reading", 2, 'S', BUSY, HEARD_READING, 0},
    {"count", 2500, 'C', "\"7\"", HEARD_NOTHING, 0},
    {"reading", 2501, 'S', BUSY, HEARD_READING, 0},
    {"count", 2800, 'C', "\"7\"", HEARD_NOTHING, 0},
    {"no answer", 2801, 'S', NULL, HEARD_NOTHING, 0},
    {"silence", 4801, 'T', NULL, HEARD_NOTHING, 0},
    {"the status alone", 4801, 'S', NULL, HEARD_NOTHING, 0},
    {"again", 5001, 'S', NULL, HEARD_NOTHING, 0},
    {"and again", 5401, 'S', CLEAR, HEARD_CLEAR, 0},
    {"then the count", 5701, 'C', "\"7\"", HEARD_NOTHING, 0},
};

static void test_asker(const struct driver *driver, const struct turn *table, size_t count)
{
    static struct asker asker;
    asker_init(&asker, driver, 0);
    for (size_t i = 0; i < count; i++) {
        const struct turn *turn = &table[i];
        enum query_kind kind;
        struct hearing hearing = {.what = HEARD_NOTHING};
        bool fell_silent = asker_tick(&asker, turn->at_ms);
        bool due = turn->question != 'T' && asker_due(&asker, turn->at_ms, &kind);
        static const char letters[] = {[QUERY_STATUS] = 'S',
                                       [QUERY_COUNT] = 'C',
                                       [QUERY_FAULTS] = 'F',
                                       [QUERY_IDENTITY] = 'I'};
        char question = fell_silent ? 'T' : due ? letters[kind] : '-';
        bool ok = turn->question == 0 || question == turn->question;
        if (due && turn->question)
            asker_asked(&asker, kind, turn->at_ms);
        if (turn->answer) {
            size_t len = strlen(turn->answer);
            ok = ok && asker_take(&asker, (const uint8_t *)turn->answer, len) == len;
            asker_next(&asker, turn->at_ms, &hearing);
        }
        char counted = !hearing.counted ? '\0' : hearing.fresh ? 'F' : 'L';
        if (!tap_ok(ok && hearing.what == turn->heard && counted == turn->counted, "asker: %s",
                    turn->name))
            printf("# question %c, heard %d, counted %d\n", question, (int)hearing.what,
                   counted);
    }
}

int main(void)
{
    static struct window window;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *row = &rows[i];
        uint32_t refused = 0;
        enum verdict verdict = VERDICT_GO_ON;
        tell(row, &window, &refused, &verdict);
        bool ok = window.sent == row->sent && window.confirmed == row->confirmed &&
                  refused == row->refused && verdict == row->verdict &&
                  (verdict == VERDICT_GO_ON || window_doubts(&window) == row->doubts);
        if (!tap_ok(ok, "%s (%s)", row->name, row->story))
            printf("# sent %u, confirmed %u, refused %u, verdict %d, doubts %d\n", window.sent,
                   window.confirmed, refused, (int)verdict, window_doubts(&window));
    }
    const struct driver *zpl = model_find("zpl-203")->driver;
    struct driver few = *zpl;
    few.query = few_questions;
    test_asker(zpl, turns, sizeof turns / sizeof turns[0]);
    test_asker(zpl, cutter_turns, sizeof cutter_turns / sizeof cutter_turns[0]);
    test_asker(zpl, worn_turns, sizeof worn_turns / sizeof worn_turns[0]);
    test_asker(&few, few_turns, sizeof few_turns / sizeof few_turns[0]);
    return tap_done();
}
