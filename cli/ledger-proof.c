/* SPDX-License-Identifier: Apache-2.0 */
/* ledger-proof.c: the proof that a number was issued: fetched from temd, or checked without it.
 */
#include "cli/ledger.h"

#include "cli/report.h"
#include "cli/text.h"
#include "spooler/base/durable.h"
#include "spooler/ledger/base64.h"
#include "spooler/ledger/identity.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define FORMAT    "tem-label-proof/1"
#define PROOF_MAX (4 * 1024 * 1024)

/* What a file says, and what of it is shown to be so. */
struct shown {
    struct identity identity;
    json_t *event; /* its body, read */
    uint64_t seq;
    struct checkpoint checkpoint;
};

/* ---- checking ------------------------------------------------------------------------- */

/* The number's leaf stands under the root. */
static enum err check_leaf(const json_t *json, const struct identity *identity,
                           const char *root, struct why *why)
{
    const json_t *leaf = json_object_get(json, "leaf");
    uint8_t blinding[BLINDING_BYTES], want[SHA256_BYTES], hash[SHA256_BYTES];
    struct merkle_path path;
    if (strlen(json_text(json, "blinding")) != 2 * BLINDING_BYTES ||
        !hex_parse(json_text(json, "blinding"), blinding, sizeof blinding) ||
        strlen(root) != 2 * SHA256_BYTES || !hex_parse(root, want, sizeof want) ||
        !ledger_read_path(json_object_get(leaf, "path"), &path))
        return err_set(why, ERR_INPUT,
                       "\"blinding\", \"leaf\" or the event's root is malformed");
    struct buf bytes = BUF_INIT(64 * 1024);
    identity_leaf_shown(identity, blinding, &bytes);
    merkle_leaf_hash(bytes.bytes, bytes.len, hash);
    enum err err = buf_err(&bytes);
    buf_free(&bytes);
    if (err)
        return err_set(why, err, "series, scope or number: %s", err_meaning(err));
    return merkle_includes(hash, json_count(leaf, "index"), json_count(leaf, "size"), &path,
                           want)
               ? ERR_NONE
               : err_set(why, ERR_CORRUPT,
                         "the number is not under the root that the event holds");
}

/* The event stands in the tree, and the tree is signed. */
static enum err check_event(const json_t *json, const struct ledger_keys *keys,
                            struct shown *shown, struct why *why)
{
    const json_t *body = json_object_get(json_object_get(json, "event"), "body");
    const json_t *text = json_object_get(json, "tlog_proof");
    struct tlog_proof proof;
    uint8_t hash[SHA256_BYTES];
    if (!json_is_string(body) || !json_is_string(text))
        return err_set(why, ERR_INPUT, "\"event\" or \"tlog_proof\" is missing");
    enum err err =
        tlog_proof_read(json_string_value(text), json_string_length(text), &proof, why);
    if (!err)
        err = ledger_open_checkpoint(keys, proof.checkpoint, proof.checkpoint_len,
                                     &shown->checkpoint, why);
    if (err)
        return err;
    merkle_leaf_hash(json_string_value(body), json_string_length(body), hash);
    if (!merkle_includes(hash, proof.index, shown->checkpoint.size, &proof.path,
                         shown->checkpoint.root))
        return err_set(why, ERR_CORRUPT, "the event is not in the tree that was signed");
    shown->seq = proof.index + 1;
    shown->event = json_loadb(json_string_value(body), json_string_length(body),
                              JSON_REJECT_DUPLICATES, NULL);
    if (strcmp(json_text(shown->event, "type"), "chunk.sending") != 0 ||
        json_count(shown->event, "seq") != shown->seq)
        return err_set(why, ERR_CORRUPT, "event %" PRIu64 " is none that sends labels",
                       shown->seq);
    return ERR_NONE;
}

static enum err check(const json_t *json, const struct ledger_keys *keys, struct shown *shown,
                      struct why *why)
{
    if (strcmp(json_text(json, "format"), FORMAT) != 0)
        return err_set(why, ERR_INPUT, "this is no proof of a label (" FORMAT ")");
    shown->identity = (struct identity){json_text(json, "series"), json_text(json, "scope"),
                                        json_text(json, "number")};
    enum err err = check_event(json, keys, shown, why);
    return err ? err : check_leaf(json, &shown->identity, json_text(shown->event, "root"), why);
}

static enum code say(struct tem *tem, const struct shown *shown)
{
    struct buf raw = BUF_INIT(16384), clean = BUF_INIT(65536);
    buf_printf(&raw, "number %s of series %s%s%s was issued", shown->identity.number,
               shown->identity.series, *shown->identity.scope ? ", scope " : "",
               shown->identity.scope);
    text_clean(buf_text(&raw), &clean);
    buf_reset(&raw);
    buf_printf(&raw, "sent to printer %s at %s, job %" PRIu64 ", chunk %" PRIu64,
               json_text(shown->event, "printer"), json_text(shown->event, "at"),
               json_count(shown->event, "job"), json_count(shown->event, "chunk"));
    buf_add_text(&clean, "\n  ");
    text_clean(buf_text(&raw), &clean);
    buf_printf(&clean, "\n  event %" PRIu64 " of %" PRIu64 " in ledger ", shown->seq,
               shown->checkpoint.size);
    text_clean(shown->checkpoint.origin, &clean);
    fprintf(tem->out.stream, "%s, signed\n", buf_text(&clean));
    bool good = !buf_err(&raw) && !buf_err(&clean);
    buf_free(&raw);
    buf_free(&clean);
    return good ? CODE_DONE : tem_fail(tem, CODE_INTERNAL, "out of memory");
}

