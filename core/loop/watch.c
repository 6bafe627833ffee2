/* SPDX-License-Identifier: Apache-2.0 */
/* watch.c - descriptors that others own, and signals. */
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "loop/inside.h"

struct aicx_watch {
	struct event event;
	struct loop *loop;
	aicx_watch_fn *fn;
	void *arg;
	int fd;
	uint32_t events; /* 0: not watched at present */
};

static void
on_ready(evutil_socket_t fd, short what, void *arg)
{
	struct aicx_watch *watch = arg;
	uint32_t events = 0;

	(void)fd;
	if (what & EV_READ)
		events |= AICX_READABLE;
	if (what & EV_WRITE)
		events |= AICX_WRITABLE;
	watch->fn(events, watch->arg);
}

static bool
watch_start(struct aicx_watch *watch, uint32_t events)
{
	short what = EV_PERSIST;

	if (events & AICX_READABLE)
		what |= EV_READ;
	if (events & AICX_WRITABLE)
		what |= EV_WRITE;
	(void)event_assign(
	    &watch->event, watch->loop->base, watch->fd, what, on_ready, watch);
	if (what != EV_PERSIST && event_add(&watch->event, NULL) != 0)
		return false;
	watch->events = events;
	return true;
}

struct aicx_watch *
loop_watch_new(
    struct loop *loop, int fd, uint32_t events, aicx_watch_fn *fn, void *arg)
{
	struct aicx_watch *watch = MEM_NEW(struct aicx_watch);

	watch->loop = loop;
	watch->fn = fn;
	watch->arg = arg;
	watch->fd = fd;
	if (fd < 0 || !watch_start(watch, events)) {
		free(watch);
		return NULL;
	}
	return watch;
}

void
loop_watch_set(struct aicx_watch *watch, uint32_t events)
{
	if (events == watch->events)
		return;
	(void)event_del(&watch->event);
	watch->events = 0;
	(void)watch_start(watch, events);
}

void
loop_watch_free(struct aicx_watch *watch)
{
	if (watch == NULL)
		return;
	(void)event_del(&watch->event);
	free(watch);
}

struct loop_signal {
	struct event event;
	aicx_task_fn *fn;
	void *arg;
};

static void
on_signal(evutil_socket_t signo, short what, void *arg)
{
	struct loop_signal *signal = arg;

	(void)signo;
	(void)what;
	signal->fn(signal->arg);
}

struct loop_signal *
loop_signal_new(struct loop *loop, int signo, aicx_task_fn *fn, void *arg)
{
	struct loop_signal *signal = MEM_NEW(struct loop_signal);

	signal->fn = fn;
	signal->arg = arg;
	(void)event_assign(&signal->event, loop->base, signo,
	    EV_SIGNAL | EV_PERSIST, on_signal, signal);
	ENSURE(event_add(&signal->event, NULL) == 0);
	return signal;
}

void
loop_signal_free(struct loop_signal *signal)
{
	if (signal == NULL)
		return;
	(void)event_del(&signal->event);
	free(signal);
}
