/* SPDX-License-Identifier: Apache-2.0 */
/* doctor.c: `tem doctor`: runs the checks and shows their rows. */
#include "cli/doctor.h"

#include "cli/report.h"
#include "cli/text.h"

#include <stdarg.h>
#include <string.h>

#define NAME_COLUMNS 14
#define FREE_MIB     1024
#define WAIT_S       60

static const struct args_option options[] = {
    {"quiet", 'q', NULL, false, "only what is not ok"},
    {"free", 0, "MIB", false, "warn when the store's disk has less room (1024); a tenth: fail"},
    {"cups-files", 0, "FILE", false, "CUPS's cups-files.conf (/etc/cups/cups-files.conf)"},
    {"wait", 0, "SECONDS", false, "for temd's own examination (60)"},
    SITE_USER_OPTION,
    SITE_CONFIG_OPTION,
    SITE_CUPS_OPTION,
    {0},
};

static const struct {
    const char *word;
    enum colour colour;
} verdicts[VERDICTS] = {
    [VERDICT_OK] = {"ok", COLOUR_GREEN},
    [VERDICT_WARN] = {"warn", COLOUR_YELLOW},
    [VERDICT_FAIL] = {"fail", COLOUR_RED},
};

/* ---- rows ----------------------------------------------------------------------------------
 */

void doctor_mend(struct doctor *doctor, const char *format, ...)
{
    va_list args;
    buf_reset(&doctor->mend);
    va_start(args, format);
    buf_vprintf(&doctor->mend, format, args);
    va_end(args);
}

void doctor_mend_as_root(struct doctor *doctor)
{
    const char *user = doctor->site.user;
    bool root = strcmp(user, "root") == 0;
    doctor_mend(doctor, "run tem doctor as root%s%s", root ? "" : ", or as ", root ? "" : user);
}

void doctor_add(struct doctor *doctor, const char *name, enum verdict verdict,
                const char *format, ...)
{
    struct buf raw = BUF_INIT(8192), words = BUF_INIT(32768);
    va_list args;
    va_start(args, format);
    buf_vprintf(&raw, format, args);
    va_end(args);
    text_clean(buf_text(&raw), &words);
    json_t *row = json_pack("{ss ss ss ss}", "name", name, "verdict", verdicts[verdict].word,
                            "words", buf_text(&words), "mend", buf_text(&doctor->mend));
    doctor->no_memory |= json_array_append_new(doctor->rows, row) != 0;
    doctor->counts[verdict]++;
    buf_reset(&doctor->mend);
    buf_free(&raw);
    buf_free(&words);
}

static enum verdict verdict_of(const json_t *row)
{
    for (int i = 0; i < VERDICTS; i++) {
        if (strcmp(json_text(row, "verdict"), verdicts[i].word) == 0)
            return (enum verdict)i;
    }
    return VERDICT_FAIL;
}

static void show_row(const struct screen *screen, const json_t *row)
{
    enum verdict verdict = verdict_of(row);
    struct buf name = BUF_INIT(1024), text = BUF_INIT(65536);
    text_clean(json_text(row, "name"), &name);
    text_clean(json_text(row, "words"), &text);
    size_t columns = text_columns(buf_text(&name));
    fprintf(screen->stream, "%s%-4s%s  %s%*s  %s\n",
            screen_colour(screen, verdicts[verdict].colour), verdicts[verdict].word,
            screen_colour(screen, COLOUR_NONE), buf_text(&name),
            columns < NAME_COLUMNS ? (int)(NAME_COLUMNS - columns) : 0, "", buf_text(&text));
    buf_reset(&text);
    text_clean(json_text(row, "mend"), &text);
    if (verdict != VERDICT_OK && text.len)
        fprintf(screen->stream, "      %s-> %s%s\n", screen_colour(screen, COLOUR_BOLD),
                buf_text(&text), screen_colour(screen, COLOUR_NONE));
    buf_free(&name);
    buf_free(&text);
}

