/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/printer-text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* ---- device URIs ------------------------------------------------------------------------ */

#define URI_MAX 1000

static const struct device_kind kinds[] = {
    {"socket", true, true, "raw TCP, port 9100 (AppSocket, JetDirect)"},
    {"usb", true, true, "USB"},
    {"serial", true, true, "a serial line"},
    {"ipp", false, true, "IPP has no way back for the printer's own words"},
    {"ipps", false, true, "IPP has no way back for the printer's own words"},
    {"lpd", false, true, "LPD has no way back for the printer's own words"},
    {"dnssd", false, false,
     "a name of the local network may lead elsewhere tomorrow: give the printer's address, "
     "socket://ADDRESS"},
};

static bool has_option(const char *query, const char *name)
{
    size_t len = strlen(name);
    while (query) {
        if (strncmp(query, name, len) == 0 && query[len] == '=')
            return true;
        query = strchr(query, '&');
        query = query ? query + 1 : NULL;
    }
    return false;
}

/* Without snmp=false the first byte leaves after 4 s and CUPS's page count overwrites ours.
 * waiteof=false belongs with a filter that has read every answer; without answers the backend
 * has to see the printer close. The default contimeout is a week. */
static void complete_socket(const char *uri, bool confirms, struct buf *out)
{
    const struct {
        const char *name, *value;
    } options[] = {
        {"snmp", "false"}, {"waiteof", confirms ? "false" : "true"}, {"contimeout", "60"}};
    const char *host = uri + strlen("socket://");
    size_t host_len = strcspn(host, "/?");
    const char *query = strchr(host, '?');
    const char *after = memchr(host, ']', host_len); /* [IPv6] has colons of its own */
    size_t from = after ? (size_t)(after - host) : 0;
    bool port = memchr(host + from, ':', host_len - from) != NULL;
    buf_printf(out, "socket://%.*s%s/", (int)host_len, host, port ? "" : ":9100");
    if (query)
        buf_add_text(out, query);
    char glue = query ? '&' : '?';
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        if (query && has_option(query + 1, options[i].name))
            continue;
        buf_printf(out, "%c%s=%s", glue, options[i].name, options[i].value);
        glue = '&';
    }
}

static const struct device_kind *find_kind(const char *uri)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        size_t len = strlen(kinds[i].scheme);
        if (strncmp(uri, kinds[i].scheme, len) == 0 && uri[len] == ':')
            return &kinds[i];
    }
    return NULL;
}

enum err device_complete(const char *uri, bool confirms, struct buf *out,
                         const struct device_kind **kind, struct why *why)
{
    const struct device_kind *found = find_kind(uri);
    if (strlen(uri) > URI_MAX)
        return err_set(why, ERR_INPUT, "the device URI is longer than %d bytes", URI_MAX);
    for (const char *at = uri; *at; at++) {
        if (*at <= ' ' || *at > '~')
            return err_set(why, ERR_INPUT, "%s: a device URI is printable ASCII without blanks",
                           uri);
    }
    if (!found)
        return err_set(why, ERR_INPUT,
                       "%s: expected socket://ADDRESS, usb://... (tem printer discover lists "
                       "them), serial:..., or ipp://, ipps://, lpd:// with --evidence none",
                       uri);
    if (!found->takes_labels)
        return err_set(why, ERR_INPUT, "%s: %s", uri, found->words);
    if (strcmp(found->scheme, "socket") != 0)
        buf_add_text(out, uri);
    else if (strncmp(uri, "socket://", 9) == 0 && uri[9] && !strchr("/?:", uri[9]))
        complete_socket(uri, confirms, out);
    else
        return err_set(why, ERR_INPUT, "%s: expected socket://ADDRESS[:PORT]", uri);
    *kind = found;
    return buf_err(out);
}

/* ---- sizes ---------------------------------------------------------------------------------
 */

#define MM_MAX 1365

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A decimal number with up to three places; moves *text behind it and blanks. */
static bool take_mm(const char **text, int64_t *um)
{
    const char *at = *text;
    int64_t value = 0, unit = 1000;
    if (!is_digit(*at))
        return false;
    for (; is_digit(*at); at++) {
        value = value * 10 + (*at - '0');
        if (value > MM_MAX)
            return false;
    }
    value *= 1000;
    if (*at == '.' && is_digit(at[1])) {
        for (at++; is_digit(*at) && unit > 1; at++) {
            unit /= 10;
            value += (*at - '0') * unit;
        }
        if (is_digit(*at))
            return false;
    }
    at += strspn(at, " ");
    *text = at;
    *um = value;
    return true;
}

static bool take_unit(const char **text)
{
    if (strncmp(*text, "mm", 2) == 0)
        *text += 2;
    return **text == '\0' || **text == ',';
}

bool mm_parse(const char *text, int64_t *um)
{
    int64_t value;
    if (!take_mm(&text, &value) || !take_unit(&text) || *text)
        return false;
    *um = value;
    return true;
}

