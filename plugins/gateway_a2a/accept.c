/* SPDX-License-Identifier: Apache-2.0 */
/*
 * accept.c - a client that chooses itself: offers shown, one accepted.
 *
 * ask: intent, offers -> INPUT_REQUIRED.  accept: contract, signature, work.
 * Who has a mandate that covers the offer signs by it; the broker signs for
 * whom it keeps the key; everybody else signs the contract that is shown.  A
 * seller that asks back is answered by a message of the task, too.
 */
#include "accept.h"

#include "message.h"
#include "push.h"
#include "record.h"
#include "send.h"
#include "task.h"

#include <stdio.h>
#include <string.h>

/* --- offers ------------------------------------------------------------------
 */

static void
on_offers(struct op *op, int status, json_t *answer)
{
	if (status == 200 &&
	    json_array_size(json_object_get(answer, "offers")) == 0)
		record_refuse(op->gateway, op->task, op->record, "no_offer",
		    "nobody offered it on these terms");
	task_answer(op);
}

static void
on_intent(struct op *op, int status, json_t *answer)
{
	if (status >= 400)
		send_ended(op, status, answer);
	else if (op->waits || op->operation == OP_STREAM)
		op_call(op, "negotiation.collect_offers",
		    json_pack("{s:s,s:i}", "intent_id", op->task, "timeout_ms",
			60000),
		    NULL, on_offers);
	else
		task_answer(op);
}

void
accept_ask(struct op *op, json_t *order)
{
	(void)json_object_set_new(order, "intent_id", json_string(op->task));
	op_call(op, "negotiation.broadcast_intent", order, op->task, on_intent);
}

/* --- one of them
 * ---------------------------------------------------------------
 */

static const json_t *
terms_of(const struct op *op)
{
	return op->extension
	    ? message_terms(op->params, op->gateway->settings->extension)
	    : NULL;
}

/* Work that failed is a task that failed; what was not ordered is a refusal. */
static void
on_worked(struct op *op, int status, json_t *answer)
{
	if (status == 502 || status == 504 || status < 400)
		task_answer(op);
	else
		op_problem(op, status, answer);
}

static void
on_signed_deal(struct op *op, int status, json_t *deal)
{
	const char *state = member_text(deal, "state");
	char key[TASK_ID_TEXT + 8];

	if (status != 200 || strcmp(state, "signed") != 0) {
		task_answer(op);
		return;
	}
	(void)snprintf(key, sizeof key, "work-%s", op->task);
	op_call(op, "execution.execute",
	    json_pack("{s:O,s:O,s:b}", "contract_id",
		json_object_get(deal, "contract_id"), "input",
		json_object_get(json_object_get(deal, "intent"), "input"),
		"answers", 1),
	    key, on_worked);
	if (op->exchange != NULL)
		push_follow(op);
}

static void
on_signed(struct op *op, int status, json_t *answer)
{
	if (status >= 400)
		op_problem(op, status, answer);
	else
		op_call(op, "deal.get", json_pack("{s:s}", "deal_id", op->task),
		    NULL, on_signed_deal);
}

/* A key of one's own, or the one that the broker keeps. */
static void
sign(struct op *op, const json_t *contract)
{
	const json_t *object = json_object_get(terms_of(op), "contract");
	json_t *params = json_pack(
	    "{s:O}", "contract_id", json_object_get(contract, "contract_id"));

	if (json_is_object(object)) {
		(void)json_object_set(
		    params, "key_id", json_object_get(object, "key_id"));
		(void)json_object_set(
		    params, "signature", json_object_get(object, "signature"));
	}
	op_call(op, "negotiation.sign_contract", params, NULL, on_signed);
}

/* Not by the broker: the client sees the contract and signs it. */
static void
on_kept_key(struct op *op, int status, json_t *answer)
{
	if (status >= 400)
		task_answer(op);
	else
		on_signed(op, status, answer);
}

static void
on_drafted(struct op *op, int status, json_t *contract)
{
	if (status >= 400) {
		op_problem(op, status, contract);
		return;
	}
	if (strcmp(member_text(contract, "status"), "signed") == 0)
		on_signed(op, status, contract);
	else
		op_call(op, "negotiation.sign_contract",
		    json_pack("{s:O}", "contract_id",
			json_object_get(contract, "contract_id")),
		    NULL, on_kept_key);
}

static void
accept_offer(struct op *op, const char *offer)
{
	json_t *params = json_pack("{s:s}", "offer_id", offer);
	const json_t *mandate = json_object_get(terms_of(op), "mandate_id");

	if (mandate != NULL)
		(void)json_object_set(params, "mandate_id", (json_t *)mandate);
	else
		(void)json_object_set_new(params, "by_mandate", json_true());
	op_call(op, "negotiation.select_offer", params, offer, on_drafted);
}

/* --- what the seller asks
 * ----------------------------------------------------------------
 */

static void
on_answered(struct op *op, int status, json_t *answer)
{
	op->bought = true;
	if (!op->streams) /* else deal.watch tells it */
		on_worked(op, status, answer);
}

static void
answer_question(struct op *op, const json_t *deal)
{
	json_t *input = message_input(member(op->params, "message"), NULL);

	send_work(op, "execution.answer",
	    json_pack("{s:O,s:o}", "execution_id",
		json_object_get(deal, "execution_id"), "answer", input),
	    NULL, on_answered, true);
}

/* --- a message for a task
 * --------------------------------------------------------
 */

static bool
was_heard(const struct op *op)
{
	const json_t *messages = json_object_get(op->record, "messages");
	const char *id =
	    member_text(member(op->params, "message"), "messageId");

	for (size_t i = 0; i < json_array_size(messages); i++)
		if (strcmp(
			member_text(json_array_get(messages, i), "messageId"),
			id) == 0)
			return true;
	return false;
}

static void
keep(struct op *op)
{
	(void)json_array_append(json_object_get(op->record, "messages"),
	    member(op->params, "message"));
	(void)record_put(op->gateway, op->task, op->record);
}

static void
on_task(struct op *op, int status, json_t *deal)
{
	const json_t *message = member(op->params, "message");
	const char *context = member_text(message, "contextId");
	const char *offer = member_text(terms_of(op), "accept");
	const char *state = task_state(status == 200 ? deal : NULL, op->record);

	if (*context != '\0' &&
	    strcmp(context, member_text(op->record, "context")) != 0)
		op_refuse(op, FAULT_PARAMS, "message.contextId",
		    "the task belongs to another context");
	else if (was_heard(op))
		task_answer(op);
	else if (task_is_over(state))
		op_refuse(op, FAULT_UNSUPPORTED, "", "the task is over");
	else if (!task_is_settled(state))
		op_refuse(op, FAULT_UNSUPPORTED, "",
		    "the task takes no messages while it is worked on");
	else if (task_asks(deal) != NULL) {
		keep(op);
		answer_question(op, deal);
	} else if (*offer == '\0')
		op_refuse(op, FAULT_PARAMS, "message.metadata",
		    "an offer of the task must be accepted, by the extension");
	else if (strcmp(member_text(deal, "state"), "proposed") == 0) {
		keep(op);
		sign(op, json_object_get(deal, "contract"));
	} else {
		keep(op);
		accept_offer(op, offer);
	}
}

void
accept_message(struct op *op)
{
	const char *task = member_text(member(op->params, "message"), "taskId");

	if (strlen(task) != TASK_ID_TEXT) {
		op_refuse(
		    op, FAULT_TASK_NOT_FOUND, "", "there is no such task");
		return;
	}
	memcpy(op->task, task, sizeof op->task);
	task_read(op, on_task);
}
