/* Publishes ready-made requests; only the time, the number and the batch are filled in.
 *
 * Marks of fixed width stand where they belong, so that no length changes:
 *   1111111111111111  microseconds since 1970, growing with every event
 *   2222222222222222  the same clock: when the event was due
 *   3333333333        1000000000 + number of the event
 *   44444444-4444-4444-4444-444444444444  a UUID of its own
 * A request may hold several events: so many as it has numbers.
 */
#include "load.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINES = 8, TEMPLATES_MAX = 1024, MARKS_MAX = 512, KINDS = 4, GROWING = 0, DUE = 1, NUMBER = 2 };
static const char *const MARKS[KINDS] = {"1111111111111111", "2222222222222222", "3333333333",
                                         "44444444-4444-4444-4444-444444444444"};
typedef struct {
    char *text;
    size_t length;
    int events, count, kind[MARKS_MAX];
    size_t at[MARKS_MAX];
} template_t;
typedef struct { int fd, is_busy; char *out; size_t end, sent, room; char in[4096]; int in_length; } line_t;
typedef struct { uint64_t due_at; } due_t;

static template_t templates[TEMPLATES_MAX];
static int template_count, line_count, next_template = 1;
static line_t lines[LINES];
static due_t *queue;
static long queue_first, queue_end, queue_room;
static uint32_t run_tag;

static int line_open(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(options.publisher_port)};
    inet_pton(AF_INET, options.host, &address.sin_addr);
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    if (connect(fd, (void *)&address, sizeof address)) die("nothing to publish to");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

static void find_marks(template_t *one) {
    for (int kind = 0; kind < KINDS; kind++) {
        char *from = one->text, *end = one->text + one->length, *found;
        size_t width = strlen(MARKS[kind]);
        while (one->count < MARKS_MAX && (found = memmem(from, end - from, MARKS[kind], width))) {
            one->events += kind == NUMBER;
            one->kind[one->count] = kind;
            one->at[one->count++] = found - one->text;
            from = found + width;
        }
    }
}

static void read_templates(void) {
    size_t size;
    char *at = read_file(options.publish_file, &size), *end = at + size;
    while (at < end && template_count < TEMPLATES_MAX) {
        template_t *one = &templates[template_count++];
        one->length = strtol(at, &at, 10);
        one->text = ++at;
        at += one->length;
        if (at > end) die("the file of requests is cut off");
        find_marks(one);
        if (template_count > 1 && !one->events) die("a request without a number");
    }
    if (template_count < 2) die("no requests to publish with");
}

static void append(line_t *line, const char *text, size_t length) {
    if (line->sent == line->end) line->sent = line->end = 0;
    if (line->end + length > line->room) {
        line->room = (line->end + length) * 2;
        line->out = realloc(line->out, line->room);
    }
    memcpy(line->out + line->end, text, length);
    line->end += length;
}

static void flush(line_t *line) {
    while (line->sent < line->end) {
        ssize_t sent = write(line->fd, line->out + line->sent, line->end - line->sent);
        if (sent < 0 && errno == EAGAIN) break;
        if (sent < 0) die("publishing");
        line->sent += sent;
    }
    readers_watch(line->fd, EPOLLIN | (line->sent < line->end ? EPOLLOUT : 0), line - lines);
}

void publisher_open(void) {
    read_templates();
    run_tag = unix_us() ^ getpid();
    line_count = options.is_http ? LINES : 1;
    for (int i = 0; i < line_count; i++) {
        lines[i].fd = line_open();
        append(&lines[i], templates[0].text, templates[0].length);
        flush(&lines[i]);
    }
}

static void fill(char *text, const template_t *one, uint64_t due_at) {
    static uint64_t grown;
    uint64_t now = unix_us();
    long number = shared->published;
    for (int i = 0; i < one->count; i++) {
        char piece[64], *at = text + one->at[i];
        switch (one->kind[i]) {
        case GROWING:
            grown = now > grown ? now : grown + 1;
            snprintf(piece, sizeof piece, "%016llu", (unsigned long long)grown);
            break;
        case DUE: snprintf(piece, sizeof piece, "%016llu", (unsigned long long)due_at); break;
        case NUMBER: snprintf(piece, sizeof piece, "%010ld", 1000000000 + number++); break;
        default:
            snprintf(piece, sizeof piece, "%08x-0000-4000-8000-%012lx", run_tag, shared->published);
        }
        memcpy(at, piece, strlen(MARKS[one->kind[i]]));
    }
}

static line_t *free_line(void) {
    for (int i = 0; i < line_count; i++)
        if (!lines[i].is_busy) return &lines[i];
    return NULL;
}

/* RESP lines take any number of requests at once, HTTP lines one. */
static void emit_waiting(void) {
    line_t *line;
    while (queue_first < queue_end && (line = free_line())) {
        const template_t *one = &templates[next_template];
        if (queue_end - queue_first < one->events) break;
        next_template = next_template % (template_count - 1) + 1;
        append(line, one->text, one->length);
        fill(line->out + line->end - one->length, one, queue[queue_first].due_at);
        queue_first += one->events;
        shared->published += one->events;
        line->is_busy = options.is_http;
        if (options.is_http || line->end - line->sent > 1 << 16) flush(line);
    }
    if (!options.is_http && lines[0].sent < lines[0].end) flush(&lines[0]);
}

void publisher_emit(long count, uint64_t due_unix_us, double apart_us) {
    if (queue_first == queue_end) queue_first = queue_end = 0;
    if (queue_end + count > queue_room) {
        queue_room = (queue_end + count) * 2;
        queue = realloc(queue, queue_room * sizeof *queue);
    }
    for (long i = 0; i < count; i++) queue[queue_end++].due_at = due_unix_us + i * apart_us;
    emit_waiting();
}

long publisher_waiting(void) { return queue_end - queue_first; }

/* An answer of RESP begins with `-` when it is an error; numbers are never negative here. */
static void on_resp(line_t *line) {
    if (line->in[0] == '-' || strstr(line->in, "\r\n-")) {
        fprintf(stderr, "load: publishing failed: %.200s\n", line->in);
        exit(1);
    }
    line->in_length = 0;
}

static void on_http(line_t *line) {
    char *body = strstr(line->in, "\r\n\r\n"), *length = strcasestr(line->in, "content-length:");
    if (!body || !length || line->in_length < body + 4 - line->in + atoi(length + 15)) return;
    if (line->in[9] != '2') {
        fprintf(stderr, "load: publishing failed: %.200s\n", line->in);
        exit(1);
    }
    line->in_length = 0;
    line->is_busy = 0;
}

void publisher_on_event(int slot, uint32_t events) {
    line_t *line = &lines[slot];
    if (events & EPOLLOUT) flush(line);
    while (events & (EPOLLIN | EPOLLHUP)) {
        int room = sizeof line->in - 1 - line->in_length;
        ssize_t length = read(line->fd, line->in + line->in_length, room);
        if (length < 0) break;
        if (length == 0) die("the publisher's line was closed");
        line->in_length += length;
        line->in[line->in_length] = 0;
        if (options.is_http) on_http(line);
        else on_resp(line);
    }
    emit_waiting();
}
