/* SPDX-License-Identifier: Apache-2.0 */
/* printer-discover.c: what CUPS's backends find, and which of it could print labels. */
#include "cli/printer-queue.h"
#include "cli/printer-text.h"
#include "cli/printer.h"

#include <string.h>

#define LOOK_S 10

struct found {
    struct tem *tem;
    struct table table;
    json_t *list;
    char device[1024]; /* the first that speaks a language of ours */
    const char *model;
    bool failed;
};

/* Names of backends without a device behind them ("socket", "ipp") are no devices. */
static bool is_device(const char *uri)
{
    return strchr(uri, ':') != NULL;
}

static void add_device(void *arg, const char *uri, const char *make_and_model,
                       const char *device_id)
{
    struct found *found = arg;
    const char *model = device_model(make_and_model, device_id);
    struct buf complete = BUF_INIT(2048);
    const struct device_kind *kind;
    struct why why;
    if (!is_device(uri))
        return;
    bool fits = device_complete(uri, true, &complete, &kind, &why) == ERR_NONE;
    if (found->tem->json) {
        json_t *one =
            json_pack("{ss ss ss so sb}", "device", uri, "make_and_model", make_and_model,
                      "device_id", device_id, "model", model ? json_string(model) : json_null(),
                      "answers", fits && kind->answers);
        found->failed |= json_array_append_new(found->list, one) != 0;
    } else {
        table_add(&found->table, "%s", uri);
        table_add(&found->table, "%s", make_and_model);
        table_add(&found->table, "%s", model ? model : "-");
        table_add(&found->table, "%s", fits ? (kind->answers ? "yes" : "no") : "-");
    }
    if (model && fits && kind->answers && !found->device[0]) {
        snprintf(found->device, sizeof found->device, "%s", uri);
        found->model = model;
    }
    buf_free(&complete);
}

static enum code show(struct found *found)
{
    struct tem *tem = found->tem;
    FILE *out = tem->out.stream;
    if (tem->json) {
        json_t *json = json_pack("{sO}", "devices", found->list);
        bool good = json && !found->failed && json_dumpf(json, out, JSON_COMPACT) == 0;
        json_decref(json);
        fputc('\n', out);
        return good ? CODE_DONE : tem_fail(tem, CODE_INTERNAL, "out of memory");
    }
    bool none = found->table.count == 0;
    if (!table_print(&found->table, &tem->out))
        return tem_fail(tem, CODE_INTERNAL, "out of memory");
    if (none)
        fputs("CUPS finds no devices. A printer with an address needs no finding:\n"
              "  tem printer add line1 --device socket://ADDRESS --model zpl-203\n",
              out);
    else if (found->device[0])
        fprintf(out,
                "\nTo print labels on it:\n  tem printer add line1 --device '%s' --model %s "
                "--stock 50x30\n",
                found->device, found->model);
    else
        fputs("\nNone of them says that it speaks ZPL\n", out);
    return CODE_DONE;
}

enum code printer_discover(struct tem *tem, const char *const *words, size_t count)
{
    static const char *const heads[] = {"DEVICE", "MAKE AND MODEL", "MODEL", "CONFIRMS"};
    (void)words, (void)count; /* it takes none */
    struct found found = {.tem = tem, .list = json_array()};
    struct site site;
    struct why why = {{0}};
    uint64_t seconds = LOOK_S;
    const char *wait = args_get(&tem->args, "wait");
    if (wait && !args_number(wait, 1, 120, &seconds)) {
        json_decref(found.list);
        return tem_usage(tem, "--wait %s: expected seconds from 1 to 120", wait);
    }
    site_load(tem, &site);
    table_init(&found.table, heads, sizeof heads / sizeof heads[0], 0);
    enum err err = devices_find(site.cups_server, (int)seconds, add_device, &found, &why);
    enum code code = err ? tem_fail_err(tem, err, &why) : show(&found);
    json_decref(found.list);
    site_free(&site);
    return code;
}
