/* SPDX-License-Identifier: Apache-2.0 */
/* A label's proof, and what becomes of it when it is changed: each byte and each line another,
 * gone, twice, exchanged with the next. Such a file is refused, or it is the same JSON value:
 * then it says nothing that the good one does not say. */
#include "spooler/ledger/label-proof.h"
#include "tests/unit/tap.h"

#include <stdlib.h>

#define LABELS 11 /* 8 + 2 + 1: paths of three lengths */
#define EVENTS 21
#define AT     13 /* the sending event's place */

static const struct identity identity = {"pack", "08938505974194", "7K3Q"};
static const uint8_t seed[NOTE_KEY_BYTES] = {1, 2, 3};

struct tree {
    uint8_t leaves[EVENTS][SHA256_BYTES];
};

static enum err subtree(void *ctx, unsigned level, uint64_t index,
                        uint8_t out[static SHA256_BYTES], struct why *why)
{
    const struct tree *tree = ctx;
    struct merkle part;
    (void)why; /* cannot fail */
    merkle_init(&part);
    for (uint64_t i = index << level; i < (index + 1) << level; i++)
        merkle_add_hash(&part, tree->leaves[i]);
    merkle_root(&part, out);
    return ERR_NONE;
}

/* `own` is leaf `at` of `size`, the others are what they like. */
static void grow(const void *own, size_t len, uint64_t at, uint64_t size,
                 struct merkle_path *path, uint8_t root[static SHA256_BYTES])
{
    struct tree tree;
    struct merkle_source source = {subtree, &tree};
    for (uint64_t i = 0; i < size; i++)
        merkle_leaf_hash(&i, sizeof i, tree.leaves[i]);
    merkle_leaf_hash(own, len, tree.leaves[at]);
    tap_ok(merkle_source_inclusion(&source, at, size, path, NULL) == ERR_NONE &&
               merkle_source_root(&source, size, root, NULL) == ERR_NONE,
           "leaf %d of %d", (int)at, (int)size);
}

/* The proof of label `at`, and the key that signed it. */
static json_t *make(uint64_t at, uint64_t labels, struct note_key *key)
{
    struct label_proof proof = {.identity = identity};
    struct note_signer signer;
    struct merkle_path path;
    uint8_t root[SHA256_BYTES];
    char hex[SHA256_HEX];
    struct buf leaf = BUF_INIT(1000), body = BUF_INIT(1000), note = BUF_INIT(CHECKPOINT_MAX),
               tlog = BUF_INIT(TLOG_PROOF_MAX);
    memset(proof.blinding, 0xab, sizeof proof.blinding);
    identity_leaf_shown(&identity, proof.blinding, &leaf);
    grow(leaf.bytes, leaf.len, at, labels, &proof.path, root);
    proof.lefts = label_proof_lefts(at, labels, &proof.path);
    buf_printf(&body,
               "{\"seq\":%d,\"at\":\"2026-03-01T08:00:12.395Z\",\"type\":\"chunk.sending\","
               "\"job\":1,\"root\":\"%s\"}",
               AT + 1, hex_text(root, sizeof root, hex));
    grow(body.bytes, body.len, AT, EVENTS, &path, root);
    note_signer_make("tem/1", seed, &signer);
    *key = signer.key;
    checkpoint_sign(&signer, EVENTS, root, &note);
    tlog_proof_write(AT, &path, buf_text(&note), note.len, &tlog);
    proof.body = buf_text(&body);
    proof.body_len = body.len;
    proof.tlog_proof = buf_text(&tlog);
    proof.tlog_proof_len = tlog.len;
    json_t *json = label_proof_json(&proof);
    buf_free(&leaf);
    buf_free(&body);
    buf_free(&note);
    buf_free(&tlog);
    return json;
}

static enum err check(const json_t *json, const struct note_key *key)
{
    struct why why = {{0}};
    struct label_shown shown;
    enum err err = label_proof_check(json, key, 1, &shown, &why);
    if (!err)
        json_decref(shown.event);
    return err;
}

/* ---- every label --------------------------------------------------------------------- */

static void test_all_labels(void)
{
    for (uint64_t labels = 1; labels <= LABELS; labels++) {
        for (uint64_t at = 0; at < labels; at++) {
            struct note_key key;
            json_t *json = make(at, labels, &key);
            tap_is_int(check(json, &key), ERR_NONE, "label %d of %d is proved", (int)at,
                       (int)labels);
            json_decref(json);
        }
    }
}

/* ---- mutants ------------------------------------------------------------------------- */

struct hunt {
    const json_t *good;
    const struct note_key *key;
    int tried, taken;
    char words[200]; /* the first mutant that got through */
};

/* What a mutant says is believed only if it is what the good file says. */
static void hunt(struct hunt *hunt, const char *text, size_t len, const char *how, size_t at)
{
    json_t *json = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    hunt->tried++;
    if (json && !json_equal(json, hunt->good) && check(json, hunt->key) == ERR_NONE) {
        if (!hunt->taken++)
            snprintf(hunt->words, sizeof hunt->words, "%s at %zu", how, at);
    }
    json_decref(json);
}