bool size_parse(const char *text, int64_t *width_um, int64_t *height_um)
{
    int64_t width, height;
    if (!take_mm(&text, &width))
        return false;
    if (*text != 'x' && *text != 'X')
        return false;
    text++;
    text += strspn(text, " ");
    if (!take_mm(&text, &height) || !take_unit(&text) || width < 1000 || height < 1000)
        return false;
    *width_um = width;
    *height_um = height;
    return true;
}

void mm_add(int64_t um, struct buf *out)
{
    buf_printf(out, "%" PRId64, um / 1000);
    int64_t rest = um % 1000;
    int digits = 3;
    if (rest == 0)
        return;
    for (; rest % 10 == 0; rest /= 10)
        digits--;
    buf_printf(out, ".%0*" PRId64, digits, rest);
}

void entry_add(const struct printer_entry *entry, struct buf *out)
{
    buf_printf(out, "- {name: %s, queue: %s, model: %s, ", entry->name, entry->queue,
               entry->model);
    if (!entry->confirms)
        buf_add_text(out, "evidence: none, ");
    buf_add_text(out, "stock: {width: ");
    mm_add(entry->width_um, out);
    buf_add_text(out, " mm, height: ");
    mm_add(entry->height_um, out);
    buf_add_text(out, " mm, gap: ");
    mm_add(entry->gap_um, out);
    buf_add_text(out, " mm}}");
}

/* ---- the test label -----------------------------------------------------------------------
 */

#define EDGE_UM   1000 /* the frame, where a person sees how well the label is aligned */
#define INSET_UM  3500 /* text and symbol, clear of the ruler */
#define MODULE_UM 500  /* whole dots at 8 and at 12 dots a mm */
#define RULER_UM  5000

/* With it the smallest symbol has a size that every reader finds. */
#define SYMBOL_HEAD "printer-test:"

/* Side of the square Data Matrix that holds `bytes` in ASCII encodation, with its quiet zone
 * (ISO/IEC 16022, table 7: data codewords by size). */
static int64_t symbol_um(size_t bytes)
{
    static const struct {
        size_t codewords;
        int modules;
    } sizes[] = {{3, 10},  {5, 12},  {8, 14},  {12, 16}, {18, 18}, {22, 20},
                 {30, 22}, {36, 24}, {44, 26}, {62, 32}, {86, 36}};
    size_t last = sizeof sizes / sizeof sizes[0] - 1, i = 0;
    while (i < last && sizes[i].codewords < bytes)
        i++;
    return (sizes[i].modules + 2) * MODULE_UM;
}

char *test_label_name(const struct test_label *label, char out[static TEST_NAME_SIZE])
{
    struct buf text = BUF_INIT(TEST_NAME_SIZE - 1);
    buf_add_text(&text, "printer-test-");
    mm_add(label->width_um, &text);
    buf_add_byte(&text, 'x');
    mm_add(label->height_um, &text);
    if (!label->confirms)
        buf_add_text(&text, "-sent");
    snprintf(out, TEST_NAME_SIZE, "%s", buf_text(&text));
    buf_free(&text);
    return out;
}

/* "key: [x, y]" */
static void add_point(struct buf *yaml, const char *key, int64_t x_um, int64_t y_um)
{
    buf_printf(yaml, ", %s: [", key);
    mm_add(x_um, yaml);
    buf_add_text(yaml, ", ");
    mm_add(y_um, yaml);
    buf_add_byte(yaml, ']');
}

static void add_line(struct buf *yaml, int64_t stroke_um, const int64_t from[2],
                     const int64_t to[2])
{
    buf_add_text(yaml, "  - {line: ");
    mm_add(stroke_um, yaml);
    buf_add_text(yaml, " mm");
    add_point(yaml, "at", from[0], from[1]);
    add_point(yaml, "to", to[0], to[1]);
    buf_add_text(yaml, "}\n");
}

static void add_box(struct buf *yaml, const char *stroke, const int64_t at[2],
                    const int64_t size[2])
{
    buf_printf(yaml, "  - {box: %s", stroke);
    add_point(yaml, "at", at[0], at[1]);
    buf_add_text(yaml, ", width: ");
    mm_add(size[0], yaml);
    buf_add_text(yaml, ", height: ");
    mm_add(size[1], yaml);
    buf_add_text(yaml, "}\n");
}

/* A tick each 5 mm along the top and the left edge of the frame. */
static void add_ruler(const struct test_label *label, struct buf *yaml)
{
    for (int64_t x = RULER_UM; x < label->width_um - 2 * EDGE_UM; x += RULER_UM)
        add_line(yaml, 250, (int64_t[]){x, EDGE_UM}, (int64_t[]){x, 2 * EDGE_UM});
    for (int64_t y = RULER_UM; y < label->height_um - 2 * EDGE_UM; y += RULER_UM)
        add_line(yaml, 250, (int64_t[]){EDGE_UM, y}, (int64_t[]){2 * EDGE_UM, y});
}

