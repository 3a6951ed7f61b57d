/* The subscribers of one process: one epoll set, a few hundred bytes for each. */
#include "load.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTING, HEAD, STREAM, GONE };
enum { LINE_ROOM = 640, HEAD_ROOM = 4096, PUBLISHER = 1 << 30, WAKE = 1 << 29, NUMBER_BEGIN = 1000000000, MARK_WINDOW = 24 };
enum chunk { SIZE, EXTENSION, DATA, DATA_END, LAST };

typedef struct {
    int fd;
    uint8_t state, is_chunked, is_other, is_stalled, chunk_state;
    uint32_t chunk_left, line_length;
    uint64_t started_at;
    long last_number;
    char line[LINE_ROOM]; /* the head, then what one read left of a line */
} subscriber_t;

tally_t *tallies;
shared_t *shared;
uint64_t *answered_at;
static subscriber_t *mine;
static tally_t *tally;
static int poll_fd, my_job, my_count, my_started, my_readers;
static uint64_t read_at;
static long woken_for;
static size_t header_length;
static char *headers = "";
static char received[1 << 18];

/* Subscriber k of this process is number k * jobs + job of all. */
static int overall(int k) { return k * options.jobs + my_job; }

void readers_open(int job) {
    my_job = job;
    tally = &tallies[job];
    my_count = (options.subscribers - job + options.jobs - 1) / options.jobs;
    mine = calloc(my_count + 1, sizeof *mine);
    poll_fd = epoll_create1(0);
    if (options.header_file) headers = read_file(options.header_file, &header_length);
    for (int k = 0; k < my_count; k++) my_readers += overall(k) >= options.stalled;
    if (job == 0) readers_watch(shared->wake, EPOLLIN, WAKE - PUBLISHER);
}

void readers_watch(int fd, uint32_t events, int slot) {
    struct epoll_event event = {.events = events, .data.u32 = PUBLISHER + slot};
    if (epoll_ctl(poll_fd, EPOLL_CTL_MOD, fd, &event) && errno == ENOENT)
        epoll_ctl(poll_fd, EPOLL_CTL_ADD, fd, &event);
}

static void leave(subscriber_t *one) {
    if (one->state == GONE) return;
    if (one->state == STREAM) tally->closed++;
    else tally->failed++;
    close(one->fd);
    one->state = GONE;
}

/* ---- connecting ---- */
static void start(int k) {
    subscriber_t *one = &mine[k];
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(options.port)};
    inet_pton(AF_INET, options.host, &address.sin_addr);
    one->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (one->fd < 0) die("socket");
    one->is_stalled = overall(k) < options.stalled;
    int small = 4096;
    if (one->is_stalled) setsockopt(one->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    one->started_at = monotonic_us();
    one->state = CONNECTING;
    one->last_number = -1;
    if (connect(one->fd, (void *)&address, sizeof address) < 0 && errno != EINPROGRESS) {
        leave(one);
        return;
    }
    struct epoll_event event = {.events = EPOLLOUT, .data.u32 = k};
    epoll_ctl(poll_fd, EPOLL_CTL_ADD, one->fd, &event);
}

void readers_start_some(void) {
    int at_once = (options.at_once + options.jobs - 1) / options.jobs;
    while (my_started < my_count && my_started - tally->connected - tally->failed < at_once)
        start(my_started++);
}

int readers_all_started(void) { return my_started == my_count; }

static void ask(int k) {
    subscriber_t *one = &mine[k];
    int error = 0;
    socklen_t length = sizeof error;
    getsockopt(one->fd, SOL_SOCKET, SO_ERROR, &error, &length);
    char *path = one->is_stalled ? options.stalled_path
                                 : options.paths[overall(k) % options.path_count];
    char request[4096];
    int size = snprintf(request, sizeof request,
                        "GET %s HTTP/1.1\r\nHost: %s\r\nAccept: text/event-stream\r\n%s\r\n",
                        path, options.host, headers);
    if (error || write(one->fd, request, size) != size) { leave(one); return; }
    one->state = HEAD;
    struct epoll_event event = {.events = one->is_stalled ? 0 : EPOLLIN, .data.u32 = k};
    epoll_ctl(poll_fd, EPOLL_CTL_MOD, one->fd, &event);
    if (one->is_stalled) { one->state = STREAM; tally->connected++; }
}

