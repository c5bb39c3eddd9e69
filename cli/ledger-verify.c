/* SPDX-License-Identifier: Apache-2.0 */
/* ledger-verify.c: reads all events, from temd or from an export, and says what was changed. */
#include "cli/ledger.h"

#include "cli/ledger-audit.h"
#include "cli/report.h"
#include "spooler/base/clock.h"
#include "spooler/base/durable.h"
#include "spooler/ledger/base64.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MARKS_MAX   (4 * 1024 * 1024)
#define LINE_BYTES  (64 * 1024) /* of a checkpoint */
#define PROGRESS_MS 250

struct verify {
    struct tem *tem;
    struct ledger_keys keys;
    struct checkpoint head; /* what must be there in the end */
    struct checkpoint since;
    bool has_since;
    struct merkle start;
    struct audit_mark *marks;
    size_t mark_count, mark_size;
    uint64_t archived; /* events of which only the hash is here */
    uint64_t foreign;  /* checkpoints of keys that are not believed */
    const char *source;
    struct audit audit;
    struct audit_fault early; /* found before the events were read */
    char witness[512];        /* what temd said at its start, "" = nothing */
    int64_t shown_ms;
};

/* ---- marks ----------------------------------------------------------------------------- */

static enum err add_mark(struct verify *verify, const struct checkpoint *checkpoint,
                         const char *at, const char *source)
{
    if (verify->mark_count == verify->mark_size) {
        size_t size = verify->mark_size ? 2 * verify->mark_size : 64;
        struct audit_mark *marks =
            size > MARKS_MAX ? NULL : realloc(verify->marks, size * sizeof *marks);
        if (!marks)
            return ERR_NO_MEMORY;
        verify->marks = marks;
        verify->mark_size = size;
    }
    struct audit_mark *mark = &verify->marks[verify->mark_count++];
    *mark = (struct audit_mark){.size = checkpoint->size, .source = source};
    memcpy(mark->root, checkpoint->root, sizeof mark->root);
    snprintf(mark->at, sizeof mark->at, "%s", at);
    return ERR_NONE;
}

/* Of a key that is not believed: that it agrees proves nothing, that it does not is a fault. */
static enum err add_foreign(struct verify *verify, const json_t *note, const char *at)
{
    struct checkpoint checkpoint;
    verify->foreign++;
    enum err err = checkpoint_read(json_string_value(note), json_string_length(note), NULL,
                                   &checkpoint, NULL);
    return err || checkpoint.size == 0 ? ERR_NONE
                                       : add_mark(verify, &checkpoint, at, "another key's");
}

/* {"at":..,"size":..,"checkpoint":..}: of temd and of witness files. A line that is torn by a
 * power cut is passed over; a signature that does not fit is a fault. */
static enum err take_checkpoint(void *arg, const char *text, size_t len)
{
    struct verify *verify = arg;
    struct checkpoint checkpoint;
    struct why why = {{0}};
    json_t *json = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    json_t *note = json_object_get(json, "checkpoint");
    enum err err = ERR_NONE;
    if (json_is_string(note)) {
        err = ledger_open_checkpoint(&verify->keys, json_string_value(note),
                                     json_string_length(note), &checkpoint, &why);
        if (!err && checkpoint.size > 0)
            err = add_mark(verify, &checkpoint, json_text(json, "at"), verify->source);
        else if (err == ERR_DENIED)
            err = add_foreign(verify, note, json_text(json, "at"));
        else if (err) {
            struct audit_fault *fault = &verify->early;
            fault->kind = "checkpoint";
            fault->first = fault->last = json_count(json, "size");
            snprintf(fault->words, sizeof fault->words, "%s checkpoint at %" PRIu64 ": %.400s",
                     verify->source, fault->first, why.text);
            err = ERR_CORRUPT;
        }
    }
    json_decref(json);
    return err;
}

static enum code no_memory(struct tem *tem)
{
    return tem_fail(tem, CODE_INTERNAL, "out of memory, or more than %d checkpoints",
                    MARKS_MAX);
}

/* A fault is no failure here: it is told at the end. */
static enum code stream_code(struct verify *verify, enum code code, enum err refused)
{
    if (refused == ERR_CORRUPT)
        return CODE_DONE;
    return refused ? no_memory(verify->tem) : code;
}

static enum code marks_of_temd(struct verify *verify)
{
    struct splitter lines = {BUF_INIT(LINE_BYTES), take_checkpoint, verify};
    enum err refused = ERR_NONE;
    verify->source = "temd's";
    enum code code =
        client_stream(verify->tem, "/v1/ledger/checkpoints", splitter_feed, &lines, &refused);
    splitter_free(&lines);
    return stream_code(verify, code, refused);
}

