/* SPDX-License-Identifier: Apache-2.0 */
/* note.c: see note.h. */
#include "spooler/ledger/note.h"

#include "spooler/base/hash.h"
#include "spooler/base/utf8.h"
#include "spooler/ledger/base64.h"
#include "spooler/ledger/keyfile.h"

#include <assert.h>
#include <nettle/eddsa.h>
#include <stdio.h>
#include <string.h>

#define ED25519 0x01
#define DASH    "\xe2\x80\x94 " /* an em dash begins a signature line */

_Static_assert(NOTE_KEY_BYTES == ED25519_KEY_SIZE && NOTE_SIG_BYTES == ED25519_SIGNATURE_SIZE,
               "sizes of Ed25519");

/* ---- keys ---------------------------------------------------------------------- */

bool note_name_ok(const char *name)
{
    size_t len = strlen(name);
    if (len == 0 || len >= NOTE_NAME_SIZE || !utf8_valid(name, len))
        return false;
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)name[i] <= ' ' || name[i] == 0x7f || name[i] == '+')
            return false;
    }
    return true;
}

void note_key_make(const char *name, const uint8_t public_key[static NOTE_KEY_BYTES],
                   struct note_key *out)
{
    uint8_t bytes[NOTE_NAME_SIZE + 2 + NOTE_KEY_BYTES], sum[SHA256_BYTES];
    size_t len = strlen(name);
    assert(note_name_ok(name));
    memset(out, 0, sizeof *out);
    memcpy(out->name, name, len);
    memcpy(out->public_key, public_key, NOTE_KEY_BYTES);
    memcpy(bytes, name, len);
    bytes[len++] = '\n';
    bytes[len++] = ED25519;
    memcpy(bytes + len, public_key, NOTE_KEY_BYTES);
    sha256(bytes, len + NOTE_KEY_BYTES, sum);
    memcpy(out->id, sum, NOTE_ID_BYTES);
}

void note_signer_make(const char *name, const uint8_t seed[static NOTE_KEY_BYTES],
                      struct note_signer *out)
{
    uint8_t public_key[NOTE_KEY_BYTES];
    ed25519_sha512_public_key(public_key, seed);
    note_key_make(name, public_key, &out->key);
    memcpy(out->seed, seed, NOTE_KEY_BYTES);
}

void note_key_text(const struct note_key *key, struct buf *out)
{
    uint8_t bytes[1 + NOTE_KEY_BYTES] = {ED25519};
    char id[2 * NOTE_ID_BYTES + 1];
    memcpy(bytes + 1, key->public_key, NOTE_KEY_BYTES);
    buf_printf(out, "%s+%s+", key->name, hex_text(key->id, NOTE_ID_BYTES, id));
    base64_add(out, bytes, sizeof bytes);
}

enum err note_key_parse(const char *vkey, struct note_key *out, struct why *why)
{
    char name[NOTE_NAME_SIZE], hex[2 * NOTE_ID_BYTES + 1];
    uint8_t id[NOTE_ID_BYTES], bytes[1 + NOTE_KEY_BYTES];
    size_t len = strcspn(vkey, "+");
    const char *at = vkey + len;
    bool good = *at && len < sizeof name && strcspn(at + 1, "+") == 2 * NOTE_ID_BYTES &&
                at[1 + 2 * NOTE_ID_BYTES] == '+';
    if (good) {
        memcpy(name, vkey, len);
        name[len] = '\0';
        memcpy(hex, at + 1, sizeof hex - 1);
        hex[sizeof hex - 1] = '\0';
        at += 2 + 2 * NOTE_ID_BYTES;
        good = note_name_ok(name) && hex_parse(hex, id, sizeof id) &&
               base64_parse_exact(at, strlen(at), bytes, sizeof bytes);
    }
    if (!good)
        return err_set(why, ERR_INPUT,
                       "\"%.100s\" is no verifier key; expected NAME+ID+KEY as "
                       "`tem ledger key` prints it",
                       vkey);
    if (bytes[0] != ED25519)
        return err_set(why, ERR_INPUT, "the key of \"%s\" is of type %u, expected Ed25519 (1)",
                       name, (unsigned)bytes[0]);
    struct note_key key;
    note_key_make(name, bytes + 1, &key);
    if (memcmp(key.id, id, sizeof id) != 0)
        return err_set(why, ERR_INPUT, "the key of \"%s\" has another id than %s: is it whole?",
                       name, hex);
    *out = key;
    return ERR_NONE;
}

