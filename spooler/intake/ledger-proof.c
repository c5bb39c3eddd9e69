/* SPDX-License-Identifier: Apache-2.0 */
/* ledger-proof.c: one number, from its leaf to the signed checkpoint (docs/ledger.md). */
#include "spooler/intake/ledger.h"

#include "spooler/base/utf8.h"
#include "spooler/intake/problem.h"
#include "spooler/job/archived.h"
#include "spooler/job/chunk-leaves.h"
#include "spooler/ledger/checkpoint.h"
#include "spooler/ledger/identity.h"
#include "spooler/ledger/label-proof.h"
#include "spooler/ledger/ledger.h"
#include "spooler/ledger/notary.h"
#include "spooler/ledger/tree.h"

#include <stdlib.h>
#include <string.h>

struct proving {
    struct request *request;
    struct identity identity;
    struct label_place label;
    struct chunk chunk;
    uint64_t seq; /* of the sending event */
    struct buf body;
    struct chunk_leaf *leaves;
    size_t leaf_count, leaf_index;
    struct merkle_path leaf_path;
    char root[SHA256_HEX]; /* over the leaves */
    struct buf tlog_proof;
};

static enum err find_label(struct txn *txn, struct proving *proving, struct why *why)
{
    const struct identity *identity = &proving->identity;
    struct number_place place;
    enum err err = registry_find(txn, proving->request->config->registry, identity->series,
                                 identity->scope, identity->number, &place, NULL);
    if (!err)
        err = label_find(txn, &place, &proving->label, NULL);
    if (err == ERR_NOT_FOUND || err == ERR_INPUT)
        return err_set(why, ERR_NOT_FOUND,
                       "number \"%s\" of series %s, scope \"%s\" was never issued here",
                       identity->number, identity->series, identity->scope);
    if (err)
        return err_set(why, err, "the number cannot be looked up: %s", err_meaning(err));
    err = archive_gone(txn, proving->label.job_id, why);
    if (err)
        return err;
    return chunk_of_label(txn, proving->label.job_id, proving->label.label, &proving->chunk,
                          &proving->seq, why);
}

/* ---- from the leaf to the sending event -------------------------------------------- */

static enum err leaf_subtree(void *ctx, unsigned level, uint64_t index,
                             uint8_t out[static SHA256_BYTES], struct why *why)
{
    const struct proving *proving = ctx;
    struct merkle tree;
    (void)why; /* cannot fail */
    merkle_init(&tree);
    for (uint64_t i = index << level; i < (index + 1) << level; i++)
        merkle_add_hash(&tree, proving->leaves[i].hash);
    merkle_root(&tree, out);
    return ERR_NONE;
}

static enum err prove_leaf(struct txn *txn, struct proving *proving, struct why *why)
{
    const struct intake_config *config = proving->request->config;
    uint8_t root[SHA256_BYTES];
    enum err err = chunk_leaves(txn, config->registry, config->blinding_key, &proving->chunk,
                                &proving->leaves, &proving->leaf_count, why);
    if (err)
        return err;
    size_t i = 0;
    while (i < proving->leaf_count && (proving->leaves[i].label != proving->label.label ||
                                       proving->leaves[i].field != proving->label.field))
        i++;
    if (i == proving->leaf_count)
        return err_set(why, ERR_CORRUPT, "chunk %lld does not have the label's number",
                       (long long)proving->chunk.id);
    proving->leaf_index = i;
    struct merkle_source source = {leaf_subtree, proving};
    err = merkle_source_inclusion(&source, i, proving->leaf_count, &proving->leaf_path, why);
    if (!err)
        err = merkle_source_root(&source, proving->leaf_count, root, why);
    if (!err)
        hex_text(root, sizeof root, proving->root);
    return err;
}

/* The event must say what was just computed, else the proof would prove nothing. */
static enum err check_event(struct txn *txn, struct proving *proving, struct why *why)
{
    enum err err = ledger_body(txn, (int64_t)proving->seq, &proving->body, why);
    if (err)
        return err;
    json_t *json = json_loadb(buf_text(&proving->body), proving->body.len, 0, NULL);
    const char *root = json_string_value(json_object_get(json, "root"));
    if (!root || strcmp(root, proving->root) != 0)
        err = err_set(why, ERR_CORRUPT,
                      "the root in event %llu is not that of the labels of chunk %lld: the "
                      "event was changed, or a key is not the one of that time",
                      (unsigned long long)proving->seq, (long long)proving->chunk.id);
    json_decref(json);
    return err;
}