/* Gives a file to a sink. */
static enum code pour_file(struct verify *verify, const char *path,
                           enum err (*sink)(void *arg, const char *bytes, size_t len),
                           void *arg)
{
    static char bytes[256 * 1024];
    struct why why = {{0}};
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    if (!file) {
        enum err err = err_errno(&why, ERR_NOT_FOUND, errno, "%s", path);
        return tem_fail_err(verify->tem, err, &why);
    }
    enum err refused = ERR_NONE;
    size_t n;
    while (!refused && !atomic_load(verify->tem->stop) &&
           (n = fread(bytes, 1, sizeof bytes, file)) > 0)
        refused = sink(arg, bytes, n);
    bool bad = ferror(file) != 0;
    if (file != stdin && fclose(file) != 0)
        bad = true;
    if (atomic_load(verify->tem->stop))
        return CODE_INTERRUPTED;
    if (bad && !refused)
        return tem_fail(verify->tem, CODE_INTERNAL, "%s cannot be read to its end", path);
    return stream_code(verify, CODE_DONE, refused);
}

static enum code marks_of_witness(struct verify *verify, const char *path)
{
    struct splitter lines = {BUF_INIT(LINE_BYTES), take_checkpoint, verify};
    verify->source = "the witness's";
    uint64_t others = verify->mark_count - verify->foreign;
    enum code code = pour_file(verify, path, splitter_feed, &lines);
    splitter_free(&lines);
    if (!code && verify->mark_count - verify->foreign == others && !verify->early.kind)
        return tem_fail(verify->tem, CODE_BAD, "%s: no checkpoint in it is signed by this key",
                        path);
    return code;
}

/* ---- what came since ------------------------------------------------------------------- */

/* The roots that temd gives of the old tree are believed when they hash to the old root. */
static enum code start_from(struct verify *verify, const json_t *json)
{
    struct merkle_path proof, frontier;
    struct merkle *start = &verify->start;
    const struct checkpoint *since = &verify->since, *head = &verify->head;
    uint8_t root[SHA256_BYTES];
    if (!ledger_read_path(json_object_get(json, "proof"), &proof) ||
        !ledger_read_path(json_object_get(json, "frontier"), &frontier) ||
        frontier.count != (size_t)__builtin_popcountll(since->size))
        return client_nonsense(verify->tem, "a consistency proof");
    merkle_init(start);
    start->size = since->size;
    start->depth = (unsigned)frontier.count;
    memcpy(start->roots, frontier.hashes, frontier.count * SHA256_BYTES);
    merkle_root(start, root);
    if (memcmp(root, since->root, sizeof root) == 0 &&
        merkle_consistent(since->size, since->root, head->size, head->root, &proof))
        return CODE_DONE;
    verify->early = (struct audit_fault){.kind = "changed", .first = 1, .last = since->size};
    snprintf(verify->early.words, sizeof verify->early.words,
             "events 1 to %" PRIu64 " are not those of the older checkpoint: something in them "
             "was changed since. tem ledger verify without --since finds what",
             since->size);
    return CODE_DONE;
}

static enum code read_since(struct verify *verify)
{
    const uint64_t size = verify->since.size;
    if (size > verify->head.size) {
        verify->early = (struct audit_fault){
            .kind = "removed", .first = verify->head.size + 1, .last = size};
        snprintf(verify->early.words, sizeof verify->early.words,
                 "there are %" PRIu64 " events, the older checkpoint has %" PRIu64
                 ": the newest were removed, or an older copy was put in the ledger's place",
                 verify->head.size, size);
        return CODE_DONE;
    }
    if (size == 0)
        return CODE_DONE;
    char path[96];
    struct http_answer answer;
    snprintf(path, sizeof path, "/v1/ledger/consistency?from=%" PRIu64 "&to=%" PRIu64, size,
             verify->head.size);
    enum code code = client_get(verify->tem, path, &answer);
    if (code)
        return code;
    code = start_from(verify, answer.json);
    http_answer_free(&answer);
    return code;
}

/* ---- the events ----------------------------------------------------------------------------
 */

static void show_progress(struct verify *verify, bool last)
{
    const struct screen *screen = &verify->tem->err;
    int64_t now_ms = clock_mono_ms(&clock_system);
    if (!screen->terminal || verify->tem->json ||
        (!last && now_ms - verify->shown_ms < PROGRESS_MS))
        return;
    verify->shown_ms = now_ms;
    if (last)
        fputs("\r\033[K", screen->stream);
    else
        fprintf(screen->stream, "\r%" PRIu64 " of %" PRIu64 " events", verify->audit.tree.size,
                verify->head.size);
    fflush(screen->stream);
}

