/* SPDX-License-Identifier: Apache-2.0 */
/* Signed notes, checkpoints and proof files. The vectors are those of the C2SP texts and of
 * Go's sumdb/note, keys and signatures of RFC 8032 section 7.1; base64 is RFC 4648 section 10.
 */
#include "spooler/ledger/base64.h"
#include "spooler/ledger/checkpoint.h"
#include "tests/unit/store-fixture.h"
#include "tests/unit/tap.h"

#include <stdlib.h>
#include <sys/stat.h>

#define DASH "\xe2\x80\x94 "

/* ---- base64 ----------------------------------------------------------------------------- */

static const struct {
    const char *text, *base64;
} base64s[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
};

static const char *const no_base64[] = {
    "Zg",     "Zg=",      "Zh==", "Zm9=",     "Zm 8=",
    "Zm8=\n", "Zm8=Zm8=", "====", "Zm9v-w==", "Zm9vYmFyYmFy",
};

static void test_base64(void)
{
    for (size_t i = 0; i < sizeof base64s / sizeof base64s[0]; i++) {
        struct buf out = BUF_INIT(100);
        char back[8] = "";
        size_t count = 99;
        base64_add(&out, base64s[i].text, strlen(base64s[i].text));
        tap_is_str(buf_text(&out), base64s[i].base64, "base64 of \"%s\"", base64s[i].text);
        tap_ok(base64_parse(base64s[i].base64, strlen(base64s[i].base64), back, 7, &count) &&
                   count == strlen(base64s[i].text) && strcmp(back, base64s[i].text) == 0,
               "and back");
        buf_free(&out);
    }
    for (size_t i = 0; i < sizeof no_base64 / sizeof no_base64[0]; i++) {
        char out[8];
        size_t count;
        tap_ok(!base64_parse(no_base64[i], strlen(no_base64[i]), out, 7, &count),
               "refused: \"%s\"", no_base64[i]);
    }
}

/* ---- notes that others signed --------------------------------------------------------------
 */

static const struct {
    const char *name, *vkey, *text, *signature;
} notes[] = {
    {"C2SP", "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
     "This is an example message.\n",
     DASH
     "example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3m"
     "FXmRKuwHjG1Yu72IneyaQM=\n"},
    {"Go", "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
     "If you think cryptography is the answer to your problem,\n"
     "then you don't know what your problem is.\n",
     DASH
     "PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdng"
     "otpRZb6KE6RyyBwJnAM=\n"},
};

static enum err check(const char *vkey, const char *note)
{
    struct note_key key;
    if (note_key_parse(vkey, &key, NULL))
        return ERR_SYSTEM;
    return note_check(note, strlen(note), &key, NULL);
}

static void test_notes(void)
{
    for (size_t i = 0; i < sizeof notes / sizeof notes[0]; i++) {
        char note[1024];
        struct note_key key;
        struct buf again = BUF_INIT(500);
        size_t text_len = 0;
        snprintf(note, sizeof note, "%s\n%s", notes[i].text, notes[i].signature);
        tap_is_int(check(notes[i].vkey, note), ERR_NONE, "%s: signed", notes[i].name);
        tap_ok(!note_text(note, strlen(note), &text_len, NULL) &&
                   text_len == strlen(notes[i].text),
               "%s: where its text ends", notes[i].name);
        if (tap_ok(!note_key_parse(notes[i].vkey, &key, NULL), "%s: its key", notes[i].name))
            note_key_text(&key, &again);
        tap_is_str(buf_text(&again), notes[i].vkey, "%s: its key written", notes[i].name);
        buf_free(&again);
        tap_is_int(check(notes[1 - i].vkey, note), ERR_DENIED, "%s: not by the other",
                   notes[i].name);
        snprintf(note, sizeof note, "%s\n" DASH "somebody AAAA\n%s" DASH "other BBBB\n",
                 notes[i].text, notes[i].signature);
        tap_is_int(check(notes[i].vkey, note), ERR_NONE, "%s: among other signatures",
                   notes[i].name);
        snprintf(note, sizeof note, "%s\n%s", notes[i].text, notes[i].signature);
        note[0] ^= 1;
        tap_is_int(check(notes[i].vkey, note), ERR_CORRUPT, "%s: another text", notes[i].name);
        note[0] ^= 1;
        note[strlen(notes[i].text) + strlen(notes[i].signature) - 20] ^= 1;
        enum err err = check(notes[i].vkey, note);
        tap_ok(err == ERR_CORRUPT || err == ERR_DENIED, "%s: another signature", notes[i].name);
    }
}

