/* SPDX-License-Identifier: Apache-2.0 */
/* tasks.c - tasks that are there: read, listed, cancelled. */
#include "tasks.h"

#include "record.h"
#include "task.h"

#include <stdlib.h>
#include <string.h>

enum { PAGE = 50, PAGE_MAX = 100, DEALS_PAGE = 500, SCAN_MAX = 2000 };

/* --- one
 * ------------------------------------------------------------------------
 */

bool
tasks_named(struct op *op, const char *name)
{
	const char *id = member_text(op->params, name);

	if (*id == '\0') {
		op_refuse(op, FAULT_PARAMS, name, "%s is required", name);
		return false;
	}
	if (strlen(id) != TASK_ID_TEXT) {
		op_refuse(
		    op, FAULT_TASK_NOT_FOUND, "", "there is no such task");
		return false;
	}
	memcpy(op->task, id, sizeof op->task);
	return true;
}

static bool
read_history(struct op *op)
{
	if (member(op->params, "historyLength") == NULL)
		return true;
	if (member_number(op->params, "historyLength", &op->history) &&
	    op->history >= 0)
		return true;
	op_refuse(op, FAULT_PARAMS, "historyLength",
	    "historyLength is no number from 0 on");
	return false;
}

void
tasks_get(struct op *op)
{
	if (tasks_named(op, "id") && read_history(op))
		task_answer(op);
}

/* --- cancelling
 * ------------------------------------------------------------------
 */

static void
on_cancelled(struct op *op, int status, json_t *answer)
{
	if (status < 400 ||
	    strcmp(member_text(answer, "code"), "wrong_state") != 0) {
		if (status >= 400)
			op_problem(op, status, answer);
		else
			task_answer(op);
		return;
	}
	op_refuse(op, FAULT_TASK_NOT_CANCELABLE, "", "%s",
	    member_text(answer, "detail"));
}

static void
on_task_to_cancel(struct op *op, int status, json_t *deal)
{
	const char *state = task_state(status == 200 ? deal : NULL, op->record);

	if (strcmp(state, "TASK_STATE_CANCELED") == 0)
		task_answer(op);
	else if (task_is_over(state))
		op_refuse(
		    op, FAULT_TASK_NOT_CANCELABLE, "", "the task is over");
	else
		op_call(op, "deal.cancel",
		    json_pack("{s:s}", "deal_id", op->task), NULL,
		    on_cancelled);
}

void
tasks_cancel(struct op *op)
{
	if (tasks_named(op, "id"))
		task_read(op, on_task_to_cancel);
}

/* --- listing
 * -----------------------------------------------------------------------
 *
 * op->list: {"tasks": [{"id","at","deal"?,"record"}], "cursor"?, "seen"}
 */

/* Newest first; ids settle ties. */
static int
order(const char *one_at, const char *one, const char *two_at, const char *two)
{
	int cmp = strcmp(two_at, one_at);

	return cmp != 0 ? cmp : strcmp(two, one);
}

static int
by_time(const void *a, const void *b)
{
	const json_t *one = *(json_t *const *)a;
	const json_t *two = *(json_t *const *)b;

	return order(member_text(one, "at"), member_text(one, "id"),
	    member_text(two, "at"), member_text(two, "id"));
}

static bool
fits(const struct op *op, const json_t *deal, const json_t *record,
    const char *at)
{
	const char *context = member_text(op->params, "contextId");
	const char *status = member_text(op->params, "status");
	const char *after = member_text(op->params, "statusTimestampAfter");

	if (*context != '\0' &&
	    strcmp(context, member_text(record, "context")) != 0)
		return false;
	if (*status != '\0' && strcmp(status, "TASK_STATE_UNSPECIFIED") != 0 &&
	    strcmp(status, task_state(deal, record)) != 0)
		return false;
	if (op->agent[0] != '\0' &&
	    strcmp(op->agent, member_text(record, "agent")) != 0)
		return false;
	return strcmp(at, after) > 0;
}

static void
collect(struct op *op, const char *id, const json_t *deal)
{
	json_t *record = record_get(op->gateway, id);
	const char *at = member_text(member(record, "refused"), "at");

	if (*at == '\0')
		at = member_text(deal, "changed");
	if (*at == '\0')
		at = member_text(record, "at");
	if (record != NULL && fits(op, deal, record, at))
		(void)json_array_append_new(json_object_get(op->list, "tasks"),
		    json_pack(
			"{s:s,s:s,s:O}", "id", id, "at", at, "record", record));
	json_decref(record);
}

enum { TIME_TEXT = 24, TOKEN_TEXT = TIME_TEXT + 1 + TASK_ID_TEXT };

/* The cursor is the last task that was shown: "<time> <id>". */
static bool
token_fits(const char *token)
{
	return *token == '\0' ||
	    (strlen(token) == TOKEN_TEXT && token[TIME_TEXT] == ' ');
}

