/* SPDX-License-Identifier: Apache-2.0 */
/* symbol-options.h: the keys of a barcode that its symbology decides on. */
#ifndef TEM_TEMPLATES_SYMBOL_OPTIONS_H
#define TEM_TEMPLATES_SYMBOL_OPTIONS_H

#include "templates/read.h"

/* The symbology that the scalar `node` names; NULL, with a finding that names the nearest. */
const char *symbol_name_read(struct loading *loading, const struct yaml_node *node);
/* All options in the map `element`, whose symbology is known. */
void symbol_options_read(struct loading *loading, const struct yaml_node *element,
                         struct shape *shape);
/* The text of `data` that is no AIs. A MaxiCode of modes 2 and 3 has a primary message, too: it
 * goes before the data and PRIMARY_END. */
bool symbol_text_read(struct loading *loading, const struct yaml_node *node,
                      struct shape *shape, const char **out);
/* `primary` is for symbologies that have one. */
void symbol_primary_check(struct loading *loading, const struct yaml_node *node,
                          struct shape *shape);
/* GS1 composite component: its AIs go behind the symbol's data, after a '|', which no AI's
 * value can hold. Only when the data are read. */
void symbol_composite_read(struct loading *loading, const struct yaml_node *node,
                           struct shape *shape);
/* AIs 310n to 369n and 390n to 395n say with their last digit how many decimals their value
 * has: a placeholder with another number of them would be wrong by a factor of ten. */
void symbol_decimals_check(struct loading *loading, const struct yaml_node *node,
                           const struct shape *shape);

#endif
