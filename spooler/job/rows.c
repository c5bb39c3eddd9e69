/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/job/rows.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* A larger page than this is not one of ours. */
#define PAGE_MAX (16 * 1024 * 1024)

static void put_varint(struct buf *out, uint64_t value)
{
    while (value >= 0x80) {
        buf_add_byte(out, (uint8_t)(value | 0x80));
        value >>= 7;
    }
    buf_add_byte(out, (uint8_t)value);
}

/* Bytes taken; 0 = cut short or too long. */
static size_t get_varint(const uint8_t *bytes, size_t len, uint64_t *out)
{
    uint64_t value = 0;
    for (size_t i = 0; i < len && i < 10; i++) {
        value |= (uint64_t)(bytes[i] & 0x7f) << (7 * i);
        if (!(bytes[i] & 0x80)) {
            *out = value;
            return i + 1;
        }
    }
    return 0;
}

enum err rows_writer_init(struct rows_writer *writer, size_t field_count)
{
    const char **previous = calloc(field_count ? field_count : 1, sizeof *previous);
    if (!previous)
        return ERR_NO_MEMORY;
    *writer = (struct rows_writer){
        .field_count = field_count,
        .first = 1,
        .page = BUF_INIT(PAGE_MAX),
        .previous_text = BUF_INIT(PAGE_MAX),
        .previous = previous,
    };
    return ERR_NONE;
}

void rows_writer_free(struct rows_writer *writer)
{
    buf_free(&writer->page);
    buf_free(&writer->previous_text);
    free(writer->previous);
    *writer = (struct rows_writer){0};
}

/* Keeps a copy of the row, to be compared with the next one. */
static enum err remember(struct rows_writer *writer, const char *const *values)
{
    buf_reset(&writer->previous_text);
    size_t total = 0;
    for (size_t i = 0; i < writer->field_count; i++)
        total += values[i] ? strlen(values[i]) + 1 : 0;
    if (!buf_room(&writer->previous_text, total)) /* so that it does not move below */
        return buf_err(&writer->previous_text);
    for (size_t i = 0; i < writer->field_count; i++) {
        writer->previous[i] = NULL;
        if (!values[i])
            continue;
        writer->previous[i] =
            (const char *)writer->previous_text.bytes + writer->previous_text.len;
        buf_add(&writer->previous_text, values[i], strlen(values[i]) + 1);
    }
    return buf_err(&writer->previous_text);
}

enum err rows_add(struct rows_writer *writer, const char *const *values, uint64_t quantity,
                  bool *full)
{
    assert(quantity > 0);
    bool has_previous = writer->last >= writer->first;
    put_varint(&writer->page, quantity);
    for (size_t i = 0; i < writer->field_count; i++) {
        const char *old = has_previous ? writer->previous[i] : NULL;
        if (!values[i])
            put_varint(&writer->page, 0);
        else if (old && strcmp(old, values[i]) == 0)
            put_varint(&writer->page, 1);
        else {
            size_t len = strlen(values[i]);
            put_varint(&writer->page, len + 2);
            buf_add(&writer->page, values[i], len);
        }
    }
    enum err err = remember(writer, values);
    if (err || buf_err(&writer->page))
        return err ? err : buf_err(&writer->page);
    writer->last = (has_previous ? writer->last : writer->first - 1) + quantity;
    *full = writer->page.len > ROWS_PAGE_BYTES;
    return ERR_NONE;
}

void rows_next_page(struct rows_writer *writer)
{
    buf_reset(&writer->page);
    writer->first = writer->last + 1;
    writer->last = writer->first - 1;
}

/* Where reading of a page stands. Values are copied out with a NUL each. */
struct page_reader {
    const uint8_t *bytes;
    size_t len, at;
    size_t field_count;
    char **values;
};

static bool read_number(struct page_reader *reader, uint64_t *out)
{
    size_t n = get_varint(reader->bytes + reader->at, reader->len - reader->at, out);
    reader->at += n;
    return n > 0;
}

static enum err read_value(struct page_reader *reader, char **value)
{
    uint64_t kind;
    if (!read_number(reader, &kind))
        return ERR_CORRUPT;
    if (kind == 1)
        return *value ? ERR_NONE : ERR_CORRUPT;
    free(*value);
    *value = NULL;
    if (kind == 0)
        return ERR_NONE;
    if (kind - 2 > reader->len - reader->at)
        return ERR_CORRUPT;
    size_t size = (size_t)kind - 2;
    *value = malloc(size + 1);
    if (!*value)
        return ERR_NO_MEMORY;
    memcpy(*value, reader->bytes + reader->at, size);
    (*value)[size] = '\0';
    reader->at += size;
    return ERR_NONE;
}

static enum err read_row(struct page_reader *reader, uint64_t *quantity)
{
    if (!read_number(reader, quantity) || *quantity == 0)
        return ERR_CORRUPT;
    enum err err = ERR_NONE;
    for (size_t i = 0; !err && i < reader->field_count; i++)
        err = read_value(reader, &reader->values[i]);
    return err;
}

enum err rows_read_page(const void *page, size_t len, size_t field_count, uint64_t page_first,
                        uint64_t first, uint64_t last, rows_fn *fn, void *arg, struct why *why)
{
    struct page_reader reader = {.bytes = page, .len = len, .field_count = field_count};
    reader.values = calloc(field_count ? field_count : 1, sizeof *reader.values);
    if (!reader.values)
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    enum err err = ERR_NONE;
    uint64_t at = page_first;
    while (!err && reader.at < len && at <= last) {
        uint64_t quantity;
        err = read_row(&reader, &quantity);
        if (err) {
            err_set(why, err, "page of labels from %llu: %s at byte %zu",
                    (unsigned long long)page_first, err_meaning(err), reader.at);
            break;
        }
        uint64_t row_last = at + quantity - 1;
        if (row_last >= first) {
            struct row_view view = {
                .first = at > first ? at : first,
                .last = row_last < last ? row_last : last,
                .values = (const char *const *)reader.values,
                .count = field_count,
            };
            err = fn(arg, &view, why);
        }
        at = row_last + 1;
    }
    for (size_t i = 0; i < field_count; i++)
        free(reader.values[i]);
    free(reader.values);
    return err;
}

enum err rows_each(struct txn *txn, int64_t job_id, size_t field_count, uint64_t first,
                   uint64_t last, rows_fn *fn, void *arg, struct why *why)
{
    struct rows *pages = NULL;
    enum err err = sql_query(txn, &pages, why,
                             "SELECT first, last, body FROM page WHERE job_id = ?1"
                             " AND first <= ?3 AND first >= (SELECT max(first) FROM page"
                             "  WHERE job_id = ?1 AND first <= ?2) ORDER BY first",
                             "iii", job_id, (int64_t)first, (int64_t)last);
    bool have = false;
    uint64_t next = first;
    while (!err && !(err = rows_next(pages, &have, why)) && have) {
        uint64_t page_first = (uint64_t)rows_int(pages, 0),
                 page_last = (uint64_t)rows_int(pages, 1);
        size_t len;
        const void *body = rows_blob(pages, 2, &len);
        if (page_first > next || page_last < next) {
            err = err_set(why, ERR_CORRUPT, "job %lld has no data for label %llu",
                          (long long)job_id, (unsigned long long)next);
            break;
        }
        err = rows_read_page(body, len, field_count, page_first, first, last, fn, arg, why);
        next = page_last + 1;
    }
    rows_end(pages);
    if (!err && next <= last)
        err = err_set(why, ERR_CORRUPT, "job %lld has no data for label %llu",
                      (long long)job_id, (unsigned long long)next);
    return err;
}