static size_t
page_start(const struct op *op, json_t **tasks, size_t n)
{
	const char *token = member_text(op->params, "pageToken");
	char at[TIME_TEXT + 1] = "";
	size_t i = 0;

	if (*token == '\0')
		return 0;
	memcpy(at, token, TIME_TEXT);
	while (i < n &&
	    order(member_text(tasks[i], "at"), member_text(tasks[i], "id"), at,
		token + TIME_TEXT + 1) <= 0)
		i++;
	return i;
}

static void
finish(struct op *op)
{
	json_t *answer = json_incref(json_object_get(op->list, "answer"));

	op_result(op, answer);
}

static void show_next(struct op *op);

static void
on_shown(struct op *op, int status, json_t *deal)
{
	json_t *wanted = json_object_get(op->list, "wanted");
	const json_t *one = json_array_get(wanted, 0);
	bool artifacts = json_is_true(member(op->params, "includeArtifacts")) ||
	    strcmp(member_text(op->params, "includeArtifacts"), "true") == 0;

	(void)json_array_append_new(
	    json_object_get(json_object_get(op->list, "answer"), "tasks"),
	    task_of(op, member_text(one, "id"), status == 200 ? deal : NULL,
		json_object_get(one, "record"), artifacts));
	(void)json_array_remove(wanted, 0);
	show_next(op);
}

static void
show_next(struct op *op)
{
	const json_t *one =
	    json_array_get(json_object_get(op->list, "wanted"), 0);

	if (one == NULL)
		finish(op);
	else
		op_call(op, "deal.get",
		    json_pack("{s:s}", "deal_id", member_text(one, "id")), NULL,
		    on_shown);
}

/* All that fits is known: cut the page out. */
static void
show(struct op *op)
{
	json_t *all = json_object_get(op->list, "tasks");
	size_t n = json_array_size(all);
	json_t **tasks = calloc(n + 1, sizeof *tasks);
	json_int_t size = 0;
	json_t *wanted = json_array();
	json_t *token = json_string("");
	size_t from, to;

	for (size_t i = 0; tasks != NULL && i < n; i++)
		tasks[i] = json_array_get(all, i);
	if (tasks == NULL)
		n = 0;
	else
		qsort(tasks, n, sizeof *tasks, by_time);
	(void)member_number(op->params, "pageSize", &size);
	from = page_start(op, tasks, n);
	to = from + (size_t)(size > 0 ? size : PAGE);
	for (size_t i = from; i < n && i < to; i++)
		(void)json_array_append(wanted, tasks[i]);
	if (to < n) {
		json_decref(token);
		token = json_sprintf("%s %s", member_text(tasks[to - 1], "at"),
		    member_text(tasks[to - 1], "id"));
	}
	(void)json_object_set_new(op->list, "answer",
	    json_pack("{s:[],s:o,s:I,s:I}", "tasks", "nextPageToken", token,
		"pageSize", (json_int_t)(size > 0 ? size : PAGE), "totalSize",
		(json_int_t)n));
	(void)json_object_set_new(op->list, "wanted", wanted);
	free(tasks);
	show_next(op);
}

static void
collect_refused(struct op *op)
{
	json_t *list =
	    record_refused(op->gateway, member_text(op->caller, "agent_id"));

	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *id = json_string_value(json_array_get(list, i));

		if (id != NULL &&
		    json_object_get(json_object_get(op->list, "ids"), id) ==
			NULL)
			collect(op, id, NULL);
	}
	json_decref(list);
}

static void
on_deals(struct op *op, int status, json_t *answer)
{
	const json_t *deals = json_object_get(answer, "deals");
	const char *cursor = member_text(answer, "cursor");
	json_t *ids = json_object_get(op->list, "ids");

	if (status != 200) {
		op_problem(op, status, answer);
		return;
	}
	for (size_t i = 0; i < json_array_size(deals); i++) {
		const json_t *deal = json_array_get(deals, i);
		const char *id = member_text(deal, "deal_id");

		(void)json_object_set_new(ids, id, json_true());
		if (strcmp(member_text(deal, "requester_id"),
			member_text(op->caller, "agent_id")) == 0)
			collect(op, id, deal);
	}
	if (*cursor != '\0' && json_object_size(ids) < SCAN_MAX) {
		op_call(op, "deal.list",
		    json_pack(
			"{s:i,s:s}", "limit", DEALS_PAGE, "cursor", cursor),
		    NULL, on_deals);
		return;
	}
	collect_refused(op);
	show(op);
}

void
tasks_list(struct op *op)
{
	json_int_t size;

	if (!member_number(op->params, "pageSize", &size) || size < 0 ||
	    size > PAGE_MAX) {
		op_refuse(op, FAULT_PARAMS, "pageSize",
		    "pageSize is no number from 1 to %d", PAGE_MAX);
		return;
	}
	if (!token_fits(member_text(op->params, "pageToken"))) {
		op_refuse(
		    op, FAULT_PARAMS, "pageToken", "pageToken is none of ours");
		return;
	}
	if (!read_history(op))
		return;
	op->list = json_pack("{s:[],s:{}}", "tasks", "ids");
	op_call(op, "deal.list", json_pack("{s:i}", "limit", DEALS_PAGE), NULL,
	    on_deals);
}
