/* The phases of one measurement, and what came of it as one line of JSON. */
#include "load.h"
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RUN_SECONDS_MAX = 120, CONNECT_PATIENCE_US = 5000000, PEAK_US = 100000 };
typedef struct { double connect_s, publish_s, took_s, client_cpu_s; long bytes; } times_t;

static int descriptors[PROCESSES_MAX], process_count; /* of the servers, while all are idle */

static void *shared_memory(size_t size) {
    void *found = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (found == MAP_FAILED) die("shared memory");
    return found;
}

static void run_beside(int job) {
    cpu_set_t core;
    CPU_ZERO(&core);
    CPU_SET(options.cores[job], &core);
    if (sched_setaffinity(0, sizeof core, &core)) die("core");
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    alarm(RUN_SECONDS_MAX);
    readers_open(job);
    while (!shared->stop) {
        readers_start_some();
        readers_step(readers_all_started() ? 20 : 2);
    }
    readers_finish();
    exit(0);
}

static void prepare(void) {
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    signal(SIGPIPE, SIG_IGN);
    alarm(RUN_SECONDS_MAX);
    tallies = shared_memory(options.jobs * sizeof *tallies);
    shared = shared_memory(sizeof *shared);
    answered_at = shared_memory(options.subscribers * sizeof *answered_at + 8);
    shared->wake = eventfd(0, EFD_NONBLOCK);
    for (int job = 1; job < options.jobs; job++)
        if (!fork()) run_beside(job);
    readers_open(0);
}

#define SUM(field) ({ long sum_ = 0; for (int j_ = 0; j_ < options.jobs; j_++) sum_ += tallies[j_].field; sum_; })

static double connect_all(void) {
    uint64_t began = monotonic_us(), moved = began;
    for (long done = 0; done < options.subscribers;) {
        readers_start_some();
        readers_step(5);
        long now_done = SUM(connected) + SUM(failed);
        if (now_done != done) moved = monotonic_us();
        done = now_done;
        if (monotonic_us() - moved > CONNECT_PATIENCE_US) break;
    }
    return (moved - began) / 1e6;
}

static void settle(void) {
    uint64_t until = monotonic_us() + options.settle_s * 1e6;
    while (monotonic_us() < until) readers_step(20);
}

/* How many more events are due; at the end of publishing, none. */
static long due(uint64_t now, uint64_t began, uint64_t end, long sent, long readers) {
    if (options.burst) return options.burst - sent;
    if (options.window)
        return now < end ? options.window - (sent - SUM(delivered) / readers) : 0;
    return ((now < end ? now : end) - began) * (options.rate / 1e6) - sent;
}

static int is_over(uint64_t now, uint64_t quiet_since, long readers) {
    long open = SUM(connected) - SUM(closed) - options.stalled;
    if (!options.raw && SUM(delivered) >= shared->published * readers) return 1;
    return open <= 0 || now - quiet_since > options.idle_s * 1e6;
}

static times_t publish(void) {
    long readers = SUM(connected) - options.stalled, sent = 0, bytes = SUM(bytes), seen = bytes;
    uint64_t began = monotonic_us(), moved = began, published_at = 0, skew = unix_us() - began;
    uint64_t end = began + options.seconds * 1e6;
    double apart_us = options.rate ? 1e6 / options.rate : 0;
    if (readers < 1) readers = 1;
    for (;;) {
        uint64_t now = monotonic_us();
        long more = due(now, began, end, sent, readers);
        /* By rate an event counts from when it was due: a late publisher hides nothing. */
        uint64_t due_at = skew + (options.rate ? began + sent * apart_us : now);
        if (more > 0) publisher_emit(more, due_at, apart_us);
        if (more > 0) sent += more;
        if (SUM(bytes) != seen) { seen = SUM(bytes); moved = now; }
        if (!published_at && (options.burst || now >= end) && !publisher_waiting()) published_at = now;
        if (published_at && is_over(now, moved > published_at ? moved : published_at, readers)) break;
        readers_step(options.burst ? 10 : 1);
    }
    times_t times = {.bytes = SUM(bytes) - bytes, .publish_s = (published_at - began) / 1e6};
    /* The end is when the last byte came, not when patience was over. */
    times.took_s = (SUM(bytes) == seen ? moved : monotonic_us()) / 1e6 - began / 1e6;
    return times;
}

