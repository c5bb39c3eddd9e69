/* SPDX-License-Identifier: Apache-2.0 */
/* The window: a row is a little story, told in letters, and what must be true at its end.
 *
 *   s      an impression of 100 bytes is sent if the window lets it, else `refused` counts
 *   S      likewise, of 50,000 bytes
 *   f c    a fault opens; a clean status comes
 *   +N     the device's counter moves by N (one digit); -N: back
 *   i b    a reading: idle; busy
 *   w      five seconds go by */
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
    {"after a fault nothing is sent until all is clear", "sfcs", 4, 1, 0, 1, VERDICT_GO_ON, false},
    {"after a fault nothing is confirmed while busy", "ssfc+1b", 4, 2, 0, 0, VERDICT_GO_ON, false},
    {"nor one by one while idle", "ssfc+1i", 4, 2, 0, 0, VERDICT_GO_ON, false},
    {"but all together: idle and exact", "ssfc+2i", 4, 2, 2, 0, VERDICT_GO_ON, false},
    {"exact but busy is not enough", "ssfc+2b", 4, 2, 0, 0, VERDICT_GO_ON, false},
    {"then it goes on", "ssfc+2is", 4, 3, 2, 0, VERDICT_GO_ON, false},
    {"confirmed before a fault stays so", "ss+1bfc", 4, 2, 1, 0, VERDICT_GO_ON, false},
    {"after a fault, empty and too low for five seconds", "ss+1bfciwi", 4, 2, 1, 0, VERDICT_DOUBT, true},
    {"not at once: bytes may be on their way", "ssfci", 4, 2, 0, 0, VERDICT_GO_ON, false},
    {"busy in between starts the five seconds anew", "ssfciwbi", 4, 2, 0, 0, VERDICT_GO_ON, false},
    {"a count that moves starts them anew", "ssfciw+1i", 4, 2, 0, 0, VERDICT_GO_ON, false},
    {"a second fault starts them anew", "ssfciwfci", 4, 2, 0, 0, VERDICT_GO_ON, false},
    {"empty and too low: nothing more is sent", "ss+1is", 4, 2, 1, 1, VERDICT_GO_ON, false},
    {"until all is there", "ss+1i+1b+0is", 4, 3, 2, 0, VERDICT_GO_ON, false},
    {"without a fault it takes twenty", "ss+1iwwwi", 4, 2, 1, 0, VERDICT_GO_ON, false},
    {"and then it is lost (cleared at the panel)", "ss+1iwwwwi", 4, 2, 1, 0, VERDICT_DOUBT, true},
    {"a foreign label", "s+2i", 4, 1, 0, 0, VERDICT_DOUBT, true},
    {"a foreign label with nothing out", "s+1i+1i", 4, 1, 1, 0, VERDICT_DOUBT, true},
    {"two feeds after a new roll, labels out", "ssfc+3i", 4, 2, 0, 0, VERDICT_DOUBT, true},
    {"a new roll fed with nothing out leaves no doubt", "s+1ifc+2i", 4, 1, 1, 0, VERDICT_DOUBT, false},
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
    return tap_done();
}
