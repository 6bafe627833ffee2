/* SPDX-License-Identifier: Apache-2.0 */
/* net.c - one TCP or unix connection with deadlines, with TLS for https, for
   the blocking client. */
#include "cli/net.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"
#include "cli/outside.h"
#include "loop/tls.h"

aicx_err
net_wait(
    int fd, short poll_events, int64_t deadline_ms, struct aicx_error *reterr)
{
	for (;;) {
		struct pollfd pfd = { .fd = fd, .events = poll_events };
		int64_t left = deadline_ms - outside_now_ms();
		if (left > INT32_MAX)
			left = INT32_MAX;
		int n = poll(&pfd, 1, left < 0 ? 0 : (int)left);
		if (n > 0)
			return AICX_OK;
		if (n == 0)
			return err_word(reterr, AICX_ETIMEDOUT, "timeout",
			    "the broker did not answer in time");
		if (errno != EINTR)
			return err_set(reterr, AICX_EIO,
			    "cannot wait for the broker: %s", strerror(errno));
	}
}

/* 0 or an errno. */
static int
connect_one(const struct addrinfo *at, int *ret_fd)
{
	struct aicx_error why;
	int one = 1, problem = 0;
	socklen_t size = sizeof problem;
	int fd = socket(at->ai_family,
	    at->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, at->ai_protocol);

	if (fd < 0)
		return errno;
	if (at->ai_family != AF_UNIX)
		(void)setsockopt(
		    fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (connect(fd, at->ai_addr, at->ai_addrlen) != 0) {
		problem = errno;
		if (problem == EINPROGRESS &&
		    net_wait(fd, POLLOUT, outside_now_ms() + NET_CONNECT_MS,
			&why) != AICX_OK)
			problem = ETIMEDOUT;
		else if (problem == EINPROGRESS)
			(void)getsockopt(
			    fd, SOL_SOCKET, SO_ERROR, &problem, &size);
	}
	if (problem != 0)
		(void)close(fd);
	else
		*ret_fd = fd;
	return problem;
}

static aicx_err
unreachable(const struct url *url, int problem, struct aicx_error *reterr)
{
	return err_word(reterr, AICX_EAGAIN, "unavailable",
	    "cannot reach the broker at \"%s\": %s; is aicxd running "
	    "there?",
	    url->origin, strerror(problem));
}

static aicx_err
connect_local(const struct url *url, int *ret_fd, struct aicx_error *reterr)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct addrinfo info = {
		.ai_family = AF_UNIX,
		.ai_socktype = SOCK_STREAM,
		.ai_addr = (struct sockaddr *)&at,
		.ai_addrlen = sizeof at,
	};
	int problem;

	memcpy(at.sun_path, url->path, strlen(url->path) + 1);
	problem = connect_one(&info, ret_fd);
	return problem == 0 ? AICX_OK : unreachable(url, problem, reterr);
}

static aicx_err
connect_any(const struct url *url, int *ret_fd, struct aicx_error *reterr)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list;
	int problem = ECONNREFUSED;

	if (url->path[0] != '\0')
		return connect_local(url, ret_fd, reterr);
	int found = getaddrinfo(url->host, url->port, &hints, &list);
	if (found != 0)
		return err_word(reterr, AICX_EAGAIN, "unavailable",
		    "cannot find the broker's host \"%s\": %s", url->host,
		    gai_strerror(found));
	for (const struct addrinfo *at = list; at != NULL; at = at->ai_next) {
		problem = connect_one(at, ret_fd);
		if (problem == 0)
			break;
	}
	freeaddrinfo(list);
	return problem == 0 ? AICX_OK : unreachable(url, problem, reterr);
}

static aicx_err
untrusted(const struct url *url, const char *reason, struct aicx_error *reterr)
{
	return err_word(reterr, AICX_EDENIED, "untrusted",
	    "no TLS with the broker at \"%s\": %s%s", url->origin, reason,
	    str_starts(str_of(reason), "certificate_")
		? " (name whom you trust by --ca FILE)"
		: "");
}

static aicx_err
connect_tls(const struct url *url, struct net *net, struct aicx_error *reterr)
{
	const struct tls_client client = {
		.ca_file = url->ca_file,
		.certificate_file = url->certificate_file,
		.key_file = url->certificate_file,
	};
	int64_t deadline_ms = outside_now_ms() + NET_CONNECT_MS;
	struct tls_rules *rules = NULL;
	enum tls_state state;
	aicx_err err = tls_client_rules(&client, &rules, reterr);

	if (err != AICX_OK)
		return err;
	net->tls = tls_new(rules, net->fd, url->host);
	tls_rules_free(rules);
	while ((state = tls_handshake(net->tls)) != TLS_DONE) {
		if (state == TLS_FAILED)
			return untrusted(url, tls_reason(net->tls), reterr);
		err = net_wait(net->fd,
		    state == TLS_WANTS_READ ? POLLIN : POLLOUT, deadline_ms,
		    reterr);
		if (err != AICX_OK)
			return err;
	}
	return AICX_OK;
}