static enum err take_events(void *arg, const char *bytes, size_t len)
{
    struct verify *verify = arg;
    show_progress(verify, false);
    return audit_feed(&verify->audit, bytes, len);
}

static enum code events_of_temd(struct verify *verify)
{
    char path[96];
    uint64_t first = verify->start.size + 1;
    enum err refused = ERR_NONE;
    if (first > verify->head.size)
        return CODE_DONE;
    snprintf(path, sizeof path, "/v1/ledger/events?from=%" PRIu64 "&limit=%" PRIu64, first,
             verify->head.size - first + 1);
    enum code code = client_stream(verify->tem, path, take_events, verify, &refused);
    return stream_code(verify, code, refused);
}

static enum code events_of_files(struct verify *verify, const char *const *files, size_t count)
{
    enum code code = CODE_DONE;
    for (size_t i = 0; !code && !verify->audit.fault.kind && i < count; i++)
        code = pour_file(verify, files[i], take_events, verify);
    return code;
}

/* ---- what it needs -------------------------------------------------------------------------
 */

/* temd compared store and witness when it started. */
static enum code ask_health(struct verify *verify)
{
    struct http_answer answer;
    struct why why = {{0}};
    if (client_try(verify->tem, "/healthz", &answer, &why))
        return CODE_DONE; /* the next request says it */
    snprintf(verify->witness, sizeof verify->witness, "%s",
             json_text(json_object_get(answer.json, "witness"), "words"));
    http_answer_free(&answer);
    return CODE_DONE;
}

/* Kept checkpoints before the newest one: one that is made between would look like a removal.
 */
static enum code prepare_temd(struct verify *verify)
{
    struct buf note = BUF_INIT(CHECKPOINT_MAX);
    enum code code = ask_health(verify);
    if (!code)
        code = marks_of_temd(verify);
    if (!code)
        code = ledger_get_checkpoint(verify->tem, &verify->keys, &note, &verify->head);
    if (!code && verify->has_since && !verify->early.kind)
        code = read_since(verify);
    buf_free(&note);
    return code;
}

static enum code prepare_files(struct verify *verify, const char *last)
{
    struct buf path = BUF_INIT(8192);
    const char *checkpoint = args_get(&verify->tem->args, "checkpoint");
    buf_printf(&path, "%s.checkpoint", last);
    enum code code = ledger_read_checkpoint(
        verify->tem, &verify->keys, checkpoint ? checkpoint : buf_text(&path), &verify->head);
    buf_free(&path);
    if (!code && verify->has_since && add_mark(verify, &verify->since, "", "the older"))
        code = no_memory(verify->tem);
    return code;
}

static enum code prepare(struct verify *verify, const char *const *files, size_t count)
{
    struct tem *tem = verify->tem;
    const char *since = args_get(&tem->args, "since"),
               *witness = args_get(&tem->args, "witness");
    enum code code = ledger_read_keys(tem, &verify->keys);
    if (!code && since) {
        code = ledger_read_checkpoint(tem, &verify->keys, since, &verify->since);
        verify->has_since = !code;
    }
    if (!code && witness)
        code = marks_of_witness(verify, witness);
    if (!code)
        code = count ? prepare_files(verify, files[count - 1]) : prepare_temd(verify);
    if (!code && verify->head.size > 0 && add_mark(verify, &verify->head, "", "the newest"))
        code = no_memory(tem);
    audit_sort(verify->marks, verify->mark_count);
    return code;
}

/* ---- archives --------------------------------------------------------------------------- */

/* The file must be one that the ledger has on record. */
static enum code check_archive(struct verify *verify, const char *path)
{
    char sha256[SHA256_HEX];
    struct why why = {{0}};
    enum err err = ledger_file_sha256(path, sha256, &why);
    if (err)
        return tem_fail_err(verify->tem, err, &why);
    for (size_t i = 0; i < verify->audit.archive_count; i++)
        if (strcmp(verify->audit.archives[i].sha256, sha256) == 0)
            return CODE_DONE;
    if (!verify->audit.fault.kind) {
        verify->audit.fault.kind = "archive";
        snprintf(verify->audit.fault.words, sizeof verify->audit.fault.words,
                 "%.200s is no archive that this ledger has on record: its SHA-256 is %s", path,
                 sha256);
    }
    return CODE_DONE;
}

static enum code check_archives(struct verify *verify)
{
    enum code code = CODE_DONE;
    size_t at = 0;
    const char *path;
    for (size_t i = 0; i < verify->audit.archive_count; i++)
        verify->archived += verify->audit.archives[i].stand_ins;
    while (!code && (path = args_next(&verify->tem->args, "archive", &at)))
        code = check_archive(verify, path);
    return code;
}

