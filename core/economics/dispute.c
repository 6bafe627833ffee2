/* SPDX-License-Identifier: Apache-2.0 */
/* dispute.c - when a payment may be disputed, and how it may be ruled. */
#include "economics/dispute.h"

#include "base/err.h"
#include "base/id.h"

const char *const dispute_state_names[] = { "open", "released", "refunded",
	NULL };

const struct field dispute_fields[] = {
	FIELD(struct dispute, dispute_id, "dispute_id", FIELD_ID),
	FIELD(struct dispute, contract_id, "contract_id", FIELD_ID),
	FIELD(struct dispute, execution_id, "execution_id", FIELD_ID),
	FIELD(struct dispute, transaction_id, "transaction_id", FIELD_ID),
	FIELD(struct dispute, requester_id, "requester_id", FIELD_ID),
	FIELD(struct dispute, provider_id, "provider_id", FIELD_ID),
	FIELD(struct dispute, amount, "amount", FIELD_MONEY,
	    .flags = FIELDF_ALWAYS),
	FIELD(struct dispute, frozen_minor, "frozen", FIELD_INT),
	FIELD(struct dispute, refunded_minor, "refunded", FIELD_INT),
	FIELD(struct dispute, state, "state", FIELD_ENUM,
	    .flags = FIELDF_ALWAYS, .names = dispute_state_names),
	FIELD(struct dispute, reason, "reason", FIELD_STR),
	FIELD(struct dispute, ruling, "ruling", FIELD_STR),
	FIELD(struct dispute, ruled_by, "ruled_by", FIELD_ID),
	FIELD(struct dispute, policy_sha256, "policy_sha256", FIELD_STR),
	FIELD(struct dispute, opened_ms, "opened", FIELD_TIME),
	FIELD(struct dispute, closed_ms, "closed", FIELD_TIME),
	FIELD_END,
};

aicx_err
dispute_check(const struct transaction_state *state, int64_t done_ms,
    int64_t window_ms, int64_t now_ms, struct aicx_error *reterr)
{
	if (!id_is_nil(&state->dispute_id))
		return err_word(reterr, AICX_ESTATE, "wrong_state",
		    "payment was disputed before");
	if (transaction_left(state) == 0)
		return err_word(reterr, AICX_ESTATE, "wrong_state",
		    "payment was refunded in full");
	if (now_ms - done_ms >= window_ms)
		return err_word(reterr, AICX_ESTATE, "expired",
		    "payment can be disputed no longer");
	return AICX_OK;
}

int64_t
dispute_frozen(const struct transaction_state *state, int64_t available_minor)
{
	int64_t got_minor = transaction_left(state) -
	    (state->fee_minor - state->fee_back_minor);

	if (state->status == TRANSACTION_PENDING)
		return 0;
	return got_minor < available_minor ? got_minor : available_minor;
}

aicx_err
dispute_rule_check(const struct dispute *dispute,
    const struct aicx_money *refund, const struct currencies *currencies,
    struct aicx_error *reterr)
{
	if (dispute->state != DISPUTE_OPEN)
		return err_word(reterr, AICX_ESTATE, "wrong_state",
		    "dispute was ruled before");
	if (!money_same_currency(refund, &dispute->amount))
		return err_field(reterr, AICX_EINVAL, "invalid_amount",
		    "/amount/currency", "payment is in %s, not in %s",
		    dispute->amount.currency, refund->currency);
	if (refund->minor < 0 || refund->minor > dispute->amount.minor)
		return err_field(reterr, AICX_EINVAL, "invalid_amount",
		    "/amount/amount", "%s is disputed, not %s",
		    money_text(currencies, &dispute->amount).text,
		    money_text(currencies, refund).text);
	return AICX_OK;
}
