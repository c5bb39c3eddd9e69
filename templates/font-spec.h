/* SPDX-License-Identifier: Apache-2.0 */
/* font-spec.h: "Bold 8", "Roboto Condensed Bold 8" and "shrink to 6.5". */
#ifndef TEM_TEMPLATES_FONT_SPEC_H
#define TEM_TEMPLATES_FONT_SPEC_H

#include "templates/read.h"

/* [family] [style] points. The style is what ends the name and consists of words such as Bold
 * or Italic; without one it is Regular. */
void font_spec_read(struct loading *loading, const struct yaml_node *node,
                    struct element *element);
/* refuse | wrap | ellipsis | shrink to POINTS. */
void fit_spec_read(struct loading *loading, const struct yaml_node *node,
                   struct element *element);
/* What fit, width and font say must go together; after all keys were read. */
void fit_spec_check(struct loading *loading, const struct yaml_node *node,
                    const struct element *element);

#endif
