/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/http.h"

#include "cli/args.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CONNECT_MS 5000
#define SILENCE_S  300 /* a server that says nothing for so long is given up */

struct http {
    CURL *curl;
    struct server server;
    const atomic_bool *stop;
    char said[CURL_ERROR_SIZE];
};

/* A transfer under way. */
struct transfer {
    const struct http_ask *ask;
    struct buf *body;
    bool replayed;
    bool unreadable; /* the upload's file */
    CURL *curl;
    enum err refused; /* by the sink */
};

static bool is_loopback(const char *host, size_t len)
{
    static const char *const names[] = {"127.0.0.1", "localhost", "[::1]"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strlen(names[i]) == len && strncmp(names[i], host, len) == 0)
            return true;
    }
    return false;
}

static enum err parse_tcp(const char *address, struct server *out, struct why *why)
{
    const char *host = address + strlen("http://");
    size_t len = strcspn(host, "/");
    if (host[len] && host[len + 1])
        return err_set(why, ERR_INPUT,
                       "server \"%s\" has a path; expected http://127.0.0.1:PORT", address);
    const char *bracket = host[0] == '[' ? memchr(host, ']', len) : NULL;
    const char *from = bracket ? bracket : host;
    const char *colon = memchr(from, ':', len - (size_t)(from - host));
    size_t host_len = colon ? (size_t)(colon - host) : len;
    if (!is_loopback(host, host_len))
        return err_set(
            why, ERR_INPUT,
            "server \"%s\" is not this machine; expected http://127.0.0.1:PORT (temd "
            "listens on loopback only; from elsewhere use ssh -L)",
            address);
    char port[8] = "80";
    if (colon && len - host_len - 1 < sizeof port) {
        memcpy(port, colon + 1, len - host_len - 1);
        port[len - host_len - 1] = '\0';
    }
    uint64_t number;
    if ((colon && len - host_len - 1 >= sizeof port) || !args_number(port, 1, 65535, &number))
        return err_set(why, ERR_INPUT, "server \"%s\": the port is a number from 1 to 65535",
                       address);
    snprintf(out->url, sizeof out->url, "http://%.*s:%s", (int)host_len, host, port);
    return ERR_NONE;
}

enum err server_parse(const char *address, struct server *out, struct why *why)
{
    struct server server = {.url = "http://localhost"};
    enum err err = ERR_NONE;
    if (strlen(address) >= sizeof server.name)
        return err_set(why, ERR_INPUT, "the server's address is longer than %zu characters",
                       sizeof server.name - 1);
    snprintf(server.name, sizeof server.name, "%s", address);
    if (strncmp(address, "unix:/", 6) == 0) {
        if (strlen(address + 5) >= sizeof server.socket_path)
            return err_set(why, ERR_INPUT, "the socket's path is longer than %zu characters",
                           sizeof server.socket_path - 1);
        snprintf(server.socket_path, sizeof server.socket_path, "%.107s", address + 5);
    } else if (strncmp(address, "http://", 7) == 0)
        err = parse_tcp(address, &server, why);
    else
        err = err_set(why, ERR_INPUT,
                      "\"%s\" is no server; expected unix:/run/tem/temd.sock or "
                      "http://127.0.0.1:PORT",
                      address);
    if (!err)
        *out = server;
    return err;
}

static bool is_good(CURL *curl)
{
    long status = 0;
    return curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK &&
           status / 100 == 2;
}

static size_t take(char *bytes, size_t size, size_t count, void *arg)
{
    struct transfer *transfer = arg;
    if (transfer->ask->sink && is_good(transfer->curl)) {
        transfer->refused = transfer->ask->sink(transfer->ask->sink_arg, bytes, size * count);
        return transfer->refused ? 0 : size * count;
    }
    buf_add(transfer->body, bytes, size * count);
    return buf_err(transfer->body) ? 0 : size * count;
}

static size_t take_header(char *line, size_t size, size_t count, void *arg)
{
    static const char wanted[] = "Idempotent-Replayed: true";
    struct transfer *transfer = arg;
    size_t len = size * count;
    if (len >= sizeof wanted - 1 && strncasecmp(line, wanted, sizeof wanted - 1) == 0)
        transfer->replayed = true;
    return len;
}

static size_t give(char *bytes, size_t size, size_t count, void *arg)
{
    struct transfer *transfer = arg;
    size_t n = fread(bytes, 1, size * count, transfer->ask->upload);
    if (n == 0 && ferror(transfer->ask->upload)) {
        transfer->unreadable = true;
        return CURL_READFUNC_ABORT;
    }
    return n;
}

