/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loop.h - the one thread that owns all state, and what serves it: timers,
 * descriptors, streams, tasks from other threads, a small pool for work that
 * blocks or computes long, clocks and chance.
 *
 * libevent is named in this folder only; a simulator replaces the folder.
 * Everything not marked [any thread] is for the loop thread.
 */
#ifndef LOOP_LOOP_H
#define LOOP_LOOP_H

#include "loop/tls.h"

#include <aiconexus/host.h>
#include <stdbool.h>

struct loop;

enum {
	LOOP_POSTS_MAX = 1 << 20, /* tasks posted and not yet run */
	LOOP_WORK_MAX = 4096, /* work not yet begun */
	LOOP_STREAM_QUEUE_MAX = 64 << 20, /* unsent bytes of one stream */
	LOOP_ADDRESS_TEXT = 128 /* an address as text, with its NUL */
};

/* n_workers: threads of the pool, started at the first loop_work(); 0: work
   runs on the loop thread. */
struct loop *loop_new(int n_workers);
/* After loop_run(): tasks and work accepted before run to their end while what
   they use is still there; nothing new is taken. */
void loop_finish(struct loop *loop);
/* After all of its things are freed.  Tasks and work accepted before still run,
   here, so that each completes exactly once.  NULL is legal. */
void loop_free(struct loop *loop);
void loop_run(struct loop *loop); /* until loop_stop() */
void loop_stop(struct loop *loop); /* [any thread] */
/* Runs what is ready, waits at most timeout_ms for something; for tests. */
void loop_once(struct loop *loop, int64_t timeout_ms);

/* [any thread] CLOCK_BOOTTIME in ms: never goes back.  On the loop thread it
   stands still within one turn. */
int64_t loop_now_ms(const struct loop *loop);
/* [any thread] Microseconds of CLOCK_MONOTONIC, always read afresh: for
   measuring how long something took. */
int64_t loop_now_us(const struct loop *loop);
/* [any thread] The system's wall clock, ms since 1970; it stands still as the
   other does. */
int64_t loop_wall_ms(const struct loop *loop);
/* [any thread] From the system; buffered, so that ids are cheap. */
void loop_random(struct loop *loop, void *ret_bytes, size_t n_bytes);

/* [any thread] In post order; AICX_EAGAIN after loop_stop(), AICX_ELIMIT when
   LOOP_POSTS_MAX tasks wait. */
aicx_err loop_post(struct loop *loop, aicx_task_fn *fn, void *arg);
/* work(arg) on the pool, then done(arg) here.  AICX_ELIMIT when LOOP_WORK_MAX
   wait, AICX_EAGAIN when the system gives no thread. */
aicx_err loop_work(
    struct loop *loop, aicx_task_fn *work, aicx_task_fn *done, void *arg);
/* A thread of its own for what blocks all its life: fn(arg), without signals.
   NULL when the system gives none; the caller must do without. */
struct loop_thread *loop_thread_new(
    const char *name, aicx_task_fn *fn, void *arg);
void loop_thread_join(struct loop_thread *thread); /* NULL is legal */

/* fn runs once at the end of this turn of the loop, after all that was ready
   and before streams are written; `node` (fn and arg set, the rest zero)
   belongs to the caller and is not queued twice. */
struct loop_late {
	aicx_task_fn *fn;
	void *arg;
	struct loop_late *next, *prev;
	bool queued;
};
void loop_late(struct loop *loop, struct loop_late *node);
void loop_late_cancel(struct loop *loop, struct loop_late *node);

/* One-shot; fires at or after its time, never before; equal times in the order
   of the calls.  Freeing it is legal in its own callback. */
struct aicx_timer *loop_timer_new(
    struct loop *loop, aicx_task_fn *fn, void *arg);
void loop_timer_set(struct aicx_timer *timer, int64_t delay_ms); /* <0: off */
void loop_timer_free(struct aicx_timer *timer); /* NULL is legal */

/* NULL when the descriptor cannot be watched (closed, or a regular file). */
struct aicx_watch *loop_watch_new(
    struct loop *loop, int fd, uint32_t events, aicx_watch_fn *fn, void *arg);
