/* SPDX-License-Identifier: Apache-2.0 */
#include "templates/images.h"

#include "spooler/base/durable.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- names ------------------------------------------------------------------------ */

/* A path below the template's folder, wherever that will be: no root, no way up, nothing that
 * another system reads as one. */
static bool name_good(const char *name)
{
    size_t len = strlen(name);
    if (len > TEMPLATE_IMAGE_NAME || strpbrk(name, "\\:\"'`$*?<>|"))
        return false;
    for (const char *part = name; part; part = strchr(part, '/') ? strchr(part, '/') + 1 : NULL)
        if (part[0] == '.' || part[0] == '/' || part[0] == 0 || part[0] == ' ')
            return false;
    for (const char *c = name; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7F)
            return false;
    return true;
}

enum err image_from_folder(void *ctx, const char *name, struct buf *out, struct why *why)
{
    const char *file = ctx, *slash = strrchr(file, '/');
    struct buf path = BUF_INIT(8192);
    buf_add(&path, file, slash ? (size_t)(slash - file) + 1 : 0);
    buf_add_text(&path, name);
    enum err err = buf_err(&path);
    if (!err)
        err = file_read(buf_text(&path), TEMPLATE_IMAGE_BYTES, out, why);
    buf_free(&path);
    return err;
}

/* ---- reading ---------------------------------------------------------------------- */

static struct asset *find_asset(struct template *template, const char *name)
{
    for (size_t i = 0; i < template->asset_count; i++)
        if (strcmp(template->assets[i].name, name) == 0)
            return &template->assets[i];
    return NULL;
}

static bool has_room(struct loading *loading, const struct yaml_node *node, const char *name)
{
    struct template *template = loading->template;
    if (!template->assets)
        template->assets = read_zalloc(loading, TEMPLATE_MAX_IMAGES, sizeof *template->assets);
    if (!template->assets)
        return false;
    if (template->asset_count < TEMPLATE_MAX_IMAGES)
        return true;
    read_fault(loading, node, "too-many", name, NULL, "more than %d images",
               TEMPLATE_MAX_IMAGES);
    return false;
}

static size_t bytes_so_far(const struct template *template)
{
    size_t bytes = 0;
    for (size_t i = 0; i < template->asset_count; i++)
        bytes += template->assets[i].bytes.len;
    return bytes;
}

static struct asset *add_asset(struct loading *loading, const struct yaml_node *node,
                               const char *name)
{
    struct template *template = loading->template;
    struct why why = {""};
    if (!has_room(loading, node, name))
        return NULL;
    struct asset asset = {.name = name, .bytes = BUF_INIT(TEMPLATE_IMAGE_BYTES)};
    enum err err = loading->files
                       ? loading->files->read(loading->files->ctx, name, &asset.bytes, &why)
                       : err_set(&why, ERR_NOT_FOUND, "no images are given with this template");
    if (err) {
        read_fault(loading, node, "image-unreadable", name, "a PNG beside the template", "%s",
                   why.text);
    } else if (bytes_so_far(template) + asset.bytes.len > TEMPLATE_IMAGES_BYTES) {
        err = ERR_TOO_LARGE;
        read_fault(loading, node, "image-too-large", name, NULL,
                   "the images together have more than %d bytes", TEMPLATE_IMAGES_BYTES);
    } else if ((err =
                    picture_decode(asset.bytes.bytes, asset.bytes.len, &asset.picture, &why))) {
        read_fault(loading, node, "bad-image", name, "a PNG file", "%s", why.text);
    }
    loading->no_memory |= err == ERR_NO_MEMORY;
    if (err) {
        buf_free(&asset.bytes);
        return NULL;
    }
    template->assets[template->asset_count] = asset;
    return &template->assets[template->asset_count++];
}

void image_read(struct loading *loading, const struct yaml_node *node, struct shape *shape)
{
    const char *name = NULL;
    if (!read_text(loading, node, "image", 4096, &name))
        return;
    if (!name_good(name)) {
        read_fault(loading, node, "bad-name", name, "logo.png, or images/logo.png",
                   "not the name of a file below the template's folder");
        return;
    }
    struct asset *asset = find_asset(loading->template, name);
    if (!asset)
        asset = add_asset(loading, node, name);
    if (asset)
        shape->element.picture = &asset->picture;
}

void image_check(struct loading *loading, const struct yaml_node *node,
                 const struct element *element)
{
    if (element->kind == ELEMENT_IMAGE && !yaml_get(node, "width") && !yaml_get(node, "height"))
        read_fault(loading, node, "missing-key", NULL, "width: 20",
                   "the image has no width and no height in mm");
}

/* ---- keeping ---------------------------------------------------------------------- */

void images_add_to_body(const struct template *template, struct buf *body)
{
    for (size_t i = 0; i < template->asset_count; i++) {
        const struct asset *asset = &template->assets[i];
        buf_add_be64(body, strlen(asset->name));
        buf_add_text(body, asset->name);
        buf_add_be64(body, asset->bytes.len);
        buf_add(body, asset->bytes.bytes, asset->bytes.len);
    }
}

/* A length and as many bytes; false when they are not there. */
static bool take_part(struct kept_images *rest, const uint8_t **part, size_t *len)
{
    uint64_t count = 0;
    if (rest->len < 8)
        return false;
    for (int i = 0; i < 8; i++)
        count = count << 8 | rest->bytes[i];
    rest->bytes += 8;
    rest->len -= 8;
    if (count > rest->len)
        return false;
    *part = rest->bytes;
    *len = (size_t)count;
    rest->bytes += count;
    rest->len -= (size_t)count;
    return true;
}

enum err image_from_body(void *ctx, const char *name, struct buf *out, struct why *why)
{
    struct kept_images rest = *(const struct kept_images *)ctx;
    const uint8_t *at_name, *at_bytes;
    size_t name_len, len;
    while (take_part(&rest, &at_name, &name_len) && take_part(&rest, &at_bytes, &len)) {
        if (name_len != strlen(name) || memcmp(at_name, name, name_len) != 0)
            continue;
        buf_add(out, at_bytes, len);
        return buf_err(out) ? err_set(why, buf_err(out), "image %s is too large", name)
                            : ERR_NONE;
    }
    return err_set(why, ERR_NOT_FOUND, "image %s was not kept with the template", name);
}
