/* SPDX-License-Identifier: Apache-2.0 */
#include "templates/symbology.h"

#include <string.h>

const struct symbology symbologies[] = {
    {"code128", false, false},
    {"gs1-128", true, false},
    {"code39", false, false},
    {"code93", false, false},
    {"itf", false, false},
    {"itf14", false, false},
    {"ean13", false, false},
    {"ean8", false, false},
    {"upca", false, false},
    {"upce", false, false},
    {"databar-omni", false, false},
    {"databar-stacked", false, false},
    {"databar-stacked-omni", false, false},
    {"databar-limited", false, false},
    {"databar-expanded", true, false},
    {"databar-expanded-stacked", true, false},
    {"qr", false, true},
    {"gs1-qr", true, false},
    {"micro-qr", false, true},
    {"datamatrix", false, true},
    {"gs1-datamatrix", true, false},
    {"aztec", false, true},
    {"dotcode", false, true},
    {"gs1-dotcode", true, false},
    {"pdf417", false, true},
    {"micro-pdf417", false, true},
};

const size_t symbology_count = sizeof symbologies / sizeof symbologies[0];

const struct symbology *symbology_find(const char *name)
{
    for (size_t i = 0; i < symbology_count; i++)
        if (strcmp(symbologies[i].name, name) == 0)
            return &symbologies[i];
    return NULL;
}
