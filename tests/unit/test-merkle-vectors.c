/* SPDX-License-Identifier: Apache-2.0 */
/* Proofs of RFC 6962 and 9162: the 98 inclusion and 98 consistency vectors of the transparency
 * project (TEM_SHARED/data/merkle), those of them that hold also against what we make; and our
 * own proofs of every leaf and pair of sizes up to 130 against the definition of the RFC. */
#include "spooler/ledger/base64.h"
#include "spooler/ledger/merkle.h"
#include "tests/unit/tap.h"

#include <ftw.h>
#include <jansson.h>
#include <limits.h>
#include <stdlib.h>

/* ---- a tree in memory ------------------------------------------------------------------ */

struct tree {
    uint8_t leaves[256][SHA256_BYTES];
};

/* Independent of merkle.c: the definition of section 2.1. */
static void defined_root(const uint8_t (*sums)[SHA256_BYTES], size_t count,
                         uint8_t out[static SHA256_BYTES])
{
    uint8_t bytes[1 + 2 * SHA256_BYTES] = {1};
    size_t half = 1;
    if (count == 1) {
        memcpy(out, sums[0], SHA256_BYTES);
        return;
    }
    while (half * 2 < count)
        half *= 2;
    defined_root(sums, half, bytes + 1);
    defined_root(sums + half, count - half, bytes + 1 + SHA256_BYTES);
    sha256(bytes, sizeof bytes, out);
}

static enum err subtree(void *ctx, unsigned level, uint64_t index,
                        uint8_t out[static SHA256_BYTES], struct why *why)
{
    struct tree *tree = ctx;
    (void)why;
    defined_root((const uint8_t(*)[SHA256_BYTES])(tree->leaves + (index << level)),
                 (size_t)1 << level, out);
    return ERR_NONE;
}

static void root_of(struct tree *tree, uint64_t size, uint8_t out[static SHA256_BYTES])
{
    defined_root((const uint8_t(*)[SHA256_BYTES])tree->leaves, size, out);
}

static void test_own(void)
{
    static struct tree tree;
    struct merkle_source source = {subtree, &tree};
    struct merkle grown, made;
    size_t wrong = 0, accepted = 0, roots = 0;
    merkle_init(&grown);
    for (unsigned i = 0; i < 131; i++)
        merkle_leaf_hash(&i, sizeof i, tree.leaves[i]);
    for (uint64_t size = 1; size <= 130; size++) {
        uint8_t root[SHA256_BYTES], old[SHA256_BYTES], got[SHA256_BYTES];
        struct merkle_path path;
        root_of(&tree, size, root);
        merkle_add_hash(&grown, tree.leaves[size - 1]);
        roots += merkle_source_root(&source, size, got, NULL) || memcmp(got, root, sizeof got);
        roots += merkle_source_tree(&source, size, &made, NULL) || made.depth != grown.depth ||
                 memcmp(made.roots, grown.roots, made.depth * SHA256_BYTES) != 0;
        for (uint64_t i = 0; i < size; i++) {
            wrong += merkle_source_inclusion(&source, i, size, &path, NULL) ||
                     !merkle_includes(tree.leaves[i], i, size, &path, root);
            /* the leaf behind it, and the place behind it */
            accepted += merkle_includes(tree.leaves[i + 1], i, size, &path, root);
            accepted +=
                size > 1 && merkle_includes(tree.leaves[i], (i + 1) % size, size, &path, root);
            root_of(&tree, i + 1, old);
            wrong += merkle_source_consistency(&source, i + 1, size, &path, NULL) ||
                     !merkle_consistent(i + 1, old, size, root, &path);
            old[0] ^= 1;
            accepted += merkle_consistent(i + 1, old, size, root, &path);
        }
    }
    tap_is_int((long long)roots, 0,
               "roots and frontiers to size 130 are those of the definition");
    tap_is_int((long long)wrong, 0, "every proof to size 130 holds");
    tap_is_int((long long)accepted, 0, "none holds for another leaf, place or root");
    struct merkle_path path;
    tap_is_int(merkle_source_inclusion(&source, 5, 5, &path, NULL), ERR_INPUT, "no such leaf");
    tap_is_int(merkle_source_consistency(&source, 0, 5, &path, NULL), ERR_INPUT,
               "from nothing");
    tap_is_int(merkle_source_consistency(&source, 6, 5, &path, NULL), ERR_INPUT, "backwards");
}

/* ---- vectors --------------------------------------------------------------------------- */

/* The tree of RFC 6962's reference: its eight leaves. */
static const char *const leaves[] = {
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
};
static struct tree reference;

/* Hashes that are not 32 bytes: our forms refuse them where they are read. Roots of another
 * length stand in one vector that holds; they are compared as they are, filled with 0. */
