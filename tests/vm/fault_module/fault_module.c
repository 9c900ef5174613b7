// SPDX-License-Identifier: GPL-2.0
/*
 * Faults on demand, for the tests of the virtual machine's harness:
 * echo NAME > /sys/module/fault_module/parameters/fault
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

static void *leaked;

static int fault_set(const char *value, const struct kernel_param *kp)
{
	if (sysfs_streq(value, "warn")) {
		WARN_ON(1);
	} else if (sysfs_streq(value, "bug")) {
		BUG();
	} else if (sysfs_streq(value, "leak")) {
		leaked = kmalloc(64, GFP_KERNEL);
		leaked = NULL;
	} else if (sysfs_streq(value, "pin")) {
		/* never given back: the module cannot be unloaded */
		if (!try_module_get(THIS_MODULE))
			return -ENODEV;
	} else {
		return -EINVAL;
	}
	return 0;
}

static const struct kernel_param_ops fault_ops = { .set = fault_set };
module_param_cb(fault, &fault_ops, NULL, 0200);

MODULE_DESCRIPTION("Faults on demand, for tests of the test harness");
MODULE_LICENSE("GPL");
