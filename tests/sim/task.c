/* SPDX-License-Identifier: Apache-2.0 */
/* task.c - several requests of an agent, one after the other. */
#include "task.h"

#include "base/id.h"
#include "base/mem.h"

#include <stdlib.h>

void
tasks_free(struct player *agent)
{
	LIST_EACH (node, &agent->tasks)
		free(LIST_ITEM(node, struct task, node));
	list_init(&agent->tasks);
}

void
task_goes_on(struct task *task, const struct reply *reply)
{
	if (task->over || task->go(task, reply))
		return;
	task->over = true;
	task->agent->sim->n_tasks--;
}

static void
on_begin(void *arg)
{
	task_goes_on(arg, NULL);
}

struct task *
task_plan(struct player *agent, int64_t delay_ms,
    bool (*go)(struct task *task, const struct reply *reply))
{
	struct task *task = MEM_NEW(struct task);

	task->agent = agent;
	task->go = go;
	list_push(&agent->tasks, &task->node);
	agent->sim->n_tasks++;
	(void)sim_at(agent->sim, delay_ms, "task", on_begin, task);
	return task;
}

struct inquiry *
task_ask(struct task *task, const char *method, struct buf *members)
{
	struct buf payload = { 0 };
	struct inquiry *inquiry;

	buf_printf(&payload, "{\"method\":\"%s\"", method);
	if (members->len > 0) {
		buf_char(&payload, ',');
		buf_str(&payload, buf_view(members));
	}
	buf_char(&payload, '}');
	inquiry = player_request(
	    task->agent, MSG_QUERY, method, NULL, buf_view(&payload), task);
	buf_fini(&payload);
	buf_fini(members);
	return inquiry;
}

void
task_ask_about(struct task *task, const char *method, const char *name,
    const struct aicx_id *id)
{
	struct buf members = { 0 };

	buf_printf(&members, "\"%s\":\"%s\"", name, id_text(id).text);
	(void)task_ask(task, method, &members);
}

bool
reply_id(const struct reply *reply, const char *name, struct aicx_id *ret)
{
	struct aicx_str text =
	    json_str(json_get(reply->root, name), reply->mem);

	return text.ptr != NULL && id_parse(text, ret);
}

const char *
any_capability(struct player *agent)
{
	static const char *const names[] = { "text.count", "text.sum",
		"pix.draw" };

	return names[chance_below(&agent->chance, 3)];
}

int64_t
any_price(struct player *agent)
{
	return player_is(agent, AGENT_POOR)
	    ? chance_between(&agent->chance, 900, 1200)
	    : chance_between(&agent->chance, 800, 20000);
}

void
put_aic(struct buf *members, const char *name, int64_t minor)
{
	buf_printf(members, "\"%s\":{\"amount\":\"%s\",\"currency\":\"AIC\"}",
	    name, amount_text(minor).text);
}
