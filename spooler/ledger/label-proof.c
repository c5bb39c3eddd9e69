/* SPDX-License-Identifier: Apache-2.0 */
/* label-proof.c: see label-proof.h. */
#include "spooler/ledger/label-proof.h"

#include "spooler/ledger/base64.h"

#include <inttypes.h>
#include <string.h>

#define SENDING "chunk.sending"

/* ---- writing --------------------------------------------------------------------------- */

uint64_t label_proof_lefts(uint64_t index, uint64_t size, const struct merkle_path *path)
{
    uint64_t lefts = 0, at = index, last = size - 1;
    for (size_t i = 0; i < path->count; i++, at >>= 1, last >>= 1) {
        if (!(at & 1) && at != last)
            continue;
        lefts |= UINT64_C(1) << i;
        while (!(at & 1) && at) { /* the last one has no sibling on these levels */
            at >>= 1;
            last >>= 1;
        }
    }
    return lefts;
}

static json_t *path_json(const struct label_proof *proof)
{
    json_t *list = json_array();
    bool good = list != NULL;
    for (size_t i = 0; good && i < proof->path.count; i++) {
        struct buf text = BUF_INIT(64);
        base64_add(&text, proof->path.hashes[i], SHA256_BYTES);
        good = !buf_err(&text) &&
               json_array_append_new(list,
                                     json_pack("{ss}", proof->lefts >> i & 1 ? "left" : "right",
                                               buf_text(&text))) == 0;
        buf_free(&text);
    }
    if (good)
        return list;
    json_decref(list);
    return NULL;
}

json_t *label_proof_json(const struct label_proof *proof)
{
    char blinding[2 * BLINDING_BYTES + 1];
    return json_pack("{ss ss ss ss ss so ss% ss%}", "format", LABEL_PROOF_FORMAT, "series",
                     proof->identity.series, "scope", proof->identity.scope, "number",
                     proof->identity.number, "blinding",
                     hex_text(proof->blinding, BLINDING_BYTES, blinding), "path",
                     path_json(proof), "event", proof->body, proof->body_len, "tlog_proof",
                     proof->tlog_proof, proof->tlog_proof_len);
}

/* ---- reading --------------------------------------------------------------------------- */

static const char *text_of(const json_t *json, const char *name)
{
    const char *text = json_string_value(json_object_get(json, name));
    return text ? text : "";
}

static bool read_path(const json_t *list, struct label_proof *out)
{
    size_t i;
    const json_t *step;
    out->path.count = json_array_size(list);
    if (!json_is_array(list) || out->path.count > 64)
        return false;
    json_array_foreach(list, i, step)
    {
        const char *left = json_string_value(json_object_get(step, "left"));
        const char *text = left ? left : json_string_value(json_object_get(step, "right"));
        if (!text || !base64_parse_exact(text, strlen(text), out->path.hashes[i], SHA256_BYTES))
            return false;
        out->lefts |= (uint64_t)(left != NULL) << i;
    }
    return true;
}

static enum err read_file(const json_t *json, struct label_proof *out, struct why *why)
{
    const json_t *body = json_object_get(json, "event");
    const json_t *tlog_proof = json_object_get(json, "tlog_proof");
    struct label_proof proof = {
        .identity = {text_of(json, "series"), text_of(json, "scope"), text_of(json, "number")},
        .body = json_string_value(body),
        .body_len = json_string_length(body),
        .tlog_proof = json_string_value(tlog_proof),
        .tlog_proof_len = json_string_length(tlog_proof)};
    const char *blinding = text_of(json, "blinding");
    if (strcmp(text_of(json, "format"), LABEL_PROOF_FORMAT) != 0)
        return err_set(why, ERR_INPUT, "this is no proof of a label (" LABEL_PROOF_FORMAT ")");
    if (!proof.body || !proof.tlog_proof)
        return err_set(why, ERR_INPUT, "\"event\" or \"tlog_proof\" is missing");
    if (strlen(blinding) != 2 * BLINDING_BYTES ||
        !hex_parse(blinding, proof.blinding, BLINDING_BYTES))
        return err_set(why, ERR_INPUT, "\"blinding\" is not 16 bytes as hex");
    if (!read_path(json_object_get(json, "path"), &proof))
        return err_set(why, ERR_INPUT,
                       "\"path\" is no list of {\"left\": HASH} and {\"right\": HASH}");
    *out = proof;
    return ERR_NONE;
}

/* ---- checking -------------------------------------------------------------------------- */

