/* SPDX-License-Identifier: Apache-2.0 */
/* site.h: this machine's installation as its configuration describes it, for the commands that
 * work without temd (`tem printer`, `tem doctor`). One thread. */
#ifndef TEM_CLI_SITE_H
#define TEM_CLI_SITE_H

#include "cli/tem.h"
#include "config/config.h"
#include "spooler/base/findings.h"

struct site {
    const char *file;      /* temd.yaml, as --config says or the build's */
    struct config *config; /* NULL: it is not there or has faults */
    struct findings findings;
    enum err err;            /* why there is no configuration */
    const char *cups_server; /* --cups, else the configuration's; NULL = CUPS's own default */
    char user[64];           /* who runs temd: --user, or guessed (site_load) */
};

/* Reads it, and takes its listen.socket for temd's where neither --server nor $TEM_SERVER says
 * another; before anything is asked. A file that is missing or has faults is no failure here
 * (`err`, `findings`). The user is --user, else the owner of the store's folder, else `tem`
 * where there is such a user, else ours. */
void site_load(struct tem *tem, struct site *out);
void site_free(struct site *site);
/* The printer of that name, or NULL. */
const struct config_printer *site_printer(const struct site *site, const char *name);
/* folders.feed of the configuration, else the build's. */
const char *site_feed_folder(const struct site *site);

#define SITE_CONFIG_OPTION                                                                     \
    {                                                                                          \
        "config", 0, "FILE", false, "temd's configuration (" TEM_SYSCONFDIR "/temd.yaml)"      \
    }
#define SITE_CUPS_OPTION                                                                       \
    {                                                                                          \
        "cups", 0, "SERVER", false, "CUPS: a socket's path or HOST:PORT; else temd.yaml's"     \
    }
#define SITE_USER_OPTION                                                                       \
    {                                                                                          \
        "user", 0, "NAME", false, "who runs temd; else who owns its store"                     \
    }

#endif
