/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct err_row {
    const char *name;
    int http;
    bool retry;
    const char *meaning;
};

static const struct err_row rows[] = {
#define X(code, http, retry, meaning) [code] = {#code, http, retry, meaning},
    ERR_MAP(X)
#undef X
};

/* Names without "ERR_" in lower case, made once by hand of the preprocessor's text: problem
 * documents and logs carry them. */
const char *err_name(enum err code)
{
    static _Thread_local char name[32];
    const char *from = rows[code].name + strlen("ERR_");
    size_t i = 0;
    for (; from[i] && i < sizeof name - 1; i++)
        name[i] = (char)(from[i] >= 'A' && from[i] <= 'Z' ? from[i] + ('a' - 'A') : from[i]);
    name[i] = '\0';
    return name;
}

const char *err_meaning(enum err code)
{
    return rows[code].meaning;
}

int err_http(enum err code)
{
    return rows[code].http;
}

bool err_retry(enum err code)
{
    return rows[code].retry;
}

enum err err_set(struct why *why, enum err code, const char *format, ...)
{
    if (why) {
        va_list args;
        va_start(args, format);
        vsnprintf(why->text, sizeof why->text, format, args);
        va_end(args);
    }
    return code;
}

enum err err_errno(struct why *why, enum err code, int error, const char *format, ...)
{
    if (why) {
        va_list args;
        va_start(args, format);
        vsnprintf(why->text, sizeof why->text, format, args);
        va_end(args);
        size_t len = strlen(why->text);
        const char *text = strerrordesc_np(error);
        snprintf(why->text + len, sizeof why->text - len, ": %s",
                 text ? text : "unknown error");
    }
    if (error == ENOSPC || error == EDQUOT)
        return ERR_FULL;
    return error == ENOMEM ? ERR_NO_MEMORY : code;
}
