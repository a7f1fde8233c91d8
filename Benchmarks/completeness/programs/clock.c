// Reads the clock through the vDSO, below a few frames.
#include <stdlib.h>
#include <time.h>

volatile long sink;

__attribute__((noinline)) static long read_clock(int depth) {
    struct timespec now;
    if (depth) return read_clock(depth - 1) + sink;
    for (int i = 0; i < 1000; i++) {
        clock_gettime(CLOCK_MONOTONIC, &now);
        sink += now.tv_nsec;
    }
    return now.tv_sec;
}

int main(int argc, char **argv) {
    double seconds = argc > 1 ? atof(argv[1]) : 1;
    while (clock() < seconds * CLOCKS_PER_SEC)
        for (int round = 0; round < 100; round++) sink += read_clock(10);
    return 0;
}
