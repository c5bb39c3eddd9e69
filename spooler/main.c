/* SPDX-License-Identifier: Apache-2.0 */
/* main.c: temd. Arguments, wiring, signals; no logic. */
#include "config/config.h"
#include "spooler/archive/archive.h"
#include "spooler/base/durable.h"
#include "spooler/base/fault.h"
#include "spooler/base/log.h"
#include "spooler/intake/template-kept.h"
#include "spooler/ledger/identity.h"
#include "spooler/ledger/ledger.h"
#include "spooler/ledger/seal.h"
#include "spooler/pipeline.h"
#include "spooler/reconcile/recover.h"
#include "spooler/renew.h"
#include "spooler/store/backup.h"
#include "spooler/wire.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum exit_code { EXIT_FINE = 0, EXIT_CONFIG = 1, EXIT_USAGE = 2, EXIT_FAILED = 3 };

static const struct config_places places = {
    .state = TEM_LOCALSTATEDIR,
    .run = TEM_RUNSTATEDIR,
    .data = TEM_DATADIR,
    .feed = TEM_FEED_FOLDER,
    .fonts = TEM_FONT_FOLDERS,
};

/* Everything that lives while temd runs, in the order in which it is made. */
struct daemon {
    struct config *config;
    struct wiring wiring;
    struct catalog *catalog;
    struct store *store;
    struct registry *registry;
    uint8_t blinding_key[SHA256_BYTES];
    struct seal *seal;
    struct archive_config archive;
    atomic_bool stop; /* what takes long ends */
    struct pipeline *pipeline;
    struct intake *intake;
};

static void usage(FILE *out)
{
    fputs("Usage: temd [--config FILE]\n"
          "The spooler for serialized labels; runs in the foreground and logs to standard "
          "error.\n"
          "\n"
          "  --config FILE      configuration (default " TEM_SYSCONFDIR "/temd.yaml)\n"
          "  --check-config     check it, with its templates and models, and stop\n"
          "  --backup FILE      copy the store to FILE, while temd prints or not, and stop\n"
          "  --restore FILE     put a copy in the store's place (temd must not run), and stop\n"
          "  --gap N            with --restore: numbers that each scope skips where no marks "
          "are\n"
          "                     kept on this machine (default 1000000)\n"
          "  --example-config   print a documented example and stop\n"
          "  --version, --help\n"
          "\n"
          "Examples:\n"
          "  temd --example-config > temd.yaml      then edit it\n"
          "  temd --check-config --config temd.yaml\n"
          "  temd --config temd.yaml\n"
          "\n"
          "Exit status: 0 stopped by a signal or asked to only print; 1 a fault in the\n"
          "configuration; 2 wrong arguments; 3 it could not start or go on.\n",
          out);
}

static void print_findings(const struct findings *findings)
{
    char text[2048];
    for (size_t i = 0; i < findings->count; i++)
        fprintf(stderr, "%s\n", finding_text(&findings->list[i], text, sizeof text));
    if (findings->dropped)
        fprintf(stderr, "and %zu more\n", findings->dropped);
}

static int print_example(void)
{
    struct buf text = BUF_INIT(CONFIG_MAX_BYTES);
    enum err err = config_example(&places, &text);
    if (!err)
        fputs(buf_text(&text), stdout);
    buf_free(&text);
    return err || fflush(stdout) != 0 ? EXIT_FAILED : EXIT_FINE;
}

/* Configuration, models, series, templates: all that a file can get wrong. */
static int load(struct daemon *daemon, const char *file, bool only_check)
{
    struct findings findings;
    findings_init(&findings);
    enum err err = config_load(file, &places, &daemon->config, &findings);
    if (!err)
        err = wire(daemon->config, file, &daemon->wiring, &findings);
    struct findings faults; /* of templates: they are left out, the others work */
    findings_init(&faults);
    if (!err)
        err = catalog_load((const char *const *)daemon->config->template_folders.items,
                           daemon->config->template_folders.count, &daemon->catalog, &faults);
    print_findings(&findings);
    print_findings(&faults);
    bool wrong = err || (only_check && faults.errors > 0);
    if (only_check && !wrong)
        printf("%s: no faults (%zu printers, %zu series, %zu templates)\n", file,
               daemon->config->printer_count, daemon->config->series_count,
               catalog_count(daemon->catalog));
    findings_clear(&findings);
    findings_clear(&faults);
    return wrong ? EXIT_CONFIG : EXIT_FINE;
}

