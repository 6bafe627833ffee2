/* SPDX-License-Identifier: Apache-2.0 */
/*
 * worker.h - who does a seller's work: a program that is run for each order, or
 * a server that is asked.
 *
 * The seller keeps session, offers, orders and their limits; a worker knows
 * none of them.  It gets one JSON value and gives one back, or says why not.
 * Several works run at once; nothing here blocks.  One file for each way:
 * worker_program.c, worker_http.c.
 */
#ifndef CLI_WORKER_H
#define CLI_WORKER_H

#include "cli/toolbox.h"
#include "loop/loop.h"

#include <aiconexus/types.h>
#include <stdbool.h>
#include <stdint.h>

struct worker;

/* How a work ended; all of it is borrowed until the callback returns. */
struct work_end {
	bool good;
	struct aicx_str output; /* one JSON value */
	int64_t n_units; /* of output, where the seller counts them */
	/* not good: nothing is paid */
	const char *code; /* "program_failed" */
	struct aicx_str detail; /* UTF-8 or not */
	bool retryable;
};
typedef void work_end_fn(const struct work_end *end, void *arg);

/* One order's work.  What it points to is borrowed until start() returns. */
struct work {
	const char *capability;
	struct aicx_str input; /* one JSON value */
	struct aicx_id execution_id; /* the same when it is tried again */
	int64_t offered_ms; /* wall clock: when it was offered; 0: not known */
	int64_t timeout_ms; /* the worker keeps it, and says "timeout" */
	/* {"progress"?,"total"?,"message"?} on one line; or NULL */
	void (*on_progress)(struct aicx_str progress, void *arg);
	work_end_fn *on_end; /* once, from the loop, unless cancelled */
	void *arg;
};

struct worker_ops {
	/* Once, before the seller registers: what must be there to work at all.
	   It may run the loop while it waits.  NULL: nothing. */
	aicx_err (*open)(struct worker *worker, struct aicx_error *reterr);
	/* An error (its word is the code) means that nothing was started;
	   on_end never comes from inside. */
	aicx_err (*start)(struct worker *worker, const struct work *work,
	    void **ret_run, struct aicx_error *reterr);
	/* Stops a run that did not end; on_end does not come. */
	void (*cancel)(struct worker *worker, void *run);
	/* All its runs have ended or were cancelled; the loop is still there,
	   or there never was one. */
	void (*free)(struct worker *worker);
	/* Both or none: it sells each of these under a name of its own; and
	   what it calls itself. */
	const struct tools *(*tools)(struct worker *worker);
	const char *(*title)(struct worker *worker);
};

/* First member of each kind's own struct. */
struct worker {
	const struct worker_ops *ops;
	struct loop *loop; /* set before open() */
	const char *name; /* for messages: "aspell" */
	const bool *stopping; /* an end is wanted: open() gives up; or NULL */
	/* tools() gives others from now on; or NULL. */
	void (*on_changed)(void *arg);
	void *changed_arg;
};

aicx_err worker_open(
    struct worker *worker, struct loop *loop, struct aicx_error *reterr);
void worker_free(struct worker *worker); /* NULL is legal */

/* A non-empty line is a unit: what a claim counts in text. */
int64_t worker_count_lines(struct aicx_str text);
/* Ends a work that went wrong. */
void work_fail(const struct work *work, const char *code, bool retryable,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* Ends it with text, which becomes a JSON string, or with JSON as it is; with
   code "invalid_output" when it is neither UTF-8 nor JSON. */
void work_deliver_text(
    const struct worker *worker, const struct work *work, struct aicx_str text);
void work_deliver_json(
    const struct worker *worker, const struct work *work, struct aicx_str json);

/* argv[0] is run for each work, with the input on its standard input; ended by
   NULL and borrowed. */
struct worker *worker_program_new(char *const *argv, bool json_output);
/* Each work is POSTed to the URL; "{capability}" in it becomes the name. */
aicx_err worker_http_new(
    const char *url, struct worker **ret, struct aicx_error *reterr);
/* An MCP server that talks over its standard input and output. */
struct worker *worker_mcp_new(const struct toolbox_spec *spec);

#endif
