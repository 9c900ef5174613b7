// SPDX-License-Identifier: GPL-2.0
#include <linux/cred.h>
#include <linux/dcache.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/fs_struct.h>
#include <linux/mm.h>
#include <linux/namei.h>
#include <linux/nsproxy.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "binary.h"
#include "elf.h"
#include "target.h"

/* What a file system may say, in the words of docs/speed_bump.md. */
static int file_error(int err)
{
	switch (err) {
	case 0:
	case -ENOENT:
	case -ENOEXEC:
	case -EADDRNOTAVAIL:
	case -EACCES:
	case -EPERM:
	case -ENOMEM:
	case -EINTR:
		return err;
	case -ENOTDIR:
	case -ELOOP:
	case -ENAMETOOLONG:
	case -ESTALE:
		return -ENOENT;
	case -EISDIR:
	case -ENXIO:
	case -EINVAL:
	case -EOPNOTSUPP:
		return -ENOEXEC;
	case -ENFILE:
		return -ENOMEM;
	case -ERESTARTSYS:
		return -EINTR;
	default:
		return -EIO;
	}
}

/**
 * sb_binary_inode() - the inode of a file, below any overlay: the one that is mapped, and that
 * uprobes need
 * @file: what was found at a path
 */
struct inode *sb_binary_inode(const struct path *file)
{
	return d_real_inode(file->dentry);
}

/**
 * sb_binary_find() - the file that a path names
 * @name: the path
 * @file: the result, for path_put()
 *
 * Nothing is opened: an open of a FIFO waits, and one of a device may do anything.
 *
 * Return: 0, -ENOEXEC for what is not a file that could run, -ENOENT, -EACCES, -ENOMEM or -EIO.
 */
int sb_binary_find(const char *name, struct path *file)
{
	struct inode *inode;
	int err;

	err = kern_path(name, LOOKUP_FOLLOW, file);
	if (err)
		return file_error(err);
	inode = sb_binary_inode(file);
	/* Of files that the kernel makes up, such as those of /proc, none can run. */
	if (S_ISREG(inode->i_mode) && !(inode->i_sb->s_iflags & SB_I_NOEXEC) && i_size_read(inode))
		return 0;
	path_put(file);
	return -ENOEXEC;
}

static ssize_t binary_read(void *context, void *buf, size_t len, u64 pos)
{
	loff_t at = pos;

	return kernel_read(context, buf, len, &at);
}

static int resolve_opened(struct sb_target *target, struct file *file)
{
	struct sb_elf_file elf = {
		.read = binary_read,
		.context = file,
		.size = i_size_read(file_inode(file)),
	};
	unsigned int i;
	int err = 0;

	if (!file->f_op->read_iter)
		return -ENOEXEC;
	if (!target->is_placed)
		return sb_elf_resolve(&elf, target->symbol, &target->sites[0].place.offset);
	for (i = 0; i < target->site_count && !err; i++)
		err = sb_elf_check_offset(&elf, target->sites[i].place.offset);
	return err;
}

/**
 * sb_binary_resolve() - find or check the sites of a target in its file
 * @target: with file; gets inode and offsets
 *
 * Return: 0, or an errno of docs/speed_bump.md.
 */
int sb_binary_resolve(struct sb_target *target)
{
	struct file *file;
	int err;

	file = dentry_open(&target->file, O_RDONLY | O_LARGEFILE, current_cred());
	if (IS_ERR(file))
		return file_error(PTR_ERR(file));
	/* Unlike open(2), dentry_open() asks for no right. */
	err = file_permission(file, MAY_READ);
	if (!err)
		err = resolve_opened(target, file);
	fput(file);
	target->inode = sb_binary_inode(&target->file);
	return file_error(err);
}

/**
 * sb_binary_name() - the path that a target is known by
 * @name: as it was written
 * @file: what was found there
 *
 * Return: a copy, or, since names in /proc mean something else to each process and at each time,
 * what they stood for; NULL without memory.
 */
char *sb_binary_name(const char *name, const struct path *file)
{
	char *buf, *found, *copy;

	if (strncmp(name, "/proc/", 6))
		return kstrdup(name, GFP_KERNEL);
	buf = kmalloc(PATH_MAX, GFP_KERNEL);
	if (!buf)
		return NULL;
	found = d_path(file, buf, PATH_MAX);
	copy = kstrdup(IS_ERR(found) ? name : found, GFP_KERNEL);
	kfree(buf);
	return copy;
}

/**
 * sb_binary_note_view() - what decides where paths lead the current process
 * @view: the result
 */
void sb_binary_note_view(struct sb_view *view)
{
	struct path root;

	get_fs_root(current->fs, &root);
	view->mounts = current->nsproxy->mnt_ns;
	view->root = root.dentry;
	path_put(&root);
}

/**
 * sb_binary_is_stale() - whether the path of a target names another file now, or none
 * @target: the target
 * @file: what the path named
 *
 * A look into the kernel's own memory of names comes first. Where that does not tell, file systems
 * are asked, which may take its time, but can be killed. To who sees other mounts than the writer,
 * the path says nothing.
 *
 * Return: whether it does, as far as that can be told.
 */
bool sb_binary_is_stale(const struct sb_target *target, const struct path *file)
{
	struct sb_view view;
	struct path now;
	bool is_other;
	int err;

	if (d_unlinked(file->dentry))
		return true;
	sb_binary_note_view(&view);
	if (view.mounts != target->view.mounts || view.root != target->view.root)
		return false;
	err = kern_path(target->path, LOOKUP_FOLLOW | LOOKUP_CACHED, &now);
	if (err == -EAGAIN)
		err = kern_path(target->path, LOOKUP_FOLLOW, &now);
	if (err)
		return err == -ENOENT || err == -ENOTDIR;
	is_other = sb_binary_inode(&now) != target->inode;
	path_put(&now);
	return is_other;
}
