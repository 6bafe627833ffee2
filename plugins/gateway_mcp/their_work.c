/* SPDX-License-Identifier: Apache-2.0 */
/*
 * their_work.c - what is ordered from somebody's MCP server.
 *
 * A job finds out how one talks to the server (2026-07-28, else the handshake),
 * lists its tools, holds the tool against what was registered, and calls it.
 * What is known already is not asked again.
 */
#include "their_work.h"

#include "their_goods.h"
#include "their_job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- asking ----------------------------------------------------------- */

static void
job_ask(struct their_job *job, struct their_ask *ask)
{
	static const struct their_post_ops ops = { job_on_answer, job_on_note };
	struct mcp *mcp = job->mcp;
	struct aicx_error error = { .code = AICX_ENOMEM };

	ask->url = bytes_view(&job->server->url);
	ask->way = &job->server->way;
	ask->trace = bytes_view(&job->trace);
	ask->timeout_ms = job->until_ms - mcp->host->now_ms(mcp->self);
	job->post = their_post_new(mcp, ask, &ops, job, &error);
	if (job->post == NULL)
		job_fail(job, AICX_EIO, "unreachable", error.text,
		    error.code != AICX_EINVAL);
}

static void
ask_list(struct their_job *job)
{
	struct bytes members = { 0 };
	struct their_ask ask = { .method = "tools/list" };

	if (job->cursor.len > 0) {
		bytes_text(&members, "\"cursor\":");
		bytes_str(&members, bytes_view(&job->cursor));
	}
	ask.members = bytes_view(&members);
	job_ask(job, &ask);
	bytes_fini(&members);
}

/* The tool is there and is what was registered; else the job has ended. */
static const struct their_tool *
tool_need(struct their_job *job)
{
	const struct their_tool *tool =
	    their_tools_find(&job->server->tools, bytes_view(&job->tool));
	struct aicx_str input = bytes_view(&job->input);

	if (tool == NULL)
		job_fail(job, AICX_EIO, "schema_changed",
		    "the server has this tool no more", false);
	else if (!their_tool_is(tool, bytes_view(&job->input_schema),
		     bytes_view(&job->output_schema))) {
		tool = NULL;
		job_fail(job, AICX_EIO, "schema_changed",
		    "the tool is another than was registered", false);
	} else if (input.len == 0 || *input.ptr != '{') {
		tool = NULL;
		job_fail(job, AICX_EIO, "invalid_input",
		    "the input of a tool is a JSON object", false);
	}
	return tool;
}

static json_t *
parsed(struct aicx_str text)
{
	return json_loadb(text.ptr != NULL ? text.ptr : "", text.len, 0, NULL);
}

static void
ask_call(struct their_job *job, const struct their_tool *tool)
{
	struct bytes members = { 0 };
	json_t *schema = NULL, *arguments = NULL;
	struct their_ask ask = {
		.method = "tools/call",
		.name = bytes_view(&job->tool),
		.key = bytes_view(&job->key),
	};

	job->has_output_schema = tool->output_schema.len > 0;
	if (job->server->way.modern &&
	    memmem(tool->input_schema.ptr, tool->input_schema.len,
		"x-mcp-header", 12) != NULL) {
		schema = parsed(bytes_view(&tool->input_schema));
		arguments = parsed(bytes_view(&job->input));
	}
	ask.schema = schema;
	ask.arguments = arguments;
	bytes_text(&members, "\"name\":");
	bytes_json(&members, bytes_view(&job->tool));
	bytes_text(&members, ",\"arguments\":");
	bytes_str(&members, bytes_view(&job->input));
	ask.members = bytes_view(&members);
	job_ask(job, &ask);
	json_decref(schema);
	json_decref(arguments);
	bytes_fini(&members);
}

static void
describe(struct their_job *job)
{
	struct print out = { 0 };

	if (job->server->tools.n == 0) {
		job_fail(job, AICX_EIO, "no_tools",
		    "the server has no tool that can be sold", false);
		return;
	}
	their_goods_print(
	    &out, &job->server->tools, job->mcp->settings->prices);
	job_done(job, &out.bytes);
	print_fini(&out);
}

/* From the step it is at; what is known already is passed over. */
void
job_go(struct their_job *job)
{
	struct their_server *server = job->server;
	struct their_ask ask = { .method = "server/discover" };
	const struct their_tool *tool;

	if (job->step == STEP_DISCOVER && !server->known) {
		their_way_renew(&server->way, true, MCP_MODERN);
		job_ask(job, &ask);
		return;
	}
	if (job->step == STEP_GREET) {
		ask.method = "initialize";
		ask.members = TEXT(
		    "\"protocolVersion\":\"" MCP_LEGACY "\",\"capabilities\":"
		    "{},\"clientInfo\":{\"name\":\"" MCP_NAME
		    "\",\"version\":\"" MCP_VERSION "\"}");
		job_ask(job, &ask);
		return;
	}
	if (job->step == STEP_NOTE) {
		ask.method = "notifications/initialized";
		ask.is_note = true;
		job_ask(job, &ask);
		return;
	}
	if (job->step != STEP_CALL)
		job->step =
		    their_server_is_fresh(job->mcp, server) && !job->described
		    ? STEP_CALL
		    : STEP_LIST;
	if (job->step == STEP_LIST)
		ask_list(job);
	else if (job->described)
		describe(job);
	else if ((tool = tool_need(job)) != NULL)
		ask_call(job, tool);
}

/* --- the ops ---------------------------------------------------------- */

void
their_execute(
    void *state, struct aicx_errand *errand, const struct aicx_work *work)
{
	struct mcp *mcp = state;
	struct their_job *job =
	    job_new(mcp, errand, work->url, work->timeout_ms);

	if (job == NULL)
		return;
	bytes_str(
	    &job->tool, work->remote.len > 0 ? work->remote : work->capability);
	bytes_str(&job->input, work->input);
	bytes_str(&job->input_schema, work->input_schema);
	bytes_str(&job->output_schema, work->output_schema);
	bytes_str(&job->key, work->execution_id);
	bytes_str(&job->trace, work->traceparent);
	if (job->tool.failed || job->input.failed || job->input_schema.failed ||
	    job->output_schema.failed || job->key.failed)
		job_fail(
		    job, AICX_ENOMEM, "unavailable", "out of memory", true);
	else
		job_go(job);
}

void
their_describe(void *state, struct aicx_errand *errand, struct aicx_str kind,
    struct aicx_str url)
{
	struct mcp *mcp = state;
	struct their_job *job =
	    job_new(mcp, errand, url, mcp->settings->timeout);

	(void)kind;
	if (job == NULL)
		return;
	job->described = true;
	job_go(job);
}

void
their_recall(void *state, struct aicx_errand *errand)
{
	struct mcp *mcp = state;
	struct their_job *job = mcp->jobs;

	while (job != NULL && job->errand != errand)
		job = job->next;
	if (job == NULL)
		return;
	job_tell_cancelled(job);
	job_free(job);
}

const char *const *
their_speaks(void *state)
{
	static const char *const kinds[] = { "mcp", NULL };

	(void)state;
	return kinds;
}

void
their_close(struct mcp *mcp)
{
	while (mcp->jobs != NULL)
		job_free(mcp->jobs);
	their_posts_close(mcp);
	their_servers_close(mcp);
}
