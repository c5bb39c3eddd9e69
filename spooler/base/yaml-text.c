/* SPDX-License-Identifier: Apache-2.0 */
/* yaml-text.c: which characters a YAML file may have at all. */
#include "spooler/base/utf8.h"
#include "spooler/base/yaml-private.h"

/* libyaml ends at a NUL, takes tabs in places, and reads U+2028 as a line end: what a person
 * does not see in an editor must not decide what a label says. */
static const char *unwelcome(uint32_t code_point)
{
    if (code_point == '\t')
        return "yaml-tab";
    if (code_point == '\n' || code_point == '\r')
        return NULL;
    bool control = code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0);
    bool line_end = code_point == 0x2028 || code_point == 0x2029;
    bool none = (code_point & 0xFFFE) == 0xFFFE || code_point == 0xFEFF;
    return control || line_end || none ? "yaml-control" : NULL;
}

bool yaml_text_clean(const char *text, size_t len, const char *file, struct findings *findings)
{
    struct place place = {.file = file, .line = 1, .column = 1};
    uint64_t told_line = 0; /* one finding a line: a file indented by tabs has hundreds */
    bool clean = true;
    for (size_t at = 0; at < len;) {
        uint32_t code_point = 0;
        size_t taken = utf8_decode(text + at, len - at, &code_point);
        if (taken == 0) {
            findings_add(findings, SEVERITY_ERROR, "yaml-utf8", place, NULL, "UTF-8",
                         "byte 0x%02x is not UTF-8", (unsigned)(unsigned char)text[at]);
            return false;
        }
        const char *code = unwelcome(code_point);
        if (code && told_line != place.line) {
            findings_add(findings, SEVERITY_ERROR, code, place, NULL,
                         code_point == '\t' ? "spaces (or \\t in double quotes)"
                                            : "an escape in double quotes, such as \\u2028",
                         "%s U+%04X in the file",
                         code_point == '\t' ? "tab" : "control character",
                         (unsigned)code_point);
            told_line = place.line;
        }
        clean = clean && !code;
        bool line_end = code_point == '\n' ||
                        (code_point == '\r' && !(at + 1 < len && text[at + 1] == '\n'));
        place.line += line_end;
        place.column = line_end ? 1 : place.column + 1;
        at += taken;
    }
    return clean;
}
