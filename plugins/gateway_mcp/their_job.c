/* SPDX-License-Identifier: Apache-2.0 */
/* their_job.c - an errand at somebody's MCP server, and its one end. */
#include "their_job.h"

#include <stdio.h>
#include <stdlib.h>

/* --- its begin ---------------------------------------------------------- */

static void
give_up(struct mcp *mcp, struct aicx_errand *errand)
{
	const struct aicx_errand_result result = {
		.size = sizeof result,
		.err = AICX_ENOMEM,
		.code = TEXT("unavailable"),
		.detail = TEXT("too many servers are asked, or no memory"),
		.retryable = 1,
	};

	mcp->host->errand_done(errand, &result);
}

struct their_job *
job_new(struct mcp *mcp, struct aicx_errand *errand, struct aicx_str url,
    int64_t timeout_ms)
{
	struct pass pass;
	struct their_server *server;
	struct their_job *job;

	pass_take(&pass, mcp->host, errand);
	server = their_server_need(mcp, url, &pass);
	pass_wipe(&pass);
	job = server != NULL ? calloc(1, sizeof *job) : NULL;

	if (job == NULL) {
		give_up(mcp, errand);
		return NULL;
	}
	job->mcp = mcp;
	job->errand = errand;
	job->server = server;
	server->n_jobs++;
	job->until_ms = mcp->host->now_ms(mcp->self) +
	    (timeout_ms < mcp->settings->timeout ? timeout_ms
						 : mcp->settings->timeout);
	job->next = mcp->jobs;
	job->prev = &mcp->jobs;
	if (job->next != NULL)
		job->next->prev = &job->next;
	mcp->jobs = job;
	return job;
}

/* --- ends ------------------------------------------------------------- */

void
job_free(struct their_job *job)
{
	their_post_free(job->post);
	*job->prev = job->next;
	if (job->next != NULL)
		job->next->prev = job->prev;
	job->server->n_jobs--;
	their_tools_fini(&job->fresh);
	bytes_fini(&job->cursor);
	bytes_fini(&job->tool);
	bytes_fini(&job->input);
	bytes_fini(&job->input_schema);
	bytes_fini(&job->output_schema);
	bytes_fini(&job->key);
	bytes_fini(&job->trace);
	free(job);
}

static void
job_end(struct their_job *job, const struct aicx_errand_result *result)
{
	const struct aicx_host *host = job->mcp->host;
	struct aicx_errand *errand = job->errand;

	job_free(job);
	host->errand_done(errand, result);
}

void
job_fail(struct their_job *job, aicx_err err, const char *code,
    const char *detail, bool retryable)
{
	const struct aicx_errand_result result = {
		.size = sizeof result,
		.err = err,
		.code = text_of(code),
		.detail = text_of(detail),
		.retryable = retryable,
	};

	job_end(job, &result);
}

void
job_done(struct their_job *job, struct bytes *output)
{
	const struct aicx_errand_result result = {
		.size = sizeof result,
		.output = bytes_view(output),
	};

	if (output->failed)
		job_fail(
		    job, AICX_ENOMEM, "unavailable", "out of memory", true);
	else
		job_end(job, &result);
}

/* Nobody waits for the call: a server with a handshake is told, another sees
   its stream end. */
void
job_tell_cancelled(const struct their_job *job)
{
	char members[48];

	if (job->step != STEP_CALL || job->post == NULL ||
	    job->server->way.modern)
		return;
	(void)snprintf(members, sizeof members, "\"requestId\":%lld",
	    (long long)their_post_id(job->post));
	their_note(job->mcp, bytes_view(&job->server->url), &job->server->way,
	    "notifications/cancelled", text_of(members));
}

/* No answer came.  Before the call nothing was done yet. */
void
job_fail_by(struct their_job *job, const struct their_answer *answer)
{
	bool early = job->step != STEP_CALL;

	switch (answer->err) {
	case AICX_ETIMEDOUT:
		job_fail(job, AICX_ETIMEDOUT, "timeout",
		    "the server did not answer in time", early);
		break;
	case AICX_EDENIED:
		job_fail(job, AICX_EDENIED, "denied", answer->why, false);
		break;
	case AICX_ELIMIT:
		job_fail(job, AICX_ELIMIT, "too_large",
		    "the server's answer is too large", false);
		break;
	case AICX_EINVAL:
		job_fail(job, AICX_EIO, "invalid_result", answer->why, false);
		break;
	default:
		job_fail(job, AICX_EIO, "unreachable", answer->why, early);
		break;
	}
}

static bool
may_be_better_later(uint16_t status)
{
	return status == 408 || status == 425 || status == 429 || status == 503;
}

/* An answer that is neither a result nor what the step expects instead. */
void
job_refused(struct their_job *job, const struct their_answer *answer)
{
	const json_t *error = answer->rpc != NULL
	    ? json_object_get(answer->rpc->doc, "error")
	    : NULL;
	const char *message =
	    json_string_value(json_object_get(error, "message"));
	int code = (int)json_number_value(json_object_get(error, "code"));
	char line[256];

	if (answer->status >= 400 && answer->status < 500 &&
	    job->step >= STEP_LIST)
		their_server_forget(job->server); /* asked anew next time */
	if (error == NULL) {
		(void)snprintf(line, sizeof line, "the server answered %u",
		    (unsigned)answer->status);
		job_fail(job, AICX_EIO, "http_status", line,
		    may_be_better_later(answer->status));
		return;
	}
	(void)snprintf(line, sizeof line, "the server refuses (%d): %.150s",
	    code, message != NULL ? message : "");
	if (!text_is_utf8(text_of(line))) /* cut inside a character */
		(void)snprintf(
		    line, sizeof line, "the server refuses (%d)", code);
	if (job->step == STEP_CALL && code == RPC_BAD_PARAMS) {
		job->server->listed = false; /* it may be another tool now */
		job_fail(job, AICX_EIO, "invalid_input", line, false);
	} else {
		job_fail(job, AICX_EIO, "server_refused", line,
		    may_be_better_later(answer->status));
	}
}
