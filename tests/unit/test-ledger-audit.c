/* SPDX-License-Identifier: Apache-2.0 */
/* `tem ledger verify`'s judgement: rows of ledgers that somebody changed, and what is said
 * first. Each is fed in pieces of every length, which must not change what is found. */
#include "cli/ledger-audit.h"
#include "tests/unit/tap.h"

#include <stdio.h>
#include <stdlib.h>

#define EVENTS 9

static char bodies[EVENTS + 1][64];
static struct audit_mark marks[4];

static void make(void)
{
    struct merkle tree;
    size_t mark = 0;
    merkle_init(&tree);
    for (int i = 1; i <= EVENTS; i++) {
        snprintf(bodies[i], sizeof bodies[i], "{\"seq\":%d,\"at\":\"t\",\"type\":\"x\"}", i);
        merkle_add(&tree, bodies[i], strlen(bodies[i]));
        if (i == 2 || i == 5 || i == EVENTS) {
            marks[mark] =
                (struct audit_mark){.size = (uint64_t)i, .at = "noon", .source = "the"};
            merkle_root(&tree, marks[mark++].root);
        }
    }
}

/* Digits stand for events as they were, other letters for others: see put. */
static const struct {
    const char *name, *events, *kind;
    uint64_t first, last, size; /* size: what the head says; 0 = EVENTS */
} rows[] = {
    {"as it was", "123456789", NULL, 0, 0, 0},
    {"an edited event", "1234e6789", "changed", 3, 5, 0},
    {"the first edited", "f23456789", "changed", 1, 2, 0},
    {"the last edited", "12345678l", "changed", 6, 9, 0},
    {"one is missing", "12346789", "missing", 5, 5, 0},
    {"the first is missing", "23456789", "missing", 1, 1, 0},
    {"three are missing", "1256789", "missing", 3, 4, 0},
    {"the last is missing", "12345678", "missing", 9, 9, 0},
    {"all before the last are missing", "9", "missing", 1, 8, 0},
    {"all are missing", "", "missing", 1, 9, 0},
    {"two exchanged", "124356789", "moved", 3, 3, 0},
    {"two far ones exchanged", "173456289", "moved", 2, 2, 0},
    {"one put in twice", "1234456789", "moved", 5, 5, 0},
    {"two put before their place", "156234789", "missing", 2, 4, 0},
    {"the last two exchanged", "123456798", "moved", 8, 8, 0},
    {"an old one at the end", "123456781", "moved", 9, 9, 0},
    {"no event", "12n456789", "malformed", 3, 3, 0},
    {"a blank before the number", "12b456789", "malformed", 3, 3, 0},
    {"a number that is too long", "12h456789", "malformed", 3, 3, 0},
    {"breaks off", "12345678c", "malformed", 9, 9, 0},
    {"more than the head has", "123456789", "unsigned", 6, 9, 5},
    {"cut, and the head with it", "12345", "removed", 6, 9, 5},
};

static void put(char event, struct buf *out)
{
    static const struct {
        char letter;
        const char *body;
    } others[] = {
        {'e', "{\"seq\":5,\"at\":\"t\",\"type\":\"y\"}\n"},
        {'f', "{\"seq\":1,\"at\":\"t\",\"type\":\"x\" }\n"},
        {'l', "{\"seq\":9,\"at\":\"u\",\"type\":\"x\"}\n"},
        {'n', "nothing\n"},
        {'b', "{\"seq\": 3,\"at\":\"t\",\"type\":\"x\"}\n"},
        {'h', "{\"seq\":33333333333333333333333,\"at\":\"t\"}\n"},
        {'c', "{\"seq\":9,\"at\":\"t\",\"ty"},
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (others[i].letter == event)
            buf_add_text(out, others[i].body);
    }
    if (event >= '1' && event <= '9')
        buf_printf(out, "%s\n", bodies[event - '0']);
}

static bool audit_row(size_t row, size_t piece, char words[static 512])
{
    struct audit audit;
    struct merkle start;
    struct buf text = BUF_INIT(4096);
    buf_add_text(&text, "");
    for (const char *at = rows[row].events; *at; at++)
        put(*at, &text);
    merkle_init(&start);
    audit_begin(&audit, &start, marks, 3);
    enum err err = ERR_NONE;
    for (size_t i = 0; !err && i < text.len; i += piece)
        err = audit_feed(&audit, (char *)text.bytes + i,
                         text.len - i < piece ? text.len - i : piece);
    audit_end(&audit, rows[row].size ? rows[row].size : EVENTS);
    snprintf(words, 512, "%s: %.400s", audit.fault.kind ? audit.fault.kind : "nothing",
             audit.fault.words);
    bool same =
        (!audit.fault.kind && !rows[row].kind) ||
        (audit.fault.kind && rows[row].kind && strcmp(audit.fault.kind, rows[row].kind) == 0 &&
         audit.fault.first == rows[row].first && audit.fault.last == rows[row].last);
    audit_free(&audit);
    buf_free(&text);
    return same;
}

