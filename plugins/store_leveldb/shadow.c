/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shadow.c - a store on a disk that is full or broken, opened for reading.
 *
 * LevelDB writes when it opens: a new manifest, a new log, and what it finds in
 * the old log.  So it gets a folder of its own, in memory: table files never
 * change and are links to the real ones, the few that do are copied.
 *
 * A compaction that was cut short leaves tables that no manifest knows; LevelDB
 * gives their numbers again, and would write through a link.  Their numbers are
 * above that of the oldest log, so tables from there on are copied as well.
 *
 * The folder is locked as long as its process lives.  One that was killed
 * leaves it behind; the next start with the same scratch folder takes it away.
 */
#include "shadow.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char name_start[] = "aicx-store-";
/* Until it is locked: so what has the other name and no lock was left. */
static const char name_early[] = "aicx-early-";

struct shadow {
	char path[PATH_MAX];
	int lock; /* the store's LOCK, shared; -1: there is none */
	int own; /* the folder, locked; -1: there is none */
	unsigned long oldest_log; /* its number */
};

/* A running broker holds it for itself alone. */
static bool
lock_take(struct shadow *shadow, const char *store)
{
	char path[PATH_MAX + 8];
	struct flock range = { .l_type = F_RDLCK, .l_whence = SEEK_SET };

	(void)snprintf(path, sizeof path, "%s/LOCK", store);
	shadow->lock = open(path, O_RDONLY | O_CLOEXEC);
	if (shadow->lock < 0)
		return errno == ENOENT;
	if (fcntl(shadow->lock, F_SETLK, &range) == 0)
		return true;
	errno = EBUSY;
	return false;
}

static bool
ends_with(const char *name, const char *end)
{
	size_t n = strlen(name), n_end = strlen(end);

	return n > n_end && strcmp(name + n - n_end, end) == 0;
}

static bool
copy_bytes(int from, int to)
{
	char bytes[16384];
	ssize_t n;

	while ((n = read(from, bytes, sizeof bytes)) > 0)
		if (write(to, bytes, (size_t)n) != n)
			return false;
	return n == 0;
}

static bool
copy_file(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool good = in >= 0 && out >= 0 && copy_bytes(in, out);
	int why = errno;

	if (in >= 0)
		close(in);
	if (out >= 0 && close(out) != 0)
		good = false;
	errno = why;
	return good;
}

static bool
take_over(const struct shadow *shadow, const char *store, const char *name)
{
	char from[PATH_MAX * 2], to[PATH_MAX * 2];

	(void)snprintf(from, sizeof from, "%s/%s", store, name);
	(void)snprintf(to, sizeof to, "%s/%s", shadow->path, name);
	bool table = ends_with(name, ".ldb") || ends_with(name, ".sst");
	if (table && strtoul(name, NULL, 10) < shadow->oldest_log)
		return symlink(from, to) == 0;
	if (table)
		return copy_file(from, to);
	if (ends_with(name, ".log") || strcmp(name, "CURRENT") == 0 ||
	    strncmp(name, "MANIFEST-", 9) == 0)
		return copy_file(from, to);
	return true;
}

static unsigned long
find_oldest_log(DIR *dir)
{
	const struct dirent *entry;
	unsigned long oldest = ULONG_MAX;

	while ((entry = readdir(dir)) != NULL) {
		unsigned long number = strtoul(entry->d_name, NULL, 10);
		if (ends_with(entry->d_name, ".log") && number < oldest)
			oldest = number;
	}
	return oldest == ULONG_MAX ? 0 : oldest; /* none: copy all */
}

static bool
fill(struct shadow *shadow, const char *store)
{
	DIR *dir = opendir(store);
	const struct dirent *entry;
	bool good = dir != NULL;

	if (good) {
		shadow->oldest_log = find_oldest_log(dir);
		rewinddir(dir);
	}
	while (good && (entry = readdir(dir)) != NULL)
		good = take_over(shadow, store, entry->d_name);
	int why = errno;
	if (dir != NULL)
		closedir(dir);
	errno = why;
	return good;
}

static bool
make_folder(struct shadow *shadow, const char *scratch)
{
	char early[PATH_MAX];

	(void)snprintf(early, sizeof early, "%s/%sXXXXXX", scratch, name_early);
	if (mkdtemp(early) == NULL)
		return false;
	(void)snprintf(shadow->path, sizeof shadow->path, "%s/%s%s", scratch,
	    name_start, early + strlen(early) - 6);
	shadow->own = open(early, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (shadow->own >= 0 && flock(shadow->own, LOCK_EX | LOCK_NB) == 0 &&
	    rename(early, shadow->path) == 0)
		return true;
	int why = errno;
	(void)rmdir(early);
	shadow->path[0] = '\0';
	errno = why;
	return false;
}

struct shadow *
shadow_new(const char *store_path, const char *scratch)
{
	struct shadow *shadow = calloc(1, sizeof *shadow);
	char store[PATH_MAX];
	int why;

	if (shadow == NULL)
		return NULL;
	shadow->lock = shadow->own = -1;
	if (realpath(store_path, store) != NULL && lock_take(shadow, store) &&
	    make_folder(shadow, scratch) && fill(shadow, store))
		return shadow;
	why = errno;
	shadow_free(shadow);
	errno = why;
	return NULL;
}

const char *
shadow_path(const struct shadow *shadow)
{
	return shadow->path;
}

static void
remove_folder(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL)
		(void)unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir != NULL)
		closedir(dir);
	(void)rmdir(path);
}

void
shadow_free(struct shadow *shadow)
{
	if (shadow == NULL)
		return;
	if (shadow->path[0] != '\0')
		remove_folder(shadow->path);
	if (shadow->own >= 0)
		close(shadow->own);
	if (shadow->lock >= 0)
		close(shadow->lock);
	free(shadow);
}

/* --- what a killed process left --------------------------------------------
 */

/* Nobody holds its lock. */
static bool
is_left(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	bool left = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;

	if (fd >= 0)
		close(fd);
	return left;
}

void
shadow_sweep(const char *scratch)
{
	DIR *dir = opendir(scratch);
	const struct dirent *entry;
	char path[PATH_MAX];

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		int n = snprintf(
		    path, sizeof path, "%s/%s", scratch, entry->d_name);
		if (strncmp(entry->d_name, name_start, strlen(name_start)) ==
			0 &&
		    n > 0 && (size_t)n < sizeof path && is_left(path))
			remove_folder(path);
	}
	if (dir != NULL)
		closedir(dir);
}
