/* load: a client of text/event-stream with many subscribers, and a publisher.
 *
 * options.c   what was asked for on the command line
 * readers.c   the subscribers: connect, read, count
 * publisher.c ready-made requests with the time and the number filled in
 * usage.c     CPU and memory of the servers, from /proc
 * main.c      the phases (connect, settle, publish, wait) and the line of JSON
 */
#ifndef LOAD_H
#define LOAD_H
#define _GNU_SOURCE
#include <stdint.h>
#include <stdlib.h>

/* ---- options.c ---- */
enum { JOBS_MAX = 8, PATHS_MAX = 64 };
typedef struct {
    int subscribers, stalled, at_once, jobs, port, publisher_port, raw, is_http;
    int cores[JOBS_MAX];
    double settle_s, seconds, rate, idle_s;
    long burst, window;
    char *paths[PATHS_MAX];
    int path_count;
    char *stalled_path, *host, *header_file, *publish_file, *pids;
} options_t;
extern options_t options;
void read_options(int count, char **words);
void die(const char *what);
char *read_file(const char *path, size_t *length);

/* ---- a histogram with buckets 1.6 % wide ---- */
enum { STEPS = 64, BUCKETS = 40 * STEPS };
typedef struct { uint64_t in[BUCKETS], total, max; } histogram_t;
void histogram_add(histogram_t *histogram, uint64_t value);
void histogram_merge(histogram_t *into, const histogram_t *from);
uint64_t histogram_at(const histogram_t *histogram, double share);

/* ---- readers.c: one tally for each process that reads, in shared memory ---- */
typedef struct {
    volatile long connected, failed, closed, delivered, bytes;
    long missing, repeated, merged, resyncs;
    histogram_t latency_us, head_us;
} tally_t;
typedef struct { volatile long published, stop; int wake; } shared_t;
extern tally_t *tallies;      /* [options.jobs] */
extern shared_t *shared;
extern uint64_t *answered_at; /* [options.subscribers]: when the head came, or 0 */
void readers_open(int job);
void readers_start_some(void);
int readers_all_started(void);
void readers_step(int timeout_ms);
void readers_finish(void);
void readers_watch(int fd, uint32_t events, int slot); /* a line of the publisher */

/* ---- publisher.c ---- */
void publisher_open(void);
void publisher_emit(long count, uint64_t due_unix_us, double apart_us);
long publisher_waiting(void);
void publisher_on_event(int slot, uint32_t events);

/* ---- usage.c ---- */
enum { PROCESSES_MAX = 64 };
typedef struct { double cpu_s; long pss_kb; } usage_t;
void usage_find_processes(void);
usage_t usage_now(void);
long usage_tcp_kb(void);
void usage_count_sockets(int *counts, int *found);

uint64_t monotonic_us(void);
uint64_t unix_us(void);
#endif
