/* SPDX-License-Identifier: Apache-2.0 */
/* socket.c - descriptors that listen or connect, and why they could not. */
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "loop/inside.h"

enum { LISTEN_BACKLOG = 4096 /* the system may cut it */ };

static void
close_fd(const int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

static int
take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

static aicx_err
fail(const char *what, const char *text, int cause, struct aicx_error *reterr)
{
	char why[96];
	aicx_err err = AICX_EIO;

	if (cause == EADDRINUSE)
		err = AICX_EEXIST;
	else if (cause == EACCES || cause == EPERM)
		err = AICX_EDENIED;
	else if (cause == ENOENT)
		err = AICX_ENOTFOUND;
	else if (cause == EMFILE || cause == ENFILE)
		err = AICX_ELIMIT;
	else if (cause == EAGAIN)
		err = AICX_EAGAIN; /* a unix listener with a full backlog */
	return err_set(reterr, err, "cannot %s \"%s\": %s", what, text,
	    strerror_r(cause, why, sizeof why));
}

static int
socket_new(const struct address *address)
{
	int fd = socket(address->sock.any.sa_family,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int one = 1;

	if (fd < 0 || address->sock.any.sa_family == AF_UNIX)
		return fd;
	/* Accepted sockets inherit it. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (address->sock.any.sa_family == AF_INET6)
		(void)setsockopt(
		    fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
	return fd;
}

/* A socket file that refuses connections is left over from a crash.  Anything
   else stays, and bind() says that the address is taken. */
static void
remove_stale(const struct address *address)
{
	const char *path = address->sock.local.sun_path;
	struct stat at;

	if (lstat(path, &at) != 0 || !S_ISSOCK(at.st_mode))
		return;
	AUTO(close_fd) int fd = socket_new(address);
	if (fd >= 0 && connect(fd, &address->sock.any, address->len) != 0 &&
	    errno == ECONNREFUSED)
		(void)unlink(path);
}

static int
bind_local(int fd, const struct address *address, unsigned mode)
{
	remove_stale(address);
	/* The file never has a wider mode, and the umask takes nothing away. */
	if (fchmod(fd, mode) != 0 ||
	    bind(fd, &address->sock.any, address->len) != 0)
		return -1;
	return chmod(address->sock.local.sun_path, mode);
}

static int
bind_inet(int fd, const struct address *address)
{
	int one = 1;

	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	return bind(fd, &address->sock.any, address->len);
}

aicx_err
socket_listen(const struct address *address, unsigned mode, const char *text,
    int *ret_fd, struct aicx_error *reterr)
{
	bool local = address->sock.any.sa_family == AF_UNIX;
	AUTO(close_fd) int fd = socket_new(address);

	if (fd < 0)
		return fail("listen on", text, errno, reterr);
	if ((local ? bind_local(fd, address, mode) : bind_inet(fd, address)) !=
		0 ||
	    listen(fd, LISTEN_BACKLOG) != 0)
		return fail("listen on", text, errno, reterr);
	*ret_fd = take_fd(&fd);
	return AICX_OK;
}

aicx_err
socket_connect(const struct address *address, const char *text, int *ret_fd,
    struct aicx_error *reterr)
{
	AUTO(close_fd) int fd = socket_new(address);

	if (fd < 0)
		return fail("connect to", text, errno, reterr);
	if (connect(fd, &address->sock.any, address->len) != 0 &&
	    errno != EINPROGRESS)
		return fail("connect to", text, errno, reterr);
	*ret_fd = take_fd(&fd);
	return AICX_OK;
}
