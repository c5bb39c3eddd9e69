/* SPDX-License-Identifier: Apache-2.0 */
/* Start tokens: names, the moves there are, and that of a take and a revoke exactly one wins.
 */
#include "drivers/feed/drain.h"
#include "drivers/feed/token.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RACES 500

static char folder[64];
static const struct token_name sample = {"0123456789abcdef", 1, 12, 345, 1};

static bool there(const char *file)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, file);
    return access(path, F_OK) == 0;
}

static enum token_state look(const struct token_name *name)
{
    enum token_state state = TOKEN_NONE;
    if (token_look(folder, name, &state, NULL))
        abort();
    return state;
}

/* ---- names ----------------------------------------------------------------- */

static const struct {
    const char *file;
    enum token_state state; /* TOKEN_NONE = refused */
} names[] = {
    {"tem-0123456789abcdef-1-12-345-1.new", TOKEN_NEW},
    {"tem-0123456789abcdef-1-12-345-1.go", TOKEN_GO},
    {"tem-0123456789abcdef-1-12-345-1.taken", TOKEN_TAKEN},
    {"tem-0123456789abcdef-1-12-345-1.revoked", TOKEN_REVOKED},
    {"tem-0123456789abcdef-0-0-0-0.go", TOKEN_GO},
    {"tem-0123456789abcdef-4294967295-18446744073709551615-18446744073709551615-4294967295.go",
     TOKEN_GO},
    {"tem-0123456789abcdef-4294967296-1-1-1.go", TOKEN_NONE},
    {"tem-0123456789abcdef-1-18446744073709551616-1-1.go", TOKEN_NONE},
    {"tem-0123456789abcdef-1-1-1-99999999999999999999999.go", TOKEN_NONE},
    {"tem-0123456789abcdef-01-12-345-1.go", TOKEN_NONE},
    {"tem-0123456789abcdef-1-012-345-1.go", TOKEN_NONE},
    {"tem-0123456789abcdef-1-12-345-00.go", TOKEN_NONE},
    {"tem-0123456789abcdef-1-12-345.go", TOKEN_NONE},
    {"tem-0123456789abcdef-1-12-345-1-1.go", TOKEN_NONE},
    {"tem-0123456789abcdef-1-12--345-1.go", TOKEN_NONE},
    {"tem-0123456789abcdef-1-12-+345-1.go", TOKEN_NONE},
    {"tem-0123456789abcdef-1-12- 345-1.go", TOKEN_NONE},
    {"tem-0123456789abcdef-1-12-0x1-1.go", TOKEN_NONE},
    {"tem-0123456789ABCDEF-1-12-345-1.go", TOKEN_NONE},
    {"tem-0123456789abcde-1-12-345-1.go", TOKEN_NONE},
    {"tem-0123456789abcdef0-1-12-345-1.go", TOKEN_NONE},
    {"tem-0123456789abcdef-1-12-345-1", TOKEN_NONE},
    {"tem-0123456789abcdef-1-12-345-1.cancel", TOKEN_NONE},
    {"tem-0123456789abcdef-1-12-345-1.go2", TOKEN_NONE},
    {"tem-0123456789abcdef-1-12-345-1.go.tmp", TOKEN_NONE},
    {"tem-0123456789abcdef-1-12-345-1.GO", TOKEN_NONE},
    {"tem-../../../../etc/x-1-12-345-1.go", TOKEN_NONE},
    {"../tem-0123456789abcdef-1-12-345-1.go", TOKEN_NONE},
    {"xem-0123456789abcdef-1-12-345-1.go", TOKEN_NONE},
    {"tem-", TOKEN_NONE},
    {"t", TOKEN_NONE},
    {"", TOKEN_NONE},
};

static void test_names(void)
{
    char text[TOKEN_NAME_SIZE];
    tap_is_str(token_text(&sample, text), "tem-0123456789abcdef-1-12-345-1", "token's text");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct token_name name;
        enum token_state state = TOKEN_NONE;
        bool ok = token_parse(names[i].file, &name, &state);
        bool same = true;
        if (ok) { /* what is taken comes back as the same text */
            size_t len = strlen(token_text(&name, text));
            same = strncmp(text, names[i].file, len) == 0 && names[i].file[len] == '.';
        }
        tap_ok(ok == (names[i].state != TOKEN_NONE) && (!ok || state == names[i].state) && same,
               "name: \"%s\"", names[i].file);
    }
}

/* What is taken comes back as exactly the same text, whatever the bytes. */
static void test_name_fuzz(void)
{
    static const char *const suffixes[] = {"", ".new", ".go", ".taken", ".revoked"};
    uint32_t seed = 99;
    int wrong = 0, taken = 0;
    for (int i = 0; i < 20000; i++) {
        char file[64], back[TOKEN_NAME_SIZE + 16], text[TOKEN_NAME_SIZE];
        struct token_name name;
        enum token_state state = TOKEN_NONE;
        snprintf(file, sizeof file, "tem-0123456789abcdef-1-12-345-1.go");
        seed = seed * 1664525 + 1013904223;
        for (uint32_t j = 0; j < 1 + (seed >> 30); j++) {
            seed = seed * 1664525 + 1013904223;
            file[(seed >> 16) % 34] = "0123456789abcdef-.gonewtakrvd \n/"[(seed >> 8) % 32];
        }
        if (!token_parse(file, &name, &state))
            continue;
        taken++;
        snprintf(back, sizeof back, "%s%s", token_text(&name, text), suffixes[state]);
        wrong += strcmp(back, file) != 0;
    }
    tap_ok(wrong == 0 && taken > 100, "names with changed bytes: %d taken, all come back",
           taken);
}

