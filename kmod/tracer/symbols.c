// SPDX-License-Identifier: GPL-2.0
#include <linux/cache.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/printk.h>

#include "symbols.h"

#define TRACER_NAMES	2

/*
 * By the first name that the kernel has: since 6.10 allocators have other names, and lockdep has
 * another mutex_lock.
 */
static const char * const names[TRACER_SYMBOLS][TRACER_NAMES] = {
	[TRACER_AT_KMALLOC] = { "__kmalloc", "__kmalloc_noprof" },
	[TRACER_AT_KFREE] = { "kfree" },
	[TRACER_AT_FREE_BULK] = { "kmem_cache_free_bulk" },
	[TRACER_AT_SCHEDULE] = { "schedule" },
	[TRACER_AT_UP] = { "up" },
	[TRACER_AT_DOWN] = { "down_interruptible" },
	[TRACER_AT_LOCK] = { "mutex_lock", "mutex_lock_nested" },
	[TRACER_AT_UNLOCK] = { "mutex_unlock" },
};

unsigned long tracer_symbols[TRACER_SYMBOLS] __ro_after_init;

/* The kernel exports no look-up, but places a probe by name, and tells where; this one is off. */
static int __init find(const char *name, struct kprobe *probe)
{
	*probe = (struct kprobe){ .symbol_name = name, .flags = KPROBE_FLAG_DISABLED };
	return register_kprobe(probe);
}

/**
 * tracer_symbols_init() - find the functions
 *
 * Return: 0, or why one of them cannot be found.
 */
int __init tracer_symbols_init(void)
{
	static struct kprobe probes[TRACER_SYMBOLS] __initdata;
	struct kprobe *found[TRACER_SYMBOLS];
	unsigned int symbol, name;
	int err = 0;

	for (symbol = 0; symbol < TRACER_SYMBOLS; symbol++) {
		for (name = 0; name < TRACER_NAMES && names[symbol][name]; name++) {
			err = find(names[symbol][name], &probes[symbol]);
			if (err != -ENOENT)
				break;
		}
		if (err) {
			pr_err("tracer: %s: cannot be found: %d\n", names[symbol][0], err);
			break;
		}
		tracer_symbols[symbol] = (unsigned long)probes[symbol].addr;
		found[symbol] = &probes[symbol];
	}
	unregister_kprobes(found, symbol);
	return err;
}
