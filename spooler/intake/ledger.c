/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/intake/ledger.h"

#include "spooler/intake/problem.h"
#include "spooler/ledger/base64.h"
#include "spooler/ledger/checkpoint.h"
#include "spooler/ledger/ledger.h"
#include "spooler/ledger/notary.h"
#include "spooler/ledger/tree.h"

#include <string.h>

static enum step no_seal(struct request *request)
{
    struct why why;
    err_set(&why, ERR_NOT_FOUND, "this ledger is not signed");
    return request_problem(request, ERR_NOT_FOUND, &why);
}

enum step ledger_text(struct request *request, const char *text, size_t len)
{
    buf_reset(&request->answer);
    buf_add(&request->answer, text, len);
    request->status = 200;
    request->content_type = "text/plain; charset=utf-8";
    if (buf_err(&request->answer))
        return request_problem(request, buf_err(&request->answer), NULL);
    return STEP_ANSWER;
}

int ledger_health(const struct witness_finding *finding, json_t *json)
{
    json_t *witness =
        json_pack("{ss sI ss sI ss sI ss so}", "state", witness_state_name(finding->state),
                  "size", (json_int_t)finding->witness_size, "at", finding->witness_at,
                  "store_size", (json_int_t)finding->store_size, "store_at", finding->store_at,
                  "agreed_size", (json_int_t)finding->agreed_size, "agreed_at",
                  finding->agreed_at, "words", problem_string(finding->words));
    return json_object_set_new(json, "witness", witness);
}

enum step ledger_key(struct request *request)
{
    if (!request->config->seal)
        return no_seal(request);
    struct buf vkey = BUF_INIT(1024);
    note_key_text(seal_key(request->config->seal), &vkey);
    buf_add_byte(&vkey, '\n');
    enum step step = ledger_text(request, buf_text(&vkey), vkey.len);
    buf_free(&vkey);
    return step;
}

static enum err read_checkpoint(struct txn *txn, void *arg, struct why *why)
{
    struct request *request = arg;
    const struct note_signer *signer = seal_signer(request->config->seal);
    uint64_t size;
    buf_reset(&request->answer);
    return signer ? notary_sign(txn, signer, &request->answer, &size, why)
                  : notary_newest(txn, &request->answer, why);
}

enum step ledger_checkpoint(struct request *request)
{
    struct why why = {{0}};
    if (!request->config->seal)
        return no_seal(request);
    enum err err = store_read(request->config->store, read_checkpoint, request, &why);
    if (err)
        return request_problem(request, err, &why);
    request->status = 200;
    request->content_type = "text/plain; charset=utf-8";
    return STEP_ANSWER;
}

/* ---- two sizes -------------------------------------------------------------------- */

json_t *ledger_path_json(const struct merkle_path *path)
{
    json_t *list = json_array();
    bool good = list != NULL;
    for (size_t i = 0; good && i < path->count; i++) {
        struct buf text = BUF_INIT(64);
        base64_add(&text, path->hashes[i], SHA256_BYTES);
        good = json_array_append_new(list, json_string(buf_text(&text))) == 0;
        buf_free(&text);
    }
    if (!good) {
        json_decref(list);
        return NULL;
    }
    return list;
}

struct consistency {
    uint64_t from, to; /* to 0 = all events */
    struct merkle_path path, frontier;
};

static enum err read_consistency(struct txn *txn, void *arg, struct why *why)
{
    struct consistency *look = arg;
    struct merkle tree;
    int64_t size = 0;
    enum err err = ledger_size(txn, &size, why);
    if (!look->to)
        look->to = (uint64_t)size;
    if (!err && (look->to > (uint64_t)size || look->from > look->to))
        err = err_set(why, ERR_INPUT,
                      "from %llu to %llu: the ledger has %lld events, and the smaller size "
                      "comes first",
                      (unsigned long long)look->from, (unsigned long long)look->to,
                      (long long)size);
    if (!err)
        err = tree_consistency(txn, look->from, look->to, &look->path, why);
    if (!err)
        err = tree_frontier(txn, look->from, &tree, why);
    if (err)
        return err;
    look->frontier.count = tree.depth;
    for (unsigned i = 0; i < tree.depth; i++)
        memcpy(look->frontier.hashes[i], tree.roots[i], SHA256_BYTES);
    return ERR_NONE;
}

enum step ledger_consistency(struct request *request)
{
    struct why why = {{0}};
    struct consistency look = {
        .from = request_number(request, "from", 1, INT64_MAX, 0),
        .to = request_number(request, "to", 1, INT64_MAX, 0),
    };
    if (!request_param(request, "from"))
        findings_add(&request->findings, SEVERITY_ERROR, "missing",
                     (struct place){.field = "from"}, NULL, "the size of an older checkpoint",
                     "the size is not given");
    if (request->findings.errors)
        return request_refuse(request);
    enum err err = store_read(request->config->store, read_consistency, &look, &why);
    if (err)
        return request_problem(request, err, &why);
    return request_json(request, 200,
                        json_pack("{sI sI so so}", "from", (json_int_t)look.from, "to",
                                  (json_int_t)look.to, "proof", ledger_path_json(&look.path),
                                  "frontier", ledger_path_json(&look.frontier)));
}
