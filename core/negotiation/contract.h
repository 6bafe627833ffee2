/* SPDX-License-Identifier: Apache-2.0 */
/* contract.h - the agreement: its text, its signatures, its state. */
#ifndef NEGOTIATION_CONTRACT_H
#define NEGOTIATION_CONTRACT_H

#include "protocol/field.h"
#include "protocol/object.h"

enum contract_status {
	CONTRACT_PROPOSED,
	CONTRACT_SIGNED,
	CONTRACT_COMPLETED,
	CONTRACT_FAILED,
	CONTRACT_CANCELLED,
	CONTRACT_EXPIRED
};

extern const char *const contract_status_names[];

struct custody {
	struct aicx_str requester, provider; /* "own" or "broker" */
};

/* The signed text; each signature is one row of `signatures`. */
struct contract_text {
	struct aicx_str kind;
	struct aicx_id id, broker_id, deal_id, intent_id, offer_id, mandate_id;
	struct aicx_id requester_id, provider_id, hold_id;
	struct aicx_str capability, terms_sha256;
	struct aicx_money ceiling; /* the most one execution may cost */
	int64_t max_executions;
	struct aicx_str choose; /* JSON: rule, scores */
	struct aicx_str policy_sha256;
	struct custody custody;
	int64_t timeout_ms, max_units;
	struct aicx_str payment_method;
	int64_t created_ms, expires_ms;
	struct aicx_id delegate_id, delegation_id; /* as in the intent */
};

extern const struct field contract_text_fields[];

struct contract {
	struct aicx_id contract_id, deal_id, intent_id, offer_id, mandate_id;
	struct aicx_id requester_id, provider_id;
	struct aicx_str capability;
	struct aicx_str text; /* exact */
	struct aicx_str key_id, signature; /* the broker's */
	struct aicx_str requester_key_id, requester_signature;
	struct aicx_str provider_key_id, provider_signature;
	struct aicx_str terms; /* exact text */
	struct aicx_money ceiling;
	int64_t max_executions, timeout_ms, max_units, max_attempts;
	int64_t expires_ms, created_ms;
};

extern const struct field contract_fields[];

/* The changing part, small because it is written with each move. */
struct contract_state {
	struct aicx_id contract_id;
	int status; /* enum contract_status */
	int64_t n_executions; /* ordered so far */
	int64_t signed_ms;
};

extern const struct field contract_state_fields[];

void contract_text_print(struct buf *buf, const struct contract_text *text,
    const struct currencies *currencies);

#endif
