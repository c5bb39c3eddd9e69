/* SPDX-License-Identifier: Apache-2.0 */
/* doctor-cups.c: CUPS: temfeed as cupsd wants its filters, the MIME type, each printer's queue.
 */
#include "cli/doctor.h"

#include "cli/printer-queue.h"
#include "cli/printer-text.h"
#include "drivers/driver.h"
#include "spooler/base/durable.h"

#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#define CUPS_ROOT "/etc/cups"
#define CONF_MAX  (256 * 1024)
#define PPD_MAX   (256 * 1024)

/* ---- cups-files.conf ------------------------------------------------------------------------
 */

/* A line "Key value", cut at blanks; cups-files.conf(5). */
static void take_line(struct cups_files *files, const char *line, size_t len)
{
    const struct {
        const char *key, *below;
        char *out;
        size_t size;
    } keys[] = {
        {"ServerBin", "/filter", files->filters, sizeof files->filters},
        {"DataDir", "/mime", files->mime, sizeof files->mime},
        {"ServerRoot", "", files->root, sizeof files->root},
        {"User", "", files->user, sizeof files->user},
        {"Group", "", files->group, sizeof files->group},
    };
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        size_t key = strlen(keys[i].key);
        if (len <= key || strncmp(line, keys[i].key, key) != 0 || !strchr(" \t", line[key]))
            continue;
        const char *value = line + key + strspn(line + key, " \t");
        size_t value_len = len - (size_t)(value - line);
        while (value_len && strchr(" \t\r", value[value_len - 1]))
            value_len--;
        snprintf(keys[i].out, keys[i].size, "%.*s%s", (int)value_len, value, keys[i].below);
    }
}

static void read_files(struct doctor *doctor)
{
    struct cups_files *files = &doctor->cups;
    const char *given = args_get(&doctor->tem->args, "cups-files");
    struct buf text = BUF_INIT(CONF_MAX);
    struct why why;
    snprintf(files->filters, sizeof files->filters, "%s", TEM_CUPS_FILTER_FOLDER);
    snprintf(files->mime, sizeof files->mime, "%s", TEM_CUPS_MIME_FOLDER);
    snprintf(files->root, sizeof files->root, "%s", CUPS_ROOT);
    snprintf(files->user, sizeof files->user, "lp");
    snprintf(files->group, sizeof files->group, "lp");
    enum err err =
        file_read(given ? given : CUPS_ROOT "/cups-files.conf", CONF_MAX, &text, &why);
    if (err && given) {
        doctor_mend_as_root(doctor);
        doctor_add(doctor, "cups-files", VERDICT_WARN, "%s; CUPS's usual folders are assumed",
                   why.text);
    }
    const char *line = err ? "" : buf_text(&text);
    while (*line) {
        size_t len = strcspn(line, "\n");
        take_line(files, line, len);
        line += len + (line[len] == '\n');
    }
    buf_free(&text);
}

/* ---- filter and type ------------------------------------------------------------------------
 */

/* cupsd as root runs a program only when root owns it and nobody else may write it or its
 * folder; as another user, its own count as well. NULL = fine. */
static const char *insecure(const struct stat *st)
{
    if (st->st_uid != 0 && (geteuid() == 0 || st->st_uid != geteuid()))
        return "does not belong to root";
    if (st->st_mode & (S_IWOTH | S_ISUID))
        return "may be changed by everybody";
    if ((st->st_mode & S_IWGRP) && st->st_gid != 0)
        return "may be changed by its group";
    return NULL;
}

