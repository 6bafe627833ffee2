/* SPDX-License-Identifier: Apache-2.0 */
/* folder.c - a folder copied whole. */
#include "cli/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"

enum { DEPTH_MAX = 8, PATH_BYTES = 4096 };

static aicx_err
err_errno(struct aicx_error *reterr, const char *what, const char *path)
{
	return err_set(reterr, errno == EEXIST ? AICX_EEXIST : AICX_EIO,
	    "cannot %s \"%s\": %s", what, path, strerror(errno));
}

/* LevelDB's lock on its folder is one of fcntl() on the file LOCK. */
static bool
is_held(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	return fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

static bool
pour(int in, int out)
{
	char bytes[65536];
	ssize_t n;

	while ((n = read(in, bytes, sizeof bytes)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		for (ssize_t done = 0; done < n;) {
			ssize_t more =
			    write(out, bytes + done, (size_t)(n - done));
			if (more < 0 && errno != EINTR)
				return false;
			done += more > 0 ? more : 0;
		}
	}
	return fsync(out) == 0;
}

/* to NULL: only looks whether it is held. */
static aicx_err
file_copy(const char *name, const char *from, const char *to,
    struct aicx_error *reterr)
{
	int in = open(from, O_RDONLY | O_NOFOLLOW | O_CLOEXEC), out = -1;
	aicx_err err = AICX_OK;

	if (in < 0)
		return err_errno(reterr, "open", from);
	if (strcmp(name, "LOCK") == 0 && is_held(in))
		err = err_set(reterr, AICX_ESTATE,
		    "\"%s\" is held: a broker is running on this folder", from);
	if (err == AICX_OK && to != NULL) {
		out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (out < 0 || !pour(in, out))
			err = err_errno(reterr, "copy to", to);
	}
	(void)close(in);
	if (out >= 0 && close(out) != 0 && err == AICX_OK)
		err = err_errno(reterr, "copy to", to);
	return err;
}

static aicx_err copy_into(
    const char *from, const char *to, int depth, struct aicx_error *reterr);

static aicx_err
entry_copy(const char *name, const char *from_dir, const char *to_dir,
    int depth, struct aicx_error *reterr)
{
	char from[PATH_BYTES], to[PATH_BYTES];
	struct stat st;

	if (snprintf(from, sizeof from, "%s/%s", from_dir, name) >=
		PATH_BYTES ||
	    snprintf(to, sizeof to, "%s/%s", to_dir ? to_dir : "", name) >=
		PATH_BYTES)
		return err_set(reterr, AICX_ELIMIT,
		    "cannot copy \"%s\": its path is too long", name);
	if (lstat(from, &st) != 0)
		return err_errno(reterr, "look at", from);
	if (S_ISREG(st.st_mode))
		return file_copy(name, from, to_dir ? to : NULL, reterr);
	if (!S_ISDIR(st.st_mode) || strcmp(name, "derived") == 0)
		return AICX_OK;
	if (depth == DEPTH_MAX)
		return err_set(reterr, AICX_ELIMIT,
		    "cannot copy \"%s\": folders inside of %d others", from,
		    DEPTH_MAX);
	return copy_into(from, to_dir ? to : NULL, depth + 1, reterr);
}

static aicx_err
copy_into(
    const char *from, const char *to, int depth, struct aicx_error *reterr)
{
	struct dirent *entry;
	aicx_err err = AICX_OK;
	DIR *dir = opendir(from);

	if (dir == NULL)
		return err_errno(reterr, "open", from);
	if (to != NULL && mkdir(to, 0700) != 0)
		err = err_errno(reterr, "make", to);
	while (err == AICX_OK && (entry = readdir(dir)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			err =
			    entry_copy(entry->d_name, from, to, depth, reterr);
	(void)closedir(dir);
	return err;
}

aicx_err
folder_copy(const char *from, const char *to, struct aicx_error *reterr)
{
	aicx_err err = copy_into(from, NULL, 0, reterr);

	return err == AICX_OK ? copy_into(from, to, 0, reterr) : err;
}
