/* SPDX-License-Identifier: Apache-2.0 */
/* The ZPL driver as the virtual printer draws it, which was written from the facts by somebody
 * else: random plates and patches must come out dot for dot, one label an impression, and
 * nothing of what was sent may be wrong for it. Skipped where it is not built. */
#include "drivers/driver.h"
#include "spooler/base/durable.h"
#include "tests/unit/tap.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <png.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[128], port_file[160], out_folder[160], control[160];
static uint32_t random_state = 4711;

static uint32_t next_random(uint32_t below)
{
    random_state = random_state * 1664525 + 1013904223;
    return (random_state >> 8) % below;
}

static const struct row {
    const char *name;
    uint32_t width, height;
    int impressions, patches;
    bool noisy, full_patch;
} rows[] = {
    {"white plate, one patch", 400, 240, 1, 1, false, false},
    {"drawn plate, five patches", 397, 233, 3, 5, false, false},
    {"noisy plate (Z64)", 832, 300, 2, 3, true, false},
    {"no patch at all", 100, 100, 1, 0, false, false},
    {"a patch in bands, over 99999 bytes", 832, 1100, 1, 1, true, true},
};

static pid_t start(const char *program)
{
    pid_t pid = fork();
    if (pid == 0) {
        execl(program, program, "--port", "0", "--port-file", port_file, "--out", out_folder,
              "--control", control, "--speed-mm-s", "0", "--quiet", (char *)NULL);
        _exit(127);
    }
    return pid;
}

/* Tries for five seconds. */
static bool appears(const char *path)
{
    for (int i = 0; i < 500 && access(path, F_OK) != 0; i++)
        usleep(10000);
    return access(path, F_OK) == 0;
}

