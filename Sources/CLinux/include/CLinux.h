#pragma once
#include <sys/auxv.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/types.h>

// System calls that Swift cannot call: variadic ones, ones that the C library has no wrapper for, and control messages,
// which are made of macros. Each returns what the system call returns and sets errno.

/// O_PATH of open(2), which needs _GNU_SOURCE.
#define SPROF_O_PATH 010000000

/// openat2(2) with RESOLVE_IN_ROOT and RESOLVE_NO_MAGICLINKS: `path` is resolved as if `root` were the root directory, so that no
/// symbolic link and no ".." leads out of it. Linux 5.6.
int sprof_open_in_root(int root, const char *path, int flags);

/// prctl(2).
int sprof_prctl(int option, unsigned long argument);

/// Closes every descriptor from `first` up (close_range(2)). Linux 5.9.
int sprof_close_from(unsigned int first);

/// sendmsg(2) of bytes and, unless it is -1, one file descriptor (SCM_RIGHTS); never raises SIGPIPE, never blocks if `flags` say so.
ssize_t sprof_send(int socket, const void *bytes, size_t count, int descriptor, int flags);

/// recvmsg(2) of bytes and of at most one file descriptor, which is closed on exec; `*descriptor` is -1 if none came.
ssize_t sprof_receive(int socket, void *bytes, size_t count, int *descriptor);
