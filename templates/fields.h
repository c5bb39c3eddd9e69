/* SPDX-License-Identifier: Apache-2.0 */
/* fields.h: the `fields:` part of a template. */
#ifndef TEM_TEMPLATES_FIELDS_H
#define TEM_TEMPLATES_FIELDS_H

#include "templates/read.h"

/* Reads all fields into the template, each fault a finding. Programs of elements may be
 * translated afterwards: they need to know all names. */
void fields_read(struct loading *loading, const struct yaml_node *node);
/* When the elements are read: a warning for each field that no element, condition or scope
 * uses; an error for a default or sample that a placeholder's format cannot show whole. */
void fields_check_used(struct loading *loading);

#endif
