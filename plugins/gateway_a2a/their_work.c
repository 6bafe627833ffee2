/* SPDX-License-Identifier: Apache-2.0 */
/*
 * their_work.c - work at somebody's agent.
 *
 * The message's id is the execution's, so a repeat is one.  A card that
 * declares streams is sent a streaming message, whose events are progress; a
 * lost stream costs nothing, as the task is the truth and is asked about until
 * it ends.  What the agent asks back goes to the buyer; the task is asked about
 * all the same, as the agent may go on without an answer.
 */
#include "their_work.h"

#include "canon.h"
#include "member.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_WAIT_MS = 200, WAIT_MAX_MS = 5000 };

static void ask_task(struct job *job);

/* --- going by an answer ----------------------------------------------------
 */

static json_t *
named(const struct job *job)
{
	json_t *params = json_pack("{s:s}", "id", job->task);

	if (job->door.tenant[0] != '\0' && !job->door.rest)
		(void)json_object_set_new(
		    params, "tenant", json_string(job->door.tenant));
	return params;
}

static void
on_cancelled(const struct aicx_http_outcome *outcome, void *arg)
{
	struct job *job = arg;

	(void)outcome;
	job->fetch = NULL;
	job_free(job);
}

static void
cancel_task(struct job *job)
{
	struct bytes path = { 0 };
	json_t *params = named(job);

	job_task_path(job, ":cancel", &path);
	job_keep_task(job, "");
	(void)job_call(job, "CancelTask", path.failed ? "" : path.ptr, params,
	    on_cancelled, NULL);
	bytes_fini(&path);
}

static void
on_time(void *arg)
{
	ask_task(arg);
}

static void
ask_later(struct job *job)
{
	const struct gateway *gateway = job->gateway;

	if (job->timer == NULL &&
	    gateway->host->timer_new(
		gateway->self, on_time, job, &job->timer) != AICX_OK) {
		job_fail(
		    job, AICX_ENOMEM, "unavailable", "out of memory", true);
		return;
	}
	gateway->host->timer_set(job->timer, job->wait_ms);
	job->wait_ms =
	    job->wait_ms * 2 < WAIT_MAX_MS ? job->wait_ms * 2 : WAIT_MAX_MS;
}

static void
tell_progress(struct job *job, const char *said)
{
	json_t *progress;
	char *text;

	if (*said == '\0' || job->errand == NULL)
		return;
	progress = json_pack("{s:s}", "message", said);
	text = json_dumps(progress, JSON_COMPACT);
	if (text != NULL)
		(void)job->gateway->host->errand_progress(
		    job->errand, text_of(text));
	free(text);
	json_decref(progress);
}

/* {"message"?,"auth"?,"data"?: {"parts"}}, as host->errand_ask() takes it. */
static aicx_err
ask_buyer(struct job *job, const struct verdict *verdict)
{
	bool auth = strcmp(verdict->code, "auth_required") == 0;
	json_t *question = json_pack("{s:s,s:b,s:{s:O*}}", "message",
	    verdict->detail, "auth", auth, "data", "parts", verdict->parts);
	struct bytes text = { 0 };
	aicx_err err;

	plain_print(question, &text);
	json_decref(question);
	err = text.failed
	    ? AICX_ENOMEM
	    : job->gateway->host->errand_ask(job->errand, bytes_view(&text));
	bytes_fini(&text);
	return err;
}

/* false: nobody will answer it, and the work has failed. */
static bool
ask_back(struct job *job, const struct verdict *verdict)
{
	if (job->errand == NULL || ask_buyer(job, verdict) == AICX_OK) {
		job->asked = true;
		return true;
	}
	job_tell_failed(job, AICX_EIO, verdict->code, verdict->detail, false);
	cancel_task(job);
	return false;
}

/* What was asked is not asked any more. */
static void
goes_on(struct job *job, const struct verdict *verdict)
{
	const struct aicx_str nothing = { NULL, 0 };

	if (job->asked && job->errand != NULL)
		(void)job->gateway->host->errand_ask(job->errand, nothing);
	job->asked = false;
	tell_progress(job, verdict->said);
}

/* false: the job has ended, or goes on by another request. */
static bool
go_by(struct job *job, const struct verdict *verdict)
{
	if (*verdict->task != '\0')
		job_keep_task(job, verdict->task);
	switch (verdict->end) {
	case THEIR_WORKS:
		goes_on(job, verdict);
		return true;
	case THEIR_READ:
		ask_task(job);
		break;
	case THEIR_DONE:
		job_done(job, verdict->output);
		break;
	case THEIR_ASKS:
		return ask_back(job, verdict);
	case THEIR_FAILED:
	case THEIR_LOST:
	case THEIR_GARBAGE:
		job_fail(job, AICX_EIO, verdict->code, verdict->detail,
		    verdict->retryable);
		break;
	}
	return false;
}

/* --- the task ----------------------------------------------------------------
 */

