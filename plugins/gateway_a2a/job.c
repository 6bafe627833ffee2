/* SPDX-License-Identifier: Apache-2.0 */
/* job.c - one errand to somebody's agent. */
#include "job.h"

#include "canon.h"
#include "member.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct job *
job_new(
    struct gateway *gateway, struct aicx_errand *errand, struct aicx_str url)
{
	struct job *job = calloc(1, sizeof *job);

	if (job == NULL)
		return NULL;
	job->gateway = gateway;
	job->errand = errand;
	their_card_url(url, &job->url);
	if (job->url.failed) {
		free(job);
		return NULL;
	}
	pass_take(&job->pass, gateway->host, errand);
	job->next = gateway->jobs;
	gateway->jobs = job;
	return job;
}

void
job_free(struct job *job)
{
	struct job **at = &job->gateway->jobs;
	const struct aicx_host *host = job->gateway->host;

	while (*at != job)
		at = &(*at)->next;
	*at = job->next;
	if (job->fetch != NULL)
		host->http_cancel(job->fetch);
	host->timer_free(job->timer);
	pass_wipe(&job->pass);
	bytes_fini(&job->url);
	bytes_fini(&job->text);
	events_fini(&job->events);
	json_decref(job->input);
	json_decref(job->card);
	free(job);
}

/* --- the task ------------------------------------------------------------ */

static struct aicx_str
key_of(const struct job *job, char text[64])
{
	(void)snprintf(text, 64, "w/%s", job->execution);
	return text_of(text);
}

void
job_keep_task(struct job *job, const char *task)
{
	const struct gateway *gateway = job->gateway;
	const struct aicx_str none = { NULL, 0 };
	struct aicx_error error = { 0 };
	char text[64];

	if (strcmp(job->task, task) == 0 || strlen(task) > THEIR_TASK_MAX)
		return;
	(void)snprintf(job->task, sizeof job->task, "%s", task);
	if (gateway->host->put(gateway->self, key_of(job, text),
		*task != '\0' ? text_of(job->task) : none, &error) != AICX_OK)
		gateway->host->log(
		    gateway->self, AICX_ERROR, "task.unkept", error.text);
}

void
job_find_task(struct job *job)
{
	const struct gateway *gateway = job->gateway;
	struct aicx_error error;
	struct aicx_str value;
	char text[64];

	if (gateway->host->get(
		gateway->self, key_of(job, text), &value, &error) == AICX_OK &&
	    value.len <= THEIR_TASK_MAX)
		memcpy(job->task, value.ptr, value.len);
}

