/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/base/check-digit.h"

char gs1_check_digit(const char *digits, size_t len)
{
    unsigned sum = 0, weight = 3;
    if (len == 0)
        return '\0';
    for (size_t i = len; i-- > 0; weight = 4 - weight) {
        if (digits[i] < '0' || digits[i] > '9')
            return '\0';
        /* Modulo 10 at each step: a long string must not wrap the sum. */
        sum = (sum + (unsigned)(digits[i] - '0') * weight) % 10;
    }
    return (char)('0' + (10 - sum) % 10);
}
