/* SPDX-License-Identifier: Apache-2.0 */
/* toolbox.c - an MCP server as a child process: its life. */
#include "cli/toolbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/toolbox_state.h"

enum { AGAIN_FIRST_MS = 200, AGAIN_MAX_MS = 15000 };

void
box_say(struct toolbox *box, const char *event, const char *text)
{
	box->ops->on_word(event, str_of(text), box->arg);
}

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

void
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
	box_say(box, "server", text);
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
	static const struct child_ops ops = { box_on_line, on_word,
		on_child_end };
	struct aicx_error why;

	box->n_garbage = 0;
	box->last_id = 0; /* nothing of the last run is awaited */
	if (child_start(box->loop, box->spec.argv, TOOLBOX_LINE_MAX, &ops, box,
		&box->child, &why) != AICX_OK)
		box_restart(box, why.text);
	else if (box->legacy_only)
		box_greet(box);
	else
		box_probe(box);
}

static void
on_time(void *arg)
{
	struct toolbox *box = arg;

	if (box->state == BOX_DOWN)
		box_start(box);
	else if (box->state == BOX_PROBING)
		box_greet(box); /* silence is an answer */
	else if (box->hanging)
		box_restart(box, "it hangs");
	else
		box_restart(box, "it does not answer");
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
