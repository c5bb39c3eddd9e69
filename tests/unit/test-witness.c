/* SPDX-License-Identifier: Apache-2.0 */
/* The witness: what it says of a store that is new, as it was, older, edited, or an older copy
 * that went on; files that are torn, foreign or too long. And the notary that writes it. */
#include "spooler/base/durable.h"
#include "spooler/ledger/checkpoint.h"
#include "spooler/ledger/ledger.h"
#include "spooler/ledger/notary.h"
#include "spooler/ledger/seal.h"
#include "spooler/ledger/tree.h"
#include "spooler/ledger/witness.h"
#include "tests/unit/store-fixture.h"
#include "tests/unit/tap.h"

#include <errno.h>
#include <sys/stat.h>

static struct note_signer signer;
static char path[PATH_MAX];

static enum err append(struct txn *txn, void *arg, struct why *why)
{
    enum err err = ERR_NONE;
    for (int i = 0; !err && i < *(int *)arg; i++)
        err = ledger_append(txn, "test.event", NULL, NULL, NULL, why);
    return err;
}

static void add(struct store *store, int count)
{
    if (store_write(store, append, &count, NULL))
        abort();
}

struct made {
    struct buf note;
    uint64_t size;
};

static enum err sign(struct txn *txn, void *arg, struct why *why)
{
    struct made *made = arg;
    return notary_sign(txn, &signer, &made->note, &made->size, why);
}

/* The store as it is now goes to the witness. */
static void witness_now(struct store *store)
{
    struct made made = {BUF_INIT(CHECKPOINT_MAX), 0};
    if (store_read(store, sign, &made, NULL) ||
        witness_append(path, made.size, buf_text(&made.note), made.note.len, FIXTURE_NOW_MS,
                       NULL))
        abort();
    buf_free(&made.note);
}

static struct witness_finding look(struct store *store, const char *name,
                                   enum witness_state want)
{
    struct witness_finding finding = {.store_size = 99};
    struct why why = {""};
    tap_is_int(ledger_witness_check(store, path, &finding, &why), ERR_NONE, "%s: asked %s",
               name, why.text);
    tap_is_str(witness_state_name(finding.state), witness_state_name(want), "%s: found", name);
    tap_ok(witness_is_well(&finding) == (want == WITNESS_NONE || want == WITNESS_AGREES),
           "%s: whether numbers may be issued", name);
    tap_ok((*finding.words != '\0') == !witness_is_well(&finding), "%s: words: %s", name,
           finding.words);
    return finding;
}

static void write_file(const char *text)
{
    if (durable_write(path, text, strlen(text), 0640, NULL))
        abort();
}

static void append_file(const char *text)
{
    FILE *file = fopen(path, "a");
    if (!file || fputs(text, file) < 0 || fclose(file) != 0)
        abort();
}

/* ---- stores
 * ----------------------------------------------------------------------------------- */

static void test_states(void)
{
    struct store *store = fixture_open(fixture_path("a"));
    struct witness_finding finding = look(store, "nothing anywhere", WITNESS_NONE);
    tap_is_int((long long)finding.store_size, 0, "the store is empty");
    add(store, 5);
    finding = look(store, "no file", WITNESS_NONE);
    tap_is_int((long long)finding.store_size, 5, "events are counted");
    witness_now(store);
    look(store, "just signed", WITNESS_AGREES);
    add(store, 300);
    witness_now(store);
    add(store, 1);
    finding = look(store, "grown since", WITNESS_AGREES);
    tap_is_int((long long)finding.witness_size, 305, "the newest counts");
    tap_is_str(finding.witness_at, "2026-03-01T08:00:00.000Z", "with its time");
    tap_is_str(finding.store_at, "2026-03-01T08:00:00.000Z", "and the store's");
    store_close(store);
}

/* Every store's events are alike here: a store of 7 is an older copy of one of 9. */
static void test_older(void)
{
    struct store *store = fixture_open(fixture_path("older"));
    add(store, 7);
    unlink(path);
    witness_now(store);
    struct store *newer = fixture_open(fixture_path("newer"));
    add(newer, 9);
    witness_now(newer);
    struct witness_finding finding = look(store, "an older copy", WITNESS_OLDER);
    tap_ok(finding.witness_size == 9 && finding.store_size == 7 && finding.agreed_size == 7,
           "both sizes, and up to where they agree");
    tap_ok(strstr(finding.words, "7 events") && strstr(finding.words, "9 were signed"),
           "said in words");
    store_close(newer);
    store_close(store);
}

static enum err append_other(struct txn *txn, void *arg, struct why *why)
{
    (void)arg;
    return ledger_append(txn, "test.other", NULL, NULL, NULL, why);
}

static enum err run_op(struct txn *txn, void *arg, struct why *why)
{
    return sql_run(txn, why, arg, "");
}

