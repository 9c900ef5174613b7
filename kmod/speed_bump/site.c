// SPDX-License-Identifier: GPL-2.0
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "../compat.h"
#include "hit.h"
#include "scope.h"
#include "site.h"
#include "target.h"

static struct sb_site *site_of(struct uprobe_consumer *consumer)
{
	return container_of(consumer, struct sb_site, consumer);
}

static bool target_has_mm(struct sb_target *target, const struct mm_struct *mm)
{
	const struct sb_scope *scope;
	bool has;

	rcu_read_lock();
	scope = rcu_dereference(target->scope);
	has = !scope || sb_scope_has_mm(scope, mm);
	rcu_read_unlock();
	return has;
}

/* An owner that merely descends from the root is no part of its own experiment. */
static bool target_has_current(struct sb_target *target)
{
	struct pid *process = task_tgid(current);
	const struct sb_scope *scope;
	bool has;

	rcu_read_lock();
	scope = rcu_dereference(target->scope);
	has = !scope || (sb_member_in(scope, process) &&
			 (process != target->owner || process == scope->root));
	rcu_read_unlock();
	return has;
}

/*
 * Whether an address space gets the breakpoint: asked when a site is registered, and at each
 * mapping of its file.
 */
static bool site_filter(SB_FILTER_ARGS)
{
	return target_has_mm(site_of(consumer)->target, mm);
}

/*
 * An execution out of scope: the breakpoint leaves, unless the address space is also that of a
 * process in scope. 6.1 takes it out on the handler's word alone.
 */
static int turn_away(struct sb_target *target)
{
	sb_stats_add(&target->stats, SB_OUTSIDE, 1);
	return target_has_mm(target, current->mm) ? 0 : UPROBE_HANDLER_REMOVE;
}

static int site_handler(SB_HANDLER_ARGS)
{
	u64 now_ns = ktime_get_ns();
	struct sb_site *site = site_of(consumer);

	if (!target_has_current(site->target))
		return turn_away(site->target);
	sb_hit(site, sb_flags(regs), now_ns);
	return 0;
}

/* Of a function whose return is probed. */
static int entry_handler(SB_HANDLER_ARGS)
{
	struct sb_site *site = site_of(consumer);

	if (!target_has_current(site->target))
		return turn_away(site->target);
	sb_hit_entry(site->target);
	return 0;
}

static int return_handler(SB_RETURN_ARGS)
{
	u64 now_ns = ktime_get_ns();
	struct sb_site *site = site_of(consumer);

	if (target_has_current(site->target))
		sb_hit_return(site, sb_flags(regs), now_ns);
	return 0;
}

/**
 * sb_site_init_all() - make a target's sites ready to be registered
 * @target: the target
 */
void sb_site_init_all(struct sb_target *target)
{
	unsigned int i;

	for (i = 0; i < target->site_count; i++) {
		struct sb_site *site = &target->sites[i];

		site->target = target;
		site->consumer.filter = site_filter;
		if (target->at == SB_AT_RETURN) {
			site->consumer.handler = entry_handler;
			site->consumer.ret_handler = return_handler;
		} else {
			site->consumer.handler = site_handler;
		}
	}
}

static void unregister_first(struct sb_target *target, unsigned int count)
{
	while (count--) {
		struct sb_site *site = &target->sites[count];

		sb_uprobe_unregister(target->inode, site->place.offset, &site->consumer,
				     site->uprobe);
	}
}

/*
 * What the kernel says of a site, in the words of docs/speed_bump.md: among others -ENOTSUPP, which
 * is only its own.
 */
static int site_error(int err)
{
	return !err || err == -ENOMEM || err == -EINTR ? err : -EADDRNOTAVAIL;
}

/**
 * sb_site_register_all() - put a target's breakpoints in
 * @target: the target, under its arming
 *
 * Return: 0, or -EADDRNOTAVAIL, -ENOMEM or -EINTR. After an error none is in, but handlers may run
 * until sb_uprobe_sync().
 */
int sb_site_register_all(struct sb_target *target)
{
	unsigned int i;
	int err;

	for (i = 0; i < target->site_count; i++) {
		struct sb_site *site = &target->sites[i];

		err = sb_uprobe_register(target->inode, site->place.offset, &site->consumer,
					 &site->uprobe);
		if (err) {
			unregister_first(target, i);
			return site_error(err);
		}
	}
	return 0;
}

/**
 * sb_site_unregister_all() - take a target's breakpoints out
 * @target: the target, under its arming
 *
 * Handlers may run until sb_uprobe_sync().
 */
void sb_site_unregister_all(struct sb_target *target)
{
	unregister_first(target, target->site_count);
}

/**
 * struct refilter - a second consumer of a site, for a moment
 * @consumer: what the kernel asks
 * @target: whose scope has changed
 */
struct refilter {
	struct uprobe_consumer consumer;
	struct sb_target *target;
};

static bool refilter_filter(SB_FILTER_ARGS)
{
	return target_has_mm(container_of(consumer, struct refilter, consumer)->target, mm);
}

/* Has no opinion: on 6.1 the breakpoint leaves a process if all handlers want that. */
static int refilter_handler(SB_HANDLER_ARGS)
{
	return UPROBE_HANDLER_REMOVE;
}

/**
 * sb_site_refilter_all() - after a change of scope, give breakpoints to who came in and take them
 * from who left
 * @target: the target, armed, under its arming
 *
 * The kernel asks filters only when a consumer comes or goes, and its function for this is not
 * exported.
 *
 * Return: as sb_site_register_all(); after an error breakpoints may lack in processes that came in.
 */
int sb_site_refilter_all(struct sb_target *target)
{
	struct refilter *refilters;
	struct uprobe *uprobe;
	unsigned int i;
	int err = 0;

	refilters = kvcalloc(target->site_count, sizeof(*refilters), GFP_KERNEL);
	if (!refilters)
		return -ENOMEM;
	for (i = 0; i < target->site_count && !err; i++) {
		struct uprobe_consumer *consumer = &refilters[i].consumer;
		loff_t offset = target->sites[i].place.offset;

		refilters[i].target = target;
		consumer->filter = refilter_filter;
		consumer->handler = refilter_handler;
		err = sb_uprobe_register(target->inode, offset, consumer, &uprobe);
		if (!err)
			sb_uprobe_unregister(target->inode, offset, consumer, uprobe);
	}
	sb_uprobe_sync();
	kvfree(refilters);
	return site_error(err);
}
