/* SPDX-License-Identifier: Apache-2.0 */
/* ledger.c: the table of actions and what they share. */
#include "cli/ledger.h"

#include "spooler/base/durable.h"
#include "spooler/base/near.h"
#include "spooler/ledger/base64.h"

#include <errno.h>
#include <nettle/sha2.h>
#include <string.h>

#define FILES_MAX 1000 /* parts of an export */

static const struct args_option options[] = {
    {"key", 'k', "VKEY", true, "the ledger's verifier key, or a file that holds it"},
    {"since", 0, "FILE", false, "verify: only what came after this checkpoint"},
    {"witness", 0, "FILE", false, "verify: also against the checkpoints of a witness file"},
    {"archive", 0, "FILE", true, "verify: an archive, must be one that is on record"},
    {"checkpoint", 0, "FILE", false, "verify: of an export; default FILE.checkpoint"},
    {"series", 's', "NAME", false, "proof: the series of the number"},
    {"scope", 0, "TEXT", false, "proof: and its scope, such as a GTIN"},
    {"verify", 0, "FILE", false, "proof: check a .label.json, without temd"},
    {"output", 'o', "FILE", false, "export: to this file; proof: begin of the files' names"},
    {"from", 0, "N", false, "export: from this event on; continues a file"},
    {0},
};

static enum code ledger_key(struct tem *tem, const char *const *words, size_t count);
static enum code ledger_checkpoint(struct tem *tem, const char *const *words, size_t count);

static const struct ledger_action actions[] = {
    {"verify",
     "[FILE...] [--key VKEY] [--since FILE] [--witness FILE] [--archive FILE]...",
     0,
     FILES_MAX,
     {"key", "since", "witness", "checkpoint", "archive"},
     ledger_verify},
    {"proof",
     "NUMBER --series NAME [--scope TEXT] [-o NAME] | --verify FILE --key VKEY",
     0,
     1,
     {"key", "series", "scope", "verify", "output"},
     ledger_proof},
    {"export", "[-o FILE] [--from N]", 0, 0, {"output", "from", "key"}, ledger_export},
    {"checkpoint", "", 0, 0, {"key"}, ledger_checkpoint},
    {"key", "", 0, 0, {NULL}, ledger_key},
};
#define ACTIONS (sizeof actions / sizeof actions[0])

/* ---- keys --------------------------------------------------------------------------- */

static enum err add_key(struct ledger_keys *keys, const char *text, struct why *why)
{
    struct buf file = BUF_INIT(8192);
    enum err err = ERR_NONE;
    if (keys->count == LEDGER_KEYS)
        return err_set(why, ERR_INPUT, "more than %d keys", LEDGER_KEYS);
    if (!strchr(text, '+')) { /* each vkey has two, and few files one */
        err = file_read(text, 4096, &file, why);
        if (!err) {
            file.bytes[strcspn(buf_text(&file), " \t\r\n")] = '\0';
            text = buf_text(&file);
        }
    }
    if (!err)
        err = note_key_parse(text, &keys->list[keys->count], why);
    keys->count += !err;
    buf_free(&file);
    return err;
}

static enum code ask_key(struct tem *tem, struct buf *out)
{
    struct http_answer answer;
    enum code code = client_get(tem, "/v1/ledger/key", &answer);
    if (code)
        return code;
    buf_add(out, buf_text(&answer.body), strcspn(buf_text(&answer.body), "\n"));
    http_answer_free(&answer);
    return CODE_DONE;
}

enum code ledger_read_keys(struct tem *tem, struct ledger_keys *out)
{
    struct ledger_keys keys = {.count = 0};
    struct why why = {{0}};
    struct buf vkey = BUF_INIT(4096);
    size_t at = 0;
    enum err err = ERR_NONE;
    const char *text;
    while (!err && (text = args_next(&tem->args, "key", &at)))
        err = add_key(&keys, text, &why);
    if (err)
        return tem_usage(tem, "%s", why.text);
    keys.given = keys.count > 0;
    enum code code = keys.given ? CODE_DONE : ask_key(tem, &vkey);
    if (!code && !keys.given) {
        err = note_key_parse(buf_text(&vkey), &keys.list[keys.count++], &why);
        code = err ? client_nonsense(tem, "a verifier key") : CODE_DONE;
    }
    buf_free(&vkey);
    if (!code)
        *out = keys;
    return code;
}

