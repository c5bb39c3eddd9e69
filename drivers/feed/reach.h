/* SPDX-License-Identifier: Apache-2.0 */
/* reach.h: is the printer that does not answer still on the network? Asked over SNMP (UDP),
 * where the queue's address is a number and the printer has SNMP. It tells people a cut cable
 * from a printer that is only silent; it confirms nothing and permits nothing.
 *
 * Nothing here waits: questions go out when they are due, answers are taken when they are
 * there. One question a chunk while the printer talks, one in two seconds while it is silent.
 */
#ifndef TEM_DRIVERS_FEED_REACH_H
#define TEM_DRIVERS_FEED_REACH_H

#include <stdbool.h>
#include <stdint.h>

enum reach_state {
    REACH_UNKNOWN, /* it never answered, so its silence says nothing */
    REACH_ANSWERS, /* it is on the network */
    REACH_GONE     /* it answered before, and does not any more */
};

struct reach {
    int fd; /* -1 = nobody can be asked */
    uint32_t id;
    bool ever;
    bool silent;         /* as told last */
    bool since;          /* it answered since it became silent */
    unsigned unanswered; /* questions, in a row */
    int64_t next_ms;
    uint32_t conditions; /* what it said last */
};

#define REACH_PORT 161

/* `uri` as CUPS has it (socket://HOST:9100/...; NULL is fine); port 0 = do not ask. */
void reach_open(struct reach *reach, const char *uri, uint16_t port, int64_t now_ms);
void reach_close(struct reach *reach);
/* `silent`: the printer does not answer on its own line. *conditions: what it says is wrong,
 * when it answers. */
enum reach_state reach_ask(struct reach *reach, bool silent, int64_t now_ms,
                           uint32_t *conditions);

#endif
