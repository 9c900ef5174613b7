// SPDX-License-Identifier: GPL-2.0
/* Does what the tracer counts, a known number of times, and nothing else of it. */
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/irq_work.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/llist.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched/signal.h>
#include <linux/semaphore.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

#include "probes.h"
#include "tracer_module.h"

struct performer {
	struct script script;
	struct script_step *steps;
	void *slots[SCRIPT_SLOTS];
	struct task_struct *thread;
	struct completion go;
	struct completion done;
};

/* Memory that somebody else frees. */
union deferred {
	struct rcu_head rcu;
	struct llist_node node;
	struct work_struct work;
};

static void *shared_slots[SCRIPT_SLOTS];
static struct semaphore gate = __SEMAPHORE_INITIALIZER(gate, 1);
static DEFINE_MUTEX(door);

static void free_in_interrupt(struct irq_work *work);

static LLIST_HEAD(for_interrupt);
static DEFINE_IRQ_WORK(interrupt, free_in_interrupt);
static struct workqueue_struct *workers;

static void free_in_interrupt(struct irq_work *work)
{
	union deferred *deferred, *next;

	llist_for_each_entry_safe(deferred, next, llist_del_all(&for_interrupt), node)
		kfree(deferred);
}

static void free_in_worker(struct work_struct *work)
{
	kfree(container_of(work, union deferred, work));
}

static void **slot_of(struct performer *performer, const struct script_step *step)
{
	return step->slot < SCRIPT_SHARED_SLOT ? &performer->slots[step->slot] :
						 &shared_slots[step->slot];
}

static void *take(void **slot)
{
	return xchg(slot, NULL);
}

static void defer(union deferred *deferred, u32 operation)
{
	if (!deferred)
		return;
	if (operation == SCRIPT_KFREE_RCU) {
		kfree_rcu(deferred, rcu);
	} else if (operation == SCRIPT_KFREE_IN_INTERRUPT) {
		llist_add(&deferred->node, &for_interrupt);
		irq_work_queue(&interrupt);
	} else {
		INIT_WORK(&deferred->work, free_in_worker);
		queue_work(workers, &deferred->work);
	}
}

static void perform(struct performer *performer, const struct script_step *step)
{
	void **slot = slot_of(performer, step);

	switch (step->operation) {
	case SCRIPT_KMALLOC:
		*slot = kmalloc(step->bytes, GFP_KERNEL);
		break;
	case SCRIPT_KMALLOC_CONSTANT:
		*slot = kmalloc(1024, GFP_KERNEL);
		break;
	case SCRIPT_KREALLOC:
		*slot = krealloc(*slot, step->bytes, GFP_KERNEL);
		break;
	case SCRIPT_KFREE:
		kfree(take(slot));
		break;
	case SCRIPT_SCHEDULE:
		schedule();
		break;
	case SCRIPT_UP:
		up(&gate);
		break;
	case SCRIPT_DOWN:
		/* Where a signal ends it, the script's next step lets one more in. */
		(void)!down_interruptible(&gate);
		break;
	case SCRIPT_LOCK:
		mutex_lock(&door);
		break;
	case SCRIPT_UNLOCK:
		mutex_unlock(&door);
		break;
	default:
		defer(take(slot), step->operation);
	}
}

static void perform_all(struct performer *performer)
{
	u32 repeat, i;

	for (repeat = 0; repeat < performer->script.repeats; repeat++) {
		for (i = 0; i < performer->script.count; i++)
			perform(performer, &performer->steps[i]);
	}
}

