/* SPDX-License-Identifier: Apache-2.0 */
/*
 * payment.h - the payment kind: where the money outside the ledger moves.
 *
 * Every call carries an id; the same id again is the same payment, never a
 * second one.  done is called exactly once, perhaps before the call returns.
 * AICX_PAY_UNKNOWN is a legal result: the host asks status() until it knows.
 */
#ifndef AICX_PAYMENT_H
#define AICX_PAYMENT_H

#include "types.h"

enum aicx_pay_state {
	AICX_PAY_DONE = 1,
	AICX_PAY_REFUSED = 2,
	AICX_PAY_UNKNOWN = 3
};

struct aicx_pay_result {
	uint32_t size;
	uint32_t state; /* enum aicx_pay_state */
	struct aicx_money amount; /* moved or authorized */
	struct aicx_error error; /* why it was refused */
};

typedef void aicx_pay_fn(const struct aicx_pay_result *result, void *arg);

struct aicx_pay {
	uint32_t size;
	struct aicx_id id; /* idempotency: the hold's or transfer's id */
	struct aicx_id party; /* whose money */
	struct aicx_money amount;
	int64_t available_minor; /* what the ledger has free for this party */
	int64_t expires_ms; /* of an authorization */
	struct aicx_str reference;
};

struct aicx_payment_ops {
	uint32_t size;
	/* Promise `amount` until expires_ms. */
	void (*authorize)(void *state, const struct aicx_pay *pay,
	    aicx_pay_fn *done, void *arg);
	/* Take amount, all or part of what `id` authorized; the rest is free.
	 */
	void (*capture)(void *state, const struct aicx_pay *pay,
	    aicx_pay_fn *done, void *arg);
	/* Give the whole authorization back. */
	void (*release)(void *state, const struct aicx_pay *pay,
	    aicx_pay_fn *done, void *arg);
	/* Money into the ledger (fund) and out of it (withdraw). */
	void (*fund)(void *state, const struct aicx_pay *pay, aicx_pay_fn *done,
	    void *arg);
	void (*payout)(void *state, const struct aicx_pay *pay,
	    aicx_pay_fn *done, void *arg);
	/* What became of `id`. */
	void (*status)(void *state, const struct aicx_pay *pay,
	    aicx_pay_fn *done, void *arg);
};

#endif
