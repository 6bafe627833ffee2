/* SPDX-License-Identifier: Apache-2.0 */
/*
 * on_dispute.c - a buyer objects to what it paid under a contract: the payment
 * is frozen until the operator rules, or a policy rules at once.
 */
#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "broker/payments.h"
#include "broker/ruling.h"
#include "broker/transit.h"
#include "economics/bill.h"

struct disputing {
	PARAMS;
	struct aicx_id contract_id, execution_id;
	struct aicx_str reason;
};

const struct field dispute_params[] = {
	PARAMS_METHOD(struct disputing),
	FIELD(struct disputing, contract_id, "contract_id", FIELD_ID,
	    .flags = FIELDF_REQUIRED, .help = "Under which contract."),
	FIELD(struct disputing, execution_id, "execution_id", FIELD_ID,
	    .help = "Which work; absent: the last."),
	FIELD(struct disputing, reason, "reason", FIELD_STR,
	    .flags = FIELDF_REQUIRED, .min = 1, .max = 4096,
	    .help = "What is wrong with it."),
	FIELD_END,
};
PARAMS_SIZE(dispute, disputing);

static void
put_dispute(
    struct step *step, const struct dispute *dispute, const char *status)
{
	const struct currencies *currencies = &step->broker->state.currencies;
	struct json_writer w = step_reply(step);
	struct aicx_money part = dispute->amount;

	json_key(&w, "dispute_id");
	json_put_id(&w, &dispute->dispute_id);
	json_key(&w, "state");
	json_put_text(&w, dispute_state_names[dispute->state]);
	json_key(&w, "transaction_id");
	json_put_id(&w, &dispute->transaction_id);
	json_key(&w, "status");
	json_put_text(&w, status);
	json_key(&w, "amount");
	money_put_json(&w, &dispute->amount, currencies);
	part.minor = dispute->frozen_minor;
	json_key(&w, "frozen");
	money_put_json(&w, &part, currencies);
	if (dispute->state != DISPUTE_OPEN) {
		part.minor = dispute->refunded_minor;
		json_key(&w, "refunded");
		money_put_json(&w, &part, currencies);
	}
	json_close(&w);
}

/* What was paid for the work, and when it was done. */
static aicx_err
find_work(struct call *call, const struct disputing *wish,
    struct transaction_state *ret_paid, int64_t *ret_done_ms,
    struct aicx_error *reterr)
{
	struct state *state = &call->broker->state;
	const struct contract *contract =
	    state_contract(state, &wish->contract_id);
	const struct deal *deal =
	    contract ? deal_shown(call, &contract->deal_id) : NULL;

	if (deal == NULL)
		return not_found("contract", &wish->contract_id, reterr);
	aicx_err err = must_act_for(call, &contract->requester_id, reterr);
	if (err != AICX_OK)
		return err;
	const struct aicx_id *execution_id = id_is_nil(&wish->execution_id)
	    ? &deal->execution_id
	    : &wish->execution_id;
	const struct execution *execution =
	    state_execution(state, execution_id);
	const struct execution_status *status =
	    state_execution_status(state, execution_id);
	if (!id_is_nil(&wish->execution_id) &&
	    (execution == NULL ||
		!id_eq(&execution->contract_id, &contract->contract_id)))
		return err_field(reterr, AICX_ENOTFOUND, "not_found",
		    "/execution_id", "no such work under this contract");
	if (status == NULL || id_is_nil(&status->transaction_id))
		return err_word(reterr, AICX_ESTATE, "wrong_state",
		    "nothing was paid for this work");
	const struct transaction *transaction =
	    state_transaction(state, &status->transaction_id);
	if (transaction == NULL ||
	    !payment_state(call->broker, transaction, ret_paid))
		return err_word(reterr, AICX_ESTATE, "wrong_state",
		    "nothing was paid for this work");
	*ret_done_ms = status->completed_ms;
	return AICX_OK;
}

/* Ends the dispute in this step: rows, and the money. */
static void
put_ruling(struct step *step, struct dispute *dispute,
    struct transaction_state *paid, int64_t refund_minor,
    struct aicx_id *ret_refund_id)
{
	struct move list[4];
	struct moves moves = { .list = list, .cap = 4 };
	struct aicx_id refund_id = broker_new_id(step->broker);

	dispute->state = refund_minor > 0 ? DISPUTE_REFUNDED : DISPUTE_RELEASED;
	dispute->refunded_minor = refund_minor;
	dispute->closed_ms = step->now_ms;
	moves_rule(&moves, paid, dispute, &refund_id, refund_minor);
	step_moves(step, &moves);
	step_put(step, T_DISPUTE, dispute);
	payment_refunded(step, paid, refund_minor);
	transit_put_refund(step, paid, &refund_id, refund_minor);
	*ret_refund_id = refund_id;
	put_dispute(step, dispute, transaction_status_names[paid->status]);
}

static void
put_frozen(
    struct step *step, struct dispute *dispute, struct transaction_state *paid)
{
	const struct account *payee = ledger_account(
	    step->broker->state.ledger, &paid->payee_id, paid->amount.currency);
	struct move list[1];
	struct moves moves = { .list = list, .cap = 1 };

