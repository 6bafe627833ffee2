/* SPDX-License-Identifier: Apache-2.0 */
/*
 * deal.h - the central noun and its table of moves.
 *
 *     intent -> offers -> contract -> hold -> execution(s) -> bill -> rating
 *
 * The table is the business rule: what is not in it does not happen.  What a
 * move means for money, work and reputation is carried out by the broker.
 */
#ifndef NEGOTIATION_DEAL_H
#define NEGOTIATION_DEAL_H

#include "protocol/field.h"

enum deal_state {
	DEAL_OPEN, /* the intent is out, offers come in */
	DEAL_PROPOSED, /* an offer is chosen, a signature is missing */
	DEAL_SIGNED, /* the contract is in force, no work, nothing held */
	DEAL_WORKING, /* money is held, the provider works */
	DEAL_SETTLED, /* the result is billed and paid, nothing held */
	DEAL_FAILED, /* no result: what was held is back */
	DEAL_EXPIRED, /* its time ran out before any work */
	DEAL_CANCELLED, /* a party ended it before any work */
	DEAL_N_STATES
};

enum deal_event {
	DEAL_OFFER, /* a provider makes an offer */
	DEAL_SELECT, /* an offer is chosen by hand */
	DEAL_CONTRACT, /* chosen under a mandate: signed and started at once */
	DEAL_SIGN, /* the last missing signature */
	DEAL_EXECUTE, /* work is ordered: money is held */
	DEAL_RETRY, /* an attempt failed, the next one is on its way */
	DEAL_RESULT, /* a result came, more executions may follow */
	DEAL_LAST_RESULT, /* a result came and the contract is used up */
	DEAL_FAIL, /* no result will come; more executions may follow */
	DEAL_LAST_FAIL, /* no result will come and that was the last */
	DEAL_CANCEL,
	DEAL_EXPIRE,
	DEAL_N_EVENTS
};

enum deal_party {
	PARTY_REQUESTER = 1u << 0,
	PARTY_PROVIDER = 1u << 1,
	PARTY_BROKER = 1u << 2, /* the clock, a mandate, a rule */
	PARTY_OPERATOR = 1u << 3
};

struct deal_move {
	enum deal_state from;
	enum deal_event event;
	enum deal_state to;
	unsigned who; /* enum deal_party bits */
};

extern const struct deal_move deal_moves[];
extern const size_t n_deal_moves;

const char *deal_state_name(enum deal_state state); /* "working" */
const char *deal_event_name(enum deal_event event);
bool deal_is_final(enum deal_state state);

/* The next state, or "wrong_state" (no such move now) or "denied" (not this
   party's move); nothing changes on refusal. */
aicx_err deal_step(enum deal_state state, enum deal_event event,
    enum deal_party who, enum deal_state *ret_next, struct aicx_error *reterr);

/* What is kept of a deal; its id is its intent's (or first contract's) id. */
struct deal {
	struct aicx_id deal_id;
	int state; /* enum deal_state */
	struct aicx_id requester_id, provider_id;
	struct aicx_id contract_id, offer_id, mandate_id, hold_id;
	struct aicx_id execution_id; /* the present or last one */
	bool buy; /* one call does it all: choose, run and bill */
	struct aicx_str why; /* JSON: how the offer was chosen */
	struct aicx_str reason; /* word of failure */
	struct aicx_str detail; /* text of failure */
	struct aicx_id request_id, request_sender; /* of deal.buy */
	int64_t created_ms, changed_ms;
};

extern const struct field deal_fields[];
extern const char *const deal_state_names[];

#endif
