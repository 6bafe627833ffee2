/* SPDX-License-Identifier: Apache-2.0 */
/* toolbox_call.c - calls of tools: each ends once, whatever the server does. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/toolbox_state.h"

struct tool_call {
	struct list node; /* in box->calls */
	struct toolbox *box;
	const struct tool_call_ops *ops;
	void *arg;
	struct aicx_timer *timer;
	int64_t id, started_ms;
	int n_progress;
	bool has_output_schema;
};

/* --- messages --------------------------------------------------------- */

/* What every request of the newer protocol says of itself. */
static void
put_meta(struct json_writer *w)
{
	json_key(w, "io.modelcontextprotocol/protocolVersion");
	json_put_text(w, TOOLBOX_MODERN);
	json_key(w, "io.modelcontextprotocol/clientCapabilities");
	json_put_raw(w, STR("{}"));
	json_key(w, "io.modelcontextprotocol/clientInfo");
	json_put_raw(w, STR(TOOLBOX_CLIENT));
}

void
toolbox_print(struct buf *line, const struct toolbox *box, int64_t id,
    const char *method, struct aicx_str members)
{
	struct json_writer w = json_writer(line);
	bool has_meta = str_starts(members, "\"_meta\":");

	json_open(&w, '{');
	json_key(&w, "jsonrpc");
	json_put_text(&w, "2.0");
	if (id != 0) {
		json_key(&w, "id");
		json_put_int(&w, id);
	}
	json_key(&w, "method");
	json_put_text(&w, method);
	json_key(&w, "params");
	json_open(&w, '{');
	if (box->modern && !has_meta) {
		json_key(&w, "_meta");
		json_open(&w, '{');
		put_meta(&w);
		json_close(&w);
	}
	if (members.len > 0) {
		if (box->modern && !has_meta)
			buf_char(line, ',');
		buf_str(line, members);
	}
	json_close(&w);
	json_close(&w);
}

static void
print_members(struct buf *out, const struct toolbox *box,
    const struct tool_call_spec *spec, int64_t token)
{
	struct json_writer w = json_writer(out);

	json_key(&w, "_meta");
	json_open(&w, '{');
	if (box->modern)
		put_meta(&w);
	json_key(&w, "progressToken");
	json_put_int(&w, token);
	json_key(&w, "example.aiconexus/idempotency_key");
	json_put_text(&w, spec->key);
	json_close(&w);
	json_key(&w, "name");
	json_put_text(&w, spec->tool->name);
	json_key(&w, "arguments");
	json_put_raw(&w, spec->arguments);
}

/* --- ends ------------------------------------------------------------- */

static void
call_drop(struct tool_call *call)
{
	list_remove(&call->node);
	loop_timer_free(call->timer);
	free(call);
}

static void
call_end(struct tool_call *call, const char *code, struct aicx_str output,
    struct aicx_str why)
{
	const struct tool_call_ops *ops = call->ops;
	void *arg = call->arg;
	const struct tool_end end = {
		.code = code,
		.output = output,
		.why = why,
		.elapsed_ms = loop_now_ms(call->box->loop) - call->started_ms,
	};

	call_drop(call);
	ops->on_end(&end, arg);
}

static void
call_fail(struct tool_call *call, const char *code, const char *why)
{
	call_end(call, code, (struct aicx_str) { NULL, 0 }, str_of(why));
}

static void
on_call_time(void *arg)
{
	struct tool_call *call = arg;
	struct toolbox *box = call->box;

	toolbox_cancelled(box, call->id);
	toolbox_look(box);
	call_fail(call, "timeout", "the tool did not answer in time");
}

static struct tool_call *
call_find(const struct toolbox *box, int64_t id)
{
	LIST_EACH (node, &box->calls) {
		struct tool_call *call =
		    LIST_ITEM(node, struct tool_call, node);
		if (call->id == id)
			return call;
	}
	return NULL;
}

