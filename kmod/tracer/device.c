// SPDX-License-Identifier: GPL-2.0
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>

#include "device.h"
#include "read.h"
#include "session.h"
#include "tree.h"

#define TRACER_MINOR	42

static int device_open(struct inode *inode, struct file *file)
{
	struct tracer_session *session = kzalloc(sizeof(*session), GFP_KERNEL_ACCOUNT);

	if (!session)
		return -ENOMEM;
	tracer_session_init(session);
	/* Held by the file. */
	if (!file_ns_capable(file, &init_user_ns, CAP_SYS_ADMIN))
		session->opener = file->f_cred;
	file->private_data = session;
	return nonseekable_open(inode, file);
}

static int device_release(struct inode *inode, struct file *file)
{
	tracer_session_close(file->private_data);
	kfree(file->private_data);
	return 0;
}

static long device_ioctl(struct file *file, unsigned int request, unsigned long argument)
{
	struct tracer_session *session = file->private_data;

	switch (request) {
	case TRACER_ADD_PROCESS:
		return tracer_add_process(session, argument);
	case TRACER_REMOVE_PROCESS:
		return tracer_remove(session, argument);
	case TRACER_ADD_TREE:
		return tracer_add_tree(session, argument);
	case TRACER_READ:
		return tracer_read(session, (struct tracer_read __user *)argument);
	default:
		return -ENOTTY;
	}
}

static const struct file_operations operations = {
	.owner = THIS_MODULE,
	.open = device_open,
	.release = device_release,
	.unlocked_ioctl = device_ioctl,
	.compat_ioctl = device_ioctl,
};

/* For everybody: whose processes may be watched is asked at each request. */
static struct miscdevice device = {
	.minor = TRACER_MINOR,
	.name = "tracer",
	.fops = &operations,
	.mode = 0666,
};

int tracer_device_init(void)
{
	return misc_register(&device);
}

void tracer_device_exit(void)
{
	misc_deregister(&device);
}