static const struct {
    const char *name, *note;
} no_notes[] = {
    {"empty", ""},
    {"only text", "text\n"},
    {"no signature", "text\n\n"},
    {"no empty line", "text\n" DASH "name AAAA\n"},
    {"last line breaks off", "text\n\n" DASH "name AAAA"},
    {"a hyphen for the dash", "text\n\n- name AAAA\n"},
    {"a line behind the signatures", "text\n\n" DASH "name AAAA\nmore\n"},
    {"a control character", "te\x01xt\n\n" DASH "name AAAA\n"},
    {"a carriage return", "text\r\n\n" DASH "name AAAA\n"},
    {"no UTF-8", "te\xffxt\n\n" DASH "name AAAA\n"},
};

static const struct {
    const char *name, *vkey;
} no_keys[] = {
    {"empty", ""},
    {"a name only", "example.com/foo"},
    {"no key", "example.com/foo+530d903a"},
    {"another id", "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"},
    {"another name", "example.com/fop+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"},
    {"a key that is cut",
     "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2"},
    {"another kind", "example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"},
    {"a blank in the name",
     "example com+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"},
    {"an id of 7 digits",
     "example.com/foo+530d903+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"},
    {"something behind it",
     "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k\n"},
};

static void test_refused(void)
{
    struct note_key key;
    for (size_t i = 0; i < sizeof no_notes / sizeof no_notes[0]; i++)
        tap_is_int(check(notes[0].vkey, no_notes[i].note), ERR_INPUT, "no note: %s",
                   no_notes[i].name);
    for (size_t i = 0; i < sizeof no_keys / sizeof no_keys[0]; i++)
        tap_is_int(note_key_parse(no_keys[i].vkey, &key, NULL), ERR_INPUT, "no key: %s",
                   no_keys[i].name);
}

/* RFC 8032 7.1, TEST 2: a message of one byte would be no note, so the key only. */
static void test_signing(void)
{
    static const char seed_hex[] =
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
    static const char key_hex[] =
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
    uint8_t seed[NOTE_KEY_BYTES];
    struct note_signer signer;
    struct buf note = BUF_INIT(1000);
    char hex[2 * NOTE_KEY_BYTES + 1];
    if (!hex_parse(seed_hex, seed, sizeof seed))
        abort();
    note_signer_make("tem/test", seed, &signer);
    tap_is_str(hex_text(signer.key.public_key, NOTE_KEY_BYTES, hex), key_hex,
               "the public key of a seed (RFC 8032)");
    note_sign(&signer, "a\n\nb\n", 5, &note);
    tap_ok(strncmp(buf_text(&note), "a\n\nb\n\n" DASH "tem/test ", 19) == 0, "a note's form");
    tap_is_int(note_check(buf_text(&note), note.len, &signer.key, NULL), ERR_NONE,
               "what is signed is signed; an empty line in it is text");
    buf_free(&note);
}

/* ---- checkpoints ------------------------------------------------------------------------- */

#define ROOT "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
#define SIG                                                                                    \
    "\n" DASH "example.com/behind-the-sofa "                                                   \
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/"                                \
    "Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"

static const struct {
    const char *name, *note;
    enum err want;
} checkpoints[] = {
    {"C2SP's example", "example.com/behind-the-sofa\n20852163\n" ROOT "\n" SIG, ERR_NONE},
    {"with an extension", "example.com/behind-the-sofa\n20852163\n" ROOT "\nmore\n" SIG,
     ERR_NONE},
    {"size 0", "example.com/behind-the-sofa\n0\n" ROOT "\n" SIG, ERR_NONE},
    {"a leading zero", "example.com/behind-the-sofa\n020852163\n" ROOT "\n" SIG, ERR_INPUT},
    {"a sign", "example.com/behind-the-sofa\n+20852163\n" ROOT "\n" SIG, ERR_INPUT},
    {"2^64", "example.com/behind-the-sofa\n18446744073709551616\n" ROOT "\n" SIG, ERR_INPUT},
    {"no size", "example.com/behind-the-sofa\n\n" ROOT "\n" SIG, ERR_INPUT},
    {"no origin", "\n20852163\n" ROOT "\n" SIG, ERR_INPUT},
    {"no root", "example.com/behind-the-sofa\n20852163\n" SIG, ERR_INPUT},
    {"a root of 31 bytes",
     "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/"
     "Xajj7h2fB2MPA3j2jxqw==\n" SIG,
     ERR_INPUT},
    {"an empty line", "example.com/behind-the-sofa\n20852163\n" ROOT "\n\nmore\n" SIG,
     ERR_INPUT},
};

