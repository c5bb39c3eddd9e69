/* SPDX-License-Identifier: Apache-2.0 */
/* report-html.c: the frame of a page that is printed, signed and put into a batch record.
 * Well-formed as XML, too, so that other tools can take it apart. */
#include "spooler/intake/report-html.h"

#include "spooler/intake/period.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* A4 with room to punch; a row is never torn, heads come again on each page. */
static const char style[] =
    "@page{size:A4;margin:16mm 14mm 18mm 20mm}"
    "*{box-sizing:border-box}"
    "body{font:9.5pt/1.35 Roboto,'Noto Sans','DejaVu Sans',Arial,sans-serif;color:#000;"
    "margin:0 auto;max-width:178mm}"
    "header{border-bottom:1.5pt solid #000;margin-bottom:4mm}"
    "h1{font-size:16pt;margin:0}header p{font-size:11pt;margin:0 0 2mm}"
    "h2{font-size:11pt;margin:5mm 0 1.5mm;break-after:avoid}"
    "p{margin:1mm 0}"
    ".sign th{white-space:nowrap}"
    ".verdict{margin:0 0 3mm;border:1.5pt solid #000;padding:2mm "
    "3mm;font-size:11pt;font-weight:bold}"
    ".bad{color:#b00000;border-color:#b00000}"
    "table{border-collapse:collapse;width:100%}table+table{margin-top:3mm}thead{display:table-"
    "header-group}"
    "tr{break-inside:avoid}"
    "th,td{border:.4pt solid #777;padding:.8mm 1.5mm;text-align:left;vertical-align:top;"
    "overflow-wrap:anywhere}"
    "th{background:#eee;font-weight:bold;overflow-wrap:normal}"
    ".n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}"
    ".m{font-family:'DejaVu Sans Mono','Liberation Mono',monospace;font-size:8pt}"
    ".t{white-space:nowrap}"
    ".total td{border-top:1.2pt solid #000;font-weight:bold}"
    "tr.bad td{color:#b00000;font-weight:bold}"
    ".pairs th{width:32%;background:none}"
    ".sign{margin-top:9mm;break-inside:avoid}"
    ".sign td{height:14mm;width:33%}"
    "footer{margin-top:5mm;font-size:8pt;border-top:.4pt solid #777;padding-top:1mm}"
    "@media screen{body{padding:8mm}}";

/* ---- text -------------------------------------------------------------------------------- */

/* What HTML gives a meaning, and control characters, do not get through as such. */
static void escape(struct buf *out, const char *text)
{
    static const struct {
        char from;
        const char *to;
    } rows[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};
    for (const char *at = text; *at; at++) {
        const char *to = NULL;
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
            to = rows[i].from == *at ? rows[i].to : to;
        if (to)
            buf_add_text(out, to);
        else
            buf_add_byte(out, (unsigned char)*at < 0x20 || *at == 0x7f ? ' ' : (uint8_t)*at);
    }
}

const char *page_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

uint64_t page_count(const json_t *object, const char *key)
{
    json_int_t value = json_integer_value(json_object_get(object, key));
    return value > 0 ? (uint64_t)value : 0;
}

const char *page_state(const char *state)
{
    return strcmp(state, "in_doubt") == 0 ? "in doubt" : state;
}

/* ---- the frame --------------------------------------------------------------------------- */

void page_begin(struct page *page, const char *title, const char *heading, const char *line)
{
    struct buf *out = page->out;
    buf_add_text(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
                      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
                      "'none'; style-src 'unsafe-inline'\"/>\n<title>");
    escape(out, title);
    buf_printf(out, "</title>\n<style>%s", style);
    /* Each sheet says what it belongs to: `title` is a word and a number or a series' name,
     * which has no character that CSS gives a meaning in a string. */
    buf_printf(out,
               "@page{@bottom-left{content:\"%s\";font:8pt sans-serif}@bottom-right{content:"
               "\"page \" counter(page) \" of \" counter(pages);font:8pt sans-serif}}",
               title);
    buf_add_text(out, "</style>\n</head>\n<body>\n<header>\n<h1>");
    escape(out, heading);
    buf_add_text(out, "</h1>\n<p>");
    escape(out, line);
    buf_add_text(out, "</p>\n</header>\n");
}

static void sign_row(struct buf *out, const char *who)
{
    buf_printf(out, "<tr><th>%s</th><td></td><td></td><td></td></tr>\n", who);
}

void page_end(struct page *page, const char *at)
{
    struct buf *out = page->out;
    int64_t ms;
    char text[PERIOD_TEXT];
    buf_add_text(out, "<table class=\"sign\">\n<thead><tr><th></th><th>Name</th>"
                      "<th>Signature</th><th>Date</th></tr></thead>\n<tbody>\n");
    sign_row(out, "Prepared by");
    sign_row(out, "Checked by");
    buf_add_text(out, "</tbody>\n</table>\n<footer>Made by Tem from its store and ledger at ");
    escape(out,
           period_parse(at, 0, false, &ms) ? period_local(ms, page->utc_offset_min, text) : at);
    buf_add_text(out, ". It tells what was known then; a later report may tell more.</footer>\n"
                      "</body>\n</html>\n");
}

