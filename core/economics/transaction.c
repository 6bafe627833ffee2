/* SPDX-License-Identifier: Apache-2.0 */
/* transaction.c - what is left of a payment, and the fee's share of it. */
#include "economics/transaction.h"

#include "base/err.h"

const char *const transaction_status_names[] = { "pending", "settled", "frozen",
	"refunded", NULL };

const struct field transaction_state_fields[] = {
	FIELD(struct transaction_state, transaction_id, "transaction_id",
	    FIELD_ID),
	FIELD(struct transaction_state, payer_id, "payer_id", FIELD_ID),
	FIELD(struct transaction_state, payee_id, "payee_id", FIELD_ID),
	FIELD(struct transaction_state, contract_id, "contract_id", FIELD_ID),
	FIELD(struct transaction_state, execution_id, "execution_id", FIELD_ID),
	FIELD(struct transaction_state, budget_id, "budget_id", FIELD_ID),
	FIELD(struct transaction_state, batch_id, "batch_id", FIELD_ID),
	FIELD(struct transaction_state, dispute_id, "dispute_id", FIELD_ID),
	FIELD(struct transaction_state, amount, "amount", FIELD_MONEY,
	    .flags = FIELDF_ALWAYS),
	FIELD(struct transaction_state, fee_minor, "fee", FIELD_INT),
	FIELD(struct transaction_state, refunded_minor, "refunded", FIELD_INT),
	FIELD(struct transaction_state, fee_back_minor, "fee_back", FIELD_INT),
	FIELD(struct transaction_state, status, "status", FIELD_ENUM,
	    .flags = FIELDF_ALWAYS, .names = transaction_status_names),
	FIELD(struct transaction_state, made_ms, "made", FIELD_TIME),
	FIELD(struct transaction_state, settled_ms, "settled", FIELD_TIME),
	FIELD_END,
};

int64_t
transaction_fee(int64_t amount_minor, int64_t fee_ppm)
{
	ENSURE(amount_minor >= 0 && fee_ppm >= 0 && fee_ppm <= 1000000);
	return (int64_t)((__int128)amount_minor * fee_ppm / 1000000);
}

int64_t
transaction_left(const struct transaction_state *state)
{
	return state->amount.minor - state->refunded_minor;
}

int64_t
transaction_fee_back(
    const struct transaction_state *state, int64_t refund_minor)
{
	__int128 refunded = (__int128)state->refunded_minor + refund_minor;

	ENSURE(refund_minor >= 0 && refunded <= state->amount.minor);
	return (int64_t)(state->fee_minor * refunded / state->amount.minor) -
	    state->fee_back_minor;
}

aicx_err
transaction_refund_check(const struct transaction_state *state,
    const struct aicx_money *amount, const struct currencies *currencies,
    struct aicx_error *reterr)
{
	struct aicx_money left = state->amount;

	left.minor = transaction_left(state);
	if (state->status == TRANSACTION_FROZEN)
		return err_word(reterr, AICX_ESTATE, "wrong_state",
		    "transaction is frozen by a dispute");
	if (left.minor == 0)
		return err_word(reterr, AICX_ESTATE, "wrong_state",
		    "transaction was refunded in full");
	if (!money_same_currency(amount, &state->amount))
		return err_field(reterr, AICX_EINVAL, "invalid_amount",
		    "/amount/currency", "transaction is in %s, not in %s",
		    state->amount.currency, amount->currency);
	if (amount->minor <= 0)
		return err_field(reterr, AICX_EINVAL, "invalid_amount",
		    "/amount/amount", "amount must be above zero");
	if (amount->minor > left.minor)
		return err_field(reterr, AICX_EINVAL, "invalid_amount",
		    "/amount/amount", "of the transaction %s is left, not %s",
		    money_text(currencies, &left).text,
		    money_text(currencies, amount).text);
	return AICX_OK;
}

void
transaction_refund(struct transaction_state *state, int64_t refund_minor)
{
	state->fee_back_minor += transaction_fee_back(state, refund_minor);
	state->refunded_minor += refund_minor;
	if (transaction_left(state) == 0)
		state->status = TRANSACTION_REFUNDED;
	else
		state->status = state->settled_ms > 0 ? TRANSACTION_SETTLED
						      : TRANSACTION_PENDING;
}