static void test_differs(void)
{
    struct store *store = fixture_open(fixture_path("forked"));
    struct store *newer = fixture_open(fixture_path("newer"));
    static char drop[] = "DROP TRIGGER event_stays", cut[] = "DELETE FROM event WHERE seq = 3";
    unlink(path);
    add(store, 4);
    witness_now(store);
    witness_now(newer); /* 9 events */
    for (int i = 0; i < 8; i++) {
        if (store_write(store, append_other, NULL, NULL))
            abort();
    }
    struct witness_finding finding = look(store, "an older copy that went on", WITNESS_DIFFERS);
    tap_is_int((long long)finding.agreed_size, 4, "they agree up to where it was copied");
    if (store_write(newer, run_op, drop, NULL) || store_write(newer, run_op, cut, NULL))
        abort();
    finding = look(newer, "an event is gone", WITNESS_DIFFERS);
    tap_is_int((long long)finding.agreed_size, 0, "nothing of it can be shown");
    store_close(newer);
    store_close(store);
}

/* ---- files
 * -------------------------------------------------------------------------------------- */

static void test_files(void)
{
    struct store *store = fixture_open(fixture_path("files"));
    struct stat info;
    add(store, 3);
    unlink(path);
    write_file("");
    look(store, "an empty file", WITNESS_NONE);
    write_file("{\"at\":\"x\"}\nnot JSON\n\n");
    look(store, "nothing of ours in it", WITNESS_NONE);
    witness_now(store);
    append_file("{\"at\":\"2026-03-01T08:00:00.000Z\",\"size\":4,\"checkp");
    look(store, "a torn last line", WITNESS_AGREES);
    add(store, 1);
    witness_now(store);
    struct witness_finding finding = look(store, "written on behind it", WITNESS_AGREES);
    tap_is_int((long long)finding.witness_size, 4, "the line behind it is read");
    tap_ok(stat(path, &info) == 0 && (info.st_mode & 0777) == 0640, "its mode");
    store_close(store);
}

static void test_long(void)
{
    struct store *store = fixture_open(fixture_path("long"));
    char old[PATH_MAX + 8];
    struct stat info;
    snprintf(old, sizeof old, "%s.old", path);
    add(store, 2);
    unlink(path);
    witness_now(store);
    FILE *file = fopen(path, "r+");
    if (!file || fseek(file, 0, SEEK_END) != 0)
        abort();
    for (int i = 0; i < WITNESS_ROTATE / 64; i++)
        fprintf(file, "%063d\n", i);
    if (fclose(file) != 0)
        abort();
    witness_now(store);
    tap_ok(stat(old, &info) == 0 && info.st_size > WITNESS_ROTATE, "a long file is put aside");
    tap_ok(stat(path, &info) == 0 && info.st_size < 1000, "a new one is begun");
    look(store, "with a new file", WITNESS_AGREES);
    /* The power went between the two. */
    if (unlink(path) != 0)
        abort();
    struct witness_finding finding = look(store, "only the file put aside", WITNESS_AGREES);
    tap_is_int((long long)finding.witness_size, 2, "it is read");
    unlink(old);
    store_close(store);
}

/* ---- seal and notary
 * ------------------------------------------------------------------------------ */

static int64_t clock_ms;

static int64_t moving(void *ctx)
{
    (void)ctx;
    return clock_ms;
}

static size_t lines(const char *file)
{
    struct buf text = BUF_INIT(1 << 20);
    size_t count = 0;
    if (!file_read(file, 1 << 19, &text, NULL)) {
        for (size_t i = 0; i < text.len; i++)
            count += text.bytes[i] == '\n';
    }
    buf_free(&text);
    return count;
}

