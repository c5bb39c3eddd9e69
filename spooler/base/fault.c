/* SPDX-License-Identifier: Apache-2.0 */
#include "spooler/base/fault.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
/* Written once, before any thread reads them; but for `left`. */
static struct fault {
    char name[64];
    bool is_fail;
    _Atomic long left;
} faults[FAULTS_MAX];
static size_t fault_count;

static void read_environment(void)
{
    const char *text = getenv("TEM_FAULT");
    while (text && *text && fault_count < FAULTS_MAX) {
        struct fault *fault = &faults[fault_count];
        char word[16] = "";
        long passes = 1;
        if (sscanf(text, "%63[^:,]:%ld:%15[^,]", fault->name, &passes, word) > 0)
            fault_count++;
        fault->is_fail = strcmp(word, "fail") == 0;
        atomic_store(&fault->left, passes);
        text = strchr(text, ',');
        if (text)
            text++;
    }
}

static bool reached(const char *name, bool fail)
{
    pthread_once(&once, read_environment);
    for (size_t i = 0; i < fault_count; i++) {
        struct fault *fault = &faults[i];
        if (fault->is_fail == fail && strcmp(name, fault->name) == 0 &&
            atomic_fetch_sub(&fault->left, 1) == 1)
            return true;
    }
    return false;
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