/* ---- from the event to the checkpoint ------------------------------------------------ */

static enum err prove_event(struct txn *txn, struct proving *proving, struct why *why)
{
    struct buf checkpoint = BUF_INIT(CHECKPOINT_MAX);
    struct merkle_path path;
    uint64_t size = 0;
    enum err err =
        notary_sign(txn, seal_signer(proving->request->config->seal), &checkpoint, &size, why);
    if (!err)
        err = tree_inclusion(txn, proving->seq - 1, size, &path, why);
    if (!err)
        tlog_proof_write(proving->seq - 1, &path, buf_text(&checkpoint), checkpoint.len,
                         &proving->tlog_proof);
    buf_free(&checkpoint);
    return err;
}

static enum err prove(struct txn *txn, void *arg, struct why *why)
{
    struct proving *proving = arg;
    enum err err = find_label(txn, proving, why);
    if (!err)
        err = prove_leaf(txn, proving, why);
    if (!err)
        err = check_event(txn, proving, why);
    if (!err)
        err = prove_event(txn, proving, why);
    return err;
}

/* ---- answering ----------------------------------------------------------------------- */

static json_t *proof_json(const struct proving *proving)
{
    struct buf leaf = BUF_INIT(4096);
    struct label_proof proof = {
        .identity = proving->identity,
        .path = proving->leaf_path,
        .lefts =
            label_proof_lefts(proving->leaf_index, proving->leaf_count, &proving->leaf_path),
        .body = buf_text(&proving->body),
        .body_len = proving->body.len,
        .tlog_proof = buf_text(&proving->tlog_proof),
        .tlog_proof_len = proving->tlog_proof.len};
    identity_leaf(&proving->identity, proving->request->config->blinding_key, &leaf);
    bool good = !buf_err(&leaf);
    if (good)
        memcpy(proof.blinding, leaf.bytes + leaf.len - BLINDING_BYTES, BLINDING_BYTES);
    buf_free(&leaf);
    return good ? label_proof_json(&proof) : NULL;
}

static bool wants_text(struct request *request)
{
    const char *accept =
        MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, "Accept");
    return accept && strncmp(accept, "text/plain", 10) == 0;
}

static enum step answer(struct proving *proving, enum err err, const struct why *why)
{
    struct request *request = proving->request;
    if (err)
        return request_problem(request, err, why);
    if (wants_text(request))
        return ledger_text(request, buf_text(&proving->tlog_proof), proving->tlog_proof.len);
    return request_json(request, 200, proof_json(proving));
}

enum step ledger_proof(struct request *request)
{
    const struct intake_config *config = request->config;
    const char *scope = request_text(request, "scope");
    struct proving proving = {.request = request,
                              .identity = {request_text(request, "series"), scope ? scope : "",
                                           request_text(request, "number")},
                              .body = BUF_INIT(LEDGER_BODY_MAX + 1),
                              .tlog_proof = BUF_INIT(TLOG_PROOF_MAX)};
    struct why why = {{0}};
    if (!proving.identity.series || !proving.identity.number)
        findings_add(&request->findings, SEVERITY_ERROR, "missing",
                     (struct place){.field = proving.identity.series ? "number" : "series"},
                     NULL, "series, scope and number", "the label is not named");
    if (request->findings.errors)
        return request_refuse(request);
    enum err err = ERR_NONE;
    if (!config->seal || !config->blinding_key)
        err = err_set(&why, ERR_NOT_FOUND, "this ledger is not signed");
    else if (!seal_signer(config->seal))
        err = err_set(&why, ERR_BUSY, "nothing is signed until a person has decided: %s",
                      seal_finding(config->seal)->words);
    if (!err)
        err = store_read(config->store, prove, &proving, &why);
    enum step step = answer(&proving, err, &why);
    free(proving.leaves);
    buf_free(&proving.body);
    buf_free(&proving.tlog_proof);
    return step;
}
