/* SPDX-License-Identifier: Apache-2.0 */
/* their_step.c - what the answers of somebody's MCP server mean for an errand
   there, step by step. */
#include "their_job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGES_MAX = 64, HTTP_NOT_FOUND = 404 };

static struct aicx_str
result_of(const struct their_answer *answer)
{
	return answer->rpc != NULL && answer->status < 300
	    ? slice_get(answer->text, "result")
	    : (struct aicx_str) { NULL, 0 };
}

/* --- how one talks to it ---------------------------------------------- */

static bool
names_modern(struct aicx_str versions)
{
	struct slice_walk walk = { .text = versions };
	struct aicx_str name, version;

	while (slice_next(&walk, &name, &version))
		if (text_same(version, TEXT("\"" MCP_MODERN "\"")))
			return true;
	return false;
}

/* Whatever it does not know how to answer, it may know the handshake. */
static void
on_discovered(struct their_job *job, const struct their_answer *answer)
{
	struct their_server *server = job->server;
	struct aicx_str result = result_of(answer);

	if (answer->status >= 500) {
		job_refused(job, answer);
		return;
	}
	if (names_modern(slice_get(result, "supportedVersions"))) {
		server->known = true;
	} else {
		their_way_renew(&server->way, false, "");
		job->step = STEP_GREET;
	}
	job_go(job);
}

static bool
take_version(struct their_way *way, struct aicx_str version)
{
	static const char *const known[] = { MCP_LEGACY, "2025-06-18",
		"2025-03-26" };

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (text_same(version, text_of(known[i]))) {
			(void)snprintf(
			    way->version, sizeof way->version, "%s", known[i]);
			return true;
		}
	return false;
}

static void
on_greeted(struct their_job *job, const struct their_answer *answer)
{
	struct aicx_str result = result_of(answer);
	struct their_way way = job->server->way;

	their_way_renew(&way, false, "");
	if (result.ptr == NULL) {
		job_refused(job, answer);
		return;
	}
	if (!take_version(
		&way, slice_inside(slice_get(result, "protocolVersion")))) {
		job_fail(job, AICX_EIO, "unsupported_version",
		    "the server speaks another version of MCP", false);
		return;
	}
	(void)snprintf(way.session, sizeof way.session, "%s", answer->session);
	job->server->way = way;
	job->server->known = true;
	job->server->listed = false;
	job->step = STEP_NOTE;
	job_go(job);
}

/* --- its tools -------------------------------------------------------- */

static void
list_taken(struct their_job *job)
{
	struct their_server *server = job->server;

	their_tools_fini(&server->tools);
	server->tools = job->fresh;
	job->fresh.n = 0;
	server->listed = true;
	server->listed_ms = job->mcp->host->now_ms(job->mcp->self);
	job->step = STEP_CALL;
}

static void
on_page(struct their_job *job, const struct their_answer *answer)
{
	struct aicx_str cursor = { NULL, 0 };
	struct aicx_str result = result_of(answer);

	if (result.ptr == NULL) {
		job_refused(job, answer);
		return;
	}
	if (!their_tools_take(&job->fresh, result, &cursor)) {
		job_fail(job, AICX_EIO, "invalid_result",
		    "the server's list of tools is none", false);
		return;
	}
	bytes_clear(&job->cursor);
	bytes_str(&job->cursor, cursor);
	if (cursor.ptr == NULL)
		list_taken(job);
	else if (++job->n_pages >= PAGES_MAX) {
		job_fail(job, AICX_EIO, "invalid_result",
		    "the server's list of tools does not end", false);
		return;
	}
	job_go(job);
}

/* --- calling ---------------------------------------------------------- */

static void
on_called(struct their_job *job, const struct their_answer *answer)
{
	struct aicx_str result = result_of(answer);
	struct bytes output = { 0 }, detail = { 0 };
	const char *code;

	if (result.ptr == NULL) {
		job_refused(job, answer);
		return;
	}
	if (their_output(
		result, job->has_output_schema, &output, &code, &detail)) {
		job_done(job, &output);
	} else {
		bytes_char(&detail, '\0');
		job_fail(job, AICX_EIO, code, detail.failed ? "" : detail.ptr,
		    false);
	}
	bytes_fini(&output);
	bytes_fini(&detail);
}

/* --- its messages ----------------------------------------------------- */

/* Unknown by now: greeted anew, once, and what was asked is asked again. */
static bool
session_is_lost(struct their_job *job, const struct their_answer *answer)
{
	if (answer->status != HTTP_NOT_FOUND || job->again ||
	    job->step < STEP_NOTE || job->server->way.session[0] == '\0')
		return false;
	job->again = true;
	their_server_forget(job->server);
	their_tools_fini(&job->fresh);
	bytes_clear(&job->cursor);
	job->step = STEP_GREET;
	return true;
}

void
job_on_answer(const struct their_answer *answer, void *arg)
{
	struct their_job *job = arg;

	if (answer->err == AICX_ETIMEDOUT)
		job_tell_cancelled(job);
	job->post = NULL; /* it frees itself */
	if (answer->err != AICX_OK) {
		job_fail_by(job, answer);
		return;
	}
	if (session_is_lost(job, answer)) {
		job_go(job);
		return;
	}
	switch (job->step) {
	case STEP_DISCOVER:
		on_discovered(job, answer);
		break;
	case STEP_GREET:
		on_greeted(job, answer);
		break;
	case STEP_NOTE:
		job->step = STEP_LIST;
		job_go(job);
		break;
	case STEP_LIST:
		on_page(job, answer);
		break;
	case STEP_CALL:
		on_called(job, answer);
		break;
	}
}

static void
tell_progress(struct their_job *job, const struct rpc *rpc)
{
	static const char *const names[] = { "progress", "total", "message" };
	const json_t *token = json_object_get(rpc->params, "progressToken");
	struct print out = { 0 };

	if (job->errand == NULL || job->described || job->step != STEP_CALL ||
	    job->post == NULL || !json_is_number(token) ||
	    (int64_t)json_number_value(token) != their_post_id(job->post))
		return;
	print_open(&out, '{');
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct aicx_str value = slice_get(rpc->params_text, names[i]);
		if (value.ptr == NULL)
			continue;
		print_key(&out, names[i]);
		print_raw(&out, value);
	}
	print_close(&out, '}');
	if (!out.bytes.failed)
		(void)job->mcp->host->errand_progress(
		    job->errand, bytes_view(&out.bytes));
	print_fini(&out);
}

void
job_on_note(const struct rpc *rpc, void *arg)
{
	struct their_job *job = arg;

	if (strcmp(rpc->method, "notifications/tools/list_changed") == 0)
		job->server->listed = false;
	else if (strcmp(rpc->method, "notifications/progress") == 0)
		tell_progress(job, rpc);
}
