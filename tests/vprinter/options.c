/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include "commands.h"

#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum kind { NUMBER, TEXT, FLAG };

#define OPTIONS(X)                                                                             \
    X(NUMBER, port, "port", 0, 65535, 9100, "N", "TCP port on 127.0.0.1; 0 takes a free one")  \
    X(TEXT, out, "out", 0, 0, 0, "DIR", "labels.jsonl and pictures go there")                  \
    X(TEXT, control, "control", 0, 0, 0, "PATH", "unix socket for commands")                   \
    X(TEXT, port_file, "port-file", 0, 0, 0, "PATH", "write the port there once ready")        \
    X(TEXT, state, "state", 0, 0, 0, "FILE", "keep the odometer there over restarts")          \
    X(TEXT, log, "log", 0, 0, 0, "FILE", "log there, not on stderr")                           \
    X(FLAG, quiet, "quiet", 0, 0, 0, NULL, "no log on stderr")                                 \
    X(NUMBER, dots_per_m, "dots-per-m", 1000, 100000, 8000, "N", "resolution")                 \
    X(NUMBER, width_dots, "width-dots", 8, 8192, 832, "N", "width of the head")                \
    X(NUMBER, length_dots, "length-dots", 1, 32000, 1218, "N",                                 \
      "label length before the first ^LL")                                                     \
    X(NUMBER, speed_mm_s, "speed-mm-s", 0, 10000, 356, "N", "paper speed; 0 takes no time")    \
    X(NUMBER, gap_mm, "gap-mm", 0, 1000, 3, "N", "gap between labels")                         \
    X(NUMBER, buffer_bytes, "buffer-bytes", 64, 67108864, 262144, "N", "receive buffer")       \
    X(NUMBER, labels_loaded, "labels-loaded", 0, 999999999, -1, "N",                           \
      "labels on the roll; else no end")                                                       \
    X(TEXT, mode, "mode", 0, 0, 0, "tear|peel", "peel: has a peeler, and waits at it in ^MMP") \
    X(NUMBER, take_ms, "take-ms", -1, 999999999, 200, "N",                                     \
      "a peeled label is taken after that; -1: by `take`")                                     \
    X(NUMBER, answer_delay_ms, "answer-delay-ms", 0, 600000, 0, "N", "answers come that late") \
    X(FLAG, mute, "mute", 0, 0, 0, NULL, "never answer: a dead back channel")                  \
    X(FLAG, talkative, "talkative", 0, 0, 0, NULL,                                             \
      "answer with media out or head open as well")                                            \
    X(FLAG, keep_partial, "keep-partial", 0, 0, 0, NULL,                                       \
      "half a format outlives its connection")                                                 \
    X(TEXT, unique_id, "unique-id", 0, 0, 0, "TEXT", "what device.unique_id answers")          \
    X(FLAG, no_png, "no-png", 0, 0, 0, NULL, "no pictures: count and hash only")               \
    X(FLAG, tell, "tell", 0, 0, 0, NULL, "send a command to the printer at --control")         \
    X(FLAG, help, "help", 0, 0, 0, NULL, "this text")

static const struct row {
    enum kind kind;
    const char *name, *argument, *help;
    int32_t min, max, normal;
    size_t offset;
} rows[] = {
#define X(kind, field, name, min, max, normal, argument, help)                                 \
    {kind, name, argument, help, min, max, normal, offsetof(struct options, field)},
    OPTIONS(X)
#undef X
};

#define ROWS (sizeof rows / sizeof rows[0])

static void *field_of(struct options *options, const struct row *row)
{
    return (char *)options + row->offset;
}

static bool set_option(struct options *options, const struct row *row, const char *text)
{
    int32_t number;
    if (row->kind == NUMBER) {
        if (!text_int(text, strlen(text), row->min, row->max, &number)) {
            (void)fprintf(stderr, "tem-vprinter: --%s wants %d to %d\n", row->name, row->min,
                          row->max);
            return false;
        }
        memcpy(field_of(options, row), &number, sizeof number);
    } else if (row->kind == TEXT) {
        memcpy(field_of(options, row), &text, sizeof text);
    } else {
        *(bool *)field_of(options, row) = true;
    }
    return true;
}

static bool complete(const struct options *options)
{
    bool ok =
        options->help || (options->control != NULL && (options->tell || options->out != NULL));
    if (!ok)
        (void)fprintf(stderr, "tem-vprinter: --control and --out are needed; see --help\n");
    if (strcmp(options->mode, "tear") != 0 && strcmp(options->mode, "peel") != 0) {
        (void)fprintf(stderr, "tem-vprinter: --mode wants tear or peel\n");
        ok = false;
    }
    return ok;
}

bool options_read(struct options *options, int argc, char **argv, int *first)
{
    struct option table[ROWS + 1] = {0};
    int at, c;
    *options = (struct options){.mode = "tear", .unique_id = "TEMVP00001"};
    for (size_t i = 0; i < ROWS; i++) {
        table[i] = (struct option){
            rows[i].name, rows[i].kind == FLAG ? no_argument : required_argument, NULL, 0};
        if (rows[i].kind == NUMBER)
            memcpy(field_of(options, &rows[i]), &rows[i].normal, sizeof rows[i].normal);
    }
    while ((c = getopt_long(argc, argv, "+", table, &at)) != -1)
        if (c != 0 || !set_option(options, &rows[at], optarg))
            return false;
    *first = optind;
    return complete(options);
}

void options_help(void)
{
    char memory[4096];
    struct line commands = line_in(memory, sizeof memory);
    (void)puts(
        "tem-vprinter: a label printer (ZPL II) without paper\n\n"
        "  tem-vprinter --port 9100 --out labels --control vp.sock\n"
        "      then print to 127.0.0.1:9100 and look at labels/label-000001.png\n"
        "  tem-vprinter --port 0 --port-file port --out o --control vp.sock --no-png \\\n"
        "      --speed-mm-s 0 --state odometer\n"
        "      as fast as possible, at a free port, counting only\n"
        "  tem-vprinter --tell --control vp.sock media-out-at 3\n"
        "      the media will end in the middle of label 3\n\nOptions:");
    for (size_t i = 0; i < ROWS; i++) {
        (void)printf("  --%-16s %-10s %s", rows[i].name,
                     rows[i].argument != NULL ? rows[i].argument : "", rows[i].help);
        if (rows[i].kind == NUMBER && rows[i].normal >= 0)
            (void)printf(" (%d)", rows[i].normal);
        (void)puts("");
    }
    commands_help(&commands);
    (void)printf("\nCommands for --tell or the socket (answers are JSON):\n%s", memory);
    (void)puts(
        "\nExit status: 0 all well; 1 the host sent something wrong, or --tell was\n"
        "answered with an error; 2 could not start, write records, or reach the printer.");
}
