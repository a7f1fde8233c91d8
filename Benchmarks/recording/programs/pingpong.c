// On each of the first CPUs two threads that hand a byte to and fro over pipes: two context switches a round trip.
// pingpong N CPUS: waits for a line on its input, makes N round trips on each CPU, prints the context switches of a second of
// wall-clock time and then the CPU time of all threads in nanoseconds.
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

struct pair {
    int to[2], from[2];
    pthread_t asker, answerer;
};

static long trips;
static pthread_barrier_t start;

static long cpu_time(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000000L +
           (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000L;
}

static long wall_time(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000L + now.tv_nsec;
}

static void *ask(void *argument) {
    struct pair *pair = argument;
    char byte = 0;
    pthread_barrier_wait(&start);
    for (long trip = 0; trip < trips; trip++) {
        if (write(pair->to[1], &byte, 1) != 1 || read(pair->from[0], &byte, 1) != 1) exit(1);
    }
    close(pair->to[1]);
    return NULL;
}

static void *answer(void *argument) {
    struct pair *pair = argument;
    char byte;
    while (read(pair->to[0], &byte, 1) == 1) {
        if (write(pair->from[1], &byte, 1) != 1) exit(1);
    }
    return NULL;
}

int main(int count, char **arguments) {
    if (count < 3) return 2;
    trips = atol(arguments[1]);
    int cpus = atoi(arguments[2]);
    struct pair *pairs = calloc(cpus, sizeof *pairs);
    pthread_barrier_init(&start, NULL, cpus + 1);
    for (int cpu = 0; cpu < cpus; cpu++) {
        struct pair *pair = &pairs[cpu];
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(cpu, &one);
        pthread_attr_t attributes;
        pthread_attr_init(&attributes);
        pthread_attr_setaffinity_np(&attributes, sizeof one, &one);
        if (pipe(pair->to) || pipe(pair->from) || pthread_create(&pair->answerer, &attributes, answer, pair) ||
            pthread_create(&pair->asker, &attributes, ask, pair))
            return 1;
    }
    printf("ready\n");
    fflush(stdout);
    if (getchar() == EOF) return 1;
    long cpu_before = cpu_time(), wall_before = wall_time();
    pthread_barrier_wait(&start);
    for (int cpu = 0; cpu < cpus; cpu++) {
        pthread_join(pairs[cpu].asker, NULL);
        pthread_join(pairs[cpu].answerer, NULL);
    }
    double seconds = (wall_time() - wall_before) / 1e9;
    printf("%.0f %ld\n", 2.0 * trips * cpus / seconds, cpu_time() - cpu_before);
    return 0;
}