/* libcurl sends again when a connection it kept turns out to be closed before a byte got there.
 */
static int rewind_upload(void *arg, curl_off_t offset, int origin)
{
    struct transfer *transfer = arg;
    return fseeko(transfer->ask->upload, (off_t)offset, origin) == 0 ? CURL_SEEKFUNC_OK
                                                                     : CURL_SEEKFUNC_FAIL;
}

static int look_at_stop(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    const struct http *http = arg;
    (void)a, (void)b, (void)c, (void)d; /* how far it is: no one asks */
    return atomic_load(http->stop) ? 1 : 0;
}

enum err http_open(const struct server *server, const atomic_bool *stop, struct http **out,
                   struct why *why)
{
    struct http *http = calloc(1, sizeof *http);
    if (!http || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(http);
        return err_set(why, ERR_NO_MEMORY, "libcurl cannot be used");
    }
    http->server = *server;
    http->stop = stop;
    http->curl = curl_easy_init();
    if (!http->curl) {
        http_close(http);
        return err_set(why, ERR_NO_MEMORY, "libcurl cannot be used");
    }
    *out = http;
    return ERR_NONE;
}

void http_close(struct http *http)
{
    if (!http)
        return;
    curl_easy_cleanup(http->curl);
    curl_global_cleanup();
    free(http);
}

bool http_is_local(const struct http *http)
{
    return http->server.socket_path[0] != '\0';
}

/* An option of libcurl that is refused would be a request other than the one meant. */
#define SET(option, value)                                                                     \
    do {                                                                                       \
        if (curl_easy_setopt(curl, option, value) != CURLE_OK)                                 \
            return err_set(why, ERR_SYSTEM, "libcurl refuses " #option);                       \
    } while (0)

static enum err set_up_connection(struct http *http, struct why *why)
{
    CURL *curl = http->curl;
    curl_easy_reset(curl);
    http->said[0] = '\0';
    SET(CURLOPT_ERRORBUFFER, http->said);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_PROXY, ""); /* the environment's proxy is for other machines */
    SET(CURLOPT_USERAGENT, "tem/" TEM_VERSION);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    SET(CURLOPT_LOW_SPEED_LIMIT, 1L);
    SET(CURLOPT_LOW_SPEED_TIME, (long)SILENCE_S);
    SET(CURLOPT_NOPROGRESS, 0L);
    SET(CURLOPT_XFERINFOFUNCTION, look_at_stop);
    SET(CURLOPT_XFERINFODATA, http);
    if (http_is_local(http))
        SET(CURLOPT_UNIX_SOCKET_PATH, http->server.socket_path);
    return ERR_NONE;
}

static enum err set_up_body(struct http *http, struct transfer *transfer, struct why *why)
{
    CURL *curl = http->curl;
    const struct http_ask *ask = transfer->ask;
    SET(CURLOPT_WRITEFUNCTION, take);
    SET(CURLOPT_WRITEDATA, transfer);
    SET(CURLOPT_HEADERFUNCTION, take_header);
    SET(CURLOPT_HEADERDATA, transfer);
    if (strcmp(ask->method, "POST") != 0)
        return ERR_NONE;
    SET(CURLOPT_POST, 1L);
    if (!ask->upload) {
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)ask->len);
        SET(CURLOPT_POSTFIELDS, ask->body ? ask->body : "");
        return ERR_NONE;
    }
    if (fseeko(ask->upload, 0, SEEK_SET) != 0)
        return err_set(why, ERR_SYSTEM, "the file cannot be read from its start");
    SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)ask->upload_len);
    SET(CURLOPT_READFUNCTION, give);
    SET(CURLOPT_READDATA, transfer);
    SET(CURLOPT_SEEKFUNCTION, rewind_upload);
    SET(CURLOPT_SEEKDATA, transfer);
    return ERR_NONE;
}

static bool add_header(struct curl_slist **list, const char *name, const char *value)
{
    char line[512];
    if (!value)
        return true;
    int n = snprintf(line, sizeof line, "%s: %s", name, value);
    struct curl_slist *longer =
        n < 0 || (size_t)n >= sizeof line ? NULL : curl_slist_append(*list, line);
    if (longer)
        *list = longer;
    return longer != NULL;
}

