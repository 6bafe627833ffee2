/* SPDX-License-Identifier: Apache-2.0 */
/* on_refund.c - a payment goes back, in part or in full, with the fee's
   share. */
#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "broker/payments.h"
#include "broker/transit.h"
#include "economics/bill.h"

struct refunding {
	PARAMS;
	struct aicx_id transaction_id;
	struct aicx_money amount;
	struct aicx_str reference;
};

const struct field refund_params[] = {
	PARAMS_METHOD(struct refunding),
	FIELD(struct refunding, transaction_id, "transaction_id", FIELD_ID,
	    .flags = FIELDF_REQUIRED, .help = "Which payment."),
	FIELD(struct refunding, amount, "amount", FIELD_MONEY,
	    .help = "How much; absent: all that is left of it."),
	FIELD(struct refunding, reference, "reference", FIELD_STR, .max = 256,
	    .help = "Why."),
	FIELD_END,
};
PARAMS_SIZE(refund, refunding);

/* The payment, if the caller is its payee or the operator. */
static aicx_err
find_payment(struct call *call, const struct aicx_id *id,
    struct transaction_state *ret_paid, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct transaction *transaction =
	    state_transaction(&broker->state, id);

	if (transaction == NULL ||
	    (must_act_for(call, &transaction->from, NULL) != AICX_OK &&
		must_act_for(call, &transaction->to, NULL) != AICX_OK))
		return not_found("transaction", id, reterr);
	if (!payment_state(broker, transaction, ret_paid))
		return err_word(reterr, AICX_ESTATE, "wrong_state",
		    "a %s cannot be refunded",
		    transfer_kind_names[transaction->kind]);
	if (must_act_for(call, &ret_paid->payee_id, NULL) != AICX_OK)
		return err_word(reterr, AICX_EDENIED, "denied",
		    "only the payee refunds, or the operator");
	return AICX_OK;
}

static void
put_refund(struct step *step, const struct transaction_state *paid,
    const struct aicx_id *refund_id, const struct aicx_money *amount,
    int64_t fee_back_minor)
{
	const struct currencies *currencies = &step->broker->state.currencies;
	struct json_writer w = step_reply(step);
	struct aicx_money money = *amount;

	json_key(&w, "transaction_id");
	json_put_id(&w, refund_id);
	json_key(&w, "refunds");
	json_put_id(&w, &paid->transaction_id);
	json_key(&w, "amount");
	money_put_json(&w, amount, currencies);
	money.minor = fee_back_minor;
	json_key(&w, "fee_back");
	money_put_json(&w, &money, currencies);
	money.minor = transaction_left(paid);
	json_key(&w, "left");
	money_put_json(&w, &money, currencies);
	json_key(&w, "status");
	json_put_text(&w, transaction_status_names[paid->status]);
	json_close(&w);
}

aicx_err
on_refund(struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct refunding *wish = params;
	struct transaction_state paid;
	struct aicx_money amount = wish->amount;
	struct move list[2];
	struct moves moves = { .list = list, .cap = 2 };
	aicx_err err = find_payment(call, &wish->transaction_id, &paid, reterr);

	if (err != AICX_OK)
		return err;
	if (!money_is_set(&amount)) {
		amount = paid.amount;
		amount.minor = transaction_left(&paid);
	}
	err = transaction_refund_check(
	    &paid, &amount, &broker->state.currencies, reterr);
	if (err != AICX_OK)
		return err;
	struct step *step = call_step(call, "transaction.refund",
	    deal_of_contract(broker, &paid.contract_id));
	struct aicx_id refund_id = broker_new_id(broker);
	int64_t fee_back_minor = transaction_fee_back(&paid, amount.minor);
	moves_refund(&moves, &paid, &refund_id, amount.minor, wish->reference);
	step_moves(step, &moves);
	payment_refunded(step, &paid, amount.minor);
	transit_put_refund(step, &paid, &refund_id, amount.minor);
	put_refund(step, &paid, &refund_id, &amount, fee_back_minor);
	err = call_commit(call, step, 201, reterr);
	if (err == AICX_OK)
		transit_go(broker, &refund_id);
	return err;
}
