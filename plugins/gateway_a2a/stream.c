/* SPDX-License-Identifier: Apache-2.0 */
/* stream.c - a task as it goes on: Server-Sent Events until it is settled. */
#include "stream.h"

#include "canon.h"
#include "courier.h"
#include "message.h"
#include "push.h"
#include "task.h"
#include "tasks.h"

#include <stdlib.h>
#include <string.h>

enum { KEEP_ALIVE_MS = 15000, WATCH_MS = 30000 };

/* --- events ------------------------------------------------------------- */

static void
put_event(struct bytes *out, const char *name, const json_t *value)
{
	if (name != NULL) {
		bytes_text(out, "event: ");
		bytes_text(out, name);
		bytes_char(out, '\n');
	}
	bytes_text(out, "data: ");
	plain_print(value, out);
	bytes_text(out, "\n\n");
}

/* A client that does not read is cut off: the task is the truth, it may
   subscribe again. */
static void
send_part(struct op *op, const struct bytes *part)
{
	const struct aicx_host *host = op->gateway->host;

	if (part->failed ||
	    host->respond_part(op->exchange, bytes_view(part)) != AICX_OK)
		op_close_stream(op, false);
}

void
stream_event(struct op *op, const char *name, json_t *value)
{
	struct bytes part = { 0 };

	put_event(&part, name, value);
	json_decref(value);
	if (op->exchange != NULL)
		send_part(op, &part);
	bytes_fini(&part);
}

void
stream_end(struct op *op)
{
	if (op->exchange != NULL)
		op_close_stream(op, true);
}

static void
tell(struct op *op, const char *kind, json_t *value)
{
	json_t *event = json_pack("{s:o}", kind, value);

	if (op->pushes)
		courier_event(op->gateway, op->task, event);
	else
		stream_event(op, NULL, op_wrap(op, event));
}

/* --- keep-alive ----------------------------------------------------------- */

static void
on_silence(void *arg)
{
	struct gateway *gateway = arg;
	struct bytes comment = { 0 };
	bool any = false;

	bytes_text(&comment, ": keep-alive\n\n");
	for (size_t i = 0; i < OP_BUCKETS; i++) {
		struct op *next;

		for (struct op *op = gateway->ops[i]; op != NULL; op = next) {
			next = op->next;
			if (!op->streams || op->pushes)
				continue;
			any = true;
			send_part(op, &comment);
		}
	}
	bytes_fini(&comment);
	gateway->beats = any;
	if (any)
		gateway->host->timer_set(gateway->beat, KEEP_ALIVE_MS);
}

static void
keep_alive(struct gateway *gateway)
{
	if (gateway->beat == NULL)
		(void)gateway->host->timer_new(
		    gateway->self, on_silence, gateway, &gateway->beat);
	if (gateway->beat == NULL || gateway->beats)
		return;
	gateway->beats = true;
	gateway->host->timer_set(gateway->beat, KEEP_ALIVE_MS);
}

/* --- following ------------------------------------------------------------ */

static void watch(struct op *op, const char *after);

static void
tell_status(struct op *op, json_t *status)
{
	tell(op, "statusUpdate",
	    json_pack("{s:s,s:s,s:o}", "taskId", op->task, "contextId",
		member_text(op->record, "context"), "status", status));
}

static void
tell_artifacts(struct op *op, const json_t *task)
{
	const json_t *list = json_object_get(task, "artifacts");

	for (size_t i = 0; i < json_array_size(list) && op->exchange != NULL;
	     i++)
		tell(op, "artifactUpdate",
		    json_pack("{s:s,s:s,s:O,s:b}", "taskId", op->task,
			"contextId", member_text(op->record, "context"),
			"artifact", json_array_get(list, i), "lastChunk", 1));
}

/* The end as the deal has it: the result, then the state. */
static void
on_end(struct op *op, int status, json_t *deal)
{
	json_t *task = task_of(
	    op, op->task, status == 200 ? deal : NULL, op->record, true);

	tell_artifacts(op, task);
	if (op->exchange != NULL)
		tell_status(op, json_incref(json_object_get(task, "status")));
	json_decref(task);
	stream_end(op);
}

/* What the seller says of its progress. */
static json_t *
progress_text(const json_t *progress)
{
	const char *said = member_text(progress, "message");
	json_t *text;
	char *numbers;

	if (*said != '\0')
		return json_string(said);
	numbers = json_dumps(progress, JSON_COMPACT);
	text = json_string(numbers != NULL ? numbers : "");
	free(numbers);
	return text;
}

