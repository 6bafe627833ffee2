/* SPDX-License-Identifier: Apache-2.0 */
/*
 * io_shim.c - preloaded into a broker: the k-th write, sync, rename or open of
 * its data folder kills it, fails, or is cut short.
 *
 * What it does is in the page of shim.h, so that a test can count the events of
 * a scenario first and then take each in turn.
 */
#include "shim.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

typedef ssize_t write_fn(int, const void *, size_t);
typedef ssize_t pwrite_fn(int, const void *, size_t, off_t);
typedef ssize_t writev_fn(int, const struct iovec *, int);
typedef int fd_fn(int);
typedef int open_fn(const char *, int, ...);
typedef int openat_fn(int, const char *, int, ...);
typedef int rename_fn(const char *, const char *);
typedef int name_fn(const char *);

static char broken_path[128]; /* whose write or sync failed */

static void
nap(uint64_t us)
{
	struct timespec time = { (time_t)(us / 1000000),
		(long)(us % 1000000) * 1000 };

	while (us > 0 && nanosleep(&time, &time) != 0 && errno == EINTR)
		;
}

static void
die(struct shim_page *page)
{
	nap(page->pause_us);
	(void)kill(getpid(), SIGKILL);
	for (;;)
		(void)pause();
}

/* The deed for this call, or 0. */
static enum shim_deed
event(enum shim_call call, const char *path)
{
	struct shim_page *page = shim_page();

	if (page == NULL || (page->kinds & call) == 0)
		return 0;
	uint64_t n = __atomic_add_fetch(&page->n_events, 1, __ATOMIC_SEQ_CST);
	uint64_t at = __atomic_load_n(&page->at, __ATOMIC_SEQ_CST);
	if (at == 0 || n < at || (n > at && page->sticky == 0))
		return 0;
	if (__atomic_add_fetch(&page->n_fired, 1, __ATOMIC_SEQ_CST) == 1) {
		page->fired_call = call;
		(void)snprintf(
		    page->fired_path, sizeof page->fired_path, "%s", path);
	}
	if (call != SHIM_OPEN && call != SHIM_UNLINK)
		(void)snprintf(broken_path, sizeof broken_path, "%s", path);
	return (enum shim_deed)page->deed;
}

/* True when the call is to fail; errno is set. */
static bool
fails(enum shim_deed deed)
{
	switch (deed) {
	case SHIM_KILL:
	case SHIM_KILL_HALF:
		die(shim_page());
		break;
	case SHIM_EIO:
		errno = EIO;
		return true;
	case SHIM_ENOSPC:
	case SHIM_SHORT:
		errno = ENOSPC;
		return true;
	case SHIM_KILL_AFTER:
		break;
	}
	return false;
}

static void
afterwards(enum shim_deed deed)
{
	int why = errno;

	if (deed == SHIM_KILL_AFTER)
		die(shim_page());
	errno = why;
}

/* --- writing ----------------------------------------------------------- */

static __thread bool no_room; /* the rest of a write that was cut */

static ssize_t
write_event(int fd, const void *bytes, size_t n, off_t at)
{
	static write_fn *real_write;
	static pwrite_fn *real_pwrite;
	char path[128];
	ssize_t done;

	if (real_write == NULL) {
		*(void **)&real_pwrite = shim_next("pwrite");
		*(void **)&real_write = shim_next("write");
	}
	bool ours =
	    shim_page() != NULL && shim_fd_is_ours(fd, path, sizeof path);
	enum shim_deed deed = ours ? event(SHIM_WRITE, path) : 0;
	if (ours && no_room) {
		no_room = false;
		errno = ENOSPC;
		return -1;
	}
	bool half = (deed == SHIM_SHORT || deed == SHIM_KILL_HALF) && n > 1;
	if (!half && fails(deed))
		return -1;
	done = at < 0 ? real_write(fd, bytes, half ? n / 2 : n)
		      : real_pwrite(fd, bytes, half ? n / 2 : n, at);
	if (half && deed == SHIM_KILL_HALF)
		die(shim_page());
	no_room = half;
	afterwards(deed);
	return done;
}