void
job_task_path(const struct job *job, const char *end, struct bytes *out)
{
	static const char plain[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	    "0123456789-._~";
	static const char digits[] = "0123456789ABCDEF";

	bytes_text(out, "/tasks/");
	for (const char *at = job->task; *at != '\0'; at++) {
		if (strchr(plain, *at) != NULL) {
			bytes_char(out, *at);
			continue;
		}
		bytes_char(out, '%');
		bytes_char(out, digits[(unsigned char)*at >> 4]);
		bytes_char(out, digits[(unsigned char)*at & 15]);
	}
	bytes_text(out, end);
	bytes_char(out, '\0');
}

/* --- ends ------------------------------------------------------------------
 */

/* The errand first: what is kept of the task goes when its end is kept. */
static void
tell(struct job *job, const struct aicx_errand_result *result)
{
	struct aicx_errand *errand = job->errand;

	job->errand = NULL;
	if (errand != NULL)
		job->gateway->host->errand_done(errand, result);
}

void
job_tell_failed(struct job *job, aicx_err err, const char *code,
    const char *detail, bool retryable)
{
	size_t n = strlen(detail);
	struct aicx_errand_result result = {
		.size = sizeof result,
		.err = err != AICX_OK ? err : AICX_EIO,
		.code = text_of(code),
		.retryable = retryable,
	};

	if (n > 1024) /* not cut inside a character */
		for (n = 1024; n > 0 && ((uint8_t)detail[n] & 0xc0) == 0x80;)
			n--;
	result.detail = (struct aicx_str) { detail, n };
	tell(job, &result);
}

static void
leave(struct job *job)
{
	job_keep_task(job, "");
	job_free(job);
}

void
job_fail(struct job *job, aicx_err err, const char *code, const char *detail,
    bool retryable)
{
	job_tell_failed(job, err, code, detail, retryable);
	leave(job);
}

void
job_fail_by(struct job *job, const struct aicx_http_outcome *outcome)
{
	const char *why = outcome->error.text;

	switch (outcome->err) {
	case AICX_ETIMEDOUT:
		job_fail(job, AICX_ETIMEDOUT, "timeout",
		    "the agent did not answer in time", true);
		break;
	case AICX_EDENIED:
		job_fail(job, AICX_EDENIED, "denied", why, false);
		break;
	case AICX_ELIMIT:
		job_fail(job, AICX_ELIMIT, "too_large",
		    "the agent's answer is too large", false);
		break;
	default:
		job_fail(job, AICX_EIO, "agent_unreachable", why, true);
		break;
	}
}

void
job_done(struct job *job, const json_t *output)
{
	struct bytes text = { 0 };
	struct aicx_errand_result result = { .size = sizeof result };

	plain_print(output, &text);
	result.output = bytes_view(&text);
	if (text.failed)
		job_tell_failed(
		    job, AICX_ENOMEM, "unavailable", "out of memory", true);
	else
		tell(job, &result);
	bytes_fini(&text);
	leave(job);
}

/* --- asking ------------------------------------------------------------------
 */

bool
job_may_retry(uint16_t status)
{
	return status == 408 || status == 425 || status == 429 || status >= 500;
}

/* No answer is waited for beyond the work's own time. */
static int64_t
patience(const struct job *job, int64_t timeout_ms)
{
	const struct gateway *gateway = job->gateway;
	int64_t left_ms =
	    job->deadline_ms - gateway->host->now_ms(gateway->self);

	if (job->deadline_ms == 0 || job->errand == NULL ||
	    timeout_ms < left_ms)
		return timeout_ms;
	return left_ms > 1 ? left_ms : 1;
}

bool
job_is_home(const struct job *job, const char *url)
{
	const char *home = job->url.ptr;
	const char *host = strstr(home, "://");
	size_t n = host != NULL ? strcspn(host + 3, "/?#") : 0;

	n += host != NULL ? (size_t)(host + 3 - home) : 0;
	return strncmp(home, url, n) == 0 &&
	    (url[n] == '\0' || strchr("/?#", url[n]) != NULL);
}

bool
job_ask(struct job *job, const struct job_ask *ask)
{
	struct gateway *gateway = job->gateway;
	const struct settings *settings = gateway->settings;
	struct bytes text = { 0 };
	struct aicx_header headers[6] = {
		{ TEXT("A2A-Version"), TEXT("1.0") },
		{ TEXT("Accept"),
		    ask->part != NULL
			? TEXT("text/event-stream, application/json;q=0.9")
			: TEXT("application/json, application/a2a+json") },
	};
	struct aicx_http_ask http = {
		.size = sizeof http,
		.method = ask->body != NULL ? TEXT("POST") : TEXT("GET"),
		.url = text_of(ask->url),
		.headers = headers,
		.n_headers = 2,
		.timeout_ms = patience(job, ask->timeout_ms),
		.body_max = ask->max,
		.allow = text_of(settings->agents_allow),
		.ca_file = text_of(settings->agents_ca_file),
		.part = ask->part,
	};
	struct aicx_error error = { 0 };
	bool good;

	if (ask->body != NULL) {
		plain_print(ask->body, &text);
		http.body = bytes_view(&text);
		headers[http.n_headers++] =
		    (struct aicx_header) { TEXT("Content-Type"),
			    TEXT("application/json") };
	}
	if (ask->etag != NULL)
		headers[http.n_headers++] =
		    (struct aicx_header) { TEXT("If-None-Match"),
			    text_of(ask->etag) };
	if (job->trace[0] != '\0')
		headers[http.n_headers++] =
		    (struct aicx_header) { TEXT("traceparent"),
			    text_of(job->trace) };
	if (job_is_home(job, ask->url))
		http.n_headers +=
		    pass_put(&job->pass, headers + http.n_headers);
	json_decref(ask->body);
	good = !text.failed &&
	    gateway->host->http_request(gateway->self, &http, ask->done, job,
		&job->fetch, &error) == AICX_OK;
	bytes_fini(&text);
	if (!good)
		job_fail(job, AICX_EIO, "agent_unreachable", error.text,
		    error.code != AICX_EINVAL);
	return good;
}

bool
job_call(struct job *job, const char *method, const char *path, json_t *params,
    aicx_http_done_fn *done, aicx_http_part_fn *part)
{
	const struct settings *settings = job->gateway->settings;
	struct bytes url = { 0 };
	struct job_ask ask = {
		.done = done,
		.part = part,
		.timeout_ms = part != NULL && job->deadline_ms > 0
		    ? INT32_MAX
		    : settings->agents_timeout_ms,
		.max = settings->agents_max_answer,
	};
	bool good;

	bytes_text(&url, job->door.url);
	if (job->door.rest && job->door.tenant[0] != '\0') {
		bytes_char(&url, '/');
		bytes_text(&url, job->door.tenant);
	}
	if (job->door.rest)
		bytes_text(&url, path);
	bytes_char(&url, '\0');
	ask.url = url.ptr;
	if (!job->door.rest)
		ask.body = json_pack("{s:s,s:s,s:s,s:o}", "jsonrpc", "2.0",
		    "id", job->execution, "method", method, "params", params);
	else if (strcmp(method, "GetTask") == 0)
		json_decref(params);
	else
		ask.body = params;
	if (url.failed) {
		json_decref(ask.body);
		job_fail(
		    job, AICX_ENOMEM, "unavailable", "out of memory", true);
		return false;
	}
	good = job_ask(job, &ask);
	bytes_fini(&url);
	return good;
}