void loop_watch_set(struct aicx_watch *watch, uint32_t events);
void loop_watch_free(struct aicx_watch *watch);

/* fn(arg) on each arrival of the signal, on the loop thread. */
struct loop_signal *loop_signal_new(
    struct loop *loop, int signo, aicx_task_fn *fn, void *arg);
void loop_signal_free(struct loop_signal *signal);

/*
 * Streams: the semantics of host.h; TCP with TCP_NODELAY, and unix sockets.
 * Addresses are numeric ("127.0.0.1:8700", "[::1]:0", "unix:/path"), besides
 * "localhost" for 127.0.0.1.  Writes are gathered and leave with one send(2) at
 * the end of the turn.  Callbacks come from the loop only, never from inside
 * one of these calls, and may close any stream, their own too.  `ops` outlives
 * the stream.
 */
/* How to listen; all of it is copied. */
struct loop_listen {
	unsigned mode; /* of a unix socket's file; 0: 0660 */
	const struct tls_server *tls; /* NULL: plain */
	/* Connections from these (subnet.h) begin with a PROXY header; NULL:
	   none do. */
	const char *proxies;
};

/* A unix socket that nobody listens on is replaced. */
aicx_err loop_listen(struct loop *loop, const char *address,
    aicx_accept_fn *on_accept, void *arg, struct aicx_listener **ret_listener,
    struct aicx_error *reterr);
aicx_err loop_listen_as(struct loop *loop, const char *address,
    const struct loop_listen *how, aicx_accept_fn *on_accept, void *arg,
    struct aicx_listener **ret_listener, struct aicx_error *reterr);
const char *loop_listener_address(const struct aicx_listener *listener);
void loop_listener_close(struct aicx_listener *listener);
/* Reads certificates and keys of all listeners anew; connections keep what they
   have.  When one of them is refused none changes. */
aicx_err loop_tls_reload(
    struct loop *loop, size_t *ret_n_listeners, struct aicx_error *reterr);
/* A client whose handshake or PROXY header was not taken. */
typedef void loop_refused_fn(
    const char *address, const char *reason, void *arg);
void loop_on_refused(struct loop *loop, loop_refused_fn *fn, void *arg);
/* What fails at once is returned, the rest comes as on_end(ERROR).  Writing
   before on_connect is legal. */
aicx_err loop_stream_connect(struct loop *loop, const char *address,
    const struct aicx_stream_ops *ops, void *arg,
    struct aicx_stream **ret_stream, struct aicx_error *reterr);
/* The same over TLS: on_connect comes after the handshake.  The rules outlive
   the call only; name: who must answer, a host's name or its address. */
aicx_err loop_stream_connect_tls(struct loop *loop, const char *address,
    const struct tls_rules *rules, const char *name,
    const struct aicx_stream_ops *ops, void *arg,
    struct aicx_stream **ret_stream, struct aicx_error *reterr);
void loop_stream_attach(
    struct aicx_stream *stream, const struct aicx_stream_ops *ops, void *arg);
/* AICX_EIO after ERROR, AICX_ESTATE after loop_stream_shutdown(), AICX_ELIMIT
   beyond LOOP_STREAM_QUEUE_MAX: then nothing was queued. */
aicx_err loop_stream_write(struct aicx_stream *stream, struct aicx_str bytes);
size_t loop_stream_queued(const struct aicx_stream *stream);
/* Who connected over a unix socket; AICX_ESTATE: none of these, or ended. */
aicx_err loop_stream_peer(
    const struct aicx_stream *stream, struct aicx_stream_peer *ret_peer);
/* Nobody on the way reads along: TLS ends here, or at a trusted proxy that says
   so. */
bool loop_stream_secret(const struct aicx_stream *stream);
/* A trusted proxy named the client's address. */
bool loop_stream_proxied(const struct aicx_stream *stream);
/* SHA-256 of the certificate that the other side showed and we believed. */
bool loop_stream_certificate(
    const struct aicx_stream *stream, uint8_t ret_hash[TLS_HASH_BYTES]);
void loop_stream_pause(struct aicx_stream *stream, bool paused);
void loop_stream_shutdown(struct aicx_stream *stream);
void loop_stream_close(struct aicx_stream *stream);

#endif
