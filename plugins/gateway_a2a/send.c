/* SPDX-License-Identifier: Apache-2.0 */
/*
 * send.c - a message that becomes a task: checked, bought, waited for.
 *
 * The task's id follows from the caller and the messageId, and the purchase has
 * it as the deal's id and as its key: whoever sends a message again gets the
 * same task, and pays once.
 */
#include "send.h"

#include "accept.h"
#include "message.h"
#include "push.h"
#include "record.h"
#include "task.h"
#include "under.h"

#include <string.h>

static const json_t *
message_of(const struct op *op)
{
	return member(op->params, "message");
}

static const json_t *
terms_of(const struct op *op)
{
	return op->extension
	    ? message_terms(op->params, op->gateway->settings->extension)
	    : NULL;
}

static const json_t *
push_of(const struct op *op)
{
	return member(
	    member(op->params, "configuration"), "taskPushNotificationConfig");
}

bool
send_pushes(const struct op *op)
{
	return push_of(op) != NULL;
}

/* --- after the order --------------------------------------------------------
 */

/* Refusals that say something about the world, not about the request: the task
   exists and is REJECTED. */
static bool
is_rejection(const char *code)
{
	static const char *const codes[] = { "no_offer", "no_mandate",
		"mandate_exhausted", "mandate_expired", "insufficient_funds",
		"budget_exceeded", "policy_refused", "policy_failed", NULL };
	size_t i = 0;

	while (codes[i] != NULL && strcmp(codes[i], code) != 0)
		i++;
	return codes[i] != NULL;
}

/* The wire refused; is there a deal all the same? */
static void
on_refused_deal(struct op *op, int status, json_t *deal)
{
	const json_t *problem = json_object_get(op->list, "problem");
	const char *code = member_text(problem, "code");

	(void)deal;
	if (status == 200) {
		task_answer(op);
	} else if (is_rejection(code)) {
		record_refuse(op->gateway, op->task, op->record, code,
		    member_text(problem, "detail"));
		task_answer(op);
	} else {
		record_drop(op->gateway, op->task);
		op_problem(op,
		    (int)json_integer_value(
			json_object_get(op->list, "status")),
		    problem);
	}
}

void
send_ended(struct op *op, int status, json_t *answer)
{
	if (status < 400) {
		task_answer(op);
		return;
	}
	json_decref(op->list);
	op->list = json_pack("{s:i,s:O}", "status", status, "problem", answer);
	op_call(op, "deal.get", json_pack("{s:s}", "deal_id", op->task), NULL,
	    on_refused_deal);
}

/* --- the order
 * ----------------------------------------------------------------
 */

static void
on_bought(struct op *op, int status, json_t *answer)
{
	op->bought = true;
	if (!op->streams) /* else deal.watch tells it */
		send_ended(op, status, answer);
}

/* The client does not wait: the deal as it is now, if it came to be. */
static void
on_begun(struct op *op, int status, json_t *deal)
{
	(void)deal;
	if (!op->bought && status == 200)
		task_answer(op);
}

static json_t *
price_of(const json_t *terms)
{
	const json_t *budget = json_object_get(terms, "budget");
	const char *currency = member_text(budget, "currency");

	return member(budget, "max") != NULL
	    ? json_pack("{s:O,s:s}", "amount", member(budget, "max"),
		  "currency", *currency != '\0' ? currency : "AIC")
	    : NULL;
}

static json_t *
order_of(struct op *op)
{
	json_t *input = message_input(
	    message_of(op), json_object_get(op->capability, "input_schema"));
	json_t *order = json_pack("{s:O,s:o}", "need",
	    json_object_get(op->record, "skill"), "input", input);
	json_t *price = price_of(terms_of(op));

	if (price != NULL)
		(void)json_object_set_new(order, "max_price", price);
	if (op->agent[0] != '\0')
		(void)json_object_set_new(
		    order, "provider_id", json_string(op->agent));
	return order;
}

void
send_work(struct op *op, const char *method, json_t *params, const char *key,
    op_next_fn *next, bool follow)
{
	op_hold(op);
	op_call(op, method, params, key, next);
	if (op->exchange != NULL && !op->bought && follow)
		push_follow(op);
	if (!op->waits && op->exchange != NULL && !op->bought)
		op_call(op, "deal.get", json_pack("{s:s}", "deal_id", op->task),
		    NULL, on_begun);
	op_release(op);
}

static void
buy(struct op *op)
{
	json_t *order = order_of(op);
	const json_t *terms = terms_of(op);

	(void)json_object_set_new(order, "deal_id", json_string(op->task));
	(void)json_object_set_new(order, "answers", json_true());
	if (json_object_get(terms, "choose") != NULL)
		(void)json_object_set(
		    order, "choose", json_object_get(terms, "choose"));
	send_work(op, "deal.buy", order, op->task, on_bought, send_pushes(op));
}