ssize_t
write(int fd, const void *bytes, size_t n)
{
	return write_event(fd, bytes, n, -1);
}

ssize_t
pwrite(int fd, const void *bytes, size_t n, off_t at)
{
	return write_event(fd, bytes, n, at);
}

ssize_t
pwrite64(int fd, const void *bytes, size_t n, off_t at)
{
	return write_event(fd, bytes, n, at);
}

/* --- syncing ----------------------------------------------------------- */

static int
sync_event(int fd, const char *name)
{
	struct shim_page *page = shim_page();
	fd_fn *real = NULL;
	char path[128];

	*(void **)&real = shim_next(name);
	if (page == NULL || !shim_fd_is_ours(fd, path, sizeof path))
		return real(fd);
	nap(page->sleep_us);
	if (page->n_fired > 0 && strcmp(path, broken_path) == 0)
		page->n_retried++;
	enum shim_deed deed = event(SHIM_SYNC, path);
	if (fails(deed))
		return -1;
	int result = real(fd);
	if (page->n_fired > 0)
		page->n_after++;
	afterwards(deed);
	return result;
}

int
fsync(int fd)
{
	return sync_event(fd, "fsync");
}

int
fdatasync(int fd)
{
	return sync_event(fd, "fdatasync");
}

/* --- names ------------------------------------------------------------- */

static int
name_event(enum shim_call call, const char *from, const char *to)
{
	char path[128];
	rename_fn *real_rename = NULL;
	name_fn *real_unlink = NULL;

	if (call == SHIM_RENAME)
		*(void **)&real_rename = shim_next("rename");
	else
		*(void **)&real_unlink = shim_next("unlink");
	bool ours = shim_page() != NULL &&
	    shim_name_is_ours(AT_FDCWD, from, path, sizeof path);
	enum shim_deed deed = ours ? event(call, path) : 0;
	if (fails(deed))
		return -1;
	int result =
	    real_rename != NULL ? real_rename(from, to) : real_unlink(from);
	afterwards(deed);
	return result;
}

int
rename(const char *from, const char *to)
{
	return name_event(SHIM_RENAME, from, to);
}

int
unlink(const char *name)
{
	return name_event(SHIM_UNLINK, name, NULL);
}

static int
open_event(int dir_fd, const char *name, int flags, mode_t mode)
{
	static openat_fn *real;
	char path[128];

	if (real == NULL)
		*(void **)&real = shim_next("openat");
	bool ours = (flags & (O_WRONLY | O_RDWR | O_CREAT)) != 0 &&
	    shim_page() != NULL &&
	    shim_name_is_ours(dir_fd, name, path, sizeof path);
	enum shim_deed deed = ours ? event(SHIM_OPEN, path) : 0;
	if (fails(deed))
		return -1;
	int fd = real(dir_fd, name, flags, mode);
	afterwards(deed);
	return fd;
}

static mode_t
mode_of(int flags, va_list args)
{
	return (flags & O_CREAT) != 0 ? va_arg(args, mode_t) : 0;
}

#define OPEN(function_, dir_, ...)                                             \
	int function_(__VA_ARGS__, ...)                                        \
	{                                                                      \
		va_list args;                                                  \
		va_start(args, flags);                                         \
		mode_t mode = mode_of(flags, args);                            \
		va_end(args);                                                  \
		return open_event(dir_, name, flags, mode);                    \
	}

OPEN(open, AT_FDCWD, const char *name, int flags)
OPEN(open64, AT_FDCWD, const char *name, int flags)
OPEN(openat, dir_fd, int dir_fd, const char *name, int flags)
OPEN(openat64, dir_fd, int dir_fd, const char *name, int flags)

int __open_2(const char *name, int flags);
int __open64_2(const char *name, int flags);

int
__open_2(const char *name, int flags)
{
	return open_event(AT_FDCWD, name, flags, 0);
}

int
__open64_2(const char *name, int flags)
{
	return open_event(AT_FDCWD, name, flags, 0);
}
