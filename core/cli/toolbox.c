/* SPDX-License-Identifier: Apache-2.0 */
/* toolbox.c - an MCP server as a child process: its life and its messages. */
#include "cli/toolbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/outside.h"
#include "cli/toolbox_state.h"

enum { AGAIN_FIRST_MS = 200, AGAIN_MAX_MS = 15000 };

static void box_start(struct toolbox *box);
static void box_restart(struct toolbox *box, const char *why);

static void
say(struct toolbox *box, const char *event, const char *text)
{
	box->ops->on_word(event, str_of(text), box->arg);
}

/* --- what is asked ---------------------------------------------------- */

static int64_t
ask(struct toolbox *box, const char *method, struct aicx_str members)
{
	struct buf line = { 0 };
	int64_t id = ++box->last_id;

	toolbox_print(&line, box, id, method, members);
	if (!child_write(box->child, buf_view(&line)))
		say(box, "server", "it reads nothing");
	buf_fini(&line);
	return id;
}

static void
note(struct toolbox *box, const char *method, struct aicx_str members)
{
	struct buf line = { 0 };

	toolbox_print(&line, box, 0, method, members);
	(void)child_write(box->child, buf_view(&line));
	buf_fini(&line);
}

static void
probe(struct toolbox *box)
{
	box->state = BOX_PROBING;
	box->modern = true;
	box->probe_id = ask(box, "server/discover", STR(""));
	loop_timer_set(box->timer, box->spec.probe_ms);
}

static void
greet(struct toolbox *box)
{
	box->state = BOX_GREETING;
	box->modern = false;
	box->greet_id = ask(box, "initialize",
	    STR("\"protocolVersion\":\"" TOOLBOX_LEGACY "\",\"capabilities\":{}"
		",\"clientInfo\":" TOOLBOX_CLIENT));
	loop_timer_set(box->timer, box->spec.start_ms);
}

static void
list_page(struct toolbox *box, struct aicx_str cursor)
{
	struct buf members = { 0 };

	if (cursor.ptr != NULL) {
		buf_text(&members, "\"cursor\":\"");
		json_escape(&members, cursor);
		buf_char(&members, '"');
	}
	box->list_id = ask(box, "tools/list", buf_view(&members));
	loop_timer_set(box->timer, box->spec.start_ms);
	buf_fini(&members);
}

static void
list(struct toolbox *box)
{
	if (box->state != BOX_READY)
		box->state = BOX_LISTING;
	box->n_pages = 0;
	box->changed = false;
	tools_fini(&box->fresh);
	list_page(box, (struct aicx_str) { NULL, 0 });
}

/* --- what is answered ------------------------------------------------- */

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
			greet(box);
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
		(void)ask(box, "subscriptions/listen",
		    STR("\"notifications\":{\"toolsListChanged\":true}"));
	list(box);
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
	note(box, "notifications/initialized", STR(""));
	list(box);
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
		list(box);
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
		list_page(box, cursor);
}

/* A refusal of what only the newer or the older protocol has. */
static void
on_refused(
    struct toolbox *box, int64_t id, struct json_ref error, struct arena *arena)
{
	char text[256];
	struct aicx_str why = json_str(json_get(error, "message"), arena);

