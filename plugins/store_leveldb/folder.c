/* SPDX-License-Identifier: Apache-2.0 */
/* folder.c - a folder's names made durable, or all of it removed. */
#include "folder.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <unistd.h>

enum { FDS_MAX = 8 };

bool
folder_sync(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool good = fd >= 0 && fsync(fd) == 0;
	int why = errno;

	if (fd >= 0)
		close(fd);
	errno = why;
	return good;
}

static int
on_name(const char *path, const struct stat *st, int kind, struct FTW *place)
{
	(void)st;
	(void)kind;
	(void)place;
	(void)remove(path);
	return 0;
}

void
folder_drop(const char *path)
{
	(void)nftw(path, on_name, FDS_MAX, FTW_DEPTH | FTW_PHYS);
}
