/* SPDX-License-Identifier: Apache-2.0 */
/*
 * on_charge.c - an agent pays another without an execution, from what is
 * available or from its own reservation; and payments the operator records.
 */
#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "broker/balance.h"
#include "broker/payments.h"
#include "economics/bill.h"

struct charging {
	PARAMS;
	struct aicx_id agent_id, to_agent_id;
	struct aicx_id reservation_id, budget_id, contract_id, execution_id;
	struct aicx_money amount;
	struct aicx_str reference;
	int status;
};

const struct field charge_params[] = {
	PARAMS_METHOD(struct charging),
	FIELD(struct charging, agent_id, "agent_id", FIELD_ID,
	    .flags = FIELDF_REQUIRED, .help = "Who pays: the caller."),
	FIELD(struct charging, to_agent_id, "to_agent_id", FIELD_ID,
	    .flags = FIELDF_REQUIRED, .help = "Who is paid."),
	FIELD(struct charging, amount, "amount", FIELD_MONEY,
	    .flags = FIELDF_REQUIRED, .help = "How much."),
	FIELD(struct charging, reservation_id, "reservation_id", FIELD_ID,
	    .help = "Pay from this reservation and release what is over."),
	FIELD(struct charging, budget_id, "budget_id", FIELD_ID,
	    .help = "In which budget it counts; absent: the agent's first."),
	FIELD(struct charging, contract_id, "contract_id", FIELD_ID,
	    .help = "A contract of the two that it belongs to."),
	FIELD(struct charging, reference, "reference", FIELD_STR, .max = 256,
	    .help = "What it is for."),
	FIELD_END,
};
PARAMS_SIZE(charge, charging);

/* Two agents, and an amount. */
static aicx_err
check_parties(struct broker *broker, const struct charging *wish,
    struct aicx_error *reterr)
{
	const struct agent *payee =
	    state_agent(&broker->state, &wish->to_agent_id);

	if (wish->amount.minor <= 0)
		return err_field(reterr, AICX_EINVAL, "invalid_amount",
		    "/amount/amount", "amount must be above zero");
	if (payee == NULL || payee->removed)
		return err_field(reterr, AICX_ENOTFOUND, "not_found",
		    "/to_agent_id", "no agent \"%s\"",
		    id_text(&wish->to_agent_id).text);
	if (id_eq(&wish->agent_id, &wish->to_agent_id))
		return err_field(reterr, AICX_EINVAL, "invalid_params",
		    "/to_agent_id", "an agent cannot pay itself");
	return AICX_OK;
}

/* Only what the two agreed on and did not end otherwise can be charged for. */
static aicx_err
check_contract(struct broker *broker, const struct charging *wish,
    struct aicx_error *reterr)
{
	const struct contract *contract =
	    state_contract(&broker->state, &wish->contract_id);
	const struct contract_state *state =
	    state_contract_state(&broker->state, &wish->contract_id);

	if (id_is_nil(&wish->contract_id))
		return AICX_OK;
	if (contract == NULL || state == NULL)
		return err_field(reterr, AICX_ENOTFOUND, "not_found",
		    "/contract_id", "no contract \"%s\"",
		    id_text(&wish->contract_id).text);
	if (!id_eq(&contract->requester_id, &wish->agent_id) ||
	    !id_eq(&contract->provider_id, &wish->to_agent_id))
		return err_field(reterr, AICX_EDENIED, "not_party",
		    "/contract_id",
		    "contract is not one of this payer and this payee");
	if (state->status != CONTRACT_SIGNED &&
	    state->status != CONTRACT_COMPLETED)
		return err_field(reterr, AICX_ESTATE, "wrong_state",
		    "/contract_id", "contract is %s",
		    contract_status_names[state->status]);
	return AICX_OK;
}

static aicx_err
check_reservation(struct broker *broker, const struct charging *wish,
    const struct hold *hold, int64_t now_ms, struct aicx_error *reterr)
{
	if (hold == NULL || !id_eq(&hold->agent_id, &wish->agent_id))
		return err_field(reterr, AICX_ENOTFOUND, "not_found",
		    "/reservation_id", "no reservation \"%s\"",
		    id_text(&wish->reservation_id).text);
	if (!id_is_nil(&hold->contract_id))
		return err_field(reterr, AICX_ESTATE, "held_by_contract",
		    "/reservation_id", "money is held by contract \"%s\"",
		    id_text(&hold->contract_id).text);
	aicx_err err = hold_resolve(hold, HOLD_POSTED, now_ms, reterr);
	if (err != AICX_OK)
		return err;
	if (!money_same_currency(&hold->amount, &wish->amount))
		return err_field(reterr, AICX_EINVAL, "invalid_amount",
		    "/amount/currency", "reservation is in %s, not in %s",
		    hold->amount.currency, wish->amount.currency);
	if (wish->amount.minor > hold->amount.minor)
		return err_field(reterr, AICX_EINVAL, "invalid_amount",
		    "/amount/amount", "only %s is reserved",
		    money_text(&broker->state.currencies, &hold->amount).text);
	return AICX_OK;
}

