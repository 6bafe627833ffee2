/* SPDX-License-Identifier: Apache-2.0 */
/*
 * writer.c - the queue between the loop and the store.
 *
 * The loop appends to one lot under the lock, the thread exchanges it for the
 * one it has finished.  The loop rings once a turn, and only when the thread
 * sleeps; the thread posts once for all that the loop has not yet heard of.
 */
#include "broker/writer.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/broken.h"
#include "base/err.h"
#include "base/mem.h"
#include "broker/catalog.h"
#include "loop/loop.h"

const struct writer_limits writer_limits_default = {
	.records_max = 256,
	.bytes_max = 1 << 20,
	.wait_us_max = 1000,
	.threaded = true,
};

enum {
	REPORTS_FIRST = 16,
	COMPANY_MIN = 4 /* steps of a commit: fewer are no load */
};

struct guard {
	char key[WRITER_GUARD_BYTES], value[WRITER_GUARD_BYTES];
	size_t key_len, value_len;
	bool absent;
};

struct guards {
	struct guard items[WRITER_GUARDS_MAX];
	size_t n;
};

struct report {
	uint64_t seq;
	int64_t took_us;
	size_t n_records;
};

/* What a posted task holds on to, for a writer may be freed before it runs. */
struct notice {
	struct writer *writer; /* NULL: freed */
};

struct writer {
	struct loop *loop;
	const struct aicx_store_ops *ops;
	void *store_state;
	struct writer_limits limits;
	writer_durable_fn *on_durable;
	writer_failed_fn *on_failed;
	void *arg;
	struct loop_late late;
	struct notice *notice;
	struct loop_thread *thread; /* NULL: commits run on the loop */
	uint64_t last_seq; /* of the loop, as the next two */
	size_t n_pending;
	bool failure_told;

	pthread_mutex_t mutex; /* of what follows */
	pthread_cond_t wanted, rested;
	struct lot queued;
	struct guards guards;
	struct report *reports; /* from report_at on: not told yet */
	size_t report_at, n_reports, cap_reports;
	struct aicx_error error;
	bool failed;
	bool posted; /* a task of ours waits on the loop */
	bool sleeping; /* the thread, for want of work */
	bool filling; /* the thread, for more to join */
	bool hurried; /* by a flush: do not wait for more */
	bool busy; /* the thread has a lot */
	bool ending;

	/* Of whoever commits. */
	struct lot taken;
	struct guards taken_guards;
	struct aicx_write *writes;
	size_t cap_writes;
	size_t last_records;
};

static void
writer_lock(struct writer *writer)
{
	(void)pthread_mutex_lock(&writer->mutex);
}

static void
writer_unlock(struct writer *writer)
{
	(void)pthread_mutex_unlock(&writer->mutex);
}

/* --- committing: the thread, or the loop without one ---------------------- */

/* Under the lock. */
static void
take_queued(struct writer *writer)
{
	struct lot empty = writer->taken;

	writer->taken = writer->queued;
	writer->queued = empty;
	writer->taken_guards = writer->guards;
}

static aicx_err
commit_slice(struct writer *writer, const struct lot_slice *slice,
    struct aicx_error *reterr)
{
	struct aicx_guard guards[WRITER_GUARDS_MAX];
	const struct guards *taken = &writer->taken_guards;
	const struct aicx_store_ops *ops =
	    slice->flags & STEP_BESIDE ? catalog_ops(writer->ops) : writer->ops;

	for (size_t i = 0; i < taken->n; i++) {
		const struct guard *guard = &taken->items[i];
		guards[i].key =
		    (struct aicx_str) { guard->key, guard->key_len };
		guards[i].value =
		    (struct aicx_str) { guard->absent ? NULL : guard->value,
			    guard->value_len };
	}
	if (slice->n_writes > writer->cap_writes) {
		writer->cap_writes = slice->n_writes * 2;
		writer->writes = mem_grow(writer->writes,
		    writer->cap_writes * sizeof *writer->writes);
	}
	lot_writes(&writer->taken, slice, writer->writes);
	struct aicx_batch batch = {
		.size = sizeof batch,
		.durability =
		    slice->flags & STEP_DURABLE ? AICX_DURABLE : AICX_CACHED,
		.guards = guards,
		.n_guards = taken->n,
		.writes = writer->writes,
		.n_writes = slice->n_writes,
	};
	return ops->commit(writer->store_state, &batch, reterr);
}

/* Under the lock. */
static void
push_report(struct writer *writer, struct report report)
{
	if (writer->report_at > 0 && writer->report_at == writer->n_reports)
		writer->report_at = writer->n_reports = 0;
	if (writer->n_reports == writer->cap_reports) {
		writer->cap_reports = writer->cap_reports
		    ? writer->cap_reports * 2
		    : REPORTS_FIRST;
		writer->reports = mem_grow(writer->reports,
		    writer->cap_reports * sizeof *writer->reports);
	}
	writer->reports[writer->n_reports++] = report;
}

