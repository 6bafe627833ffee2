/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ballast.c - two files that hold nothing, so that a full disk still has room
 * for what a broker writes while it ends, and while it starts again.
 */
#include "main/ballast.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static const char *const names[] = { "ballast.1", "ballast.2" };
enum { N_FILES = sizeof names / sizeof *names };

int64_t
ballast_free_bytes(void)
{
	struct statvfs fs;

	if (statvfs(".", &fs) != 0)
		return -1;
	return (int64_t)(fs.f_bavail * fs.f_frsize);
}

static bool
fill_one(const char *name, int64_t size, int64_t keep_bytes)
{
	struct stat st;

	if (stat(name, &st) == 0 && st.st_size == size)
		return true;
	if (ballast_free_bytes() < size + keep_bytes)
		return false;
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool good = fd >= 0 && posix_fallocate(fd, 0, size) == 0;
	if (fd >= 0)
		(void)close(fd);
	if (!good)
		(void)unlink(name);
	return good;
}

bool
ballast_fill(int64_t size, int64_t keep_bytes)
{
	bool all = true;

	for (int i = 0; i < N_FILES; i++)
		if (size <= 0)
			(void)unlink(names[i]);
		else
			all = fill_one(names[i], size, keep_bytes) && all;
	return all;
}

bool
ballast_drop(void)
{
	bool any = false;

	for (int i = 0; i < N_FILES; i++)
		any = unlink(names[i]) == 0 || any;
	return any;
}
