/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/intake/draft.h"

#include "spooler/base/near.h"
#include "spooler/intake/request.h"
#include "spooler/intake/stand-in.h"
#include "spooler/intake/trial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A scope's text is stored with each of its ranges; scope_ref (registry.h) has room for 255. */
#define SCOPE_MAX 255

/* Copies a short text of the head; what it must not be is a finding. */
static void take_text(struct draft *draft, const char *name, const char *value, size_t max,
                      char *out)
{
    if (value && request_line_ok(draft->findings, name, value, max))
        memcpy(out, value, strlen(value) + 1);
}

static void take_template(struct draft *draft, const char *name)
{
    struct place place = {.field = "template"};
    if (!name) {
        findings_add(draft->findings, SEVERITY_ERROR, "missing", place, NULL,
                     "a template's name", "no template is given");
        return;
    }
    draft->template = catalog_find(draft->config->catalog, name);
    if (draft->template)
        return;
    const char *near = catalog_near(draft->config->catalog, name);
    findings_add(draft->findings, SEVERITY_ERROR, "unknown-template", place, name,
                 near ? near : "a name that GET /v1/templates lists",
                 "there is no template of this name");
}

#define PRINTERS_SHOWN 256

/* The nearest printer's name into `near`, "" when none is near. */
static void near_printer(struct draft *draft, const char *name, char near[static 64])
{
    struct printer_view *views = calloc(PRINTERS_SHOWN, sizeof *views);
    const char *names[PRINTERS_SHOWN];
    size_t count = 0;
    near[0] = '\0';
    while (views && count < PRINTERS_SHOWN &&
           draft->config->printer(draft->config->ctx, count, &views[count])) {
        names[count] = views[count].name;
        count++;
    }
    const char *word = near_word(name, names, count);
    if (word)
        snprintf(near, 64, "%s", word);
    free(views);
}

/* The printer, or a finding and false. */
static bool take_printer(struct draft *draft, const char *name, struct printer_view *out)
{
    struct place place = {.field = "printer"};
    if (!name) {
        findings_add(draft->findings, SEVERITY_ERROR, "missing", place, NULL,
                     "a printer's name", "no printer is given");
        return false;
    }
    for (size_t i = 0; draft->config->printer(draft->config->ctx, i, out); i++) {
        if (strcmp(out->name, name) == 0) {
            snprintf(draft->printer, sizeof draft->printer, "%s", name);
            return true;
        }
    }
    char near[64];
    near_printer(draft, name, near);
    findings_add(draft->findings, SEVERITY_ERROR, "unknown-printer", place, name,
                 *near ? near : "a name that GET /v1/printers lists",
                 "there is no printer of this name");
    return false;
}

/* What template and printer must have for each other, whatever the data. */
static enum err check_pair(struct draft *draft, const struct printer_view *printer)
{
    static const char *const words[] = {"sent", "printed", "verified"};
    enum close_at close_at = template_close(draft->template);
    if (close_at != CLOSE_SENT && !printer->evidence)
        findings_add(
            draft->findings, SEVERITY_ERROR, "no-evidence", (struct place){.field = "printer"},
            printer->name, "close: sent in the template, or a printer that confirms its labels",
            "template %s closes a job when its labels are %s, but printer %s cannot say "
            "what it printed",
            template_name(draft->template), words[close_at], printer->name);
    enum err err = trial_template(draft);
    /* Without a number for each series field a label cannot be bound; that is told already. */
    draft->drawable = !err && draft->findings->errors == 0;
    return err == ERR_INPUT ? ERR_NONE : err;
}

/* Stand-in numbers of series field `field`, or a finding. */
static enum err take_series(struct draft *draft, size_t field)
{
    const struct field *asked = template_field(draft->template, field);
    struct number_format format;
    char number[NUMBER_MAX];
    if (!registry_has(draft->config->registry, asked->series) ||
        !registry_format(draft->config->registry, asked->series, &format)) {
        const char *const *names = registry_names(draft->config->registry);
        size_t count = 0;
        while (names[count])
            count++;
        const char *near = near_word(asked->series, names, count);
        return findings_add(draft->findings, SEVERITY_ERROR, "unknown-series",
                            (struct place){.field = asked->name}, asked->series,
                            near ? near : "a series of the configuration",
                            "template %s takes numbers from a series that is not configured",
                            template_name(draft->template));
    }
    for (int mixed = 0; mixed < 2; mixed++) {
        if (!stand_in(&format, mixed == 1, number) && !stand_in(&format, false, number))
            continue;
        draft->stand_ins[mixed][field] = strdup(number);
        if (!draft->stand_ins[mixed][field])
            return ERR_NO_MEMORY;
    }
    return ERR_NONE;
}