/* Commits one slice and notes how it went; false: it failed. */
static bool
commit_and_note(struct writer *writer, const struct lot_slice *slice)
{
	struct aicx_error error = { .code = AICX_EIO };
	int64_t began_us = loop_now_us(writer->loop);
	aicx_err err = commit_slice(writer, slice, &error);
	struct report report = { writer->taken.steps[slice->to - 1].seq,
		loop_now_us(writer->loop) - began_us, slice->to - slice->from };

	if (broken("go_on_after_error"))
		err = AICX_OK;
	writer->last_records = report.n_records;
	writer_lock(writer);
	if (err == AICX_OK)
		push_report(writer, report);
	else {
		writer->failed = true;
		writer->error = error;
		writer->error.code = err;
	}
	writer_unlock(writer);
	return err == AICX_OK;
}

static void on_notice(void *arg);

/* Has the loop hear of what was noted. */
static void
ring_loop(struct writer *writer)
{
	writer_lock(writer);
	bool ring = !writer->posted;
	writer->posted = true;
	writer_unlock(writer);
	if (!ring ||
	    loop_post(writer->loop, on_notice, writer->notice) == AICX_OK)
		return;
	writer_lock(writer); /* the loop has ended; a flush will tell */
	writer->posted = false;
	writer_unlock(writer);
}

static void
commit_taken(struct writer *writer)
{
	for (size_t at = 0; at < writer->taken.n_steps;) {
		struct lot_slice slice = lot_slice(&writer->taken, at,
		    writer->limits.records_max, writer->limits.bytes_max);
		bool good = commit_and_note(writer, &slice);
		if (writer->limits.threaded)
			ring_loop(writer);
		if (!good)
			break;
		at = slice.to;
	}
	lot_clear(&writer->taken);
}

/* --- the thread ------------------------------------------------------ */

static bool
is_full(const struct writer *writer)
{
	return writer->queued.n_steps >= writer->limits.records_max ||
	    writer->queued.n_bytes >= writer->limits.bytes_max;
}

/* Under the lock.  Who was answered by the commit before may come again: as
   many as then are company enough. */
static bool
is_company(const struct writer *writer)
{
	return is_full(writer) ||
	    writer->queued.n_steps >= writer->last_records;
}

/* Under the lock: under load a short wait makes the next commit larger. */
static void
await_more(struct writer *writer)
{
	int64_t until_us =
	    loop_now_us(writer->loop) + writer->limits.wait_us_max;
	struct timespec until = { until_us / 1000000,
		until_us % 1000000 * 1000 };
	int err = 0;

	if (writer->limits.wait_us_max <= 0 ||
	    writer->last_records < COMPANY_MIN)
		return;
	writer->filling = true;
	while (err == 0 && !is_company(writer) && !writer->hurried &&
	    !writer->ending)
		err = pthread_cond_timedwait(
		    &writer->wanted, &writer->mutex, &until);
	writer->filling = false;
}

/* Under the lock.  false: the writer ends. */
static bool
await_work(struct writer *writer)
{
	while (!writer->ending &&
	    (writer->queued.n_steps == 0 || writer->failed)) {
		writer->sleeping = true;
		(void)pthread_cond_wait(&writer->wanted, &writer->mutex);
		writer->sleeping = false;
	}
	if (!writer->ending)
		await_more(writer);
	return !writer->ending;
}

static void
writer_main(void *arg)
{
	struct writer *writer = arg;

	writer_lock(writer);
	while (await_work(writer)) {
		take_queued(writer);
		writer->busy = true;
		writer_unlock(writer);
		commit_taken(writer);
		writer_lock(writer);
		writer->busy = false;
		(void)pthread_cond_broadcast(&writer->rested);
	}
	writer_unlock(writer);
}

/* --- the loop's side ------------------------------------------------- */

/* One at a time, for a callback may flush and so come here again. */
static bool
next_report(struct writer *writer, struct report *ret_report)
{
	writer_lock(writer);
	bool found = writer->report_at < writer->n_reports;
	if (found)
		*ret_report = writer->reports[writer->report_at++];
	writer_unlock(writer);
	return found;
}

static void
tell_failure(struct writer *writer)
{
	writer_lock(writer);
	bool tell = writer->failed && !writer->failure_told;
	struct aicx_error error = writer->error;
	if (tell)
		lot_fini(&writer->queued);
	writer_unlock(writer);
	if (!tell)
		return;
	writer->failure_told = true;
	writer->n_pending = 0;
	writer->on_failed(&error, writer->arg);
}

static void
tell_all(struct writer *writer)
{
	struct report report;

	while (next_report(writer, &report)) {
		writer->n_pending -= report.n_records;
		writer->on_durable(
		    report.seq, report.took_us, report.n_records, writer->arg);
	}
	tell_failure(writer);
}

static void
on_notice(void *arg)
{
	struct notice *notice = arg;
	struct writer *writer = notice->writer;

	if (writer == NULL) {
		free(notice);
		return;
	}
	writer_lock(writer);
	writer->posted = false;
	writer_unlock(writer);
	tell_all(writer);
}

