/* SPDX-License-Identifier: Apache-2.0 */
/* dispute.h - a buyer objects to a payment: it is frozen until somebody
   rules. */
#ifndef ECONOMICS_DISPUTE_H
#define ECONOMICS_DISPUTE_H

#include "economics/transaction.h"

enum dispute_state {
	DISPUTE_OPEN,
	DISPUTE_RELEASED, /* to the payee, all of it */
	DISPUTE_REFUNDED /* to the payer, in part or in full */
};

extern const char *const dispute_state_names[];

struct dispute {
	struct aicx_id dispute_id, contract_id, execution_id, transaction_id;
	struct aicx_id requester_id, provider_id;
	struct aicx_money amount; /* what was left of the payment */
	int64_t frozen_minor; /* of it, what the payee still had */
	int64_t refunded_minor; /* by the ruling */
	int state; /* enum dispute_state */
	struct aicx_str reason, ruling; /* texts */
	struct aicx_id ruled_by; /* nil: a policy */
	struct aicx_str policy_sha256; /* of which, then */
	int64_t opened_ms, closed_ms;
};

extern const struct field dispute_fields[];

/* May it be opened?  "wrong_state" when it was disputed before or nothing is
   left, "expired" after the window. */
aicx_err dispute_check(const struct transaction_state *state, int64_t done_ms,
    int64_t window_ms, int64_t now_ms, struct aicx_error *reterr);
/* What is frozen of a settled payment: what the payee got of it, as far as it
   is still there.  Of a pending one nothing moves: it lies with the payer. */
int64_t dispute_frozen(
    const struct transaction_state *state, int64_t available_minor);
/* May it be ruled so?  "wrong_state" when it is over, "invalid_amount" outside
   of 0 to what is disputed. */
aicx_err dispute_rule_check(const struct dispute *dispute,
    const struct aicx_money *refund, const struct currencies *currencies,
    struct aicx_error *reterr);

#endif
