/* CPU (schedstat), memory (PSS) and sockets of the servers, children included. */
#include "load.h"
#include <dirent.h>
#include <stdio.h>
#include <string.h>

static int processes[PROCESSES_MAX], process_count;

static int parent_of(int pid) {
    char path[64], line[512], state;
    int parent = -1;
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *file = fopen(path, "r");
    if (!file) return -1;
    if (fgets(line, sizeof line, file)) {
        char *behind_name = strrchr(line, ')');
        if (behind_name) sscanf(behind_name + 1, " %c %d", &state, &parent);
    }
    fclose(file);
    return parent;
}

static int is_known(int pid) {
    for (int i = 0; i < process_count; i++)
        if (processes[i] == pid) return 1;
    return 0;
}

/* Children are looked for until none is new: a launcher may stand between. */
void usage_find_processes(void) {
    process_count = 0;
    for (char *at = options.pids; at && *at && process_count < PROCESSES_MAX;) {
        processes[process_count++] = strtol(at, &at, 10);
        while (*at == ',') at++;
    }
    for (int before = -1; options.pids && before != process_count;) {
        before = process_count;
        DIR *all = opendir("/proc");
        for (struct dirent *entry; all && (entry = readdir(all));) {
            int pid = atoi(entry->d_name);
            if (pid && !is_known(pid) && is_known(parent_of(pid)) && process_count < PROCESSES_MAX)
                processes[process_count++] = pid;
        }
        if (all) closedir(all);
    }
}

static double cpu_of(int pid) {
    char path[320];
    double seconds = 0;
    snprintf(path, sizeof path, "/proc/%d/task", pid);
    DIR *threads = opendir(path);
    for (struct dirent *entry; threads && (entry = readdir(threads));) {
        if (!atoi(entry->d_name)) continue;
        snprintf(path, sizeof path, "/proc/%d/task/%s/schedstat", pid, entry->d_name);
        FILE *file = fopen(path, "r");
        unsigned long long nanoseconds = 0;
        if (!file) continue;
        if (fscanf(file, "%llu", &nanoseconds) == 1) seconds += nanoseconds / 1e9;
        fclose(file);
    }
    if (threads) closedir(threads);
    return seconds;
}

/* Proportional memory: pages that forks share count once. */
static long pss_of(int pid) {
    char path[64], line[256];
    long kilobytes = 0;
    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", pid);
    FILE *file = fopen(path, "r");
    if (!file) return 0;
    while (fgets(line, sizeof line, file))
        if (sscanf(line, "Pss: %ld", &kilobytes) == 1) break;
    fclose(file);
    return kilobytes;
}

usage_t usage_now(void) {
    usage_t sum = {0};
    for (int i = 0; i < process_count; i++) {
        sum.cpu_s += cpu_of(processes[i]);
        sum.pss_kb += pss_of(processes[i]);
    }
    return sum;
}

/* What the kernel holds for all sockets of the machine. */
long usage_tcp_kb(void) {
    char line[256];
    long pages = 0;
    FILE *file = fopen("/proc/net/sockstat", "r");
    while (file && fgets(line, sizeof line, file)) {
        char *memory = strstr(line, "mem ");
        if (!strncmp(line, "TCP:", 4) && memory) pages = atol(memory + 4);
    }
    if (file) fclose(file);
    return pages * 4;
}

static int descriptors_of(int pid) {
    char path[64];
    int count = 0;
    snprintf(path, sizeof path, "/proc/%d/fd", pid);
    DIR *all = opendir(path);
    for (struct dirent *entry; all && (entry = readdir(all));) count += entry->d_name[0] != '.';
    if (all) closedir(all);
    return count;
}

/* How the subscribers were shared out among workers, roughly. */
void usage_count_sockets(int *counts, int *found) {
    *found = process_count;
    for (int i = 0; i < process_count; i++) counts[i] = descriptors_of(processes[i]);
}