static void
tell_change(struct op *op, const json_t *event)
{
	const json_t *progress = json_object_get(event, "progress");
	const char *state = task_state(event, op->record);
	json_t *status;

	if (progress == NULL && strcmp(state, op->state) == 0)
		return;
	op->state = state;
	status = json_pack("{s:s,s:s}", "state", state, "timestamp",
	    member_text(event, "time"));
	if (progress != NULL) {
		json_t *text = progress_text(progress);

		(void)json_object_set_new(status, "message",
		    message_ours(op->task, member_text(op->record, "context"),
			json_string_value(text)));
		json_decref(text);
	}
	tell_status(op, status);
}

/* An event that ends the wait is told by on_end(), with what came out. */
static bool
is_last(struct op *op, json_t *event)
{
	(void)json_object_set_new(event, "buy", json_true());
	return task_is_settled(task_state(event, op->record));
}

static void
on_events(struct op *op, int status, json_t *answer)
{
	json_t *events = json_object_get(answer, "events");
	bool last = json_is_true(json_object_get(answer, "final"));

	if (status != 200) {
		op_problem(op, status, answer);
		return;
	}
	for (size_t i = 0;
	     i < json_array_size(events) && !last && op->exchange != NULL;
	     i++) {
		json_t *event = json_array_get(events, i);

		last = is_last(op, event);
		if (!last)
			tell_change(op, event);
	}
	if (op->exchange == NULL)
		return;
	if (last)
		op_call(op, "deal.get", json_pack("{s:s}", "deal_id", op->task),
		    NULL, on_end);
	else
		watch(op, member_text(answer, "cursor"));
}

static void
watch(struct op *op, const char *after)
{
	json_t *params =
	    json_pack("{s:s,s:i}", "deal_id", op->task, "wait_ms", WATCH_MS);

	if (*after != '\0')
		(void)json_object_set_new(params, "after", json_string(after));
	op_call(op, "deal.watch", params, NULL, on_events);
}

/* --- beginning --------------------------------------------------------------
 */

void
stream_begin(struct op *op, json_t *task, const char *state)
{
	struct gateway *gateway = op->gateway;
	struct aicx_header headers[3] = {
		{ TEXT("Cache-Control"), TEXT("no-cache") },
		{ TEXT("X-Accel-Buffering"), TEXT("no") },
		{ TEXT("A2A-Extensions"),
		    text_of(gateway->settings->extension) },
	};
	struct bytes first = { 0 };
	struct aicx_http_response response = {
		.size = sizeof response,
		.status = 200,
		.content_type = TEXT("text/event-stream"),
		.headers = headers,
		.n_headers = op->extension ? 3 : 2,
	};
	json_t *event = op_wrap(op, json_pack("{s:o}", "task", task));
	aicx_err err;

	put_event(&first, NULL, event);
	json_decref(event);
	response.body = bytes_view(&first);
	err = gateway->host->respond_begin(op->exchange, &response);
	bytes_fini(&first);
	if (err != AICX_OK) {
		op_refuse(op, FAULT_UNSUPPORTED, "",
		    "this connection takes no stream");
		return;
	}
	op->streams = true;
	op->state = state;
	keep_alive(gateway);
	if (task_is_settled(state))
		stream_end(op);
	else
		watch(op, "");
}

void
stream_follow(struct op *op)
{
	op->state = "";
	watch(op, "");
}

static void
on_task(struct op *op, int status, json_t *deal)
{
	const json_t *known = status == 200 ? deal : NULL;
	const char *state = task_state(known, op->record);

	if (task_is_over(state))
		op_refuse(op, FAULT_UNSUPPORTED, "", "the task is over");
	else
		stream_begin(
		    op, task_of(op, op->task, known, op->record, true), state);
}

void
stream_subscribe(struct op *op)
{
	if (tasks_named(op, "id"))
		task_read(op, on_task);
}

void
stream_end_all(struct gateway *gateway)
{
	for (size_t i = 0; i < OP_BUCKETS; i++) {
		struct op *next;

		for (struct op *op = gateway->ops[i]; op != NULL; op = next) {
			next = op->next;
			if (op->streams)
				stream_end(op);
		}
	}
}
