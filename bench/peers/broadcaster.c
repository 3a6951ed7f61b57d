/* The yardstick: how fast one core can repeat Harbor's feed to many sockets, and no more.
 *
 *   broadcaster PORT VALKEY_PORT FILE [batch]
 *
 * FILE holds what to send to Valkey first: AUTH, and SUBSCRIBE to the feed's channel. Every
 * event becomes the frame that Harbor sends, byte for byte. Without `batch` it makes one
 * send() for each event and client; with it, what one read from Valkey brought is one send().
 * No authorisation, no filters, no history, no snapshot. Clients that read slowly are kept
 * by copies of what they lack.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CLIENTS_MAX = 1 << 20, BACKLOG_MAX = 64 << 20, IN_ROOM = 1 << 20, OUT_ROOM = 8 << 20 };
typedef struct { char *rest; int length, place; } client_t; /* place < 0: has not asked yet */

static const char HEAD[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                           "Cache-Control: no-cache\r\nConnection: close\r\n\r\n: hello\n\n";
static client_t *clients[CLIENTS_MAX];
static int streaming[CLIENTS_MAX], streaming_count, poll_fd, is_batching;
static char in[IN_ROOM], out[OUT_ROOM];
static int in_length, out_length;

static void die(const char *what) { perror(what); exit(1); }

static void watch(int fd, uint32_t events, int how) {
    struct epoll_event event = {.events = events, .data.fd = fd};
    epoll_ctl(poll_fd, how, fd, &event);
}

static void drop(int fd) {
    client_t *one = clients[fd];
    if (one->place >= 0) {
        streaming[one->place] = streaming[--streaming_count];
        clients[streaming[one->place]]->place = one->place;
    }
    free(one->rest);
    free(one);
    clients[fd] = NULL;
    close(fd);
}

/* Send, or keep what does not fit; 0 when the client is gone. */
static int put(int fd, const char *text, int length) {
    client_t *one = clients[fd];
    int sent = 0;
    if (!one->length) {
        sent = send(fd, text, length, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent == length) return 1;
        if (sent < 0 && errno != EAGAIN) { drop(fd); return 0; }
        if (sent < 0) sent = 0;
        watch(fd, EPOLLIN | EPOLLRDHUP | EPOLLOUT, EPOLL_CTL_MOD);
    }
    if (one->length + length - sent > BACKLOG_MAX) { drop(fd); return 0; }
    one->rest = realloc(one->rest, one->length + length - sent);
    memcpy(one->rest + one->length, text + sent, length - sent);
    one->length += length - sent;
    return 1;
}

static void send_rest(int fd) {
    client_t *one = clients[fd];
    int sent = send(fd, one->rest, one->length, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) { drop(fd); return; }
    if (sent <= 0) return;
    memmove(one->rest, one->rest + sent, one->length - sent);
    one->length -= sent;
    if (one->length) return;
    free(one->rest);
    one->rest = NULL;
    watch(fd, EPOLLIN | EPOLLRDHUP, EPOLL_CTL_MOD);
}

static void send_all(void) {
    for (int i = 0; i < streaming_count;) i += put(streaming[i], out, out_length);
    out_length = 0;
}

/* ---- clients ---- */
static void accept_all(int listener) {
    int fd, on = 1;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        clients[fd] = calloc(1, sizeof(client_t));
        clients[fd]->place = -1;
        watch(fd, EPOLLIN | EPOLLRDHUP, EPOLL_CTL_ADD);
    }
}

static void on_request(int fd) {
    char request[8192];
    int length = read(fd, request, sizeof request);
    if (length < 0 && errno == EAGAIN) return;
    if (length <= 0) { drop(fd); return; }
    if (clients[fd]->place >= 0 || !memmem(request, length, "\r\n\r\n", 4)) return;
    clients[fd]->place = streaming_count;
    streaming[streaming_count++] = fd;
    put(fd, HEAD, sizeof HEAD - 1);
}

/* ---- the feed ---- */

