/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream_tls.c - what a stream does with TLS in between.
 *
 * Handshakes run on the pool, which has the descriptor meanwhile: whoever
 * closes the stream leaves both to the job.  Before one is begun the first
 * bytes are looked at, and only so many run at a time: others wait in the order
 * they came, each for no longer than its owner lets it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "loop/stream_state.h"

enum {
	SHAKES_MAX = 32, /* on the pool at a time */
	FIRST_BYTES = 6, /* enough to see that it is no TLS */
	PATIENCE_MS = 10000 /* for a whole handshake */
};

struct secrecy {
	struct list link; /* in loop->shakes, while it waits */
	struct loop *loop;
	struct aicx_stream *stream; /* NULL: closed while busy */
	struct tls *tls;
	struct aicx_timer *patience; /* while shaking */
	int fd;
	bool busy; /* the pool has it */
	bool begun; /* the first bytes were looked at */
	bool outgoing;
	bool known; /* the other side showed a good certificate: */
	uint8_t peer[TLS_HASH_BYTES];
	enum tls_state state; /* of the last step */
	char address[LOOP_ADDRESS_TEXT];
};

static void
secrecy_free(struct secrecy *secrecy)
{
	loop_timer_free(secrecy->patience);
	tls_free(secrecy->tls);
	(void)close(secrecy->fd);
	free(secrecy);
}

static void
refused(struct secrecy *secrecy, const char *reason)
{
	const struct loop *loop = secrecy->loop;

	if (loop->on_refused != NULL)
		loop->on_refused(
		    secrecy->address, reason, loop->on_refused_arg);
	stream_fail(secrecy->stream);
}

static void
on_impatient(void *arg)
{
	struct secrecy *secrecy = arg;

	list_remove(&secrecy->link);
	if (!secrecy->stream->failed)
		refused(secrecy, "too_slow");
}

void
secrecy_begin(struct aicx_stream *stream, const struct tls_rules *rules,
    const char *name, const char *address)
{
	struct secrecy *secrecy = MEM_NEW(struct secrecy);

	list_init(&secrecy->link);
	secrecy->loop = stream->loop;
	secrecy->stream = stream;
	secrecy->fd = stream->fd;
	secrecy->outgoing = name != NULL;
	secrecy->begun = secrecy->outgoing;
	secrecy->tls = tls_new(rules, stream->fd, name);
	secrecy->patience = loop_timer_new(stream->loop, on_impatient, secrecy);
	loop_timer_set(secrecy->patience, PATIENCE_MS);
	(void)snprintf(
	    secrecy->address, sizeof secrecy->address, "%s", address);
	stream->secrecy = secrecy;
	stream->shaking = true;
}

static void
finish(struct secrecy *secrecy)
{
	struct aicx_stream *stream = secrecy->stream;

	loop_timer_free(secrecy->patience);
	secrecy->patience = NULL;
	secrecy->known = tls_peer(secrecy->tls, secrecy->peer);
	stream->shaking = false;
	stream_ready(stream, secrecy->outgoing);
	if (stream->secrecy != NULL) /* nobody closed it just now */
		secrecy_again(stream);
}

static void shake(struct secrecy *secrecy);

static void
shake_next(struct loop *loop)
{
	struct list *first = loop->shakes.next;

	if (list_empty(&loop->shakes) || loop->n_shakes >= SHAKES_MAX)
		return;
	list_remove(first);
	shake(LIST_ITEM(first, struct secrecy, link));
}

static void
on_shaken(void *arg)
{
	struct secrecy *secrecy = arg;
	struct loop *loop = secrecy->loop;

	secrecy->busy = false;
	loop->n_shakes--;
	if (secrecy->stream == NULL)
		secrecy_free(secrecy);
	else if (secrecy->stream->failed)
		; /* it took too long; its owner knows */
	else if (secrecy->state == TLS_DONE)
		finish(secrecy);
	else if (secrecy->state == TLS_WANTS_READ)
		stream_arm(secrecy->stream);
	else if (secrecy->state == TLS_WANTS_WRITE)
		stream_await_writable(secrecy->stream);
	else
		refused(secrecy, tls_reason(secrecy->tls));
	shake_next(loop);
}

static void
do_shake(void *arg)
{
	struct secrecy *secrecy = arg;

	secrecy->state = tls_handshake(secrecy->tls);
}

