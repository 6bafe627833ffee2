/* SPDX-License-Identifier: Apache-2.0 */
/*
 * payment.h - the payment kind: where the money outside the ledger moves.
 *
 * Every call carries an id; the same call with the same id again is the same
 * payment, never a second one.  done is called exactly once, perhaps before the
 * call returns.
 *
 * AICX_PAY_UNKNOWN is a legal result (no answer came, or one that cannot be
 * believed): the host keeps the payment open, over restarts too, and asks
 * status() until it knows.  What status() has never heard of is called again.
 */
#ifndef AICX_PAYMENT_H
#define AICX_PAYMENT_H

#include "types.h"

enum aicx_pay_state {
	AICX_PAY_DONE = 1,
	AICX_PAY_REFUSED = 2, /* certain: it did not and will not happen */
	AICX_PAY_UNKNOWN = 3
};

/* What a payment is for; status() is asked about one of them. */
enum aicx_pay_op {
	AICX_PAY_AUTHORIZE = 1,
	AICX_PAY_CAPTURE = 2,
	AICX_PAY_VOID = 3,
	AICX_PAY_FUND = 4,
	AICX_PAY_PAYOUT = 5,
	AICX_PAY_REFUND = 6
};

/* Each call completes before it returns and is never unknown: nothing moves
   outside the ledger.  Then the host keeps no record of what is under way. */
enum {
	AICX_PAY_INTERNAL = 1u << 0,
	/* 0.6: what is captured comes from outside the ledger: the host books
	   it as funds of its party before it pays the payee with it. */
	AICX_PAY_BRINGS = 1u << 1
};

/* The word of a status() that was asked for an id never heard of; its state is
   AICX_PAY_REFUSED. */
#define AICX_PAY_UNHEARD "unknown_payment"

struct aicx_pay_result {
	uint32_t size;
	uint32_t state; /* enum aicx_pay_state */
	struct aicx_money amount; /* moved or authorized */
	struct aicx_error error; /* why it was refused or is unknown */
	/* 0.6: what the outside calls it, 256 bytes at most, or absent; it
	   stands with what AICX_PAY_BRINGS booked. */
	struct aicx_str reference;
};

typedef void aicx_pay_fn(const struct aicx_pay_result *result, void *arg);

struct aicx_pay {
	uint32_t size;
	uint32_t op; /* enum aicx_pay_op */
	struct aicx_id id; /* idempotency: the hold's or transfer's id */
	struct aicx_id party; /* whose money */
	struct aicx_id payee; /* who gets it, of a capture; nil: nobody here */
	struct aicx_id of; /* of a refund: the payment it gives back from */
	struct aicx_id deal_id; /* or nil */
	struct aicx_money amount;
	int64_t available_minor; /* what the ledger has free for this party */
	int64_t expires_ms; /* of an authorization; 0: none */
	struct aicx_str reference;
};

/* What the provider tells by itself. */
enum aicx_pay_happened {
	/* Something is known now: the host asks status() before it books. */
	AICX_PAY_SETTLED = 1,
	AICX_PAY_FAILED = 2,
	/* `amount` of a done fund or capture was taken back from us. */
	AICX_PAY_CHARGEBACK = 3
};

struct aicx_pay_event {
	uint32_t size;
	uint32_t happened; /* enum aicx_pay_happened */
	struct aicx_str id; /* the provider's; 1 to 128 bytes, told once */
	struct aicx_id payment_id;
	struct aicx_money amount; /* of a chargeback */
	struct aicx_str reason; /* or absent */
};

typedef void aicx_pay_event_fn(const struct aicx_error *error, void *arg);

/*
 * 0.6: a sale to somebody without an account here, who pays at once through
 * this plugin; all borrowed until sell() returns.  A door (a path of the
 * plugin's own, a gateway that names the instance in an option) says what is
 * asked for and how its protocol names that.
 */
struct aicx_sale {
	uint32_t size;
	struct aicx_str
	    resource; /* URI of what is sold, as the payer sees it */
	struct aicx_str capability;
	struct aicx_str provider_id; /* or absent: any seller */
	struct aicx_str input; /* JSON */
	struct aicx_str payment; /* JSON, as the payer sent it, or absent */
	struct aicx_str correlation, address; /* or absent */
	uint8_t secure;
};

/* How it went; all borrowed until the call returns. */
struct aicx_sold {
	uint32_t size;
	/* As HTTP has it: 200; 402: `required` says what is asked for; 400,
	   409, 404, 422, 5xx: nothing was taken. */
	uint16_t status;
	uint8_t replayed; /* the stored answer to an earlier sale */
	int32_t retry_after_ms; /* < 0: none */
	struct aicx_str required; /* JSON: how to pay, or absent */
	struct aicx_str response; /* JSON: what became of the payment */
	struct aicx_str body; /* JSON: the answer of deal.buy, or a problem */
};

typedef void aicx_sold_fn(const struct aicx_sold *sold, void *arg);

struct aicx_payment_ops {
	uint32_t size;
	uint32_t flags; /* AICX_PAY_INTERNAL, AICX_PAY_BRINGS */
	/* Promise `amount` until expires_ms. */
	void (*authorize)(void *state, const struct aicx_pay *pay,
	    aicx_pay_fn *done, void *arg);
	/* Take amount, all or part of what `id` authorized; the rest is free.
	   Once for each authorization. */
	void (*capture)(void *state, const struct aicx_pay *pay,
	    aicx_pay_fn *done, void *arg);
	/* Give the whole authorization back.  Of an id never heard of: it will
	   not be authorized any more. */
	void (*void_)(void *state, const struct aicx_pay *pay,
	    aicx_pay_fn *done, void *arg);
	/* Money into the ledger (fund) and out of it (payout). */
	void (*fund)(void *state, const struct aicx_pay *pay, aicx_pay_fn *done,
	    void *arg);
	void (*payout)(void *state, const struct aicx_pay *pay,
	    aicx_pay_fn *done, void *arg);
	/* What became of `id` as `op`.  DONE carries the amount that moved. */
	void (*status)(void *state, const struct aicx_pay *pay,
	    aicx_pay_fn *done, void *arg);
	/* Give amount back from the capture `of`; the id is the refund's own.
	 */
	void (*refund)(void *state, const struct aicx_pay *pay,
	    aicx_pay_fn *done, void *arg);

	/*
	 * 0.6: of a plugin beside the broker's own: nonzero for a party whose
	 * payments for deals are this plugin's.  The same answer for as long as
	 * the plugin is loaded; NULL: for nobody.
	 */
	int (*pays_for)(void *state, const struct aicx_id *party);
	/* 0.6: see struct aicx_sale; done is called exactly once, perhaps
	   before this returns, unless sell_cancel()ed.  NULL: no sales. */
	void (*sell)(void *state, const struct aicx_sale *sale,
	    aicx_sold_fn *done, void *arg);
	/* Nobody waits any more; what was ordered goes on. */
	void (*sell_cancel)(void *state, void *arg);
};

#endif