static void test_checkpoints(void)
{
    struct checkpoint checkpoint;
    for (size_t i = 0; i < sizeof checkpoints / sizeof checkpoints[0]; i++)
        tap_is_int(checkpoint_read(checkpoints[i].note, strlen(checkpoints[i].note), NULL,
                                   &checkpoint, NULL),
                   checkpoints[i].want, "checkpoint: %s", checkpoints[i].name);
    if (checkpoint_read(checkpoints[0].note, strlen(checkpoints[0].note), NULL, &checkpoint,
                        NULL))
        return;
    tap_is_str(checkpoint.origin, "example.com/behind-the-sofa", "its origin");
    tap_is_int((long long)checkpoint.size, 20852163, "its size");
    struct buf root = BUF_INIT(64);
    base64_add(&root, checkpoint.root, SHA256_BYTES);
    tap_is_str(buf_text(&root), ROOT, "its root");
    buf_free(&root);
}

static void test_origin(void)
{
    static const uint8_t seed[NOTE_KEY_BYTES] = {7};
    struct note_signer ours, other;
    struct checkpoint checkpoint;
    struct buf note = BUF_INIT(2000), mixed = BUF_INIT(2000);
    static const uint8_t root[SHA256_BYTES] = {1, 2, 3};
    note_signer_make("plant3.example.vn/tem", seed, &ours);
    note_signer_make("plant4.example.vn/tem", seed, &other);
    checkpoint_sign(&ours, 1000000, root, &note);
    tap_ok(strncmp(buf_text(&note),
                   "plant3.example.vn/tem\n1000000\n"
                   "AQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n" DASH,
                   80) == 0,
           "a checkpoint's form");
    tap_is_int(checkpoint_read(buf_text(&note), note.len, &ours.key, &checkpoint, NULL),
               ERR_NONE, "signed by its key");
    tap_is_int(checkpoint_read(buf_text(&note), note.len, &other.key, &checkpoint, NULL),
               ERR_DENIED, "not by the same key under another name");
    note_sign(&other, "plant3.example.vn/tem\n5\n" ROOT "\n",
              strlen("plant3.example.vn/tem\n5\n" ROOT "\n"), &mixed);
    tap_is_int(checkpoint_read(buf_text(&mixed), mixed.len, &other.key, &checkpoint, NULL),
               ERR_DENIED, "one ledger's key does not sign another ledger");
    buf_free(&note);
    buf_free(&mixed);
}

/* ---- proof files ----------------------------------------------------------------------------
 */

/* base64 of SHA-256 of "hash1" and "hash2" */
#define HASH1 "rzFuy5Go7nrpkhBwKy1HWPMM3eO/YePY54fXRoH5Cm4="
#define HASH2 "5784L25ZFbP4hhm4ZiI+vx1RxMUyHMzeLp/3AKMlkIY="

static const struct {
    const char *name, *text;
    enum err want;
    uint64_t index;
    size_t hashes;
    const char *checkpoint;
} proofs[] = {
    {"two hashes", "c2sp.org/tlog-proof@v1\nindex 5\n%1\n%2\n\ntest checkpoint\n", ERR_NONE, 5,
     2, "test checkpoint\n"},
    {"with extra data",
     "c2sp.org/tlog-proof@v1\nextra ZXh0cmEgaW5mb3JtYXRpb24=\nindex 10\n%1\n\ncheckpoint "
     "data\n",
     ERR_NONE, 10, 1, "checkpoint data\n"},
    {"no hashes", "c2sp.org/tlog-proof@v1\nindex 0\n\ncheckpoint\n", ERR_NONE, 0, 0,
     "checkpoint\n"},
    {"another head", "wrong-header\nindex 0\n\ncheckpoint\n", ERR_INPUT, 0, 0, NULL},
    {"another version", "c2sp.org/tlog-proof@v2\nindex 0\n\ncheckpoint\n", ERR_INPUT, 0, 0,
     NULL},
    {"no index", "c2sp.org/tlog-proof@v1\n%1\n\ncheckpoint\n", ERR_INPUT, 0, 0, NULL},
    {"an index that is none", "c2sp.org/tlog-proof@v1\nindex five\n\ncheckpoint\n", ERR_INPUT,
     0, 0, NULL},
    {"an index with a zero", "c2sp.org/tlog-proof@v1\nindex 05\n\ncheckpoint\n", ERR_INPUT, 0,
     0, NULL},
    {"extra that is no base64", "c2sp.org/tlog-proof@v1\nextra !!\nindex 0\n\ncheckpoint\n",
     ERR_INPUT, 0, 0, NULL},
    {"a hash of another length", "c2sp.org/tlog-proof@v1\nindex 5\nAAAA\n\ncheckpoint\n",
     ERR_INPUT, 0, 0, NULL},
    {"nothing behind the hashes", "c2sp.org/tlog-proof@v1\nindex 5\n%1\n", ERR_INPUT, 0, 0,
     NULL},
    {"no checkpoint", "c2sp.org/tlog-proof@v1\nindex 5\n%1\n\n", ERR_INPUT, 0, 0, NULL},
    {"empty", "", ERR_INPUT, 0, 0, NULL},
};