static void check_filter(struct doctor *doctor)
{
    char path[PATH_MAX + 16];
    struct stat folder, file;
    struct why why;
    snprintf(path, sizeof path, "%s/temfeed", doctor->cups.filters);
    doctor_mend(doctor, "sudo make install (temfeed goes to %s)", doctor->cups.filters);
    if (stat(path, &file) != 0 || stat(doctor->cups.filters, &folder) != 0) {
        err_errno(&why, ERR_SYSTEM, errno, "%s", path);
        doctor_add(doctor, "filter", VERDICT_FAIL, "%s: without it CUPS prints no label",
                   why.text);
        return;
    }
    const char *bad = insecure(&file);
    if (bad || (file.st_mode & 0555) != 0555) {
        doctor_mend(doctor, "chown root:root %s && chmod 755 %s", path, path);
        doctor_add(doctor, "filter", VERDICT_FAIL, "%s %s: cupsd refuses to run it", path,
                   bad ? bad : "may not be run by everybody");
    } else if ((bad = insecure(&folder)) != NULL) {
        doctor_mend(doctor, "chown root:root %s && chmod 755 %s", doctor->cups.filters,
                    doctor->cups.filters);
        doctor_add(doctor, "filter", VERDICT_FAIL, "%s %s: cupsd refuses what is in it",
                   doctor->cups.filters, bad);
    } else
        doctor_add(doctor, "filter", VERDICT_OK, "%s", path);
}

static void check_type(struct doctor *doctor)
{
    const char *folders[] = {doctor->cups.mime, doctor->cups.root};
    char path[PATH_MAX + 16];
    for (size_t i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/tem.types", folders[i]);
        if (access(path, R_OK) == 0) {
            doctor_add(doctor, "mime-type", VERDICT_OK, "%s", path);
            return;
        }
    }
    doctor_mend(doctor, "sudo make install (tem.types goes to %s), then restart CUPS",
                doctor->cups.mime);
    doctor_add(doctor, "mime-type", VERDICT_FAIL,
               "tem.types is neither in %s nor in %s: CUPS refuses temd's jobs", folders[0],
               folders[1]);
}

void doctor_cups_files(struct doctor *doctor)
{
    read_files(doctor);
    check_filter(doctor);
    check_type(doctor);
}

/* ---- queues ---------------------------------------------------------------------------------
 */

/* One printer's queue, looked at from all sides; `row` is "queue NAME". */
struct look {
    struct doctor *doctor;
    const struct config_printer *printer;
    struct queue queue;
    char row[96];
};

static bool named_in(const char *list, const char *name)
{
    size_t len = strlen(name);
    for (const char *at = list; (at = strstr(at, name)) != NULL; at += len) {
        if ((at == list || at[-1] == ',') && (at[len] == ',' || at[len] == '\0'))
            return true;
    }
    return false;
}

static bool check_state(struct look *look)
{
    struct doctor *doctor = look->doctor;
    const struct queue *queue = &look->queue;
    const char *name = look->printer->queue;
    if (queue->unfit) {
        doctor_mend(doctor, "sudo tem printer add %s", look->printer->name);
        doctor_add(doctor, look->row, VERDICT_FAIL, "%s", queue->unfit_why.text);
    } else if (queue->filter_bad) {
        doctor_mend(doctor, "see the row `filter`; then restart CUPS");
        doctor_add(doctor, look->row, VERDICT_FAIL, "CUPS says %s", queue->reasons);
    } else if (!queue->enabled) {
        doctor_mend(doctor, "find out why it was stopped, then: cupsenable %s", name);
        doctor_add(doctor, look->row, VERDICT_FAIL, "it is disabled: %s",
                   queue->message[0] ? queue->message : "no reason is given");
    } else if (!queue->accepting) {
        doctor_mend(doctor, "cupsaccept %s", name);
        doctor_add(doctor, look->row, VERDICT_FAIL, "it rejects jobs");
    } else
        return true;
    return false;
}

static bool check_users(struct look *look)
{
    struct doctor *doctor = look->doctor;
    const char *users = look->queue.users, *user = doctor->site.user;
    doctor_mend(doctor, "sudo tem printer add %s", look->printer->name);
    if (!users[0])
        doctor_add(doctor, look->row, VERDICT_WARN,
                   "everybody may print to it; temd's user %s alone should", user);
    else if (!named_in(users, user))
        doctor_add(doctor, look->row, VERDICT_FAIL,
                   "temd's user %s may not print to it: only %s", user, users);
    else
        return true;
    return false;
}

