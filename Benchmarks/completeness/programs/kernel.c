// Spends its time in system calls, below a few frames: reads, pipes, page faults.
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

volatile long sink;

__attribute__((noinline)) static void calls(int depth, int file, int *ends) {
    char bytes[4096];
    if (depth) {
        calls(depth - 1, file, ends);
        sink += bytes[0] = (char)depth;
        return;
    }
    for (int i = 0; i < 200; i++) {
        sink += pread(file, bytes, sizeof bytes, 0);
        sink += write(ends[1], bytes, 512);
        sink += read(ends[0], bytes, 512);
    }
    char *memory = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(memory, 1, 1 << 20);
    munmap(memory, 1 << 20);
}

int main(int argc, char **argv) {
    double seconds = argc > 1 ? atof(argv[1]) : 1;
    int ends[2], file = open(argv[0], O_RDONLY);
    if (file < 0 || pipe(ends)) return 1;
    while (clock() < seconds * CLOCKS_PER_SEC)
        for (int round = 0; round < 10; round++) calls(8, file, ends);
    return 0;
}
