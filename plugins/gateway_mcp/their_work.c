/* SPDX-License-Identifier: Apache-2.0 */
/*
 * their_work.c - what is ordered from somebody's MCP server.
 *
 * A job finds out how one talks to the server (2026-07-28, else the handshake),
 * lists its tools, holds the tool against what was registered, and calls it.
 * What is known already is not asked again.
 */
#include "their_work.h"

#include "their_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGES_MAX = 64, HTTP_NOT_FOUND = 404 };

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
	struct bytes tool, input, input_schema, output_schema, key;
	bool has_output_schema;
};

static void job_go(struct their_job *job);

/* --- ends ------------------------------------------------------------- */

static void
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

static void
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

static void
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
static void
tell_cancelled(const struct their_job *job)
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
static void
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
static void
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
		server->way = (struct their_way) { .modern = false };
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
	struct their_way way = { .modern = false };

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

/* --- describing ------------------------------------------------------- */

/* The price that the operator gave this tool; false: none. */
static bool
price_of(const char *prices, struct aicx_str tool, struct aicx_str *ret_amount,
    struct aicx_str *ret_currency)
{
	struct aicx_str rest = text_of(prices), one, price;

	while (rest.len > 0) {
		one = text_trim(text_cut(rest, ',', &rest));
		if (!text_same(text_trim(text_cut(one, '=', &price)), tool))
			continue;
		*ret_amount =
		    text_trim(text_cut(text_trim(price), ' ', ret_currency));
		*ret_currency = text_trim(*ret_currency);
		return true;
	}
	return false;
}

bool
their_prices_are_good(const char *prices)
{
	struct aicx_str rest = text_of(prices), one, price, currency;

	while (rest.len > 0) {
		one = text_trim(text_cut(rest, ',', &rest));
		if (text_trim(text_cut(one, '=', &price)).len == 0 ||
		    price.ptr == NULL ||
		    text_cut(text_trim(price), ' ', &currency).len == 0 ||
		    text_trim(currency).len == 0)
			return false;
	}
	return true;
}

static void
put_pricing(struct print *out, const char *prices, struct aicx_str tool)
{
	struct aicx_str amount, currency;

	if (!price_of(prices, tool, &amount, &currency))
		return;
	print_key(out, "pricing");
	print_open(out, '{');
	print_key(out, "model");
	print_text(out, "per_call");
	print_key(out, "base_cost");
	print_open(out, '{');
	print_key(out, "amount");
	print_str(out, amount);
	print_key(out, "currency");
	print_str(out, currency);
	print_close(out, '}');
	print_close(out, '}');
}

static void
put_tool(struct print *out, const struct their_tool *tool, const char *prices)
{
	struct bytes name = { 0 };

	their_tool_name(tool, &name);
	print_open(out, '{');
	print_key(out, "name");
	print_str(out, bytes_view(&name));
	print_key(out, "remote");
	print_str(out, bytes_view(&tool->name));
	if (tool->description.len > 0) {
		print_key(out, "description");
		print_raw(out, bytes_view(&tool->description));
	}
	print_key(out, "input_schema");
	print_raw(out, bytes_view(&tool->input_schema));
	if (tool->output_schema.len > 0) {
		print_key(out, "output_schema");
		print_raw(out, bytes_view(&tool->output_schema));
	}
	put_pricing(out, prices, bytes_view(&tool->name));
	print_close(out, '}');
	bytes_fini(&name);
}

static void
describe(struct their_job *job)
{
	const struct their_tools *tools = &job->server->tools;
	struct print out = { 0 };

	if (tools->n == 0) {
		job_fail(job, AICX_EIO, "no_tools",
		    "the server has no tool that can be sold", false);
		return;
	}
	print_open(&out, '{');
	print_key(&out, "capabilities");
	print_open(&out, '[');
	for (size_t i = 0; i < tools->n; i++)
		put_tool(&out, &tools->list[i], job->mcp->settings->prices);
	print_close(&out, ']');
	print_close(&out, '}');
	job_done(job, &out.bytes);
	print_fini(&out);
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

static void
on_answer(const struct their_answer *answer, void *arg)
{
	struct their_job *job = arg;

	if (answer->err == AICX_ETIMEDOUT)
		tell_cancelled(job);
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

static void
on_note(const struct rpc *rpc, void *arg)
{
	struct their_job *job = arg;

	if (strcmp(rpc->method, "notifications/tools/list_changed") == 0)
		job->server->listed = false;
	else if (strcmp(rpc->method, "notifications/progress") == 0)
		tell_progress(job, rpc);
}

/* --- asking ----------------------------------------------------------- */

static void
job_ask(struct their_job *job, struct their_ask *ask)
{
	static const struct their_post_ops ops = { on_answer, on_note };
	struct mcp *mcp = job->mcp;
	struct aicx_error error = { .code = AICX_ENOMEM };

	ask->url = bytes_view(&job->server->url);
	ask->way = &job->server->way;
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

/* From the step it is at; what is known already is passed over. */
static void
job_go(struct their_job *job)
{
	struct their_server *server = job->server;
	struct their_ask ask = { .method = "server/discover" };
	const struct their_tool *tool;

	if (job->step == STEP_DISCOVER && !server->known) {
		server->way = (struct their_way) { true, MCP_MODERN, "" };
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

/* NULL: the errand has ended. */
static struct their_job *
job_new(struct mcp *mcp, struct aicx_errand *errand, struct aicx_str url,
    int64_t timeout_ms)
{
	struct their_server *server = their_server_need(mcp, url);
	struct their_job *job = server != NULL ? calloc(1, sizeof *job) : NULL;

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
	tell_cancelled(job);
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
