// SPDX-License-Identifier: GPL-2.0
#include <linux/capability.h>
#include <linux/err.h>
#include <linux/kobject.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "../compat.h"
#include "add.h"
#include "arming.h"
#include "command.h"
#include "remove.h"
#include "report.h"
#include "snapshot.h"
#include "sysfs.h"
#include "target.h"
#include "text.h"
#include "update.h"

#define SB_ABI	1

static u64 default_delay_ns = 1000000;

/* The file's mode is not enough: a descriptor may have been opened by somebody else. */
static bool may_write(void)
{
	return capable(CAP_SYS_ADMIN);
}

/* Digits and at most one newline. */
static int parse_number(const char *buf, size_t len, u64 *number)
{
	size_t digits = len && buf[len - 1] == '\n' ? len - 1 : len;

	if (!digits || strspn(buf, "0123456789") != digits)
		return -EINVAL;
	return kstrtou64(buf, 10, number);
}

/* One digit, and at most one newline. */
static bool is_switch(const char *buf, size_t len)
{
	if (len != 1 && (len != 2 || buf[1] != '\n'))
		return false;
	return *buf == '0' || *buf == '1';
}

static ssize_t enabled_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", sb_arming_is_enabled());
}

static ssize_t enabled_store(struct kobject *kobj, struct kobj_attribute *attr, const char *buf,
			     size_t len)
{
	struct sb_target **targets;
	unsigned int count;
	int err;

	if (!may_write())
		return -EPERM;
	if (!is_switch(buf, len))
		return -EINVAL;
	sb_arming_enable(*buf == '1');
	/* A target that is added after the switch settles itself. */
	targets = sb_table_snapshot(&count);
	if (IS_ERR(targets))
		return PTR_ERR(targets);
	err = sb_arming_settle_many(targets, count);
	sb_table_snapshot_free(targets, count);
	return err ? err : len;
}

static ssize_t default_delay_ns_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%llu\n", READ_ONCE(default_delay_ns));
}

static ssize_t default_delay_ns_store(struct kobject *kobj, struct kobj_attribute *attr,
				      const char *buf, size_t len)
{
	u64 number;
	int err;

	if (!may_write())
		return -EPERM;
	err = parse_number(buf, len, &number);
	if (err)
		return err;
	if (number > SB_MAX_DELAY_NS)
		return -ERANGE;
	WRITE_ONCE(default_delay_ns, number);
	return len;
}

static int execute(struct sb_command *command)
{
	switch (command->verb) {
	case SB_ADD:
		if (!command->has_delay)
			command->delay_ns = READ_ONCE(default_delay_ns);
		return sb_add(command);
	case SB_REMOVE:
		return sb_remove(command);
	case SB_UPDATE:
		return sb_update(command);
	}
	return -EINVAL;
}

static ssize_t targets_store(struct kobject *kobj, struct kobj_attribute *attr, const char *buf,
			     size_t len)
{
	struct sb_command command;
	char *line;
	int err;

	if (!may_write())
		return -EPERM;
	/* sysfs hands over a page at most, and what is beyond as if it were another command. */
	if (len > SB_MAX_LINE)
		return -ENAMETOOLONG;
	line = kmemdup_nul(buf, len, GFP_KERNEL);
	if (!line)
		return -ENOMEM;
	err = sb_command_parse(line, len, &command);
	if (!err)
		err = execute(&command);
	kfree(line);
	return err ? err : len;
}

static ssize_t stats_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	struct sb_text text = { };
	ssize_t len = 0;

	sb_report_stats(&text);
	if (!text.err)
		len = sysfs_emit(buf, "%s", text.bytes);
	kvfree(text.bytes);
	return text.err ? text.err : len;
}

static ssize_t abi_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", SB_ABI);
}

static struct kobj_attribute enabled_attr = __ATTR_RW(enabled);
static struct kobj_attribute targets_attr = __ATTR_WO(targets);
static struct kobj_attribute stats_attr = __ATTR_RO(stats);
static struct kobj_attribute default_delay_ns_attr = __ATTR_RW(default_delay_ns);
static struct kobj_attribute abi_attr = __ATTR_RO(abi);

static struct attribute *attrs[] = {
	&enabled_attr.attr,
	&targets_attr.attr,
	&stats_attr.attr,
	&default_delay_ns_attr.attr,
	&abi_attr.attr,
	NULL,
};

static ssize_t targets_list_read(struct file *file, struct kobject *kobj, SB_BIN_ATTRIBUTE *attr,
				 char *buf, loff_t pos, size_t count)
{
	return sb_snapshot_read(file, sb_report_targets, buf, pos, count);
}

static ssize_t histograms_read(struct file *file, struct kobject *kobj, SB_BIN_ATTRIBUTE *attr,
			       char *buf, loff_t pos, size_t count)
{
	return sb_snapshot_read(file, sb_report_histograms, buf, pos, count);
}

static ssize_t scopes_read(struct file *file, struct kobject *kobj, SB_BIN_ATTRIBUTE *attr,
			   char *buf, loff_t pos, size_t count)
{
	return sb_snapshot_read(file, sb_report_scopes, buf, pos, count);
}

static const struct attribute_group group = {
	.attrs = attrs,
};

/* Not in the group: whether its array is constant depends on the kernel. */
static struct bin_attribute long_files[] = {
	__BIN_ATTR_RO(targets_list, 0),
	__BIN_ATTR_RO(histograms, 0),
	__BIN_ATTR_RO(scopes, 0),
};

static struct kobject *directory;

int sb_sysfs_init(void)
{
	unsigned int i;
	int err;

	directory = kobject_create_and_add("speed_bump", kernel_kobj);
	if (!directory)
		return -ENOMEM;
	err = sysfs_create_group(directory, &group);
	for (i = 0; i < ARRAY_SIZE(long_files) && !err; i++)
		err = sysfs_create_bin_file(directory, &long_files[i]);
	if (err)
		sb_sysfs_exit();
	return err;
}

/**
 * sb_sysfs_exit() - remove the files, and wait for those who read or write them
 */
void sb_sysfs_exit(void)
{
	/* Out of sysfs, whoever holds the directory: nothing comes in when this has returned. */
	kobject_del(directory);
	kobject_put(directory);
}