static void test_seal(void)
{
    const struct clock clock = {.now_ms = fixture_now, .mono_ms = moving};
    const char *keys = fixture_path("keys");
    struct store_config config = {
        .folder = fixture_path("sealed"), .clock = &clock, .random = &random_system};
    struct store *store = NULL;
    struct seal *seal = NULL;
    char file[PATH_MAX], folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s", keys);
    if (mkdir(keys, 0700) != 0 || store_open(&config, &store, NULL))
        abort();
    struct seal_config with = {.store = store,
                               .key_folder = folder,
                               .events = 1000,
                               .seconds = 3600,
                               .random = &random_system};
    tap_is_int(seal_open(&with, &seal, NULL), ERR_NONE, "a seal is opened");
    tap_ok(strncmp(seal_key(seal)->name, "tem/", 4) == 0 &&
               strcmp(seal_key(seal)->name + 4, store_id(store)) == 0,
           "its origin is the store's");
    tap_ok(seal_finding(seal)->state == WITNESS_NONE && seal_signer(seal),
           "nothing to compare");
    tap_is_int(seal_begin(seal, NULL), ERR_NONE, "it begins");
    if (witness_path(folder, store_id(store), file, NULL))
        abort();
    tap_is_int((long long)lines(file), 1, "the key's event is signed at once");
    add(store, 3);
    seal_close(seal);
    tap_is_int((long long)lines(file), 2, "what was not signed yet is signed at the end");
    tap_is_int(fixture_read_int(store, "SELECT max(size) FROM checkpoint"), 4,
               "checkpoints are kept in the store, too");
    with.origin = "plant3.example.vn/tem";
    if (seal_open(&with, &seal, NULL) || seal_begin(seal, NULL))
        abort();
    tap_is_int(fixture_read_int(store, "SELECT count(*) FROM event WHERE CAST (body AS TEXT)"
                                       " LIKE '%\"type\":\"ledger.key\"%'"),
               2, "another key is an event");
    seal_close(seal);
    with.origin = "two words";
    tap_is_int(seal_open(&with, &seal, NULL), ERR_INPUT, "a name that no key can have");
    with.origin = "";
    /* an older copy */
    static char drop[] = "DROP TRIGGER event_stays", cut[] = "DELETE FROM event WHERE seq > 2";
    if (store_write(store, run_op, drop, NULL) || store_write(store, run_op, cut, NULL))
        abort();
    size_t before = lines(file);
    tap_is_int(seal_open(&with, &seal, NULL), ERR_NONE, "on an older store it opens");
    tap_ok(seal_finding(seal)->state == WITNESS_OLDER && !seal_signer(seal),
           "and signs nothing");
    tap_is_int(seal_begin(seal, NULL), ERR_NONE, "it begins");
    add(store, 10);
    seal_close(seal);
    tap_is_int((long long)lines(file), (long long)before, "the witness is left as it was");
    store_close(store);
}

/* A new store in the place of one that is lost, with its keys. */
static void test_other(void)
{
    struct store *store = fixture_open(fixture_path("fresh"));
    struct seal *seal = NULL;
    char keys[PATH_MAX], elsewhere[PATH_MAX];
    snprintf(keys, sizeof keys, "%s", fixture_path("keys"));
    snprintf(elsewhere, sizeof elsewhere, "%s", fixture_path("elsewhere"));
    struct seal_config with = {.store = store,
                               .key_folder = keys,
                               .events = 1000,
                               .seconds = 3600,
                               .random = &random_system};
    for (int i = 0; i < 2; i++) {
        tap_is_int(seal_open(&with, &seal, NULL), ERR_NONE,
                   "a new store with old keys, start %d", i + 1);
        tap_is_str(witness_state_name(seal_finding(seal)->state), "other", "is found");
        tap_ok(!seal_signer(seal) && strstr(seal_finding(seal)->words, "numbers again"),
               "and signs nothing: %s", seal_finding(seal)->words);
        add(store, 1);
        seal_close(seal);
    }
    /* Stores with keys of their own may share a witness folder. */
    if (mkdir(elsewhere, 0700) != 0)
        abort();
    with.witness_folder = keys;
    with.key_folder = elsewhere;
    tap_is_int(seal_open(&with, &seal, NULL), ERR_NONE, "keys of its own");
    tap_ok(seal_signer(seal) != NULL, "other stores' witnesses do not matter");
    seal_close(seal);
    store_close(store);
}

static enum err run_sql(struct txn *txn, void *arg, struct why *why)
{
    return sql_run(txn, why, arg, "");
}

/* A store that has signed something had a witness. */
static void test_missing(void)
{
    struct store *store = fixture_open(fixture_path("missing"));
    char signed_once[] = "INSERT INTO checkpoint (size, note, made_ms) VALUES (4, x'00', 0)",
         renewed[] = "INSERT INTO meta (key, value) VALUES ('renewed_size', '5')",
         signed_again[] = "INSERT INTO checkpoint (size, note, made_ms) VALUES (6, x'00', 0)";
    if (unlink(path) != 0 && errno != ENOENT)
        abort();
    add(store, 5);
    look(store, "nothing was signed yet", WITNESS_NONE);
    store_write(store, run_sql, signed_once, NULL);
    struct witness_finding finding = look(store, "its witness is gone", WITNESS_MISSING);
    tap_is_int((long long)finding.store_size, 5, "what there is is told");
    store_write(store, run_sql, renewed, NULL);
    look(store, "it was set aside at a renewal", WITNESS_NONE);
    add(store, 1);
    store_write(store, run_sql, signed_again, NULL);
    look(store, "gone again", WITNESS_MISSING);
    if (witness_begin(path, NULL))
        abort();
    look(store, "died before its first line", WITNESS_NONE);
    unlink(path);
    store_close(store);
}

int main(void)
{
    static const uint8_t seed[NOTE_KEY_BYTES] = {1};
    fixture_begin();
    note_signer_make("tem/test", seed, &signer);
    if (witness_path(fixture_folder, "test", path, NULL))
        abort();
    test_states();
    test_missing();
    test_older();
    test_differs();
    test_files();
    test_long();
    test_seal();
    test_other();
    return tap_done();
}
