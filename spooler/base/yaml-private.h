/* SPDX-License-Identifier: Apache-2.0 */
/* yaml-private.h: inside of yaml.h. */
#ifndef TEM_BASE_YAML_PRIVATE_H
#define TEM_BASE_YAML_PRIVATE_H

#include "spooler/base/yaml.h"

struct yaml_doc {
    struct yaml_node *root;
    char *file;
};

/* No tabs, control characters or line ends that a person does not see; false with a finding a
 * line. */
bool yaml_text_clean(const char *text, size_t len, const char *file, struct findings *findings);

#endif
