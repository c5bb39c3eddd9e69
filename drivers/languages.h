/* SPDX-License-Identifier: Apache-2.0 */
/* languages.h: the drivers there are. Only models.c needs their names; everyone else takes
 * model->driver. Constant rows, any thread. */
#ifndef TEM_DRIVERS_LANGUAGES_H
#define TEM_DRIVERS_LANGUAGES_H

#include "drivers/driver.h"

extern const struct driver driver_zpl;
extern const struct driver driver_png;

#endif