aicx_err
net_connect(const struct url *url, struct net *ret, struct aicx_error *reterr)
{
	struct net net = { .fd = -1 };
	aicx_err err = connect_any(url, &net.fd, reterr);

	if (err == AICX_OK && url->secure)
		err = connect_tls(url, &net, reterr);
	if (err == AICX_OK)
		*ret = net;
	else
		net_close(&net);
	return err;
}

void
net_close(struct net *net)
{
	if (net->tls != NULL)
		(void)tls_shut(net->tls);
	tls_free(net->tls);
	if (net->fd >= 0)
		(void)close(net->fd);
	*net = (struct net) { .fd = -1 };
}

static aicx_err
lost(struct aicx_error *reterr)
{
	return err_word(reterr, AICX_EIO, "unavailable",
	    "lost the connection to the broker: %s", strerror(errno));
}

static bool
not_now(void)
{
	return errno == EAGAIN || errno == EINTR;
}

/* n > 0; 0: ended; -1 and errno as recv(2) has it. */
static ssize_t
receive(struct net *net, char *buf, size_t n_bytes)
{
	size_t n = 0;

	if (net->tls == NULL)
		return recv(net->fd, buf, n_bytes, 0);
	switch (tls_read(net->tls, buf, n_bytes, &n)) {
	case TLS_DONE:
		return (ssize_t)n;
	case TLS_ENDED:
		return 0;
	case TLS_WANTS_READ:
	case TLS_WANTS_WRITE:
		errno = EAGAIN;
		return -1;
	case TLS_FAILED:
		break;
	}
	errno = ECONNRESET;
	return -1;
}

/* The same for send(2). */
static ssize_t
transmit(struct net *net, struct aicx_str bytes)
{
	size_t n = 0;
	enum tls_state state;

	if (net->tls == NULL)
		return send(net->fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);
	state = tls_write(net->tls, bytes, &n);
	if (state == TLS_DONE)
		return (ssize_t)n;
	errno = state == TLS_FAILED ? ECONNRESET : EAGAIN;
	return -1;
}

aicx_err
net_write_ready(struct net *net, struct buf *buf, struct aicx_error *reterr)
{
	while (buf->len > 0) {
		ssize_t n = transmit(net, buf_view(buf));
		if (n < 0)
			return not_now() ? AICX_OK : lost(reterr);
		buf_shift(buf, (size_t)n);
	}
	return AICX_OK;
}

aicx_err
net_write(struct net *net, struct aicx_str bytes, int64_t deadline_ms,
    struct aicx_error *reterr)
{
	while (bytes.len > 0) {
		ssize_t n = transmit(net, bytes);
		if (n < 0 && !not_now())
			return lost(reterr);
		if (n > 0)
			bytes.ptr += n, bytes.len -= (size_t)n;
		else if (net_wait(net->fd, POLLOUT, deadline_ms, reterr) !=
		    AICX_OK)
			return AICX_ETIMEDOUT;
	}
	return AICX_OK;
}

aicx_err
net_read_ready(
    struct net *net, struct buf *buf, bool *ret_eof, struct aicx_error *reterr)
{
	enum { CHUNK = 65536 };
	size_t before = buf->len;
	ssize_t n;

	/* What TLS has taken from the descriptor nobody waits for. */
	do {
		n = receive(net, buf_room(buf, CHUNK), CHUNK);
		if (n > 0)
			buf->len += (size_t)n;
	} while (n > 0 && net->tls != NULL && tls_has_more(net->tls));
	if (n < 0 && buf->len == before)
		return not_now() ? AICX_EAGAIN : lost(reterr);
	*ret_eof = n == 0;
	return AICX_OK;
}

aicx_err
net_read(struct net *net, struct buf *buf, int64_t deadline_ms, bool *ret_eof,
    struct aicx_error *reterr)
{
	for (;;) {
		aicx_err err = net_read_ready(net, buf, ret_eof, reterr);
		if (err == AICX_EAGAIN)
			err = net_wait(net->fd, POLLIN, deadline_ms, reterr);
		else
			return err;
		if (err != AICX_OK)
			return err;
	}
}
