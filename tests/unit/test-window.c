/* SPDX-License-Identifier: Apache-2.0 */
/* The window: a row is a little story, told in letters, and what must be true at its end.
 *
 *   s      an impression of 100 bytes is sent if the window lets it, else `refused` counts
 *   S      likewise, of 50,000 bytes
 *   f c    a fault opens that leaves labels where they are; a clean status comes
 *   h      a fault opens that hands mend
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
    {"a confirmed one makes room", "ssss+1bs", 4, 5, 1, 0, VERDICT_GO_ON, false},
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
    {"confirmed before a fault stays so", "ss+1bfc", 4, 2, 1, 0, VERDICT_GO_ON, false},
    {"after a fault, empty and too low for five seconds", "ss+1bfciwi", 4, 2, 1, 0,
     VERDICT_DOUBT, true},
    {"not at once: bytes may be on their way", "ssfci", 4, 2, 0, 0, VERDICT_GO_ON, false},
    {"busy in between starts the five seconds anew", "ssfciwbi", 4, 2, 0, 0, VERDICT_GO_ON,
     false},
    {"a count that moves starts them anew", "ssfciw+1i", 4, 2, 0, 0, VERDICT_GO_ON, false},
    {"a second fault starts them anew", "ssfciwfci", 4, 2, 0, 0, VERDICT_GO_ON, false},
    {"empty and too low: nothing more is sent", "ss+1is", 4, 2, 1, 1, VERDICT_GO_ON, false},
    {"until all is there", "ss+1i+1b+0is", 4, 3, 2, 0, VERDICT_GO_ON, false},
    {"without a fault it takes twenty", "ss+1iwwwi", 4, 2, 1, 0, VERDICT_GO_ON, false},
    {"and then it is lost (cleared at the panel)", "ss+1iwwwwi", 4, 2, 1, 0, VERDICT_DOUBT,
     true},
    {"a foreign label", "s+2i", 4, 1, 0, 0, VERDICT_DOUBT, true},
    {"a foreign label with nothing out", "s+1i+1i", 4, 1, 1, 0, VERDICT_DOUBT, true},
    {"two feeds after a new roll, labels out", "ssfc+3i", 4, 2, 0, 0, VERDICT_DOUBT, true},
    {"a new roll fed with nothing out leaves no doubt", "s+1ifc+2i", 4, 1, 1, 0, VERDICT_DOUBT,
     false},
    {"a torn label and one feed look like a label: doubt", "ss+1bhc+1i", 4, 2, 1, 0,
     VERDICT_DOUBT, true},
    {"also when the count comes late", "ss+1bhcb+1i", 4, 2, 1, 0, VERDICT_DOUBT, true},
    {"not before the printer is empty", "sshc+1b", 4, 2, 0, 0, VERDICT_GO_ON, false},
    {"hands with nothing out: it goes on", "s+1ihcis", 4, 2, 1, 0, VERDICT_GO_ON, false},
    {"a reset", "ss+1b-1i", 4, 2, 1, 0, VERDICT_DOUBT, true},
    {"a reset below the baseline", "s-9i", 4, 1, 0, 0, VERDICT_DOUBT, true},
    {"a reset during a fault", "ss+1bfc-1i", 4, 2, 1, 0, VERDICT_DOUBT, true},
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

/* The asker: at a time, the question that must be due then (0 = none) is asked, or an answer
 * comes and must be heard as that. */
static const struct turn {
    const char *name;
    int64_t at_ms;
    char question; /* S, C, - (none due), T (falls silent), 0 (not looked at) */
    const char *answer;
    enum heard heard;
} turns[] = {
    {"first the status", 0, 'S', CLEAR, HEARD_CLEAR},
    {"then the count", 1, 'C', "\"7\"", HEARD_NOTHING},
    {"a status after it makes a reading", 2, 'S', CLEAR, HEARD_READING},
    {"then a pause", 3, '-', NULL, HEARD_NOTHING},
    {"an answer that nobody waits for makes nothing better", 4, 0, CLEAR, HEARD_NOTHING},
    {"but worse", 5, 0, PAUSED, HEARD_FAULT},
    {"a count that nobody asked for is not taken", 6, 0, "\"9\"", HEARD_NOTHING},
    {"the fault is asked after", 1006, 'S', CLEAR, HEARD_CLEAR},
    {"the count again, which does not come", 1007, 'C', NULL, HEARD_NOTHING},
    {"the status meanwhile", 2008, 'S', "\"8\"", HEARD_NOTHING},
    {"whose answer was asked for before the count came: no reading", 2009, 0, CLEAR,
     HEARD_CLEAR},
    {"one that was asked for later", 2010, 'S', CLEAR, HEARD_READING},
    {"count", 3000, 'C', "\"8\"", HEARD_NOTHING},
    {"a fault shows in the closing status: no reading", 3001, 'S', PAUSED, HEARD_FAULT},
    {"nor in the next", 5000, 'S', CLEAR, HEARD_CLEAR},
    {"count", 5001, 'C', "\"8\"", HEARD_NOTHING},
    {"the closing status does not come", 5002, 'S', NULL, HEARD_NOTHING},
    {"silence after two seconds", 7002, 'T', NULL, HEARD_NOTHING},
    {"it is asked again", 7002, 'S', CLEAR, HEARD_CLEAR},
    {"late answers may come: not at once", 7003, '-', CLEAR, HEARD_NOTHING},
    {"the count is read anew", 7303, 'C', "\"?\"", HEARD_UNSUPPORTED},
    {"a busy printer may owe the count", 8303, 'S', BUSY, HEARD_CLEAR},
    {"an idle one that owes it was deaf for a while", 9303, 'S', CLEAR, HEARD_LOST},
    {"the count is asked for anew", 9603, 'C', NULL, HEARD_NOTHING},
};

static void test_asker(void)
{
    static struct asker asker;
    asker_init(&asker, model_find("zpl-203")->driver, 0);
    for (size_t i = 0; i < sizeof turns / sizeof turns[0]; i++) {
        const struct turn *turn = &turns[i];
        enum query_kind kind;
        struct hearing hearing = {.what = HEARD_NOTHING};
        bool fell_silent = asker_tick(&asker, turn->at_ms);
        bool due = turn->question != 'T' && asker_due(&asker, turn->at_ms, &kind);
        char question = fell_silent ? 'T' : !due ? '-' : kind == QUERY_COUNT ? 'C' : 'S';
        bool ok = turn->question == 0 || question == turn->question;
        if (due && turn->question)
            asker_asked(&asker, kind, turn->at_ms);
        if (turn->answer) {
            size_t len = strlen(turn->answer);
            ok = ok && asker_take(&asker, (const uint8_t *)turn->answer, len) == len;
            asker_next(&asker, turn->at_ms, &hearing);
        }
        if (!tap_ok(ok && hearing.what == turn->heard, "asker: %s", turn->name))
            printf("# question %c, heard %d\n", question, (int)hearing.what);
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
    test_asker();
    return tap_done();
}
