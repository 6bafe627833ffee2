/* SPDX-License-Identifier: Apache-2.0 */
/* worker_mcp.c - the tools of an MCP server do the work; it is a child process
   that stays. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/id.h"
#include "base/list.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/seller.h"
#include "cli/toolbox.h"
#include "cli/worker.h"

enum { SAID_MAX = 1024 /* of a line of the log */, OPEN_TURN_MS = 500 };

struct mcp {
	struct worker worker;
	struct toolbox_spec spec;
	struct toolbox *box; /* once opened */
	struct list runs;
	struct aicx_error why;
	bool opening, failed;
};

struct run {
	struct list node; /* in mcp->runs */
	struct mcp *mcp;
	struct work work;
	char *capability;
	struct buf input;
	struct tool_call *call; /* NULL: the server is being started again */
	struct aicx_timer *timer; /* while it waits for that */
};

static void
run_free(struct run *run)
{
	list_remove(&run->node);
	tool_call_free(run->call);
	loop_timer_free(run->timer);
	free(run->capability);
	buf_fini(&run->input);
	free(run);
}

static void
run_fail(struct run *run, const char *code, struct aicx_str why)
{
	struct work work = run->work;

	run->call = NULL;
	work_fail(&work, code, false, "%.*s", STR_ARG(why));
	run_free(run);
}

static void
on_call_end(const struct tool_end *end, void *arg)
{
	struct run *run = arg;

	run->call = NULL;
	if (end->code != NULL) {
		run_fail(run, end->code, end->why);
		return;
	}
	work_deliver_json(&run->mcp->worker, &run->work, end->output);
	run_free(run);
}

static void
on_call_progress(struct aicx_str progress, void *arg)
{
	struct run *run = arg;

	if (run->work.on_progress != NULL)
		run->work.on_progress(progress, run->work.arg);
}

/* The tool as it was when it was offered. */
static aicx_err
tool_check(
    const struct tool *tool, const struct work *work, struct aicx_error *reterr)
{
	if (tool == NULL)
		return err_word(reterr, AICX_ENOTFOUND, "schema_changed",
		    "tool \"%s\" is not there any more", work->capability);
	if (work->offered_ms > 0 && work->offered_ms < tool->changed_ms)
		return err_word(reterr, AICX_ESTATE, "schema_changed",
		    "tool \"%s\" has changed since it was offered",
		    work->capability);
	/* One value of JSON, which begins with its first byte. */
	if (work->input.len == 0 || work->input.ptr[0] != '{')
		return err_word(reterr, AICX_EINVAL, "invalid_input",
		    "input of a tool is a JSON object");
	return AICX_OK;
}

static aicx_err
run_begin(struct run *run, struct aicx_error *reterr)
{
	static const struct tool_call_ops ops = { on_call_end,
		on_call_progress };
	struct mcp *mcp = run->mcp;
	const struct tool *tool =
	    tools_find(toolbox_tools(mcp->box), str_of(run->work.capability));
	struct id_text key = id_text(&run->work.execution_id);
	const struct tool_call_spec spec = {
		.tool = tool,
		.arguments = run->work.input,
		.key = key.text,
		.timeout_ms = run->work.timeout_ms,
	};
	aicx_err err = tool_check(tool, &run->work, reterr);

	loop_timer_set(run->timer, -1);
	if (err == AICX_OK)
		run->call = toolbox_call(mcp->box, &spec, &ops, run);
	return err;
}

static void
on_wait_over(void *arg)
{
	run_fail(arg, "timeout", STR("the server was not started in time"));
}

static aicx_err
mcp_start(struct worker *worker, const struct work *work, void **ret_run,
    struct aicx_error *reterr)
{
	struct mcp *mcp = (struct mcp *)worker;
	struct run *run = MEM_NEW(struct run);
	aicx_err err = AICX_OK;