static void paragraph(struct page *page, const char *css_class, const char *text)
{
    buf_printf(page->out, "<p class=\"%s\">", css_class);
    escape(page->out, text);
    buf_add_text(page->out, "</p>\n");
}

void page_verdict(struct page *page, bool good, const char *text)
{
    paragraph(page, good ? "verdict" : "verdict bad", text);
}

void page_note(struct page *page, const char *text)
{
    paragraph(page, "note", text);
}

void page_section(struct page *page, const char *heading)
{
    buf_add_text(page->out, "<h2>");
    escape(page->out, heading);
    buf_add_text(page->out, "</h2>\n");
}

/* ---- tables ------------------------------------------------------------------------------ */

void page_table(struct page *page, const char *const *heads)
{
    buf_add_text(page->out, "<table>\n<thead><tr>");
    for (size_t i = 0; heads[i]; i++) {
        bool number = heads[i][0] == '#';
        buf_add_text(page->out, number ? "<th class=\"n\">" : "<th>");
        escape(page->out, heads[i] + number);
        buf_add_text(page->out, "</th>");
    }
    buf_add_text(page->out, "</tr></thead>\n<tbody>");
}

static void end_row(struct page *page)
{
    if (page->in_row)
        buf_add_text(page->out, "</tr>");
    page->in_row = false;
}

void page_row(struct page *page, const char *css_class)
{
    end_row(page);
    page->in_row = true;
    buf_printf(page->out, "\n<tr%s%s%s>", css_class ? " class=\"" : "",
               css_class ? css_class : "", css_class ? "\"" : "");
}

void page_table_end(struct page *page)
{
    end_row(page);
    buf_add_text(page->out, "\n</tbody>\n</table>\n");
}

static void cell(struct page *page, const char *css_class, const char *text)
{
    buf_printf(page->out, "<td%s%s%s>", css_class ? " class=\"" : "",
               css_class ? css_class : "", css_class ? "\"" : "");
    escape(page->out, text);
    buf_add_text(page->out, "</td>");
}

void page_cell(struct page *page, const char *text)
{
    cell(page, NULL, text);
}

void page_mono(struct page *page, const char *text)
{
    cell(page, "m", text);
}

void page_number(struct page *page, uint64_t number)
{
    buf_printf(page->out, "<td class=\"n\">%" PRIu64 "</td>", number);
}

void page_range(struct page *page, uint64_t first, uint64_t last)
{
    if (first == last)
        page_number(page, first);
    else
        buf_printf(page->out, "<td class=\"n\">%" PRIu64 " \xe2\x80\x93 %" PRIu64 "</td>",
                   first, last);
}

void page_mono_range(struct page *page, const char *first, const char *last)
{
    buf_add_text(page->out, "<td class=\"m\">");
    escape(page->out, first);
    if (strcmp(first, last) != 0) {
        buf_add_text(page->out, " \xe2\x80\x93 ");
        escape(page->out, last);
    }
    buf_add_text(page->out, "</td>");
}

/* A time of the store as the site's clocks show it. */
static const char *local(const struct page *page, const char *iso, char out[static PERIOD_TEXT])
{
    int64_t ms;
    return period_parse(iso, 0, false, &ms) ? period_local(ms, page->utc_offset_min, out) : iso;
}

void page_time(struct page *page, const char *iso)
{
    char text[PERIOD_TEXT];
    cell(page, "t", local(page, iso, text));
}

void page_pairs(struct page *page)
{
    buf_add_text(page->out, "<table class=\"pairs\">\n<tbody>");
}

void page_pairs_end(struct page *page)
{
    page_table_end(page);
}

void page_pair(struct page *page, const char *name, const char *value)
{
    if (!*value)
        return;
    buf_add_text(page->out, "\n<tr><th>");
    escape(page->out, name);
    buf_add_text(page->out, "</th>");
    cell(page, NULL, value);
    buf_add_text(page->out, "</tr>");
}

void page_pair_mono(struct page *page, const char *name, const char *value)
{
    buf_add_text(page->out, "\n<tr><th>");
    escape(page->out, name);
    buf_add_text(page->out, "</th>");
    page_mono(page, value);
    buf_add_text(page->out, "</tr>");
}

void page_pair_time(struct page *page, const char *name, const char *iso)
{
    char text[PERIOD_TEXT];
    page_pair(page, name, *iso ? local(page, iso, text) : "");
}

void page_more(struct page *page, const json_t *document, const char *key, const char *what)
{
    char line[256];
    uint64_t more = page_count(document, key);
    if (!more)
        return;
    snprintf(line, sizeof line, "%" PRIu64 " more %s: the report as CSV has them all.", more,
             what);
    page_note(page, line);
}

void page_number_row(struct page *page, const char *name, uint64_t number)
{
    page_row(page, NULL);
    page_cell(page, name);
    page_number(page, number);
}
