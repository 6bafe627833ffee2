/* SPDX-License-Identifier: Apache-2.0 */
/* on_account.c - money in and out, through the payment kind. */
#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "broker/balance.h"

struct payment {
	PARAMS;
	struct aicx_id agent_id;
	struct aicx_money amount;
	struct aicx_str reference;
};

#define PAYMENT_PARAMS(name)                                                   \
	const struct field name##_params[] = {                                 \
		PARAMS_METHOD(struct payment),                                 \
		FIELD(struct payment, agent_id, "agent_id", FIELD_ID,          \
		    .flags = FIELDF_REQUIRED, .help = "Whose account."),       \
		FIELD(struct payment, amount, "amount", FIELD_MONEY,           \
		    .flags = FIELDF_REQUIRED, .help = "How much."),            \
		FIELD(struct payment, reference, "reference", FIELD_STR,       \
		    .max = 256, .help = "What it is for."),                    \
		FIELD_END,                                                     \
	};                                                                     \
	PARAMS_SIZE(name, payment)

PAYMENT_PARAMS(fund);
PAYMENT_PARAMS(withdraw);

struct payment_job { /* in the call's memory */
	const struct payment *payment;
	struct aicx_id transaction_id;
	struct aicx_pay pay;
	bool out;
};

static aicx_err
book(
    struct call *call, const struct payment_job *job, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct payment *payment = job->payment;
	const struct aicx_id *agent = &payment->agent_id;
	struct step *step = call_step(
	    call, job->out ? "account.withdraw" : "account.fund", NULL);

	step_move(step, job->out ? TRANSFER_WITHDRAW : TRANSFER_FUND,
	    &job->transaction_id, job->out ? agent : &ledger_funding,
	    COLUMN_AVAILABLE, job->out ? &ledger_funding : agent,
	    COLUMN_AVAILABLE, &payment->amount, NULL, NULL, payment->reference);
	struct json_writer w = step_reply(step);
	json_key(&w, "transaction_id");
	json_put_id(&w, &job->transaction_id);
	json_key(&w, "balance");
	const struct account *account = ledger_account(
	    broker->state.ledger, agent, payment->amount.currency);
	struct aicx_money after = payment->amount;
	int64_t moved =
	    job->out ? -payment->amount.minor : payment->amount.minor;
	if (__builtin_add_overflow(
		account->available_minor, moved, &after.minor))
		after.minor = INT64_MAX; /* the ledger refuses it below */
	json_open(&w, '{');
	put_amount(&w, broker, "available", after.minor, after.currency);
	put_amount(
	    &w, broker, "reserved", account->reserved_minor, after.currency);
	json_key(&w, "currency");
	json_put_text(&w, after.currency);
	json_close(&w);
	json_close(&w);
	return call_commit(call, step, 201, reterr);
}

static void
on_paid(const struct aicx_pay_result *result, void *arg)
{
	struct call *call = arg;
	struct payment_job *job = call->held;
	struct aicx_error error = { 0 };
	aicx_err err = AICX_OK;

	if (result->state != AICX_PAY_DONE)
		err = err_word(&error, AICX_ELIMIT,
		    result->state == AICX_PAY_UNKNOWN ? "unavailable"
						      : "denied",
		    "payment was refused: %s", result->error.text);
	if (err == AICX_OK)
		err = book(call, job, &error);
	if (err != AICX_OK)
		call_fail(call, &error);
}

static aicx_err
pay(struct call *call, const struct payment *payment, bool out,
    struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	struct payment_job *job = arena_new(&call->mem, sizeof *job);
	const struct account *account = ledger_account(
	    broker->state.ledger, &payment->agent_id, payment->amount.currency);

	if (state_agent(&broker->state, &payment->agent_id) == NULL)
		return not_found("agent", &payment->agent_id, reterr);
	if (payment->amount.minor <= 0)
		return err_field(reterr, AICX_EINVAL, "invalid_amount",
		    "/amount/amount", "amount must be above zero");
	if (out && account->available_minor < payment->amount.minor)
		return err_word(reterr, AICX_ELIMIT, "insufficient_funds",
		    "account has less than that available");
	job->payment = payment;
	job->out = out;
	job->transaction_id = broker_new_id(broker);
	job->pay = (struct aicx_pay) {
		.size = sizeof job->pay,
		.id = job->transaction_id,
		.party = payment->agent_id,
		.amount = payment->amount,
		.available_minor = account->available_minor,
		.reference = payment->reference,
	};
	call->held = job;
	if (out)
		broker->payment->payout(
		    broker->payment_state, &job->pay, on_paid, call);
	else
		broker->payment->fund(
		    broker->payment_state, &job->pay, on_paid, call);
	return AICX_OK;
}

aicx_err
on_fund(struct call *call, const void *params, struct aicx_error *reterr)
{
	return pay(call, params, false, reterr);
}

aicx_err
on_withdraw(struct call *call, const void *params, struct aicx_error *reterr)
{
	return pay(call, params, true, reterr);
}