static void say_archives(struct verify *verify, FILE *out)
{
    for (size_t i = 0; i < verify->audit.archive_count; i++) {
        const struct audit_archive *archive = &verify->audit.archives[i];
        if (archive->stand_ins)
            fprintf(out,
                    "%" PRIu64 " of them are here by their hashes only; their text is in %s, "
                    "SHA-256 %s\n",
                    archive->stand_ins, archive->file, archive->sha256);
    }
}

/* ---- the answer ----------------------------------------------------------------------------
 */

/* The worst that was found; what the witness says comes after what can be shown here. */
static const struct audit_fault *fault_of(struct verify *verify)
{
    if (verify->audit.fault.kind)
        return &verify->audit.fault;
    if (!verify->early.kind && *verify->witness) {
        verify->early.kind = "witness";
        snprintf(verify->early.words, sizeof verify->early.words, "%s", verify->witness);
        *verify->witness = '\0'; /* it is said once */
    }
    return &verify->early;
}

static enum code say_json(struct verify *verify)
{
    const struct audit_fault *fault = fault_of(verify);
    struct buf root = BUF_INIT(128);
    base64_add(&root, verify->head.root, SHA256_BYTES);
    json_t *wrong = fault->kind ? json_pack("{ss sI sI ss}", "kind", fault->kind, "first",
                                            (json_int_t)fault->first, "last",
                                            (json_int_t)fault->last, "words", fault->words)
                                : json_null();
    json_t *json =
        json_pack("{sb ss sI sI sI ss sI sI sb so}", "ok", !fault->kind, "origin",
                  verify->head.origin, "events", (json_int_t)verify->head.size, "archived",
                  (json_int_t)verify->archived, "from", (json_int_t)verify->start.size + 1,
                  "root", buf_text(&root), "checkpoints", (json_int_t)verify->mark_count,
                  "checkpoints_of_other_keys", (json_int_t)verify->foreign, "key_given",
                  verify->keys.given, "witness", verify->witness, "fault", wrong);
    buf_free(&root);
    bool good = json && json_dumpf(json, verify->tem->out.stream, JSON_COMPACT) == 0;
    fputc('\n', verify->tem->out.stream);
    json_decref(json);
    return !good ? no_memory(verify->tem) : fault->kind ? CODE_BAD : CODE_DONE;
}

static enum code say_words(struct verify *verify)
{
    const struct audit_fault *fault = fault_of(verify);
    FILE *out = verify->tem->out.stream;
    if (fault->kind)
        return tem_fail(verify->tem, CODE_BAD, "ledger %s: %s%s%s", verify->head.origin,
                        fault->words, *verify->witness ? ". And as temd says, " : "",
                        verify->witness);
    if (verify->start.size)
        fprintf(out, "ledger %s: nothing before event %" PRIu64 " has changed, and ",
                verify->head.origin, verify->start.size + 1);
    else
        fprintf(out, "ledger %s: ", verify->head.origin);
    fprintf(out, "%" PRIu64 " event%s are as they were signed (%zu checkpoint%s)\n",
            verify->head.size - verify->start.size,
            verify->head.size - verify->start.size == 1 ? "" : "s", verify->mark_count,
            verify->mark_count == 1 ? "" : "s");
    say_archives(verify, out);
    if (verify->foreign)
        fprintf(out, "%" PRIu64 " of them are signed by other keys\n", verify->foreign);
    if (!verify->keys.given)
        fputs("The key is the one that temd names: against a forger compare with a key of your "
              "own, --key\n",
              out);
    return CODE_DONE;
}

enum code ledger_verify(struct tem *tem, const char *const *words, size_t count)
{
    struct verify verify = {.tem = tem};
    merkle_init(&verify.start);
    if (count && !args_get(&tem->args, "key"))
        return tem_usage(tem, "a file needs --key: it cannot vouch for itself");
    enum code code = prepare(&verify, words, count);
    audit_begin(&verify.audit, &verify.start, verify.marks, verify.mark_count);
    if (!code && !verify.early.kind) {
        code = count ? events_of_files(&verify, words, count) : events_of_temd(&verify);
        show_progress(&verify, true);
        if (!code)
            audit_end(&verify.audit, verify.head.size);
        if (!code && !count && verify.audit.fault.kind &&
            strcmp(verify.audit.fault.kind, "changed") == 0)
            code = ledger_narrow(tem, &verify.audit.fault);
        if (!code)
            code = check_archives(&verify);
    }
    if (!code)
        code = tem->json ? say_json(&verify) : say_words(&verify);
    audit_free(&verify.audit);
    free(verify.marks);
    return code;
}