/* Strokes of one to eight dots at 203 dpi, and an area: too pale or burnt is seen at once. */
static void add_darkness(const struct test_label *label, struct buf *yaml)
{
    static const int64_t strokes[] = {125, 250, 375, 500, 1000};
    int64_t top = label->height_um - 6500, bottom = label->height_um - 2500, x = INSET_UM + 500;
    for (size_t i = 0; i < sizeof strokes / sizeof strokes[0]; i++) {
        add_line(yaml, strokes[i], (int64_t[]){x, top}, (int64_t[]){x, bottom});
        x += 1750;
    }
    if (x + 5000 < label->width_um - 2 * EDGE_UM)
        add_box(yaml, "filled", (int64_t[]){x, top}, (int64_t[]){4000, bottom - top});
}

static void add_text(struct buf *yaml, const char *text, const char *font, int64_t y_um,
                     int64_t width_um)
{
    buf_printf(yaml, "  - {text: \"%s\"", text);
    add_point(yaml, "at", INSET_UM, y_um);
    buf_add_text(yaml, ", width: ");
    mm_add(width_um, yaml);
    buf_printf(yaml, ", font: %s, fit: ellipsis}\n", font);
}

/* Lines from the top while there is room; the symbol to their right when both fit. */
static void add_words(const struct test_label *label, struct buf *yaml)
{
    static const struct {
        const char *text, *font;
    } lines[] = {{"{printer}", "Bold 8"},
                 {"{model}", "Regular 7"},
                 {"{now:%Y-%m-%d %H:%M}", "Regular 7"}};
    int64_t symbol = symbol_um(strlen(SYMBOL_HEAD) + label->name_bytes),
            room = label->width_um - 2 * INSET_UM;
    int64_t floor = label->height_um - (label->height_um >= 20000 ? 7000 : 2000);
    bool has_symbol = room - symbol >= 12000 && INSET_UM + symbol <= floor;
    int64_t width = has_symbol ? room - symbol - 1000 : room;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        int64_t y = 3000 + (int64_t)i * 3500;
        if (y + 3500 <= floor && width >= 8000)
            add_text(yaml, lines[i].text, lines[i].font, y, width);
    }
    if (!has_symbol)
        return;
    buf_add_text(yaml, "  - {barcode: datamatrix");
    add_point(yaml, "at", label->width_um - INSET_UM + MODULE_UM, INSET_UM);
    buf_add_text(yaml, ", anchor: top-right, data: \"" SYMBOL_HEAD "{printer}\", module: ");
    mm_add(MODULE_UM, yaml);
    buf_add_text(yaml, " mm}\n");
}

void test_label_add(const struct test_label *label, struct buf *yaml)
{
    char name[TEST_NAME_SIZE];
    buf_printf(yaml,
               "# SPDX-License-Identifier: Apache-2.0\n"
               "# Made by `tem printer test`: no number is on it. Frame: 1 mm from the edges; "
               "ticks: 5 mm.\n"
               "tem: 1\nname: %s\ntitle: Test label\nsize: ",
               test_label_name(label, name));
    mm_add(label->width_um, yaml);
    buf_add_text(yaml, " x ");
    mm_add(label->height_um, yaml);
    buf_printf(yaml,
               " mm\nclose: %s\non_doubt: continue\nfonts: [Roboto, Noto Sans]\n"
               "fields:\n"
               "  printer: {type: text, max: 63, required: true, sample: line1}\n"
               "  model: {type: text, max: 63, required: true, sample: zpl-203}\n"
               "elements:\n",
               label->confirms ? "printed" : "sent");
    add_box(yaml, "0.25 mm", (int64_t[]){EDGE_UM, EDGE_UM},
            (int64_t[]){label->width_um - 2 * EDGE_UM, label->height_um - 2 * EDGE_UM});
    add_ruler(label, yaml);
    add_words(label, yaml);
    if (label->height_um >= 20000 && label->width_um >= 18000)
        add_darkness(label, yaml);
}

/* ---- what a device may be ------------------------------------------------------------------
 */

static bool holds(const char *text, const char *part)
{
    return text && strcasestr(text, part) != NULL;
}

const char *device_model(const char *make_and_model, const char *device_id)
{
    static const char *const zebra[] = {"zebra", "ztc ", "zdesigner", "zpl"};
    static const struct {
        const char *part, *model;
    } heads[] = {{"600dpi", "zpl-600"},
                 {"600 dpi", "zpl-600"},
                 {"300dpi", "zpl-300"},
                 {"300 dpi", "zpl-300"}};
    bool speaks = holds(device_id, "ZPL");
    for (size_t i = 0; i < sizeof zebra / sizeof zebra[0]; i++)
        speaks = speaks || holds(make_and_model, zebra[i]);
    if (!speaks)
        return NULL;
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        if (holds(make_and_model, heads[i].part) || holds(device_id, heads[i].part))
            return heads[i].model;
    }
    return "zpl-203";
}