static void test_rows(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char words[512] = "", wrong[512] = "";
        size_t bad = 0;
        for (size_t piece = 1; piece < 400; piece += piece < 50 ? 1 : 37) {
            if (!audit_row(i, piece, words)) {
                bad++;
                snprintf(wrong, sizeof wrong, "%s", words);
            }
        }
        tap_is_int((long long)bad, 0, "%s: %s", rows[i].name, *wrong ? wrong : words);
    }
}

/* From a known beginning: what came before is not needed. */
static void test_start(void)
{
    struct audit audit;
    struct merkle start;
    merkle_init(&start);
    for (int i = 1; i <= 5; i++)
        merkle_add(&start, bodies[i], strlen(bodies[i]));
    audit_begin(&audit, &start, marks, 3);
    for (int i = 6; i <= EVENTS; i++) {
        char line[80];
        snprintf(line, sizeof line, "%s\n", bodies[i]);
        if (audit_feed(&audit, line, strlen(line)))
            break;
    }
    audit_end(&audit, EVENTS);
    tap_ok(!audit.fault.kind && audit.agreed == EVENTS, "from event 6 on %s",
           audit.fault.words);
    audit_free(&audit);
}

/* ---- bodies in archives ------------------------------------------------------------------ */

#define WITH_RECORD 5

/* Five events; the fifth puts archive 1 on record, with events 2 and 3 in it. */
static void make_archived(char bodies_out[WITH_RECORD + 1][512], struct audit_mark *mark)
{
    struct sha256_ctx ctx;
    struct merkle tree;
    uint8_t leaf[SHA256_BYTES], hash[SHA256_BYTES];
    char hex[SHA256_HEX], line[96];
    sha256_init(&ctx);
    merkle_init(&tree);
    for (int i = 1; i <= WITH_RECORD; i++) {
        char *body = bodies_out[i];
        snprintf(body, 512, "{\"seq\":%d,\"at\":\"t\",\"type\":\"x\"}", i);
        if (i == 2 || i == 3) {
            merkle_leaf_hash(body, strlen(body), leaf);
            int n = snprintf(line, sizeof line, "%d %s\n", i, hex_text(leaf, sizeof leaf, hex));
            sha256_update(&ctx, (size_t)n, (const uint8_t *)line);
        }
        if (i == WITH_RECORD) {
            sha256_digest(&ctx, sizeof hash, hash);
            snprintf(body, 512,
                     "{\"seq\":5,\"at\":\"t\",\"type\":\"jobs.archived\",\"by\":\"anna\","
                     "\"archive\":1,\"file\":\"a\",\"sha256\":\"00\",\"events\":2,"
                     "\"leaves\":\"%s\"}",
                     hex_text(hash, sizeof hash, hex));
        }
        merkle_add(&tree, body, strlen(body));
    }
    *mark = (struct audit_mark){.size = WITH_RECORD, .source = "the"};
    merkle_root(&tree, mark->root);
}

/* One letter an event: b = its body, 1 to 9 = the hash in its place, and of which archive; w =
 * a wrong hash, m = half of one. */
static const struct {
    const char *name, *events, *kind;
} archived[] = {
    {"all here", "bbbbb", NULL},
    {"both by their hashes", "b11bb", NULL},
    {"one by its hash, one here", "bb1bb", NULL},
    {"one too many", "b111b", "archive"},
    {"two, but not those", "1b1bb", "archive"},
    {"of an archive that nobody made", "b22bb", "archive"},
    {"a wrong hash", "b1wbb", "changed"},
    {"half a hash", "b1mbb", "malformed"},
    {"the record taken out", "b11b1", "archive"},
};

static void put_archived(char how, const char *body, int seq, struct buf *out)
{
    uint8_t leaf[SHA256_BYTES];
    char hex[SHA256_HEX];
    merkle_leaf_hash(body, strlen(body), leaf);
    leaf[0] = (uint8_t)(leaf[0] + (how == 'w'));
    hex_text(leaf, sizeof leaf, hex);
    if (how == 'm')
        hex[20] = '\0';
    if (how == 'b')
        buf_printf(out, "%s\n", body);
    else
        buf_printf(out, "{\"seq\":%d,\"archive\":%c,\"leaf\":\"%s\"}\n", seq,
                   how > '9' ? '1' : how, hex);
}

static void test_archived(void)
{
    char all[WITH_RECORD + 1][512];
    struct audit_mark mark;
    make_archived(all, &mark);
    for (size_t i = 0; i < sizeof archived / sizeof archived[0]; i++) {
        struct buf text = BUF_INIT(8192);
        struct audit audit;
        struct merkle start;
        merkle_init(&start);
        for (int k = 1; k <= WITH_RECORD; k++)
            put_archived(archived[i].events[k - 1], all[k], k, &text);
        audit_begin(&audit, &start, &mark, 1);
        (void)audit_feed(&audit, buf_text(&text), text.len); /* what it finds is in the fault */
        audit_end(&audit, WITH_RECORD);
        tap_is_str(audit.fault.kind ? audit.fault.kind : "nothing",
                   archived[i].kind ? archived[i].kind : "nothing", "archived: %s %s",
                   archived[i].name, audit.fault.words);
        audit_free(&audit);
        buf_free(&text);
    }
}

int main(void)
{
    make();
    audit_sort(marks, 3);
    test_rows();
    test_start();
    test_archived();
    return tap_done();
}
