#define _GNU_SOURCE
#include "CPerfEvent.h"

#include <linux/bpf.h>
#include <linux/mount.h>
#include <linux/perf_event.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

// BPFProgram.swift writes these by number.
_Static_assert(BPF_PROG_TYPE_TRACEPOINT == 5 && BPF_PROG_TYPE_PERF_EVENT == 7, "enum bpf_prog_type");
_Static_assert(BPF_MAP_TYPE_HASH == 1 && BPF_MAP_TYPE_ARRAY == 2, "enum bpf_map_type");

static int call(int command, union bpf_attr *attributes) {
    return (int)syscall(SYS_bpf, command, attributes, sizeof *attributes);
}

static uint64_t address(const void *pointer) { return (uint64_t)(uintptr_t)pointer; }

int cperf_bpf_create_map(uint32_t type, uint32_t value_size, uint32_t capacity) {
    union bpf_attr attributes;
    memset(&attributes, 0, sizeof attributes);
    attributes.map_type = type;
    attributes.key_size = sizeof(uint32_t);
    attributes.value_size = value_size;
    attributes.max_entries = capacity;
    // A hash takes memory for what it holds and not for what it may hold.
    if (type == BPF_MAP_TYPE_HASH) attributes.map_flags = BPF_F_NO_PREALLOC;
    return call(BPF_MAP_CREATE, &attributes);
}

int cperf_bpf_set(int map, uint32_t key, uint32_t value) {
    union bpf_attr attributes;
    memset(&attributes, 0, sizeof attributes);
    attributes.map_fd = (uint32_t)map;
    attributes.key = address(&key);
    attributes.value = address(&value);
    return call(BPF_MAP_UPDATE_ELEM, &attributes);
}

int cperf_bpf_get(int map, uint32_t key, void *value) {
    union bpf_attr attributes;
    memset(&attributes, 0, sizeof attributes);
    attributes.map_fd = (uint32_t)map;
    attributes.key = address(&key);
    attributes.value = address(value);
    return call(BPF_MAP_LOOKUP_ELEM, &attributes);
}

int cperf_bpf_load(uint32_t type, const uint64_t *instructions, uint32_t count) {
    union bpf_attr attributes;
    memset(&attributes, 0, sizeof attributes);
    attributes.prog_type = type;
    attributes.insns = address(instructions);
    attributes.insn_cnt = count;
    // No helper that these programs call is reserved to the GPL; tracing programs need a compatible license all the same.
    attributes.license = address("Dual MIT/GPL");
    return call(BPF_PROG_LOAD, &attributes);
}

int cperf_set_bpf(int descriptor, int program) { return ioctl(descriptor, PERF_EVENT_IOC_SET_BPF, program); }

int cperf_open_process(int32_t process) { return (int)syscall(SYS_pidfd_open, process, 0); }

int cperf_mount_tracefs(void) {
    int context = (int)syscall(SYS_fsopen, "tracefs", FSOPEN_CLOEXEC);
    if (context < 0) return -1;
    int mount = -1;
    if (syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0) {
        mount = (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY);
    }
    close(context);
    return mount;
}