static bool read_hash(const json_t *json, bool exact, uint8_t out[static SHA256_BYTES])
{
    size_t count = 0;
    const char *text = json_string_value(json);
    memset(out, 0, SHA256_BYTES);
    return text && base64_parse(text, strlen(text), out, SHA256_BYTES, &count) &&
           (!exact || count == SHA256_BYTES);
}

static bool read_path(const json_t *json, struct merkle_path *out)
{
    out->count = json_array_size(json);
    if (out->count > MERKLE_PATH_MAX)
        return false;
    for (size_t i = 0; i < out->count; i++) {
        if (!read_hash(json_array_get(json, i), true, out->hashes[i]))
            return false;
    }
    return true;
}

/* One leaf index is 2^64 - 1, past jansson's integers. */
static uint64_t number(const json_t *json, const char *key)
{
    const json_t *value = json_object_get(json, key);
    double real = json_number_value(value);
    return real >= 18446744073709551615.0 ? UINT64_MAX : (uint64_t)real;
}

static bool same_path(const struct merkle_path *a, const struct merkle_path *b)
{
    return a->count == b->count && memcmp(a->hashes, b->hashes, a->count * SHA256_BYTES) == 0;
}

static bool inclusion_holds(const json_t *json, bool *ours)
{
    uint8_t root[SHA256_BYTES], leaf[SHA256_BYTES];
    struct merkle_path path, made;
    struct merkle_source source = {subtree, &reference};
    uint64_t index = number(json, "leafIdx"), size = number(json, "treeSize");
    bool holds = read_hash(json_object_get(json, "root"), true, root) &&
                 read_hash(json_object_get(json, "leafHash"), true, leaf) &&
                 read_path(json_object_get(json, "proof"), &path) &&
                 merkle_includes(leaf, index, size, &path, root);
    *ours =
        !holds || (size <= 8 && !merkle_source_inclusion(&source, index, size, &made, NULL) &&
                   same_path(&path, &made));
    return holds;
}

static bool consistency_holds(const json_t *json, bool *ours)
{
    uint8_t from_root[SHA256_BYTES], to_root[SHA256_BYTES];
    struct merkle_path path, made;
    struct merkle_source source = {subtree, &reference};
    uint64_t from = number(json, "size1"), to = number(json, "size2");
    bool holds = read_hash(json_object_get(json, "root1"), false, from_root) &&
                 read_hash(json_object_get(json, "root2"), false, to_root) &&
                 read_path(json_object_get(json, "proof"), &path) &&
                 merkle_consistent(from, from_root, to, to_root, &path);
    *ours = !holds || (to <= 8 && !merkle_source_consistency(&source, from, to, &made, NULL) &&
                       same_path(&path, &made));
    return holds;
}

static struct {
    bool (*holds)(const json_t *json, bool *ours);
    int seen, good;
} now;

static int try_file(const char *path, const struct stat *info, int type, struct FTW *at)
{
    (void)info;
    size_t len = strlen(path);
    if (type != FTW_F || len < 5 || strcmp(path + len - 5, ".json") != 0)
        return 0;
    json_t *json = json_load_file(path, JSON_DECODE_INT_AS_REAL, NULL);
    const json_t *wrong = json_object_get(json, "wantErr");
    bool ours = false;
    if (tap_ok(json_is_boolean(wrong), "%s is read", path + at->base)) {
        tap_ok(now.holds(json, &ours) == !json_is_true(wrong), "%s: %s", path + at->base,
               json_is_true(wrong) ? "does not hold" : "holds");
        now.good += !json_is_true(wrong);
        tap_ok(ours, "%s: ours is the same", path + at->base);
    }
    now.seen++;
    json_decref(json);
    return 0;
}

static void test_vectors(const char *shared, const char *kind,
                         bool (*holds)(const json_t *json, bool *ours))
{
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s/data/merkle/%s", shared, kind);
    now.holds = holds;
    now.seen = now.good = 0;
    nftw(folder, try_file, 16, FTW_PHYS);
    tap_is_int(now.seen, 98, "%s: all vectors were there", kind);
    tap_ok(now.good >= 5, "%s: some of them hold", kind);
}

int main(void)
{
    test_own();
    for (size_t i = 0; i < 8; i++) {
        uint8_t bytes[32];
        size_t len = strlen(leaves[i]) / 2;
        if (!hex_parse(leaves[i], bytes, len))
            abort();
        merkle_leaf_hash(bytes, len, reference.leaves[i]);
    }
    const char *shared = getenv("TEM_SHARED");
    if (shared) {
        test_vectors(shared, "inclusion", inclusion_holds);
        test_vectors(shared, "consistency", consistency_holds);
    } else
        tap_skip("the vectors' folder (TEM_SHARED) is not there");
    return tap_done();
}
