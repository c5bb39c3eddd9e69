/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/base/fault.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char fault_name[64]; /* "" = none; written once, before any thread reads it */
static bool fault_is_fail;
static _Atomic long fault_left;

static void read_environment(void)
{
    const char *text = getenv("TEM_FAULT");
    if (!text || !*text)
        return;
    long passes = 1;
    char word[16] = "";
    sscanf(text, "%63[^:]:%ld:%15s", fault_name, &passes, word);
    fault_is_fail = strcmp(word, "fail") == 0;
    atomic_store(&fault_left, passes);
}

static bool reached(const char *name, bool fail)
{
    pthread_once(&once, read_environment);
    return fault_name[0] && fault_is_fail == fail && strcmp(name, fault_name) == 0 &&
           atomic_fetch_sub(&fault_left, 1) == 1;
}

void fault_point(const char *name)
{
    if (reached(name, false))
        raise(SIGKILL); /* as a power cut: no handlers, no buffers flushed */
}

bool fault_fails(const char *name)
{
    return reached(name, true);
}