static enum err note_generation(struct txn *txn, void *arg, const char *series,
                                uint32_t generation, const struct number_format *format,
                                struct why *why)
{
    (void)arg; /* all that is needed is in the txn */
    json_t *members =
        json_pack("{ss si ss ss si ss}", "series", series, "generation", (int)generation,
                  "format", format->kind == NUMBER_RANDOM ? "random" : "sequential", "prefix",
                  format->prefix, "length", (int)format->length, "alphabet", format->alphabet);
    return members ? ledger_append(txn, "series.generation", NULL, members, NULL, why)
                   : err_set(why, ERR_NO_MEMORY, "out of memory");
}

/* The ledger's blinding key is the one that was used before, and the start is on record. */
static enum err note_start(struct txn *txn, void *arg, struct why *why)
{
    struct daemon *daemon = arg;
    char check[17];
    identity_key_check(daemon->blinding_key, check);
    enum err err = sql_run(txn, why,
                           "INSERT INTO meta (key, value) VALUES ('blinding_check', ?1)"
                           " ON CONFLICT (key) DO NOTHING",
                           "t", check);
    int64_t same = 0;
    if (!err)
        err = sql_int(txn, &same, why,
                      "SELECT count(*) FROM meta WHERE key = 'blinding_check' AND value = ?1",
                      "t", check);
    if (!err && !same)
        err = err_set(why, ERR_STATE,
                      "%s/ledger-blinding.key is not the key that this store was used with:"
                      " put the old file back",
                      daemon->config->key_folder);
    if (err)
        return err;
    json_t *members =
        json_pack("{ss si}", "version", TEM_VERSION, "epoch", (int)store_epoch(daemon->store));
    return members ? ledger_append(txn, "tem.started", NULL, members, NULL, why)
                   : err_set(why, ERR_NO_MEMORY, "out of memory");
}

/* The folder of the socket; under /run it is gone after each boot. */
static enum err make_socket_folder(const char *path, struct why *why)
{
    const char *slash = path ? strrchr(path, '/') : NULL;
    if (!slash || slash == path)
        return ERR_NONE;
    char *folder = strndup(path, (size_t)(slash - path));
    enum err err = folder ? durable_mkdir(folder, 0755, why)
                          : err_set(why, ERR_NO_MEMORY, "out of memory");
    free(folder);
    return err;
}

static enum err make_folders(const struct config *config, struct why *why)
{
    enum err err = durable_mkdir(config->store_folder, 0750, why);
    if (!err)
        err = make_socket_folder(config->socket_path, why);
    if (!err)
        err = durable_mkdir(config->key_folder, 0700, why);
    struct stat st;
    if (!err && stat(config->feed_folder, &st) == 0 && S_ISDIR(st.st_mode))
        return ERR_NONE; /* whose group it has is the administrator's choice */
    if (!err)
        err = durable_mkdir(config->feed_folder, 0750, why);
    /* The set-group-id bit gives tokens the group that temd and CUPS's filter user share. */
    if (!err && chmod(config->feed_folder, 02770) != 0)
        err = err_errno(why, ERR_SYSTEM, errno, "chmod %s", config->feed_folder);
    return err;
}

static bool is_configured(void *ctx, const char *printer)
{
    const struct wiring *wiring = ctx;
    for (size_t i = 0; i < wiring->printer_count; i++) {
        if (strcmp(wiring->printers[i].name, printer) == 0)
            return true;
    }
    return false;
}

static enum err open_seal(struct daemon *daemon, struct why *why)
{
    const struct config *config = daemon->config;
    const struct seal_config seal = {.store = daemon->store,
                                     .key_folder = config->key_folder,
                                     .witness_folder = config->witness_folder,
                                     .origin = config->ledger_origin,
                                     .events = (uint64_t)config->checkpoint_events,
                                     .seconds = config->checkpoint_seconds,
                                     .random = &random_system};
    return seal_open(&seal, &daemon->seal, why);
}

static enum err open_once(struct daemon *daemon, bool *renewed, struct why *why)
{
    const struct config *config = daemon->config;
    struct store_config store = {
        .folder = config->store_folder, .clock = &clock_system, .random = &random_system};
    struct registry_note note = {.opened = note_generation};
    enum err err = store_open(&store, &daemon->store, why);
    if (!err)
        err = identity_key(config->key_folder, &random_system, daemon->blinding_key, why);
    if (!err)
        err = open_seal(daemon, why);
    if (!err)
        err = renew_begin(daemon->store, seal_finding(daemon->seal), renewed, why);
    if (err || *renewed) /* by a start that died before its old witness was set aside */
        return err;
    fault_point("start.note.before");
    if (!err)
        err = store_write(daemon->store, note_start, daemon, why);
    fault_point("start.noted");
    if (!err)
        err = registry_open(daemon->store, daemon->wiring.series, daemon->wiring.series_count,
                            config->key_folder, &random_system, &note, &daemon->registry, why);
    if (err)
        return err;
    /* An older copy is renewed by itself. Whatever else does not fit its witness waits for a
     * person. */
    const struct witness_finding *finding = seal_finding(daemon->seal);
    const char *marks = config->witness_folder && *config->witness_folder
                            ? config->witness_folder
                            : config->key_folder;
    return renew_at_start(daemon->store, daemon->registry, marks, finding, renewed, why);
}

