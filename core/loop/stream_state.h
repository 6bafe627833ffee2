/* SPDX-License-Identifier: Apache-2.0 */
/* stream_state.h - a stream, for stream.c and stream_tls.c alone. */
#ifndef LOOP_STREAM_STATE_H
#define LOOP_STREAM_STATE_H

#include "loop/inside.h"
#include "loop/tls.h"

struct secrecy;

struct aicx_stream {
	struct list link; /* first; in loop->dirty, or in loop->dead */
	struct loop *loop;
	const struct aicx_stream_ops *ops; /* NULL: nobody attached */
	void *arg;
	struct event readable;
	struct event *writable; /* NULL: not waited for */
	struct out out;
	struct secrecy *secrecy; /* TLS; NULL: plain */
	int fd; /* -1: closed */
	bool armed; /* readable is added */
	bool paused;
	bool connecting;
	bool ended; /* no more comes in */
	bool failed;
	bool shut; /* no more is taken */
	bool shaking; /* hands, before the first byte */
	bool proxied, proxied_tls; /* as the proxy in front says */
};

/* --- what stream.c does for stream_tls.c --- */

void stream_arm(struct aicx_stream *stream);
void stream_disarm(struct aicx_stream *stream);
void stream_await_writable(struct aicx_stream *stream);
void stream_fail(struct aicx_stream *stream);
/* The connection stands: bytes may pass; tell: on_connect() is called. */
void stream_ready(struct aicx_stream *stream, bool tell);

/* --- what stream_tls.c does for stream.c --- */

/* It shakes hands from the next attach, or connect, on.  name: of tls_new();
   address: whom to blame. */
void secrecy_begin(struct aicx_stream *stream, const struct tls_rules *rules,
    const char *name, const char *address);
/* A step of the handshake runs, or waits to: nobody else may touch it. */
bool secrecy_is_busy(const struct aicx_stream *stream);
/* Ready for a step of the handshake, while shaking. */
void secrecy_shake(struct aicx_stream *stream);
/* recv(2) and send(2) of a stream with TLS. */
ssize_t secrecy_recv(struct aicx_stream *stream, char *buf, size_t n_bytes);
ssize_t secrecy_send(struct aicx_stream *stream, struct aicx_str bytes);
/* Bytes wait although the descriptor has none: the event is made again. */
void secrecy_again(struct aicx_stream *stream);
/* The end of ours is told; false: later. */
bool secrecy_shut(struct aicx_stream *stream);
/* Also closes the descriptor, now or when nobody uses it any more. */
void secrecy_close(struct aicx_stream *stream);

#endif
