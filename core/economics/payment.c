/* SPDX-License-Identifier: Apache-2.0 */
/* payment.c - rows of payments and events, and the rules between them. */
#include "economics/payment.h"

#include "base/err.h"

const char *const payment_op_names[] = { "authorize", "capture", "void", "fund",
	"payout", "refund", NULL };

const char *const payment_state_names[] = { "asked", "done", "refused", NULL };

const char *const payment_happened_names[] = { "settled", "failed",
	"chargeback", NULL };

const struct field payment_fields[] = {
	FIELD(struct payment, payment_id, "payment_id", FIELD_ID),
	FIELD(struct payment, op, "op", FIELD_ENUM, .flags = FIELDF_ALWAYS,
	    .names = payment_op_names),
	FIELD(struct payment, state, "state", FIELD_ENUM,
	    .flags = FIELDF_ALWAYS, .names = payment_state_names),
	FIELD(struct payment, party, "party", FIELD_ID),
	FIELD(struct payment, payee, "payee", FIELD_ID),
	FIELD(struct payment, of, "of", FIELD_ID),
	FIELD(struct payment, deal_id, "deal_id", FIELD_ID),
	FIELD(struct payment, execution_id, "execution_id", FIELD_ID),
	FIELD(struct payment, transaction_id, "transaction_id", FIELD_ID),
	FIELD(struct payment, amount, "amount", FIELD_MONEY,
	    .flags = FIELDF_ALWAYS),
	FIELD(struct payment, back_minor, "back", FIELD_INT),
	FIELD(struct payment, lost_minor, "lost", FIELD_INT),
	FIELD(struct payment, asked_by, "asked_by", FIELD_ID),
	FIELD(struct payment, request_sender, "request_sender", FIELD_ID),
	FIELD(struct payment, request_id, "request_id", FIELD_ID),
	FIELD(struct payment, reference, "reference", FIELD_STR),
	FIELD(struct payment, reason, "reason", FIELD_STR),
	FIELD(struct payment, work, "work", FIELD_STR),
	FIELD(struct payment, received_ms, "received", FIELD_TIME),
	FIELD(struct payment, asked_ms, "asked", FIELD_TIME),
	FIELD(struct payment, known_ms, "known", FIELD_TIME),
	FIELD(struct payment, expires_ms, "expires", FIELD_TIME),
	FIELD_END,
};

const struct field payment_event_fields[] = {
	FIELD(struct payment_event, event_id, "event_id", FIELD_ID),
	FIELD(struct payment_event, payment_id, "payment_id", FIELD_ID),
	FIELD(struct payment_event, happened, "happened", FIELD_ENUM,
	    .flags = FIELDF_ALWAYS, .names = payment_happened_names),
	FIELD(struct payment_event, amount, "amount", FIELD_MONEY),
	FIELD(struct payment_event, name, "name", FIELD_STR),
	FIELD(struct payment_event, reason, "reason", FIELD_STR),
	FIELD(struct payment_event, at_ms, "at", FIELD_TIME),
	FIELD_END,
};

bool
payment_may_become(const struct payment *payment, enum payment_op op)
{
	switch ((enum payment_op)payment->op) {
	case PAYMENT_AUTHORIZE:
		/* Not known to have happened: it can only be given back. */
		return op == PAYMENT_VOID ||
		    (op == PAYMENT_CAPTURE && payment->state == PAYMENT_DONE);
	case PAYMENT_CAPTURE:
		return op == PAYMENT_VOID && payment->state == PAYMENT_REFUSED;
	case PAYMENT_VOID:
	case PAYMENT_FUND:
	case PAYMENT_PAYOUT:
	case PAYMENT_REFUND:
	case PAYMENT_N_OPS:
		break;
	}
	return false;
}

int64_t
payment_backoff_ms(int64_t first_ms, int64_t max_ms, int n)
{
	int64_t delay_ms = first_ms;

	while (n-- > 1 && delay_ms < max_ms)
		delay_ms *= 2;
	return delay_ms < max_ms ? delay_ms : max_ms;
}

aicx_err
payment_take_back(struct payment *payment, const struct aicx_money *amount,
    int64_t available_minor, struct aicx_money *ret_from_party,
    struct aicx_money *ret_lost, struct aicx_error *reterr)
{
	if (payment->op != PAYMENT_FUND && payment->op != PAYMENT_CAPTURE)
		return err_word(reterr, AICX_ESTATE, "wrong_state",
		    "nothing was taken by a payment \"%s\"",
		    payment_op_names[payment->op]);
	if (payment->state == PAYMENT_ASKED)
		return err_word(reterr, AICX_EAGAIN, "unavailable",
		    "payment is not known yet; tell it again later");
	if (payment->state != PAYMENT_DONE)
		return err_word(reterr, AICX_ESTATE, "wrong_state",
		    "payment was refused: there is nothing to take back");
	if (!money_same_currency(amount, &payment->amount))
		return err_word(reterr, AICX_EINVAL, "invalid_amount",
		    "payment is in %s, not in %s", payment->amount.currency,
		    amount->currency);
	if (amount->minor <= 0 ||
	    amount->minor > payment->amount.minor - payment->back_minor)
		return err_word(reterr, AICX_EINVAL, "invalid_amount",
		    "more than is left of the payment, or nothing");
	if (available_minor < 0)
		available_minor = 0;
	*ret_from_party = *ret_lost = *amount;
	if (ret_from_party->minor > available_minor)
		ret_from_party->minor = available_minor;
	ret_lost->minor = amount->minor - ret_from_party->minor;
	payment->back_minor += amount->minor;
	payment->lost_minor += ret_lost->minor;
	return AICX_OK;
}
