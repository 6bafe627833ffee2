/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loop_sim.c - stands before core/loop at link time (ld --wrap): the end of a
 * turn, where the writer commits, and the pool's answers come when the run
 * wants them.
 *
 * There are no threads, so the writer commits at the end of a turn; that turn
 * ends late where a sync is slow, and what is queued meanwhile is on no disk.
 */
#include "loop_sim.h"

#include "base/mem.h"
#include "loop/loop.h"

#include <stdlib.h>

struct job {
	struct list node;
	struct sim *sim;
	struct event *event;
	aicx_task_fn *work, *done;
	void *arg;
};

struct late {
	struct list node;
	struct event *event;
	struct loop_late *what;
};

struct loop *
sim_loop(struct sim *sim)
{
	return (struct loop *)(void *)sim;
}

static struct sim *
sim_of(const struct loop *loop)
{
	return (struct sim *)(void *)(uintptr_t)loop;
}

/* --- what the linker puts in the place of core/loop ------------------ */

int64_t __wrap_loop_now_us(const struct loop *loop);
int64_t
__wrap_loop_now_us(const struct loop *loop)
{
	return sim_of(loop)->now_ms * 1000;
}

aicx_err __wrap_loop_post(struct loop *loop, aicx_task_fn *fn, void *arg);
aicx_err
__wrap_loop_post(struct loop *loop, aicx_task_fn *fn, void *arg)
{
	(void)sim_at(sim_of(loop), 0, "post", fn, arg);
	return AICX_OK;
}

struct loop_thread *__wrap_loop_thread_new(
    const char *name, aicx_task_fn *fn, void *arg);
struct loop_thread *
__wrap_loop_thread_new(const char *name, aicx_task_fn *fn, void *arg)
{
	(void)name;
	(void)fn;
	(void)arg;
	return NULL; /* the writer does without */
}

void __wrap_loop_thread_join(struct loop_thread *thread);
void
__wrap_loop_thread_join(struct loop_thread *thread)
{
	(void)thread;
}

static void
on_late(void *arg)
{
	struct late *late = arg;
	struct loop_late *what = late->what;

	list_remove(&late->node);
	free(late);
	what->queued = false;
	what->fn(what->arg);
}

void __wrap_loop_late(struct loop *loop, struct loop_late *what);
void
__wrap_loop_late(struct loop *loop, struct loop_late *what)
{
	struct sim *sim = sim_of(loop);
	int64_t sync_ms = chance_between(&sim->fault_chance, 0, 2);

	if (what->queued)
		return;
	if (chance_hit(&sim->fault_chance, sim->faults.ppm[FAULT_SLOW_SYNC])) {
		mark(fault_names[FAULT_SLOW_SYNC]);
		sync_ms += chance_between(&sim->fault_chance, 5, 900);
	}
	struct late *late = MEM_NEW(struct late);
	what->queued = true;
	late->what = what;
	list_push(&sim->lates, &late->node);
	late->event = sim_at(sim, sync_ms, "sync", on_late, late);
}

static void
late_drop(struct late *late)
{
	late->what->queued = false;
	sim_cancel(late->event);
	list_remove(&late->node);
	free(late);
}

void __wrap_loop_late_cancel(struct loop *loop, struct loop_late *what);
void
__wrap_loop_late_cancel(struct loop *loop, struct loop_late *what)
{
	LIST_EACH (node, &sim_of(loop)->lates) {
		struct late *late = LIST_ITEM(node, struct late, node);
		if (late->what == what)
			late_drop(late);
	}
}

void
sim_lates_end(struct sim *sim)
{
	LIST_EACH (node, &sim->lates)
		late_drop(LIST_ITEM(node, struct late, node));
}

/* --- ports ---------------------------------------------------------------- */

static int64_t
port_now_ms(void *arg)
{
	return ((struct sim *)arg)->now_ms;
}

static int64_t
port_now_us(void *arg)
{
	return ((struct sim *)arg)->now_ms * 1000;
}

static int64_t
port_wall_ms(void *arg)
{
	const struct sim *sim = arg;

	return sim_world_ms(sim) + sim->skew_ms;
}

static void
port_random(void *arg, void *ret_bytes, size_t n_bytes)
{
	chance_bytes(&((struct sim *)arg)->broker_chance, ret_bytes, n_bytes);
}

static void
job_run(struct job *job)
{
	list_remove(&job->node);
	job->work(job->arg);
	job->done(job->arg);
	free(job);
}

static void
on_job(void *arg)
{
	job_run(arg);
}

/* In the order that chance wants. */
static aicx_err
port_work(void *arg, aicx_task_fn *work, aicx_task_fn *done, void *work_arg)
{
	struct sim *sim = arg;
	struct job *job = MEM_NEW(struct job);

	*job = (struct job) {
		.sim = sim, .work = work, .done = done, .arg = work_arg
	};
	list_push(&sim->jobs, &job->node);
	job->event = sim_at(
	    sim, chance_between(&sim->fault_chance, 0, 3), "job", on_job, job);
	return AICX_OK;
}

void
sim_jobs_end(struct sim *sim)
{
	while (!list_empty(&sim->jobs)) {
		struct job *job = LIST_ITEM(sim->jobs.next, struct job, node);
		sim_cancel(job->event);
		job_run(job);
	}
}

static void
on_wake(void *arg)
{
	struct sim *sim = arg;

	sim->wake = NULL;
	broker_tick(sim->broker);
}

static void
port_wake(void *arg, int64_t delay_ms)
{
	struct sim *sim = arg;

	if (sim->wake != NULL)
		sim_cancel(sim->wake);
	sim->wake = sim_at(sim, delay_ms, "tick", on_wake, sim);
}

static void
port_failed(void *arg)
{
	((struct sim *)arg)->crash_wished = true;
}

struct broker_ports
sim_ports(struct sim *sim)
{
	return (struct broker_ports) {
		.now_ms = port_now_ms,
		.now_us = port_now_us,
		.wall_ms = port_wall_ms,
		.random = port_random,
		.work = port_work,
		.wake = port_wake,
		.failed = port_failed,
		.arg = sim,
	};
}
