/* SPDX-License-Identifier: Apache-2.0 */
/* toolbox_answer.c - what an MCP server says, a line at a time: its answers,
   its notes and what it asks for itself. */
#include "cli/toolbox_state.h"

#include <stdio.h>

#include "base/err.h"
#include "base/str.h"
#include "cli/outside.h"

static void
server_take(struct toolbox *box, struct json_ref info, struct arena *arena)
{
	(void)str_copy(json_str(json_get(info, "name"), arena), box->name,
	    sizeof box->name);
}

static bool
lists_modern(struct json_ref body, struct arena *arena)
{
	struct json_iter iter = json_iter(json_get(body, "supportedVersions"));

	while (json_next(&iter))
		if (str_is(json_str(iter.value, arena), TOOLBOX_MODERN))
			return true;
	return false;
}

/* The newer protocol, also when the answer comes after the handshake began. */
static void
on_discovered(struct toolbox *box, struct json_ref body, struct arena *arena)
{
	static const char key[] = "io.modelcontextprotocol/serverInfo";
	bool told;

	if (box->state != BOX_PROBING && box->state != BOX_GREETING)
		return;
	if (!lists_modern(body, arena)) {
		if (box->state == BOX_PROBING)
			box_greet(box);
		return;
	}
	box->modern = true;
	box->greet_id = 0;
	server_take(box, json_get(json_get(body, "_meta"), key), arena);
	if (json_bool(
		json_get(json_get(json_get(body, "capabilities"), "tools"),
		    "listChanged"),
		&told) &&
	    told)
		(void)box_ask(box, "subscriptions/listen",
		    STR("\"notifications\":{\"toolsListChanged\":true}"));
	box_list(box);
}

static void
on_greeted(struct toolbox *box, struct json_ref body, struct arena *arena)
{
	struct aicx_str version =
	    json_str(json_get(body, "protocolVersion"), arena);

	if (box->state != BOX_GREETING)
		return;
	if (!str_is(version, TOOLBOX_LEGACY) &&
	    !str_is(version, "2025-06-18") && !str_is(version, "2025-03-26") &&
	    !str_is(version, "2024-11-05")) {
		box_restart(box, "it speaks another version of MCP");
		return;
	}
	server_take(box, json_get(body, "serverInfo"), arena);
	box_note(box, "notifications/initialized", STR(""));
	box_list(box);
}

static void
become_ready(struct toolbox *box)
{
	tools_compare(
	    &box->fresh, &box->tools, box->was_ready ? outside_wall_ms() : 0);
	tools_fini(&box->tools);
	box->tools = box->fresh;
	box->fresh = (struct tools) { .n = 0 };
	box->state = BOX_READY;
	box->was_ready = true;
	box->n_failures = 0;
	loop_timer_set(box->timer, -1);
	if (box->changed)
		box_list(box);
	box->ops->on_tools(box->arg);
}

static void
on_page(struct toolbox *box, struct json_ref body, struct arena *arena)
{
	struct aicx_str cursor;
	struct aicx_error why;

	box->list_id = 0;
	if (tools_take(&box->fresh, body, box->spec.prefix, arena, &cursor,
		&why) != AICX_OK)
		box_restart(box, why.text);
	else if (cursor.ptr == NULL)
		become_ready(box);
	else if (++box->n_pages >= TOOLBOX_PAGES_MAX)
		box_restart(box, "its list of tools does not end");
	else
		box_list_page(box, cursor);
}

/* A refusal of what only the newer or the older protocol has. */
static void
on_refused(
    struct toolbox *box, int64_t id, struct json_ref error, struct arena *arena)
{
	char text[256];
	struct aicx_str why = json_str(json_get(error, "message"), arena);

	if (id == box->probe_id && box->state == BOX_PROBING) {
		box_greet(box);
		return;
	}
	if (id != box->greet_id && id != box->list_id)
		return; /* of subscriptions, or of a ping: it is there */
	(void)snprintf(text, sizeof text, "it refuses %s: %.*s",
	    id == box->greet_id ? "the handshake" : "to list its tools",
	    (int)(why.len > 150 ? 150 : why.len), why.ptr ? why.ptr : "");
	box_restart(box, text);
}

static void
answer_request(struct toolbox *box, const struct tool_message *message)
{
	struct buf line = { 0 };

	buf_printf(&line, "{\"jsonrpc\":\"2.0\",\"id\":%.*s,",
	    STR_ARG(json_raw(message->id)));
	buf_text(&line,
	    str_is(message->method, "ping")
		? "\"result\":{}}"
		: "\"error\":{\"code\":-32601,\"message\":\"this client does "
		  "not do that\"}}");
	(void)child_write(box->child, buf_view(&line));
	buf_fini(&line);
}

static void
on_note(struct toolbox *box, const struct tool_message *message,
    struct arena *arena)
{
	int64_t token;

	if (str_is(message->method, "notifications/tools/list_changed")) {
		if (box->list_id != 0)
			box->changed = true; /* once more, when that is here */
		else if (box->state == BOX_READY)
			box_list(box);
	} else if (str_is(message->method, "notifications/progress") &&
	    json_int(json_get(message->body, "progressToken"), &token)) {
		calls_on_progress(box, token, message->body);
	} else if (str_is(message->method, "notifications/message")) {
		struct json_ref data = json_get(message->body, "data");
		box->ops->on_word("log",
		    json_type(data) == JSON_STRING ? json_str(data, arena)
						   : json_raw(data),
		    box->arg);
	}
}

static void
on_answer(struct toolbox *box, const struct tool_message *message,
    struct arena *arena)
{
	int64_t id;

	if (!json_int(message->id, &id) || id <= 0)
		return;
	if (calls_on_answer(box, id, message, arena))
		return;
	if (message->kind == TOOL_ERROR)
		on_refused(box, id, message->body, arena);
	else if (id == box->probe_id)
		on_discovered(box, message->body, arena);
	else if (id == box->greet_id)
		on_greeted(box, message->body, arena);
	else if (id == box->list_id)
		on_page(box, message->body, arena);
}

void
box_on_line(struct aicx_str line, void *arg)
{
	struct toolbox *box = arg;
	struct arena arena = { 0 };
	struct tool_message message;

	if (box->hanging) {
		box->hanging = false;
		loop_timer_set(box->timer, -1);
	}
	if (str_trim(line).len == 0)
		return;
	if (tool_message_read(line, &arena, &message, NULL) != AICX_OK) {
		if (++box->n_garbage == 1)
			box_say(box, "server",
			    "a line of its output is no message");
		if (box->n_garbage > TOOLBOX_GARBAGE_MAX)
			box_restart(box, "its output is no MCP");
	} else if (message.kind == TOOL_REQUEST) {
		answer_request(box, &message);
	} else if (message.kind == TOOL_NOTIFICATION) {
		on_note(box, &message, &arena);
	} else {
		on_answer(box, &message, &arena);
	}
	arena_fini(&arena);
}
