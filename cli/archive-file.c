/* SPDX-License-Identifier: Apache-2.0 */
/* archive-file.c: archives without temd: what an inspector does. */
#include "cli/archive.h"
#include "cli/report.h"
#include "spooler/archive/archive.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The key that signed it is the one of the file's origin; the best words are those of the key
 * that got furthest. */
static enum err check_with_keys(const struct ledger_keys *keys, const char *file,
                                struct archive_facts *facts, struct archive_faults *faults,
                                struct why *why)
{
    enum err err = ERR_NONE;
    for (size_t i = 0; i < keys->count; i++) {
        archive_faults_free(faults);
        err = archive_check(file, &keys->list[i], facts, faults, why);
        if (err != ERR_CORRUPT || strcmp(facts->origin, keys->list[i].name) == 0)
            break;
    }
    return err;
}

static json_t *facts_json(const char *file, const struct archive_facts *facts,
                          const struct archive_faults *faults)
{
    json_t *list = json_array();
    for (size_t i = 0; list && i < faults->count; i++)
        if (json_array_append_new(list, json_string(faults->words[i])) != 0)
            return json_decref(list), NULL;
    return json_pack("{ss sb ss sI ss ss sI sI sI sI ss so sI}", "file", file, "ok",
                     faults->count == 0, "store", facts->store_id, "archive",
                     (json_int_t)facts->archive, "origin", facts->origin, "made_at",
                     facts->made_at, "jobs", (json_int_t)facts->jobs, "labels",
                     (json_int_t)facts->labels, "events", (json_int_t)facts->events,
                     "ledger_size", (json_int_t)facts->ledger_size, "sha256", facts->sha256,
                     "faults", list, "faults_more", (json_int_t)faults->more);
}

static enum code say(struct tem *tem, const char *file, const struct archive_facts *facts,
                     const struct archive_faults *faults)
{
    if (tem->json) {
        json_t *json = facts_json(file, facts, faults);
        bool bad = !json || json_dumpf(json, tem->out.stream, JSON_COMPACT) != 0;
        fputc('\n', tem->out.stream);
        json_decref(json);
        return bad ? tem_fail(tem, CODE_INTERNAL, "out of memory")
                   : (faults->count ? CODE_BAD : CODE_DONE);
    }
    for (size_t i = 0; i < faults->count; i++)
        (void)tem_fail(tem, CODE_BAD, "%s: %s", file, faults->words[i]);
    if (faults->more)
        (void)tem_fail(tem, CODE_BAD, "%s: and %zu more", file, faults->more);
    if (faults->count)
        return CODE_BAD;
    fprintf(tem->out.stream,
            "%s: archive %" PRId64 " of %s, made %.10s: %" PRId64 " jobs, %" PRId64
            " labels, %" PRId64 " of %" PRId64 " events are as they were signed\nSHA-256 %s\n",
            file, facts->archive, facts->origin, facts->made_at, facts->jobs, facts->labels,
            facts->events, facts->ledger_size, facts->sha256);
    return CODE_DONE;
}

enum code archive_verify_files(struct tem *tem, const char *const *files, size_t count)
{
    struct ledger_keys keys;
    if (!args_get(&tem->args, "key"))
        return tem_usage(tem, "a file needs --key: it cannot vouch for itself");
    enum code code = ledger_read_keys(tem, &keys), worst = code;
    for (size_t i = 0; !code && i < count; i++) {
        struct archive_faults faults = {.count = 0};
        struct archive_facts facts;
        struct why why = {""};
        enum err err = check_with_keys(&keys, files[i], &facts, &faults, &why);
        if (err && err != ERR_CORRUPT)
            code = tem_fail_err(tem, err, &why);
        else
            worst = say(tem, files[i], &facts, &faults) ? CODE_BAD : worst;
        archive_faults_free(&faults);
    }
    return code ? code : worst;
}