static void
shake(struct secrecy *secrecy)
{
	struct loop *loop = secrecy->loop;

	secrecy->busy = true;
	loop->n_shakes++;
	if (loop_work(loop, do_shake, on_shaken, secrecy) == AICX_OK)
		return;
	secrecy->busy = false;
	loop->n_shakes--;
	refused(secrecy, "too_many");
}

/* What costs nothing comes first. */
static bool
begins_well(struct secrecy *secrecy)
{
	char first[FIRST_BYTES];
	ssize_t n = recv(secrecy->fd, first, sizeof first, MSG_PEEK);

	secrecy->begun = true;
	return n <= 0 ||
	    tls_looks_right((struct aicx_str) { first, (size_t)n });
}

bool
secrecy_is_busy(const struct aicx_stream *stream)
{
	const struct secrecy *secrecy = stream->secrecy;

	return secrecy->busy || !list_empty(&secrecy->link);
}

void
secrecy_shake(struct aicx_stream *stream)
{
	struct secrecy *secrecy = stream->secrecy;
	struct loop *loop = stream->loop;

	stream_disarm(stream);
	if (!secrecy->begun && !begins_well(secrecy))
		refused(secrecy, "no_tls");
	else if (loop->n_shakes >= SHAKES_MAX)
		list_push(&loop->shakes, &secrecy->link);
	else
		shake(secrecy);
}

ssize_t
secrecy_recv(struct aicx_stream *stream, char *buf, size_t n_bytes)
{
	struct tls *tls = stream->secrecy->tls;
	enum tls_state state = TLS_DONE;
	size_t len = 0, n;

	/* A record holds 16 KiB: as many as there is room for. */
	do {
		state = tls_read(tls, buf + len, n_bytes - len, &n);
		if (state == TLS_DONE)
			len += n;
	} while (state == TLS_DONE && len < n_bytes && tls_has_more(tls));
	if (len > 0) {
		/* How it ended, if it did, is seen by the next look. */
		if (state != TLS_WANTS_READ && state != TLS_DONE)
			event_active(&stream->readable, EV_READ, 0);
		else
			secrecy_again(stream);
		return (ssize_t)len;
	}
	errno = state == TLS_FAILED ? EPROTO : EAGAIN;
	return state == TLS_ENDED ? 0 : -1;
}

ssize_t
secrecy_send(struct aicx_stream *stream, struct aicx_str bytes)
{
	struct tls *tls = stream->secrecy->tls;
	size_t sent = 0, n;

	while (sent < bytes.len) {
		enum tls_state state = tls_write(tls,
		    (struct aicx_str) { bytes.ptr + sent, bytes.len - sent },
		    &n);
		if (state == TLS_DONE)
			sent += n;
		else if (sent > 0)
			break;
		else {
			errno = state == TLS_FAILED ? EPROTO : EAGAIN;
			return -1;
		}
	}
	return (ssize_t)sent;
}

void
secrecy_again(struct aicx_stream *stream)
{
	if (stream->armed && !stream->shaking &&
	    tls_has_more(stream->secrecy->tls))
		event_active(&stream->readable, EV_READ, 0);
}

bool
secrecy_shut(struct aicx_stream *stream)
{
	return tls_shut(stream->secrecy->tls) != TLS_WANTS_WRITE;
}

void
secrecy_close(struct aicx_stream *stream)
{
	struct secrecy *secrecy = stream->secrecy;

	list_remove(&secrecy->link);
	stream->secrecy = NULL;
	loop_timer_free(secrecy->patience);
	secrecy->patience = NULL;
	if (secrecy->busy) {
		(void)shutdown(secrecy->fd, SHUT_RDWR);
		secrecy->stream = NULL;
		return;
	}
	if (!stream->shaking && !stream->failed && !stream->shut)
		(void)tls_shut(secrecy->tls);
	secrecy_free(secrecy);
}

bool
loop_stream_proxied(const struct aicx_stream *stream)
{
	return stream->proxied;
}

bool
loop_stream_secret(const struct aicx_stream *stream)
{
	return stream->secrecy != NULL ? !stream->shaking : stream->proxied_tls;
}

bool
loop_stream_certificate(
    const struct aicx_stream *stream, uint8_t ret_hash[TLS_HASH_BYTES])
{
	if (stream->secrecy == NULL || !stream->secrecy->known)
		return false;
	memcpy(ret_hash, stream->secrecy->peer, TLS_HASH_BYTES);
	return true;
}

void
loop_on_refused(struct loop *loop, loop_refused_fn *fn, void *arg)
{
	loop->on_refused = fn;
	loop->on_refused_arg = arg;
}
