/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/site.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct config_places places = {
    .state = TEM_LOCALSTATEDIR,
    .run = TEM_RUNSTATEDIR,
    .data = TEM_DATADIR,
    .feed = TEM_FEED_FOLDER,
    .fonts = TEM_FONT_FOLDERS,
};

static void guess_user(struct site *site)
{
    const char *store = site->config ? site->config->store_folder : TEM_LOCALSTATEDIR "/store";
    struct stat st;
    const struct passwd *entry = stat(store, &st) == 0 ? getpwuid(st.st_uid) : getpwnam("tem");
    if (!entry)
        entry = getpwuid(geteuid());
    if (entry)
        snprintf(site->user, sizeof site->user, "%s", entry->pw_name);
    else
        snprintf(site->user, sizeof site->user, "%u", (unsigned)geteuid());
}

/* The socket that this configuration names, unless another was asked for. */
static void take_server(struct tem *tem, const struct config *config)
{
    const char *asked = getenv("TEM_SERVER");
    char address[sizeof "unix:" + 108];
    struct server server;
    struct why why;
    if (args_get(&tem->args, "server") || (asked && *asked) || !config->socket_path)
        return;
    snprintf(address, sizeof address, "unix:%s", config->socket_path);
    if (server_parse(address, &server, &why) == ERR_NONE)
        tem->server = server;
}

void site_load(struct tem *tem, struct site *out)
{
    const char *file = args_get(&tem->args, "config"), *user = args_get(&tem->args, "user");
    *out = (struct site){.file = file ? file : TEM_SYSCONFDIR "/temd.yaml"};
    findings_init(&out->findings);
    out->err = config_load(out->file, &places, &out->config, &out->findings);
    if (out->err)
        out->config = NULL;
    else
        take_server(tem, out->config);
    out->cups_server = args_get(&tem->args, "cups");
    if (!out->cups_server && out->config)
        out->cups_server = out->config->cups_server;
    if (user)
        snprintf(out->user, sizeof out->user, "%s", user);
    else
        guess_user(out);
}

void site_free(struct site *site)
{
    config_free(site->config);
    findings_clear(&site->findings);
    *site = (struct site){0};
}

const struct config_printer *site_printer(const struct site *site, const char *name)
{
    for (size_t i = 0; site->config && i < site->config->printer_count; i++) {
        if (strcmp(site->config->printers[i].name, name) == 0)
            return &site->config->printers[i];
    }
    return NULL;
}

const char *site_feed_folder(const struct site *site)
{
    return site->config ? site->config->feed_folder : TEM_FEED_FOLDER;
}