/* ---- events ---- */
static uint64_t digits(const char **at, const char *end) {
    uint64_t value = 0;
    while (*at < end && **at >= '0' && **at <= '9') value = value * 10 + (*(*at)++ - '0');
    return value;
}

/* `"t":<unix us>,"n":<number>` stands somewhere in the data, mostly near where it last was. */
static const char *find_mark(const char *data, const char *end) {
    static size_t near;
    const char *from = data + near;
    for (const char *at = from; at < from + MARK_WINDOW && at + 4 <= end; at++)
        if (!memcmp(at, "\"t\":", 4)) return at;
    const char *mark = memmem(data, end - data, "\"t\":", 4);
    if (mark) near = mark - data > MARK_WINDOW / 2 ? mark - data - MARK_WINDOW / 2 : 0;
    return mark;
}

static void on_data(subscriber_t *one, const char *data, const char *end) {
    const char *at = find_mark(data, end);
    if (!at) return;
    at += 4;
    uint64_t sent_at = digits(&at, end);
    if (end - at < 15 || memcmp(at, ",\"n\":", 5)) return;
    at += 5;
    long number = (long)digits(&at, end) - NUMBER_BEGIN;
    histogram_add(&tally->latency_us, read_at > sent_at ? read_at - sent_at : 0);
    if (number <= one->last_number) tally->repeated++;
    else {
        tally->missing += number - one->last_number - 1;
        one->last_number = number;
    }
    tally->delivered++;
}

static int is_line(const char *line, int length, const char *text) {
    return length == (int)strlen(text) && !memcmp(line, text, length);
}

/* Snapshots hold old positions: only `position`, or an event without a name, counts. */
static void on_line(subscriber_t *one, const char *line, int length) {
    if (length && line[length - 1] == '\r') length--;
    if (!length) { one->is_other = 0; return; }
    if (length > 6 && !memcmp(line, "event:", 6)) {
        one->is_other = !is_line(line, length, "event: position");
        tally->merged += is_line(line, length, "event: merged");
        tally->resyncs += is_line(line, length, "event: resync");
    } else if (length > 5 && !one->is_other && !memcmp(line, "data:", 5)) {
        on_data(one, line + 5, line + length);
    }
}

static void keep(subscriber_t *one, const char *piece, size_t length) {
    size_t room = LINE_ROOM - one->line_length;
    if (length > room) length = room; /* the rest of a long line is of no interest */
    memcpy(one->line + one->line_length, piece, length);
    one->line_length += length;
}

static void on_body(subscriber_t *one, const char *at, size_t length) {
    const char *end = at + length, *line_end;
    if (options.raw) return;
    while (at < end && (line_end = memchr(at, '\n', end - at))) {
        if (one->line_length) {
            keep(one, at, line_end - at);
            on_line(one, one->line, one->line_length);
            one->line_length = 0;
        } else {
            on_line(one, at, line_end - at);
        }
        at = line_end + 1;
    }
    if (at < end) keep(one, at, end - at);
}

