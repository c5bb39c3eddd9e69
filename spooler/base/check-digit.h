/* SPDX-License-Identifier: Apache-2.0 */
/* check-digit.h: the check digit that both numbers and template data have. */
#ifndef TEM_BASE_CHECK_DIGIT_H
#define TEM_BASE_CHECK_DIGIT_H

#include <stddef.h>

/* GS1 check digit (General Specifications 7.9) of a string of digits; '\0' when it is empty or
 * one is no digit. */
char gs1_check_digit(const char *digits, size_t len);

#endif
