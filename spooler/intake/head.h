/* SPDX-License-Identifier: Apache-2.0 */
/* head.h: what is decided from a request's first line and headers; inside intake/ only. */
#ifndef TEM_INTAKE_HEAD_H
#define TEM_INTAKE_HEAD_H

#include "spooler/intake/request.h"

/* Finds caller, route, parameters, kind of body and key. What is wrong is left in `refused` and
 * the findings; `write_why` tells it. */
void head_read(struct request *request, const char *method, const char *path, bool stopping);
/* The client waits for 100-continue, or is about to send more than is taken. */
bool head_body_is_large(const struct request *request);
/* The body is here: ends the hash; a body that is missing is refused. */
void head_body_complete(struct request *request);

#endif