static int performer_thread(void *context)
{
	struct performer *performer = context;

	wait_for_completion(&performer->go);
	if (!kthread_should_stop())
		perform_all(performer);
	complete(&performer->done);
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (kthread_should_stop())
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

static bool is_valid(const struct script_step *step)
{
	return step->operation < SCRIPT_OPERATIONS && step->slot < SCRIPT_SLOTS &&
	       step->bytes <= KMALLOC_MAX_SIZE;
}

static int load(struct performer *performer, struct script __user *argument)
{
	struct script script;
	struct script_step *steps;
	u32 i;

	if (copy_from_user(&script, argument, sizeof(script)))
		return -EFAULT;
	if (performer->thread || script.count > SCRIPT_MAX_STEPS)
		return -EINVAL;
	steps = vmalloc(array_size(script.count + 1, sizeof(*steps)));
	if (!steps)
		return -ENOMEM;
	if (copy_from_user(steps, u64_to_user_ptr(script.steps), script.count * sizeof(*steps))) {
		vfree(steps);
		return -EFAULT;
	}
	for (i = 0; i < script.count; i++) {
		if (!is_valid(&steps[i])) {
			vfree(steps);
			return -EINVAL;
		}
	}
	vfree(performer->steps);
	performer->steps = steps;
	performer->script = script;
	return 0;
}

static int spawn(struct performer *performer)
{
	struct task_struct *thread;

	if (performer->thread)
		return -EEXIST;
	init_completion(&performer->go);
	init_completion(&performer->done);
	thread = kthread_run(performer_thread, performer, "performer");
	if (IS_ERR(thread))
		return PTR_ERR(thread);
	performer->thread = thread;
	return task_pid_vnr(thread);
}

static void stop(struct performer *performer)
{
	if (!performer->thread)
		return;
	complete(&performer->go);
	kthread_stop(performer->thread);
	performer->thread = NULL;
}

static int time_all(struct performer *performer)
{
	u64 start_ns = ktime_get_ns();

	perform_all(performer);
	return min_t(u64, ktime_get_ns() - start_ns, INT_MAX);
}

static long performer_ioctl(struct file *file, unsigned int request, unsigned long argument)
{
	struct performer *performer = file->private_data;

	switch (request) {
	case SCRIPT_LOAD:
		return load(performer, (struct script __user *)argument);
	case SCRIPT_RUN:
		perform_all(performer);
		return 0;
	case SCRIPT_TIME:
		return time_all(performer);
	case SCRIPT_PROBES:
		return probes_set(argument);
	case SCRIPT_SPAWN:
		return spawn(performer);
	case SCRIPT_STOP:
		stop(performer);
		return 0;
	}
	if (!performer->thread)
		return -ENOENT;
	if (request == SCRIPT_GO)
		complete(&performer->go);
	else if (request == SCRIPT_WAIT)
		return wait_for_completion_interruptible(&performer->done);
	else
		return -ENOTTY;
	return 0;
}

static int performer_open(struct inode *inode, struct file *file)
{
	file->private_data = kzalloc(sizeof(struct performer), GFP_KERNEL);
	return file->private_data ? 0 : -ENOMEM;
}

static int performer_release(struct inode *inode, struct file *file)
{
	struct performer *performer = file->private_data;
	unsigned int i;

	stop(performer);
	for (i = 0; i < SCRIPT_SLOTS; i++)
		kfree(performer->slots[i]);
	vfree(performer->steps);
	kfree(performer);
	return 0;
}

static const struct file_operations operations = {
	.owner = THIS_MODULE,
	.open = performer_open,
	.release = performer_release,
	.unlocked_ioctl = performer_ioctl,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "tracer_module",
	.fops = &operations,
	.mode = 0666,
};

static int __init performer_init(void)
{
	int err;

	workers = alloc_workqueue("tracer_module", 0, 0);
	if (!workers)
		return -ENOMEM;
	err = misc_register(&device);
	if (err)
		destroy_workqueue(workers);
	return err;
}

static void __exit performer_exit(void)
{
	unsigned int i;

	misc_deregister(&device);
	probes_set(PROBES_NONE);
	irq_work_sync(&interrupt);
	destroy_workqueue(workers);
	for (i = 0; i < SCRIPT_SLOTS; i++)
		kfree(shared_slots[i]);
}

module_init(performer_init);
module_exit(performer_exit);

MODULE_DESCRIPTION("Kernel operations, a known number of times, for tests of the tracer");
MODULE_LICENSE("GPL");
