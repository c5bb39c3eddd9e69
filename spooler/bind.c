/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/bind.h"

#include "spooler/job/rows.h"
#include "spooler/ledger/identity.h"
#include "spooler/ledger/merkle.h"

#include <stdlib.h>
#include <string.h>

_Static_assert(TEMPLATE_NUMBER_MAX == NUMBER_MAX, "every printed number fits a template");

/* One snapshot of the store, turned into docs label by label. */
struct binding {
    struct registry *registry;
    const struct template *template;
    const struct chunk *chunk;
    const uint8_t *key;
    struct txn *txn;
    struct job job;
    size_t fields;
    uint32_t docs_a_label;       /* 1, or one for each piece */
    char (*numbers)[NUMBER_MAX]; /* [label][field] */
    bool *has_number;
    struct buf
        leaves; /* all leaves; the tree wants them label by label, segments come by field */
    size_t (*leaf_at)[2]; /* [label][field] -> offset, length in leaves */
    struct bound_labels labels;
};

static size_t slot(const struct binding *b, uint64_t label, size_t field)
{
    return (size_t)(label - b->chunk->first) * b->fields + field;
}

static enum err take_segment(void *arg, const struct segment *segment, struct why *why)
{
    struct binding *b = arg;
    struct scope_ref scope;
    enum err err = registry_scope(b->txn, b->registry, segment->scope_id, &scope, why);
    if (!err && segment->field >= b->fields)
        err = err_set(why, ERR_CORRUPT, "job %lld numbers a field that its template lacks",
                      (long long)b->chunk->job_id);
    for (uint64_t label = segment->first; !err && label <= segment->last; label++) {
        size_t at = slot(b, label, segment->field);
        err = registry_number(&scope, segment->range_first + (label - segment->first),
                              b->numbers[at], why);
        if (err)
            break;
        b->has_number[at] = true;
        struct identity identity = {scope.series, scope.scope, b->numbers[at]};
        b->leaf_at[at][0] = b->leaves.len;
        identity_leaf(&identity, b->key, &b->leaves);
        b->leaf_at[at][1] = b->leaves.len - b->leaf_at[at][0];
        if (buf_err(&b->leaves))
            err = err_set(why, ERR_NO_MEMORY, "out of memory");
    }
    return err;
}

static void root_over_labels(struct binding *b)
{
    struct merkle tree;
    merkle_init(&tree);
    for (size_t i = 0; i < b->labels.count / b->docs_a_label * b->fields; i++) {
        if (b->has_number[i])
            merkle_add(&tree, b->leaves.bytes + b->leaf_at[i][0], b->leaf_at[i][1]);
    }
    merkle_root(&tree, b->labels.root);
}

static enum err bind_pieces(struct binding *b, struct bind_input *input, struct why *why)
{
    size_t first = (size_t)(input->builtins.label_index - b->chunk->first) * b->docs_a_label;
    enum err err = ERR_NONE;
    for (uint32_t piece = 0; !err && piece < b->docs_a_label; piece++) {
        input->builtins.piece_index = piece + 1;
        err = template_bind(b->template, input, &b->labels.docs[first + piece], why);
    }
    return err;
}

static enum err bind_row(void *arg, const struct row_view *view, struct why *why)
{
    struct binding *b = arg;
    const char *numbers[TEMPLATE_MAX_FIELDS];
    struct row row = {.values = (const char **)(uintptr_t)view->values, .count = view->count};
    for (uint64_t label = view->first; label <= view->last; label++) {
        for (size_t field = 0; field < b->fields; field++) {
            size_t at = slot(b, label, field);
            numbers[field] = b->has_number[at] ? b->numbers[at] : NULL;
        }
        struct bind_input input = {
            .row = &row,
            .numbers = numbers,
            .builtins = {.label_index = label,
                         .label_count = b->job.quantity,
                         .job_id = b->job.id,
                         .accepted_ms = b->job.accepted_ms,
                         .utc_offset_min = b->job.utc_offset_min},
        };
        enum err err = bind_pieces(b, &input, why);
        if (err)
            return err;
    }
    return ERR_NONE;
}

static enum err read_all(struct txn *txn, void *arg, struct why *why)
{
    struct binding *b = arg;
    b->txn = txn;
    enum err err = job_get(txn, b->chunk->job_id, &b->job, why);
    if (!err)
        err = job_segments(txn, b->chunk->job_id, b->chunk->first, b->chunk->last, take_segment,
                           b, why);
    if (!err)
        err = rows_each(txn, b->chunk->job_id, b->fields, b->chunk->first, b->chunk->last,
                        bind_row, b, why);
    return err;
}

enum err bind_labels_in(struct txn *txn, struct registry *registry,
                        const struct template *template, const struct chunk *chunk,
                        const uint8_t blinding_key[static SHA256_BYTES],
                        struct bound_labels *out, struct why *why)
{
    struct binding b = {.registry = registry,
                        .template = template,
                        .chunk = chunk,
                        .key = blinding_key,
                        .fields = template_field_count(template),
                        .docs_a_label = 1,
                        .leaves = BUF_INIT(64 * 1024 * 1024)};
    size_t count = (size_t)(chunk->last - chunk->first + 1), slots = count * b.fields;
    b.labels.pieces = template_pieces(template);
    if (template_pieces_differ(template))
        b.docs_a_label = b.labels.pieces;
    b.labels.count = count * b.docs_a_label;
    b.labels.docs = calloc(b.labels.count, sizeof *b.labels.docs);
    b.numbers = calloc(slots + 1, sizeof *b.numbers);
    b.has_number = calloc(slots + 1, sizeof *b.has_number);
    b.leaf_at = calloc(slots + 1, sizeof *b.leaf_at);
    enum err err = ERR_NONE;
    if (!b.labels.docs || !b.numbers || !b.has_number || !b.leaf_at)
        err = err_set(why, ERR_NO_MEMORY, "out of memory");
    if (!err)
        err = read_all(txn, &b, why);
    if (!err)
        root_over_labels(&b);
    free(b.numbers);
    free(b.has_number);
    free(b.leaf_at);
    buf_free(&b.leaves);
    if (err)
        bound_labels_free(&b.labels);
    else
        *out = b.labels;
    return err;
}

/* bind_labels_in() as a read of its own. */
struct reading {
    struct registry *registry;
    const struct template *template;
    const struct chunk *chunk;
    const uint8_t *key;
    struct bound_labels *out;
};

static enum err read_labels(struct txn *txn, void *arg, struct why *why)
{
    const struct reading *reading = arg;
    return bind_labels_in(txn, reading->registry, reading->template, reading->chunk,
                          reading->key, reading->out, why);
}

enum err bind_labels(struct store *store, struct registry *registry,
                     const struct template *template, const struct chunk *chunk,
                     const uint8_t blinding_key[static SHA256_BYTES], struct bound_labels *out,
                     struct why *why)
{
    struct reading reading = {registry, template, chunk, blinding_key, out};
    return store_read(store, read_labels, &reading, why);
}

void bound_labels_free(struct bound_labels *labels)
{
    for (size_t i = 0; labels->docs && i < labels->count; i++)
        label_doc_free(&labels->docs[i]);
    free(labels->docs);
    *labels = (struct bound_labels){0};
}