	dispute->frozen_minor = dispute_frozen(paid, payee->available_minor);
	moves_freeze(&moves, paid, dispute);
	step_moves(step, &moves);
	paid->status = TRANSACTION_FROZEN;
	step_put(step, T_TRANSACTION_STATE, paid);
	step_put(step, T_DISPUTE, dispute);
	put_dispute(step, dispute, transaction_status_names[paid->status]);
}

aicx_err
on_dispute(struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct disputing *wish = params;
	struct transaction_state paid;
	struct aicx_id refund_id = { { 0 } };
	int64_t done_ms = 0, refund_minor = 0;
	aicx_err err = find_work(call, wish, &paid, &done_ms, reterr);

	if (err == AICX_OK)
		err = dispute_check(&paid, done_ms,
		    broker->settings->dispute_window_ms, broker_now(broker),
		    reterr);
	if (err != AICX_OK)
		return err;
	struct step *step = call_step(call, "contract.dispute",
	    deal_of_contract(broker, &wish->contract_id));
	struct dispute dispute = {
		.dispute_id = broker_new_id(broker),
		.contract_id = wish->contract_id,
		.execution_id = paid.execution_id,
		.transaction_id = paid.transaction_id,
		.requester_id = paid.payer_id,
		.provider_id = paid.payee_id,
		.amount = paid.amount,
		.state = DISPUTE_OPEN,
		.reason = wish->reason,
		.opened_ms = step->now_ms,
	};
	dispute.amount.minor = transaction_left(&paid);
	paid.dispute_id = dispute.dispute_id;
	if (ruling_by_policy(step, &paid, &dispute, &refund_minor))
		put_ruling(step, &dispute, &paid, refund_minor, &refund_id);
	else
		put_frozen(step, &dispute, &paid);
	err = call_commit(call, step, 201, reterr);
	if (err == AICX_OK && refund_minor > 0)
		transit_go(broker, &refund_id);
	return err;
}

/* --- rulings ----------------------------------------------------------- */

enum ruling { RULING_RELEASE, RULING_REFUND };

static const char *const rulings[] = { "release", "refund", NULL };

struct ruling_params {
	PARAMS;
	struct aicx_id dispute_id;
	int ruling;
	struct aicx_money amount;
	struct aicx_str reason;
};

const struct field resolve_dispute_params[] = {
	PARAMS_METHOD(struct ruling_params),
	FIELD(struct ruling_params, dispute_id, "dispute_id", FIELD_ID,
	    .flags = FIELDF_REQUIRED, .help = "Which dispute."),
	FIELD(struct ruling_params, ruling, "ruling", FIELD_ENUM,
	    .flags = FIELDF_REQUIRED, .names = rulings,
	    .help = "release: the payee keeps it; refund: the payer gets it."),
	FIELD(struct ruling_params, amount, "amount", FIELD_MONEY,
	    .help = "With refund: how much of it; absent: all."),
	FIELD(struct ruling_params, reason, "reason", FIELD_STR, .max = 4096,
	    .help = "Why."),
	FIELD_END,
};
PARAMS_SIZE(resolve_dispute, ruling_params);

static aicx_err
refund_of(const struct ruling_params *wish, const struct dispute *dispute,
    struct aicx_money *ret_refund, struct aicx_error *reterr)
{
	bool has_amount = money_is_set(&wish->amount);

	*ret_refund = has_amount ? wish->amount : dispute->amount;
	if (wish->ruling == RULING_REFUND) {
		if (has_amount && wish->amount.minor <= 0)
			return err_field(reterr, AICX_EINVAL, "invalid_amount",
			    "/amount/amount", "amount must be above zero");
		return AICX_OK;
	}
	if (has_amount)
		return err_field(reterr, AICX_EINVAL, "invalid_params",
		    "/amount", "a release has no amount");
	ret_refund->minor = 0;
	return AICX_OK;
}

aicx_err
on_resolve_dispute(
    struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct ruling_params *wish = params;
	const struct dispute *row =
	    state_dispute(&broker->state, &wish->dispute_id);
	struct aicx_money refund;

	if (row == NULL)
		return not_found("dispute", &wish->dispute_id, reterr);
	aicx_err err = refund_of(wish, row, &refund, reterr);
	if (err == AICX_OK)
		err = dispute_rule_check(
		    row, &refund, &broker->state.currencies, reterr);
	if (err != AICX_OK)
		return err;
	const struct transaction_state *state =
	    state_transaction_state(&broker->state, &row->transaction_id);
	ENSURE(state != NULL && state->status == TRANSACTION_FROZEN);
	struct step *step = call_step(
	    call, "dispute.rule", deal_of_contract(broker, &row->contract_id));
	struct dispute dispute = *row;
	struct transaction_state paid = *state;
	dispute.ruling = wish->reason;
	dispute.ruled_by = call->who.agent_id;
	struct aicx_id refund_id;
	put_ruling(step, &dispute, &paid, refund.minor, &refund_id);
	err = call_commit(call, step, 200, reterr);
	if (err == AICX_OK && refund.minor > 0)
		transit_go(broker, &refund_id);
	return err;
}