/* Who knows our terms and names a budget chooses among offers, unless it says
   by which rule we choose for it. */
static bool
asks_for_offers(const struct op *op)
{
	const json_t *terms = terms_of(op);

	return member(json_object_get(terms, "budget"), "max") != NULL &&
	    json_object_get(terms, "choose") == NULL;
}

/* A contract that is there already: work under it. */
static const char *
contract_of(const struct op *op)
{
	return member_text(terms_of(op), "contract_id");
}

static void
begin(struct op *op)
{
	if (asks_for_offers(op))
		accept_ask(op, order_of(op));
	else
		buy(op);
}

/* --- the record
 * ----------------------------------------------------------------
 */

/* A message that was sent before goes on where it stands. */
static void
again(struct op *op, const json_t *hash)
{
	if (!json_equal(json_object_get(op->record, "hash"), hash))
		op_refuse(op, FAULT_PARAMS, "message.messageId",
		    "another message had this messageId");
	else if (json_object_get(op->record, "refused") != NULL ||
	    asks_for_offers(op))
		task_answer(op);
	else
		begin(op);
}

static void
keep_and_begin(struct op *op, const char *skill)
{
	json_t *hash = record_hash(op);

	record_id(op, member_text(message_of(op), "messageId"), op->task);
	op->record = record_get(op->gateway, op->task);
	if (op->record != NULL) {
		op_hold(op);
		again(op, hash);
		json_decref(hash);
		op_release(op);
		return;
	}
	op->record = record_new(op, skill, hash);
	if (send_pushes(op))
		json_decref(push_keep(op, push_of(op)));
	if (!record_put(op->gateway, op->task, op->record))
		op_status(op, 503, "the store takes nothing now", NULL);
	else
		begin(op);
}

/* --- what is meant
 * ----------------------------------------------------------------
 */

static void
on_capability(struct op *op, int status, json_t *answer)
{
	const json_t *list = json_object_get(answer, "capabilities");
	const char *skill = message_skill(message_of(op));

	if (status != 200) {
		op_problem(op, status, answer);
		return;
	}
	op->capability = json_incref(json_array_get(list, 0));
	if (*skill == '\0' && op->agent[0] != '\0' &&
	    json_array_size(list) == 1)
		skill = member_text(op->capability, "name");
	if (*skill == '\0')
		skill = op->gateway->settings->skill;
	if (*skill == '\0')
		op_refuse(op, FAULT_PARAMS, "message.metadata.skill",
		    "which skill is meant is not said");
	else if (op->agent[0] != '\0' && json_array_size(list) == 0)
		op_refuse(op, FAULT_PARAMS, "message.metadata.skill",
		    "this agent has no skill \"%.100s\"", skill);
	else
		keep_and_begin(op, skill);
}

static void
find_capability(struct op *op)
{
	const char *skill = message_skill(message_of(op));
	json_t *params = json_pack("{s:i}", "limit", 2);

	if (*skill == '\0' && op->agent[0] == '\0')
		skill = op->gateway->settings->skill;
	if (*skill == '\0' && op->agent[0] == '\0') {
		json_decref(params);
		op_refuse(op, FAULT_PARAMS, "message.metadata.skill",
		    "which skill is meant is not said");
		return;
	}
	if (*skill != '\0')
		(void)json_object_set_new(params, "name", json_string(skill));
	if (op->agent[0] != '\0')
		(void)json_object_set_new(
		    params, "agent_id", json_string(op->agent));
	op_call(op, "discovery.list_capabilities", params, NULL, on_capability);
}

static bool
read_configuration(struct op *op, struct fault *ret_fault)
{
	const json_t *configuration = member(op->params, "configuration");

	op->waits = op->operation != OP_STREAM &&
	    !json_is_true(member(configuration, "returnImmediately"));
	if (member(configuration, "historyLength") != NULL &&
	    (!member_number(configuration, "historyLength", &op->history) ||
		op->history < 0)) {
		fault_set(ret_fault, FAULT_PARAMS,
		    "configuration.historyLength",
		    "historyLength is no number from 0 on");
		return false;
	}
	return push_of(op) == NULL || push_check(push_of(op), ret_fault);
}

void
send_message(struct op *op)
{
	struct fault fault;

	if (!message_check(message_of(op), &fault) ||
	    !read_configuration(op, &fault))
		op_fail(op, &fault);
	else if (*member_text(message_of(op), "taskId") != '\0')
		accept_message(op);
	else if (*contract_of(op) != '\0')
		under_contract(op, contract_of(op));
	else
		find_capability(op);
}