/* What the renewed store knows of has another past than its witness, which is kept beside the
 * new one. */
static enum err close_renewed(struct daemon *daemon, struct why *why)
{
    uint32_t epoch = 0;
    enum err err = renew_owed(daemon->store, &epoch, why);
    fault_point("renew.aside.before");
    if (!err)
        err = seal_set_aside(daemon->seal, epoch, why);
    fault_point("renew.aside.after");
    if (!err)
        err = renew_done(daemon->store, why);
    seal_close(daemon->seal);
    registry_free(daemon->registry);
    store_close(daemon->store);
    daemon->seal = NULL;
    daemon->registry = NULL;
    daemon->store = NULL;
    fault_point("renew.closed");
    return err;
}

/* A store that was renewed is opened again: its epoch is another. */
static enum err open_store(struct daemon *daemon, struct why *why)
{
    bool renewed = false;
    enum err err = make_folders(daemon->config, why);
    if (!err)
        err = open_once(daemon, &renewed, why);
    /* Twice at most: a copy may have been put back over a renewal that was not finished. */
    for (int i = 0; !err && renewed && i < 2; i++) {
        err = close_renewed(daemon, why);
        if (!err)
            err = open_once(daemon, &renewed, why);
    }
    assert(err || !renewed);
    if (!err)
        err = archive_release(daemon->store, why);
    if (!err)
        err = template_kept_load(daemon->store, daemon->catalog, why);
    if (!err)
        err = recover(daemon->store, daemon->config->feed_folder, is_configured,
                      &daemon->wiring, why);
    if (!err)
        err = seal_begin(daemon->seal, why);
    return err;
}

static enum err open_pipeline(struct daemon *daemon, struct why *why)
{
    const struct config *config = daemon->config;
    struct pipeline_config pipeline = {
        .store = daemon->store,
        .registry = daemon->registry,
        .catalog = daemon->catalog,
        .feed_folder = config->feed_folder,
        .font_folders = (const char *const *)config->font_folders.items,
        .chunk_impressions = (uint32_t)config->chunk_impressions,
        .chunk_bytes = (size_t)config->chunk_bytes,
        .stand_still = !witness_is_well(seal_finding(daemon->seal)),
        .printers = daemon->wiring.printers,
        .printer_count = daemon->wiring.printer_count,
    };
    memcpy(pipeline.blinding_key, daemon->blinding_key, SHA256_BYTES);
    cups_print_system(config->cups_server, &pipeline.system);
    return pipeline_start(&pipeline, &daemon->pipeline, why);
}

static void set_archive(struct daemon *daemon)
{
    const struct config *config = daemon->config;
    daemon->archive = (struct archive_config){
        .store = daemon->store,
        .registry = daemon->registry,
        .folder = config->archive_folder,
        .signer = seal_signer(daemon->seal),
        .blinding_key = daemon->blinding_key,
        .retention = {config->after_release_days, config->after_expiry_days},
        .version = TEM_VERSION,
        .stop = &daemon->stop,
    };
}

static enum err open_intake(struct daemon *daemon, struct why *why)
{
    const struct config *config = daemon->config;
    set_archive(daemon);
    struct intake_config intake = {
        .version = TEM_VERSION,
        .socket_path = config->socket_path,
        .http_address = config->http_address,
        .http_port = (uint16_t)config->http_port,
        .json_max_bytes = (size_t)config->body_bytes,
        .csv_max_bytes = (uint64_t)config->csv_bytes,
        .utc_offset_min = (int32_t)config->utc_offset_min,
        .store = daemon->store,
        .registry = daemon->registry,
        .catalog = daemon->catalog,
        .reprint_reasons = (const char *const *)config->reprint_reasons.items,
        .seal = daemon->seal,
        .archive = &daemon->archive,
        .key_days = config->key_days == CONFIG_NEVER ? 0 : config->key_days,
        .blinding_key = daemon->blinding_key,
        .printer = pipeline_printer_view,
        .check_label = pipeline_check_label,
        .preview = pipeline_preview,
        .compare = pipeline_compare,
        .drain = pipeline_drain,
        .wake = pipeline_wake,
        .ctx = daemon->pipeline,
    };
    return intake_start(&intake, &daemon->intake, why);
}