	if (id == box->probe_id && box->state == BOX_PROBING) {
		greet(box);
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
			list(box);
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

static void
on_line(struct aicx_str line, void *arg)
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
			say(box, "server",
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

/* --- its life --------------------------------------------------------- */

static void
on_word(struct aicx_str line, void *arg)
{
	struct toolbox *box = arg;

	box->ops->on_word("stderr", line, box->arg);
}

static void
on_child_end(const char *why, void *arg)
{
	box_restart(arg, why);
}

static int64_t
again_ms(int n_failures)
{
	int64_t delay_ms = AGAIN_FIRST_MS;

	for (int i = 1; i < n_failures && delay_ms < AGAIN_MAX_MS; i++)
		delay_ms *= 2;
	return delay_ms < AGAIN_MAX_MS ? delay_ms : AGAIN_MAX_MS;
}

/* What runs is ended, what is under way lost; it starts again, after a
   while. */
static void
box_restart(struct toolbox *box, const char *why)
{
	char text[256];
	/* Some servers of the older protocol end at what they do not know. */
	bool unknown = box->state == BOX_PROBING;

	(void)snprintf(text, sizeof text, "%s", why);
	child_free(box->child);
	box->child = NULL;
	box->state = BOX_DOWN;
	box->probe_id = box->greet_id = box->list_id = 0;
	box->hanging = false;
	if (unknown && !box->legacy_only) {
		box->legacy_only = true;
		loop_timer_set(box->timer, 0);
		return;
	}
	say(box, "server", text);
	calls_fail(box, text);
	box->n_failures++;
	if (!box->was_ready && box->n_failures >= TOOLBOX_TRIES) {
		loop_timer_set(box->timer, -1);
		box->ops->on_failed(text, box->arg);
		return;
	}
	loop_timer_set(box->timer, again_ms(box->n_failures));
}

static void
box_start(struct toolbox *box)
{
	static const struct child_ops ops = { on_line, on_word, on_child_end };
	struct aicx_error why;

	box->n_garbage = 0;
	box->last_id = 0; /* nothing of the last run is awaited */
	if (child_start(box->loop, box->spec.argv, TOOLBOX_LINE_MAX, &ops, box,
		&box->child, &why) != AICX_OK)
		box_restart(box, why.text);
	else if (box->legacy_only)
		greet(box);
	else
		probe(box);
}

static void
on_time(void *arg)
{
	struct toolbox *box = arg;

	if (box->state == BOX_DOWN)
		box_start(box);
	else if (box->state == BOX_PROBING)
		greet(box); /* silence is an answer */
	else if (box->hanging)
		box_restart(box, "it hangs");
	else
		box_restart(box, "it does not answer");
}

void
toolbox_look(struct toolbox *box)
{
	if (box->hanging || box->list_id != 0)
		return; /* it is being waited for already */
	box->hanging = true;
	(void)ask(box, box->modern ? "server/discover" : "ping", STR(""));
	loop_timer_set(box->timer, box->spec.hang_ms);
}

void
toolbox_cancelled(struct toolbox *box, int64_t id)
{
	char members[64];

	(void)snprintf(
	    members, sizeof members, "\"requestId\":%lld", (long long)id);
	note(box, "notifications/cancelled", str_of(members));
}

struct toolbox *
toolbox_new(struct loop *loop, const struct toolbox_spec *spec,
    const struct toolbox_ops *ops, void *arg)
{
	struct toolbox *box = MEM_NEW(struct toolbox);

	*box = (struct toolbox) {
		.loop = loop, .spec = *spec, .ops = ops, .arg = arg
	};
	if (spec->probe_ms == 0)
		box->spec.probe_ms = TOOLBOX_PROBE_MS;
	if (spec->start_ms == 0)
		box->spec.start_ms = TOOLBOX_START_MS;
	if (spec->hang_ms == 0)
		box->spec.hang_ms = TOOLBOX_HANG_MS;
	list_init(&box->calls);
	box->timer = loop_timer_new(loop, on_time, box);
	loop_timer_set(box->timer, 0);
	return box;
}

void
toolbox_free(struct toolbox *box)
{
	if (box == NULL)
		return;
	calls_forget(box);
	child_leave(box->child);
	loop_timer_free(box->timer);
	tools_fini(&box->tools);
	tools_fini(&box->fresh);
	free(box);
}

bool
toolbox_is_ready(const struct toolbox *box)
{
	return box->state == BOX_READY;
}

const struct tools *
toolbox_tools(const struct toolbox *box)
{
	return &box->tools;
}

const char *
toolbox_name(const struct toolbox *box)
{
	return box->name;
}