/* libcurl's words speak of localhost and a port even for a Unix socket. */
static enum err not_reached(const struct http *http, const char *said, struct why *why)
{
    long error = 0;
    if (curl_easy_getinfo(http->curl, CURLINFO_OS_ERRNO, &error) != CURLE_OK || error <= 0)
        return err_set(why, ERR_NOT_FOUND, "temd does not answer at %s: %s", http->server.name,
                       said);
    /* The code is ours: whatever the system said, nothing was sent. */
    (void)err_errno(why, ERR_NOT_FOUND, (int)error, "temd does not answer at %s",
                    http->server.name);
    return ERR_NOT_FOUND;
}

static enum err failed(const struct http *http, CURLcode code, const struct transfer *transfer,
                       struct why *why)
{
    const char *name = http->server.name;
    const char *said = http->said[0] ? http->said : curl_easy_strerror(code);
    if (transfer->refused)
        return transfer->refused;
    if (transfer->unreadable)
        return err_set(why, ERR_SYSTEM, "the file cannot be read to its end");
    if (buf_err(transfer->body))
        return err_set(why, buf_err(transfer->body), "the answer of %s: %s", name,
                       err_meaning(buf_err(transfer->body)));
    if (code == CURLE_OUT_OF_MEMORY)
        return err_set(why, ERR_NO_MEMORY, "out of memory");
    if (code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST)
        return not_reached(http, said, why);
    if (atomic_load(http->stop))
        return err_set(why, ERR_UNKNOWN, "interrupted before %s had answered", name);
    return err_set(why, ERR_UNKNOWN, "the connection to %s was lost (%s)", name, said);
}

static enum err transfer_run(struct http *http, struct transfer *transfer,
                             struct curl_slist *headers, const char *url, int *status,
                             struct why *why)
{
    CURL *curl = http->curl;
    SET(CURLOPT_URL, url);
    if (headers)
        SET(CURLOPT_HTTPHEADER, headers);
    CURLcode code = curl_easy_perform(curl);
    if (code != CURLE_OK)
        return failed(http, code, transfer, why);
    long answered = 0;
    if (curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answered) != CURLE_OK)
        return err_set(why, ERR_UNKNOWN, "the answer has no status");
    *status = (int)answered;
    return ERR_NONE;
}

enum err http_send(struct http *http, const struct http_ask *ask, struct http_answer *out,
                   struct why *why)
{
    struct http_answer answer = {.body = BUF_INIT(HTTP_ANSWER_MAX)};
    struct transfer transfer = {.ask = ask, .body = &answer.body, .curl = http->curl};
    struct curl_slist *headers = NULL;
    struct buf url = BUF_INIT(128 * 1024);
    buf_printf(&url, "%s%s", http->server.url, ask->path);
    enum err err = buf_err(&url) ? err_set(why, buf_err(&url), "the request's path is too long")
                                 : set_up_connection(http, why);
    if (!err)
        err = set_up_body(http, &transfer, why);
    if (!err && (!add_header(&headers, "Content-Type", ask->content_type) ||
                 !add_header(&headers, "Accept", ask->accept) ||
                 !add_header(&headers, "Idempotency-Key", ask->idempotency_key)))
        err = err_set(why, ERR_INPUT, "a header is too long");
    if (!err)
        err = transfer_run(http, &transfer, headers, buf_text(&url), &answer.status, why);
    curl_slist_free_all(headers);
    buf_free(&url);
    if (err) {
        http_answer_free(&answer);
        return err;
    }
    answer.replayed = transfer.replayed;
    answer.json =
        json_loadb(buf_text(&answer.body), answer.body.len, JSON_REJECT_DUPLICATES, NULL);
    *out = answer;
    return ERR_NONE;
}

void http_answer_free(struct http_answer *answer)
{
    json_decref(answer->json);
    buf_free(&answer->body);
    *answer = (struct http_answer){0};
}

void http_add_part(struct buf *path, const char *part)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    for (const char *at = part; *at; at++) {
        if (strchr(plain, *at))
            buf_add_byte(path, (uint8_t)*at);
        else
            buf_printf(path, "%%%02X", (unsigned)(unsigned char)*at);
    }
}

void http_add_param(struct buf *path, const char *name, const char *value)
{
    if (!value)
        return;
    buf_add_byte(path, strchr(buf_text(path), '?') ? '&' : '?');
    http_add_part(path, name);
    buf_add_byte(path, '=');
    http_add_part(path, value);
}
