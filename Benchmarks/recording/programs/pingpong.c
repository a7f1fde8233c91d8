// Two processes on one CPU that hand a byte to and fro over pipes: two context switches a round trip.
// pingpong N: waits for a line on its input, makes N round trips, prints the CPU time of both in nanoseconds.
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static long cpu_time(int who) {
    struct rusage usage;
    getrusage(who, &usage);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000000L +
           (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000L;
}

int main(int count, char **arguments) {
    long trips = atol(arguments[1]);
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(1 % sysconf(_SC_NPROCESSORS_ONLN), &one);
    sched_setaffinity(0, sizeof one, &one);
    int to[2], from[2];
    if (pipe(to) || pipe(from)) return 1;
    char byte = 0;
    pid_t child = fork();
    if (child == 0) {
        close(to[1]);
        while (read(to[0], &byte, 1) == 1) {
            if (write(from[1], &byte, 1) != 1) return 1;
        }
        return 0;
    }
    printf("ready\n");
    fflush(stdout);
    if (getchar() == EOF) return 1;
    long before = cpu_time(RUSAGE_SELF);
    for (long trip = 0; trip < trips; trip++) {
        if (write(to[1], &byte, 1) != 1 || read(from[0], &byte, 1) != 1) return 1;
    }
    long used = cpu_time(RUSAGE_SELF) - before;
    close(to[1]);
    waitpid(child, NULL, 0);
    printf("%ld\n", used + cpu_time(RUSAGE_CHILDREN));
    return 0;
}
