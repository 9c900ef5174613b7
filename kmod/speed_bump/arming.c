// SPDX-License-Identifier: GPL-2.0
#include <linux/atomic.h>

#include "../compat.h"
#include "arming.h"
#include "site.h"
#include "target.h"

/* The switch of targets without an owner. */
static bool enabled;

bool sb_arming_is_enabled(void)
{
	return READ_ONCE(enabled);
}

/**
 * sb_arming_enable() - set the switch of targets without an owner; settling them is the caller's
 * @is_enabled: what it is to be
 */
void sb_arming_enable(bool is_enabled)
{
	WRITE_ONCE(enabled, is_enabled);
}

static bool is_wanted(const struct sb_target *target)
{
	if (READ_ONCE(target->is_removed))
		return false;
	return target->owner ? READ_ONCE(target->on) : READ_ONCE(enabled);
}

static void end_life(struct sb_target *target)
{
	unsigned int life = READ_ONCE(target->life);

	if (life & 1)
		cmpxchg(&target->life, life, life + 1);
	wake_up_all(&target->sleepers);
}

/**
 * sb_arming_quench() - end a life if what a target should be says so
 * @target: the target
 *
 * No further delay begins and those in flight end; the breakpoints stay until it is settled.
 */
void sb_arming_quench(struct sb_target *target)
{
	/* Pairs with the barrier in quicken(). */
	smp_mb();
	if (!is_wanted(target))
		end_life(target);
}

/*
 * A new life: hits count. Whoever turns the target off meanwhile either is seen here, or sees the
 * life.
 */
static void quicken(struct sb_target *target)
{
	unsigned int life = READ_ONCE(target->life);

	if (!(life & 1))
		cmpxchg(&target->life, life, life + 1);
	sb_arming_quench(target);
}

/*
 * Waits for handlers are numbered: a target that was disarmed when number N was the last to have
 * begun has no handler left as soon as one above N has ended.
 */
static atomic64_t waits_begun = ATOMIC64_INIT(0);
static atomic64_t waits_ended = ATOMIC64_INIT(0);

static void wait_for_handlers(void)
{
	s64 number = atomic64_inc_return(&waits_begun);
	s64 ended = atomic64_read(&waits_ended);

	sb_uprobe_sync();
	while (ended < number && !atomic64_try_cmpxchg(&waits_ended, &ended, number))
		;
}

static bool may_have_handlers(const struct sb_target *target)
{
	return target->disarmed_at >= atomic64_read(&waits_ended);
}

static void disarm(struct sb_target *target)
{
	sb_site_unregister_all(target);
	target->is_armed = false;
	/* Full barrier: the number is read when the sites are out. */
	target->disarmed_at = atomic64_fetch_add(0, &waits_begun);
}

static int arm(struct sb_target *target)
{
	int err;

	/* A consumer that handlers may still use cannot be registered again. */
	if (may_have_handlers(target))
		wait_for_handlers();
	quicken(target);
	err = sb_site_register_all(target);
	if (err) {
		end_life(target);
		target->disarmed_at = atomic64_fetch_add(0, &waits_begun);
		return err;
	}
	target->is_armed = true;
	return 0;
}

/* Returns 1 when breakpoints left: handlers are out of them after wait_for_handlers(). */
static int settle(struct sb_target *target)
{
	bool wanted;
	int result = 0;

	mutex_lock(&target->arming);
	wanted = is_wanted(target);
	if (wanted && !target->is_armed) {
		result = arm(target);
	} else if (wanted) {
		/* It was turned off and on again before its breakpoints could be taken out. */
		quicken(target);
	} else if (target->is_armed) {
		end_life(target);
		disarm(target);
		result = 1;
	}
	mutex_unlock(&target->arming);
	return result;
}

/**
 * sb_arming_settle() - bring a target's breakpoints to where they should be, and wait for handlers
 * @target: the target
 *
 * Return: 0, or what the kernel says about a site: then no breakpoint of the target is in.
 */
int sb_arming_settle(struct sb_target *target)
{
	return sb_arming_settle_many(&target, 1);
}

/**
 * sb_arming_settle_many() - settle targets with one wait for all
 * @targets: the targets
 * @count: their number
 *
 * Return: 0, or the first error; all were tried.
 */
int sb_arming_settle_many(struct sb_target **targets, unsigned int count)
{
	bool have_left = false;
	unsigned int i;
	int err = 0;

	for (i = 0; i < count; i++)
		sb_arming_quench(targets[i]);
	for (i = 0; i < count; i++) {
		int result = settle(targets[i]);

		have_left |= result;
		if (result < 0 && !err)
			err = result;
		cond_resched();
	}
	if (have_left)
		wait_for_handlers();
	return err;
}

/**
 * sb_arming_disarm_batch() - take the breakpoints of removed targets out, and wait for handlers
 * once for all
 * @batch: linked by their batch
 */
void sb_arming_disarm_batch(struct list_head *batch)
{
	struct sb_target *target;
	bool have_left = false;

	list_for_each_entry(target, batch, batch)
		sb_arming_quench(target);
	list_for_each_entry(target, batch, batch) {
		settle(target);
		/* Or somebody else took its breakpoints out just now. */
		have_left |= may_have_handlers(target);
		cond_resched();
	}
	if (have_left)
		wait_for_handlers();
}

/**
 * sb_arming_refilter() - after a change of a target's scope
 * @target: the target
 *
 * Return: as sb_site_refilter_all().
 */
int sb_arming_refilter(struct sb_target *target)
{
	int err = 0;

	mutex_lock(&target->arming);
	if (target->is_armed)
		err = sb_site_refilter_all(target);
	mutex_unlock(&target->arming);
	return err;
}
