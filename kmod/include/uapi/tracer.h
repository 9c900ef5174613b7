/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/* Interface of /dev/tracer: kernel operations counted per process (docs/tracer.md). */
#ifndef _UAPI_TRACER_H
#define _UAPI_TRACER_H

#include <linux/ioctl.h>
#include <linux/types.h>

/* Each takes a process id by value, in the caller's pid namespace. */
#define TRACER_ADD_PROCESS	_IOW(_IOC_WRITE, 42, __kernel_pid_t)
#define TRACER_REMOVE_PROCESS	_IOW(_IOC_WRITE, 43, __kernel_pid_t)
#define TRACER_ADD_TREE		_IOW(_IOC_WRITE, 44, __kernel_pid_t)

/* Takes a pointer. */
#define TRACER_READ		_IOWR(_IOC_WRITE, 45, struct tracer_read)

#define TRACER_READ_VERSION	1

/**
 * struct tracer_figures - what a process caused, not counting interrupts that came meanwhile
 * @kmalloc: calls of __kmalloc
 * @kfree: calls of kfree, those with NULL included
 * @kmalloc_mem: bytes asked for in the calls of __kmalloc that succeeded
 * @kfree_mem: bytes freed that a process which was watched then had asked for
 * @sched: calls of schedule
 * @up: calls of up
 * @down: calls of down_interruptible
 * @lock: calls of mutex_lock
 * @unlock: calls of mutex_unlock
 * @unknown: calls of kfree, part of @kfree, of memory whose size is not known: it was allocated in
 *	another way, by a process that was not watched, or when the table of sizes was full
 */
struct tracer_figures {
	__u64 kmalloc;
	__u64 kfree;
	__u64 kmalloc_mem;
	__u64 kfree_mem;
	__u64 sched;
	__u64 up;
	__u64 down;
	__u64 lock;
	__u64 unlock;
	__u64 unknown;
};

/* The process was named by TRACER_ADD_TREE, not forked later or found below it. */
#define TRACER_ROW_ROOT		0x1
/* All threads have ended. */
#define TRACER_ROW_ENDED	0x2
/* It executed a program that the descriptor's owner may not watch, and is not counted since. */
#define TRACER_ROW_LEFT		0x4

/**
 * struct tracer_row - a process of a tree
 * @id: of the row; rises with each process that comes into a tree of the descriptor
 * @pid: in the caller's pid namespace; 0 when it has none there
 * @flags: TRACER_ROW_*
 * @start_ns: when counting began, CLOCK_MONOTONIC
 * @end_ns: when the last thread ended or the process left, CLOCK_MONOTONIC; 0 before
 * @comm: name of the main thread, the last one it had; NUL-terminated
 * @figures: since @start_ns
 */
struct tracer_row {
	__u64 id;
	__s32 pid;
	__u32 flags;
	__u64 start_ns;
	__u64 end_ns;
	char comm[16];
	struct tracer_figures figures;
};

/* There are rows after the last that was written: ask again with its id in @after. */
#define TRACER_READ_MORE	0x1

/**
 * struct tracer_read - rows of the descriptor's trees, by rising id
 * @version: in: TRACER_READ_VERSION; another one is refused with EINVAL
 * @capacity: in: how many rows there is room for at @rows; 0 asks for the rest only
 * @rows: in: address of an array of struct tracer_row
 * @after: in: rows with an id above this one, so 0 for the first page
 * @count: out: rows written
 * @flags: in: 0, otherwise EINVAL; out: TRACER_READ_*
 * @now_ns: out: when it was read, CLOCK_MONOTONIC
 * @processes: out: rows that there are
 * @live: out: those whose process has neither ended nor left
 * @dropped: out: rows of ended processes that gave way to others, at the limit; the oldest first
 * @missed: out: descendants that are not followed: there was no memory, or no room
 * @untracked: out: allocations that found the table of sizes full, of all processes, since somebody
 *	is watched
 * @totals: out, when @after is 0: sum over all rows, those that were dropped included; otherwise 0
 * @reserved: in: 0, otherwise EINVAL; out: 0
 */
struct tracer_read {
	__u32 version;
	__u32 capacity;
	__u64 rows;
	__u64 after;
	__u32 count;
	__u32 flags;
	__u64 now_ns;
	__u64 processes;
	__u64 live;
	__u64 dropped;
	__u64 missed;
	__u64 untracked;
	struct tracer_figures totals;
	__u64 reserved[4];
};

#endif
