/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures in terminals: which way is chosen, and what is sent, taken apart by programs that
 * nobody here wrote: base64 for kitty and iTerm2, libsixel for sixel. Braille by the Unicode
 * standard. */
#include "cli/inline.h"
#include "tests/unit/render-kit.h"

#include <png.h>

/* ---- choosing ------------------------------------------------------------------------ */

static const char *const (*fake)[2];

static const char *of_fake(const char *name)
{
    for (size_t i = 0; i < 4 && fake[i][0]; i++) {
        if (strcmp(fake[i][0], name) == 0)
            return fake[i][1];
    }
    return NULL;
}

static void test_guess(void)
{
    static const struct {
        const char *name;
        const char *environment[4][2];
        enum inline_mode want;
    } cases[] = {
        {"kitty", {{"TERM", "xterm-kitty"}, {"KITTY_WINDOW_ID", "1"}}, INLINE_KITTY},
        {"kitty over ssh keeps its TERM", {{"TERM", "xterm-kitty"}}, INLINE_KITTY},
        {"ghostty", {{"TERM", "xterm-ghostty"}}, INLINE_KITTY},
        {"iTerm2", {{"TERM", "xterm-256color"}, {"TERM_PROGRAM", "iTerm.app"}}, INLINE_ITERM},
        {"WezTerm", {{"TERM", "xterm-256color"}, {"TERM_PROGRAM", "WezTerm"}}, INLINE_ITERM},
        {"xterm is asked", {{"TERM", "xterm-256color"}}, INLINE_AUTO},
        {"kitty behind tmux is asked",
         {{"TERM", "tmux-256color"}, {"KITTY_WINDOW_ID", "1"}, {"TMUX", "socket,1,0"}},
         INLINE_AUTO},
        {"iTerm2 behind screen is asked",
         {{"TERM", "screen"}, {"TERM_PROGRAM", "iTerm.app"}},
         INLINE_AUTO},
        {"the console has no braille", {{"TERM", "linux"}}, INLINE_NONE},
        {"dumb", {{"TERM", "dumb"}}, INLINE_NONE},
        {"nothing", {{NULL, NULL}}, INLINE_NONE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        fake = cases[i].environment;
        tap_is_int(inline_guess(of_fake), cases[i].want, "guess: %s", cases[i].name);
    }
}

/* What these terminals answer to DA1. */
static void test_answers(void)
{
    static const struct {
        const char *name, *answer;
        bool want;
    } cases[] = {
        {"xterm as VT340", "\x1b[?63;1;2;4;6;9;15;22c", true},
        {"mintty", "\x1b[?64;1;2;4;6;9;15;21;22;28;29c", true},
        {"4 is the last", "\x1b[?62;4c", true},
        {"kitty", "\x1b[?62;c", false},
        {"Terminal.app, tmux", "\x1b[?1;2c", false},
        {"PuTTY", "\x1b[?6c", false},
        {"14 and 40 are not 4", "\x1b[?62;14;40c", false},
        {"what was typed before it", "q\x1b[?62;4c", true},
        {"cut short", "\x1b[?62;4", false},
        {"something else", "\x1b[4;5R", false},
        {"nothing", "", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        tap_is_int(inline_has_sixel(cases[i].answer, strlen(cases[i].answer)), cases[i].want,
                   "DA1: %s", cases[i].name);
}

/* ---- braille ------------------------------------------------------------------------- */

static void test_blocks(void)
{
    /* '#' black; rows of 4. The dots of U+2800 + n: 1 2 3 down the left, 4 5 6 down the right,
     * 7 and 8 below (The Unicode Standard, Braille Patterns). */
    static const struct {
        const char *name;
        uint32_t width, height;
        const char *pixels, *want;
    } cases[] = {
        {"all eight", 2, 4, "########", "\u28ff\n"},
        {"dot 1", 2, 4, "#.......", "\u2801\n"},
        {"dot 4", 2, 4, ".#......", "\u2808\n"},
        {"dot 3", 2, 4, "....#...", "\u2804\n"},
        {"dot 7", 2, 4, "......#.", "\u2840\n"},
        {"dot 8", 2, 4, ".......#", "\u2880\n"},
        {"two cells, the second half there", 3, 4, "..#..#..#..#", "\u2800\u2847\n"},
        {"two rows, the second short", 2, 5, "........##", "\u2800\n\u2809\n"},
    };
    struct inline_room room = {.columns = 80};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bitmap bits;
        struct grey grey;
        struct buf out = BUF_INIT(4096);
        if (bitmap_new(cases[i].width, cases[i].height, &bits) != ERR_NONE)
            return;
        for (uint32_t n = 0; n < cases[i].width * cases[i].height; n++)
            if (cases[i].pixels[n] == '#')
                bitmap_set(&bits, n % cases[i].width, n / cases[i].width);
        if (grey_from_bitmap(&bits, &grey) == ERR_NONE) {
            struct inline_picture picture = {.grey = &grey};
            inline_blocks(&picture, &room, &out);
            grey_free(&grey);
        }
        tap_is_str(buf_text(&out), cases[i].want, "braille: %s", cases[i].name);
        buf_free(&out);
        bitmap_free(&bits);
    }
}

/* ---- a label through other programs -------------------------------------------------- */

static bool save(const char *name, const void *bytes, size_t len)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", kit_folder, name);
    FILE *file = fopen(path, "wb");
    bool ok = file && fwrite(bytes, 1, len, file) == len;
    return (!file || fclose(file) == 0) && ok;
}

/* `pick` is a shell pipeline that turns the terminal's bytes into base64. */
static void test_payload(const char *name, inline_encode *encode, const char *pick,
                         const struct inline_picture *picture, uint32_t window_px)
{
    struct inline_room room = {.columns = 80, .width_px = window_px};
    struct buf out = BUF_INIT(1 << 20);
    char command[1024];
    encode(picture, &room, &out);
    save("sent", out.bytes, out.len);
    save("png", picture->png->bytes, picture->png->len);
    snprintf(command, sizeof command,
             "cd '%s' && %s < sent | base64 -d | cmp - png && echo same", kit_folder, pick);
    tap_is_str(kit_run(command), "same\n", "%s: the PNG comes out, %u pixels wide window", name,
               window_px);
    buf_free(&out);
}

/* Kitty's chunks: at most 4096 characters, all but the last a multiple of 4 with m=1. */
static void test_kitty_chunks(const struct inline_picture *picture)
{
    struct inline_room room = {.columns = 80, .width_px = 100};
    struct buf out = BUF_INIT(1 << 20);
    inline_kitty(picture, &room, &out);
    const char *at = buf_text(&out);
    size_t chunks = 0, wrong = 0;
    bool first = strncmp(at, "\x1b_Ga=T,f=100,q=2,c=80,m=1;", 26) == 0;
    while ((at = strstr(at, "\x1b_G")) != NULL) {
        const char *data = strchr(at, ';'), *end = strstr(at, "\x1b\\");
        if (!data || !end)
            break;
        bool last = strstr(end, "\x1b_G") == NULL;
        size_t len = (size_t)(end - data - 1);
        wrong += len > 4096 || len % 4 != 0 || data[-1] != (last ? '0' : '1');
        chunks++;
        at = end;
    }
    tap_ok(first, "kitty: what is wider than the window is to fit 80 columns");
    tap_ok(chunks > 1 && wrong == 0, "kitty: %zu chunks, %zu of them wrong", chunks, wrong);
    buf_free(&out);
}

/* Pixels of a PNG that differ by more than `most`; -1: it cannot be read or is of another size.
 */
static long differing(const char *name, const struct grey *want, int most)
{
    char path[256];
    png_image image = {.version = PNG_IMAGE_VERSION};
    long count = 0;
    snprintf(path, sizeof path, "%s/%s", kit_folder, name);
    if (!png_image_begin_read_from_file(&image, path))
        return -1;
    image.format = PNG_FORMAT_GRAY;
    unsigned char *grey = malloc(PNG_IMAGE_SIZE(image));
    if (!grey || !png_image_finish_read(&image, NULL, grey, 0, NULL) ||
        image.width != want->width_px || image.height != want->height_px)
        count = -1;
    for (size_t i = 0; count >= 0 && i < (size_t)image.width * image.height; i++)
        count += abs(grey[i] - want->pixels[i]) > most;
    free(grey);
    return count;
}

static void test_sixel(const struct grey *grey, uint32_t window_px, uint32_t shrunk, int most)
{
    struct inline_room room = {.columns = 80, .width_px = window_px};
    struct inline_picture picture = {.grey = grey};
    struct buf out = BUF_INIT(1 << 22);
    struct grey want;
    char command[512];
    if (!kit_has("sixel2png")) {
        tap_skip("sixel2png is not installed");
        return;
    }
    inline_sixel(&picture, &room, &out);
    save("six", out.bytes, out.len);
    snprintf(command, sizeof command, "cd '%s' && sixel2png -i six -o six.png 2>&1",
             kit_folder);
    const char *said = kit_run(command);
    if (grey_shrink(grey, shrunk, &want) == ERR_NONE) {
        tap_is_int(differing("six.png", &want, most), 0,
                   "sixel: %u x %u pixels as libsixel draws", want.width_px, want.height_px);
        grey_free(&want);
    }
    if (*said)
        printf("# %s\n", said);
    buf_free(&out);
}

static void test_pictures(void)
{
    struct buf png = BUF_INIT(1 << 20);
    struct why why;
    struct bitmap bits;
    struct grey grey;
    if (bitmap_new(403, 201, &bits) != ERR_NONE)
        return;
    /* no pattern, so that the PNG is more than one chunk, and no two columns are alike */
    for (uint32_t i = 0, x = 1; i < 403 * 201; i++) {
        x = x * 1103515245 + 12345;
        if (x >> 30 & 1)
            bitmap_set(&bits, i % 403, i / 403);
    }
    if (grey_from_bitmap(&bits, &grey) != ERR_NONE || png_write(&bits, 8000, &png, &why))
        return;
    struct inline_picture picture = {.png = &png, .grey = &grey};
    const char *kitty = "tr -d '\\n' | sed 's/\\x1b_G[^;]*;//g; s/\\x1b\\\\//g'";
    const char *iterm = "tr -d '\\n' | sed 's/^[^:]*://; s/\\x07$//'";
    test_payload("kitty", inline_kitty, kitty, &picture, 0);
    test_payload("kitty", inline_kitty, kitty, &picture, 100);
    test_payload("iTerm2", inline_iterm, iterm, &picture, 0);
    test_payload("iTerm2", inline_iterm, iterm, &picture, 100);
    test_kitty_chunks(&picture);
    test_sixel(&grey, 0, 1, 0);
    test_sixel(&grey, 403, 1, 0);
    /* averages of 4 pixels, told in 8 greys: at most half a step of 36, and a percent, off */
    test_sixel(&grey, 202, 2, 20);
    grey_free(&grey);
    bitmap_free(&bits);
    buf_free(&png);
}

int main(void)
{
    char command[256];
    kit_make_folder();
    test_guess();
    test_answers();
    test_blocks();
    test_pictures();
    snprintf(command, sizeof command, "rm -rf '%s'", kit_folder);
    kit_run(command);
    return tap_done();
}
