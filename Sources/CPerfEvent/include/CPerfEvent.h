/// What Swift cannot say about perf_event: a raw system call, variadic ioctls, and a fork that runs no Swift.
#pragma once
#include <stdint.h>

/// `struct perf_event_attr` up to PERF_ATTR_SIZE_VER5 (include/uapi/linux/perf_event.h), with its bit-fields as one
/// word: their positions are ABI, so that a header older than the kernel does not hide a feature.
struct cperf_attributes {
    uint32_t type;
    uint32_t size;
    uint64_t config;
    uint64_t sample_period_or_frequency;
    uint64_t sample_type;
    uint64_t read_format;
    uint64_t flags;
    uint32_t wakeup_watermark;
    uint32_t breakpoint_type;
    uint64_t config1;
    uint64_t config2;
    uint64_t branch_sample_type;
    uint64_t sample_regs_user;
    uint32_t sample_stack_user;
    int32_t clockid;
    uint64_t sample_regs_intr;
    uint32_t aux_watermark;
    uint16_t sample_max_stack;
    uint16_t reserved;
};

/// What read(2) gives for PERF_FORMAT_ID | PERF_FORMAT_LOST.
struct cperf_count {
    uint64_t value;
    uint64_t id;
    uint64_t lost;
};

/// A child that waits for its start signal before it calls execvp(3).
struct cperf_child {
    int32_t pid;
    int start_descriptor;
    int error_descriptor;
};

/// perf_event_open(2) with PERF_FLAG_FD_CLOEXEC; the descriptor, or -1 and errno.
int cperf_open(struct cperf_attributes *attributes, int32_t pid, int cpu, unsigned long flags);
/// PERF_EVENT_IOC_ENABLE; 0, or -1 and errno.
int cperf_enable(int descriptor);
/// PERF_EVENT_IOC_DISABLE; 0, or -1 and errno.
int cperf_disable(int descriptor);
/// PERF_EVENT_IOC_SET_OUTPUT; 0, or -1 and errno.
int cperf_set_output(int descriptor, int target);
/// PERF_EVENT_IOC_ID; 0, or -1 and errno.
int cperf_identifier(int descriptor, uint64_t *identifier);

/// Forks a child that will run `arguments` (ended by NULL); 0, or -1 and errno.
int cperf_launch(char *const arguments[], struct cperf_child *child);
/// Lets the child call execvp and waits for the outcome: 0 when it runs, else the errno of execvp.
int cperf_launch_start(struct cperf_child *child);

/// BPF_MAP_CREATE of a hash (type 1) or an array (type 2) with keys of 32 bits; the descriptor, or -1 and errno (bpf(2)).
int cperf_bpf_create_map(uint32_t type, uint32_t value_size, uint32_t capacity);
/// BPF_MAP_UPDATE_ELEM of a map with values of 32 bits; 0, or -1 and errno.
int cperf_bpf_set(int map, uint32_t key, uint32_t value);
/// BPF_MAP_LOOKUP_ELEM; `value` has the map's value size; 0, or -1 and errno (ENOENT).
int cperf_bpf_get(int map, uint32_t key, void *value);
/// BPF_PROG_LOAD; the descriptor, or -1 and errno.
int cperf_bpf_load(uint32_t type, const uint64_t *instructions, uint32_t count);
/// PERF_EVENT_IOC_SET_BPF; 0, or -1 and errno.
int cperf_set_bpf(int descriptor, int program);

/// pidfd_open(2), closed on exec by nature; readable when the process has ended. Linux 5.3.
int cperf_open_process(int32_t process);

/// A read-only mount of tracefs that no folder shows, for systems that do not mount it: its root as a descriptor that
/// ends it when closed, or -1 and errno (fsmount(2), Linux 5.2; needs CAP_SYS_ADMIN).
int cperf_mount_tracefs(void);