/* Pieces of the text, `cut` of them, each from cuts[i] to cuts[i + 1]. */
static void mutate(struct hunt *all, const char *text, const size_t *cuts, size_t count)
{
    size_t len = cuts[count];
    char *out = malloc(2 * len + 1);
    for (size_t i = 0; i < count; i++) {
        size_t at = cuts[i], n = cuts[i + 1] - at, next = i + 1 < count ? cuts[i + 2] : len;
        memcpy(out, text, at);
        memcpy(out + at, text + at + n, len - at - n);
        hunt(all, out, len - n, "deleted", at);
        memcpy(out, text, at + n);
        memcpy(out + at + n, text + at, len - at);
        hunt(all, out, len + n, "doubled", at);
        memcpy(out, text, len);
        memcpy(out + at, text + at + n, next - at - n);
        memcpy(out + next - n, text + at, n);
        hunt(all, out, len, "exchanged", at);
    }
    free(out);
}

static void mutate_bytes(struct hunt *all, const char *text, size_t len)
{
    static const char others[] = "0A\"\\,}]x/= \n";
    char *out = malloc(len);
    size_t *cuts = malloc((len + 1) * sizeof *cuts);
    for (size_t i = 0; i <= len; i++)
        cuts[i] = i;
    mutate(all, text, cuts, len);
    memcpy(out, text, len);
    for (size_t i = 0; i < len; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            out[i] = (char)((unsigned char)text[i] ^ 1U << bit);
            hunt(all, out, len, "a bit", i);
        }
        for (const char *other = others; *other; other++) {
            out[i] = *other;
            hunt(all, out, len, "another byte", i);
        }
        out[i] = text[i];
    }
    free(cuts);
    free(out);
}

/* Lines: of the file as one reads it, and of the tlog-proof in it. */
static void mutate_lines(struct hunt *all, const char *text, size_t len, const char *end)
{
    size_t cuts[200] = {0}, count = 0, n = strlen(end);
    for (size_t i = 0; i + n <= len; i++) {
        if (memcmp(text + i, end, n) == 0)
            cuts[++count] = i + n;
    }
    if (cuts[count] < len)
        cuts[++count] = len;
    tap_ok(count > 5, "%zu lines", count);
    mutate(all, text, cuts, count);
}

static void test_mutants(void)
{
    struct note_key key;
    json_t *json = make(5, LABELS, &key);
    char *text = json_dumps(json, JSON_COMPACT), *pretty = json_dumps(json, JSON_INDENT(1));
    struct hunt all = {.good = json, .key = &key};
    hunt(&all, text, strlen(text), "nothing", 0);
    mutate_bytes(&all, text, strlen(text));
    mutate_lines(&all, text, strlen(text), "\\n"); /* within the tlog-proof's text */
    mutate_lines(&all, pretty, strlen(pretty), "\n");
    tap_is_int(all.taken, 0, "%d mutants: none is believed%s%s", all.tried,
               all.taken ? "; the first was " : "", all.words);
    free(text);
    free(pretty);
    json_decref(json);
}

/* ---- what no hash covers --------------------------------------------------------------- */

/* Puts `with` in the place of the first `what` of the tlog-proof. */
static void change_tlog(json_t *json, const char *what, const char *with)
{
    const char *text = json_string_value(json_object_get(json, "tlog_proof"));
    const char *at = strstr(text, what);
    struct buf out = BUF_INIT(TLOG_PROOF_MAX);
    tap_ok(at != NULL, "the tlog-proof has what is changed");
    buf_add(&out, text, at ? (size_t)(at - text) : 0);
    buf_add_text(&out, with);
    buf_add_text(&out, at ? at + strlen(what) : "");
    json_object_set_new(json, "tlog_proof", json_string(buf_text(&out)));
    buf_free(&out);
}

static void test_additions(void)
{
    struct note_key key, other;
    static const uint8_t other_seed[NOTE_KEY_BYTES] = {9};
    struct note_signer signer;
    json_t *json = make(5, LABELS, &key), *bad = json_deep_copy(json);
    json_object_set_new(bad, "label", json_pack("{si ss}", "job", 1, "state", "printed"));
    tap_is_int(check(bad, &key), ERR_INPUT, "a member more is refused");
    json_decref(bad);
    bad = json_deep_copy(json);
    json_object_set_new(json_array_get(json_object_get(bad, "path"), 0), "index",
                        json_integer(5));
    tap_is_int(check(bad, &key), ERR_INPUT, "a member more in the path is refused");
    json_decref(bad);
    bad = json_deep_copy(json);
    change_tlog(bad, "\nindex", "\nextra AAAA\nindex");
    tap_is_int(check(bad, &key), ERR_INPUT, "a line `extra` is refused");
    json_decref(bad);
    bad = json_deep_copy(json);
    change_tlog(bad, "\xe2\x80\x94", "\xe2\x80\x94 witness.example AAAAAAAA\n\xe2\x80\x94");
    tap_is_int(check(bad, &key), ERR_INPUT, "a signature of somebody else is refused");
    json_decref(bad);
    note_signer_make("tem/1", other_seed, &signer);
    other = signer.key;
    tap_is_int(check(json, &other), ERR_DENIED, "another key of the same name");
    struct label_shown shown;
    tap_is_int(label_proof_check(json, &key, 0, &shown, NULL), ERR_DENIED, "no key");
    json_decref(json);
}

int main(void)
{
    test_all_labels();
    test_mutants();
    test_additions();
    return tap_done();
}
