/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream.c - connected sockets: one shared read buffer, one write a turn.
 *
 * The read event stays armed; the write event exists only while the system's
 * buffer is full or the connection is being made.  So a message in and a
 * message out are one recv(2) and one send(2), and an idle stream is this
 * struct alone.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "loop/inside.h"
#include "loop/stream_state.h"

static void on_readable(evutil_socket_t fd, short what, void *arg);
static void on_writable(evutil_socket_t fd, short what, void *arg);

struct aicx_stream *
stream_new(struct loop *loop, int fd)
{
	struct aicx_stream *stream = MEM_NEW(struct aicx_stream);

	list_init(&stream->link);
	stream->loop = loop;
	stream->fd = fd;
	(void)event_assign(&stream->readable, loop->base, fd,
	    EV_READ | EV_PERSIST, on_readable, stream);
	return stream;
}

void
stream_disarm(struct aicx_stream *stream)
{
	if (stream->armed)
		(void)event_del(&stream->readable);
	stream->armed = false;
}

void
stream_arm(struct aicx_stream *stream)
{
	if (stream->armed || stream->paused || stream->connecting ||
	    stream->ended || stream->failed ||
	    (stream->shaking && secrecy_is_busy(stream)))
		return;
	ENSURE(event_add(&stream->readable, NULL) == 0);
	stream->armed = true;
}

void
stream_await_writable(struct aicx_stream *stream)
{
	if (stream->writable != NULL)
		return;
	stream->writable = event_new(stream->loop->base, stream->fd,
	    EV_WRITE | EV_PERSIST, on_writable, stream);
	ENSURE(stream->writable != NULL);
	ENSURE(event_add(stream->writable, NULL) == 0);
}

static void
forget_writable(struct aicx_stream *stream)
{
	if (stream->writable != NULL)
		event_free(stream->writable);
	stream->writable = NULL;
}

/* To be sent, or shut, at the end of the turn. */
static void
mark_dirty(struct aicx_stream *stream)
{
	if (stream->writable == NULL && !stream->shaking &&
	    list_empty(&stream->link))
		list_push(&stream->loop->dirty, &stream->link);
}

static void
release(struct aicx_stream *stream)
{
	stream_disarm(stream);
	forget_writable(stream);
	list_remove(&stream->link);
	out_fini(&stream->out, &stream->loop->spare);
}

void
stream_fail(struct aicx_stream *stream)
{
	release(stream);
	stream->failed = true;
	if (stream->ops != NULL)
		stream->ops->on_end(AICX_STREAM_ERROR, stream->arg);
}

static void
stream_eof(struct aicx_stream *stream)
{
	stream_disarm(stream);
	stream->ended = true;
	stream->ops->on_end(AICX_STREAM_EOF, stream->arg);
}

/* One read an event, so that no stream holds up the others. */
static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct aicx_stream *stream = arg;
	char *buf = stream->loop->read_buf;

	(void)what;
	if (stream->paused) { /* it was left armed: pauses are mostly short */
		stream_disarm(stream);
		return;
	}
	if (stream->shaking) {
		secrecy_shake(stream);
		return;
	}
	ssize_t n = stream->secrecy == NULL
	    ? recv(fd, buf, STREAM_READ_BYTES, 0)
	    : secrecy_recv(stream, buf, STREAM_READ_BYTES);
	if (n > 0)
		stream->ops->on_data(
		    (struct aicx_str) { buf, (size_t)n }, stream->arg);
	else if (n == 0)
		stream_eof(stream);
	else if (errno != EAGAIN && errno != EINTR)
		stream_fail(stream);
}

/* false: the connection is broken. */
static bool
send_once(struct aicx_stream *stream)
{
	struct out *out = &stream->out;
	struct aicx_str bytes = { out->ptr + out->off, out->len };

	if (bytes.len == 0)
		return true;
	ssize_t n = stream->secrecy == NULL
	    ? send(stream->fd, bytes.ptr, bytes.len, MSG_NOSIGNAL)
	    : secrecy_send(stream, bytes);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	out_drop(out, &stream->loop->spare, (size_t)n);
	return true;
}

static void
on_all_sent(struct aicx_stream *stream)
{
	const struct aicx_stream_ops *ops = stream->ops;

	if (stream->shut)
		(void)shutdown(stream->fd, SHUT_WR);
	if (ops != NULL && AICX_HAS(ops, struct aicx_stream_ops, on_drain))
		ops->on_drain(stream->arg);
}

static void
stream_send(struct aicx_stream *stream)
{
	if (!send_once(stream)) {
		stream_fail(stream);
		return;
	}
	if (stream->out.len > 0 ||
	    (stream->shut && stream->secrecy != NULL &&
		!secrecy_shut(stream))) {
		stream_await_writable(stream);
		return;
	}
	forget_writable(stream);
	on_all_sent(stream);
}

void
stream_ready(struct aicx_stream *stream, bool tell)
{
	const struct aicx_stream_ops *ops = stream->ops;

	forget_writable(stream);
	stream_arm(stream);
	if (stream->out.len > 0 || stream->shut)
		mark_dirty(stream);
	if (tell && AICX_HAS(ops, struct aicx_stream_ops, on_connect))
		ops->on_connect(stream->arg);
}

