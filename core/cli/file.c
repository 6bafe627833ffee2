/* SPDX-License-Identifier: Apache-2.0 */
/* file.c - whole files in and out, and where a user's files lie. */
#include "cli/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

static aicx_err
err_errno(struct aicx_error *reterr, const char *what, const char *path)
{
	aicx_err code = errno == ENOENT ? AICX_ENOTFOUND
	    : errno == EEXIST           ? AICX_EEXIST
					: AICX_EIO;

	return err_set(
	    reterr, code, "cannot %s \"%s\": %s", what, path, strerror(errno));
}

static aicx_err
read_all(int fd, const char *path, size_t max_bytes, struct buf *buf,
    struct aicx_error *reterr)
{
	size_t start = buf->len;

	for (;;) {
		enum { CHUNK = 65536 };
		ssize_t n = read(fd, buf_room(buf, CHUNK), CHUNK);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(reterr, "read", path);
		if (n == 0)
			return AICX_OK;
		buf->len += (size_t)n;
		if (buf->len - start > max_bytes)
			return err_word(reterr, AICX_ELIMIT, "too_large",
			    "cannot read \"%s\": it is larger than %zu bytes",
			    path, max_bytes);
	}
}

aicx_err
file_read(const char *path, size_t max_bytes, struct buf *buf,
    struct aicx_error *reterr)
{
	if (strcmp(path, "-") == 0)
		return read_all(
		    STDIN_FILENO, "standard input", max_bytes, buf, reterr);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(reterr, "open", path);
	aicx_err err = read_all(fd, path, max_bytes, buf, reterr);
	(void)close(fd);
	return err;
}

/* All whole lines of buf; what is left is the beginning of one. */
static bool
give_lines(struct buf *buf, file_line_fn *on_line, void *arg)
{
	size_t done = 0;
	const char *end;

	while (done < buf->len &&
	    (end = memchr(buf->ptr + done, '\n', buf->len - done)) != NULL) {
		struct aicx_str line = { buf->ptr + done,
			(size_t)(end - buf->ptr) - done };
		done += line.len + 1;
		if (!on_line(line, arg))
			return false;
	}
	buf_shift(buf, done);
	return true;
}

/* What is packed and cut short is told apart from an end at its end alone. */
static aicx_err
err_packed(struct aicx_error *reterr, const char *path)
{
	return err_set(reterr, AICX_EIO,
	    "cannot read \"%s\": it is no whole "
	    "gzip file",
	    path);
}

static aicx_err
read_lines(gzFile in, const char *path, size_t max_bytes, file_line_fn *on_line,
    void *arg, struct aicx_error *reterr)
{
	enum { CHUNK = 256 * 1024 };
	struct buf buf = { 0 };
	aicx_err err = AICX_OK;
	int state = Z_OK;

	for (bool more = true; more && err == AICX_OK;) {
		int n = gzread(in, buf_room(&buf, CHUNK), CHUNK);
		(void)gzerror(in, &state);
		if (n < 0 && state == Z_ERRNO) {
			err = err_errno(reterr, "read", path);
			break;
		}
		if (n < 0 || state == Z_BUF_ERROR) {
			err = err_packed(reterr, path);
			break;
		}
		if (n == 0 && buf.len > 0)
			(void)on_line(buf_view(&buf), arg);
		buf.len += (size_t)n;
		more = n > 0 && give_lines(&buf, on_line, arg);
		if (more && buf.len > max_bytes)
			err = err_word(reterr, AICX_ELIMIT, "too_large",
			    "cannot read \"%s\": a line is longer than %zu "
			    "bytes",
			    path, max_bytes);
	}
	buf_fini(&buf);
	return err;
}

aicx_err
file_lines(const char *path, size_t max_bytes, file_line_fn *on_line, void *arg,
    struct aicx_error *reterr)
{
	gzFile in = gzopen(path, "rbe");

	if (in == NULL)
		return err_errno(reterr, "open", path);
	aicx_err err = read_lines(in, path, max_bytes, on_line, arg, reterr);
	(void)gzclose(in);
	return err;
}

static bool
write_all(int fd, struct aicx_str text)
{
	while (text.len > 0) {
		ssize_t n = write(fd, text.ptr, text.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		text.ptr += n;
		text.len -= (size_t)n;
	}
	return true;
}

/* The folders above path; one that cannot be made shows at open(). */
static void
make_folders(const char *path)
{
	char *copy = mem_strdup(path);

	for (char *slash = copy + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		(void)mkdir(copy, 0700);
		*slash = '/';
	}
	free(copy);
}

static aicx_err
write_new(const char *path, int flags, unsigned mode, struct aicx_str text,
    struct aicx_error *reterr)
{
	make_folders(path);
	int fd = open(
	    path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | flags, mode);
	if (fd < 0)
		return err_errno(reterr, "create", path);
	aicx_err err = AICX_OK;
	if (!write_all(fd, text) || fsync(fd) != 0)
		err = err_errno(reterr, "write", path);
	if (close(fd) != 0 && err == AICX_OK)
		err = err_errno(reterr, "write", path);
	return err;
}

aicx_err
file_create(const char *path, unsigned mode, struct aicx_str text,
    struct aicx_error *reterr)
{
	return write_new(path, O_EXCL, mode, text, reterr);
}

aicx_err
file_replace(const char *path, unsigned mode, struct aicx_str text,
    struct aicx_error *reterr)
{
	struct buf beside = { 0 };

	buf_printf(&beside, "%s.%ld.new", path, (long)getpid());
	aicx_err err =
	    write_new(buf_cstr(&beside), O_TRUNC, mode, text, reterr);
	if (err == AICX_OK && rename(buf_cstr(&beside), path) != 0)
		err = err_errno(reterr, "replace", path);
	if (err != AICX_OK)
		(void)unlink(buf_cstr(&beside));
	buf_fini(&beside);
	return err;
}

aicx_err
file_append(const char *path, struct aicx_str line, struct aicx_error *reterr)
{
	make_folders(path);
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_errno(reterr, "open", path);
	aicx_err err = AICX_OK;
	if (!write_all(fd, line))
		err = err_errno(reterr, "write", path);
	(void)close(fd);
	return err;
}

void
file_config_path(const char *name, struct buf *buf)
{
	const char *xdg = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");

	/* The specification says: a relative path is to be ignored. */
	if (xdg != NULL && xdg[0] == '/')
		buf_printf(buf, "%s/aiconexus/%s", xdg, name);
	else
		buf_printf(
		    buf, "%s/.config/aiconexus/%s", home ? home : "", name);
}
