#define _GNU_SOURCE
#include "Errand.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

// A runner has no thread-local storage of its own, so nothing of the C library may be called that sets errno.
static long system_call(
    long number, unsigned long a, unsigned long b, unsigned long c, unsigned long d, unsigned long e, unsigned long f) {
#if defined(__x86_64__)
    register unsigned long r10 __asm__("r10") = d;
    register unsigned long r8 __asm__("r8") = e;
    register unsigned long r9 __asm__("r9") = f;
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
#elif defined(__aarch64__)
    register long x8 __asm__("x8") = number;
    register unsigned long x0 __asm__("x0") = a;
    register unsigned long x1 __asm__("x1") = b;
    register unsigned long x2 __asm__("x2") = c;
    register unsigned long x3 __asm__("x3") = d;
    register unsigned long x4 __asm__("x4") = e;
    register unsigned long x5 __asm__("x5") = f;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
    return (long)x0;
#else
#error "system calls are made on x86_64 and arm64"
#endif
}

static int run_errands(void *argument);

static void run(struct sprof_errand *errand) {
    const unsigned long *arguments = errand->arguments;
    if (errand->number == SPROF_ERRAND_START) {
        errand->result = clone(run_errands, (void *)arguments[1], CLONE_VM | CLONE_FILES, (void *)arguments[0]);
    } else {
        errand->result = system_call(
            errand->number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
    }
}

static int run_errands(void *argument) {
    struct sprof_errand *errand = argument;
    char byte = 0;
    system_call(SYS_prctl, PR_SET_NAME, (unsigned long)"sprof-files", 0, 0, 0, 0);
    for (;;) {
        long count = system_call(SYS_read, (unsigned long)errand->socket, (unsigned long)&byte, 1, 0, 0, 0);
        if (count == -EINTR) continue;
        if (count != 1) return 0;
        run(errand);
        do count = system_call(SYS_write, (unsigned long)errand->socket, (unsigned long)&byte, 1, 0, 0, 0);
        while (count == -EINTR);
        if (count != 1) return 0;
    }
}

static int run_first(void *argument) {
    struct sprof_errand *errand = argument;
    unsigned long socket = (unsigned long)errand->socket;
    long failed = system_call(SYS_close_range, socket + 1, ~0U, 0, 0, 0, 0);
    if (socket > 0) failed |= system_call(SYS_close_range, 0, socket - 1, 0, 0, 0, 0);
    // Before Linux 5.9.
    for (unsigned long number = 0; failed && number < 1 << 16; number++)
        if (number != socket) system_call(SYS_close, number, 0, 0, 0, 0, 0);
    return run_errands(argument);
}

pid_t sprof_errand_start(struct sprof_errand *errand, void *stack_end) {
    // The handlers of this process are not for a runner, which a signal of the terminal reaches as well.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t process = clone(run_first, stack_end, CLONE_VM, errand);
    if (process < 0) process = -errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return process;
}

void sprof_errand_run(struct sprof_errand *errand) { run(errand); }

struct message {
    struct msghdr header;
    struct iovec part;
    size_t control[4];
    char byte;
};
_Static_assert(sizeof(struct message) <= sizeof(struct sprof_message), "room for the message");
_Static_assert(CMSG_SPACE(sizeof(int)) <= sizeof(size_t[4]), "room for a descriptor");

void sprof_message_prepare(struct sprof_message *words, char byte, int descriptor) {
    struct message *message = (struct message *)words;
    memset(message, 0, sizeof *message);
    message->byte = byte;
    message->part.iov_base = &message->byte;
    message->part.iov_len = 1;
    message->header.msg_iov = &message->part;
    message->header.msg_iovlen = 1;
    message->header.msg_control = message->control;
    message->header.msg_controllen = CMSG_SPACE(sizeof descriptor);
    if (descriptor < 0) return;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message->header);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof descriptor);
    memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
}

int sprof_message_descriptor(const struct sprof_message *words) {
    const struct message *message = (const struct message *)words;
    const struct cmsghdr *header = CMSG_FIRSTHDR(&message->header);
    int descriptor = -1;
    if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS
        && header->cmsg_len >= CMSG_LEN(sizeof descriptor))
        memcpy(&descriptor, CMSG_DATA(header), sizeof descriptor);
    return descriptor;
}

ssize_t sprof_read_at_once(int descriptor, void *bytes, size_t count, off_t offset) {
    struct iovec part = {.iov_base = bytes, .iov_len = count};
    return preadv2(descriptor, &part, 1, offset, RWF_NOWAIT);
}