enum err ledger_open_checkpoint(const struct ledger_keys *keys, const char *note, size_t len,
                                struct checkpoint *out, struct why *why)
{
    enum err err = ERR_DENIED;
    for (size_t i = 0; err == ERR_DENIED && i < keys->count; i++)
        err = checkpoint_read(note, len, &keys->list[i], out, why);
    return err;
}

/* ---- checkpoints ---------------------------------------------------------------------- */

enum code ledger_get_checkpoint(struct tem *tem, const struct ledger_keys *keys,
                                struct buf *note, struct checkpoint *out)
{
    struct http_answer answer;
    struct why why = {{0}};
    enum code code = client_get(tem, "/v1/ledger/checkpoint", &answer);
    if (code)
        return code;
    enum err err =
        ledger_open_checkpoint(keys, buf_text(&answer.body), answer.body.len, out, &why);
    buf_add(note, answer.body.bytes, answer.body.len);
    http_answer_free(&answer);
    if (!err && buf_err(note))
        err = err_set(&why, buf_err(note), "the checkpoint is too long");
    return err ? tem_fail(tem, CODE_BAD, "the checkpoint of %s: %s", tem->server.name, why.text)
               : CODE_DONE;
}

enum code ledger_read_checkpoint(struct tem *tem, const struct ledger_keys *keys,
                                 const char *path, struct checkpoint *out)
{
    struct buf text = BUF_INIT(CHECKPOINT_MAX + 1);
    struct why why = {{0}};
    enum err err = file_read(path, CHECKPOINT_MAX, &text, &why);
    if (err) {
        buf_free(&text);
        return tem_fail_err(tem, err, &why);
    }
    err = ledger_open_checkpoint(keys, buf_text(&text), text.len, out, &why);
    buf_free(&text);
    return err ? tem_fail(tem, CODE_BAD, "%s: %s", path, why.text) : CODE_DONE;
}

bool ledger_read_path(const json_t *array, struct merkle_path *out)
{
    size_t i;
    const json_t *member;
    out->count = json_array_size(array);
    if (!json_is_array(array) || out->count > MERKLE_PATH_MAX)
        return false;
    json_array_foreach(array, i, member)
    {
        const char *text = json_string_value(member);
        if (!text || !base64_parse_exact(text, strlen(text), out->hashes[i], SHA256_BYTES))
            return false;
    }
    return true;
}

enum err ledger_file_sha256(const char *path, char out[static SHA256_HEX], struct why *why)
{
    static uint8_t bytes[64 * 1024];
    uint8_t hash[SHA256_BYTES];
    struct sha256_ctx ctx;
    size_t n;
    FILE *file = fopen(path, "re");
    if (!file)
        return err_errno(why, ERR_NOT_FOUND, errno, "%s", path);
    sha256_init(&ctx);
    while ((n = fread(bytes, 1, sizeof bytes, file)) > 0)
        sha256_update(&ctx, n, bytes);
    bool bad = ferror(file) != 0;
    (void)fclose(file); /* read only */
    sha256_digest(&ctx, sizeof hash, hash);
    if (bad)
        return err_set(why, ERR_SYSTEM, "%s cannot be read to its end", path);
    hex_text(hash, sizeof hash, out);
    return ERR_NONE;
}

/* ---- two small actions ------------------------------------------------------------------ */

static enum code ledger_key(struct tem *tem, const char *const *words, size_t count)
{
    (void)words, (void)count; /* it takes none */
    struct buf vkey = BUF_INIT(4096);
    enum code code = ask_key(tem, &vkey);
    if (!code)
        fprintf(tem->out.stream, tem->json ? "{\"vkey\":\"%s\"}\n" : "%s\n", buf_text(&vkey));
    buf_free(&vkey);
    return code;
}

