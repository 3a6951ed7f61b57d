/* What was asked for, and the small tools that every part needs. */
#include "load.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

options_t options = {
    .subscribers = 100, .at_once = 200, .jobs = 1, .settle_s = 0.5, .seconds = 2, .idle_s = 2,
    .host = "127.0.0.1", .stalled_path = "/", .cores = {-1, -1, -1, -1, -1, -1, -1, -1},
};

static const char USAGE[] =
    "load -n SUBSCRIBERS -p PORT -u PATH [-u PATH ...]\n"
    "  -H FILE   more request headers, each line ended by CR LF\n"
    "  -C COUNT  connects under way at the same time; the subscribers' number makes a storm\n"
    "  -j CORE   read in one more process, on this core (repeatable)\n"
    "  -Z COUNT  the first so many never read;  -z PATH  what they ask for\n"
    "  -R        count bytes only: the stream is compressed\n"
    "  -P PORT   where to publish;  -h  by HTTP instead of RESP\n"
    "  -T FILE   requests to publish with, each after a line with its length; the first one\n"
    "            is sent once, the others take turns with time and number filled in\n"
    "  -r RATE | -b COUNT | -w COUNT   events a second | at once | at most so many outstanding\n"
    "  -d SECONDS of publishing;  -S SECONDS to settle;  -I SECONDS of silence until the end\n"
    "  -k PID,PID  servers to watch, with their children\n";

void read_options(int count, char **words) {
    int letter;
    while ((letter = getopt(count, words, "n:p:u:H:C:j:Z:z:RP:hT:r:b:w:d:S:I:k:")) != -1) {
        switch (letter) {
        case 'n': options.subscribers = atoi(optarg); break;
        case 'p': options.port = atoi(optarg); break;
        case 'u':
            if (options.path_count < PATHS_MAX) options.paths[options.path_count++] = optarg;
            break;
        case 'H': options.header_file = optarg; break;
        case 'C': options.at_once = atoi(optarg); break;
        case 'j':
            if (options.jobs < JOBS_MAX) options.cores[options.jobs++] = atoi(optarg);
            break;
        case 'Z': options.stalled = atoi(optarg); break;
        case 'z': options.stalled_path = optarg; break;
        case 'R': options.raw = 1; break;
        case 'P': options.publisher_port = atoi(optarg); break;
        case 'h': options.is_http = 1; break;
        case 'T': options.publish_file = optarg; break;
        case 'r': options.rate = atof(optarg); break;
        case 'b': options.burst = atol(optarg); break;
        case 'w': options.window = atol(optarg); break;
        case 'd': options.seconds = atof(optarg); break;
        case 'S': options.settle_s = atof(optarg); break;
        case 'I': options.idle_s = atof(optarg); break;
        case 'k': options.pids = optarg; break;
        default: fputs(USAGE, stderr); exit(2);
        }
    }
    if (!options.port || !options.path_count) { fputs(USAGE, stderr); exit(2); }
}

void die(const char *what) {
    fprintf(stderr, "load: %s (%s)\n", what, strerror(errno));
    exit(1);
}

char *read_file(const char *path, size_t *length) {
    FILE *file = fopen(path, "rb");
    if (!file) die(path);
    size_t room = 1 << 22;
    char *text = malloc(room + 1);
    *length = fread(text, 1, room, file);
    text[*length] = 0;
    fclose(file);
    return text;
}

static uint64_t clock_us(clockid_t which) {
    struct timespec now;
    clock_gettime(which, &now);
    return now.tv_sec * 1000000ull + now.tv_nsec / 1000;
}
uint64_t monotonic_us(void) { return clock_us(CLOCK_MONOTONIC); }
uint64_t unix_us(void) { return clock_us(CLOCK_REALTIME); }

static int bucket_of(uint64_t value) {
    if (value < STEPS) return value;
    int power = 63 - __builtin_clzll(value);
    int bucket = (power - 5) * STEPS + ((value >> (power - 6)) & (STEPS - 1));
    return bucket < BUCKETS ? bucket : BUCKETS - 1;
}
static uint64_t value_of(int bucket) {
    if (bucket < STEPS) return bucket;
    return ((uint64_t)(STEPS + bucket % STEPS)) << (bucket / STEPS - 1);
}
void histogram_add(histogram_t *histogram, uint64_t value) {
    histogram->in[bucket_of(value)]++;
    histogram->total++;
    if (value > histogram->max) histogram->max = value;
}
void histogram_merge(histogram_t *into, const histogram_t *from) {
    for (int i = 0; i < BUCKETS; i++) into->in[i] += from->in[i];
    into->total += from->total;
    if (from->max > into->max) into->max = from->max;
}
uint64_t histogram_at(const histogram_t *histogram, double share) {
    uint64_t wanted = share * histogram->total, seen = 0;
    for (int i = 0; i < BUCKETS; i++) {
        seen += histogram->in[i];
        if (seen > wanted) return value_of(i);
    }
    return histogram->max;
}