static int connect_to_it(void)
{
    struct buf text = BUF_INIT(64);
    if (!appears(port_file) || file_read(port_file, 60, &text, NULL))
        return -1;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port =
                                      htons((uint16_t)strtol(buf_text(&text), NULL, 10)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    buf_free(&text);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* Rectangles, or noise. */
static void draw(struct bitmap *bitmap, bool noisy)
{
    for (int i = 0; i < 6; i++)
        bitmap_fill(bitmap, next_random(bitmap->width_dots), next_random(bitmap->height_dots),
                    1 + next_random(60), 1 + next_random(40));
    for (uint32_t i = 0; noisy && i < bitmap->width_dots * bitmap->height_dots / 3; i++)
        bitmap_set(bitmap, next_random(bitmap->width_dots), next_random(bitmap->height_dots));
}

static void make_patch(const struct row *row, struct patch *patch)
{
    uint32_t width = row->full_patch ? row->width : 1 + next_random(row->width / 2);
    uint32_t height = row->full_patch ? row->height : 1 + next_random(row->height / 2);
    if (bitmap_new(width, height, &patch->bits))
        abort();
    draw(&patch->bits, row->noisy);
    patch->x_dots = next_random(row->width - width + 1);
    patch->y_dots = next_random(row->height - height + 1);
}

static bool same_dots(const char *path, const struct bitmap *want)
{
    png_image image = {.version = PNG_IMAGE_VERSION};
    if (!png_image_begin_read_from_file(&image, path))
        return false;
    image.format = PNG_FORMAT_GRAY;
    uint8_t *grey = malloc(PNG_IMAGE_SIZE(image));
    bool ok = grey && image.width >= want->width_dots && image.height >= want->height_dots &&
              png_image_finish_read(&image, NULL, grey, 0, NULL);
    for (uint32_t y = 0; ok && y < image.height; y++)
        for (uint32_t x = 0; ok && x < image.width; x++) {
            bool black =
                x < want->width_dots && y < want->height_dots && bitmap_get(want, x, y);
            ok = (grey[y * image.width + x] < 128) == black;
        }
    free(grey);
    png_image_free(&image);
    return ok;
}

/* Sends one chunk; label `*n` is the next that comes out. */
static void send_chunk(const struct row *row, int fd, int *n)
{
    static const struct settings settings = {50, 100, MEDIA_DIRECT_THERMAL, OUTPUT_TEAR};
    static const struct stock stock = {50000, 30000, 3000, MEDIA_GAP};
    struct bitmap plate;
    struct buf bytes = BUF_INIT(1 << 22);
    if (bitmap_new(row->width, row->height, &plate))
        abort();
    if (row->patches != 1 || row->noisy)
        draw(&plate, row->noisy && !row->full_patch);
    struct chunk_setup setup = {.model = model_find("zpl-203"),
                                .stock = &stock,
                                .settings = &settings,
                                .plate = &plate,
                                .impressions = (uint32_t)row->impressions,
                                .name = "chunk"};
    const struct driver *driver = setup.model->driver;
    plate_name(&plate, setup.plate_id);
    struct bitmap want[4];
    bool made = !driver->begin(&setup, &bytes, NULL);
    for (int i = 0; i < row->impressions; i++) {
        struct patch patches[8];
        struct impression impression = {(uint32_t)i + 1, 1, 1, patches, (size_t)row->patches};
        made = made && !bitmap_copy(&plate, &want[i]);
        for (int j = 0; j < row->patches; j++) {
            make_patch(row, &patches[j]);
            bitmap_or(&want[i], &patches[j].bits, patches[j].x_dots, patches[j].y_dots);
        }
        made = made && !driver->impression(&setup, &impression, &bytes, NULL);
        for (int j = 0; j < row->patches; j++)
            bitmap_free(&patches[j].bits);
    }
    made = made && !driver->end(&setup, &bytes, NULL) &&
           !fd_write_all(fd, bytes.bytes, bytes.len, NULL);
    for (int i = 0; i < row->impressions; i++) {
        char path[256];
        snprintf(path, sizeof path, "%s/label-%06d.png", out_folder, (*n)++);
        bool there = made && appears(path);
        for (int tries = 0; there && tries < 100 && !same_dots(path, &want[i]); tries++)
            usleep(10000); /* it may still be writing */
        tap_ok(there && same_dots(path, &want[i]), "%s: label %d, dot for dot", row->name,
               i + 1);
        bitmap_free(&want[i]);
    }
    bitmap_free(&plate);
    buf_free(&bytes);
}

/* The odometer, as the driver asks for it and reads it. */
static uint64_t ask_count(int fd, bool *idle)
{
    const struct driver *driver = model_find("zpl-203")->driver;
    struct buf question = BUF_INIT(256);
    struct parse_state state = {0};
    uint8_t answer[1024];
    size_t len = 0;
    uint64_t count = 0;
    bool counted = false, told = false;
    if (driver->query(QUERY_STATUS, &question) || driver->query(QUERY_COUNT, &question) ||
        fd_write_all(fd, question.bytes, question.len, NULL))
        abort();
    while (!counted || !told) {
        struct device_event event;
        bool have = false;
        ssize_t n = read(fd, answer + len, sizeof answer - len);
        if (n <= 0)
            break;
        len += (size_t)n;
        for (size_t used = 1; used > 0;) {
            used = driver->parse(&state, answer, len, &event, &have);
            memmove(answer, answer + used, len - used);
            len -= used;
            if (have && event.kind == EVENT_COUNT)
                count = event.value;
            if (have && event.kind == EVENT_STATUS)
                *idle = event.idle && !event.conditions;
            counted = counted || (have && event.kind == EVENT_COUNT);
            told = told || (have && event.kind == EVENT_STATUS);
        }
    }
    buf_free(&question);
    return count;
}

static void remove_all(void)
{
    char command[300];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    pid_t child = fork();
    if (child == 0) {
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    if (child < 0 || waitpid(child, NULL, 0) != child)
        abort();
}

int main(void)
{
    const char *base = getenv("TMPDIR"), *program = getenv("TEM_VPRINTER");
    if (!program || access(program, X_OK) != 0)
        program = "tests/vprinter/tem-vprinter";
    if (access(program, X_OK) != 0) {
        tap_skip("the virtual printer is not built");
        return tap_done();
    }
    snprintf(folder, sizeof folder, "%.60s/tem-XXXXXX", base ? base : P_tmpdir);
    if (!mkdtemp(folder))
        abort();
    snprintf(port_file, sizeof port_file, "%s/port", folder);
    snprintf(out_folder, sizeof out_folder, "%s/out", folder);
    snprintf(control, sizeof control, "%s/c", folder);
    pid_t pid = start(program);
    int fd = connect_to_it(), n = 1, status = 0;
    bool idle = false, idle_after = false;
    if (tap_ok(pid > 0 && fd >= 0, "the virtual printer is up")) {
        uint64_t before = ask_count(fd, &idle);
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
            send_chunk(&rows[i], fd, &n);
        uint64_t after = ask_count(fd, &idle_after);
        tap_is_int((long long)(after - before), n - 1,
                   "its odometer counts each label, no more");
        tap_ok(idle && idle_after, "ready and idle, before and after");
        close(fd);
        char command[600];
        snprintf(command, sizeof command, "'%s' --tell --control '%s' quit >'%s/told'", program,
                 control, folder);
        pid_t teller = fork();
        if (teller == 0) {
            execl("/bin/sh", "sh", "-c", command, (char *)NULL);
            _exit(127);
        }
        if (teller < 0 || waitpid(teller, NULL, 0) != teller)
            abort();
    } else if (pid > 0) {
        kill(pid, SIGKILL);
    }
    if (waitpid(pid, &status, 0) != pid)
        abort();
    tap_ok(WIFEXITED(status) && WEXITSTATUS(status) == 0,
           "nothing was wrong for it (status %d)",
           WIFEXITED(status) ? WEXITSTATUS(status) : -1);
    remove_all();
    return tap_done();
}
