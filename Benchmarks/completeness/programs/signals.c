// Works, and works in the handler of a timer's signal, which arrives as often as the timer can; the handler is itself
// interrupted by another signal.
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

volatile long sink;

__attribute__((noinline)) static long recurse(long n) {
    return n <= 0 ? sink : recurse(n - 1) * 3 + recurse(n - 2);
}

static void inner(int number) { sink += recurse(12) + number; }

static void outer(int number) {
    sink += recurse(14) + number;
    raise(SIGUSR1);
    sink += recurse(14);
}

__attribute__((noinline)) static long work(long n) {
    char text[64];
    memset(text, (int)n, sizeof text);
    return n ? work(n - 1) + text[n & 63] : recurse(14);
}

int main(int argc, char **argv) {
    double seconds = argc > 1 ? atof(argv[1]) : 1;
    struct sigaction action = {.sa_flags = SA_RESTART};
    action.sa_handler = inner;
    sigaction(SIGUSR1, &action, NULL);
    action.sa_handler = outer;
    sigaction(SIGALRM, &action, NULL);
    struct itimerval timer = {{0, 1000}, {0, 1000}};
    setitimer(ITIMER_REAL, &timer, NULL);
    while (clock() < seconds * CLOCKS_PER_SEC)
        for (int round = 0; round < 100; round++) sink += work(round & 31);
    return 0;
}