static void
commit_here(struct writer *writer)
{
	writer_lock(writer);
	bool work = !writer->failed && !writer->busy;
	if (work)
		take_queued(writer);
	writer->busy = writer->busy || work;
	writer_unlock(writer);
	if (!work)
		return;
	commit_taken(writer);
	writer->busy = false;
	tell_all(writer);
}

static void
on_turn_end(void *arg)
{
	struct writer *writer = arg;

	if (!writer->limits.threaded) {
		commit_here(writer);
		return;
	}
	writer_lock(writer);
	bool ring = writer->sleeping || (writer->filling && is_company(writer));
	writer_unlock(writer);
	if (ring)
		(void)pthread_cond_signal(&writer->wanted);
}

struct writer *
writer_new(struct loop *loop, const struct aicx_store_ops *ops,
    void *store_state, const struct writer_limits *limits,
    writer_durable_fn *on_durable, writer_failed_fn *on_failed, void *arg)
{
	struct writer *writer = MEM_NEW(struct writer);
	pthread_condattr_t monotonic;

	writer->loop = loop;
	writer->ops = ops;
	writer->store_state = store_state;
	writer->limits = limits != NULL ? *limits : writer_limits_default;
	writer->on_durable = on_durable;
	writer->on_failed = on_failed;
	writer->arg = arg;
	writer->late = (struct loop_late) { on_turn_end, writer };
	writer->notice = MEM_NEW(struct notice);
	writer->notice->writer = writer;
	ENSURE(pthread_mutex_init(&writer->mutex, NULL) == 0);
	ENSURE(pthread_condattr_init(&monotonic) == 0);
	ENSURE(pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0);
	ENSURE(pthread_cond_init(&writer->wanted, &monotonic) == 0);
	ENSURE(pthread_cond_init(&writer->rested, NULL) == 0);
	(void)pthread_condattr_destroy(&monotonic);
	if (!writer->limits.threaded)
		return writer;
	/* Without a thread to be had, commits are slower and as safe. */
	writer->thread = loop_thread_new("aicx-writer", writer_main, writer);
	writer->limits.threaded = writer->thread != NULL;
	return writer;
}

void
writer_put(struct writer *writer, uint64_t seq, const struct aicx_write *writes,
    size_t n_writes, unsigned flags)
{
	ENSURE(seq >= writer->last_seq);
	if (writer->failure_told)
		return;
	writer->last_seq = seq;
	writer->n_pending++;
	writer_lock(writer);
	if (!writer->failed)
		lot_put(&writer->queued, seq, writes, n_writes, flags);
	writer_unlock(writer);
	loop_late(writer->loop, &writer->late);
}

void
writer_guard(struct writer *writer, struct aicx_str key, struct aicx_str value)
{
	struct guards *guards = &writer->guards;
	size_t i = 0;

	ENSURE(
	    key.len <= WRITER_GUARD_BYTES && value.len <= WRITER_GUARD_BYTES);
	writer_lock(writer);
	while (i < guards->n &&
	    (guards->items[i].key_len != key.len ||
		memcmp(guards->items[i].key, key.ptr, key.len) != 0))
		i++;
	ENSURE(i < WRITER_GUARDS_MAX);
	struct guard *guard = &guards->items[i];
	memcpy(guard->key, key.ptr, key.len);
	guard->key_len = key.len;
	guard->absent = value.ptr == NULL;
	guard->value_len = guard->absent ? 0 : value.len;
	if (guard->value_len > 0)
		memcpy(guard->value, value.ptr, value.len);
	if (i == guards->n)
		guards->n++;
	writer_unlock(writer);
}

size_t
writer_pending(const struct writer *writer)
{
	return writer->n_pending;
}

static void
await_rest(struct writer *writer)
{
	writer_lock(writer);
	writer->hurried = true;
	(void)pthread_cond_signal(&writer->wanted);
	while (writer->busy || (writer->queued.n_steps > 0 && !writer->failed))
		(void)pthread_cond_wait(&writer->rested, &writer->mutex);
	writer->hurried = false;
	writer_unlock(writer);
}

void
writer_flush(struct writer *writer)
{
	/* A callback may put more. */
	do {
		if (writer->limits.threaded)
			await_rest(writer);
		else
			commit_here(writer);
		tell_all(writer);
	} while (writer->n_pending > 0);
}

void
writer_free(struct writer *writer)
{
	if (writer == NULL)
		return;
	writer_lock(writer);
	writer->ending = true;
	(void)pthread_cond_broadcast(&writer->wanted);
	writer_unlock(writer);
	loop_thread_join(writer->thread);
	loop_late_cancel(writer->loop, &writer->late);
	if (writer->posted)
		writer->notice->writer = NULL;
	else
		free(writer->notice);
	lot_fini(&writer->queued);
	lot_fini(&writer->taken);
	free(writer->writes);
	free(writer->reports);
	(void)pthread_cond_destroy(&writer->wanted);
	(void)pthread_cond_destroy(&writer->rested);
	(void)pthread_mutex_destroy(&writer->mutex);
	free(writer);
}
