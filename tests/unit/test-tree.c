/* SPDX-License-Identifier: Apache-2.0 */
/* The stored tree against one that is computed from the bodies in memory: roots, proofs,
 * growing under operations that fail, a store from before the tree, rows that are missing. */
#include "spooler/ledger/ledger.h"
#include "spooler/ledger/tree.h"
#include "tests/unit/store-fixture.h"
#include "tests/unit/tap.h"

#define EVENTS 1200 /* past the second kept level: 4 * 256 */

static uint8_t leaves[EVENTS + 1][SHA256_BYTES];
static uint8_t roots[EVENTS + 1][SHA256_BYTES]; /* by size */

/* ---- filling ----------------------------------------------------------------------------- */

struct filling {
    int count;
    bool fails;
};

static enum err fill(struct txn *txn, void *arg, struct why *why)
{
    struct filling *filling = arg;
    enum err err = ERR_NONE;
    for (int i = 0; !err && i < filling->count; i++)
        err = ledger_append(txn, "test.event", "anna", json_pack("{si}", "i", i), NULL, why);
    return !err && filling->fails ? err_set(why, ERR_CONFLICT, "as ordered") : err;
}

/* Transactions of growing length, each third of which is undone. */
static void fill_up(struct store *store)
{
    int have = 0, step = 1;
    while (have < EVENTS) {
        struct filling filling = {step, step % 3 == 0};
        if (have + step > EVENTS)
            filling = (struct filling){EVENTS - have, false};
        if (store_write(store, fill, &filling, NULL) == ERR_NONE)
            have += filling.count;
        step = step % 97 + 1;
    }
}

static enum err take_body(void *arg, uint64_t seq, const void *body, size_t len, bool *more,
                          struct why *why)
{
    struct merkle *tree = arg;
    (void)more, (void)why;
    merkle_leaf_hash(body, len, leaves[seq - 1]);
    merkle_add(tree, body, len);
    merkle_root(tree, roots[seq]);
    return ERR_NONE;
}

static enum err read_bodies(struct txn *txn, void *arg, struct why *why)
{
    return ledger_each(txn, 1, EVENTS, take_body, arg, why);
}

/* ---- looking ------------------------------------------------------------------------------
 */

struct look {
    size_t wrong_roots, wrong_paths, wrong_joints, wrong_frontiers;
};

static void look_at(struct txn *txn, uint64_t size, struct look *look)
{
    uint8_t root[SHA256_BYTES];
    struct merkle_path path;
    struct merkle tree;
    look->wrong_roots += tree_root(txn, size, root, NULL) || memcmp(root, roots[size], 32) != 0;
    for (uint64_t i = 0; i < size; i += size / 7 + 1) {
        look->wrong_paths += tree_inclusion(txn, i, size, &path, NULL) ||
                             !merkle_includes(leaves[i], i, size, &path, roots[size]);
        look->wrong_joints += tree_consistency(txn, i + 1, size, &path, NULL) ||
                              !merkle_consistent(i + 1, roots[i + 1], size, roots[size], &path);
    }
    bool good = tree_frontier(txn, size, &tree, NULL) == ERR_NONE;
    for (uint64_t i = size; good && i < EVENTS && i < size + 3; i++)
        merkle_add_hash(&tree, leaves[i]);
    if (good)
        merkle_root(&tree, root);
    look->wrong_frontiers += !good || memcmp(root, roots[tree.size], 32) != 0;
}

static enum err look_everywhere(struct txn *txn, void *arg, struct why *why)
{
    (void)why;
    for (uint64_t size = 1; size <= EVENTS; size += size < 20 || size > 500 ? 1 : 13)
        look_at(txn, size, arg);
    return ERR_NONE;
}

static void test_tree(struct store *store, const char *what)
{
    struct look look = {0};
    tap_is_int(store_read(store, look_everywhere, &look, NULL), ERR_NONE, "%s: read", what);
    tap_is_int((long long)look.wrong_roots, 0, "%s: roots", what);
    tap_is_int((long long)look.wrong_paths, 0, "%s: inclusion proofs", what);
    tap_is_int((long long)look.wrong_joints, 0, "%s: consistency proofs", what);
    tap_is_int((long long)look.wrong_frontiers, 0, "%s: frontiers that grow on", what);
}

