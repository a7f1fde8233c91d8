// Recursion, callbacks from libc, calls through the PLT, big, realigned and growing frames, formatted output: the
// frames that C compilers make, for as many seconds of CPU time as the argument says.
#include <alloca.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

volatile long sink;

__attribute__((noinline)) static int compare(const void *a, const void *b) {
    return *(const int *)a - *(const int *)b;
}

__attribute__((noinline)) static long recurse(long n) {
    return n <= 0 ? sink : recurse(n - 1) * 3 + recurse(n - 2);
}

__attribute__((noinline)) static long deep(long n) {
    char text[24];
    if (n == 0) return recurse(9);
    memset(text, (int)n, sizeof text);
    return deep(n - 1) + text[n % 24];
}

__attribute__((noinline)) static long big(int n) {
    volatile char bytes[4000];
    bytes[n] = 1;
    return bytes[n] + recurse(n & 7);
}

__attribute__((noinline)) static long aligned(int n) {
    volatile char bytes[64] __attribute__((aligned(64)));
    bytes[n & 63] = 2;
    return bytes[n & 63] + recurse(7);
}

__attribute__((noinline)) static long growing(int n) {
    char *bytes = alloca(n * 16 + 16);
    memset(bytes, n, n * 16);
    return bytes[n] + recurse(6);
}

int main(int argc, char **argv) {
    double seconds = argc > 1 ? atof(argv[1]) : 1;
    while (clock() < seconds * CLOCKS_PER_SEC) {
        for (int round = 0; round < 20; round++) {
            int values[400];
            for (int i = 0; i < 400; i++) values[i] = (i * 7919 + round) % 401;
            qsort(values, 400, sizeof *values, compare);
            char text[200];
            snprintf(text, sizeof text, "%d %s %f", values[3], "words", 1.5 * values[4]);
            sink += atoi(text) + strlen(text) + deep(40);
            for (int i = 0; i < 40; i++) sink += big(i) + aligned(i) + growing(i);
        }
    }
    return 0;
}