static int hex_digit(char letter) {
    if (letter >= '0' && letter <= '9') return letter - '0';
    letter |= 32;
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

static void on_chunks(subscriber_t *one, const char *at, size_t length) {
    const char *end = at + length;
    while (at < end && one->chunk_state != LAST) {
        size_t here = end - at < one->chunk_left ? end - at : one->chunk_left;
        switch (one->chunk_state) {
        case SIZE:
            if (hex_digit(*at) >= 0) { one->chunk_left = one->chunk_left * 16 + hex_digit(*at++); break; }
            one->chunk_state = EXTENSION; /* fall through */
        case EXTENSION:
            if (*at++ == '\n') one->chunk_state = one->chunk_left ? DATA : LAST;
            break;
        case DATA:
            on_body(one, at, here);
            at += here;
            one->chunk_left -= here;
            if (!one->chunk_left) one->chunk_state = DATA_END;
            break;
        case DATA_END:
            if (*at++ == '\n') one->chunk_state = SIZE;
            break;
        }
    }
}

static void on_bytes(subscriber_t *one, const char *at, size_t length) {
    if (one->is_chunked) on_chunks(one, at, length);
    else on_body(one, at, length);
}

/* The head comes in one piece from every server that is measured here, or in a few. */
static void on_head(int k, char *at, size_t length) {
    subscriber_t *one = &mine[k];
    char head[LINE_ROOM + HEAD_ROOM + 1];
    size_t taken = length < HEAD_ROOM ? length : HEAD_ROOM;
    memcpy(head, one->line, one->line_length);
    memcpy(head + one->line_length, at, taken);
    head[one->line_length + taken] = 0;
    char *end = strstr(head, "\r\n\r\n");
    if (!end) { keep(one, at, length); return; }
    size_t body = end + 4 - head - one->line_length;
    *end = 0;
    if (strncmp(head, "HTTP/1.", 7) || strncmp(head + 8, " 200", 4)) {
        head[strcspn(head, "\r\n")] = 0;
        if (tally->failed < 3) fprintf(stderr, "load: refused: %.40s %.300s\n", head, end + 4);
        leave(one);
        return;
    }
    one->line_length = 0;
    one->is_chunked = strcasestr(head, "transfer-encoding: chunked") != NULL;
    one->state = STREAM;
    tally->connected++;
    answered_at[overall(k)] = monotonic_us();
    histogram_add(&tally->head_us, answered_at[overall(k)] - one->started_at);
    on_bytes(one, at + body, length - body);
}

static void read_all(int k) {
    subscriber_t *one = &mine[k];
    while (one->state != GONE) {
        ssize_t length = read(one->fd, received, sizeof received);
        if (length < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (length <= 0) { leave(one); return; }
        tally->bytes += length;
        read_at = unix_us();
        if (one->state == HEAD) on_head(k, received, length);
        else on_bytes(one, received, length);
        if (length < (ssize_t)sizeof received) return;
    }
}

/* ---- turns ---- */
static void on_event(int k, uint32_t events) {
    if (mine[k].state == CONNECTING) ask(k);
    else if (!mine[k].is_stalled) read_all(k);
    else if (events & (EPOLLHUP | EPOLLERR)) leave(&mine[k]);
}

/* The publisher waits in another process until everybody has everything. */
static void wake_publisher(void) {
    long published = shared->published;
    if (!my_job || woken_for == published || tally->delivered < published * my_readers) return;
    woken_for = published;
    if (eventfd_write(shared->wake, 1)) die("eventfd");
}

void readers_step(int timeout_ms) {
    struct epoll_event events[1024];
    int count = epoll_wait(poll_fd, events, 1024, timeout_ms);
    for (int i = 0; i < count; i++) {
        uint32_t who = events[i].data.u32;
        eventfd_t ignored;
        if (who == WAKE) eventfd_read(shared->wake, &ignored);
        else if (who >= PUBLISHER) publisher_on_event(who - PUBLISHER, events[i].events);
        else on_event(who, events[i].events);
    }
    wake_publisher();
}

/* What open streams still lack at the end is missing as well. */
void readers_finish(void) {
    for (int k = 0; k < my_count; k++)
        if (mine[k].state == STREAM && !mine[k].is_stalled && !options.raw)
            tally->missing += shared->published - 1 - mine[k].last_number;
}
