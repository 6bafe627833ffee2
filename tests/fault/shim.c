/* SPDX-License-Identifier: Apache-2.0 */
/* shim.c - finding out whether a call concerns the data folder. */
#include "shim.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void *
shim_next(const char *name)
{
	void *fn = dlsym(RTLD_NEXT, name);

	if (fn == NULL)
		abort();
	return fn;
}

struct shim_page *
shim_page(void)
{
	static struct shim_page *page;
	const char *path = getenv("AICX_SHIM_PAGE");

	if (page != NULL || path == NULL)
		return page;
	int (*real_open)(const char *, int, ...) = NULL;
	*(void **)&real_open = shim_next("open");
	int fd = real_open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	void *at =
	    mmap(NULL, sizeof *page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	(void)close(fd);
	page = at == MAP_FAILED ? NULL : at;
	return page;
}

static bool
below_root(const char *path, char *ret, size_t size)
{
	static char root[PATH_MAX];
	const char *named = getenv("AICX_SHIM_ROOT");

	if (named == NULL)
		return false;
	if (root[0] == '\0' && realpath(named, root) == NULL) {
		root[0] = '\0'; /* not made yet */
		return false;
	}
	size_t n = strlen(root);
	if (strncmp(path, root, n) != 0 || (path[n] != '/' && path[n] != '\0'))
		return false;
	(void)snprintf(ret, size, "%s", path[n] == '/' ? path + n + 1 : ".");
	return true;
}

bool
shim_fd_is_ours(int fd, char *ret_path, size_t size)
{
	char link[64], path[PATH_MAX];

	(void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, path, sizeof path - 1);
	if (n <= 0)
		return false;
	path[n] = '\0';
	return below_root(path, ret_path, size);
}

bool
shim_name_is_ours(int dir_fd, const char *name, char *ret, size_t size)
{
	char folder[PATH_MAX], full[PATH_MAX * 2], link[64];
	ssize_t n;

	if (name[0] == '/')
		return below_root(name, ret, size);
	if (dir_fd == AT_FDCWD) {
		if (getcwd(folder, sizeof folder) == NULL)
			return false;
	} else {
		(void)snprintf(link, sizeof link, "/proc/self/fd/%d", dir_fd);
		n = readlink(link, folder, sizeof folder - 1);
		if (n <= 0)
			return false;
		folder[n] = '\0';
	}
	(void)snprintf(full, sizeof full, "%s/%s", folder, name);
	return below_root(full, ret, size);
}
