/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/render/gs1-use.h"

#include <string.h>

#define RETAIL .use = "retail", .title = "retail point of sale", .table = 1
#define CARTON .use = "distribution", .title = "general distribution", .table = 2
#define SHOP_CARTON                                                                            \
    .use = "retail-distribution", .title = "retail and general distribution", .table = 3
#define LOGISTICS .use = "logistics", .title = "logistic units", .table = 5
#define HEALTH    .use = "healthcare", .title = "regulated healthcare", .table = 6
#define HEALTH_CARTON                                                                          \
    .use = "healthcare-distribution", .title = "pharmacy and distribution", .table = 8

#define MODULE(low, target, high) .min_um = low, .target_um = target, .max_um = high
#define EAN                       " ean13 upca upce "
#define DATABAR                   " databar-omni databar-stacked-omni "

/* EAN-13 is 22.85 mm high at 0.33 mm, EAN-8 18.23 mm, and both grow with X; 1.25 inches are
 * 31.75 mm. Two-dimensional symbols are printed at 1.5 times the X of linear ones where belts
 * scan them. */
static const struct gs1_range ranges[] = {
    {RETAIL, EAN, MODULE(264, 330, 660), .height_centimodules = 6924},
    {RETAIL, " ean8 ", MODULE(264, 330, 660), .height_centimodules = 5524},
    {RETAIL, DATABAR, MODULE(264, 330, 660), .recalled = true},
    {RETAIL, " databar-expanded databar-expanded-stacked ", MODULE(264, 330, 660),
     .recalled = true},
    {RETAIL, " gs1-datamatrix gs1-qr qr datamatrix ", MODULE(375, 625, 990), .recalled = true},

    {CARTON, EAN " ean8 ", MODULE(495, 660, 660), .recalled = true},
    {CARTON, " itf14 gs1-128 ", MODULE(495, 495, 1016), .height_um = 31750, .recalled = true},
    {CARTON, DATABAR, MODULE(495, 660, 660), .recalled = true},
    {CARTON, " gs1-datamatrix gs1-qr ", MODULE(743, 743, 1500), .recalled = true},

    {SHOP_CARTON, EAN, MODULE(495, 660, 660), .height_centimodules = 6924, .recalled = true},
    {SHOP_CARTON, " ean8 ", MODULE(495, 660, 660), .height_centimodules = 5524,
     .recalled = true},
    {SHOP_CARTON, DATABAR " databar-limited databar-expanded databar-expanded-stacked ",
     MODULE(495, 660, 660)},

    /* 165.10 mm: 5.4.4.3, physical length with quiet zones */
    {LOGISTICS, " gs1-128 ", MODULE(495, 495, 1016), .height_um = 31750, .width_um = 165100,
     .recalled = true},
    {LOGISTICS, " gs1-datamatrix gs1-qr ", MODULE(743, 743, 1500), .recalled = true},

    {HEALTH, " gs1-datamatrix ", MODULE(254, 380, 990), .recalled = true},
    {HEALTH, " gs1-128 ", MODULE(170, 495, 495), .height_um = 12700, .recalled = true},
    {HEALTH, EAN " ean8 ", MODULE(170, 330, 660), .recalled = true},

    {HEALTH_CARTON, " gs1-datamatrix ", MODULE(750, 750, 1520), .recalled = true},
    {HEALTH_CARTON, " gs1-128 itf14 ", MODULE(495, 495, 1016), .height_um = 31750,
     .recalled = true},
    {HEALTH_CARTON, EAN " ean8 ", MODULE(495, 660, 660), .recalled = true},
};
#define RANGES (sizeof ranges / sizeof ranges[0])

static bool has_name(const char *names, const char *name)
{
    size_t len = strlen(name);
    for (const char *at = names; (at = strstr(at, name)) != NULL; at++) {
        if (at > names && at[-1] == ' ' && at[len] == ' ')
            return len > 0;
    }
    return false;
}

const struct gs1_range *gs1_range_find(const char *use, const char *symbology)
{
    for (size_t i = 0; use && symbology && i < RANGES; i++) {
        if (strcmp(ranges[i].use, use) == 0 && has_name(ranges[i].symbologies, symbology))
            return &ranges[i];
    }
    return NULL;
}

const char *gs1_use_at(size_t index)
{
    for (size_t i = 0; i < RANGES; i++) {
        bool another = i == 0 || strcmp(ranges[i].use, ranges[i - 1].use) != 0;
        if (another && index-- == 0)
            return ranges[i].use;
    }
    return NULL;
}

/* Values cannot hold a bracket (CSET 82), so that "[21]" is always the AI. */
static bool has_ai(const char *content, size_t len, const char *ai)
{
    return memmem(content, len, ai, strlen(ai)) != NULL;
}

/* A GS1 Digital Link URI has its key as a part of its path: "/01/" and a GTIN of 14 digits. */
static bool is_digital_link(const char *content, size_t len)
{
    const char *key = memmem(content, len, "/01/", 4);
    size_t left = key ? len - (size_t)(key + 4 - content) : 0;
    if (len < 4 || memcmp(content, "http", 4) != 0 || left < 14)
        return false;
    for (size_t i = 0; i < 14; i++) {
        if (key[4 + i] < '0' || key[4 + i] > '9')
            return false;
    }
    return true;
}

const char *gs1_use_guess(const char *symbology, const char *content, size_t len, bool ai_data)
{
    /* The first row whose symbology and AIs are all there. */
    static const struct {
        const char *symbologies;
        const char *ais[3];
        const char *use;
    } rows[] = {
        {" gs1-128 gs1-datamatrix gs1-qr ", {"[00]"}, "logistics"},
        {" gs1-datamatrix ", {"[01]", "[17]", "[21]"}, "healthcare"},
        {" gs1-128 ", {"[01]"}, "distribution"},
        {" gs1-128 ", {"[02]"}, "distribution"},
        {" gs1-datamatrix gs1-qr databar-expanded databar-expanded-stacked ",
         {"[01]"},
         "retail"},
    };
    if (!symbology)
        return NULL;
    if (has_name(EAN " ean8 " DATABAR, symbology))
        return "retail";
    if (strcmp(symbology, "itf14") == 0)
        return "distribution";
    if (!ai_data)
        return has_name(" qr datamatrix ", symbology) && is_digital_link(content, len)
                   ? "retail"
                   : NULL;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool all = has_name(rows[i].symbologies, symbology);
        for (size_t n = 0; all && n < 3 && rows[i].ais[n]; n++)
            all = has_ai(content, len, rows[i].ais[n]);
        if (all)
            return rows[i].use;
    }
    return NULL;
}