static enum code show(struct doctor *doctor)
{
    struct tem *tem = doctor->tem;
    FILE *out = tem->out.stream;
    const size_t *counts = doctor->counts;
    bool quiet = args_get(&tem->args, "quiet") != NULL;
    size_t i;
    const json_t *row;
    if (doctor->no_memory)
        return tem_fail(tem, CODE_INTERNAL, "out of memory");
    if (tem->json) {
        json_t *json = json_pack("{si si si sO}", "ok", (int)counts[VERDICT_OK], "warn",
                                 (int)counts[VERDICT_WARN], "fail", (int)counts[VERDICT_FAIL],
                                 "checks", doctor->rows);
        if (!json || json_dumpf(json, out, JSON_COMPACT) != 0)
            return tem_fail(tem, CODE_INTERNAL, "out of memory");
        fputc('\n', out);
        json_decref(json);
    } else {
        json_array_foreach(doctor->rows, i, row)
        {
            if (!quiet || verdict_of(row) != VERDICT_OK)
                show_row(&tem->out, row);
        }
        fprintf(out, "%zu checks: %zu ok, %zu to look at, %zu failed\n", i, counts[VERDICT_OK],
                counts[VERDICT_WARN], counts[VERDICT_FAIL]);
    }
    return counts[VERDICT_FAIL] ? CODE_ATTENTION : CODE_DONE;
}

/* ---- the configuration ---------------------------------------------------------------------
 */

static void check_config(struct doctor *doctor)
{
    const struct site *site = &doctor->site;
    char text[1024];
    if (!site->err) {
        doctor_add(doctor, "config", VERDICT_OK, "%s: printers: %zu, series: %zu", site->file,
                   site->config->printer_count, site->config->series_count);
        return;
    }
    doctor_mend(doctor,
                site->err == ERR_NOT_FOUND
                    ? "temd --example-config > %s, then edit it; or name it with --config"
                    : "temd --check-config --config %s lists every fault",
                site->file);
    doctor_add(doctor, "config", VERDICT_FAIL, "%s",
               site->findings.count ? finding_text(&site->findings.list[0], text, sizeof text)
                                    : err_meaning(site->err));
}

static enum code run(struct tem *tem)
{
    struct doctor doctor = {.tem = tem, .want_mib = FREE_MIB, .wait_s = WAIT_S};
    const char *room = args_get(&tem->args, "free"), *wait = args_get(&tem->args, "wait");
    if (room && !args_number(room, 1, UINT32_MAX, &doctor.want_mib))
        return tem_usage(tem, "--free %s: expected a number of MiB", room);
    if (wait && !args_number(wait, 0, 86400, &doctor.wait_s))
        return tem_usage(tem, "--wait %s: expected seconds from 0 to 86400", wait);
    doctor.rows = json_array();
    doctor.mend = BUF_INIT(8192);
    site_load(tem, &doctor.site);
    check_config(&doctor);
    doctor_cups_files(&doctor);
    if (doctor.site.config) {
        doctor_folders(&doctor);
        doctor_labels(&doctor);
    }
    doctor_host(&doctor);
    doctor_cups(&doctor);
    doctor_temd(&doctor);
    enum code code = show(&doctor);
    site_free(&doctor.site);
    buf_free(&doctor.mend);
    json_decref(doctor.rows);
    return code;
}

const struct command command_doctor = {
    .name = "doctor",
    .usage = "[--quiet] [--config FILE]",
    .summary = "check the whole installation and say what to do",
    .options = options,
    .help =
        "  sudo tem doctor            folders, keys, fonts, CUPS, queues, clock, and temd's "
        "own "
        "checks\n"
        "  sudo tem doctor --quiet    only what is not ok, with what to do\n"
        "  tem doctor --json | jq -r '.checks[] | select(.verdict == \"fail\") | .name'\n"
        "\n"
        "Changes nothing. As root, or as temd's user, it sees all; as another user some checks "
        "say that\n"
        "they could not look. Without a running temd it checks what can be checked without. "
        "Ends with 5\n"
        "when a check failed; warnings leave it 0. docs/administrator.md explains each "
        "check.\n",
    .run = run,
};
