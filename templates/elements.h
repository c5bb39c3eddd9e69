/* SPDX-License-Identifier: Apache-2.0 */
/* elements.h: the `elements:` part of a template. A kind of element is a row of a table, a key
 * another. */
#ifndef TEM_TEMPLATES_ELEMENTS_H
#define TEM_TEMPLATES_ELEMENTS_H

#include "templates/read.h"

/* Reads all elements into the template, whose fields are there already; each fault a finding.
 */
void elements_read(struct loading *loading, const struct yaml_node *node);

#endif
