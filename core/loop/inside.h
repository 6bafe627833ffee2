/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inside.h - what the files of this folder share; nobody else includes it.
 *
 * Everything is of the loop thread but struct posts, struct chance and struct
 * pool, which have locks of their own.
 */
#ifndef LOOP_INSIDE_H
#define LOOP_INSIDE_H

#include "base/list.h"
#include "loop/loop.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/un.h>

enum {
	STREAM_READ_BYTES = 64 << 10, /* most that one on_data brings */
	OUT_BLOCK_BYTES = 4 << 10, /* least that a stream's output takes */
	OUT_KEEP_BYTES = 128 << 10, /* a larger block goes back to the heap */
	OUT_SPARE_MAX = 64, /* blocks kept for the next writer, */
	OUT_SPARE_BYTES = 1 << 20, /* together no more than this */
	CHANCE_BYTES = 1024 /* asked of the system at once */
};

/* --- bytes that wait to be sent (out.c) --------------------------------- */

struct out {
	char *ptr; /* NULL: nothing waits */
	uint32_t off, len, cap; /* off: what was sent already */
};

/* Blocks given back, of any size up to OUT_KEEP_BYTES; the last is the
   warmest. */
struct out_spare {
	struct {
		char *ptr;
		uint32_t cap;
	} blocks[OUT_SPARE_MAX];
	int n;
	size_t n_bytes; /* at most OUT_SPARE_BYTES */
};

void out_put(struct out *out, struct out_spare *spare, struct aicx_str bytes);
/* n_bytes were sent; an empty out owns no memory. */
void out_drop(struct out *out, struct out_spare *spare, size_t n_bytes);
void out_fini(struct out *out, struct out_spare *spare);
void out_spare_fini(struct out_spare *spare);

/* --- tasks from other threads (post.c) ---------------------------------- */

struct task {
	aicx_task_fn *fn;
	void *arg;
};

struct tasks {
	struct task *items;
	size_t n, cap;
};

struct posts {
	pthread_mutex_t mutex;
	struct tasks waiting; /* under the mutex, as are the two flags */
	bool woken; /* the eventfd was written since the last look */
	bool stopped;
	struct tasks running; /* of the loop thread */
	int fd; /* an eventfd, watched edge-triggered and so never read */
	struct event *event;
};

void posts_init(struct posts *posts, struct event_base *base);
void posts_fini(struct posts *posts);
/* [any thread] `always`: also after the stop and beyond the limit, for work
   that was accepted before and has limits of its own. */
aicx_err posts_put(
    struct posts *posts, aicx_task_fn *fn, void *arg, bool always);
void posts_stop(struct posts *posts); /* [any thread] */
bool posts_run(struct posts *posts); /* false: there was nothing */

/* --- timers (timer.c) --------------------------------------------------- */

struct timer_slot {
	int64_t at_ms; /* at or before the timer's own deadline */
	uint64_t seq;
	struct aicx_timer *timer;
};

struct timers {
	struct timer_slot *heap; /* the least (at_ms, seq) first */
	size_t n, cap;
	uint64_t seq;
	int64_t armed_ms; /* what fd is set to; INT64_MAX: off */
	int fd; /* a timerfd on CLOCK_BOOTTIME, never read either */
	struct event *event;
};

void timers_init(struct loop *loop);
void timers_fini(struct timers *timers);

/* --- the rest ------------------------------------------------------------- */

struct chance {
	pthread_mutex_t mutex;
	size_t left;
	uint8_t bytes[CHANCE_BYTES];
};

void chance_init(struct chance *chance);
void chance_fini(struct chance *chance);

struct pool;
struct pool *pool_new(struct posts *posts, int n_workers);
/* Refuses more, works off what was accepted; the tasks are posted. */
void pool_end(struct pool *pool);
void pool_free(struct pool *pool);
aicx_err pool_work(
    struct pool *pool, aicx_task_fn *work, aicx_task_fn *done, void *arg);

/* One reading serves a turn. */
struct turn_clock {
	int64_t now_ms, wall_ms; /* 0: not read yet */
	bool in_turn;
};

struct fetcher;

struct loop {
	struct event_base *base;
	_Atomic(pthread_t) thread; /* whose loop it is */
	atomic_bool stopping;
	struct turn_clock *clock;
	struct loop_late late; /* head of a ring */
	struct list dirty; /* streams with something to send */
	struct list dead; /* closed in this turn; link is their first member */
	struct timers timers;
	struct posts posts;
	struct chance chance;
	struct pool *pool;
	struct out_spare spare;
	struct aicx_timer *patience; /* of loop_once() */
	struct list shakes; /* handshakes that wait for the pool */
	int n_shakes; /* that it has */
	struct list doors; /* listeners with TLS */
	loop_refused_fn *on_refused; /* or NULL */
	void *on_refused_arg;
	char *read_buf; /* STREAM_READ_BYTES, shared by all streams */
	struct fetcher *fetcher; /* of the first loop_fetch(), or NULL */
	/* A pointer: who never fetches links no fetch.c. */
	void (*fetcher_free)(struct fetcher *fetcher);
	bool fetch_keeps; /* loop_fetch_keep() */
};

int64_t clock_boot_ms(void); /* [any thread] */
/* Sends what the streams of the loop have queued. */
void streams_flush(struct loop *loop);
/* A stream around a connected socket, which it owns. */
struct aicx_stream *stream_new(struct loop *loop, int fd);
/* Closes it when nobody attached to it, or closed it, after all. */
void stream_drop_unclaimed(struct aicx_stream *stream);

/* --- sockets (address.c, socket.c) ------------------------------------- */

struct address {
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
		struct sockaddr_un local;
	} sock;
	socklen_t len;
};

aicx_err address_parse(
    const char *text, struct address *ret_address, struct aicx_error *reterr);
/* At most LOOP_ADDRESS_TEXT bytes with the NUL. */
void address_print(const struct address *address, char *ret_text);

enum { LOCAL_MODE = 0660 }; /* who may connect to a unix socket */
/* Sockets come non-blocking and close-on-exec; errors name `text`. */
aicx_err socket_listen(const struct address *address, unsigned mode,
    const char *text, int *ret_fd, struct aicx_error *reterr);
/* The connection may still be in progress. */
aicx_err socket_connect(const struct address *address, const char *text,
    int *ret_fd, struct aicx_error *reterr);

#endif
