/* SPDX-License-Identifier: Apache-2.0
 *
 * link.h: the network side, like port 9100 of a printer: one connection at a time, on loopback.
 *
 * Reads only what fits into the receive buffer, so a host feels back pressure. Answers leave
 * after a fixed delay; a host that does not read them loses those beyond 64 KiB. */
#ifndef VPRINTER_LINK_H
#define VPRINTER_LINK_H

#include "report.h"

#include <poll.h>

struct link_events {
    void *context;
    size_t (*room)(void *context); /* free bytes of the receive buffer */
    void (*opened)(void *context, unsigned connection);
    void (*received)(void *context, const char *s, size_t n);
    void (*closed)(void *context);
};

struct link;

/* Listens at `port` (0: a free one) on 127.0.0.1. Borrows events and report. NULL: logged. */
struct link *link_open(uint16_t port, int32_t answer_delay_ms, const struct link_events *events,
                       struct report *report);
void link_close(struct link *link);

uint16_t link_port(const struct link *link);
bool link_connected(const struct link *link);
uint64_t link_received_bytes(const struct link *link);

/* Whether connections are accepted; when not, they are refused. A connection that is open
 * stays. */
void link_accept(struct link *link, bool accept);

/* Whether bytes are read at all. */
void link_stall(struct link *link, bool stall);

/* Resets the connection, if there is one, in the rude way (RST). */
void link_drop(struct link *link);

/* The same after `n` more bytes have been received. */
void link_drop_after(struct link *link, uint64_t n);

/* Sends to whoever is connected. */
void link_answer(struct link *link, const char *s, size_t n, int64_t now_us);

/* The descriptor to wait for; fd is -1 when there is none. */
struct pollfd link_poll(struct link *link, int64_t now_us);
void link_handle(struct link *link, short revents, int64_t now_us);
int64_t link_deadline(const struct link *link);

#endif
