/* SPDX-License-Identifier: Apache-2.0 */
/* fdatasync: what the disk under the bench's folder takes to have 4 KiB for certain: every
 * figure with "durable" in it hangs on this one.
 *
 *   fdatasync FOLDER */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <fcntl.h>

#define TIMES 200

static int64_t now_ns(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now))
        exit(1);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static int by_size(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

int main(int argc, char **argv)
{
    static const char page[4096];
    int64_t ns[TIMES];
    char path[4096];
    if (argc != 2)
        return 2;
    snprintf(path, sizeof path, "%s/synced", argv[1]);
    int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0) {
        perror(path);
        return 1;
    }
    for (int i = 0; i < TIMES; i++) {
        int64_t start = now_ns();
        /* appended, as a journal or a WAL grows */
        if (pwrite(fd, page, sizeof page, (off_t)i * (off_t)sizeof page) != sizeof page ||
            fdatasync(fd)) {
            perror(path);
            return 1;
        }
        ns[i] = now_ns() - start;
    }
    if (close(fd))
        return 1;
    qsort(ns, TIMES, sizeof ns[0], by_size);
    printf("{\"row\": \"fdatasync of 4 KiB appended\", \"value\": %" PRId64
           ", \"unit\": \"us\", \"who\": \"this disk\"}\n",
           ns[TIMES / 2] / 1000);
    return 0;
}
