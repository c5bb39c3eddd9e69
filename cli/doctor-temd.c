/* SPDX-License-Identifier: Apache-2.0 */
/* doctor-temd.c: the running temd: its version, its printers, its own examination. */
#include "cli/client.h"
#include "cli/doctor.h"
#include "cli/printer.h"
#include "cli/report.h"
#include "spooler/base/clock.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#define LOOK_MS 100

static void check_printer(struct doctor *doctor, const json_t *printer)
{
    static const struct {
        const char *state;
        enum verdict verdict;
    } states[] = {{"idle", VERDICT_OK},
                  {"printing", VERDICT_OK},
                  {"refused", VERDICT_FAIL},
                  {"offline", VERDICT_FAIL}};
    const char *name = json_text(printer, "name"), *state = json_text(printer, "state");
    struct buf words = BUF_INIT(2048);
    char row[160];
    enum verdict verdict = VERDICT_WARN; /* waiting, and what a newer temd may say */
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        if (strcmp(states[i].state, state) == 0)
            verdict = states[i].verdict;
    }
    snprintf(row, sizeof row, "printer %.140s", name);
    doctor_mend(doctor,
                verdict == VERDICT_FAIL ? "tem printer status %s; sudo tem printer add %s"
                                        : "tem printer status %s",
                name, name);
    printer_say(printer, &words);
    doctor_add(doctor, row, verdict, "%s", buf_text(&words));
    buf_free(&words);
}

/* temd may run well, but for others. */
static bool is_closed_to_us(const struct doctor *doctor)
{
    const char *path = doctor->tem->server.socket_path;
    return *path && access(path, W_OK) != 0 && errno == EACCES;
}

/* What /healthz says is wrong: of the store, of its witness, or that it cannot tell. */
static const char *unwell(const json_t *health)
{
    const char *store = json_text(json_object_get(health, "store"), "words");
    const char *witness = json_text(json_object_get(health, "witness"), "words");
    return *store ? store : *witness ? witness : json_text(health, "detail");
}

/* false: nobody is there to be asked more. */
static bool check_runs(struct doctor *doctor)
{
    struct tem *tem = doctor->tem;
    struct http_answer answer;
    struct why why = {{0}};
    enum err err = client_try(tem, "/healthz", &answer, &why);
    if (err && is_closed_to_us(doctor)) {
        doctor_mend_as_root(doctor);
        doctor_add(doctor, "temd", VERDICT_WARN, "its socket is not open to you: %s", why.text);
        return false;
    }
    if (err) {
        doctor_mend(doctor, "systemctl start temd (or: temd --config %s)", doctor->site.file);
        doctor_add(doctor, "temd", VERDICT_FAIL, "temd is not running: %s", why.text);
        return false;
    }
    const char *version = json_text(answer.json, "version");
    if (strcmp(json_text(answer.json, "status"), "ok") != 0) {
        doctor_mend(doctor, "read temd's log (journalctl -u temd)");
        doctor_add(doctor, "temd", VERDICT_FAIL, "answers %d: %s", answer.status,
                   unwell(answer.json));
    } else if (strcmp(version, TEM_VERSION) != 0) {
        doctor_mend(doctor, "restart temd");
        doctor_add(doctor, "temd", VERDICT_WARN, "runs as version %s, tem is %s", version,
                   TEM_VERSION);
    } else
        doctor_add(doctor, "temd", VERDICT_OK, "version %s, store %s, epoch %" PRIu64, version,
                   json_text(answer.json, "store_id"), json_count(answer.json, "epoch"));
    http_answer_free(&answer);
    return true;
}

static void check_printers(struct doctor *doctor)
{
    struct http_answer answer;
    struct why why = {{0}};
    size_t i;
    const json_t *one;
    if (client_try(doctor->tem, "/v1/printers", &answer, &why)) {
        doctor_add(doctor, "temd", VERDICT_FAIL, "%s", why.text);
        return;
    }
    json_array_foreach(json_object_get(answer.json, "printers"), i, one)
        check_printer(doctor, one);
    http_answer_free(&answer);
}

/* ---- its own examination --------------------------------------------------------------------
 */

static void take_checks(struct doctor *doctor, const json_t *checks)
{
    static const char *const words[VERDICTS] = {"ok", "warn", "fail"};
    size_t i;
    const json_t *one;
    json_array_foreach(checks, i, one)
    {
        enum verdict verdict = VERDICT_FAIL;
        for (int k = 0; k < VERDICTS; k++) {
            if (strcmp(json_text(one, "verdict"), words[k]) == 0)
                verdict = (enum verdict)k;
        }
        doctor_mend(doctor, "%s", json_text(one, "mend"));
        doctor_add(doctor, json_text(one, "name"), verdict, "%s", json_text(one, "words"));
    }
}

/* 202: it is under way, which takes minutes on a large store. */
static void examine(struct doctor *doctor)
{
    struct tem *tem = doctor->tem;
    struct http_answer answer;
    struct why why = {{0}};
    uint64_t wait_s = doctor->wait_s;
    int64_t until_ms = clock_mono_ms(&clock_system) + (int64_t)wait_s * 1000;
    for (;;) {
        if (client_try(tem, "/v1/doctor", &answer, &why)) {
            doctor_add(doctor, "temd", VERDICT_FAIL, "%s", why.text);
            return;
        }
        bool late = clock_mono_ms(&clock_system) > until_ms || atomic_load(tem->stop);
        if (answer.status != 202 || late)
            break;
        http_answer_free(&answer);
        tem_sleep(tem, LOOK_MS);
    }
    if (answer.status == 200)
        take_checks(doctor, json_object_get(answer.json, "checks"));
    else if (answer.status == 202) {
        doctor_mend(doctor, "tem doctor --wait 3600, or ask again later");
        doctor_add(doctor, "store", VERDICT_WARN,
                   "temd still reads its store after %" PRIu64 " s", wait_s);
    } else
        doctor_add(doctor, "store", VERDICT_FAIL, "temd does not examine itself: status %d: %s",
                   answer.status, json_text(answer.json, "detail"));
    http_answer_free(&answer);
}

void doctor_temd(struct doctor *doctor)
{
    if (!check_runs(doctor))
        return;
    check_printers(doctor);
    examine(doctor);
}
