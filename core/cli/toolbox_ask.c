/* SPDX-License-Identifier: Apache-2.0 */
/* toolbox_ask.c - what an MCP server is asked: who it is, its tools, whether it
   is there. */
#include "cli/toolbox_state.h"

#include <stdio.h>

#include "base/str.h"

int64_t
box_ask(struct toolbox *box, const char *method, struct aicx_str members)
{
	struct buf line = { 0 };
	int64_t id = ++box->last_id;

	toolbox_print(&line, box, id, method, members);
	if (!child_write(box->child, buf_view(&line)))
		box_say(box, "server", "it reads nothing");
	buf_fini(&line);
	return id;
}

void
box_note(struct toolbox *box, const char *method, struct aicx_str members)
{
	struct buf line = { 0 };

	toolbox_print(&line, box, 0, method, members);
	(void)child_write(box->child, buf_view(&line));
	buf_fini(&line);
}

void
box_probe(struct toolbox *box)
{
	box->state = BOX_PROBING;
	box->modern = true;
	box->probe_id = box_ask(box, "server/discover", STR(""));
	loop_timer_set(box->timer, box->spec.probe_ms);
}

void
box_greet(struct toolbox *box)
{
	box->state = BOX_GREETING;
	box->modern = false;
	box->greet_id = box_ask(box, "initialize",
	    STR("\"protocolVersion\":\"" TOOLBOX_LEGACY "\",\"capabilities\":{}"
		",\"clientInfo\":" TOOLBOX_CLIENT));
	loop_timer_set(box->timer, box->spec.start_ms);
}

void
box_list_page(struct toolbox *box, struct aicx_str cursor)
{
	struct buf members = { 0 };

	if (cursor.ptr != NULL) {
		buf_text(&members, "\"cursor\":\"");
		json_escape(&members, cursor);
		buf_char(&members, '"');
	}
	box->list_id = box_ask(box, "tools/list", buf_view(&members));
	loop_timer_set(box->timer, box->spec.start_ms);
	buf_fini(&members);
}

void
box_list(struct toolbox *box)
{
	if (box->state != BOX_READY)
		box->state = BOX_LISTING;
	box->n_pages = 0;
	box->changed = false;
	tools_fini(&box->fresh);
	box_list_page(box, (struct aicx_str) { NULL, 0 });
}

void
toolbox_look(struct toolbox *box)
{
	if (box->hanging || box->list_id != 0)
		return; /* it is being waited for already */
	box->hanging = true;
	(void)box_ask(box, box->modern ? "server/discover" : "ping", STR(""));
	loop_timer_set(box->timer, box->spec.hang_ms);
}

void
toolbox_cancelled(struct toolbox *box, int64_t id)
{
	char members[64];

	(void)snprintf(
	    members, sizeof members, "\"requestId\":%lld", (long long)id);
	box_note(box, "notifications/cancelled", str_of(members));
}
