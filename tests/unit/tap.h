/* SPDX-License-Identifier: Apache-2.0 */
/* tap.h: Test Anything Protocol for our unit tests. Header only; one test program includes it
 * once. tap_done() prints the plan last and gives main's exit code. */
#ifndef TEM_TESTS_TAP_H
#define TEM_TESTS_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int tap_count, tap_failed;

__attribute__((format(printf, 2, 0))) static void tap_line(const char *verdict,
                                                           const char *format, va_list args)
{
    printf("%s %d - ", verdict, ++tap_count);
    vprintf(format, args);
    putchar('\n');
    fflush(stdout);
}

__attribute__((format(printf, 2, 3), unused)) static bool tap_ok(bool ok, const char *format,
                                                                 ...)
{
    va_list args;
    va_start(args, format);
    tap_line(ok ? "ok" : "not ok", format, args);
    va_end(args);
    tap_failed += !ok;
    return ok;
}

__attribute__((format(printf, 3, 4), unused)) static bool tap_is_int(long long got,
                                                                     long long want,
                                                                     const char *format, ...)
{
    va_list args;
    va_start(args, format);
    tap_line(got == want ? "ok" : "not ok", format, args);
    va_end(args);
    if (got != want)
        printf("# got %lld, want %lld\n", got, want);
    tap_failed += got != want;
    return got == want;
}

__attribute__((format(printf, 3, 4), unused)) static bool tap_is_str(const char *got,
                                                                     const char *want,
                                                                     const char *format, ...)
{
    bool same = got && want ? strcmp(got, want) == 0 : got == want;
    va_list args;
    va_start(args, format);
    tap_line(same ? "ok" : "not ok", format, args);
    va_end(args);
    if (!same)
        printf("# got \"%s\"\n# want \"%s\"\n", got ? got : "(null)", want ? want : "(null)");
    tap_failed += !same;
    return same;
}

/* A row that cannot be tried here; the reason names what is missing. */
__attribute__((format(printf, 1, 2), unused)) static void tap_skip(const char *format, ...)
{
    va_list args;
    printf("ok %d # SKIP ", ++tap_count);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
}

__attribute__((unused)) static int tap_done(void)
{
    printf("1..%d\n", tap_count);
    fflush(stdout); /* a sanitizer that finds a leak ends the process without it */
    return tap_failed ? 1 : 0;
}

#endif