/* ---- moves ----------------------------------------------------------------- */

static void test_moves(void)
{
    int fd = -1;
    struct stat st;
    char path[256];
    tap_is_int(token_take(folder, &sample, &fd, NULL), ERR_STATE,
               "nothing there: not to be taken");
    tap_ok(!token_create(folder, &sample, NULL) && look(&sample) == TOKEN_NEW, "create: .new");
    snprintf(path, sizeof path, "%s/tem-0123456789abcdef-1-12-345-1.new", folder);
    tap_ok(stat(path, &st) == 0 && (st.st_mode & 07777) == 0660,
           "mode 0660, whatever the umask");
    tap_is_int(token_create(folder, &sample, NULL), ERR_STATE, "create twice: refused");
    tap_is_int(token_take(folder, &sample, &fd, NULL), ERR_STATE, ".new: not to be taken");
    tap_ok(!token_release(folder, &sample, NULL) && look(&sample) == TOKEN_GO, "release: .go");
    tap_is_int(token_release(folder, &sample, NULL), ERR_STATE, "release twice: refused");
    tap_is_int(token_create(folder, &sample, NULL), ERR_STATE, "create over .go: refused");
    tap_ok(!token_take(folder, &sample, &fd, NULL) && fd >= 0 && look(&sample) == TOKEN_TAKEN,
           "take: .taken");
    snprintf(path, sizeof path, "%s/tem-0123456789abcdef-1-12-345-1.taken", folder);
    int other = open(path, O_RDONLY | O_CLOEXEC);
    tap_ok(other >= 0 && flock(other, LOCK_EX | LOCK_NB) != 0, "it is locked");
    tap_ok((fcntl(fd, F_GETFL) & O_APPEND) != 0, "it is open for append");
    int second = -1;
    tap_ok(token_take(folder, &sample, &second, NULL) == ERR_STATE && second == -1,
           "take twice: refused");
    tap_is_int(token_revoke(folder, &sample, NULL), ERR_STATE, "revoke after take: refused");
    tap_is_int(token_create(folder, &sample, NULL), ERR_STATE, "create over .taken: refused");
    close(fd);
    tap_ok(flock(other, LOCK_EX | LOCK_NB) == 0, "the lock ends with the descriptor");
    close(other);
    tap_ok(!token_cancel_asked(folder, &sample), "no cancel asked");
    tap_ok(!token_ask_cancel(folder, &sample, NULL) && token_cancel_asked(folder, &sample),
           "cancel asked");
    tap_ok(!token_ask_cancel(folder, &sample, NULL), "asking twice is fine");
    tap_ok(look(&sample) == TOKEN_TAKEN, "cancel is no state");
    tap_ok(!token_remove(folder, &sample, NULL) && look(&sample) == TOKEN_NONE &&
               !token_cancel_asked(folder, &sample),
           "remove: nothing is left");
    tap_ok(!token_remove(folder, &sample, NULL), "remove of nothing is fine");
}

static void test_revoke(void)
{
    struct token_name name = sample;
    int fd = -1;
    tap_is_int(token_revoke(folder, &name, NULL), ERR_STATE, "revoke of nothing: refused");
    tap_ok(!token_create(folder, &name, NULL) && !token_revoke(folder, &name, NULL) &&
               look(&name) == TOKEN_REVOKED,
           "revoke of .new");
    tap_is_int(token_release(folder, &name, NULL), ERR_STATE, "release after revoke: refused");
    tap_ok(!token_revoke(folder, &name, NULL), "revoke again says so again");
    name.attempt = 2;
    tap_ok(!token_create(folder, &name, NULL) && !token_release(folder, &name, NULL) &&
               !token_revoke(folder, &name, NULL) && look(&name) == TOKEN_REVOKED,
           "revoke of .go");
    tap_ok(token_take(folder, &name, &fd, NULL) == ERR_STATE && fd == -1,
           "take after revoke: refused");
}

