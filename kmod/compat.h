/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between kernels, 6.1 to 6.18, and between machines; each with the version that
 * changed it, and why.
 */
#ifndef SB_COMPAT_H
#define SB_COMPAT_H

#include <linux/err.h>
#include <linux/ftrace.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <linux/uprobes.h>
#include <linux/version.h>

#define SB_KERNEL_SINCE(major, minor) (LINUX_VERSION_CODE >= KERNEL_VERSION(major, minor, 0))

#if !SB_KERNEL_SINCE(6, 1)
#error "kernels before 6.1 are not supported"
#endif
#ifndef CONFIG_64BIT
#error "only 64-bit kernels are supported"
#endif
#ifndef CONFIG_UPROBES
#error "the kernel has no uprobes"
#endif
#ifdef CONFIG_PREEMPT_RT
/* Forks are followed with preemption off, where it cannot allocate. */
#error "PREEMPT_RT is not supported"
#endif

/*
 * 6.12 hands out the uprobe, has its users unregister by it, and parts the removal of breakpoints
 * from the wait for handlers (04b01625da13 "perf/uprobe: split uprobe_unregister()"), so that many
 * removals wait once.
 */
#if SB_KERNEL_SINCE(6, 12)
static inline int sb_uprobe_register(struct inode *inode, loff_t offset,
				     struct uprobe_consumer *consumer, struct uprobe **uprobe)
{
	*uprobe = uprobe_register(inode, offset, 0, consumer);
	return PTR_ERR_OR_ZERO(*uprobe);
}

static inline void sb_uprobe_unregister(struct inode *inode, loff_t offset,
					struct uprobe_consumer *consumer, struct uprobe *uprobe)
{
	uprobe_unregister_nosync(uprobe, consumer);
}

static inline void sb_uprobe_sync(void)
{
	uprobe_unregister_sync();
}
#else
static inline int sb_uprobe_register(struct inode *inode, loff_t offset,
				     struct uprobe_consumer *consumer, struct uprobe **uprobe)
{
	*uprobe = NULL;
	return uprobe_register(inode, offset, consumer);
}

static inline void sb_uprobe_unregister(struct inode *inode, loff_t offset,
					struct uprobe_consumer *consumer, struct uprobe *uprobe)
{
	uprobe_unregister(inode, offset, consumer);
}

static inline void sb_uprobe_sync(void)
{
}
#endif

/*
 * 6.12 no longer tells a filter why it is asked (59da880afed2 "uprobes: get rid of enum
 * uprobe_filter_ctx").
 */
#if SB_KERNEL_SINCE(6, 12)
#define SB_FILTER_ARGS struct uprobe_consumer *consumer, struct mm_struct *mm
#else
#define SB_FILTER_ARGS \
	struct uprobe_consumer *consumer, enum uprobe_filter_ctx why, struct mm_struct *mm
#endif

/*
 * 6.13 passes a word from a handler to its return handler (da09a9e0c3ea "uprobe: Add data
 * pointer").
 */
#if SB_KERNEL_SINCE(6, 13)
#define SB_HANDLER_ARGS \
	struct uprobe_consumer *consumer, struct pt_regs *regs, __u64 *data
#define SB_RETURN_ARGS \
	struct uprobe_consumer *consumer, unsigned long function, struct pt_regs *regs, __u64 *data
#else
#define SB_HANDLER_ARGS struct uprobe_consumer *consumer, struct pt_regs *regs
#define SB_RETURN_ARGS \
	struct uprobe_consumer *consumer, unsigned long function, struct pt_regs *regs
#endif

/*
 * 6.16 tells the last thread of a process; the probe's type must match where the kernel checks it
 * (kCFI).
 */
#if SB_KERNEL_SINCE(6, 16)
#define SB_EXIT_ARGS void *unused, struct task_struct *task, bool group_dead
#else
#define SB_EXIT_ARGS void *unused, struct task_struct *task
#endif

/* 6.16 made the attribute that a callback gets constant. */
#if SB_KERNEL_SINCE(6, 16)
#define SB_BIN_ATTRIBUTE const struct bin_attribute
#else
#define SB_BIN_ATTRIBUTE struct bin_attribute
#endif

/*
 * 6.2 made what a traced function's callback gets opaque (94d095ffa0e1 "ftrace: abstract
 * DYNAMIC_FTRACE_WITH_ARGS accesses"); arm64 has it since 6.3 only.
 */
#ifdef CONFIG_DYNAMIC_FTRACE_WITH_ARGS
#if SB_KERNEL_SINCE(6, 2)
#define sb_ftrace_argument(fregs, n)		ftrace_regs_get_argument(fregs, n)
#define sb_ftrace_redirect(fregs, to)		ftrace_regs_set_instruction_pointer(fregs, to)
#else
#define sb_ftrace_argument(fregs, n)		regs_get_kernel_argument(&(fregs)->regs, n)
#define sb_ftrace_redirect(fregs, to)		ftrace_instruction_pointer_set(fregs, to)
#endif
#endif

/*
 * Whether an address is in the code of the module that asks. 6.4 keeps a module's memory by type
 * (ac3b43283923 "module: replace module_layout with module_memory").
 */
static __always_inline bool sb_is_own_code(unsigned long address)
{
#if SB_KERNEL_SINCE(6, 4)
	const struct module_memory *text = &THIS_MODULE->mem[MOD_TEXT];

	return address - (unsigned long)text->base < text->size;
#else
	const struct module_layout *core = &THIS_MODULE->core_layout;

	return address - (unsigned long)core->base < core->text_size;
#endif
}

/*
 * 6.10 gave the allocators that profiling goes around other names (7bd230a26648 "mm/slab: enable
 * slab allocation tagging for kmalloc and friends").
 */
static inline void *sb_kmalloc(size_t size, gfp_t flags)
{
#if SB_KERNEL_SINCE(6, 10)
	return __kmalloc_noprof(size, flags);
#else
	return __kmalloc(size, flags);
#endif
}

/* The register that holds the condition flags. */
static inline u64 sb_flags(const struct pt_regs *regs)
{
#if defined(CONFIG_X86_64)
	return regs->flags;
#elif defined(CONFIG_ARM64)
	return regs->pstate;
#else
#error "only x86-64 and arm64 are supported"
#endif
}

#endif