static enum err open_fields(struct draft *draft)
{
    size_t count = template_field_count(draft->template);
    draft->field_count = count;
    draft->newest = calloc(count + 1, sizeof *draft->newest);
    draft->stand_ins[0] = calloc(count + 1, sizeof *draft->stand_ins[0]);
    draft->stand_ins[1] = calloc(count + 1, sizeof *draft->stand_ins[1]);
    if (!draft->newest || !draft->stand_ins[0] || !draft->stand_ins[1])
        return ERR_NO_MEMORY;
    enum err err = rows_writer_init(&draft->writer, count);
    for (size_t i = 0; !err && i < count; i++) {
        if (template_field(draft->template, i)->type == FIELD_SERIES)
            err = take_series(draft, i);
        err = err == ERR_INPUT ? ERR_NONE : err; /* it is a finding: the others are looked at */
    }
    return err;
}

enum err draft_open(struct draft *draft, const struct intake_config *config,
                    const struct draft_head *head, struct findings *findings)
{
    *draft = (struct draft){.config = config, .findings = findings, .sample = head->sample};
    struct printer_view printer;
    size_t before = findings->errors;
    take_text(draft, "person", head->person, REQUEST_PERSON_MAX, draft->person);
    take_text(draft, "reference", head->reference, JOB_TEXT - 1, draft->reference);
    take_template(draft, head->template);
    bool have_printer = take_printer(draft, head->printer, &printer);
    if (draft->template) {
        enum err err = open_fields(draft);
        if (err)
            return err;
    }
    if (draft->template && have_printer) {
        enum err err = check_pair(draft, &printer);
        if (err)
            return err;
    }
    return findings->errors > before ? ERR_INPUT : ERR_NONE;
}

void draft_close(struct draft *draft)
{
    for (size_t i = 0; i < draft->field_count; i++) {
        for (int mixed = 0; mixed < 2; mixed++) {
            if (draft->stand_ins[mixed])
                free(draft->stand_ins[mixed][i]);
        }
    }
    free(draft->stand_ins[0]);
    free(draft->stand_ins[1]);
    free(draft->newest);
    for (size_t i = 0; i < draft->plan_count; i++)
        free(draft->scopes[i]);
    free(draft->scopes);
    free(draft->plans);
    rows_writer_free(&draft->writer);
    row_free(&draft->row);
    row_free(&draft->previous);
    *draft = (struct draft){0};
}

void draft_bad_quantity(struct findings *findings, struct place place, const char *value)
{
    findings_add(findings, SEVERITY_ERROR, "bad-quantity", place, value,
                 "a whole number 1 to 1000000000", "the quantity is not possible");
}

/* Findings since `from` get the way to their field and the column that it came from. */
static void complete_places(struct draft *draft, size_t from, struct place place,
                            const char *path, const uint32_t *columns)
{
    for (size_t i = from; i < draft->findings->count; i++) {
        struct finding *finding = &draft->findings->list[i];
        int index = finding->field ? template_field_index(draft->template, finding->field) : -1;
        if (finding->line == 0)
            finding->line = place.line;
        if (index < 0)
            continue;
        if (columns && finding->column == 0)
            finding->column = columns[index];
        char *whole = NULL;
        if (*path && asprintf(&whole, "%s%s", path, finding->field) >= 0) {
            free(finding->field);
            finding->field = whole;
        }
    }
}

static bool same_values(const struct row *a, const struct row *b)
{
    for (size_t i = 0; i < a->count; i++) {
        bool same = a->values[i] && b->values[i] ? strcmp(a->values[i], b->values[i]) == 0
                                                 : a->values[i] == b->values[i];
        if (!same)
            return false;
    }
    return true;
}

static enum err add_plan(struct draft *draft, size_t field, const char *scope, uint64_t first,
                         uint64_t last, struct place place)
{
    if (draft->plan_count == DRAFT_MAX_PLANS)
        return findings_add(draft->findings, SEVERITY_ERROR, "too-many-scopes", place, scope,
                            "rows sorted by what the numbers depend on",
                            "the scope changes more than %d times in this job",
                            DRAFT_MAX_PLANS);
    if (draft->plan_count == draft->plan_size) {
        size_t size = draft->plan_size ? draft->plan_size * 2 : 8;
        struct segment_plan *plans = realloc(draft->plans, size * sizeof *plans);
        if (plans)
            draft->plans = plans;
        char **scopes = realloc(draft->scopes, size * sizeof *scopes);
        if (scopes)
            draft->scopes = scopes;
        if (!plans || !scopes)
            return ERR_NO_MEMORY;
        draft->plan_size = size;
    }
    char *copy = strdup(scope);
    if (!copy)
        return ERR_NO_MEMORY;
    draft->scopes[draft->plan_count] = copy;
    draft->plans[draft->plan_count++] = (struct segment_plan){
        .field = field,
        .first = first,
        .last = last,
        .series = template_field(draft->template, field)->series,
        .scope = copy,
    };
    draft->newest[field] = draft->plan_count;
    return ERR_NONE;
}

