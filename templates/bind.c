/* SPDX-License-Identifier: Apache-2.0 */
/* bind.c: a row and its numbers become the texts of one label. Runs for every label of a job,
 * so it only copies. */
#include "templates/template.h"

#include "templates/ai-data.h"
#include "templates/parts.h"

#include <assert.h>
#include <stdlib.h>

void label_doc_free(struct label_doc *doc)
{
    if (!doc)
        return;
    free(doc->drawn);
    buf_free(&doc->text);
    *doc = (struct label_doc){0};
}

static enum err make_room(struct label_doc *doc, size_t count, struct why *why)
{
    if (doc->text.max == 0)
        buf_init(&doc->text, LABEL_MAX_BYTES + TEMPLATE_MAX_ELEMENTS);
    buf_reset(&doc->text);
    doc->count = 0;
    if (doc->room >= count)
        return ERR_NONE;
    struct drawn *drawn = realloc(doc->drawn, count * sizeof *drawn);
    if (!drawn)
        return err_set(why, ERR_NO_MEMORY, "no memory for a label of %zu elements", count);
    doc->drawn = drawn;
    doc->room = count;
    return ERR_NONE;
}

/* A label without its number would be one that nobody can account for. */
static enum err check_numbers(const struct template *template, const struct bind_input *input,
                              struct why *why)
{
    for (size_t i = 0; i < template->field_count; i++)
        if (template->fields[i].type == FIELD_SERIES &&
            !(input->numbers && input->numbers[i] && input->numbers[i][0]))
            return err_set(why, ERR_INPUT, "field \"%s\" has no number",
                           template->fields[i].name);
    return ERR_NONE;
}

/* Conditions are tried out behind the texts and taken away again. */
bool shape_wanted(const struct shape *shape, const struct sources *sources, struct buf *scratch)
{
    size_t before = scratch->len;
    for (size_t i = 0; i < shape->when_count; i++) {
        if (shape->whens[i].late)
            continue; /* a number or a built-in is always something */
        program_run(&shape->whens[i], sources, scratch);
        bool any = scratch->len > before;
        scratch->len = before;
        if (!any)
            return false;
    }
    return true;
}

static enum err bind_shape(const struct shape *shape, const struct sources *sources,
                           struct label_doc *doc, struct why *why)
{
    if (!shape_wanted(shape, sources, &doc->text))
        return ERR_NONE;
    size_t before = doc->text.len;
    program_run(&shape->content, sources, &doc->text);
    enum err err = ai_data_run(shape, sources, &doc->text, why);
    if (err)
        return err;
    doc->drawn[doc->count++] =
        (struct drawn){.element = &shape->element, .content_len = doc->text.len - before};
    buf_add_byte(&doc->text, 0);
    return ERR_NONE;
}

/* Only when all texts are there: the buffer moves while it grows. */
static void point_to_texts(struct label_doc *doc)
{
    const char *at = (const char *)doc->text.bytes;
    for (size_t i = 0; i < doc->count; i++) {
        doc->drawn[i].content = at;
        at += doc->drawn[i].content_len + 1;
    }
}

enum err template_bind(const struct template *template, const struct bind_input *input,
                       struct label_doc *out, struct why *why)
{
    assert(input->row->count == template->field_count);
    struct sources sources = {
        .values = input->row->values, .numbers = input->numbers, .builtins = &input->builtins};
    enum err err = make_room(out, template->shape_count, why);
    if (err == ERR_NONE)
        err = check_numbers(template, input, why);
    for (size_t i = 0; i < template->shape_count && err == ERR_NONE; i++)
        err = bind_shape(&template->shapes[i], &sources, out, why);
    if (err == ERR_NONE && (err = buf_err(&out->text)))
        err_set(why, err, "%s", err_meaning(err));
    if (err)
        out->count = 0;
    else
        point_to_texts(out);
    return err;
}
