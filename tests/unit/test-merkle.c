/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 6962 section 2.1 roots and the blinded leaf. The roots are those of the certificate
 * transparency reference trees; the leaf was computed with Python's hmac and struct. */
#include "spooler/ledger/identity.h"
#include "spooler/ledger/merkle.h"
#include "tests/unit/tap.h"

#include <stdlib.h>

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

static const struct {
    size_t size;
    const char *root;
} roots[] = {
    {0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
    {3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"},
    {7, "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"},
    {8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"},
};

static void add_hex(struct merkle *tree, const char *hex)
{
    uint8_t bytes[32];
    size_t len = strlen(hex) / 2;
    if (!hex_parse(hex, bytes, len))
        abort();
    merkle_add(tree, bytes, len);
}

static void test_roots(void)
{
    for (size_t i = 0; i < sizeof roots / sizeof roots[0]; i++) {
        struct merkle tree;
        uint8_t root[SHA256_BYTES];
        char text[SHA256_HEX];
        merkle_init(&tree);
        for (size_t j = 0; j < roots[i].size; j++)
            add_hex(&tree, leaves[j]);
        merkle_root(&tree, root);
        tap_is_str(hex_text(root, sizeof root, text), roots[i].root, "root at size %zu",
                   roots[i].size);
    }
}

/* Independent of merkle.c: the recursive definition of section 2.1 itself. */
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

static void test_definition(void)
{
    static uint8_t sums[1030][SHA256_BYTES];
    struct merkle tree;
    size_t wrong = 0;
    merkle_init(&tree);
    for (size_t i = 0; i < sizeof sums / sizeof sums[0]; i++) {
        uint8_t leaf[3] = {0, (uint8_t)(i >> 8), (uint8_t)i};
        uint8_t got[SHA256_BYTES], want[SHA256_BYTES];
        sha256(leaf, sizeof leaf, sums[i]);
        merkle_add(&tree, leaf + 1, 2);
        merkle_root(&tree, got);
        defined_root((const uint8_t(*)[SHA256_BYTES])sums, i + 1, want);
        wrong += memcmp(got, want, sizeof got) != 0;
    }
    tap_is_int((long long)wrong, 0, "each root to size 1030 is that of the definition");
}

static const struct {
    struct identity in;
    const char *want; /* under the key 00 01 .. 1f */
} identities[] = {
    {{"MED", "01 09520123456788", "7K3QF9ZT2M"},
     "000000034d45440000001130312030393532303132333435363738380000000a374b335146395a54324d"
     "2bae277b5b8741523b7bad0c102fe0e9"},
    {{"", "", ""}, "0000000000000000000000003bb1a79535df1bf39745923048575eaf"},
    {{"thu\xe1\xbb\x91"
      "c",
      "(01)", "A\x01"},
     "00000007746875e1bb91630000000428303129000000024101d9fa770324870680d5d046fb4809607a"},
};

static void test_identity(void)
{
    uint8_t key[SHA256_BYTES];
    char check[IDENTITY_KEY_CHECK_SIZE];
    for (unsigned i = 0; i < sizeof key; i++)
        key[i] = (uint8_t)i;
    for (size_t i = 0; i < sizeof identities / sizeof identities[0]; i++) {
        char text[512] = "";
        struct buf leaf = BUF_INIT(200);
        buf_add_text(&leaf, "before"); /* it appends, and hashes only its own */
        identity_leaf(&identities[i].in, key, &leaf);
        if (tap_ok(!buf_err(&leaf) && leaf.len > 6, "leaf %zu is made", i))
            hex_text(leaf.bytes + 6, leaf.len - 6, text);
        tap_is_str(text, identities[i].want, "leaf of %s", identities[i].in.number);
        buf_free(&leaf);
    }
    identity_key_check(key, check);
    tap_is_str(check, "d5749db093ec8d91", "check value of the key");
}

int main(void)
{
    test_roots();
    test_definition();
    test_identity();
    return tap_done();
}
