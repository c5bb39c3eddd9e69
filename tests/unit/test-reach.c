/* SPDX-License-Identifier: Apache-2.0 */
/* A printer's reach over SNMP, with an agent made here on loopback. The question's bytes are
 * argued from RFC 1157 and X.690 (openssl asn1parse reads them so); answers are made from it as
 * an agent makes them: the same, with another tag and a value. */
#include "drivers/driver.h"
#include "drivers/feed/reach.h"
#include "drivers/feed/snmp.h"
#include "tests/unit/tap.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* Behind the id: status, index, the variable list up to the value. */
#define VARIABLE "\x06\x0b\x2b\x06\x01\x02\x01\x19\x03\x05\x01\x02\x01"

static void test_question(void)
{
    static const char want[] =
        "\x30\x2c\x02\x01\x00\x04\x06public\xa0\x1f\x02\x04\x01\x12\x34\x56"
        "\x02\x01\x00\x02\x01\x00\x30\x11\x30\x0f" VARIABLE "\x05\x00";
    uint8_t got[SNMP_GET_BYTES];
    snmp_get(0xff123456, got);
    tap_ok(sizeof want - 1 == SNMP_GET_BYTES && memcmp(got, want, sizeof got) == 0,
           "the question");
}

/* Responses to the question of id 0x123456; the lengths are right unless the row says not. */
static const struct {
    const char *name, *bytes;
    size_t len;
    bool answers;
    uint32_t conditions;
} answers[] = {
#define R(s)  s, sizeof s - 1
#define FRONT "\x02\x01\x00\x04\x06public"
#define ID    "\x02\x04\x01\x12\x34\x56"
    {"no error",
     R("\x30\x2e" FRONT "\xa2\x21" ID "\x02\x01\x00\x02\x01\x00\x30\x13\x30\x11" VARIABLE
       "\x04\x02\x00\x00"),
     true, 0},
    {"no paper",
     R("\x30\x2d" FRONT "\xa2\x20" ID "\x02\x01\x00\x02\x01\x00\x30\x12\x30\x10" VARIABLE
       "\x04\x01\x40"),
     true, 1 << CONDITION_MEDIA_EMPTY},
    {"door open, jammed",
     R("\x30\x2d" FRONT "\xa2\x20" ID "\x02\x01\x00\x02\x01\x00\x30\x12\x30\x10" VARIABLE
       "\x04\x01\x0c"),
     true, 1 << CONDITION_HEAD_OPEN | 1 << CONDITION_JAM},
    {"no toner",
     R("\x30\x2d" FRONT "\xa2\x20" ID "\x02\x01\x00\x02\x01\x00\x30\x12\x30\x10" VARIABLE
       "\x04\x01\x10"),
     true, 1 << CONDITION_RIBBON_EMPTY},
    {"an empty value",
     R("\x30\x2c" FRONT "\xa2\x1f" ID "\x02\x01\x00\x02\x01\x00\x30\x11\x30\x0f" VARIABLE
       "\x04\x00"),
     true, 0},
    {"no such name: somebody is there",
     R("\x30\x2c" FRONT "\xa2\x1f" ID "\x02\x01\x02\x02\x01\x01\x30\x11\x30\x0f" VARIABLE
       "\x05\x00"),
     true, 0},
    {"long form of the lengths",
     R("\x30\x82\x00\x31" FRONT "\xa2\x81\x23" ID
       "\x02\x01\x00\x02\x01\x00\x30\x81\x14\x30\x81\x11" VARIABLE "\x04\x02\x40\x00"),
     true, 1 << CONDITION_MEDIA_EMPTY},
    {"another id",
     R("\x30\x2c" FRONT
       "\xa2\x1f\x02\x04\x01\x12\x34\x57\x02\x01\x00\x02\x01\x00\x30\x11\x30\x0f" VARIABLE
       "\x05\x00"),
     false, 0},
    {"another version",
     R("\x30\x2c\x02\x01\x01\x04\x06public\xa2\x1f" ID
       "\x02\x01\x00\x02\x01\x00\x30\x11\x30\x0f" VARIABLE "\x05\x00"),
     false, 0},
    {"our own question",
     R("\x30\x2c" FRONT "\xa0\x1f" ID "\x02\x01\x00\x02\x01\x00\x30\x11\x30\x0f" VARIABLE
       "\x05\x00"),
     false, 0},
    {"a length beyond the end",
     R("\x30\x2d" FRONT "\xa2\x1f" ID "\x02\x01\x00\x02\x01\x00\x30\x11\x30\x0f" VARIABLE
       "\x05\x00"),
     false, 0},
    {"no length at all", R("\x30\x80" FRONT), false, 0},
    {"nothing", "", 0, false, 0},
};

static void test_answers(void)
{
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        uint32_t conditions = 0;
        uint8_t *copy =
            malloc(answers[i].len ? answers[i].len : 1); /* a sanitizer sees its end */
        memcpy(copy, answers[i].bytes, answers[i].len);
        bool got = snmp_answer(copy, answers[i].len, 0x123456, &conditions);
        bool cut = true; /* cut anywhere it is none, or at least harmless */
        for (size_t len = 0; len < answers[i].len; len++) {
            uint32_t ignored;
            uint8_t *part = malloc(len ? len : 1);
            memcpy(part, answers[i].bytes, len);
            cut = cut && !snmp_answer(part, len, 0x123456, &ignored);
            free(part);
        }
        tap_ok(got == answers[i].answers && conditions == answers[i].conditions && cut,
               "answer: %s", answers[i].name);
        free(copy);
    }
}

