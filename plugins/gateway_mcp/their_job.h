/* SPDX-License-Identifier: Apache-2.0 */
/* their_job.h - an errand at somebody's MCP server: what it needs, how far it
   is, and its one end. */
#ifndef THEIR_JOB_H
#define THEIR_JOB_H

#include "their_server.h"

enum step { STEP_DISCOVER, STEP_GREET, STEP_NOTE, STEP_LIST, STEP_CALL };

struct their_job {
	struct their_job *next, **prev;
	struct mcp *mcp;
	struct aicx_errand *errand;
	struct their_server *server;
	enum step step;
	struct their_post *post;
	int64_t until_ms; /* of now_ms() */
	bool described; /* a description was asked for, not work */
	bool again; /* its session was lost once */
	int n_pages;
	struct their_tools fresh;
	struct bytes cursor; /* of the next page, as written */
	/* of work */
	struct bytes tool, input, input_schema, output_schema, key, trace;
	bool has_output_schema;
};

/* NULL: the errand has ended. */
struct their_job *job_new(struct mcp *mcp, struct aicx_errand *errand,
    struct aicx_str url, int64_t timeout_ms);
/* Nobody is told. */
void job_free(struct their_job *job);
/* The server is told that nobody waits for the call, where it is not seen. */
void job_tell_cancelled(const struct their_job *job);

/* Each ends the errand, and the job is gone. */
void job_done(struct their_job *job, struct bytes *output);
void job_fail(struct their_job *job, aicx_err err, const char *code,
    const char *detail, bool retryable);
/* No answer came. */
void job_fail_by(struct their_job *job, const struct their_answer *answer);
/* One that is neither a result nor what the step expects instead. */
void job_refused(struct their_job *job, const struct their_answer *answer);

/* Asks what comes next, from the step it is at (their_work.c). */
void job_go(struct their_job *job);
/* Goes by what came back (their_step.c); the job is arg. */
void job_on_answer(const struct their_answer *answer, void *arg);
void job_on_note(const struct rpc *rpc, void *arg);

#endif
