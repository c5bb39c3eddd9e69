/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/intake/template-kept.h"

#include "spooler/base/log.h"
#include "spooler/job/version.h"

#include <string.h>

enum err template_kept_restore(const void *body, size_t len, const char *name,
                               struct template **out, struct why *why)
{
    struct findings findings;
    char text[400];
    findings_init(&findings);
    enum err err = template_restore(body, len, name, out, &findings);
    if (err == ERR_INPUT)
        err = err_set(why, ERR_CORRUPT, "the kept version of template %s no longer loads: %s",
                      name,
                      findings.count ? finding_text(&findings.list[0], text, sizeof text) : "");
    else if (err)
        err_set(why, err, "template %s: %s", name, err_meaning(err));
    findings_clear(&findings);
    return err;
}

/* ---- at the start ------------------------------------------------------------ */

static enum err load_one(void *arg, const char *name, const void *body, size_t len, int64_t seq,
                         struct why *why)
{
    struct catalog *catalog = arg;
    struct template *template = NULL;
    struct why cause = {""};
    enum err err = template_kept_restore(body, len, name, &template, &cause);
    if (!err)
        err = catalog_add(catalog, template, seq, &cause);
    if (!err)
        return ERR_NONE;
    template_free(template);
    if (err == ERR_NO_MEMORY)
        return err_set(why, err, "%s", cause.text);
    log_warn("added template left out", "template=%s why=%s", logq(name), logq(cause.text));
    return ERR_NONE;
}

static enum err load_all(struct txn *txn, void *arg, struct why *why)
{
    return version_each_added(txn, load_one, arg, why);
}

enum err template_kept_load(struct store *store, struct catalog *catalog, struct why *why)
{
    return store_read(store, load_all, catalog, why);
}

/* ---- one that was asked for ------------------------------------------------------ */

/* What wanted_find looks for, and what the store has of it. */
struct search {
    const char *name, *digits;
    uint8_t hash[SHA256_BYTES];
    struct buf body;
};

static enum err read_kept(struct txn *txn, void *arg, struct why *why)
{
    struct search *search = arg;
    return version_find(txn, search->name, search->digits, search->hash, &search->body, why);
}

static bool begins_so(const struct template *template, const char *digits)
{
    char hash[SHA256_HEX];
    hex_text(template_hash(template), SHA256_BYTES, hash);
    return strncasecmp(hash, digits, strlen(digits)) == 0;
}

static bool is_prefix(const char *digits)
{
    size_t len = strlen(digits);
    return len >= WANTED_DIGITS_MIN && len < SHA256_HEX &&
           strspn(digits, "0123456789abcdefABCDEF") == len;
}

static enum err no_template(const struct catalog *catalog, const char *name, struct why *why)
{
    const char *near = catalog_near(catalog, name);
    return err_set(why, ERR_NOT_FOUND, "there is no template \"%s\"%s%s%s", name,
                   near ? " (nearest: " : "", near ? near : "", near ? ")" : "");
}

/* The kept version; `current` may be a file's that no job used yet, so that the store has not
 * seen it. */
static enum err find_kept(struct store *store, const struct catalog *catalog,
                          struct search *search, const struct template *current,
                          struct wanted *out, struct why *why)
{
    bool now = current && begins_so(current, search->digits);
    enum err err = store_read(store, read_kept, search, why);
    if (err == ERR_NOT_FOUND && now) {
        *out = (struct wanted){.template = current, .current = true};
        return ERR_NONE;
    }
    if (err == ERR_NOT_FOUND && !current)
        return no_template(catalog, search->name, why);
    if (err == ERR_NOT_FOUND)
        return err_set(why, err, "template %s has no version that begins with %s", search->name,
                       search->digits);
    if (err)
        return err;
    bool same = now && memcmp(search->hash, template_hash(current), SHA256_BYTES) == 0;
    if (now && !same)
        return err_set(why, ERR_CONFLICT,
                       "several versions of template %s begin with %s: give more digits",
                       search->name, search->digits);
    struct wanted wanted = {.template = catalog_version(catalog, search->name, search->hash),
                            .current = same};
    if (!wanted.template) {
        err = template_kept_restore(search->body.bytes, search->body.len, search->name,
                                    &wanted.own, why);
        wanted.template = wanted.own;
    }
    if (!err)
        *out = wanted;
    return err;
}

enum err wanted_find(struct store *store, const struct catalog *catalog, const char *name,
                     const char *digits, struct wanted *out, struct findings *findings,
                     struct why *why)
{
    const struct template *current = catalog_find(catalog, name);
    if (digits && !is_prefix(digits))
        return findings_add(findings, SEVERITY_ERROR, "bad-version",
                            (struct place){.field = "version"}, digits,
                            "8 to 64 hex digits, the beginning of a version's hash",
                            "this is no version of a template");
    if (!digits && !current)
        return no_template(catalog, name, why);
    if (!digits) {
        *out = (struct wanted){.template = current, .current = true};
        return ERR_NONE;
    }
    struct search search = {
        .name = name, .digits = digits, .body = BUF_INIT(TEMPLATE_MAX_BODY)};
    enum err err = find_kept(store, catalog, &search, current, out, why);
    buf_free(&search.body);
    return err;
}

void wanted_free(struct wanted *wanted)
{
    template_free(wanted->own);
    *wanted = (struct wanted){0};
}
