/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/wire.h"

#include "spooler/base/near.h"

#include <stdio.h>
#include <stdlib.h>

/* The enums of config.h stand in the order of those they become. */
_Static_assert((int)CONFIG_CONTINUOUS == (int)MEDIA_CONTINUOUS, "tracking");
_Static_assert((int)CONFIG_TRANSFER == (int)MEDIA_THERMAL_TRANSFER, "media");
_Static_assert((int)CONFIG_CUT == (int)OUTPUT_CUT, "output");
_Static_assert((int)CONFIG_SEQUENTIAL == (int)NUMBER_SEQUENTIAL, "format");
_Static_assert((int)CONFIG_CHECK_GS1 == (int)CHECK_GS1, "check");

static const struct model *find_model(const struct config_printer *printer, const char *file,
                                      struct findings *findings)
{
    const struct model *model = model_find(printer->model);
    if (model)
        return model;
    const char *names[64];
    size_t count = 0;
    while (count < sizeof names / sizeof names[0] && model_at(count)) {
        names[count] = model_at(count)->name;
        count++;
    }
    const char *near = near_word(printer->model, names, count);
    findings_add(findings, SEVERITY_ERROR, "unknown-model",
                 (struct place){.file = file, .line = printer->line, .field = printer->name},
                 printer->model, near ? near : "one of the models in drivers/models.c",
                 "there is no such printer model");
    return NULL;
}

static void wire_printer(const struct config_printer *from, const char *file, size_t i,
                         struct wiring *out, struct findings *findings)
{
    const struct model *model = find_model(from, file, findings);
    out->stocks[i] = (struct stock){
        .width_um = from->width_um,
        .height_um = from->height_um,
        .gap_um = from->gap_um,
        .tracking = (enum media_tracking)from->tracking,
    };
    out->settings[i] = (struct settings){
        .darkness_percent = (int)from->darkness_percent,
        .speed_mm_s = (int)from->speed_mm_s,
        .media = (enum media_type)from->media,
        .output = (enum output_mode)from->output,
    };
    bool proves = model && from->evidence == CONFIG_EVIDENCE_FULL;
    /* A label that waits to be taken or cut is out alone: what is behind it may still be
     * cancelled. */
    bool one_by_one = from->output != CONFIG_TEAR;
    out->printers[i] = (struct pipeline_printer){
        .name = from->name,
        .with = {.model = model,
                 .stock = &out->stocks[i],
                 .settings = &out->settings[i],
                 .queue = from->queue,
                 .evidence = proves ? model->evidence : EVIDENCE_NONE,
                 .window = (uint16_t)(one_by_one ? 1 : from->window)},
    };
}

static void wire_series(const struct config_series *from, const char *file,
                        struct series_config *to, struct findings *findings)
{
    *to = (struct series_config){
        .name = from->name,
        .format = {.kind = (enum number_kind)from->format,
                   .length = (uint32_t)from->length,
                   .check = (enum number_check)from->check},
        .first = (uint64_t)from->first,
        .last = (uint64_t)from->last,
        .last_used = from->last_used < 0 ? 0 : (uint64_t)from->last_used,
        .has_last_used = from->last_used >= 0,
        .low_water = (uint64_t)from->low_water,
        .line = from->line,
    };
    struct why why;
    int alphabet =
        snprintf(to->format.alphabet, sizeof to->format.alphabet, "%s", from->alphabet);
    int prefix = snprintf(to->format.prefix, sizeof to->format.prefix, "%s",
                          from->prefix ? from->prefix : "");
    enum err err = number_format_check(&to->format, &why);
    if (alphabet >= (int)sizeof to->format.alphabet || prefix >= (int)sizeof to->format.prefix)
        err = err_set(&why, ERR_INPUT, "alphabet or prefix is too long");
    if (err)
        findings_add(findings, SEVERITY_ERROR, "series-format",
                     (struct place){.file = file, .line = from->line, .field = from->name},
                     NULL, NULL, "%s", why.text);
}

enum err wire(const struct config *config, const char *file, struct wiring *out,
              struct findings *findings)
{
    struct wiring wiring = {.printer_count = config->printer_count,
                            .series_count = config->series_count};
    wiring.printers = calloc(config->printer_count + 1, sizeof *wiring.printers);
    wiring.stocks = calloc(config->printer_count + 1, sizeof *wiring.stocks);
    wiring.settings = calloc(config->printer_count + 1, sizeof *wiring.settings);
    wiring.series = calloc(config->series_count + 1, sizeof *wiring.series);
    enum err err = ERR_NONE;
    if (!wiring.printers || !wiring.stocks || !wiring.settings || !wiring.series)
        err = ERR_NO_MEMORY;
    for (size_t i = 0; !err && i < config->printer_count; i++)
        wire_printer(&config->printers[i], file, i, &wiring, findings);
    for (size_t i = 0; !err && i < config->series_count; i++)
        wire_series(&config->series[i], file, &wiring.series[i], findings);
    if (!err && findings->errors > 0)
        err = ERR_INPUT;
    if (err)
        wiring_free(&wiring);
    else
        *out = wiring;
    return err;
}

void wiring_free(struct wiring *wiring)
{
    free(wiring->printers);
    free(wiring->stocks);
    free(wiring->settings);
    free(wiring->series);
    *wiring = (struct wiring){0};
}
