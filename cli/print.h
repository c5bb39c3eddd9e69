/* SPDX-License-Identifier: Apache-2.0 */
/* print.h: what the files of `tem print` share. */
#ifndef TEM_CLI_PRINT_H
#define TEM_CLI_PRINT_H

#include "cli/client.h"

#include <jansson.h>

/* The request and what it is made of. */
struct print_order {
    struct tem *tem;
    const char *template_name, *printer, *csv, *body_file;
    json_t *data;
    struct buf path;
    char *body;
    FILE *upload;
    struct http_ask ask;
    char key[CLIENT_KEY_SIZE];
};

/* Posts a request for a job and follows the job. `file`: see report_problem. */
enum code print_post(struct tem *tem, struct http_ask *ask, const char *file);
/* One label of the order by itself; CODE_DONE when a person says that it is good. */
enum code print_sample(struct print_order *order);

#endif
