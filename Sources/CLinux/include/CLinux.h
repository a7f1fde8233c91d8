#pragma once
#include "Errand.h"
#include <sys/auxv.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/types.h>

// System calls that Swift cannot call: variadic ones, ones that the C library has no wrapper for, and control messages,
// which are made of macros. Each returns what the system call returns and sets errno.

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

/// fork(2), which Swift's own import hides. Only for a process of one thread: the child goes on in Swift.
pid_t sprof_fork(void);

/// Installs a filter of system calls for this thread and its children (seccomp(2), SECCOMP_SET_MODE_FILTER); needs no_new_privs.
int sprof_seccomp(const struct sock_filter *filter, unsigned short count);

/// The version of Landlock's ABI, -1 where the kernel lacks it or has it turned off (landlock_create_ruleset(2)).
int sprof_landlock_version(void);

/// Denies this thread and its children, for ever, each of the given kinds of access (landlock_restrict_self(2)). `byte_count`: how much of
/// the attributes that ABI version knows, 8, 16 or 24 bytes. Needs no_new_privs.
int sprof_landlock_deny(uint64_t file_accesses, uint64_t network_accesses, uint64_t scopes, size_t byte_count);

/// Gives up all capabilities (capset(2)).
int sprof_drop_capabilities(void);

/// setgroups(2) to none, then setresgid(2) and setresuid(2).
int sprof_become(uid_t user, gid_t group);

/// memmem(3), which Swift does not import: where the first bytes that equal `word` are, NULL if nowhere.
const void *sprof_find(const void *bytes, size_t count, const void *word, size_t word_count);

/// The number of the architecture in what a filter sees (AUDIT_ARCH_...).
uint32_t sprof_audit_architecture(void);

/// syscall(2) of any number, for trying what a sandbox refuses.
long sprof_system_call(long number, unsigned long a, unsigned long b, unsigned long c, unsigned long d);