static void
put_paid(struct step *step, const struct transaction_state *paid)
{
	const struct currencies *currencies = &step->broker->state.currencies;
	struct json_writer w = step_reply(step);
	struct aicx_money fee = paid->amount;

	fee.minor = paid->fee_minor;
	json_key(&w, "transaction_id");
	json_put_id(&w, &paid->transaction_id);
	json_key(&w, "status");
	json_put_text(&w, transaction_status_names[paid->status]);
	json_key(&w, "amount");
	money_put_json(&w, &paid->amount, currencies);
	json_key(&w, "fee");
	money_put_json(&w, &fee, currencies);
	if (paid->settled_ms > 0) {
		json_key(&w, "settlement_time");
		json_put_time(&w, paid->settled_ms);
	}
	json_close(&w);
}

static struct transaction_state
paid_of(struct broker *broker, const struct charging *wish)
{
	return (struct transaction_state) {
		.transaction_id = broker_new_id(broker),
		.payer_id = wish->agent_id,
		.payee_id = wish->to_agent_id,
		.contract_id = wish->contract_id,
		.execution_id = wish->execution_id,
		.amount = wish->amount,
	};
}

/* From what is available, within the budgets. */
static aicx_err
charge_available(struct call *call, const struct charging *wish,
    struct transaction_state *paid, struct aicx_error *reterr)
{
	struct step *step = call_step(call, "account.charge", NULL);

	payment_begin(step, paid);
	aicx_err err = payment_charge(
	    step, &wish->budget_id, paid, wish->reference, reterr);
	if (err != AICX_OK) {
		step_abandon(step);
		return err;
	}
	put_paid(step, paid);
	return call_commit(call, step, 201, reterr);
}

static aicx_err
charge_reserved(struct call *call, const struct charging *wish,
    struct transaction_state *paid, struct aicx_error *reterr)
{
	const struct hold *hold =
	    state_hold(&call->broker->state, &wish->reservation_id);
	struct step *step = call_step(call, "account.charge", NULL);
	aicx_err err =
	    check_reservation(call->broker, wish, hold, step->now_ms, reterr);

	if (err != AICX_OK) {
		step_abandon(step);
		return err;
	}
	payment_begin(step, paid);
	paid->budget_id = hold->budget_id;
	paid->made_ms = hold->created_ms;
	hold_pay(step, hold, paid, wish->reference);
	put_paid(step, paid);
	return call_commit(call, step, 201, reterr);
}

aicx_err
on_charge(struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct charging *wish = params;
	aicx_err err;

	if (!id_eq(&call->who.agent_id, &wish->agent_id))
		return err_word(reterr, AICX_EDENIED, "denied",
		    "only an agent itself spends its money");
	err = check_parties(broker, wish, reterr);
	if (err == AICX_OK)
		err = check_contract(broker, wish, reterr);
	if (err != AICX_OK)
		return err;
	struct transaction_state paid = paid_of(broker, wish);
	paid.fee_minor =
	    transaction_fee(wish->amount.minor, broker->settings->fee_ppm);
	if (id_is_nil(&wish->reservation_id))
		return charge_available(call, wish, &paid, reterr);
	return charge_reserved(call, wish, &paid, reterr);
}

/* --- by the operator's word ------------------------------------------- */

static const char *const record_statuses[] = { "settled", "pending", NULL };

const struct field record_transaction_params[] = {
	PARAMS_METHOD(struct charging),
	FIELD(struct charging, agent_id, "from_agent_id", FIELD_ID,
	    .flags = FIELDF_REQUIRED, .help = "Who pays."),
	FIELD(struct charging, to_agent_id, "to_agent_id", FIELD_ID,
	    .flags = FIELDF_REQUIRED, .help = "Who is paid."),
	FIELD(struct charging, amount, "amount", FIELD_MONEY,
	    .flags = FIELDF_REQUIRED, .help = "How much."),
	FIELD(struct charging, status, "status", FIELD_ENUM,
	    .names = record_statuses,
	    .help = "settled, or pending until it is settled."),
	FIELD(struct charging, execution_id, "execution_id", FIELD_ID,
	    .help = "Work that it is for."),
	FIELD(struct charging, reference, "reference", FIELD_STR, .max = 256,
	    .help = "What it is for."),
	FIELD_END,
};
PARAMS_SIZE(record_transaction, charging);

aicx_err
on_record_transaction(
    struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct charging *wish = params;
	aicx_err err = check_parties(broker, wish, reterr);

	if (err == AICX_OK &&
	    state_agent(&broker->state, &wish->agent_id) == NULL)
		err = err_field(reterr, AICX_ENOTFOUND, "not_found",
		    "/from_agent_id", "no agent \"%s\"",
		    id_text(&wish->agent_id).text);
	if (err != AICX_OK)
		return err;
	struct step *step = call_step(call, "transaction.record", NULL);
	struct transaction_state paid = paid_of(broker, wish);
	bool later = wish->status == 1;
	paid.status = later ? TRANSACTION_PENDING : TRANSACTION_SETTLED;
	paid.made_ms = step->now_ms;
	paid.settled_ms = later ? 0 : step->now_ms;
	payment_move(step, TRANSFER_RECORD, &paid, wish->reference);
	put_paid(step, &paid);
	return call_commit(call, step, 201, reterr);
}
