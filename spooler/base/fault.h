/* SPDX-License-Identifier: Apache-2.0 */
/* fault.h: named places at which a test may let the process die or an
 * operation fail.
 *
 * TEM_FAULT="name" or "name:N" aborts the process (SIGKILL, no clean-up) at
 * the N-th pass of that place (default 1); "name:N:fail" makes fault_fails()
 * answer true there once. Up to FAULTS_MAX of them, a comma between. Without
 * TEM_FAULT each costs one branch. Names are "room.step"; tests/crash/points.txt
 * lists each with the scenario that passes it. Thread-safe. */
#ifndef TEM_BASE_FAULT_H
#define TEM_BASE_FAULT_H

#include <stdbool.h>

#define FAULTS_MAX 4

void fault_point(const char *name);
bool fault_fails(const char *name);

#endif
