/* SPDX-License-Identifier: Apache-2.0 */
/*
 * payment.h - money that moves outside the ledger, as far as it is known.
 *
 * A row is written before anybody is asked to move money, and becomes known
 * once, in the record that books it.  Until then it is asked about, over
 * restarts too.  For one hold it is first the authorization, then what became
 * of it: the capture or the void.
 */
#ifndef ECONOMICS_PAYMENT_H
#define ECONOMICS_PAYMENT_H

#include "protocol/field.h"

enum payment_op {
	PAYMENT_AUTHORIZE,
	PAYMENT_CAPTURE,
	PAYMENT_VOID,
	PAYMENT_FUND,
	PAYMENT_PAYOUT,
	PAYMENT_REFUND,
	PAYMENT_N_OPS
};

enum payment_state {
	PAYMENT_ASKED, /* it may have happened, or may yet */
	PAYMENT_DONE,
	PAYMENT_REFUSED /* it did not happen */
};

extern const char *const payment_op_names[], *const payment_state_names[];

struct payment {
	struct aicx_id payment_id; /* the hold's, or the transaction's */
	int op; /* enum payment_op */
	int state; /* enum payment_state */
	struct aicx_id party; /* whose money */
	struct aicx_id payee, of, deal_id, execution_id; /* or nil */
	struct aicx_id transaction_id; /* of a capture: what it is booked as */
	struct aicx_money amount;
	int64_t back_minor; /* taken back by chargebacks, up to the amount */
	int64_t lost_minor; /* of that, what the party did not have any more */
	struct aicx_id asked_by, request_sender, request_id;
	struct aicx_str reference, reason;
	struct aicx_str
	    work; /* of a capture: the delivery it pays, as it came */
	int64_t received_ms; /* when that came */
	int64_t asked_ms, known_ms, expires_ms;
};

extern const struct field payment_fields[];

enum payment_happened {
	PAYMENT_SETTLED,
	PAYMENT_FAILED,
	PAYMENT_CHARGEBACK,
	PAYMENT_N_HAPPENED
};

extern const char *const payment_happened_names[];

/* What the provider told by itself; its id is made of the provider's. */
struct payment_event {
	struct aicx_id event_id, payment_id;
	int happened; /* enum payment_happened */
	struct aicx_money amount; /* of a chargeback */
	struct aicx_str name; /* the provider's id of it */
	struct aicx_str reason;
	int64_t at_ms;
};

extern const struct field payment_event_fields[];

/* May this payment become that? (an authorization: capture or void) */
bool payment_may_become(const struct payment *payment, enum payment_op op);
/* How long to wait before it is asked about for the n-th time, from 1. */
int64_t payment_backoff_ms(int64_t first_ms, int64_t max_ms, int n);

/* A chargeback takes from what the party has available; the rest is the
   operator's loss.  Only of a done fund or capture, never more than is left of
   it.  AICX_EAGAIN while the payment is not known yet. */
aicx_err payment_take_back(struct payment *payment,
    const struct aicx_money *amount, int64_t available_minor,
    struct aicx_money *ret_from_party, struct aicx_money *ret_lost,
    struct aicx_error *reterr);

#endif
