/* SPDX-License-Identifier: Apache-2.0 */
/* doctor.h: temd examines itself for GET /v1/doctor; inside intake/ only.
 *
 * An examination may take minutes on a large store (quick_check reads all of it), so it runs on
 * a thread of its own and the request is answered at once: with a result that is fresh, or with
 * 202, `running` and the last result. Nothing is changed. The result is a list of checks {name,
 * verdict: ok | warn | fail, words, mend}, as `tem doctor` shows them. */
#ifndef TEM_INTAKE_DOCTOR_H
#define TEM_INTAKE_DOCTOR_H

#include "spooler/intake/intake.h"

struct doctor;

/* Borrows `config` until doctor_free(). */
enum err doctor_new(const struct intake_config *config, struct doctor **out, struct why *why);
/* Stops an examination that is under way; takes NULL. */
void doctor_free(struct doctor *doctor);

#endif
