// Two threads on one CPU that hand a byte to and fro over pipes: two context switches a round trip.
// pingpong N: waits for a line on its input, makes N round trips, prints the CPU time of both in nanoseconds.
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static int to[2], from[2];

static long cpu_time(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000000L +
           (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000L;
}

static void *answer(void *unused) {
    char byte;
    while (read(to[0], &byte, 1) == 1) {
        if (write(from[1], &byte, 1) != 1) exit(1);
    }
    return unused;
}

int main(int count, char **arguments) {
    long trips = atol(arguments[1]);
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(1 % sysconf(_SC_NPROCESSORS_ONLN), &one);
    sched_setaffinity(0, sizeof one, &one);
    pthread_t other;
    if (pipe(to) || pipe(from) || pthread_create(&other, NULL, answer, NULL)) return 1;
    printf("ready\n");
    fflush(stdout);
    if (getchar() == EOF) return 1;
    char byte = 0;
    long before = cpu_time();
    for (long trip = 0; trip < trips; trip++) {
        if (write(to[1], &byte, 1) != 1 || read(from[0], &byte, 1) != 1) return 1;
    }
    long used = cpu_time() - before;
    close(to[1]);
    pthread_join(other, NULL);
    printf("%ld\n", used);
    return 0;
}
