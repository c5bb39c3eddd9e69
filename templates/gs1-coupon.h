/* SPDX-License-Identifier: Apache-2.0 */
/* gs1-coupon.h: North American coupons (AIs 8110 and 8112), whose value is made of parts that
 * tell each other's length. Pure. */
#ifndef TEM_TEMPLATES_GS1_COUPON_H
#define TEM_TEMPLATES_GS1_COUPON_H

#include <stdbool.h>
#include <stddef.h>

/* AI 8110. */
bool gs1_coupon_code(const char *text, size_t len);
/* AI 8112. */
bool gs1_coupon_offer(const char *text, size_t len);

#endif