static void put_hashes(const char *pattern, struct buf *out)
{
    buf_add_text(out, "");
    for (const char *at = pattern; *at; at++) {
        if (*at != '%')
            buf_add_byte(out, (uint8_t)*at);
        else
            buf_add_text(out, *++at == '1' ? HASH1 : HASH2);
    }
}

static void test_proofs(void)
{
    for (size_t i = 0; i < sizeof proofs / sizeof proofs[0]; i++) {
        struct buf text = BUF_INIT(1000), again = BUF_INIT(1000);
        struct tlog_proof proof;
        put_hashes(proofs[i].text, &text);
        tap_is_int(tlog_proof_read(buf_text(&text), text.len, &proof, NULL), proofs[i].want,
                   "proof: %s", proofs[i].name);
        if (!proofs[i].want) {
            tap_ok(proof.index == proofs[i].index && proof.path.count == proofs[i].hashes &&
                       proof.checkpoint_len == strlen(proofs[i].checkpoint) &&
                       memcmp(proof.checkpoint, proofs[i].checkpoint, proof.checkpoint_len) ==
                           0,
                   "proof: %s: what it says", proofs[i].name);
            tlog_proof_write(proof.index, &proof.path, proof.checkpoint, proof.checkpoint_len,
                             &again);
            if (!strstr(proofs[i].text, "extra"))
                tap_is_str(buf_text(&again), buf_text(&text), "proof: %s: written",
                           proofs[i].name);
        }
        buf_free(&text);
        buf_free(&again);
    }
    struct buf many = BUF_INIT(20000);
    struct tlog_proof proof;
    buf_add_text(&many, "c2sp.org/tlog-proof@v1\nindex 5\n");
    for (int i = 0; i < MERKLE_PATH_MAX + 1; i++)
        buf_add_text(&many, HASH1 "\n");
    buf_add_text(&many, "\ncheckpoint\n");
    tap_is_int(tlog_proof_read(buf_text(&many), many.len, &proof, NULL), ERR_INPUT,
               "proof: more hashes than a tree is deep");
    buf_free(&many);
}

/* ---- the key's file
 * ---------------------------------------------------------------------------- */

static void test_key_file(void)
{
    struct note_signer made, again;
    struct why why = {""};
    struct stat info;
    const char *folder = fixture_path("keys");
    if (mkdir(folder, 0700) != 0)
        abort();
    tap_is_int(note_signer_open(folder, "tem/x", &random_system, &made, NULL), ERR_NONE,
               "a signing key is made");
    tap_ok(stat(fixture_path("keys/ledger-signing.key"), &info) == 0 &&
               (info.st_mode & 07777) == 0600,
           "only its owner reads it");
    tap_ok(!note_signer_open(folder, "tem/x", &random_system, &again, NULL) &&
               memcmp(&made, &again, sizeof made) == 0,
           "and it is the same again");
    tap_is_int(note_signer_open(folder, "two words", &random_system, &again, &why), ERR_INPUT,
               "a name that no key can have");
    tap_ok(strstr(why.text, "two words") != NULL, "is told");
    if (chmod(fixture_path("keys/ledger-signing.key"), 0640) != 0)
        abort();
    tap_is_int(note_signer_open(folder, "tem/x", &random_system, &again, NULL), ERR_STATE,
               "a key that others can read is refused");
}

int main(void)
{
    fixture_begin();
    test_base64();
    test_notes();
    test_refused();
    test_signing();
    test_checkpoints();
    test_origin();
    test_proofs();
    test_key_file();
    return tap_done();
}
