/* SPDX-License-Identifier: Apache-2.0 */
/*
 * job.h - one errand to somebody's agent: what it needs, what it asks over
 * HTTP, how it ends.  After one of the ends the job is gone: return at once.
 */
#ifndef JOB_H
#define JOB_H

#include "events.h"
#include "gateway.h"
#include "pass.h"
#include "their_task.h"

struct job {
	struct job *next;
	struct gateway *gateway;
	struct aicx_errand *errand; /* NULL: nobody waits any more */
	struct bytes url; /* of the card */
	char execution[40], skill[260];
	char task[THEIR_TASK_MAX + 1]; /* once it is known */
	char trace[56]; /* traceparent, or "" */
	struct pass pass; /* for the origin of the card alone */
	json_t *input; /* NULL: it is only described */
	json_t *card; /* once it is known */
	struct their_door door;
	struct aicx_fetch *fetch; /* under way */
	struct aicx_timer *timer;
	int64_t wait_ms, deadline_ms;
	bool sent; /* the agent may work */
	bool asked; /* the buyer, for it */
	bool lives; /* the answer is a stream of events */
	struct events events; /* of it, */
	struct bytes text; /* or the whole answer */
};

struct job *job_new(
    struct gateway *gateway, struct aicx_errand *errand, struct aicx_str url);
void job_free(struct job *job);

/* --- ends ---------------------------------------------------------------- */

void job_done(struct job *job, const json_t *output);
void job_fail(struct job *job, aicx_err err, const char *code,
    const char *detail, bool retryable);
/* The request brought no answer. */
void job_fail_by(struct job *job, const struct aicx_http_outcome *outcome);
/* The same two, while the job lives on without its errand. */
void job_tell_failed(struct job *job, aicx_err err, const char *code,
    const char *detail, bool retryable);

/* --- asking ----------------------------------------------------------------
 */

struct job_ask {
	const char *url, *etag; /* etag: If-None-Match, or NULL */
	json_t *body; /* taken; NULL: a GET */
	aicx_http_done_fn *done;
	aicx_http_part_fn *part; /* or NULL */
	int64_t timeout_ms, max;
};

/* The URL has the origin of the card. */
bool job_is_home(const struct job *job, const char *url);
/* false: it could not be asked, and the job is gone. */
bool job_ask(struct job *job, const struct job_ask *ask);
/* A method in the binding of the job's door; path for HTTP+JSON, whose GETs
   have no params.  Takes params. */
bool job_call(struct job *job, const char *method, const char *path,
    json_t *params, aicx_http_done_fn *done, aicx_http_part_fn *part);
/* Whether a later try may do better. */
bool job_may_retry(uint16_t status);

/* --- the task ---------------------------------------------------------------
 */

/* Kept over a restart; "": none. */
void job_keep_task(struct job *job, const char *task);
void job_find_task(struct job *job);
/* "/tasks/<id><end>" */
void job_task_path(const struct job *job, const char *end, struct bytes *out);

#endif