/* `<kind> <vessel> <before> <recorded> <latitude> <longitude> <feature>` becomes a frame. */
static void add_frame(const char *epoch, int epoch_length, long number, const char *line, const char *end) {
    const char *kind_end = memchr(line, ' ', end - line), *feature = memchr(line, '{', end - line);
    if (!kind_end || !feature || out_length + (end - line) + 128 > OUT_ROOM) return;
    out_length += sprintf(out + out_length, "id: %.*s-%ld\nevent: %.*s\ndata: ", epoch_length, epoch,
                          number, (int)(kind_end - line), line);
    memcpy(out + out_length, feature, end - feature);
    out_length += end - feature;
    memcpy(out + out_length, "\n\n", 2);
    out_length += 2;
    if (!is_batching) send_all();
}

/* `<epoch> <number of the first>`, then a line for each event. */
static void on_batch(char *text, long length) {
    char *end = text + length, *line_end = memchr(text, '\n', length), *space = memchr(text, ' ', length);
    if (!line_end || !space) return;
    long number = atol(space + 1);
    for (char *line = line_end + 1; line < end; line = line_end + 1) {
        line_end = memchr(line, '\n', end - line);
        if (!line_end) line_end = end;
        add_frame(text, space - text, number++, line, line_end);
    }
}

/* One answer of RESP 2, `*3 $7 message $n channel $n payload`; NULL while it is not whole. */
static char *take_message(char *at, char *end) {
    char *parts[3], *line_end;
    long lengths[3], count = 1;
    if (at >= end || !(line_end = memchr(at, '\n', end - at))) return NULL;
    if (*at == '-') { fprintf(stderr, "broadcaster: %.80s\n", at); exit(1); }
    if (*at != '*') return line_end + 1;
    count = atol(at + 1);
    at = line_end + 1;
    for (int i = 0; i < count && i < 3; i++) {
        if (at >= end || !(line_end = memchr(at, '\n', end - at))) return NULL;
        parts[i] = line_end + 1;
        lengths[i] = *at == '$' ? atol(at + 1) : 0;
        at = *at == '$' ? parts[i] + lengths[i] + 2 : parts[i];
        if (at > end) return NULL;
    }
    if (count == 3 && lengths[0] == 7 && *parts[0] == 'm') on_batch(parts[2], lengths[2]);
    return at;
}

static void on_feed(int feed) {
    int length = read(feed, in + in_length, IN_ROOM - in_length);
    if (length == 0) exit(1);
    if (length < 0) return;
    in_length += length;
    char *at = in, *next;
    while ((next = take_message(at, in + in_length))) at = next;
    if (out_length) send_all();
    in_length -= at - in;
    memmove(in, at, in_length);
}

/* ---- beginning ---- */
static struct sockaddr_in local(const char *port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(port))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static int listen_on(const char *port) {
    struct sockaddr_in address = local(port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (void *)&address, sizeof address) || listen(fd, 16384)) die("broadcaster: listen");
    return fd;
}

static int subscribe(const char *port, const char *path) {
    struct sockaddr_in address = local(port);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    FILE *file = fopen(path, "rb");
    if (!file || connect(fd, (void *)&address, sizeof address)) die("broadcaster: subscribe");
    int length = fread(in, 1, sizeof in, file);
    fclose(file);
    if (write(fd, in, length) != length) die("broadcaster: subscribe");
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

int main(int count, char **words) {
    if (count < 4) return 2;
    struct rlimit files;
    struct epoll_event events[512];
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    signal(SIGPIPE, SIG_IGN);
    is_batching = count > 4;
    poll_fd = epoll_create1(0);
    int feed = subscribe(words[2], words[3]), listener = listen_on(words[1]);
    watch(listener, EPOLLIN, EPOLL_CTL_ADD);
    watch(feed, EPOLLIN, EPOLL_CTL_ADD);
    for (;;) {
        int ready = epoll_wait(poll_fd, events, 512, -1);
        for (int i = 0; i < ready; i++) {
            int fd = events[i].data.fd;
            if (fd == listener) accept_all(listener);
            else if (fd == feed) on_feed(feed);
            if (fd == listener || fd == feed || !clients[fd]) continue;
            if (events[i].events & EPOLLOUT && clients[fd]->length) send_rest(fd);
            if (clients[fd] && events[i].events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) on_request(fd);
        }
    }
}
