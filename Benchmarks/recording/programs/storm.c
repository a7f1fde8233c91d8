// storm N MICROSECONDS: starts N threads, four at a time, that compute for so long each; at 300 microseconds more than a thousand begin and
// end a second. Prints the CPU time that it used in nanoseconds.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static long nanoseconds;

static long now(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return time.tv_sec * 1000000000L + time.tv_nsec;
}

static void *work(void *ignored) {
    long end = now(CLOCK_THREAD_CPUTIME_ID) + nanoseconds;
    while (now(CLOCK_THREAD_CPUTIME_ID) < end) {}
    return NULL;
}

int main(int count, char **arguments) {
    long threads = atol(arguments[1]);
    nanoseconds = atol(arguments[2]) * 1000;
    for (long done = 0; done < threads; done += 4) {
        pthread_t thread[4];
        for (int i = 0; i < 4; i++) pthread_create(&thread[i], NULL, work, NULL);
        for (int i = 0; i < 4; i++) pthread_join(thread[i], NULL);
    }
    printf("%ld\n", now(CLOCK_PROCESS_CPUTIME_ID));
    return 0;
}
