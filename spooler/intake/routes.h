/* SPDX-License-Identifier: Apache-2.0 */
/* routes.h: every path that we answer, as one table; inside intake/ only. */
#ifndef TEM_INTAKE_ROUTES_H
#define TEM_INTAKE_ROUTES_H

#include "spooler/intake/request.h"

struct route {
    const char *method;
    const char *path; /* "{id}" stands for a job's number, "{name}" for a name */
    unsigned body;    /* enum body_kind, ORed */
    /* Called when the body is complete, and again after each write. */
    enum step (*run)(struct request *request);
    const char *params[8]; /* parameters that it knows; ends with NULL */
    const char *prefix;    /* or that begin so */
    bool issues; /* numbers, or labels anew: refused while the store is not to be trusted */
};

/* Fills the request's route, job_id and name. ERR_NOT_FOUND: no such path. ERR_STATE: not with
 * this method; request->allow lists those that are. */
enum err route_find(struct request *request, const char *method, const char *path);

/* look.c */
enum step look_jobs(struct request *request);
enum step look_job(struct request *request);
enum step look_label(struct request *request);
enum step look_printers(struct request *request);
enum step look_series(struct request *request);
enum step look_health(struct request *request);
/* doctor.c */
enum step look_doctor(struct request *request);
/* template-look.c */
enum step look_templates(struct request *request);
enum step look_template(struct request *request);
enum step look_versions(struct request *request);
/* template-preview.c */
enum step preview_template(struct request *request);
/* template-add.c */
enum step add_template(struct request *request);
/* act.c */
enum step act_hold(struct request *request);
enum step act_release(struct request *request);
enum step act_cancel(struct request *request);
enum step act_resolve(struct request *request);
/* reprint.c */
enum step reprint_post(struct request *request);
enum step reprint_post_approve(struct request *request);
enum step reprint_post_cancel(struct request *request);
enum step reprint_look(struct request *request);
/* report.c */
enum step report_get_job(struct request *request);
enum step report_get_series(struct request *request);
/* verify.c */
enum step verify_post(struct request *request);
/* printer-order.c */
enum step act_change_roll(struct request *request);
enum step act_resume(struct request *request);

#endif
