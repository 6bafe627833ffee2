/* SPDX-License-Identifier: Apache-2.0 */
/* secret_file.c - small files of the broker's owner, written whole or not. */
#include "main/secret_file.h"

#include "base/err.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_BYTES_MAX = 256 * 1024 };

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

static aicx_err
failed(const char *what, const char *path, struct aicx_error *reterr)
{
	return err_set(reterr, AICX_EIO, "cannot %s \"%s\": %s", what, path,
	    strerror(errno));
}

static aicx_err
sync_folder(const char *path, struct aicx_error *reterr)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX] = ".";

	if (slash != NULL)
		(void)snprintf(folder, sizeof folder, "%.*s",
		    (int)(slash - path) + (slash == path), path);
	AUTO(close_fd)
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) != 0)
		return failed("sync the folder of", path, reterr);
	return AICX_OK;
}

static aicx_err
write_all(
    int fd, struct aicx_str text, const char *path, struct aicx_error *reterr)
{
	size_t done = 0;

	while (done < text.len) {
		ssize_t n = write(fd, text.ptr + done, text.len - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return failed("write", path, reterr);
		done += (size_t)n;
	}
	if (fsync(fd) != 0)
		return failed("sync", path, reterr);
	return AICX_OK;
}

/* Under a name of its own first, so that no half file is ever seen. */
aicx_err
secret_file_write(
    const char *path, struct aicx_str text, struct aicx_error *reterr)
{
	char draft[PATH_MAX];

	if (snprintf(draft, sizeof draft, "%s.new", path) >= PATH_MAX)
		return err_set(reterr, AICX_EINVAL, "\"%s\" is too long", path);
	AUTO(close_fd)
	int fd = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return failed("create", draft, reterr);
	aicx_err err = write_all(fd, text, draft, reterr);
	if (err != AICX_OK)
		return err;
	if (rename(draft, path) != 0)
		return failed("rename", draft, reterr);
	return sync_folder(path, reterr);
}

static aicx_err
check_owner(const struct stat *st, const char *path, struct aicx_error *reterr)
{
	if (!S_ISREG(st->st_mode))
		return err_set(reterr, AICX_EDENIED, "\"%s\" is no file", path);
	if (st->st_uid != geteuid())
		return err_set(reterr, AICX_EDENIED,
		    "\"%s\" belongs to user %u: it must be the broker's own",
		    path, (unsigned)st->st_uid);
	if ((st->st_mode & 077) != 0)
		return err_set(reterr, AICX_EDENIED,
		    "\"%s\" can be read by others: chmod 600 it", path);
	return AICX_OK;
}

aicx_err
secret_file_read(
    const char *path, bool vouched, struct buf *ret, struct aicx_error *reterr)
{
	AUTO(close_fd) int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	ssize_t n;

	if (fd < 0)
		return errno == ENOENT ? AICX_ENOTFOUND
				       : failed("open", path, reterr);
	if (fstat(fd, &st) != 0)
		return failed("read", path, reterr);
	aicx_err err = vouched ? AICX_OK : check_owner(&st, path, reterr);
	if (err != AICX_OK)
		return err;
	while ((n = read(fd, buf_room(ret, 4096), 4096)) > 0) {
		ret->len += (size_t)n;
		if (ret->len > FILE_BYTES_MAX)
			return err_set(
			    reterr, AICX_ELIMIT, "\"%s\" is too large", path);
	}
	return n < 0 ? failed("read", path, reterr) : AICX_OK;
}

void
secret_wipe(struct buf *text)
{
	if (text->len > 0)
		mem_wipe(text->ptr, text->len);
	buf_fini(text);
}
