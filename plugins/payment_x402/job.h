/* SPDX-License-Identifier: Apache-2.0 */
/*
 * job.h - a payment from its reservation to its end, as it stands on disk.
 *
 * Each state is put before what follows from it: the store keeps the order in
 * which things are put, and the records of the deal among them.
 */
#ifndef PAYMENT_X402_JOB_H
#define PAYMENT_X402_JOB_H

#include "x402.h"

enum job_state {
	JOB_RESERVED, /* the nonce is ours; nobody was asked */
	JOB_VERIFIED, /* the facilitator says it is good */
	JOB_EXECUTING, /* work is ordered */
	JOB_SETTLING, /* the facilitator was asked to settle */
	JOB_PENDING, /* ... and did not answer: it is asked again */
	JOB_SETTLED, /* it was paid */
	JOB_RELEASED, /* nothing was taken, nothing will be */
	JOB_FAILED /* the settlement was refused */
};

extern const char *const job_state_names[];

struct job {
	struct job *next, **prev;
	struct x402 *x402;
	enum job_state state;
	/* On disk, without its state: payment, requirements, resource, order,
	   deal, id, price, tries, reason, response, status, body. */
	json_t *doc;
	char key[KEY_TEXT];
	char deal_id[ID_TEXT];
	int64_t slot;
	struct claim claim; /* of doc's payment, borrowed */
	int64_t price_minor, tries;

	struct aicx_fetch *fetch; /* the facilitator's answer */
	struct aicx_ticket *ticket; /* deal.buy */
	bool calling;
	int64_t again_ms; /* host's now_ms: deal.buy is asked again; 0: not */
	aicx_pay_fn *pay_done; /* capture or status that waits */
	void *pay_arg;
	struct aicx_money pay_amount;
	bool wants_settle;
	int64_t unknown_ms; /* when the settlement became unknown; 0: it is
			       not */
	struct sale *sales; /* that wait for the end */
};

/* r/NETWORK/ASSET/FROM/NONCE, in lower case. */
bool job_key(
    const struct x402 *x402, const struct claim *claim, char ret_key[KEY_TEXT]);
/* Puts a new one: reserved.  Takes claim and doc, also on failure. */
aicx_err job_new(struct x402 *x402, struct claim *claim, json_t *doc,
    struct job **ret_job, struct aicx_error *reterr);
bool job_put(struct job *job, enum job_state state);
/* At its end: state, answer and response stay for repeats. */
void job_end(struct job *job, enum job_state state);
/* As if it had never been: nobody was asked for anything that stays. */
void job_forget(struct job *job);
void job_free(struct job *job); /* memory only */
struct job *job_of_deal(struct x402 *x402, const struct aicx_id *deal_id);
struct job *job_of_key(struct x402 *x402, const char *key);
/* What was open when the broker ended; false: the store is not open yet. */
bool jobs_load(struct x402 *x402);
/* One from the disk, open or not, by its key; NULL: there is none. */
json_t *job_read(struct x402 *x402, const char *key);
/* The key of the payment with this payment-identifier. */
bool job_key_of_id(struct x402 *x402, const char *id, char ret_key[KEY_TEXT]);
void id_print(const struct aicx_id *id, char ret_text[ID_TEXT]);

#endif
