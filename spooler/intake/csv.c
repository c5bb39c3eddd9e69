/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/intake/csv.h"

#include <string.h>

static const unsigned char bom[3] = {0xef, 0xbb, 0xbf};

/* What one byte led to. The faults index fault_rows. */
enum verdict {
    MORE,
    RECORD,
    FAULT_QUOTE,
    FAULT_AFTER_QUOTE,
    FAULT_CR,
    FAULT_NUL,
    FAULT_LONG,
    FAULT_COLUMNS,
    FAULT_UNENDED,
    FAULT_MEMORY
};

static const struct {
    const char *code, *expected, *message;
} fault_rows[] = {
    [FAULT_QUOTE] = {"csv-quote", "the whole cell in quotes, the quote doubled",
                     "a quote stands inside a cell that does not begin with one"},
    [FAULT_AFTER_QUOTE] = {"csv-quote", "a comma or the line's end after the closing quote",
                           "text follows the closing quote of a cell"},
    [FAULT_CR] = {"csv-line-end", "CRLF or LF",
                  "a carriage return stands alone; quote the cell if it belongs to it"},
    [FAULT_NUL] = {"csv-nul", "UTF-8 text", "a NUL byte is not text"},
    [FAULT_LONG] = {"csv-record-too-long", "at most 65536 bytes a record",
                    "the record is too long; is a closing quote missing?"},
    [FAULT_COLUMNS] = {"csv-too-many-columns", "at most 100 columns",
                       "the record has too many columns"},
    [FAULT_UNENDED] = {"csv-quote-open", "a closing quote",
                       "the file ends inside a quoted cell; it may have been cut short"},
};

void csv_init(struct csv *csv, csv_fn *fn, void *arg)
{
    *csv = (struct csv){
        .fn = fn,
        .arg = arg,
        .line = 1,
        .record_line = 1,
        .count = 1,
        /* every cell has its NUL beside the bytes that are counted */
        .text = BUF_INIT(CSV_RECORD_MAX + CSV_COLUMNS_MAX + 1),
    };
}

void csv_free(struct csv *csv)
{
    buf_free(&csv->text);
}

static void start_record(struct csv *csv)
{
    buf_reset(&csv->text);
    csv->count = 1;
    csv->starts[0] = 0;
    csv->quoted = false;
    csv->state = CSV_CELL_START;
    csv->record_line = csv->line;
}

static enum verdict add(struct csv *csv, unsigned char c)
{
    if (c == '\0')
        return FAULT_NUL;
    if (csv->text.len - (csv->count - 1) >= CSV_RECORD_MAX)
        return FAULT_LONG;
    buf_add_byte(&csv->text, c);
    return buf_err(&csv->text) ? FAULT_MEMORY : MORE;
}

static enum verdict next_cell(struct csv *csv)
{
    if (csv->count == CSV_COLUMNS_MAX)
        return FAULT_COLUMNS;
    buf_add_byte(&csv->text, '\0');
    csv->starts[csv->count++] = csv->text.len;
    csv->state = CSV_CELL_START;
    return buf_err(&csv->text) ? FAULT_MEMORY : MORE;
}

/* A byte that stands outside quotes. */
static enum verdict outside(struct csv *csv, unsigned char c)
{
    switch (c) {
    case ',':
        return next_cell(csv);
    case '\n':
        csv->line++;
        return RECORD;
    case '\r':
        csv->state = CSV_CR;
        return MORE;
    case '"':
        if (csv->state != CSV_CELL_START)
            return FAULT_QUOTE;
        csv->state = CSV_QUOTED;
        csv->quoted = true;
        return MORE;
    default:
        csv->state = CSV_PLAIN;
        return add(csv, c);
    }
}

static enum verdict step(struct csv *csv, unsigned char c)
{
    switch (csv->state) {
    case CSV_QUOTED:
        csv->line += c == '\n';
        if (c != '"')
            return add(csv, c);
        csv->state = CSV_QUOTE_IN_QUOTED;
        return MORE;
    case CSV_QUOTE_IN_QUOTED:
        if (c == '"') {
            csv->state = CSV_QUOTED;
            return add(csv, c);
        }
        return c == ',' || c == '\n' || c == '\r' ? outside(csv, c) : FAULT_AFTER_QUOTE;
    case CSV_CR:
        if (c != '\n')
            return FAULT_CR;
        csv->line++;
        return RECORD;
    case CSV_CELL_START:
    case CSV_PLAIN:
        break;
    }
    return outside(csv, c);
}

static enum err fault(struct csv *csv, enum verdict verdict, struct findings *findings)
{
    csv->broken = true;
    if (verdict == FAULT_MEMORY)
        return ERR_NO_MEMORY;
    struct place place = {.line = csv->record_line, .column = (uint32_t)csv->count};
    return findings_add(findings, SEVERITY_ERROR, fault_rows[verdict].code, place, NULL,
                        fault_rows[verdict].expected, "%s", fault_rows[verdict].message);
}

static enum err hand_out(struct csv *csv, bool *pause)
{
    const char *cells[CSV_COLUMNS_MAX];
    const char *text = buf_text(&csv->text);
    for (size_t i = 0; i < csv->count; i++)
        cells[i] = text + csv->starts[i];
    bool blank = csv->count == 1 && csv->text.len == 0 && !csv->quoted;
    struct csv_record record = {.line = csv->record_line, .count = csv->count, .cells = cells};
    enum err err = blank ? ERR_NONE : csv->fn(csv->arg, &record, pause);
    start_record(csv);
    return err;
}

/* Passes over a byte order mark. What only began like one is text. */
static enum verdict after_bom(struct csv *csv, unsigned char c)
{
    if (csv->bom < 3 && c == bom[csv->bom]) {
        csv->bom++;
        return MORE;
    }
    enum verdict verdict = MORE;
    if (csv->bom < 3) {
        unsigned seen = csv->bom;
        csv->bom = 3;
        for (unsigned i = 0; i < seen && verdict == MORE; i++)
            verdict = step(csv, bom[i]);
    }
    return verdict == MORE ? step(csv, c) : verdict;
}

enum err csv_feed(struct csv *csv, const char *bytes, size_t len, size_t *used,
                  struct findings *findings)
{
    enum err err = ERR_NONE;
    bool pause = false;
    size_t i = 0;
    while (!err && !pause && !csv->broken && i < len) {
        enum verdict verdict = after_bom(csv, (unsigned char)bytes[i++]);
        if (verdict == RECORD)
            err = hand_out(csv, &pause);
        else if (verdict != MORE)
            err = fault(csv, verdict, findings);
    }
    *used = csv->broken ? len : i;
    return err;
}

enum err csv_end(struct csv *csv, struct findings *findings)
{
    if (csv->broken)
        return ERR_NONE;
    if (csv->bom == 1 || csv->bom == 2) { /* half a mark is all there is: no text */
        struct place place = {.line = 1, .column = 1};
        return findings_add(findings, SEVERITY_ERROR, "csv-utf8", place, NULL, "UTF-8 text",
                            "the file ends inside a character");
    }
    if (csv->state == CSV_QUOTED)
        return fault(csv, FAULT_UNENDED, findings);
    if (csv->state == CSV_CR)
        return fault(csv, FAULT_CR, findings);
    bool pause = false;
    bool begun = csv->count > 1 || csv->text.len > 0 || csv->quoted;
    return begun ? hand_out(csv, &pause) : ERR_NONE;
}
