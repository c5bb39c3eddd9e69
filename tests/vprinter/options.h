/* SPDX-License-Identifier: Apache-2.0
 *
 * options.h: the command line. The table in options.c is the master copy. */
#ifndef VPRINTER_OPTIONS_H
#define VPRINTER_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

/* Texts borrow argv. */
struct options {
    int32_t port, dots_per_m, width_dots, length_dots, speed_mm_s, gap_mm, buffer_bytes;
    int32_t labels_loaded, take_ms, answer_delay_ms;
    const char *out, *control, *mode, *port_file, *log, *state, *unique_id;
    bool no_png, quiet, mute, talkative, keep_partial, tell, help;
};

/* Reads argv; `*first` is the index of what follows the options.
 * False: told on stderr. */
bool options_read(struct options *options, int argc, char **argv, int *first);

void options_help(void);

#endif