	*run = (struct run) { .mcp = mcp, .work = *work };
	run->capability = mem_strdup(work->capability);
	buf_str(&run->input, work->input);
	run->work.capability = run->capability;
	run->work.input = buf_view(&run->input);
	list_push(&mcp->runs, &run->node);
	run->timer = loop_timer_new(worker->loop, on_wait_over, run);
	loop_timer_set(run->timer, work->timeout_ms);
	if (toolbox_is_ready(mcp->box))
		err = run_begin(run, reterr);
	if (err == AICX_OK)
		*ret_run = run;
	else
		run_free(run);
	return err;
}

static void
mcp_cancel(struct worker *worker, void *run)
{
	(void)worker;
	run_free(run);
}

/* --- the server ------------------------------------------------------- */

static void
on_tools(void *arg)
{
	struct mcp *mcp = arg;

	if (mcp->opening)
		return;
	if (mcp->worker.on_changed != NULL)
		mcp->worker.on_changed(mcp->worker.changed_arg);
	LIST_EACH (node, &mcp->runs) {
		struct run *run = LIST_ITEM(node, struct run, node);
		struct aicx_error why;
		if (run->call == NULL && run_begin(run, &why) != AICX_OK)
			run_fail(run, why.word, str_of(why.text));
	}
}

static void
on_failed(const char *why, void *arg)
{
	struct mcp *mcp = arg;

	(void)err_word(&mcp->why, AICX_EIO, "program_failed",
	    "cannot sell the tools of \"%s\": %s", mcp->worker.name, why);
	mcp->failed = true;
}

/* What others wrote goes to a terminal, so nothing in it steers one. */
static void
on_word(const char *event, struct aicx_str text, void *arg)
{
	char line[SAID_MAX];
	size_t n = text.len < sizeof line ? text.len : sizeof line;

	(void)arg;
	for (size_t i = 0; i < n; i++)
		line[i] =
		    (unsigned char)text.ptr[i] < ' ' || text.ptr[i] == 0x7f
		    ? '?'
		    : text.ptr[i];
	seller_say(event, "%.*s", (int)n, line);
}

static aicx_err
mcp_open(struct worker *worker, struct aicx_error *reterr)
{
	static const struct toolbox_ops ops = { on_tools, on_failed, on_word };
	struct mcp *mcp = (struct mcp *)worker;

	mcp->opening = true;
	mcp->box = toolbox_new(worker->loop, &mcp->spec, &ops, mcp);
	while (!toolbox_is_ready(mcp->box) && !mcp->failed &&
	    (worker->stopping == NULL || !*worker->stopping))
		loop_once(worker->loop, OPEN_TURN_MS);
	mcp->opening = false;
	if (mcp->failed) {
		*reterr = mcp->why;
		return mcp->why.code;
	}
	if (!toolbox_is_ready(mcp->box))
		return err_word(reterr, AICX_EAGAIN, "cancelled",
		    "stopped before the tools of \"%s\" were known",
		    worker->name);
	if (toolbox_tools(mcp->box)->n == 0)
		return err_word(reterr, AICX_ENOTFOUND, "no_tools",
		    "\"%s\" has no tool that can be sold", worker->name);
	return AICX_OK;
}

static void
mcp_free(struct worker *worker)
{
	struct mcp *mcp = (struct mcp *)worker;

	LIST_EACH (node, &mcp->runs)
		run_free(LIST_ITEM(node, struct run, node));
	toolbox_free(mcp->box);
	free(mcp);
}

static const struct tools *
mcp_tools(struct worker *worker)
{
	return toolbox_tools(((struct mcp *)worker)->box);
}

static const char *
mcp_title(struct worker *worker)
{
	return toolbox_name(((struct mcp *)worker)->box);
}

static const struct worker_ops mcp_ops = {
	.open = mcp_open,
	.start = mcp_start,
	.cancel = mcp_cancel,
	.free = mcp_free,
	.tools = mcp_tools,
	.title = mcp_title,
};

struct worker *
worker_mcp_new(const struct toolbox_spec *spec)
{
	struct mcp *mcp = MEM_NEW(struct mcp);

	mcp->worker.ops = &mcp_ops;
	mcp->worker.name = spec->argv[0];
	mcp->spec = *spec;
	list_init(&mcp->runs);
	return &mcp->worker;
}
