/* SPDX-License-Identifier: Apache-2.0 */
/* wire.h: the configuration's plain values turned into what each room takes. Borrows from the
 * configuration, which must outlive it. */
#ifndef TEM_SPOOLER_WIRE_H
#define TEM_SPOOLER_WIRE_H

#include "config/config.h"
#include "spooler/pipeline.h"
#include "spooler/registry/registry.h"

struct wiring {
    struct pipeline_printer *printers;
    struct stock *stocks;
    struct settings *settings;
    size_t printer_count;
    struct series_config *series;
    size_t series_count;
};

/* ERR_INPUT with a finding for each model that does not exist, naming the nearest known, and
 * each series whose format makes no sense. */
enum err wire(const struct config *config, const char *file, struct wiring *out,
              struct findings *findings);
void wiring_free(struct wiring *wiring);

#endif
