// SPDX-License-Identifier: GPL-2.0
/*
 * elf_driver FILE: reads symbols, one a line, and writes what they resolve to: 0xOFFSET, or an errno's name. A line
 * that is a number 0x… is checked as an offset. "fail N" makes every read fail after N, "kill N" kills the task then.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "elf.h"

struct source {
	int fd;
	long left;
	bool kills;
};

static ssize_t read_file(void *context, void *buf, size_t len, u64 pos)
{
	struct source *source = context;

	if (!source->left--) {
		if (!source->kills)
			return -EIO;
		sb_is_killed = true;
	}
	return pread(source->fd, buf, len, pos);
}

static const char *error_name(int error)
{
	switch (error) {
	case 0:
		return "ok";
	case -ENOENT:
		return "ENOENT";
	case -ENOEXEC:
		return "ENOEXEC";
	case -EADDRNOTAVAIL:
		return "EADDRNOTAVAIL";
	case -EIO:
		return "EIO";
	case -EINTR:
		return "EINTR";
	default:
		return "another errno";
	}
}

int main(int argc, char **argv)
{
	struct source source = { .left = -1 };
	struct sb_elf_file file = { .read = read_file, .context = &source };
	char line[4096];
	struct stat status;
	long left = argc > 3 ? atol(argv[3]) : -1;

	source.fd = open(argv[1], O_RDONLY);
	if (source.fd < 0 || fstat(source.fd, &status))
		return 1;
	file.size = status.st_size;
	source.kills = argc > 3 && !strcmp(argv[2], "kill");
	while (fgets(line, sizeof(line), stdin)) {
		u64 offset = 0;
		int error;

		line[strcspn(line, "\n")] = '\0';
		source.left = left;
		sb_is_killed = false;
		if (!strncmp(line, "0x", 2)) {
			puts(error_name(sb_elf_check_offset(&file, strtoull(line, NULL, 16))));
			continue;
		}
		error = sb_elf_resolve(&file, line, &offset);
		if (error)
			puts(error_name(error));
		else
			printf("0x%llx\n", (unsigned long long)offset);
	}
	return 0;
}
