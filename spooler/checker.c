/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/checker.h"

#include "spooler/base/mm.h"
#include "spooler/preview.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A template that a printer takes. */
struct pair {
    const struct pipeline_printer *printer;
    uint8_t template_hash[SHA256_BYTES];
};

struct checker {
    const struct pipeline_printer *printers;
    size_t printer_count;
    pthread_mutex_t lock; /* for all below: a renderer is for one thread at a time */
    struct renderer *renderer;
    struct pair known[CHECKER_KNOWN]; /* the oldest goes first */
    size_t known_count, next;
};

enum err checker_new(const struct pipeline_config *config, struct checker **out,
                     struct why *why)
{
    struct checker *checker = calloc(1, sizeof *checker);
    if (!checker)
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    checker->printers = config->printers;
    checker->printer_count = config->printer_count;
    pthread_mutex_init(&checker->lock, NULL); /* never fails for a default mutex */
    enum err err = renderer_new(config->font_folders, &checker->renderer, why);
    if (err)
        checker_free(checker);
    else
        *out = checker;
    return err;
}

void checker_free(struct checker *checker)
{
    if (!checker)
        return;
    renderer_free(checker->renderer);
    pthread_mutex_destroy(&checker->lock);
    free(checker);
}

/* ---- what is known ----------------------------------------------------------------------- */

static bool is_known(const struct checker *checker, const struct pair *pair)
{
    for (size_t i = 0; i < checker->known_count; i++)
        if (checker->known[i].printer == pair->printer &&
            memcmp(checker->known[i].template_hash, pair->template_hash, SHA256_BYTES) == 0)
            return true;
    return false;
}

static void remember(struct checker *checker, const struct pair *pair)
{
    checker->known[checker->next] = *pair;
    checker->next = (checker->next + 1) % CHECKER_KNOWN;
    if (checker->known_count < CHECKER_KNOWN)
        checker->known_count++;
}

/* ---- checking ---------------------------------------------------------------------------- */

static enum err check_fits_stock(const struct pipeline_printer *printer,
                                 const struct template *template, struct findings *findings)
{
    const struct stock *stock = printer->with.stock;
    int64_t width = template_width_um(template), height = template_height_um(template);
    uint32_t dots_per_m = printer->with.model->dots_per_m;
    char got[160], expected[200];
    snprintf(got, sizeof got, "%s x %s", mm_text(width).text, mm_text(height).text);
    snprintf(expected, sizeof expected, "at most %s x %s (the stock that is loaded)",
             mm_text(stock->width_um).text, mm_text(stock->height_um).text);
    if (width > stock->width_um || height > stock->height_um)
        return findings_add(findings, SEVERITY_ERROR, "label-larger-than-stock",
                            (struct place){.field = "printer"}, got, expected,
                            "template %s does not fit on the labels in printer %s",
                            template_name(template), printer->name);
    uint32_t head_dots = printer->with.model->max_width_dots;
    snprintf(expected, sizeof expected, "at most %s wide",
             mm_of_dots(head_dots, dots_per_m).text);
    if (dots_from_um(width, dots_per_m) > head_dots)
        return findings_add(findings, SEVERITY_ERROR, "label-wider-than-head",
                            (struct place){.field = "printer"}, got, expected,
                            "template %s is wider than the print head of %s",
                            template_name(template), printer->name);
    return ERR_NONE;
}

static enum err check_template(struct checker *checker, const struct pipeline_printer *printer,
                               const struct template *template, struct findings *findings)
{
    struct pair pair = {.printer = printer};
    memcpy(pair.template_hash, template_hash(template), SHA256_BYTES);
    if (is_known(checker, &pair))
        return ERR_NONE;
    size_t before = findings->errors;
    enum err err = check_fits_stock(printer, template, findings);
    if (!err)
        err = render_check_template(checker->renderer, template,
                                    printer->with.model->dots_per_m, findings);
    if (!err && findings->errors == before)
        remember(checker, &pair);
    return err;
}

enum err checker_check(struct checker *checker, const char *printer,
                       const struct template *template, const struct label_doc *doc,
                       struct findings *findings)
{
    const struct pipeline_printer *found = NULL;
    for (size_t i = 0; i < checker->printer_count && !found; i++) {
        if (strcmp(checker->printers[i].name, printer) == 0)
            found = &checker->printers[i];
    }
    if (!found)
        return ERR_NOT_FOUND;
    pthread_mutex_lock(&checker->lock);
    enum err err = doc ? render_check_label(checker->renderer, template, doc,
                                            found->with.model->dots_per_m, findings)
                       : check_template(checker, found, template, findings);
    pthread_mutex_unlock(&checker->lock);
    return err;
}

enum err checker_preview(struct checker *checker, const char *model,
                         const struct template *template, const struct label_doc *doc,
                         struct buf *png, struct findings *findings, struct why *why)
{
    pthread_mutex_lock(&checker->lock);
    enum err err = preview_draw(checker->renderer, model, template, doc, png, findings, why);
    pthread_mutex_unlock(&checker->lock);
    return err;
}
