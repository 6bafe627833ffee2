/* SPDX-License-Identifier: Apache-2.0 */
/*
 * library.c - a file checked on an open descriptor, and loaded through it.
 *
 * The dynamic linker knows a library by the name it was loaded under, here
 * /proc/self/fd/N.  Were N closed and given to another file, the next dlopen
 * of that name would return the old library.  So N stays open as long as its
 * library, which is for good, and a file that is loaded already is found by
 * its inode and loaded under its first name again.
 */
#include "module/library.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "module/kind.h"
#include "protocol/crypto.h"

#define FD_FOLDER "/proc/self/fd/"

enum { FILE_BYTES_MAX = 64 << 20 };

struct name {
	char text[sizeof FD_FOLDER + 12];
};

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

/* O_NONBLOCK: a FIFO under that name must not stop the broker. */
static aicx_err
open_file(const char *path, int *ret_fd, struct aicx_error *reterr)
{
	int fd = open(
	    path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0 && errno == ENOENT)
		return err_set(reterr, AICX_ENOTFOUND, "no such file");
	if (fd < 0 && errno == ELOOP)
		return err_set(reterr, AICX_EDENIED, "is a symbolic link");
	if (fd < 0)
		return err_set(reterr, AICX_EIO, "%s", strerror(errno));
	*ret_fd = fd;
	return AICX_OK;
}

static aicx_err
check_owner(const struct stat *st, struct aicx_error *reterr)
{
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return err_set(reterr, AICX_EDENIED,
		    "belongs to user %u, neither to root nor to us",
		    (unsigned)st->st_uid);
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		return err_set(reterr, AICX_EDENIED,
		    "can be written by others (mode %04o)",
		    (unsigned)st->st_mode & 07777);
	return AICX_OK;
}

aicx_err
library_check_folder(const char *path, struct aicx_error *reterr)
{
	struct aicx_error why = { 0 };
	struct stat st;

	/* What is not there has no plugins: that is said of each of them. */
	if (stat(path, &st) != 0 || check_owner(&st, &why) == AICX_OK)
		return AICX_OK;
	return err_set(
	    reterr, AICX_EDENIED, "plugin folder \"%.80s\" %s", path, why.text);
}

static aicx_err
check_regular(const struct stat *st, struct aicx_error *reterr)
{
	aicx_err err;

	if (!S_ISREG(st->st_mode))
		return err_set(reterr, AICX_EDENIED, "not a regular file");
	err = check_owner(st, reterr);
	if (err == AICX_OK && st->st_size == 0)
		return err_set(reterr, AICX_EABI, "file is empty");
	return err;
}

/* The whole file through the descriptor that is loaded. */
static aicx_err
check_pin(
    int fd, const struct stat *st, const char *pin, struct aicx_error *reterr)
{
	AUTO(buf_fini) struct buf bytes = { 0 };
	uint8_t hash[HASH_BYTES];
	char hex[2 * HASH_BYTES + 1];
	size_t size = (size_t)st->st_size;
	ssize_t n;

	if (pin == NULL)
		return AICX_OK;
	if (st->st_size > FILE_BYTES_MAX)
		return err_set(
		    reterr, AICX_ELIMIT, "too large to look at its sha256");
	(void)buf_room(&bytes, size);
	while (bytes.len < size &&
	    (n = pread(fd, buf_room(&bytes, size - bytes.len), size - bytes.len,
		 (off_t)bytes.len)) > 0)
		bytes.len += (size_t)n;
	sha256(bytes.ptr, bytes.len, hash);
	for (size_t i = 0; i < sizeof hash; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", hash[i]);
	if (strcasecmp(hex, pin) == 0)
		return AICX_OK;
	return err_set(reterr, AICX_EDENIED,
	    "its sha256 is %s, not the one that is pinned", hex);
}

/* So that a text file gets our words and not the linker's. */
static bool
is_elf(int fd)
{
	char magic[4];

	return pread(fd, magic, sizeof magic, 0) == sizeof magic &&
	    memcmp(magic, "\177ELF", sizeof magic) == 0;
}

static aicx_err
check_file(
    int fd, const char *pin, struct stat *ret_st, struct aicx_error *reterr)
{
	aicx_err err;

	if (fstat(fd, ret_st) != 0)
		return err_set(reterr, AICX_EIO, "%s", strerror(errno));
	err = check_regular(ret_st, reterr);
	if (err != AICX_OK)
		return err;
	if (!is_elf(fd))
		return err_set(reterr, AICX_EABI, "not an AIConexus plugin");
	return check_pin(fd, ret_st, pin, reterr);
}

struct loaded {
	struct stat st; /* of the file looked for */
	struct name name; /* "" until found */
};

static int
on_library(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct loaded *loaded = arg;
	struct stat st;

	(void)size;
	if (!str_starts(str_of(info->dlpi_name), FD_FOLDER) ||
	    stat(info->dlpi_name, &st) != 0 || st.st_dev != loaded->st.st_dev ||
	    st.st_ino != loaded->st.st_ino)
		return 0;
	(void)str_copy(str_of(info->dlpi_name), loaded->name.text,
	    sizeof loaded->name.text);
	return 1;
}

/* The linker's own message begins with a name nobody knows. */
static aicx_err
refuse_load(struct aicx_error *reterr)
{
	const char *why = dlerror();

	if (why == NULL)
		why = "unknown reason";
	if (str_starts(str_of(why), FD_FOLDER) && strchr(why, ' ') != NULL)
		why = strchr(why, ' ') + 1;
	return err_set(reterr, AICX_EABI, "%s", why);
}

/* Takes *fd over when it is needed for good. */
static aicx_err
load(int *fd, const struct stat *st, void **ret_library,
    struct aicx_error *reterr)
{
	struct loaded loaded = { .st = *st };
	bool is_loaded = dl_iterate_phdr(on_library, &loaded) != 0;

	if (!is_loaded)
		(void)snprintf(loaded.name.text, sizeof loaded.name.text,
		    FD_FOLDER "%d", *fd);
	*ret_library = dlopen(loaded.name.text, RTLD_NOW | RTLD_LOCAL);
	if (*ret_library == NULL)
		return refuse_load(reterr);
	if (!is_loaded)
		*fd = -1;
	return AICX_OK;
}

aicx_err
library_load(const char *path, const char *pin,
    const struct aicx_plugin **ret_plugin, struct aicx_error *reterr)
{
	AUTO(close_fd) int fd = -1;
	struct stat st;
	void *library = NULL;
	aicx_err err = open_file(path, &fd, reterr);

	if (err == AICX_OK)
		err = check_file(fd, pin, &st, reterr);
	if (err == AICX_OK)
		err = load(&fd, &st, &library, reterr);
	if (err != AICX_OK)
		return err;
	const struct aicx_plugin *plugin = dlsym(library, "aicx_plugin");
	if (plugin == NULL)
		return err_set(reterr, AICX_EABI, "not an AIConexus plugin");
	err = kind_check_plugin(plugin, reterr);
	if (err == AICX_OK)
		*ret_plugin = plugin;
	return err;
}
