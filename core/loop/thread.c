/* SPDX-License-Identifier: Apache-2.0 */
/* thread.c - threads that take signals from nobody, so those reach the loop. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "loop/inside.h"

struct loop_thread {
	pthread_t id;
	aicx_task_fn *fn;
	void *arg;
};

static void *
thread_main(void *arg)
{
	struct loop_thread *thread = arg;

	thread->fn(thread->arg);
	return NULL;
}

static void
thread_name(struct loop_thread *thread, const char *name)
{
	char cut[16]; /* what the system keeps, with its NUL */

	(void)snprintf(cut, sizeof cut, "%s", name);
	(void)pthread_setname_np(thread->id, cut);
}

struct loop_thread *
loop_thread_new(const char *name, aicx_task_fn *fn, void *arg)
{
	struct loop_thread *thread = MEM_NEW(struct loop_thread);
	sigset_t all, old;

	thread->fn = fn;
	thread->arg = arg;
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	int err = pthread_create(&thread->id, NULL, thread_main, thread);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (err != 0) {
		free(thread);
		return NULL;
	}
	thread_name(thread, name);
	return thread;
}

void
loop_thread_join(struct loop_thread *thread)
{
	if (thread == NULL)
		return;
	(void)pthread_join(thread->id, NULL);
	free(thread);
}