/* A .go that is not an unused token is not to be started from. */
static void test_strange_files(void)
{
    struct token_name name = sample;
    char path[256], text[TOKEN_NAME_SIZE];
    int fd = -1;
    name.chunk = 900;
    snprintf(path, sizeof path, "%s/%s.go", folder, token_text(&name, text));
    int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0660);
    bool written = write(file, "B 1 ", 4) == 4;
    close(file);
    tap_ok(written && token_take(folder, &name, &fd, NULL) == ERR_STATE, "a .go with records");
    unlink(path);
    bool linked = symlink("elsewhere", path) == 0;
    tap_ok(linked && token_take(folder, &name, &fd, NULL) != ERR_NONE && !there("elsewhere"),
           "a .go that is a link");
    unlink(path);
    tap_ok(!token_create(folder, &name, NULL) && !token_release(folder, &name, NULL),
           "made in its place");
    file = open(path, O_RDONLY | O_CLOEXEC);
    bool held = file >= 0 && flock(file, LOCK_EX | LOCK_NB) == 0;
    tap_ok(held && token_take(folder, &name, &fd, NULL) == ERR_STATE && look(&name) == TOKEN_GO,
           "a .go that somebody has locked");
    close(file);
    /* a journal must never be replaced, not even by a token that should not be there */
    snprintf(path, sizeof path, "%s/%s.taken", folder, text);
    file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0660);
    written = write(file, "journal", 7) == 7;
    close(file);
    struct stat st;
    tap_ok(written && token_take(folder, &name, &fd, NULL) == ERR_STATE &&
               stat(path, &st) == 0 && st.st_size == 7,
           "take never replaces a .taken");
    enum token_state state;
    tap_ok(token_look("/nonexistent-feed-folder", &name, &state, NULL) == ERR_SYSTEM,
           "no folder is an error, not \"no token\"");
}

/* ---- change the roll ------------------------------------------------------------ */

static void test_drain(void)
{
    tap_ok(!drain_asked(folder, "q1"), "no change of roll is asked for");
    tap_ok(!drain_set(folder, "q1", true, NULL) && drain_asked(folder, "q1"), "asked for");
    tap_ok(!drain_asked(folder, "q"), "of that queue alone");
    tap_ok(!drain_set(folder, "q1", true, NULL) && drain_asked(folder, "q1"), "again is fine");
    struct token_name name;
    enum token_state state;
    tap_ok(there("drain-q1") && !token_parse("drain-q1", &name, &state),
           "its file is no token");
    tap_ok(!drain_set(folder, "q1", false, NULL) && !drain_asked(folder, "q1"), "taken back");
    tap_ok(!drain_set(folder, "q1", false, NULL), "again is fine");
    tap_is_int(drain_set(folder, "../q1", true, NULL), ERR_INPUT,
               "a name that leads elsewhere");
    tap_is_int(drain_set(folder, "", true, NULL), ERR_INPUT, "no name");
    tap_is_int(drain_set("/nonexistent-feed-folder", "q1", true, NULL), ERR_SYSTEM,
               "no folder");
}

/* ---- races ------------------------------------------------------------------- */

/* A child takes, we revoke, both let go at the same byte in a pipe. */
static void test_races(void)
{
    int both = 0, neither = 0, taken = 0;
    long lead_ns = 100000;
    for (uint32_t i = 0; i < RACES; i++) {
        struct token_name name = sample;
        int gate[2], fd = -1, status = 0;
        char byte = 0;
        name.chunk = 1000 + i;
        if (token_create(folder, &name, NULL) || token_release(folder, &name, NULL) ||
            pipe2(gate, O_CLOEXEC) != 0)
            abort();
        pid_t child = fork();
        if (child < 0)
            abort();
        if (child == 0) {
            if (read(gate[0], &byte, 1) != 1)
                _exit(2);
            _exit(token_take(folder, &name, &fd, NULL) == ERR_NONE ? 0 : 1);
        }
        if (write(gate[1], "x", 1) != 1)
            abort();
        struct timespec moment = {0, lead_ns};
        nanosleep(&moment, NULL);
        bool revoked = token_revoke(folder, &name, NULL) == ERR_NONE;
        if (waitpid(child, &status, 0) != child)
            abort();
        bool took = WIFEXITED(status) && WEXITSTATUS(status) == 0;
        both += revoked && took;
        neither += !revoked && !took;
        taken += took;
        /* we wait less after a race that the child won, more after one that it lost */
        lead_ns = took ? lead_ns - lead_ns / 8 : lead_ns + lead_ns / 8 + 1000;
        lead_ns = lead_ns > 20000000 ? 20000000 : lead_ns;
        enum token_state state = look(&name);
        neither += state != (took ? TOKEN_TAKEN : TOKEN_REVOKED);
        close(gate[0]);
        close(gate[1]);
    }
    tap_is_int(both, 0, "%d races: never both", RACES);
    tap_is_int(neither, 0, "never neither, and the name says who");
    tap_ok(taken > RACES / 20 && taken < RACES - RACES / 20,
           "either may win: %d taken, %d revoked", taken, RACES - taken);
}

int main(void)
{
    const char *base = getenv("TMPDIR");
    char made[64];
    snprintf(made, sizeof made, "%.40s/tem-XXXXXX", base ? base : P_tmpdir);
    umask(077);
    if (!mkdtemp(made))
        abort();
    memcpy(folder, made, sizeof folder);
    test_names();
    test_name_fuzz();
    test_moves();
    test_revoke();
    test_strange_files();
    test_drain();
    test_races();
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    pid_t child = fork();
    if (child == 0) {
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    if (child < 0 || waitpid(child, NULL, 0) != child)
        return 1;
    return tap_done();
}
