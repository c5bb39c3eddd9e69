/* SPDX-License-Identifier: Apache-2.0 */
/* backup.c: a copy of the store, and back. temd itself does both (temd --backup, --restore): it
 * knows the store; here is only who asks. */
#include "cli/tem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct args_option backup_options[] = {
    {"config", 'c', "FILE", false, "temd's configuration, which says where the store is"},
    {0},
};
static const struct args_option restore_options[] = {
    {"config", 'c', "FILE", false, "temd's configuration, which says where the store is"},
    {"gap", 0, "N", false, "numbers each scope skips on a machine without marks (1000000)"},
    {"yes", 'y', NULL, false, "do not ask"},
    {0},
};

static enum code run_temd(struct tem *tem, const char *option, const char *file)
{
    const char *given = getenv("TEM_TEMD"), *config = args_get(&tem->args, "config");
    const char *program = given ? given : TEM_SBINDIR "/temd";
    const char *gap = args_get(&tem->args, "gap");
    const char *argv[8] = {program, option, file};
    size_t count = 3;
    if (config) {
        argv[count++] = "--config";
        argv[count++] = config;
    }
    if (gap) {
        argv[count++] = "--gap";
        argv[count++] = gap;
    }
    (void)fflush(tem->out.stream); /* nothing was written yet */
    execv(program, (char *const *)(uintptr_t)argv);
    struct why why;
    (void)err_errno(&why, ERR_SYSTEM, errno, "start %s", program); /* the code says as much */
    return tem_fail(tem, CODE_INTERNAL, "%s", why.text);
}

static enum code run_backup(struct tem *tem)
{
    return run_temd(tem, "--backup", tem->args.words[0]);
}

static enum code run_restore(struct tem *tem)
{
    if (!tem_confirm(tem, "Put this copy in the place of the store? Numbers that may be out are"
                          " skipped, labels that may have printed since are in doubt."))
        return tem_fail(tem, CODE_INTERRUPTED, "nothing was changed");
    return run_temd(tem, "--restore", tem->args.words[0]);
}

const struct command command_backup = {
    .name = "backup",
    .usage = "FILE [--config FILE]",
    .summary = "copy the store to a file, while temd prints or not",
    .options = backup_options,
    .min_words = 1,
    .max_words = 1,
    .help =
        "  tem backup /backup/tem-$(date +%F).db\n"
        "\n"
        "One consistent copy, checked before it gets its name; an existing file is not "
        "overwritten. Run it as\n"
        "root or as temd's user, on temd's machine. It holds no keys: copy the folder of keys "
        "once, elsewhere.\n",
    .run = run_backup,
};

const struct command command_restore = {
    .name = "restore",
    .usage = "FILE [--gap N] [--yes]",
    .summary = "put a copy of the store back; no number is issued twice",
    .options = restore_options,
    .min_words = 1,
    .max_words = 1,
    .help =
        "  systemctl stop temd\n"
        "  tem restore /backup/tem-2026-03-01.db\n"
        "  systemctl start temd\n"
        "\n"
        "At its next start temd begins a new epoch: each scope goes on at the mark that is "
        "kept "
        "outside the store\n"
        "(on another machine: --gap numbers later), labels that were not printed when the copy "
        "was made are in\n"
        "doubt and their jobs held, for they may have printed since. The store that was there "
        "stays beside it.\n",
    .run = run_restore,
};