enum err note_signer_open(const char *folder, const char *name,
                          const struct random_source *random, struct note_signer *out,
                          struct why *why)
{
    uint8_t seed[NOTE_KEY_BYTES];
    if (!note_name_ok(name))
        return err_set(why, ERR_INPUT,
                       "the ledger's origin \"%s\" cannot be a key's name; expected 1 to %d "
                       "bytes without blanks and '+'",
                       name, NOTE_NAME_SIZE - 1);
    enum err err = keyfile_open(folder, "ledger-signing.key",
                                "who reads it can sign another past", random, seed, why);
    if (!err)
        note_signer_make(name, seed, out);
    explicit_bzero(seed, sizeof seed);
    return err;
}

/* ---- notes ----------------------------------------------------------------------- */

void note_sign(const struct note_signer *signer, const char *text, size_t len, struct buf *out)
{
    uint8_t bytes[NOTE_ID_BYTES + NOTE_SIG_BYTES];
    assert(len > 0 && text[len - 1] == '\n');
    memcpy(bytes, signer->key.id, NOTE_ID_BYTES);
    ed25519_sha512_sign(signer->key.public_key, signer->seed, len, (const uint8_t *)text,
                        bytes + NOTE_ID_BYTES);
    buf_add(out, text, len);
    buf_printf(out, "\n" DASH "%s ", signer->key.name);
    base64_add(out, bytes, sizeof bytes);
    buf_add_byte(out, '\n');
}

enum err note_text(const char *note, size_t len, size_t *text_len, struct why *why)
{
    bool good = len > 0 && len <= NOTE_MAX && note[len - 1] == '\n' && utf8_valid(note, len);
    for (size_t i = 0; good && i < len; i++)
        good = (unsigned char)note[i] >= ' ' || note[i] == '\n';
    size_t at = len;
    /* the last empty line: a text may hold others */
    while (good && at >= 2 && !(note[at - 1] == '\n' && note[at - 2] == '\n'))
        at--;
    if (!good || at < 2 || at == len)
        return err_set(why, ERR_INPUT,
                       "this is no signed note: expected lines, an empty line, and "
                       "signatures");
    for (size_t line = at; line < len;) {
        const char *end = memchr(note + line, '\n', len - line);
        size_t line_len = (size_t)(end - note) - line;
        if (line_len < sizeof DASH || memcmp(note + line, DASH, sizeof DASH - 1) != 0)
            return err_set(why, ERR_INPUT, "a line behind the note's text is no signature");
        line += line_len + 1;
    }
    *text_len = at - 1;
    return ERR_NONE;
}

/* The signature on a line "— NAME base64", when it is the key's. */
static bool signature_of(const char *line, size_t len, const struct note_key *key,
                         uint8_t out[static NOTE_SIG_BYTES])
{
    uint8_t bytes[NOTE_ID_BYTES + NOTE_SIG_BYTES];
    size_t name = strlen(key->name), head = sizeof DASH - 1 + name + 1;
    if (len <= head || memcmp(line + sizeof DASH - 1, key->name, name) != 0 ||
        line[head - 1] != ' ' ||
        !base64_parse_exact(line + head, len - head, bytes, sizeof bytes) ||
        memcmp(bytes, key->id, NOTE_ID_BYTES) != 0)
        return false;
    memcpy(out, bytes + NOTE_ID_BYTES, NOTE_SIG_BYTES);
    return true;
}

enum err note_check(const char *note, size_t len, const struct note_key *key, struct why *why)
{
    size_t text_len = 0;
    uint8_t signature[NOTE_SIG_BYTES];
    enum err err = note_text(note, len, &text_len, why);
    if (err)
        return err;
    for (const char *line = note + text_len + 1; line < note + len;) {
        const char *end = memchr(line, '\n', (size_t)(note + len - line));
        if (signature_of(line, (size_t)(end - line), key, signature))
            return ed25519_sha512_verify(key->public_key, text_len, (const uint8_t *)note,
                                         signature)
                       ? ERR_NONE
                       : err_set(why, ERR_CORRUPT,
                                 "the signature of \"%s\" does not fit the text: the text or "
                                 "the signature was changed",
                                 key->name);
        line = end + 1;
    }
    char id[2 * NOTE_ID_BYTES + 1];
    return err_set(why, ERR_DENIED, "it is not signed by the key %s+%s", key->name,
                   hex_text(key->id, NOTE_ID_BYTES, id));
}