#define SUBTREES "SELECT count(*) FROM subtree"

static enum err empty_root(struct txn *txn, void *arg, struct why *why)
{
    return tree_root(txn, 0, arg, why);
}

static enum err run_op(struct txn *txn, void *arg, struct why *why)
{
    return sql_run(txn, why, arg, "");
}

static void run(struct store *store, char *sql, enum err want)
{
    if (store_write(store, run_op, sql, NULL) != want)
        printf("# not as expected: %s\n", sql);
}

/* ---- a store from before
 * ---------------------------------------------------------------------- */

static void test_before(struct store *store)
{
    static char orders[][64] = {"DROP TRIGGER subtree_stays", "DELETE FROM subtree",
                                "DROP TRIGGER event_same", "UPDATE event SET leaf = NULL"};
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++)
        run(store, orders[i], ERR_NONE);
    test_tree(store, "a store without hashes");
    tap_is_int(tree_catch_up(store, NULL), ERR_NONE, "it catches up");
    tap_is_int(fixture_read_int(store, SUBTREES), 4 + 2 + 1, "all of it is there");
    tap_is_int(tree_catch_up(store, NULL), ERR_NONE, "again: nothing to do");
    test_tree(store, "a store that caught up");
    struct filling filling = {256, false};
    tap_is_int(store_write(store, fill, &filling, NULL), ERR_NONE, "and it grows on");
    tap_is_int(fixture_read_int(store, SUBTREES), 4 + 2 + 1 + 1, "by one subtree");
    test_tree(store, "a store that grew on");
}

/* ---- rows that are gone
 * ------------------------------------------------------------------------ */

static enum err root_of_ten(struct txn *txn, void *arg, struct why *why)
{
    return tree_root(txn, 10, arg, why);
}

static void test_missing(struct store *store)
{
    uint8_t root[SHA256_BYTES];
    struct why why = {""};
    static char drop[] = "DROP TRIGGER event_stays",
                delete[] = "DELETE FROM event WHERE seq = 9";
    static char cut[] = "UPDATE event SET leaf = x'00' WHERE seq = 3";
    run(store, drop, ERR_NONE);
    run(store, delete, ERR_NONE);
    tap_is_int(store_read(store, root_of_ten, root, &why), ERR_CORRUPT, "an event is gone");
    tap_ok(strstr(why.text, "event 9") != NULL, "it is named: %s", why.text);
    run(store, cut, ERR_NONE);
    tap_is_int(store_read(store, root_of_ten, root, &why), ERR_CORRUPT, "a hash of one byte");
    tap_ok(strstr(why.text, "event 3") != NULL, "it is named: %s", why.text);
}

int main(void)
{
    fixture_begin();
    struct store *store = fixture_open(fixture_path("store"));
    struct merkle tree;
    uint8_t root[SHA256_BYTES];
    char hex[SHA256_HEX];
    merkle_init(&tree);
    tap_is_int(store_read(store, empty_root, root, NULL), ERR_NONE, "an empty ledger");
    tap_is_str(hex_text(root, sizeof root, hex),
               "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "its root");
    fill_up(store);
    tap_is_int(store_read(store, read_bodies, &tree, NULL), ERR_NONE, "bodies are read");
    tap_is_int((long long)tree.size, EVENTS, "all of them");
    tap_is_int(fixture_read_int(store, SUBTREES), 4 + 2 + 1,
               "kept are the complete subtrees of 256 leaves and more");
    test_tree(store, "as it grew");
    store_close(store);
    store = fixture_open(fixture_path("store"));
    test_tree(store, "opened again");
    static char orders[][80] = {"DELETE FROM subtree",
                                "UPDATE subtree SET hash = x'00'",
                                "UPDATE event SET leaf = x'00' WHERE seq = 1",
                                "INSERT INTO checkpoint VALUES (1, x'61', 0)",
                                "DELETE FROM checkpoint",
                                "UPDATE checkpoint SET size = 2"};
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++)
        tap_is_int(store_write(store, run_op, orders[i], NULL), i == 3 ? ERR_NONE : ERR_STATE,
                   "%s: %s", i == 3 ? "allowed" : "refused", orders[i]);
    test_before(store);
    test_missing(store);
    store_close(store);
    return tap_done();
}