static enum code say_json(struct tem *tem, const struct shown *shown)
{
    json_t *json =
        json_pack("{sb ss ss ss sI sO ss sI}", "ok", 1, "series", shown->identity.series,
                  "scope", shown->identity.scope, "number", shown->identity.number, "seq",
                  (json_int_t)shown->seq, "event", shown->event, "origin",
                  shown->checkpoint.origin, "events", (json_int_t)shown->checkpoint.size);
    bool good = json && json_dumpf(json, tem->out.stream, JSON_COMPACT) == 0;
    fputc('\n', tem->out.stream);
    json_decref(json);
    return good ? CODE_DONE : tem_fail(tem, CODE_INTERNAL, "out of memory");
}

static enum code verify_file(struct tem *tem, const char *path)
{
    struct ledger_keys keys;
    struct shown shown = {.event = NULL};
    struct why why = {{0}};
    struct buf text = BUF_INIT(PROOF_MAX + 1);
    if (!args_get(&tem->args, "key"))
        return tem_usage(tem, "a proof needs --key: it cannot vouch for itself");
    enum code code = ledger_read_keys(tem, &keys);
    if (code)
        return code;
    enum err err = file_read(path, PROOF_MAX, &text, &why);
    json_t *json =
        err ? NULL : json_loadb(buf_text(&text), text.len, JSON_REJECT_DUPLICATES, NULL);
    if (!err)
        err = check(json, &keys, &shown, &why);
    if (err)
        code = tem_fail(tem, CODE_BAD, "%s: %s", path, why.text);
    else
        code = tem->json ? say_json(tem, &shown) : say(tem, &shown);
    json_decref(shown.event);
    json_decref(json);
    buf_free(&text);
    return code;
}

/* ---- fetching --------------------------------------------------------------------------- */

/* A number may hold what a file's name cannot. */
static void add_name(struct buf *out, const char *number)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
    for (; *number; number++)
        buf_add_byte(out, strchr(plain, *number) ? (uint8_t)*number : '_');
}

static enum code write_one(struct tem *tem, const char *base, const char *ending,
                           const void *bytes, size_t len)
{
    struct buf path = BUF_INIT(8192);
    struct why why = {{0}};
    buf_printf(&path, "%s%s", base, ending);
    enum err err = buf_err(&path) ? err_set(&why, buf_err(&path), "the file's name is too long")
                                  : durable_write(buf_text(&path), bytes, len, 0644, &why);
    if (!err && !tem->json)
        fprintf(tem->out.stream, "%s\n", buf_text(&path));
    buf_free(&path);
    return err ? tem_fail_err(tem, err, &why) : CODE_DONE;
}

/* What temd gives is checked before it is handed on. */
static enum code write_files(struct tem *tem, const struct http_answer *answer,
                             const char *base)
{
    struct ledger_keys keys;
    struct shown shown = {.event = NULL};
    struct why why = {{0}};
    enum code code = ledger_read_keys(tem, &keys);
    if (code)
        return code;
    const json_t *proof = json_object_get(answer->json, "tlog_proof");
    enum err err = check(answer->json, &keys, &shown, &why);
    json_decref(shown.event);
    if (err)
        return tem_fail(tem, CODE_BAD, "the proof that %s gave: %s", tem->server.name,
                        why.text);
    code = write_one(tem, base, ".tlog-proof", json_string_value(proof),
                     json_string_length(proof));
    if (!code)
        code = write_one(tem, base, ".label.json", answer->body.bytes, answer->body.len);
    return code;
}

static enum code fetch(struct tem *tem, const char *number)
{
    const char *series = args_get(&tem->args, "series");
    const char *output = args_get(&tem->args, "output");
    struct http_answer answer;
    struct buf path = BUF_INIT(16384), base = BUF_INIT(4096);
    if (!series)
        return tem_usage(tem, "which series is \"%s\" of? --series NAME", number);
    buf_add_text(&path, "/v1/ledger/proof");
    http_add_param(&path, "series", series);
    http_add_param(&path, "scope", args_get(&tem->args, "scope"));
    http_add_param(&path, "number", number);
    if (output)
        buf_add_text(&base, output);
    else
        add_name(&base, number);
    enum code code = buf_err(&path) || buf_err(&base)
                         ? tem_usage(tem, "the number is too long")
                         : client_get(tem, buf_text(&path), &answer);
    if (!code) {
        code = write_files(tem, &answer, buf_text(&base));
        if (!code && tem->json)
            (void)client_is_json(tem, &answer); /* prints it */
        http_answer_free(&answer);
    }
    buf_free(&path);
    buf_free(&base);
    return code;
}

enum code ledger_proof(struct tem *tem, const char *const *words, size_t count)
{
    const char *file = args_get(&tem->args, "verify");
    if ((file != NULL) == (count != 0))
        return tem_usage(tem, "either a number, or --verify FILE");
    return file ? verify_file(tem, file) : fetch(tem, words[0]);
}
