/* SPDX-License-Identifier: Apache-2.0 */
/* images.h: the image files that a template names; for the files of this folder only. */
#ifndef TEM_TEMPLATES_IMAGES_H
#define TEM_TEMPLATES_IMAGES_H

#include "templates/read.h"

/* The key `image`: the file is read, decoded and kept with the template; the same name again is
 * the same image. Faults are findings. */
void image_read(struct loading *loading, const struct yaml_node *node, struct shape *shape);
/* An image has a width or a height; after all keys were read. Other elements: nothing. */
void image_check(struct loading *loading, const struct yaml_node *node,
                 const struct element *element);

/* Reads below the folder that `ctx` (a path of a template's file) is in. */
enum err image_from_folder(void *ctx, const char *name, struct buf *out, struct why *why);

/* A template's images as they are kept behind its YAML in a body, and back. */
void images_add_to_body(const struct template *template, struct buf *body);
/* Where in a body an image of this name is; ctx: struct kept_images. */
struct kept_images {
    const uint8_t *bytes;
    size_t len;
};
enum err image_from_body(void *ctx, const char *name, struct buf *out, struct why *why);

#endif
