#define _GNU_SOURCE
#include "CPerfEvent.h"

#include <linux/perf_event.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

_Static_assert(sizeof(struct cperf_attributes) == PERF_ATTR_SIZE_VER5, "the layout of PERF_ATTR_SIZE_VER5");
_Static_assert(offsetof(struct cperf_attributes, wakeup_watermark) == offsetof(struct perf_event_attr, wakeup_watermark), "");
_Static_assert(offsetof(struct cperf_attributes, sample_regs_user) == offsetof(struct perf_event_attr, sample_regs_user), "");
_Static_assert(offsetof(struct cperf_attributes, clockid) == offsetof(struct perf_event_attr, clockid), "");
_Static_assert(offsetof(struct cperf_attributes, sample_max_stack) == offsetof(struct perf_event_attr, sample_max_stack), "");
// RingBuffer.swift reads these two by number.
_Static_assert(offsetof(struct perf_event_mmap_page, data_head) == 1024, "");
_Static_assert(offsetof(struct perf_event_mmap_page, data_tail) == 1032, "");

int cperf_open(struct cperf_attributes *attributes, int32_t pid, int cpu, unsigned long flags) {
    attributes->size = sizeof *attributes;
    return (int)syscall(SYS_perf_event_open, attributes, pid, cpu, -1, flags | PERF_FLAG_FD_CLOEXEC);
}

int cperf_enable(int descriptor) { return ioctl(descriptor, PERF_EVENT_IOC_ENABLE, 0); }

int cperf_disable(int descriptor) { return ioctl(descriptor, PERF_EVENT_IOC_DISABLE, 0); }

int cperf_set_output(int descriptor, int target) { return ioctl(descriptor, PERF_EVENT_IOC_SET_OUTPUT, target); }

int cperf_identifier(int descriptor, uint64_t *identifier) { return ioctl(descriptor, PERF_EVENT_IOC_ID, identifier); }