static int run(struct daemon *daemon)
{
    struct why why = {""};
    /* Threads inherit the mask, so that signals come to sigwait alone. */
    sigset_t stop;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    sigaddset(&stop, SIGINT);
    pthread_sigmask(SIG_BLOCK, &stop, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file size limit is a full disk, not a death */
    enum err err = open_store(daemon, &why);
    if (!err)
        err = open_pipeline(daemon, &why);
    if (!err)
        err = open_intake(daemon, &why);
    if (!err)
        err = store_watch(daemon->store, &why);
    if (err) {
        log_error("temd cannot start", "why=%s", logq(why.text));
        return EXIT_FAILED;
    }
    log_info("temd is ready", "version=%s store=%s epoch=%u http_port=%u socket=%s",
             TEM_VERSION, store_id(daemon->store), store_epoch(daemon->store),
             intake_port(daemon->intake), logq(daemon->config->socket_path));
    int number = 0;
    sigwait(&stop, &number);
    fault_point("stop.asked");
    log_info("temd stops", "signal=%d", number);
    return EXIT_FINE;
}

static void shut(struct daemon *daemon)
{
    atomic_store(&daemon->stop, true);
    intake_stop(daemon->intake);
    fault_point("stop.intake");
    pipeline_stop(daemon->pipeline);
    fault_point("stop.pipeline");
    registry_free(daemon->registry);
    seal_close(daemon->seal);
    store_close(daemon->store);
    catalog_free(daemon->catalog);
    wiring_free(&daemon->wiring);
    config_free(daemon->config);
}

/* What is to be done instead of running. */
struct errand {
    const char *backup, *restore;
    uint64_t gap;
};

static int do_errand(const struct daemon *daemon, const struct errand *errand)
{
    const char *folder = daemon->config->store_folder;
    struct backup_facts facts;
    struct why why = {""};
    enum err err = errand->backup
                       ? store_backup(folder, errand->backup, &facts, &why)
                       : store_put_back(errand->restore, folder, errand->gap, &facts, &why);
    if (err) {
        fprintf(stderr, "temd: %s\n", why.text);
        return EXIT_FAILED;
    }
    if (errand->backup)
        printf("%s: store %s, epoch %u, %lld jobs, %lld events; its keys are in %s: back them "
               "up apart\n",
               errand->backup, facts.store_id, facts.epoch, (long long)facts.jobs,
               (long long)facts.events, daemon->config->key_folder);
    else
        printf(
            "%s: store %s with %lld jobs and %lld events is in place, what was there beside it"
            " as tem.db.before-N.\nAt its next start temd begins epoch %u, skips what may have "
            "been"
            " issued since, and holds each job whose labels may have printed since.\n",
            folder, facts.store_id, (long long)facts.jobs, (long long)facts.events,
            facts.epoch + 1);
    return EXIT_FINE;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'},
        {"check-config", no_argument, NULL, 'k'},
        {"example-config", no_argument, NULL, 'e'},
        {"version", no_argument, NULL, 'v'},
        {"backup", required_argument, NULL, 'b'},
        {"restore", required_argument, NULL, 'r'},
        {"gap", required_argument, NULL, 'g'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    const char *file = TEM_SYSCONFDIR "/temd.yaml";
    struct errand errand = {.gap = RENEW_GAP};
    bool only_check = false;
    char *end = NULL;
    int option;
    while ((option = getopt_long(argc, argv, "c:hv", options, NULL)) != -1) {
        switch (option) {
        case 'c':
            file = optarg;
            break;
        case 'k':
            only_check = true;
            break;
        case 'b':
            errand.backup = optarg;
            break;
        case 'r':
            errand.restore = optarg;
            break;
        case 'g':
            errand.gap = strtoull(optarg, &end, 10);
            if (!*optarg || *end || errand.gap < 1 || errand.gap > 1000000000000) {
                usage(stderr);
                return EXIT_USAGE;
            }
            break;
        case 'e':
            return print_example();
        case 'v':
            printf("temd %s\n", TEM_VERSION);
            return EXIT_FINE;
        case 'h':
            usage(stdout);
            return EXIT_FINE;
        default:
            usage(stderr);
            return EXIT_USAGE;
        }
    }
    if (optind < argc || (errand.backup && errand.restore)) {
        usage(stderr);
        return EXIT_USAGE;
    }
    struct daemon daemon = {0};
    int code = load(&daemon, file, only_check);
    if (code == EXIT_FINE && (errand.backup || errand.restore))
        code = do_errand(&daemon, &errand);
    else if (code == EXIT_FINE && !only_check) {
        log_set_level((enum log_level)daemon.config->log_level);
        code = run(&daemon);
    }
    shut(&daemon);
    return code;
}
