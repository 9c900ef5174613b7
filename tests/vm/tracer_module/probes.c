// SPDX-License-Identifier: GPL-2.0
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/mutex.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

#include "probes.h"
#include "tracer_module.h"

static const char * const names[][2] = {
	{ "__kmalloc", "__kmalloc_noprof" }, { "kfree" }, { "mutex_lock", "mutex_lock_nested" },
	{ "mutex_unlock" }, { "up" }, { "down_interruptible" },
};

static struct kprobe kprobes[ARRAY_SIZE(names)];
static struct kretprobe kretprobe;
static struct tracepoint *tracepoint;
static unsigned long current_kind;
static DEFINE_MUTEX(probes_lock);

static int on_call(struct kprobe *probe, struct pt_regs *regs)
{
	return 0;
}

static int on_return(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	return 0;
}

static void on_tracepoint(void *data, unsigned long call_site, const void *memory, size_t asked,
			  size_t got, gfp_t flags, int node)
{
}

static void match(struct tracepoint *each, void *unused)
{
	if (!strcmp(each->name, "kmalloc"))
		tracepoint = each;
}

static int kprobes_set(void)
{
	int i, err = 0;

	for (i = 0; i < ARRAY_SIZE(names) && !err; i++) {
		kprobes[i] = (struct kprobe){ .symbol_name = names[i][0], .pre_handler = on_call };
		err = register_kprobe(&kprobes[i]);
		if (err == -ENOENT && names[i][1]) {
			kprobes[i] = (struct kprobe){
				.symbol_name = names[i][1], .pre_handler = on_call,
			};
			err = register_kprobe(&kprobes[i]);
		}
	}
	while (err && --i > 0)
		unregister_kprobe(&kprobes[i - 1]);
	return err;
}

static int kretprobe_set(void)
{
	int i, err = -ENOENT;

	for (i = 0; i < 2 && err == -ENOENT; i++) {
		kretprobe = (struct kretprobe){
			.kp.symbol_name = names[0][i], .handler = on_return, .maxactive = 32,
		};
		err = register_kretprobe(&kretprobe);
	}
	return err;
}

static int tracepoint_set(void)
{
	for_each_kernel_tracepoint(match, NULL);
	return tracepoint ? tracepoint_probe_register(tracepoint, on_tracepoint, NULL) : -ENOENT;
}

static void unset(void)
{
	int i;

	switch (current_kind) {
	case PROBES_KPROBES:
		for (i = 0; i < ARRAY_SIZE(names); i++)
			unregister_kprobe(&kprobes[i]);
		break;
	case PROBES_KRETPROBE:
		unregister_kretprobe(&kretprobe);
		break;
	case PROBES_TRACEPOINT:
		tracepoint_probe_unregister(tracepoint, on_tracepoint, NULL);
		tracepoint_synchronize_unregister();
		break;
	}
	current_kind = PROBES_NONE;
}

/**
 * probes_set() - have probes of one kind, and none of another
 * @kind: enum script_probes
 */
int probes_set(unsigned long kind)
{
	int err = 0;

	mutex_lock(&probes_lock);
	unset();
	if (kind == PROBES_KPROBES)
		err = kprobes_set();
	else if (kind == PROBES_KRETPROBE)
		err = kretprobe_set();
	else if (kind == PROBES_TRACEPOINT)
		err = tracepoint_set();
	else if (kind != PROBES_NONE)
		err = -EINVAL;
	if (!err)
		current_kind = kind;
	mutex_unlock(&probes_lock);
	return err;
}
