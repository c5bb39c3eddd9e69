/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/render/memory.h"

#include "spooler/base/hash.h"

#include <stdlib.h>
#include <string.h>

#define MEMORY_SLOTS       2048 /* a power of two */
#define MEMORY_MAX_CONTENT 2048 /* longer ones are checked each time */

struct slot {
    struct element element; /* compared whole: a template may be loaded again elsewhere */
    char *content;          /* NULL = empty */
    size_t len;
    struct trace trace;
};

struct memory {
    uint8_t template_hash[SHA256_BYTES];
    uint32_t dots_per_m;
    struct slot slots[MEMORY_SLOTS];
};

enum err memory_new(struct memory **out, struct why *why)
{
    struct memory *memory = calloc(1, sizeof *memory);
    if (!memory)
        return err_set(why, ERR_NO_MEMORY, "out of memory for checks");
    *out = memory;
    return ERR_NONE;
}

static void clear(struct slot *slot)
{
    free(slot->content);
    free(slot->trace.inks);
    slot->content = NULL;
    slot->trace = (struct trace){0};
}

static void forget(struct memory *memory)
{
    for (size_t i = 0; i < MEMORY_SLOTS; i++)
        clear(&memory->slots[i]);
}

void memory_free(struct memory *memory)
{
    if (!memory)
        return;
    forget(memory);
    free(memory);
}

void memory_about(struct memory *memory, const struct template *template, uint32_t dots_per_m)
{
    const uint8_t *hash = template_hash(template);
    if (memory->dots_per_m == dots_per_m &&
        memcmp(memory->template_hash, hash, SHA256_BYTES) == 0)
        return;
    forget(memory);
    memcpy(memory->template_hash, hash, SHA256_BYTES);
    memory->dots_per_m = dots_per_m;
}

static size_t slot_of(const struct drawn *drawn)
{
    uint64_t hash = drawn->element->line * 1000003u + drawn->element->column;
    for (size_t i = 0; i < drawn->content_len; i++)
        hash = (hash ^ (uint8_t)drawn->content[i]) * 0x100000001b3u;
    return (size_t)(hash * 0x9e3779b97f4a7c15u >> 40) % MEMORY_SLOTS;
}

const struct trace *memory_find(const struct memory *memory, const struct drawn *drawn)
{
    const struct slot *slot = &memory->slots[slot_of(drawn)];
    bool known = slot->content && slot->len == drawn->content_len &&
                 memcmp(&slot->element, drawn->element, sizeof slot->element) == 0 &&
                 memcmp(slot->content, drawn->content, drawn->content_len) == 0;
    return known ? &slot->trace : NULL;
}

void memory_keep(struct memory *memory, const struct drawn *drawn, const struct pieces *pieces,
                 struct rect clear_area)
{
    if (drawn->content_len > MEMORY_MAX_CONTENT)
        return;
    struct slot *slot = &memory->slots[slot_of(drawn)];
    clear(slot);
    char *content = malloc(drawn->content_len + 1);
    struct rect *inks = calloc(pieces->count + 1, sizeof *inks);
    if (!content || !inks) {
        free(content);
        free(inks);
        return; /* only slower */
    }
    memcpy(content, drawn->content, drawn->content_len);
    content[drawn->content_len] = '\0';
    for (size_t i = 0; i < pieces->count; i++)
        inks[i] = piece_rect(&pieces->list[i]);
    slot->content = content;
    slot->len = drawn->content_len;
    slot->trace = (struct trace){clear_area, inks, pieces->count};
    memcpy(&slot->element, drawn->element, sizeof slot->element);
}