/* Labels first..last of the row: consecutive ones of one scope are one plan. */
static enum err plan_field(struct draft *draft, size_t field, uint64_t first, uint64_t last,
                           struct place place)
{
    struct buf scope = BUF_INIT(4096);
    enum err err = template_scope(draft->template, field, &draft->row, &scope);
    if (!err)
        err = buf_err(&scope);
    place.field = template_field(draft->template, field)->name;
    if (!err && scope.len > SCOPE_MAX)
        err = findings_add(draft->findings, SEVERITY_ERROR, "scope-too-long", place,
                           buf_text(&scope), "at most 255 bytes",
                           "the series' scope is too long");
    size_t newest = draft->newest[field];
    if (!err && newest && strcmp(draft->plans[newest - 1].scope, buf_text(&scope)) == 0)
        draft->plans[newest - 1].last = last;
    else if (!err)
        err = add_plan(draft, field, buf_text(&scope), first, last, place);
    buf_free(&scope);
    return err;
}

/* Puts the checked row into page and plans. */
static enum err gather(struct draft *draft, uint64_t quantity, struct place place)
{
    enum err err = rows_add(&draft->writer, draft->row.values, quantity, &draft->page_full);
    for (size_t i = 0; !err && i < draft->field_count; i++) {
        if (template_field(draft->template, i)->type == FIELD_SERIES)
            err = plan_field(draft, i, draft->quantity - quantity + 1, draft->quantity, place);
    }
    return err;
}

/* The row just handled is what the next one is compared with; its old memory is used again. */
static void keep_previous(struct draft *draft)
{
    struct row old = draft->previous;
    draft->previous = draft->row;
    draft->row = old;
    draft->has_previous = true;
}

static enum err checked_row(struct draft *draft, uint64_t quantity, struct place place)
{
    bool repeated = draft->has_previous && same_values(&draft->row, &draft->previous);
    enum err err = ERR_NONE;
    if (draft->drawable && !repeated) {
        err = trial_label(draft, &draft->row, draft->quantity, place);
        draft->tried = draft->quantity;
    }
    if (!err && draft->findings->errors == 0)
        err = gather(draft, quantity, place);
    if (!err)
        keep_previous(draft);
    return err;
}

enum err draft_row(struct draft *draft, const char *const *raw, uint64_t quantity,
                   struct place place, const char *path, const uint32_t *columns)
{
    draft->rows++;
    if (quantity < 1 || quantity > JOB_MAX_QUANTITY - draft->quantity) {
        place.field = "quantity";
        return findings_add(draft->findings, SEVERITY_ERROR, "bad-quantity", place, NULL,
                            "at most 1000000000 labels in all",
                            "the job would have %llu labels with this row",
                            (unsigned long long)(draft->quantity + quantity));
    }
    draft->quantity += quantity;
    if (!draft->template)
        return ERR_INPUT;
    size_t from = draft->findings->count;
    enum err err =
        template_check_row(draft->template, raw, place, &draft->row, draft->findings);
    if (!err)
        err = checked_row(draft, quantity, place);
    complete_places(draft, from, place, path, columns);
    return err;
}

enum err draft_finish(struct draft *draft)
{
    if (draft->rows == 0)
        return findings_add(draft->findings, SEVERITY_ERROR, "no-rows", (struct place){0}, NULL,
                            "at least one row of data", "there is no row, so no label");
    if (draft->sample && draft->quantity != 1)
        return findings_add(draft->findings, SEVERITY_ERROR, "sample-quantity",
                            (struct place){.field = "quantity"}, NULL, "one label",
                            "a sample is one label: it is looked at and thrown away");
    /* {label.count} is known only now; its digits may need more room than when it was tried. */
    if (draft->findings->errors == 0 && draft->drawable && draft->has_previous &&
        draft->tried != draft->quantity)
        return trial_label(draft, &draft->previous, draft->quantity, (struct place){0});
    return draft->findings->errors ? ERR_INPUT : ERR_NONE;
}

struct job_new draft_job(const struct draft *draft, const char *caller)
{
    static const char *const close_words[] = {"sent", "printed", "verified"};
    struct job_new job = {
        .template_hash = template_hash(draft->template),
        .template_name = template_name(draft->template),
        .pieces = template_pieces(draft->template),
        .close_at = close_words[template_close(draft->template)],
        .on_doubt = template_on_doubt(draft->template) == ON_DOUBT_HOLD ? "hold" : "continue",
        .printer = draft->printer,
        .caller = caller,
        .person = *draft->person ? draft->person : NULL,
        .reference = *draft->reference ? draft->reference : NULL,
        .utc_offset_min = draft->config->utc_offset_min,
        .sample = draft->sample,
    };
    job.template_body = template_body(draft->template, &job.template_len);
    return job;
}