/* NULL: no JSON. */
static json_t *
parse(struct aicx_str text)
{
	return json_loadb(text.ptr != NULL ? text.ptr : "", text.len,
	    JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
}

static void
on_task(const struct aicx_http_outcome *outcome, void *arg)
{
	struct job *job = arg;
	struct verdict verdict;
	json_t *body;

	job->fetch = NULL;
	/* A lost answer changes nothing: the task is asked about again. */
	if (outcome->err == AICX_EIO || outcome->err == AICX_ETIMEDOUT ||
	    (outcome->err == AICX_OK && job_may_retry(outcome->status))) {
		ask_later(job);
		return;
	}
	if (outcome->err != AICX_OK) {
		job_fail_by(job, outcome);
		return;
	}
	body = parse(outcome->body);
	verdict = their_task(&job->door, body);
	if (go_by(job, &verdict))
		ask_later(job);
	json_decref(verdict.output);
	json_decref(body);
}

static void
ask_task(struct job *job)
{
	struct bytes path = { 0 };

	job_task_path(job, "?historyLength=0", &path);
	(void)job_call(job, "GetTask", path.failed ? "" : path.ptr, named(job),
	    on_task, NULL);
	bytes_fini(&path);
}

/* --- the message -------------------------------------------------------------
 */

/* The answer to a message that was not streamed. */
static void
take_answer(struct job *job, uint16_t status, struct aicx_str text)
{
	json_t *body = parse(text);
	struct verdict verdict = their_answer(&job->door, body);

	if (status == 401 || status == 403)
		job_fail(job, AICX_EIO, "auth_required",
		    "the agent takes no message without a credential", false);
	else if (job_may_retry(status))
		job_fail(job, AICX_EIO, "agent_failed",
		    "the agent is not well, or has too much to do", true);
	else if (!go_by(job, &verdict))
		; /* it has ended */
	else if (job->errand == NULL)
		cancel_task(job);
	else
		ask_later(job);
	json_decref(verdict.output);
	json_decref(body);
}

static void
on_answer(const struct aicx_http_outcome *outcome, void *arg)
{
	struct job *job = arg;

	job->fetch = NULL;
	if (outcome->err != AICX_OK)
		job_fail_by(job, outcome);
	else
		take_answer(job, outcome->status, outcome->body);
}

/* --- its stream --------------------------------------------------------------
 */

static void
end_stream(struct job *job)
{
	if (job->fetch != NULL)
		job->gateway->host->http_cancel(job->fetch);
	job->fetch = NULL;
}

/* false: the stream is done with, perhaps the job. */
static bool
take_event(struct job *job, struct aicx_str data)
{
	json_t *event = parse(data);
	struct verdict verdict = their_answer(&job->door, event);
	bool lives = verdict.end == THEIR_WORKS;

	if (!lives)
		end_stream(job);
	if (!go_by(job, &verdict))
		; /* it has ended, or asks otherwise */
	else if (job->errand == NULL) {
		end_stream(job);
		cancel_task(job);
		lives = false;
	} else if (!lives)
		ask_later(job);
	json_decref(verdict.output);
	json_decref(event);
	return lives;
}

static void
on_part(const struct aicx_http_outcome *head, struct aicx_str bytes, void *arg)
{
	struct job *job = arg;
	struct aicx_str rest;
	struct aicx_str type =
	    text_trim(text_cut(head->content_type, ';', &rest));
	struct aicx_str data;

	job->lives =
	    head->status == 200 && text_alike(type, TEXT("text/event-stream"));
	if (!job->lives) {
		bytes_str(&job->text, bytes);
		return;
	}
	events_put(&job->events, bytes);
	while (events_next(&job->events, &data))
		if (!take_event(job, data))
			return;
}

static void
on_stream_end(const struct aicx_http_outcome *outcome, void *arg)
{
	struct job *job = arg;

	job->fetch = NULL;
	if (outcome->err == AICX_OK && !job->lives)
		take_answer(job, outcome->status, bytes_view(&job->text));
	else if (job->task[0] != '\0' && outcome->err != AICX_EDENIED)
		ask_task(job); /* the task is the truth, not the connection */
	else if (outcome->err != AICX_OK)
		job_fail_by(job, outcome);
	else
		job_fail(job, AICX_EIO, "invalid_agent_response",
		    "the agent's stream ended without a task", false);
}

/* --- an answer to what it asks
 * ------------------------------------------------
 */

/* Lost on its way?  The task says whether it still asks. */
static void
on_replied(const struct aicx_http_outcome *outcome, void *arg)
{
	struct job *job = arg;

	if (outcome->err == AICX_EIO || outcome->err == AICX_ETIMEDOUT)
		on_task(outcome, arg);
	else
		on_answer(outcome, job);
}

void
their_work_answer(struct job *job, struct aicx_str text)
{
	const struct aicx_host *host = job->gateway->host;
	json_t *answer = json_loadb(
	    text.ptr, text.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	char id[64];

	if (job->timer != NULL)
		host->timer_set(job->timer, -1);
	end_stream(job); /* or the question whether it still asks */
	job->asked = false;
	job->wait_ms = FIRST_WAIT_MS;
	(void)snprintf(id, sizeof id, "%s-%llx", job->execution,
	    (unsigned long long)host->wall_ms(job->gateway->self));
	(void)job_call(job, "SendMessage", "/message:send",
	    their_reply(&job->door, answer, job->task, id), on_replied, NULL);
	json_decref(answer);
}

/* --- the whole of it
 * ---------------------------------------------------------- */

void
their_work_begin(struct job *job)
{
	json_t *request;

	job->wait_ms = FIRST_WAIT_MS;
	if (job->task[0] != '\0') {
		ask_task(job);
		return;
	}
	job->sent = true;
	request =
	    their_request(&job->door, job->input, job->skill, job->execution);
	if (job->door.streams)
		(void)job_call(job, "SendStreamingMessage", "/message:stream",
		    request, on_stream_end, on_part);
	else
		(void)job_call(job, "SendMessage", "/message:send", request,
		    on_answer, NULL);
}

void
their_work_stop(struct job *job)
{
	job->errand = NULL;
	if (job->task[0] == '\0' && job->sent)
		return; /* the answer names the task; then it is cancelled */
	end_stream(job);
	if (job->timer != NULL)
		job->gateway->host->timer_set(job->timer, -1);
	if (job->task[0] != '\0' && job->door.url[0] != '\0')
		cancel_task(job);
	else
		job_free(job);
}
