/* SPDX-License-Identifier: Apache-2.0 */
/* on_account.c - money in and out, through the payment kind. */
#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "broker/balance.h"
#include "broker/transit.h"

struct account_wish {
	PARAMS;
	struct aicx_id agent_id;
	struct aicx_money amount;
	struct aicx_str reference;
};

#define ACCOUNT_PARAMS(name)                                                   \
	const struct field name##_params[] = {                                 \
		PARAMS_METHOD(struct account_wish),                            \
		FIELD(struct account_wish, agent_id, "agent_id", FIELD_ID,     \
		    .flags = FIELDF_REQUIRED, .help = "Whose account."),       \
		FIELD(struct account_wish, amount, "amount", FIELD_MONEY,      \
		    .flags = FIELDF_REQUIRED, .help = "How much."),            \
		FIELD(struct account_wish, reference, "reference", FIELD_STR,  \
		    .max = 256, .help = "What it is for."),                    \
		FIELD_END,                                                     \
	};                                                                     \
	PARAMS_SIZE(name, account_wish)

ACCOUNT_PARAMS(fund);
ACCOUNT_PARAMS(withdraw);

/* --- nothing moves outside: booked at once --------------------------- */

static aicx_err
book(
    struct call *call, const struct payment *payment, struct aicx_error *reterr)
{
	bool out = payment->op == PAYMENT_PAYOUT;
	const struct aicx_id *agent = &payment->party;
	struct step *step =
	    call_step(call, out ? "account.withdraw" : "account.fund", NULL);
	struct json_writer w = json_writer(&step->answer);

	step_move(step, out ? TRANSFER_WITHDRAW : TRANSFER_FUND,
	    &payment->payment_id, out ? agent : &ledger_funding,
	    COLUMN_AVAILABLE, out ? &ledger_funding : agent, COLUMN_AVAILABLE,
	    &payment->amount, NULL, NULL, payment->reference);
	put_account_answer(&w, call->broker, payment,
	    out ? -payment->amount.minor : payment->amount.minor);
	return call_commit(call, step, 201, reterr);
}

static void
on_paid(const struct aicx_pay_result *result, void *arg)
{
	struct call *call = arg;
	struct aicx_error error = { 0 };
	aicx_err err = AICX_OK;

	if (result->state != AICX_PAY_DONE)
		err = err_word(&error, AICX_ELIMIT, "denied",
		    "payment was refused: %s", result->error.text);
	if (err == AICX_OK)
		err = book(call, call->held, &error);
	if (err != AICX_OK)
		call_fail(call, &error);
}

/* --- fund and withdraw ----------------------------------------------- */

static aicx_err
pay(struct call *call, const struct account_wish *wish, enum payment_op op,
    struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	struct payment *payment = arena_new(&call->mem, sizeof *payment);
	const struct account *account = ledger_account(
	    broker->state.ledger, &wish->agent_id, wish->amount.currency);

	if (state_agent(&broker->state, &wish->agent_id) == NULL)
		return not_found("agent", &wish->agent_id, reterr);
	if (wish->amount.minor <= 0)
		return err_field(reterr, AICX_EINVAL, "invalid_amount",
		    "/amount/amount", "amount must be above zero");
	if (op == PAYMENT_PAYOUT &&
	    account->available_minor < wish->amount.minor)
		return err_word(reterr, AICX_ELIMIT, "insufficient_funds",
		    "account has less than that available");
	*payment = (struct payment) {
		.payment_id = broker_new_id(broker),
		.op = (int)op,
		.party = wish->agent_id,
		.amount = wish->amount,
		.reference = wish->reference,
	};
	if (!payment_is_internal(broker))
		return transit_begin_account(call, payment, reterr);
	call->held = payment;
	return transit_begin(broker, payment, 0, on_paid, call, reterr);
}

aicx_err
on_fund(struct call *call, const void *params, struct aicx_error *reterr)
{
	aicx_err err = disk_may_begin(call->broker, reterr);

	return err != AICX_OK ? err : pay(call, params, PAYMENT_FUND, reterr);
}

aicx_err
on_withdraw(struct call *call, const void *params, struct aicx_error *reterr)
{
	return pay(call, params, PAYMENT_PAYOUT, reterr);
}
