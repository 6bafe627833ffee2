/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dir_sync.c - makes the names in a folder durable when, and only when, they
 * changed.
 *
 * A folder's mtime moves with each name that comes or goes, so one fstat()
 * (0.3 us) tells whether a sync is needed.  But the kernel stamps files with a
 * clock that ticks only every 1 to 10 ms: a second change within the tick of
 * the first leaves the same mtime.  So a stamp counts as settled only when it
 * was still the same well after that tick was over; until then every call
 * syncs again.
 */
#include "dir_sync.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TICK_MS = 20 }; /* twice the coarsest tick of Linux (100 Hz) */

struct dir_sync {
	const struct aicx_host *host;
	struct aicx_self *self;
	int fd;
	struct timespec stamp; /* mtime that the last sync covered */
	int64_t seen_ms; /* when this stamp was first seen */
	bool settled; /* the tick of that stamp was over at the last sync */
};

static bool
parent_sync(int dir_fd)
{
	int fd = openat(dir_fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool good = fd >= 0 && fsync(fd) == 0;
	int why = errno;

	if (fd >= 0)
		close(fd);
	errno = why;
	return good;
}

struct dir_sync *
dir_sync_new(
    const char *path, const struct aicx_host *host, struct aicx_self *self)
{
	struct dir_sync *dir = calloc(1, sizeof *dir);
	int why;

	if (dir == NULL)
		return NULL;
	dir->host = host;
	dir->self = self;
	dir->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir->fd >= 0 && parent_sync(dir->fd) && dir_sync_settle(dir))
		return dir;
	why = errno;
	dir_sync_free(dir);
	errno = why;
	return NULL;
}

void
dir_sync_free(struct dir_sync *dir)
{
	if (dir == NULL)
		return;
	if (dir->fd >= 0)
		close(dir->fd);
	free(dir);
}

bool
dir_sync_settle(struct dir_sync *dir)
{
	/* The clock first, then the stamp, then the sync: whatever comes
	   between is taken for newer than it is, and synced once more. */
	int64_t now_ms = dir->host->now_ms(dir->self);
	struct stat now;

	if (fstat(dir->fd, &now) != 0)
		return false;
	if (now.st_mtim.tv_sec != dir->stamp.tv_sec ||
	    now.st_mtim.tv_nsec != dir->stamp.tv_nsec) {
		dir->stamp = now.st_mtim;
		dir->seen_ms = now_ms;
		dir->settled = false;
	} else if (dir->settled)
		return true;
	else if (now_ms - dir->seen_ms > TICK_MS)
		dir->settled = true;
	return fsync(dir->fd) == 0;
}