static double client_cpu_s(void) {
    struct rusage own;
    getrusage(RUSAGE_SELF, &own);
    return own.ru_utime.tv_sec + own.ru_stime.tv_sec + (own.ru_utime.tv_usec + own.ru_stime.tv_usec) / 1e6;
}

static int by_time(const void *one, const void *other) {
    uint64_t a = *(const uint64_t *)one, b = *(const uint64_t *)other;
    return a < b ? -1 : a > b;
}

/* Answers in the busiest tenth of a second, as a rate. */
static long peak_per_s(void) {
    long peak = 0;
    int first = 0;
    qsort(answered_at, options.subscribers, sizeof *answered_at, by_time);
    for (int i = 0; i < options.subscribers; i++) {
        if (!answered_at[i]) { first = i + 1; continue; }
        while (answered_at[i] - answered_at[first] > PEAK_US) first++;
        if (i - first + 1 > peak) peak = i - first + 1;
    }
    return peak * (1000000 / PEAK_US);
}

static void print_result(times_t times, usage_t empty, usage_t idle, usage_t end, long tcp_kb) {
    static histogram_t latency, head;
    for (int job = 0; job < options.jobs; job++) {
        histogram_merge(&latency, &tallies[job].latency_us);
        histogram_merge(&head, &tallies[job].head_us);
    }
    long delivered = SUM(delivered), owed = shared->published * (SUM(connected) - options.stalled);
    printf("{\"connected\":%ld,\"failed\":%ld,\"closed\":%ld,\"published\":%ld,\"delivered\":%ld,"
           "\"owed\":%ld,\"missing\":%ld,\"repeated\":%ld,\"merged\":%ld,\"resyncs\":%ld,",
           SUM(connected), SUM(failed), SUM(closed), shared->published, delivered, owed,
           SUM(missing), SUM(repeated), SUM(merged), SUM(resyncs));
    printf("\"connect_s\":%.4f,\"publish_s\":%.4f,\"took_s\":%.4f,\"bytes\":%ld,",
           times.connect_s, times.publish_s, times.took_s, times.bytes);
    printf("\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"max_ms\":%.3f,\"head_p50_ms\":%.3f,\"head_p99_ms\":%.3f,",
           histogram_at(&latency, .5) / 1e3, histogram_at(&latency, .99) / 1e3, latency.max / 1e3,
           histogram_at(&head, .5) / 1e3, histogram_at(&head, .99) / 1e3);
    printf("\"connect_cpu_s\":%.5f,\"cpu_s\":%.5f,\"client_cpu_s\":%.4f,\"peak_per_s\":%ld,",
           idle.cpu_s - empty.cpu_s, end.cpu_s - idle.cpu_s, times.client_cpu_s, peak_per_s());
    printf("\"pss_empty_kb\":%ld,\"pss_idle_kb\":%ld,\"pss_end_kb\":%ld,\"tcp_idle_kb\":%ld,\"tcp_end_kb\":%ld,",
           empty.pss_kb, idle.pss_kb, end.pss_kb, tcp_kb, usage_tcp_kb());
    printf("\"descriptors\":[");
    for (int i = 0; i < process_count; i++) printf("%s%d", i ? "," : "", descriptors[i]);
    printf("]}\n");
}

int main(int count, char **words) {
    read_options(count, words);
    prepare();
    usage_find_processes();
    usage_t empty = usage_now();
    double connect_s = connect_all();
    settle();
    usage_find_processes();
    usage_t idle = usage_now();
    long tcp_kb = usage_tcp_kb();
    usage_count_sockets(descriptors, &process_count);
    double cpu_s = client_cpu_s();
    times_t times = {0};
    if (options.publisher_port) {
        publisher_open();
        times = publish();
    }
    times.connect_s = connect_s;
    times.client_cpu_s = client_cpu_s() - cpu_s;
    usage_t end = usage_now();
    shared->stop = 1;
    readers_finish();
    for (int job = 1; job < options.jobs; job++) wait(NULL);
    print_result(times, empty, idle, end, tcp_kb);
    return 0;
}