static enum code ledger_checkpoint(struct tem *tem, const char *const *words, size_t count)
{
    (void)words, (void)count; /* it takes none */
    struct ledger_keys keys;
    struct checkpoint checkpoint;
    struct buf note = BUF_INIT(CHECKPOINT_MAX);
    enum code code = ledger_read_keys(tem, &keys);
    if (!code)
        code = ledger_get_checkpoint(tem, &keys, &note, &checkpoint);
    if (!code)
        fputs(buf_text(&note), tem->out.stream); /* a note is text, with --json as well */
    buf_free(&note);
    return code;
}

/* ---- the command ------------------------------------------------------------------------ */

static enum code unknown_action(struct tem *tem, const char *word)
{
    const char *names[ACTIONS];
    for (size_t i = 0; i < ACTIONS; i++)
        names[i] = actions[i].name;
    const char *near = near_word(word, names, ACTIONS);
    return tem_usage(tem, "there is no action \"%s\"%s%s%s", word, near ? " (nearest: " : "",
                     near ? near : "", near ? ")" : "");
}

/* An option of another action would be overlooked. */
static enum code check_options(struct tem *tem, const struct ledger_action *action)
{
    for (size_t i = 0; i < tem->args.given_count; i++) {
        const struct args_option *option = tem->args.given[i].option;
        bool ours = false, taken = false;
        for (const struct args_option *row = options; row->name; row++)
            ours |= row == option;
        for (size_t k = 0; action->takes[k]; k++)
            taken |= strcmp(action->takes[k], option->name) == 0;
        if (ours && !taken)
            return tem_usage(tem, "tem ledger %s takes no --%s", action->name, option->name);
    }
    return CODE_DONE;
}

static enum code run(struct tem *tem)
{
    const struct args *args = &tem->args;
    const struct ledger_action *action = NULL;
    size_t count = args->word_count - 1;
    for (size_t i = 0; i < ACTIONS; i++) {
        if (strcmp(actions[i].name, args->words[0]) == 0)
            action = &actions[i];
    }
    if (!action)
        return unknown_action(tem, args->words[0]);
    if (count < action->min_words || count > action->max_words)
        return tem_usage(tem, "expected: tem ledger %s %s", action->name, action->usage);
    enum code code = check_options(tem, action);
    return code ? code : action->run(tem, args->words + 1, count);
}

const struct command command_ledger = {
    .name = "ledger",
    .usage = "verify | proof NUMBER | export | checkpoint | key",
    .summary = "check, prove and export the signed record of all that happened",
    .options = options,
    .min_words = 1,
    .max_words = FILES_MAX,
    .help =
        "  tem ledger key > ledger.vkey         keep it where temd's machine cannot reach it\n"
        "  tem ledger verify --key ledger.vkey  reads every event, computes the tree anew\n"
        "  tem ledger checkpoint > monday       how the ledger stands now, signed\n"
        "  tem ledger verify --since monday --key ledger.vkey\n"
        "        that nothing of then has changed, and all that came since\n"
        "  tem ledger verify --witness FILE     also against the checkpoints outside the "
        "store\n"
        "  tem ledger verify --archive FILE     and that this file is an archive of it\n"
        "  tem ledger proof 7K3QF9ZT --series pack --scope 09520123456788\n"
        "        7K3QF9ZT.tlog-proof and 7K3QF9ZT.label.json, for an inspector\n"
        "  tem ledger proof --verify 7K3QF9ZT.label.json --key ledger.vkey\n"
        "        needs no temd; docs/ledger.md shows the same with openssl and Node alone\n"
        "  tem ledger export -o ledger.ndjson   events as they are hashed, and their "
        "checkpoint\n"
        "  tem ledger export -o ledger.ndjson --from 100001      goes on with that file\n"
        "  tem ledger verify ledger.ndjson --key ledger.vkey     needs no temd\n"
        "\n"
        "Without --key the key is the one that temd names: that finds damage, not a forger "
        "who has the\n"
        "key. Exit code 1: something was changed, removed or put elsewhere; the first event "
        "that is\n"
        "not as it was is named.\n",
    .run = run,
};