/* ---- over the network --------------------------------------------------------------- */

static int agent_fd;

static uint16_t agent_start(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    agent_fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (agent_fd < 0 || bind(agent_fd, (struct sockaddr *)&at, sizeof at) != 0 ||
        getsockname(agent_fd, (struct sockaddr *)&at, &size) != 0)
        abort();
    return ntohs(at.sin_port);
}

/* How many questions have come; each is answered, if wanted, with "no paper". */
static int agent_turn(bool answer)
{
    uint8_t bytes[128];
    struct sockaddr_in from;
    socklen_t size = sizeof from;
    int count = 0;
    while (recvfrom(agent_fd, bytes, sizeof bytes, 0, (struct sockaddr *)&from, &size) ==
           SNMP_GET_BYTES) {
        count++;
        bytes[1] = 0x2d;
        bytes[13] = 0xa2;
        bytes[14] = 0x20;
        bytes[28] = 0x12;
        bytes[30] = 0x10;
        memcpy(bytes + 44, "\x04\x01\x40", 3);
        if (answer && sendto(agent_fd, bytes, 47, 0, (struct sockaddr *)&from, size) != 47)
            abort();
    }
    return count;
}

/* At a time: is the printer silent, does the agent answer, what is then known. */
static const struct turn {
    const char *name;
    int64_t at_ms;
    bool silent, answers;
    int questions; /* that came by then */
    enum reach_state state;
} turns[] = {
    {"asked at the start", 0, false, false, 1, REACH_UNKNOWN},
    {"and again", 2000, false, false, 1, REACH_UNKNOWN},
    {"not too often", 2100, false, false, 0, REACH_UNKNOWN},
    {"the last time answered", 4000, false, true, 1, REACH_UNKNOWN},
    {"a printer that talks is asked no more", 9000, false, true, 0, REACH_UNKNOWN},
    {"it falls silent: asked at once", 10000, true, true, 1, REACH_UNKNOWN},
    {"it is there", 10001, true, true, 0, REACH_ANSWERS},
    {"asked again", 12000, true, false, 1, REACH_ANSWERS},
    {"one lost answer is nothing", 14000, true, false, 1, REACH_ANSWERS},
    {"nor are two", 16000, true, false, 1, REACH_ANSWERS},
    {"now it is gone", 18000, true, false, 1, REACH_GONE},
    {"still asked", 20000, true, true, 1, REACH_GONE},
    {"and it is back", 20001, true, true, 0, REACH_ANSWERS},
    {"it talks again", 21000, false, true, 0, REACH_UNKNOWN},
    {"silent again: what it answered before says nothing", 30000, true, false, 1,
     REACH_UNKNOWN},
};

static void test_turns(uint16_t port)
{
    struct reach reach;
    reach_open(&reach, "socket://127.0.0.1:9100/?snmp=false", port, 0);
    for (size_t i = 0; i < sizeof turns / sizeof turns[0]; i++) {
        uint32_t conditions = 0;
        enum reach_state state =
            reach_ask(&reach, turns[i].silent, turns[i].at_ms, &conditions);
        int questions = agent_turn(turns[i].answers);
        bool told = state != REACH_ANSWERS || conditions == 1 << CONDITION_MEDIA_EMPTY;
        if (!tap_ok(state == turns[i].state && questions == turns[i].questions && told, "%s",
                    turns[i].name))
            printf("# state %d, %d questions\n", (int)state, questions);
    }
    reach_close(&reach);
}

static const struct {
    const char *uri;
    bool asks;
} uris[] = {
    {"socket://127.0.0.1:9100/?snmp=false", true},
    {"socket://127.0.0.1/", true},
    {"socket://[::1]:9100/", true},
    {"socket://printer.example:9100/", false}, /* a name is not looked up */
    {"usb://Zebra/ZD420", false},
    {"socket://", false},
    {NULL, false},
};

static void test_uris(uint16_t port)
{
    for (size_t i = 0; i < sizeof uris / sizeof uris[0]; i++) {
        struct reach reach;
        uint32_t conditions;
        reach_open(&reach, uris[i].uri, port, 0);
        tap_ok((reach.fd >= 0) == uris[i].asks, "%s", uris[i].uri ? uris[i].uri : "no URI");
        tap_is_int(reach_ask(&reach, true, 0, &conditions), REACH_UNKNOWN, "knows nothing yet");
        reach_close(&reach);
    }
    struct reach reach;
    reach_open(&reach, "socket://127.0.0.1/", 0, 0);
    tap_ok(reach.fd < 0, "port 0: not asked");
}

int main(void)
{
    uint16_t port = agent_start();
    test_question();
    test_answers();
    test_turns(port);
    test_uris(port);
    close(agent_fd);
    return tap_done();
}
