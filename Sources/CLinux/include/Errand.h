#pragma once
#include <stddef.h>
#include <sys/types.h>

// System calls that are made by another process, because they may never come back.
//
// The process shares this one's memory and has descriptors of its own. It is no thread: a thread that waits in the kernel for a
// file of a dead server keeps its whole process from ending, and so does a descriptor that such a process has to close.

/// What a process is to do next; one at a time. Lives until that process has ended.
struct sprof_errand {
    /// The number of a system call, or SPROF_ERRAND_START.
    long number;
    unsigned long arguments[6];
    /// What the call returned: as the kernel does it, an error as a negative number.
    long result;
    /// The runner's end of a stream socket. A byte that comes there is the order to begin, a byte that goes back says that the
    /// result is there. The process ends when the other end is closed.
    int socket;
};

/// Instead of a system call: starts another runner, which has the same descriptors. Arguments: its errand, the end of its stack.
#define SPROF_ERRAND_START (-1L)

/// Starts the first runner (clone(2) with CLONE_VM), on the stack that ends at `stack_end`; it closes all descriptors but its
/// socket. Its process number, or a negative error.
pid_t sprof_errand_start(struct sprof_errand *errand, void *stack_end);

/// Makes the call in this process, for want of another.
void sprof_errand_run(struct sprof_errand *errand);

/// A message of one byte and one descriptor, as sendmsg(2) and recvmsg(2) take it in their second argument. The words are a
/// struct msghdr and what that points to.
struct sprof_message {
    unsigned long words[16];
};

/// Makes a message that sends `byte` and `descriptor` or, with -1, has room for them.
void sprof_message_prepare(struct sprof_message *message, char byte, int descriptor);

/// The descriptor that came, -1 if none did.
int sprof_message_descriptor(const struct sprof_message *message);

/// pread(2) of what is in memory already, without waiting for a disk or a server: preadv2(2) with RWF_NOWAIT. -1 and EAGAIN where it
/// would have to wait, EOPNOTSUPP where the file system cannot tell.
ssize_t sprof_read_at_once(int descriptor, void *bytes, size_t count, off_t offset);
