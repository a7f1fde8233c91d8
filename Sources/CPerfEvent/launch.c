#define _GNU_SOURCE
#include "CPerfEvent.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

// Runs between fork and exec: nothing but async-signal-safe calls (signal-safety(7)); glibc's execvp neither
// allocates nor locks.
static void child_main(char *const arguments[], int start_descriptor, int error_descriptor) {
    // sprof catches or ignores these for itself; what the program does with them is its own affair.
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);

    char byte;
    ssize_t got;
    do {
        got = read(start_descriptor, &byte, 1);
    } while (got < 0 && errno == EINTR);
    if (got != 1) _exit(125);  // the parent gave up or died

    execvp(arguments[0], arguments);
    int error = errno;
    ssize_t written = write(error_descriptor, &error, sizeof error);
    (void)written;
    _exit(error == ENOENT ? 127 : 126);
}

int cperf_launch(char *const arguments[], struct cperf_child *child) {
    int start[2], error[2];
    if (pipe2(start, O_CLOEXEC) < 0) return -1;
    if (pipe2(error, O_CLOEXEC) < 0) {
        int saved = errno;
        close(start[0]), close(start[1]);
        errno = saved;
        return -1;
    }
    // A signal that arrives between fork and the reset above would run the parent's handler in the child.
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid_t pid = fork();
    if (pid == 0) {
        close(start[1]), close(error[0]);
        child_main(arguments, start[0], error[1]);
    }
    int saved = errno;
    sigprocmask(SIG_SETMASK, &before, NULL);
    close(start[0]), close(error[1]);
    if (pid < 0) {
        close(start[1]), close(error[0]);
        errno = saved;
        return -1;
    }
    child->pid = pid;
    child->start_descriptor = start[1];
    child->error_descriptor = error[0];
    return 0;
}

int cperf_launch_start(struct cperf_child *child) {
    char byte = 1;
    int error = 0;
    ssize_t count;
    // The child may have been killed while it waited; that must not kill us by SIGPIPE as well.
    sigset_t pipe_signal, before;
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
    do {
        count = write(child->start_descriptor, &byte, 1);
    } while (count < 0 && errno == EINTR);
    if (count < 0 && errno == EPIPE) {
        struct timespec zero = {0, 0};
        sigtimedwait(&pipe_signal, NULL, &zero);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(child->start_descriptor);
    child->start_descriptor = -1;
    do {
        count = read(child->error_descriptor, &error, sizeof error);
    } while (count < 0 && errno == EINTR);
    close(child->error_descriptor);
    child->error_descriptor = -1;
    return count == sizeof error ? error : 0;
}
