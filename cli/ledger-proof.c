/* SPDX-License-Identifier: Apache-2.0 */
/* ledger-proof.c: the proof that a number was issued: fetched from temd, or checked without it.
 */
#include "cli/ledger.h"

#include "cli/report.h"
#include "cli/text.h"
#include "spooler/base/durable.h"
#include "spooler/ledger/label-proof.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PROOF_MAX (4 * 1024 * 1024)

/* ---- checking ------------------------------------------------------------------------- */

static enum code say(struct tem *tem, const struct label_shown *shown)
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

static enum code say_json(struct tem *tem, const struct label_shown *shown)
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
    struct label_shown shown = {.event = NULL};
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
        err = label_proof_check(json, keys.list, keys.count, &shown, &why);
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
    struct label_shown shown = {.event = NULL};
    struct why why = {{0}};
    enum code code = ledger_read_keys(tem, &keys);
    if (code)
        return code;
    const json_t *proof = json_object_get(answer->json, "tlog_proof");
    enum err err = label_proof_check(answer->json, keys.list, keys.count, &shown, &why);
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
