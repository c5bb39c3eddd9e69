/* SPDX-License-Identifier: Apache-2.0 */
/* doctor-labels.c: templates load, and their fonts are there with every style they ask for. */
#include "cli/doctor.h"

#include "drivers/driver.h"
#include "spooler/render/render.h"
#include "templates/catalog.h"

#include <string.h>

static const char *words_of(const struct finding *finding, char *out, size_t size)
{
    return finding_text(finding, out, size);
}

static const struct finding *first_error(const struct findings *findings, bool fonts)
{
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *one = &findings->list[i];
        bool font =
            strcmp(one->code, "missing-font") == 0 || strcmp(one->code, "missing-style") == 0;
        if (one->severity == SEVERITY_ERROR && font == fonts)
            return one;
    }
    return NULL;
}

static void add_templates(struct doctor *doctor, const struct catalog *catalog,
                          const struct findings *findings)
{
    const struct config_list *folders = &doctor->site.config->template_folders;
    char text[1024];
    if (findings->errors) {
        const char *file = findings->count ? findings->list[0].file : NULL;
        doctor_mend(doctor, "tem check %s", file ? file : "FILE.yaml");
        doctor_add(doctor, "templates", VERDICT_FAIL,
                   "%zu faults; those templates are left out: %s", findings->errors,
                   findings->count ? words_of(&findings->list[0], text, sizeof text) : "");
    } else if (!catalog_count(catalog)) {
        doctor_mend(doctor, "put *.yaml files there, or tem templates add FILE");
        doctor_add(doctor, "templates", VERDICT_WARN, "no template in %s",
                   folders->count ? folders->items[0] : "any folder");
    } else
        doctor_add(doctor, "templates", VERDICT_OK, "%zu load", catalog_count(catalog));
}

/* At the resolution of each printer there is; without one at 8 dots a mm. */
static void check_all(const struct doctor *doctor, struct renderer *renderer,
                      const struct catalog *catalog, struct findings *findings)
{
    const struct config *config = doctor->site.config;
    uint32_t seen[64];
    size_t count = 0;
    for (size_t i = 0; i < config->printer_count; i++) {
        const struct model *model = model_find(config->printers[i].model);
        bool known = !model;
        for (size_t k = 0; !known && k < count; k++)
            known = seen[k] == model->dots_per_m;
        if (!known && count < sizeof seen / sizeof seen[0])
            seen[count++] = model->dots_per_m;
    }
    if (!count)
        seen[count++] = 8000;
    for (size_t i = 0; i < catalog_count(catalog); i++) {
        for (size_t k = 0; k < count; k++)
            (void)render_check_template(renderer, catalog_at(catalog, i), seen[k],
                                        findings); /* the findings say it */
    }
}

static void check_fonts(struct doctor *doctor, const struct catalog *catalog)
{
    const struct config_list *folders = &doctor->site.config->font_folders;
    struct renderer *renderer = NULL;
    struct findings findings;
    struct why why = {{0}};
    char text[1024];
    enum err err = renderer_new((const char *const *)folders->items, &renderer, &why);
    if (err) {
        doctor_mend(doctor,
                    "apt install fonts-roboto-unhinted fonts-noto-core, or name your font "
                    "folders (fonts: in %s)",
                    doctor->site.file);
        doctor_add(doctor, "fonts", VERDICT_FAIL, "%s", why.text);
        return;
    }
    findings_init(&findings);
    check_all(doctor, renderer, catalog, &findings);
    const struct finding *missing = first_error(&findings, true);
    const struct finding *other = first_error(&findings, false);
    if (missing) {
        doctor_mend(doctor,
                    "apt install fonts-roboto-unhinted fonts-noto-core, or put the font "
                    "into one of the folders (fonts: in %s)",
                    doctor->site.file);
        doctor_add(doctor, "fonts", VERDICT_FAIL, "%s", words_of(missing, text, sizeof text));
    } else
        doctor_add(doctor, "fonts", VERDICT_OK,
                   "all that %zu templates ask for are in %zu folders", catalog_count(catalog),
                   folders->count);
    if (other) {
        doctor_mend(doctor, "tem check FILE says what would fit");
        doctor_add(doctor, "template-fit", VERDICT_WARN, "%s",
                   words_of(other, text, sizeof text));
    }
    findings_clear(&findings);
    renderer_free(renderer);
}

void doctor_labels(struct doctor *doctor)
{
    const struct config_list *folders = &doctor->site.config->template_folders;
    struct catalog *catalog = NULL;
    struct findings findings;
    findings_init(&findings);
    enum err err =
        catalog_load((const char *const *)folders->items, folders->count, &catalog, &findings);
    if (err)
        doctor_add(doctor, "templates", VERDICT_FAIL, "%s", err_meaning(err));
    else {
        add_templates(doctor, catalog, &findings);
        check_fonts(doctor, catalog);
    }
    findings_clear(&findings);
    catalog_free(catalog);
}
