/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/* Interface of /dev/tracer_module: a descriptor has one script of steps, that its caller or a kernel thread performs. */
#ifndef TRACER_MODULE_H
#define TRACER_MODULE_H

#include <linux/ioctl.h>
#include <linux/types.h>

enum script_operation {
	SCRIPT_KMALLOC,		/* a variable size: __kmalloc */
	SCRIPT_KFREE,		/* of an empty slot: kfree(NULL) */
	SCRIPT_SCHEDULE,
	SCRIPT_UP,
	SCRIPT_DOWN,
	SCRIPT_LOCK,
	SCRIPT_UNLOCK,
	/* Not in the checker's list. */
	SCRIPT_KMALLOC_CONSTANT, /* 1024 bytes, not by __kmalloc */
	SCRIPT_KREALLOC,
	SCRIPT_KFREE_RCU,	/* after a grace period, by whoever that is */
	SCRIPT_KFREE_IN_INTERRUPT, /* while this task runs */
	SCRIPT_KFREE_IN_WORKER,
	SCRIPT_OPERATIONS
};

#define SCRIPT_SLOTS		64
/* Slots from here on are the same for all descriptors. */
#define SCRIPT_SHARED_SLOT	48
#define SCRIPT_MAX_STEPS	65536

struct script_step {
	__u32 operation;
	__u32 slot;
	__u64 bytes;
};

struct script {
	__u64 steps;
	__u32 count;
	__u32 repeats;
};

/* Probes that do nothing, on functions that are counted. */
enum script_probes {
	PROBES_NONE,
	PROBES_KPROBES,		/* on all but schedule */
	PROBES_KRETPROBE,	/* on __kmalloc */
	PROBES_TRACEPOINT,	/* kmem:kmalloc */
};

/* Takes the steps; nothing is performed. */
#define SCRIPT_LOAD	_IOW('h', 1, struct script)
/* The caller performs them. */
#define SCRIPT_RUN	_IO('h', 2)
/* Makes a kernel thread that waits; returns its process id. It goes with the descriptor. */
#define SCRIPT_SPAWN	_IO('h', 3)
/* The kernel thread performs them; returns at once. */
#define SCRIPT_GO	_IO('h', 4)
/* Returns when it has. */
#define SCRIPT_WAIT	_IO('h', 5)
/* Ends the kernel thread. */
#define SCRIPT_STOP	_IO('h', 6)
/* Performs them once, and returns how many nanoseconds they took. */
#define SCRIPT_TIME	_IO('h', 7)
/* Takes an enum script_probes by value. */
#define SCRIPT_PROBES	_IO('h', 8)

#endif