static void
on_connected(struct aicx_stream *stream)
{
	int cause = 0;
	socklen_t len = sizeof cause;

	if (getsockopt(stream->fd, SOL_SOCKET, SO_ERROR, &cause, &len) != 0 ||
	    cause != 0) {
		stream_fail(stream);
		return;
	}
	stream->connecting = false;
	if (stream->shaking) {
		forget_writable(stream);
		secrecy_shake(stream);
	} else
		stream_ready(stream, true);
}

static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct aicx_stream *stream = arg;

	(void)fd;
	(void)what;
	if (stream->connecting)
		on_connected(stream);
	else if (stream->shaking) {
		forget_writable(stream);
		secrecy_shake(stream);
	} else
		stream_send(stream);
}

void
streams_flush(struct loop *loop)
{
	struct list now;

	/* Those queued by now; a callback may queue, or close, any of them. */
	if (list_empty(&loop->dirty))
		return;
	list_init(&now);
	list_push(&loop->dirty, &now);
	for (;;) {
		struct list *node = loop->dirty.next;
		list_remove(node);
		if (node == &now)
			return;
		stream_send(LIST_ITEM(node, struct aicx_stream, link));
	}
}

void
stream_drop_unclaimed(struct aicx_stream *stream)
{
	if (stream->fd >= 0 && stream->ops == NULL)
		loop_stream_close(stream);
}

aicx_err
loop_stream_connect(struct loop *loop, const char *address,
    const struct aicx_stream_ops *ops, void *arg,
    struct aicx_stream **ret_stream, struct aicx_error *reterr)
{
	return loop_stream_connect_tls(
	    loop, address, NULL, NULL, ops, arg, ret_stream, reterr);
}

aicx_err
loop_stream_connect_tls(struct loop *loop, const char *address,
    const struct tls_rules *rules, const char *name,
    const struct aicx_stream_ops *ops, void *arg,
    struct aicx_stream **ret_stream, struct aicx_error *reterr)
{
	struct address peer;
	int fd;
	aicx_err err = address_parse(address, &peer, reterr);

	if (err == AICX_OK)
		err = socket_connect(&peer, address, &fd, reterr);
	if (err != AICX_OK)
		return err;
	struct aicx_stream *stream = stream_new(loop, fd);
	stream->connecting = true;
	if (rules != NULL)
		secrecy_begin(stream, rules, name, address);
	loop_stream_attach(stream, ops, arg);
	stream_await_writable(stream);
	*ret_stream = stream;
	return AICX_OK;
}

void
loop_stream_attach(
    struct aicx_stream *stream, const struct aicx_stream_ops *ops, void *arg)
{
	stream->ops = ops;
	stream->arg = arg;
	stream_arm(stream);
}

aicx_err
loop_stream_write(struct aicx_stream *stream, struct aicx_str bytes)
{
	if (stream->failed)
		return AICX_EIO;
	if (stream->shut)
		return AICX_ESTATE;
	if (bytes.len > LOOP_STREAM_QUEUE_MAX - stream->out.len)
		return AICX_ELIMIT;
	if (bytes.len == 0)
		return AICX_OK;
	out_put(&stream->out, &stream->loop->spare, bytes);
	mark_dirty(stream);
	return AICX_OK;
}

size_t
loop_stream_queued(const struct aicx_stream *stream)
{
	return stream->out.len;
}

aicx_err
loop_stream_peer(
    const struct aicx_stream *stream, struct aicx_stream_peer *ret_peer)
{
	struct ucred cred = { .pid = 0 };
	int domain = 0;
	socklen_t n_domain = sizeof domain, n_cred = sizeof cred;

	if (stream->fd < 0 ||
	    getsockopt(stream->fd, SOL_SOCKET, SO_DOMAIN, &domain, &n_domain) !=
		0 ||
	    domain != AF_UNIX ||
	    getsockopt(stream->fd, SOL_SOCKET, SO_PEERCRED, &cred, &n_cred) !=
		0)
		return AICX_ESTATE;
	ret_peer->uid = cred.uid;
	ret_peer->gid = cred.gid;
	ret_peer->ours = cred.uid == geteuid();
	return AICX_OK;
}

void
loop_stream_pause(struct aicx_stream *stream, bool paused)
{
	stream->paused = paused;
	if (paused)
		return;
	stream_arm(stream);
	if (stream->secrecy != NULL)
		secrecy_again(stream);
}

void
loop_stream_shutdown(struct aicx_stream *stream)
{
	if (stream->shut || stream->failed)
		return;
	stream->shut = true;
	mark_dirty(stream);
}

void
loop_stream_close(struct aicx_stream *stream)
{
	if (stream == NULL)
		return;
	ENSURE(stream->fd >= 0); /* closed twice */
	if (!stream->connecting && !stream->failed && !stream->shaking)
		(void)send_once(stream);
	release(stream);
	if (stream->secrecy != NULL)
		secrecy_close(stream);
	else
		(void)close(stream->fd);
	stream->fd = -1;
	stream->ops = NULL;
	list_push(&stream->loop->dead, &stream->link);
}
