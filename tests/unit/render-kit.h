/* SPDX-License-Identifier: Apache-2.0 */
/* render-kit.h: labels drawn in a test: a template, elements by hand, PNGs in a folder of the
 * test's own, and programs that nobody here wrote to read them. Header only, one include a
 * test program. */
#ifndef TEM_TESTS_RENDER_KIT_H
#define TEM_TESTS_RENDER_KIT_H

#include "spooler/base/png.h"
#include "spooler/render/render.h"
#include "tests/unit/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef TEM_FONT_FOLDERS
#define TEM_FONT_FOLDERS "/usr/share/fonts/truetype/roboto:/usr/share/fonts/truetype/noto"
#endif

/* Rows are short when what is not given is not asked for: a row overrides the defaults. */
#ifdef __clang__
#pragma clang diagnostic ignored "-Winitializer-overrides"
#else
#pragma GCC diagnostic ignored "-Woverride-init"
#endif
#define KIT_TEXT(...)                                                                          \
    (struct element)                                                                           \
    {                                                                                          \
        .kind = ELEMENT_TEXT, .line = 1, .column = 1, .width_um = -1, .height_um = -1,         \
        .font_style = "Regular", .font_mpt = 8000, __VA_ARGS__                                 \
    }
#define KIT_BARCODE(...)                                                                       \
    (struct element)                                                                           \
    {                                                                                          \
        .kind = ELEMENT_BARCODE, .line = 2, .column = 1, .width_um = -1, .height_um = -1,      \
        .quiet = true, __VA_ARGS__                                                             \
    }

static struct renderer *kit_renderer;
static struct findings kit_findings;

__attribute__((unused)) static const char *const *kit_font_folders(void)
{
    static char folders[4096];
    static const char *list[16]; /* NULL at its end */
    size_t count = 0;
    snprintf(folders, sizeof folders, "%s", TEM_FONT_FOLDERS);
    for (char *at = folders; *at && count < 15;) {
        list[count++] = at;
        at += strcspn(at, ":");
        if (*at)
            *at++ = '\0';
    }
    return list;
}

__attribute__((unused)) static struct renderer *kit_renderer_new(void)
{
    struct renderer *renderer = NULL;
    struct why why;
    if (renderer_new(kit_font_folders(), &renderer, &why) != ERR_NONE)
        printf("# %s\n", why.text);
    return renderer;
}

/* False (and a skip line): the fonts are not on this machine. */
__attribute__((unused)) static bool kit_start(void)
{
    findings_init(&kit_findings);
    kit_renderer = kit_renderer_new();
    if (!kit_renderer)
        tap_skip("font folders %s are missing", TEM_FONT_FOLDERS);
    return kit_renderer != NULL;
}

__attribute__((unused)) static void kit_end(void)
{
    renderer_free(kit_renderer);
    findings_clear(&kit_findings);
}

/* A template of that size and those fonts; its one element is not used. */
__attribute__((unused)) static struct template *kit_template(const char *size,
                                                             const char *fonts)
{
    char yaml[512];
    int len = snprintf(yaml, sizeof yaml,
                       "tem: 1\nname: kit\nsize: %s\nfonts: [%s]\n"
                       "elements:\n  - {text: x, at: [1, 1], font: Regular 8}\n",
                       size, fonts);
    struct template *template = NULL;
    struct findings findings;
    findings_init(&findings);
    if (template_parse(yaml, (size_t)len, "kit.yaml", &template, &findings) != ERR_NONE) {
        char text[512];
        for (size_t i = 0; i < findings.count; i++)
            printf("# %s\n", finding_text(&findings.list[i], text, sizeof text));
        exit(99);
    }
    findings_clear(&findings);
    return template;
}

/* Draws one label; findings are in kit_findings. */
__attribute__((unused)) static enum err kit_draw(const struct template *template,
                                                 struct drawn *drawn, size_t count,
                                                 uint32_t dots_per_m, struct bitmap *out)
{
    struct label_doc doc = {.drawn = drawn, .count = count};
    struct rendered rendered;
    findings_clear(&kit_findings);
    enum err err =
        render_chunk(kit_renderer, template, &doc, 1, dots_per_m, &rendered, &kit_findings);
    if (err)
        return err;
    err = rendered_compose(&rendered, 0, out);
    rendered_free(&rendered);
    return err;
}

__attribute__((unused)) static enum err kit_draw_one(const struct template *template,
                                                     const struct element *element,
                                                     const char *content, uint32_t dots_per_m,
                                                     struct bitmap *out)
{
    struct drawn drawn = {element, content, strlen(content)};
    return kit_draw(template, &drawn, 1, dots_per_m, out);
}

/* The code of the first finding of the last draw, "" when there is none. */
__attribute__((unused)) static const char *kit_code(void)
{
    return kit_findings.count ? kit_findings.list[0].code : "";
}

__attribute__((unused)) static void kit_say_findings(void)
{
    char text[512];
    for (size_t i = 0; i < kit_findings.count; i++)
        printf("# %s\n", finding_text(&kit_findings.list[i], text, sizeof text));
}

/* ---- files and other programs ------------------------------------------------- */

static char kit_folder[128];

__attribute__((unused)) static const char *kit_make_folder(void)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(kit_folder, sizeof kit_folder, "%s/tem-render-XXXXXX", tmp ? tmp : P_tmpdir);
    if (!mkdtemp(kit_folder))
        exit(99);
    return kit_folder;
}

__attribute__((unused)) static bool kit_save(const struct bitmap *bitmap, uint32_t dots_per_m,
                                             const char *path)
{
    struct buf png = BUF_INIT(16 * 1024 * 1024);
    struct why why;
    bool ok = png_write(bitmap, dots_per_m, &png, &why) == ERR_NONE;
    FILE *file = ok ? fopen(path, "wb") : NULL;
    ok = file && fwrite(png.bytes, 1, png.len, file) == png.len;
    ok = (!file || fclose(file) == 0) && ok;
    buf_free(&png);
    return ok;
}

__attribute__((unused)) static bool kit_has(const char *program)
{
    const char *path = getenv("PATH");
    char name[4096];
    while (path && *path) {
        int len = (int)strcspn(path, ":");
        snprintf(name, sizeof name, "%.*s/%s", len, path, program);
        if (access(name, X_OK) == 0)
            return true;
        path += len + (path[len] == ':');
    }
    return false;
}

/* What a command says on its output, whole ("" when nothing). Static memory. */
__attribute__((unused)) static const char *kit_run(const char *command)
{
    static char out[65536];
    size_t len = 0;
    fflush(stdout);
    FILE *pipe = popen(command, "r");
    if (pipe) {
        len = fread(out, 1, sizeof out - 1, pipe);
        pclose(pipe);
    }
    out[len] = '\0';
    return out;
}

#endif
