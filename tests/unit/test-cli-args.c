/* SPDX-License-Identifier: Apache-2.0 */
/* The pure parts of the command `tem`: arguments, ranges, addresses, widths, progress,
 * verdicts. */
#include "cli/args.h"
#include "cli/http.h"
#include "cli/job-view.h"
#include "cli/progress.h"
#include "cli/ranges.h"
#include "cli/report.h"
#include "cli/text.h"
#include "tests/unit/tap.h"

#include <stdlib.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const struct args_option own[] = {
    {"quantity", 'n', "N", false, ""},
    {"data", 'd', "FIELD=VALUE", true, ""},
    {"yes", 'y', NULL, false, ""},
    {0},
};
static const struct args_option common[] = {
    {"server", 0, "ADDRESS", false, ""},
    {"json", 0, NULL, false, ""},
    {0},
};

/* What was parsed, as one text: words, then name=value. */
static void args_text(const struct args *args, struct buf *out)
{
    for (size_t i = 0; i < args->word_count; i++)
        buf_printf(out, "<%s>", args->words[i]);
    for (size_t i = 0; i < args->given_count; i++)
        buf_printf(out, "[%s=%s]", args->given[i].option->name, args->given[i].value);
}

static void test_args(void)
{
    static const struct {
        const char *name;
        const char *argv[8];
        const char *want; /* NULL: refused, and `said` is in the words */
        const char *said;
    } cases[] = {
        {"none", {NULL}, "", NULL},
        {"words and options anywhere", {"a", "-n", "5", "b"}, "<a><b>[quantity=5]", NULL},
        {"long with equals", {"--quantity=5"}, "[quantity=5]", NULL},
        {"an equals sign in the value", {"--data=a=b=c"}, "[data=a=b=c]", NULL},
        {"an empty value", {"--quantity="}, "[quantity=]", NULL},
        {"short with its value", {"-n5"}, "[quantity=5]", NULL},
        {"repeatable", {"-d", "a=1", "-d", "b=2"}, "[data=a=1][data=b=2]", NULL},
        {"common options", {"--json", "--server", "x", "w"}, "<w>[json=][server=x]", NULL},
        {"a dash is a word", {"-"}, "<->", NULL},
        {"two dashes end options", {"--", "--json", "-n"}, "<--json><-n>", NULL},
        {"a value may begin with a dash", {"-d", "-x=1"}, "[data=-x=1]", NULL},
        {"unknown, nearest named", {"--quantty", "5"}, NULL, "nearest: --quantity"},
        {"unknown with a value", {"--serer=x"}, NULL, "nearest: --server"},
        {"unknown letter", {"-z"}, NULL, "-z"},
        {"no value", {"--quantity"}, NULL, "wants a value"},
        {"twice", {"-n", "5", "--quantity", "6"}, NULL, "twice"},
        {"a switch takes no value", {"--yes=1"}, NULL, "takes no value"},
        {"a prefix is no abbreviation", {"--quan", "5"}, NULL, "--quan"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int argc = 0;
        while (cases[i].argv[argc])
            argc++;
        struct args args = {0};
        struct why why = {{0}};
        struct buf got = BUF_INIT(4096);
        enum err err = args_parse(argc, cases[i].argv, own, common, &args, &why);
        args_text(&args, &got);
        if (cases[i].want)
            tap_is_str(err ? why.text : buf_text(&got), cases[i].want, "args: %s",
                       cases[i].name);
        else
            tap_ok(err == ERR_INPUT && strstr(why.text, cases[i].said), "args: %s (%s)",
                   cases[i].name, why.text);
        buf_free(&got);
        args_free(&args);
    }
}

static void test_leading(void)
{
    static const struct {
        const char *argv[6];
        int want;
    } cases[] = {
        {{"jobs", "--json"}, 0},
        {{"--json", "jobs"}, 1},
        {{"--server", "unix:/x", "jobs"}, 2},
        {{"--server=unix:/x", "jobs"}, 1},
        {{"--json"}, 1},
        {{"--server"}, 1},
        {{NULL}, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int argc = 0;
        while (cases[i].argv[argc])
            argc++;
        tap_is_int(args_leading(argc, cases[i].argv, common), cases[i].want,
                   "leading options, row %zu", i);
    }
}

static void test_number(void)
{
    static const struct {
        const char *text;
        uint64_t min, max;
        bool ok;
        uint64_t want;
    } cases[] = {
        {"1", 1, 10, true, 1},
        {"10", 1, 10, true, 10},
        {"11", 1, 10, false, 0},
        {"0", 1, 10, false, 0},
        {"-1", 0, 10, false, 0},
        {"+1", 0, 10, false, 0},
        {" 1", 0, 10, false, 0},
        {"1 ", 0, 10, false, 0},
        {"", 0, 10, false, 0},
        {"1,000", 0, 10000, false, 0},
        {"1.0", 0, 10, false, 0},
        {"18446744073709551615", 0, UINT64_MAX, true, UINT64_MAX},
        {"18446744073709551616", 0, UINT64_MAX, false, 0},
        {"99999999999999999999999", 0, UINT64_MAX, false, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint64_t got = 0;
        bool ok = args_number(cases[i].text, cases[i].min, cases[i].max, &got);
        tap_ok(ok == cases[i].ok && got == cases[i].want, "number \"%s\"", cases[i].text);
    }
}

static void ranges_text(const struct ranges *ranges, struct buf *out)
{
    for (size_t i = 0; i < ranges->count; i++) {
        const struct range *range = &ranges->list[i];
        if (range->by_number)
            buf_printf(out, "{%s..%s}", range->from, range->to);
        else
            buf_printf(out, "{%llu-%llu%s}", (unsigned long long)range->first,
                       (unsigned long long)range->last, range->unsure ? "?" : "");
    }
}

static void test_ranges(void)
{
    static const struct {
        const char *name, *text, *want; /* NULL: refused */
    } cases[] = {
        {"one label", "7", "{7-7?}"},
        {"labels", "5-9,12", "{5-9?}{12-12?}"},
        {"said to be labels", "label:5-9,label:3", "{5-9}{3-3}"},
        {"a number", "7K3QF9ZT", "{7K3QF9ZT..7K3QF9ZT}"},
        {"numbers", "7K3QF9ZT..M2W8XC4A", "{7K3QF9ZT..M2W8XC4A}"},
        {"leading zeros are a number's", "0007", "{0007..0007}"},
        {"a number with a dash", "VN-0007", "{VN-0007..VN-0007}"},
        {"digits said to be a number", "number:12", "{12..12}"},
        {"a number with a comma", "number:A,B", "{A,B..A,B}"},
        {"a range of such", "number:12..15", "{12..15}"},
        {"mixed", "1-2,ABC", "{1-2?}{ABC..ABC}"},
        {"more than any counter", "99999999999999999999",
         "{99999999999999999999..99999999999999999999}"},
        {"empty", "", NULL},
        {"an empty item", "1,,2", NULL},
        {"a comma at the end", "1,", NULL},
        {"backwards", "9-5", NULL},
        {"from 0", "label:0-5", NULL},
        {"label of letters", "label:ABC", NULL},
        {"an end is missing", "A..", NULL},
        {"a start is missing", "..B", NULL},
        {"longer than a number",
         "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", NULL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ranges ranges = {0};
        struct why why = {{0}};
        struct buf got = BUF_INIT(4096);
        enum err err = ranges_add(&ranges, cases[i].text, &why);
        ranges_text(&ranges, &got);
        if (cases[i].want)
            tap_is_str(err ? why.text : buf_text(&got), cases[i].want, "ranges: %s",
                       cases[i].name);
        else
            tap_ok(err == ERR_INPUT && ranges.count == 0 && why.text[0], "ranges: %s (%s)",
                   cases[i].name, why.text);
        buf_free(&got);
        ranges_free(&ranges);
    }
}

static void test_server(void)
{
    static const struct {
        const char *address, *socket_path, *url; /* NULL socket_path: refused */
    } cases[] = {
        {"unix:/run/tem/temd.sock", "/run/tem/temd.sock", "http://localhost"},
        {"http://127.0.0.1:8631", "", "http://127.0.0.1:8631"},
        {"http://127.0.0.1:8631/", "", "http://127.0.0.1:8631"},
        {"http://localhost:80", "", "http://localhost:80"},
        {"http://[::1]:8631", "", "http://[::1]:8631"},
        {"http://[::1]", "", "http://[::1]:80"},
        {"http://192.0.2.1:8631", NULL, NULL},
        {"http://127.0.0.1.example.org:8631", NULL, NULL},
        {"http://user@127.0.0.1:8631", NULL, NULL},
        {"http://127.0.0.1:0", NULL, NULL},
        {"http://127.0.0.1:65536", NULL, NULL},
        {"http://127.0.0.1:8631/v1", NULL, NULL},
        {"https://127.0.0.1:8631", NULL, NULL},
        {"unix:relative", NULL, NULL},
        {"/run/tem/temd.sock", NULL, NULL},
        {"", NULL, NULL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct server server = {0};
        struct why why = {{0}};
        enum err err = server_parse(cases[i].address, &server, &why);
        if (cases[i].socket_path)
            tap_ok(!err && strcmp(server.socket_path, cases[i].socket_path) == 0 &&
                       strcmp(server.url, cases[i].url) == 0,
                   "server \"%s\": %s %s", cases[i].address, server.socket_path, server.url);
        else
            tap_ok(err == ERR_INPUT && why.text[0], "server \"%s\" is refused",
                   cases[i].address);
    }
}

static void test_params(void)
{
    struct buf path = BUF_INIT(1024);
    buf_add_text(&path, "/v1/labels");
    http_add_param(&path, "series", "pack");
    http_add_param(&path, "scope", NULL);
    http_add_param(&path, "field.x", "a b&c=d/\xe1\xbb\x87~");
    /* RFC 3986 2.1 and 2.3; U+1EC7 is E1 BB 87 in UTF-8. */
    tap_is_str(buf_text(&path), "/v1/labels?series=pack&field.x=a%20b%26c%3Dd%2F%E1%BB%87~",
               "parameters are percent-encoded");
    buf_free(&path);
}

static void test_text(void)
{
    static const struct {
        const char *name, *in, *want;
        size_t columns;
    } cases[] = {
        {"ASCII", "abc", "abc", 3},
        {"Vietnamese", "Việt", "Việt", 4},
        {"combining mark", "e\xcc\x81", "e\xcc\x81", 1},
        {"wide", "日本", "日本", 4},
        {"escape", "a\x1b[2Jb", "a?[2Jb", 6},
        {"C1 control",
         "a\xc2\x9b"
         "b",
         "a?b", 3},
        {"line end", "a\nb", "a?b", 3},
        {"delete", "a\x7f", "a?", 2},
        {"turned direction (U+202E)",
         "a\xe2\x80\xae"
         "b",
         "a?b", 3},
        {"malformed", "a\xff\xfe", "a??", 3},
        {"overlong", "\xc0\xaf", "??", 2},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf got = BUF_INIT(4096);
        text_clean(cases[i].in, &got);
        tap_is_str(buf_text(&got), cases[i].want, "clean: %s", cases[i].name);
        tap_is_int((long long)text_columns(buf_text(&got)), (long long)cases[i].columns,
                   "columns: %s", cases[i].name);
        buf_free(&got);
    }
    struct buf cut = BUF_INIT(256), time = BUF_INIT(256);
    text_cut("日本語", 5, &cut);
    tap_is_str(buf_text(&cut), "日本", "a wide character is not cut in half");
    tap_is_int((long long)text_columns("\x1b[32mab\x1b[0m"), 2, "colours take no column");
    text_time("2026-03-01T08:00:00.123Z", &time);
    tap_is_str(buf_text(&time), "2026-03-01 08:00:00", "a time for people");
    buf_free(&cut);
    buf_free(&time);
}

static void test_duration(void)
{
    static const struct {
        uint64_t seconds;
        const char *want;
    } cases[] = {{0, "0 s"},      {59, "59 s"},      {60, "1:00"},
                 {3599, "59:59"}, {3600, "1:00:00"}, {86399, "23:59:59"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf got = BUF_INIT(64);
        text_duration(cases[i].seconds, &got);
        tap_is_str(buf_text(&got), cases[i].want, "duration %llu",
                   (unsigned long long)cases[i].seconds);
        buf_free(&got);
    }
}

/* A bar never is wider than its terminal, whatever it has to say. */
static void test_bar_width(void)
{
    static const uint64_t counts[][2] = {
        {0, 1}, {1, 1}, {0, 1000000000}, {999999999, 1000000000}};
    static const char *const words[] = {
        "", "waiting: out of labels",
        "waiting: 日本語日本語日本語日本語日本語日本語日本語日本語"};
    size_t tried = 0, wrong = 0;
    for (size_t columns = 20; columns < 200; columns++) {
        for (size_t i = 0; i < COUNT(counts) * COUNT(words) * 4; i++) {
            struct progress progress = {.job_id = INT64_MAX,
                                        .done = counts[i % 4][0],
                                        .all = counts[i % 4][1],
                                        .per_hour = i % 2 ? 7000 : 0};
            struct buf line = BUF_INIT(8192);
            snprintf(progress.words, sizeof progress.words, "%s", words[i / 4 % COUNT(words)]);
            progress_bar(&progress, columns, i / 12 % 2, i / 24 % 2, &line);
            wrong += text_columns(buf_text(&line)) > columns || line.len == 0;
            tried++;
            buf_free(&line);
        }
    }
    tap_is_int((long long)wrong, 0, "%zu bars are as wide as they may be", tried);
}

static void test_progress(void)
{
    static const struct {
        const char *name;
        struct progress progress;
        const char *bar, *words;
    } cases[] = {
        {"half, with its rate",
         {7, 50, 100, 6000, ""},
         "job 7 [##########..........] 50/100  50%  100/min  30 s left",
         "job 7: 50 of 100 labels, 100/min, 30 s left"},
        {"slow",
         {7, 50, 100, 100, ""},
         "job 7 [#########.........] 50/100  50%  100/h  30:00 left",
         "job 7: 50 of 100 labels, 100/h, 30:00 left"},
        {"99.9 % is not 100 %",
         {7, 999, 1000, 0, ""},
         "job 7 [###################################.....] 999/1000  99%",
         "job 7: 999 of 1000 labels"},
        {"waiting",
         {7, 0, 1, 6000, "waiting: out of labels"},
         "job 7 [................] 0/1  0%  waiting: out of labels",
         "job 7: 0 of 1 label; waiting: out of labels"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf bar = BUF_INIT(4096), words = BUF_INIT(4096);
        progress_bar(&cases[i].progress, 60, false, false, &bar);
        progress_words(&cases[i].progress, &words);
        /* The width of the bar is test_bar_width's; here only what stands round it. */
        const char *got = strchr(buf_text(&bar), ']'), *want = strchr(cases[i].bar, ']');
        tap_is_str(got, want, "bar: %s", cases[i].name);
        tap_is_str(buf_text(&words), cases[i].words, "words: %s", cases[i].name);
        buf_free(&bar);
        buf_free(&words);
    }
}

static void test_rate(void)
{
    struct progress_meter meter = {0};
    tap_is_int((long long)progress_rate(&meter, 1000, 0), 0, "no rate from one look");
    tap_is_int((long long)progress_rate(&meter, 2000, 2), 0, "nor within two seconds");
    tap_is_int((long long)progress_rate(&meter, 4000, 6), 7200,
               "6 labels in 3 s: 7200 an hour");
    for (int64_t s = 5; s < 100; s++)
        progress_rate(&meter, s * 1000, 6);
    tap_is_int((long long)progress_rate(&meter, 100000, 6), 0,
               "after half a minute of standstill there is none");
}

static void test_verdict(void)
{
    static const struct {
        const char *name, *json;
        enum job_verdict want;
        enum code code;
    } cases[] = {
        {"printing", "\"state\":\"open\",\"counts\":{\"printed\":4,\"sending\":6}", JOB_GOES_ON,
         CODE_DONE},
        {"closed", "\"state\":\"closed\",\"counts\":{\"printed\":10}", JOB_IS_DONE, CODE_DONE},
        {"closed, some read back",
         "\"state\":\"closed\",\"counts\":{\"printed\":4,\"verified\":6}", JOB_IS_DONE,
         CODE_DONE},
        {"closed without confirmation", "\"state\":\"closed\",\"counts\":{\"sent\":10}",
         JOB_IS_DONE, CODE_DONE},
        {"closed, one spoiled", "\"state\":\"closed\",\"counts\":{\"printed\":9,\"spoiled\":1}",
         JOB_IS_INCOMPLETE, CODE_ATTENTION},
        {"held by a person", "\"state\":\"held\",\"counts\":{\"printed\":4,\"reserved\":6}",
         JOB_IS_HELD, CODE_ATTENTION},
        {"held for doubt", "\"state\":\"held\",\"counts\":{\"in_doubt\":4,\"reserved\":6}",
         JOB_IS_IN_DOUBT, CODE_ATTENTION},
        {"doubt, goes on", "\"state\":\"open\",\"counts\":{\"in_doubt\":4,\"reserved\":6}",
         JOB_GOES_ON, CODE_DONE},
        {"doubt is all that is left",
         "\"state\":\"open\",\"counts\":{\"in_doubt\":4,\"printed\":6}", JOB_IS_IN_DOUBT,
         CODE_ATTENTION},
        {"waits for scans", "\"state\":\"open\",\"counts\":{\"printed\":10}", JOB_IS_DONE,
         CODE_DONE},
        {"being cancelled", "\"state\":\"cancelling\",\"counts\":{\"printed\":4,\"sending\":6}",
         JOB_GOES_ON, CODE_DONE},
        {"cancelled", "\"state\":\"cancelled\",\"counts\":{\"printed\":4,\"unused\":6}",
         JOB_IS_CANCELLED, CODE_ATTENTION},
        {"cancelled in doubt",
         "\"state\":\"cancelled\",\"counts\":{\"in_doubt\":4,\"unused\":6}", JOB_IS_IN_DOUBT,
         CODE_ATTENTION},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[512];
        struct job_view job;
        snprintf(text, sizeof text, "{\"id\":1,\"quantity\":10,%s}", cases[i].json);
        json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
        bool read = job_view_read(json, &job);
        tap_ok(read && job_view_verdict(&job) == cases[i].want &&
                   job_view_code(cases[i].want) == cases[i].code,
               "verdict: %s", cases[i].name);
        json_decref(json);
    }
    struct job_view job;
    json_t *json = json_pack("{ss}", "status", "ok");
    tap_ok(!job_view_read(json, &job) && !job_view_read(NULL, &job),
           "another answer is no job");
    json_decref(json);
}

/* The codes that scripts rely on; docs/operator.md and tem.1 say the same. */
static void test_codes(void)
{
    static const struct {
        int status;
        bool retry;
        int want;
    } cases[] = {{400, false, 1}, {404, false, 1}, {413, false, 1}, {415, false, 1},
                 {403, false, 4}, {409, false, 4}, {503, true, 6},  {507, true, 6},
                 {502, true, 6},  {502, false, 7}, {500, false, 7}, {302, false, 7}};
    for (size_t i = 0; i < COUNT(cases); i++)
        tap_is_int((int)report_status_code(cases[i].status, cases[i].retry), cases[i].want,
                   "status %d", cases[i].status);
}

int main(void)
{
    test_args();
    test_leading();
    test_number();
    test_ranges();
    test_server();
    test_params();
    test_text();
    test_duration();
    test_bar_width();
    test_progress();
    test_rate();
    test_verdict();
    test_codes();
    return tap_done();
}