static void
end_by_error(struct tool_call *call, struct json_ref error, struct arena *arena)
{
	struct aicx_str why = json_str(json_get(error, "message"), arena);
	int64_t code = 0;
	char text[256];

	(void)json_int(json_get(error, "code"), &code);
	(void)snprintf(text, sizeof text, "the server refuses (%lld): %.*s",
	    (long long)code, (int)(why.len > 150 ? 150 : why.len),
	    why.ptr ? why.ptr : "");
	if (!str_is_utf8(str_of(text)))
		(void)snprintf(text, sizeof text, "the server refuses (%lld)",
		    (long long)code);
	call_fail(call, code == -32602 ? "invalid_input" : "tool_failed", text);
}

bool
calls_on_answer(struct toolbox *box, int64_t id,
    const struct tool_message *message, struct arena *arena)
{
	struct tool_call *call = call_find(box, id);
	struct buf output = { 0 };
	struct aicx_error why;

	if (call == NULL)
		return false;
	if (message->kind == TOOL_ERROR)
		end_by_error(call, message->body, arena);
	else if (tool_output(message->body, call->has_output_schema, arena,
		     &output, &why) == AICX_OK)
		call_end(call, NULL, buf_view(&output),
		    (struct aicx_str) { NULL, 0 });
	else
		call_fail(call, why.word, why.text);
	buf_fini(&output);
	return true;
}

void
calls_on_progress(struct toolbox *box, int64_t token, struct json_ref params)
{
	static const char *const names[] = { "progress", "total", "message" };
	struct tool_call *call = call_find(box, token);
	struct buf out = { 0 };
	struct json_writer w = json_writer(&out);

	if (call == NULL || call->n_progress++ >= TOOLBOX_PROGRESS_MAX)
		return;
	json_open(&w, '{');
	for (int i = 0; i < 3; i++) {
		struct json_ref value = json_get(params, names[i]);
		if (json_type(value) != (i < 2 ? JSON_NUMBER : JSON_STRING))
			continue;
		json_key(&w, names[i]);
		json_put_raw(&w, json_raw(value));
	}
	json_close(&w);
	call->ops->on_progress(buf_view(&out), call->arg);
	buf_fini(&out);
}

void
calls_fail(struct toolbox *box, const char *why)
{
	while (!list_empty(&box->calls))
		call_fail(LIST_ITEM(box->calls.next, struct tool_call, node),
		    "program_failed", why);
}

void
calls_forget(struct toolbox *box)
{
	LIST_EACH (node, &box->calls)
		call_drop(LIST_ITEM(node, struct tool_call, node));
}

/* --- calling ---------------------------------------------------------- */

void
tool_call_free(struct tool_call *call)
{
	if (call == NULL)
		return;
	if (call->box->child != NULL)
		toolbox_cancelled(call->box, call->id);
	call_drop(call);
}

struct tool_call *
toolbox_call(struct toolbox *box, const struct tool_call_spec *spec,
    const struct tool_call_ops *ops, void *arg)
{
	struct tool_call *call = MEM_NEW(struct tool_call);
	struct buf members = { 0 }, line = { 0 };

	ENSURE(toolbox_is_ready(box));
	*call = (struct tool_call) { .box = box,
		.ops = ops,
		.arg = arg,
		.id = ++box->last_id,
		.started_ms = loop_now_ms(box->loop),
		.has_output_schema = spec->tool->output_schema != NULL };
	list_push(&box->calls, &call->node);
	call->timer = loop_timer_new(box->loop, on_call_time, call);
	print_members(&members, box, spec, call->id);
	toolbox_print(&line, box, call->id, "tools/call", buf_view(&members));
	/* What it does not take because it reads nothing fails by its time. */
	(void)child_write(box->child, buf_view(&line));
	loop_timer_set(call->timer, spec->timeout_ms);
	buf_fini(&members);
	buf_fini(&line);
	return call;
}
