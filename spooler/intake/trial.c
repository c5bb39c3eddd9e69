/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/intake/trial.h"

#include <string.h>

/* The errors of a trial become the request's; what a designer should hear does not concern who
 * sends data, and must not fill the bounded list. */
static void take_errors(struct draft *draft, struct findings *trial, struct place place)
{
    for (size_t i = 0; i < trial->count; i++) {
        const struct finding *finding = &trial->list[i];
        if (finding->severity != SEVERITY_ERROR)
            continue;
        struct place at = {.file = finding->file,
                           .line = place.line ? place.line : finding->line,
                           .column = place.line ? 0 : finding->column,
                           .field = finding->field};
        findings_add(draft->findings, SEVERITY_ERROR, finding->code, at, finding->value,
                     finding->expected, "%s", finding->message);
    }
    findings_clear(trial);
}

/* Asks whether the printer can draw it (`doc` NULL: the template as such). ERR_INPUT: findings.
 */
static enum err try_doc(struct draft *draft, const struct label_doc *doc, struct place place)
{
    struct findings trial;
    findings_init(&trial);
    size_t before = draft->findings->errors;
    enum err err = draft->config->check_label(draft->config->ctx, draft->printer,
                                              draft->template, doc, &trial);
    take_errors(draft, &trial, place);
    if (draft->findings->errors > before)
        return ERR_INPUT;
    if (!err || err == ERR_NO_MEMORY)
        return err;
    place.field = place.field ? place.field : "template";
    return findings_add(
        draft->findings, SEVERITY_ERROR, "not-drawable", place, template_name(draft->template),
        NULL, "the label cannot be drawn for printer %s: %s", draft->printer, err_meaning(err));
}

enum err trial_template(struct draft *draft)
{
    return try_doc(draft, NULL, (struct place){0});
}

/* Whether trying the second stand-ins shows anything that the first do not. */
static bool stand_ins_differ(const struct draft *draft)
{
    for (size_t i = 0; i < draft->field_count; i++) {
        if (draft->stand_ins[0][i] && draft->stand_ins[1][i] &&
            strcmp(draft->stand_ins[0][i], draft->stand_ins[1][i]) != 0)
            return true;
    }
    return false;
}

/* Draws the checked row as its last label would be, with numbers that need the most room. */
enum err trial_label(struct draft *draft, const struct row *row, uint64_t label,
                     struct place place)
{
    int variants = stand_ins_differ(draft) ? 2 : 1;
    for (int mixed = 0; mixed < variants; mixed++) {
        struct bind_input input = {
            .row = row,
            .numbers = (const char *const *)draft->stand_ins[mixed],
            .builtins = {.label_index = label,
                         .label_count = label,
                         .piece_index = template_pieces(draft->template),
                         .job_id = 999999,
                         .accepted_ms = clock_now_ms(store_clock(draft->config->store)),
                         .utc_offset_min = draft->config->utc_offset_min}};
        struct label_doc doc = {0};
        struct why why = {{0}};
        enum err err = template_bind(draft->template, &input, &doc, &why);
        if (!err)
            err = try_doc(draft, &doc, place);
        else if (err != ERR_NO_MEMORY)
            err = findings_add(draft->findings, SEVERITY_ERROR, "not-drawable", place, NULL,
                               NULL, "the label cannot be made: %s", why.text);
        label_doc_free(&doc);
        if (err)
            return err;
    }
    return ERR_NONE;
}
