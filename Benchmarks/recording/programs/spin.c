// spin N DEPTH THREADS: waits for a line on its input; THREADS threads (at least one) then compute N million steps each, DEPTH calls deep,
// and the CPU time of all is printed in nanoseconds. With a fourth argument so many further threads only wait.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static long steps;
static int depth;

static __attribute__((noinline)) unsigned long work(int level) {
    // A frame of 256 bytes, so that 100 calls make a stack of 25 KB.
    volatile char frame[224];
    frame[0] = (char)level;
    unsigned long sum;
    if (level > 0) {
        sum = work(level - 1);
    } else {
        sum = 1;
        for (long step = 0; step < steps; step++) sum = sum * 6364136223846793005UL + 1442695040888963407UL;
    }
    return sum + (unsigned char)frame[0];
}

static void *run(void *ignored) { return (void *)work(depth); }

static void *wait_forever(void *ignored) {
    pause();
    return NULL;
}

int main(int count, char **arguments) {
    steps = atol(arguments[1]) * 1000000;
    depth = atoi(arguments[2]);
    int threads = atoi(arguments[3]), waiting = count > 4 ? atoi(arguments[4]) : 0;
    pthread_t *thread = calloc(threads + waiting, sizeof *thread);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 256 << 10);
    for (int i = 0; i < waiting; i++) pthread_create(&thread[threads + i], &attributes, wait_forever, NULL);
    printf("ready\n");
    fflush(stdout);
    if (getchar() == EOF) return 1;
    for (int i = 0; i < threads; i++) pthread_create(&thread[i], &attributes, run, NULL);
    for (int i = 0; i < threads; i++) pthread_join(thread[i], NULL);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("%ld\n", (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000000L +
                        (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000L);
    fflush(stdout);
    _exit(0);
}
