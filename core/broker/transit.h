/* SPDX-License-Identifier: Apache-2.0 */
/*
 * transit.h - money that moves outside the ledger: recorded before anybody is
 * asked, asked about until it is known, booked once.
 *
 * With a plugin that is AICX_PAY_INTERNAL nothing moves outside; then there are
 * no rows and every call is answered at once.
 */
#ifndef BROKER_TRANSIT_H
#define BROKER_TRANSIT_H

#include "broker/inside.h"
#include "economics/payment.h"

struct modules;

/* Told once: DONE or REFUSED, perhaps before transit_begin() returns; NULL: the
   broker ends, free what you keep.  DONE is to be booked together with
   transit_put_done(), else to be given back with transit_void(). */
typedef void transit_known_fn(const struct aicx_pay_result *result, void *arg);

/* A payment under way, in memory; made anew from its row after a restart. */
struct transit {
	struct list node; /* in broker->transits */
	struct broker *broker;
	struct aicx_id payment_id;
	transit_known_fn *known; /* NULL: by its row alone */
	void *arg;
	struct list waiters; /* calls that this payment answers */
	int64_t next_ms; /* broker time; 0: not by time */
	int64_t until_ms; /* of an authorization: then it is given up */
	int n_asked;
	struct pay_call *call; /* the plugin has it, or NULL */
	int64_t called_ms;
	bool by_status; /* ask what became of it, do not order it */
	bool waits; /* for its record to be durable */
	bool stuck; /* cannot go on by itself; an operator sees it */
};

void transits_init(struct broker *broker);
void transits_fini(struct broker *broker);
void transits_tick(struct broker *broker, int64_t now_ms);
/* What was under way goes on; before the deals do. */
void transits_resume(struct broker *broker);
bool transits_are_idle(const struct broker *broker); /* no call is out */
size_t transits_pending(const struct broker *broker);
bool payment_is_internal(const struct broker *broker);
struct transit *transit_find(
    struct broker *broker, const struct aicx_id *payment_id);

/* Authorizes or captures for a deal.  A capture that is under way by its row
   (after a restart) goes on as that one; AICX_ESTATE when it is not the same.
   until_ms: when an authorization is refused because nobody knows (0: never).
 */
aicx_err transit_begin(struct broker *broker, const struct payment *wish,
    int64_t until_ms, transit_known_fn *known, void *arg,
    struct aicx_error *reterr);
/* Into the step that books it. */
void transit_put_done(struct step *step, const struct aicx_id *payment_id);
/* Into the step that voids the hold; transit_go() after its commit. */
void transit_put_void(struct step *step, const struct aicx_id *payment_id);
/* Into the step that books a refund of a payment for work, when it was taken
   outside; transit_go() after its commit. */
void transit_put_refund(struct step *step, const struct transaction_state *paid,
    const struct aicx_id *refund_id, int64_t refund_minor);
void transit_go(struct broker *broker, const struct aicx_id *payment_id);
/* In a step of its own: an authorization that nothing came of. */
void transit_void(struct broker *broker, const struct aicx_id *payment_id);

/* Money in and out; the call is answered when it is known, or told to ask
   again when that takes long. */
aicx_err transit_begin_account(
    struct call *call, const struct payment *wish, struct aicx_error *reterr);
/* A repeat of a request whose payment is under way waits for it; true. */
bool transit_takes_repeat(struct call *call);
/* {transaction_id, balance} after `moved` minor units came (or went). */
void put_account_answer(struct json_writer *w, struct broker *broker,
    const struct payment *payment, int64_t moved_minor);

/* What the plugin tells by itself; the semantics of host->pay_event. */
void transit_event(void *broker_arg, const char *instance,
    const struct aicx_pay_event *event, aicx_pay_event_fn *done, void *arg);

/* Payment plugins beside the broker's own that pay for parties of theirs. */
void payers_bind(struct broker *broker, const struct modules *modules);
/* For tests: the same by hand. */
void payers_bind_one(
    struct broker *broker, const struct aicx_payment_ops *ops, void *state);

/* --- between the files of payments ----------------------------------- */

/* The job of a row that is asked; by_status: it may have been asked before. */
struct transit *transit_new(
    struct broker *broker, const struct aicx_id *payment_id, bool by_status);
/* Asks once all that is recorded by now is durable. */
void transit_start(struct transit *job);
void transit_free(struct transit *job);
void transit_soon(struct transit *job); /* its turn is now */
/* The plugin that moves this party's money for deals. */
struct payer payer_of(const struct broker *broker, const struct aicx_id *party);
/* What a done capture brought from outside becomes funds of its party, once,
   in a record of its own; false: the books cannot take it. */
bool transit_bring(struct broker *broker, const struct payment *capture,
    const struct aicx_pay_result *result);
/* What is known of a job without a deal waiting: books it. */
void transit_book(struct transit *job, const struct aicx_pay_result *result);

#endif