static bool check_device(struct look *look)
{
    struct doctor *doctor = look->doctor;
    const struct model *model = model_find(look->printer->model);
    bool confirms = look->printer->evidence == CONFIG_EVIDENCE_FULL && model &&
                    model->evidence != EVIDENCE_NONE;
    struct buf complete = BUF_INIT(2048);
    const struct device_kind *kind = NULL;
    struct why why = {{0}};
    enum err err = device_complete(look->queue.device, confirms, &complete, &kind, &why);
    bool same = !err && strcmp(buf_text(&complete), look->queue.device) == 0;
    doctor_mend(doctor, "sudo tem printer add %s%s", look->printer->name,
                err || (!kind->answers && confirms) ? " --device socket://ADDRESS" : "");
    if (err)
        doctor_add(doctor, look->row, VERDICT_FAIL, "its device: %s", why.text);
    else if (!kind->answers && confirms)
        doctor_add(doctor, look->row, VERDICT_FAIL,
                   "its device %s brings no answers back, but labels are to be confirmed: "
                   "socket://, usb://, or evidence: none in temd.yaml",
                   look->queue.device);
    else if (!same)
        doctor_add(doctor, look->row, VERDICT_WARN, "its device lacks options: %s, better %s",
                   look->queue.device, buf_text(&complete));
    buf_free(&complete);
    return same && (kind->answers || !confirms);
}

static bool check_ppd(struct look *look)
{
    struct doctor *doctor = look->doctor;
    struct buf ppd = BUF_INIT(PPD_MAX), line = BUF_INIT(2048);
    struct why why = {{0}};
    const char *folder = site_feed_folder(&doctor->site);
    enum err err = queue_ppd(doctor->site.cups_server, look->printer->queue, &ppd, &why);
    buf_printf(&line, "\n*TemFeedFolder: \"%s\"\n", folder);
    bool right = !err && strstr(buf_text(&ppd), buf_text(&line)) != NULL;
    if (!right) {
        doctor_mend(doctor, "sudo tem printer add %s", look->printer->name);
        doctor_add(doctor, look->row, VERDICT_FAIL, "%s%s",
                   err ? why.text : "its PPD names another feed folder than ",
                   err ? "" : folder);
    }
    buf_free(&ppd);
    buf_free(&line);
    return right;
}

static void check_queue(struct doctor *doctor, const struct config_printer *printer)
{
    struct look look = {.doctor = doctor, .printer = printer};
    struct why why = {{0}};
    snprintf(look.row, sizeof look.row, "queue %s", printer->queue);
    enum err err = queue_get(doctor->site.cups_server, printer->queue, &look.queue, &why);
    if (err) {
        doctor_mend(doctor, "sudo tem printer add %s --device URI", printer->name);
        doctor_add(doctor, look.row, VERDICT_FAIL, "%s", why.text);
        return;
    }
    if (check_state(&look) && check_ppd(&look) && check_device(&look) && check_users(&look)) {
        buf_reset(&doctor->mend); /* the last check prepared one */
        doctor_add(doctor, look.row, VERDICT_OK, "%s, for %s alone", look.queue.device,
                   look.queue.users);
    }
}

void doctor_cups(struct doctor *doctor)
{
    const struct config *config = doctor->site.config;
    struct queue queue;
    struct why why = {{0}};
    /* Any answer will do: there need not be such a queue. */
    enum err err = queue_get(doctor->site.cups_server, "tem-doctor", &queue, &why);
    if (err && err != ERR_NOT_FOUND) {
        doctor_mend(doctor, "systemctl start cups; is cups.server in %s right?",
                    doctor->site.file);
        doctor_add(doctor, "cups", VERDICT_FAIL, "%s", why.text);
        return;
    }
    doctor_add(doctor, "cups", VERDICT_OK, "answers at %s",
               doctor->site.cups_server ? doctor->site.cups_server : "its usual place");
    for (size_t i = 0; config && i < config->printer_count; i++)
        check_queue(doctor, &config->printers[i]);
    if (config && !config->printer_count) {
        doctor_mend(doctor,
                    "sudo tem printer add NAME --device socket://ADDRESS --model zpl-203");
        doctor_add(doctor, "queues", VERDICT_WARN, "%s has no printers", doctor->site.file);
    }
}
