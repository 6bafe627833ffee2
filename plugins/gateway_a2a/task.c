/* SPDX-License-Identifier: Apache-2.0 */
/* task.c - a deal as A2A shows it: its state, its result, its history. */
#include "task.h"

#include "message.h"
#include "push.h"
#include "record.h"
#include "stream.h"

#include <string.h>

/* --- states ----------------------------------------------------------------
 */

/* Of a deal, or of an event of deal.watch. */
static const json_t *
last_execution(const json_t *deal)
{
	const json_t *list = json_object_get(deal, "executions");

	return json_array_size(list) > 0
	    ? json_array_get(list, json_array_size(list) - 1)
	    : json_object_get(deal, "execution");
}

const json_t *
task_asks(const json_t *deal)
{
	const json_t *asks = json_object_get(last_execution(deal), "asks");

	return asks != NULL ? asks : json_object_get(deal, "asks");
}

static const char *
working_state(const json_t *deal)
{
	const json_t *asks = task_asks(deal);

	if (asks == NULL)
		return "TASK_STATE_WORKING";
	return json_is_true(json_object_get(asks, "auth"))
	    ? "TASK_STATE_AUTH_REQUIRED"
	    : "TASK_STATE_INPUT_REQUIRED";
}

/* What ended without a result: before any work, or in it. */
static const char *
ended_badly(const json_t *deal)
{
	if (strcmp(member_text(deal, "reason"), "cancelled") == 0)
		return "TASK_STATE_CANCELED";
	return json_object_get(deal, "execution_id") != NULL
	    ? "TASK_STATE_FAILED"
	    : "TASK_STATE_REJECTED";
}

const char *
task_state(const json_t *deal, const json_t *record)
{
	const char *state = member_text(deal, "state");
	bool buys = json_is_true(json_object_get(deal, "buy"));

	if (member(record, "refused") != NULL)
		return "TASK_STATE_REJECTED";
	if (deal == NULL)
		return "TASK_STATE_FAILED"; /* a stop came between */
	if (strcmp(state, "open") == 0)
		return buys ? "TASK_STATE_SUBMITTED"
			    : "TASK_STATE_INPUT_REQUIRED";
	if (strcmp(state, "proposed") == 0)
		return "TASK_STATE_INPUT_REQUIRED";
	if (strcmp(state, "signed") == 0)
		return "TASK_STATE_SUBMITTED";
	if (strcmp(state, "working") == 0)
		return working_state(deal);
	if (strcmp(state, "settled") == 0)
		return "TASK_STATE_COMPLETED";
	if (strcmp(state, "cancelled") == 0)
		return "TASK_STATE_CANCELED";
	return ended_badly(deal);
}

static bool
is_one_of(const char *state, const char *const *list)
{
	while (*list != NULL && strcmp(*list, state) != 0)
		list++;
	return *list != NULL;
}

bool
task_is_over(const char *state)
{
	static const char *const over[] = { "TASK_STATE_COMPLETED",
		"TASK_STATE_FAILED", "TASK_STATE_CANCELED",
		"TASK_STATE_REJECTED", NULL };

	return is_one_of(state, over);
}

static bool
waits_for_client(const char *state)
{
	static const char *const waiting[] = { "TASK_STATE_INPUT_REQUIRED",
		"TASK_STATE_AUTH_REQUIRED", NULL };

	return is_one_of(state, waiting);
}

bool
task_is_settled(const char *state)
{
	return task_is_over(state) || waits_for_client(state);
}

/* --- the parts of a task ---------------------------------------------------
 */

static json_t *
reason_of(const json_t *deal, const json_t *record)
{
	const json_t *refused = member(record, "refused");
	const json_t *execution = last_execution(deal);
	const char *detail = member_text(refused, "detail");
	bool late = strcmp(member_text(execution, "state"), "TIMEOUT") == 0;

	if (deal == NULL && refused == NULL)
		return json_string("the broker stopped before the work was "
				   "ordered");
	if (*detail == '\0')
		detail = member_text(execution, "detail");
	if (*detail == '\0')
		detail = member_text(deal, "detail");
	if (*detail == '\0')
		detail = member_text(deal, "reason");
	return json_sprintf("%s%s%s", late ? "TIMEOUT" : "",
	    late && *detail != '\0' ? ": " : "", detail);
}

/* What a signed offer is to whoever may accept it. */
static json_t *
offers_of(const json_t *deal)
{
	static const char *const names[] = { "offer_id", "provider_id", "text",
		"key_id", "signature", "terms", "price", "expires" };
	const json_t *offers = json_object_get(deal, "offers");
	json_t *list = json_array();

	for (size_t i = 0; i < json_array_size(offers); i++) {
		json_t *one = json_object();

		for (size_t k = 0; k < sizeof names / sizeof *names; k++)
			if (json_object_get(
				json_array_get(offers, i), names[k]) != NULL)
				(void)json_object_set(one, names[k],
				    json_object_get(
					json_array_get(offers, i), names[k]));
		(void)json_array_append_new(list, one);
	}
	return list;
}

/* The seller's own question, in its own parts. */
static json_t *
asked_of(const char *id, const json_t *asks, const json_t *record)
{
	json_t *parts = member(member(asks, "data"), "parts");
	json_t *message = message_ours(
	    id, member_text(record, "context"), member_text(asks, "message"));

	if (json_array_size(parts) > 0)
		(void)json_object_set(message, "parts", parts);
	return message;
}

/* What the client has to say next, in words and for our extension. */
static json_t *
question_of(
    struct op *op, const char *id, const json_t *deal, const json_t *record)
{
	const char *uri = op->gateway->settings->extension;
	bool proposed = strcmp(member_text(deal, "state"), "proposed") == 0;