static enum err open_checkpoint(const struct tlog_proof *proof, const struct note_key *keys,
                                size_t count, struct checkpoint *out, struct why *why)
{
    const char *note = proof->checkpoint;
    size_t len = proof->checkpoint_len, text_len = 0;
    enum err err = note_text(note, len, &text_len, why);
    if (err)
        return err;
    /* Another's signature would vouch for what nobody here can check. */
    const char *signature = note + text_len + 1;
    if (memchr(signature, '\n', len - text_len - 1) != note + len - 1)
        return err_set(why, ERR_INPUT, "the checkpoint has more than one signature");
    err = err_set(why, ERR_DENIED, "no key is given");
    for (size_t i = 0; err == ERR_DENIED && i < count; i++)
        err = checkpoint_read(note, len, &keys[i], out, why);
    return err;
}

/* The event stands in the tree, and the tree is signed. */
static enum err check_event(const struct label_proof *proof, const struct note_key *keys,
                            size_t count, struct label_shown *shown, struct why *why)
{
    struct tlog_proof tlog;
    uint8_t hash[SHA256_BYTES];
    enum err err = tlog_proof_read(proof->tlog_proof, proof->tlog_proof_len, &tlog, why);
    if (!err)
        err = open_checkpoint(&tlog, keys, count, &shown->checkpoint, why);
    if (err)
        return err;
    merkle_leaf_hash(proof->body, proof->body_len, hash);
    if (!merkle_includes(hash, tlog.index, shown->checkpoint.size, &tlog.path,
                         shown->checkpoint.root))
        return err_set(why, ERR_CORRUPT, "the event is not in the tree that was signed");
    struct buf again = BUF_INIT(TLOG_PROOF_MAX);
    tlog_proof_write(tlog.index, &tlog.path, tlog.checkpoint, tlog.checkpoint_len, &again);
    bool same = again.len == proof->tlog_proof_len &&
                memcmp(again.bytes, proof->tlog_proof, again.len) == 0;
    buf_free(&again);
    shown->seq = tlog.index + 1;
    shown->event = json_loadb(proof->body, proof->body_len, JSON_REJECT_DUPLICATES, NULL);
    json_int_t seq = json_integer_value(json_object_get(shown->event, "seq"));
    if (strcmp(text_of(shown->event, "type"), SENDING) != 0 || seq < 1 ||
        (uint64_t)seq != shown->seq)
        return err_set(why, ERR_CORRUPT, "event %" PRIu64 " is none that sends labels",
                       shown->seq);
    return same ? ERR_NONE : err_set(why, ERR_INPUT, "\"tlog_proof\" says more than it proves");
}

/* The number's leaf stands under the root that the event holds. */
static enum err check_leaf(const struct label_proof *proof, const json_t *event,
                           struct why *why)
{
    uint8_t hash[SHA256_BYTES];
    char hex[SHA256_HEX];
    struct buf bytes = BUF_INIT(64 * 1024);
    identity_leaf_shown(&proof->identity, proof->blinding, &bytes);
    merkle_leaf_hash(bytes.bytes, bytes.len, hash);
    enum err err = buf_err(&bytes);
    buf_free(&bytes);
    if (err)
        return err_set(why, err, "series, scope or number: %s", err_meaning(err));
    for (size_t i = 0; i < proof->path.count; i++) {
        const uint8_t *other = proof->path.hashes[i];
        bool left = proof->lefts >> i & 1;
        merkle_node_hash(left ? other : hash, left ? hash : other, hash);
    }
    return strcmp(hex_text(hash, sizeof hash, hex), text_of(event, "root")) == 0
               ? ERR_NONE
               : err_set(why, ERR_CORRUPT,
                         "the number is not under the root that the event holds");
}

enum err label_proof_check(const json_t *json, const struct note_key *keys, size_t count,
                           struct label_shown *out, struct why *why)
{
    struct label_proof proof;
    struct label_shown shown = {.event = NULL};
    enum err err = read_file(json, &proof, why);
    if (!err)
        err = check_event(&proof, keys, count, &shown, why);
    if (!err)
        err = check_leaf(&proof, shown.event, why);
    json_t *again = err ? NULL : label_proof_json(&proof);
    if (!err && !again)
        err = err_set(why, ERR_NO_MEMORY, "out of memory");
    if (!err && !json_equal(json, again))
        err = err_set(why, ERR_INPUT,
                      "the file says more than it proves: a member was added or changed");
    json_decref(again);
    if (err) {
        json_decref(shown.event);
        return err;
    }
    shown.identity = proof.identity;
    *out = shown;
    return ERR_NONE;
}
