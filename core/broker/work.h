/* SPDX-License-Identifier: Apache-2.0 */
/* work.h - a result on its way from the provider's answer to the bill. */
#ifndef BROKER_WORK_H
#define BROKER_WORK_H

#include "broker/contracts.h"
#include "broker/flow.h"

/* What a provider answered, parsed. */
struct delivery {
	struct aicx_id execution_id;
	struct aicx_str output; /* JSON */
	struct aicx_str usage; /* JSON, as it came */
	struct aicx_str code, detail;
	bool retryable;
};

/* One result on its way to the bill: survives the pool and the payment. */
struct settlement {
	struct flow *flow;
	struct broker *broker;
	struct arena mem;
	struct aicx_id execution_id, transaction_id;
	struct delivery delivery;
	struct signed_object claim; /* of the provider, when has_claim */
	uint8_t provider_key[KEY_BYTES];
	bool has_claim, claim_good;
	bool units_claimed; /* the broker cannot measure them */
	int64_t units;
	struct aicx_usage used; /* what is billed */
	int64_t period_ms; /* of a subscription: the one it falls into */
	struct aicx_str decision; /* JSON: the policy's, if one was asked */
	struct bill bill;
	struct aicx_str payload; /* as the provider sent it */
	struct terms terms;
	int64_t received_ms;
};

/* Measures what was used, computes the lines and the total. */
aicx_err bill_work(struct settlement *settlement, struct aicx_error *reterr);

/* A policy's turn: the whole price as one line, and what it was asked. */
aicx_err price_by_policy(struct settlement *settlement, const struct hold *hold,
    struct aicx_price *ret_price, struct aicx_error *reterr);

/* After a restart: the delivery of a capture that is under way is billed again,
   and settled when the capture is known. */
void flow_recapture(struct broker *broker, const struct payment *payment);

/* Was this the contract's last execution? */
bool contract_is_used_up(
    const struct contract *contract, const struct contract_state *state);
/* What steps that end something have in common. */
void put_contract_end(struct step *step, const struct aicx_id *contract_id,
    enum contract_status status);
/* The answer that the deal's own request gets, now or when it is repeated. */
void record_answer(struct step *step, const struct deal *deal, int status);

#endif