	if (task_asks(deal) != NULL)
		return asked_of(id, task_asks(deal), record);
	json_t *message = message_ours(id, member_text(record, "context"),
	    proposed ? "The contract must be signed."
		     : "An offer must be accepted.");
	json_t *terms = proposed
	    ? json_pack("{s:s,s:O*}", "status", "contract", "contract",
		  json_object_get(deal, "contract"))
	    : json_pack(
		  "{s:s,s:o}", "status", "offer", "offers", offers_of(deal));

	(void)json_object_set_new(
	    message, "metadata", json_pack("{s:o}", uri, terms));
	(void)json_object_set_new(message, "extensions", json_pack("[s]", uri));
	return message;
}

static json_t *
status_of(
    struct op *op, const char *id, const json_t *deal, const json_t *record)
{
	const char *state = task_state(deal, record);
	const char *at = member_text(member(record, "refused"), "at");
	json_t *status;

	if (*at == '\0')
		at = member_text(deal, "changed");
	if (*at == '\0')
		at = member_text(record, "at");
	status = json_pack("{s:s,s:s}", "state", state, "timestamp", at);
	if (waits_for_client(state)) {
		(void)json_object_set_new(
		    status, "message", question_of(op, id, deal, record));
	} else if (task_is_over(state) &&
	    strcmp(state, "TASK_STATE_COMPLETED") != 0) {
		json_t *text = reason_of(deal, record);

		(void)json_object_set_new(status, "message",
		    message_ours(id, member_text(record, "context"),
			json_string_value(text)));
		json_decref(text);
	}
	return status;
}

static json_t *
history_of(const json_t *record, json_int_t most)
{
	const json_t *messages = json_object_get(record, "messages");
	size_t n = json_array_size(messages);
	size_t from = most >= 0 && (size_t)most < n ? n - (size_t)most : 0;
	json_t *list = json_array();

	for (size_t i = from; i < n; i++)
		(void)json_array_append(list, json_array_get(messages, i));
	return list;
}

/* What it cost, under which contract. */
static json_t *
terms_of(struct op *op, const json_t *deal)
{
	const json_t *execution = last_execution(deal);

	return json_pack("{s:{s:O*,s:O*,s:O*,s:O*}}",
	    op->gateway->settings->extension, "contract_id",
	    json_object_get(deal, "contract_id"), "execution_id",
	    json_object_get(deal, "execution_id"), "cost_actual",
	    json_object_get(execution, "cost"), "receipt",
	    json_object_get(deal, "receipt"));
}

json_t *
task_of(struct op *op, const char *id, const json_t *deal, const json_t *record,
    bool artifacts)
{
	const json_t *output = json_object_get(last_execution(deal), "output");
	json_t *task = json_pack("{s:s,s:s,s:o}", "id", id, "contextId",
	    member_text(record, "context"), "status",
	    status_of(op, id, deal, record));

	if (artifacts && output != NULL)
		(void)json_object_set_new(task, "artifacts",
		    message_artifacts(
			output, member_text(deal, "execution_id")));
	if (op->history != 0)
		(void)json_object_set_new(
		    task, "history", history_of(record, op->history));
	if (op->extension && member(deal, "execution_id") != NULL)
		(void)json_object_set_new(task, "metadata", terms_of(op, deal));
	return task;
}

/* --- reading it -------------------------------------------------------------
 */

static void
not_found(struct op *op)
{
	op_refuse(op, FAULT_TASK_NOT_FOUND, "", "there is no such task");
}

/* A task of the caller's own: bought by it, through this gateway. */
static bool
is_mine(struct op *op, const json_t *record)
{
	return record != NULL &&
	    strcmp(member_text(record, "owner"),
		member_text(op->caller, "agent_id")) == 0 &&
	    (op->agent[0] == '\0' ||
		strcmp(member_text(record, "agent"), op->agent) == 0);
}

void
task_read(struct op *op, op_next_fn *next)
{
	json_t *record = record_get(op->gateway, op->task);

	json_decref(op->record);
	op->record = record;
	if (!is_mine(op, record)) {
		not_found(op);
		return;
	}
	op_call(op, "deal.get", json_pack("{s:s}", "deal_id", op->task), NULL,
	    next);
}

static void
answer_with(struct op *op, const json_t *deal)
{
	json_t *task = task_of(op, op->task, deal, op->record, true);

	if (op->operation == OP_STREAM) {
		stream_begin(op, task, task_state(deal, op->record));
		return;
	}
	if (op->operation == OP_SEND)
		task = json_pack("{s:o}", "task", task);
	op_result(op, task);
}

static void
on_receipt(struct op *op, int status, json_t *receipt)
{
	json_t *deal = json_incref(op->list);

	if (status == 200)
		(void)json_object_set(deal, "receipt", receipt);
	answer_with(op, deal);
	json_decref(deal);
}

static void
on_deal(struct op *op, int status, json_t *deal)
{
	const char *transaction =
	    member_text(last_execution(deal), "transaction_id");

	if (status == 200 && !task_is_settled(task_state(deal, op->record)))
		push_follow(op); /* a restart may have come between */
	if (status != 200 && status != 404) {
		op_problem(op, status, deal);
	} else if (status == 404) {
		answer_with(op, NULL);
	} else if (op->extension && *transaction != '\0') {
		json_decref(op->list);
		op->list = json_incref(deal);
		op_call(op, "economics.get_receipt",
		    json_pack("{s:s}", "transaction_id", transaction), NULL,
		    on_receipt);
	} else {
		answer_with(op, deal);
	}
}

void
task_answer(struct op *op)
{
	task_read(op, on_deal);
}
