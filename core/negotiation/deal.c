/* SPDX-License-Identifier: Apache-2.0 */
/* deal.c - every legal move of a deal, and nothing else. */
#include "negotiation/deal.h"

#include "base/err.h"

enum {
	ANY_PARTY = PARTY_REQUESTER | PARTY_PROVIDER | PARTY_OPERATOR,
	BUYER = PARTY_REQUESTER | PARTY_BROKER /* by hand, or by mandate */
};

/* clang-format off */
const struct deal_move deal_moves[] = {
	{ DEAL_OPEN,     DEAL_OFFER,       DEAL_OPEN,      PARTY_PROVIDER | PARTY_BROKER },
	{ DEAL_OPEN,     DEAL_SELECT,      DEAL_PROPOSED,  PARTY_REQUESTER },
	{ DEAL_OPEN,     DEAL_CONTRACT,    DEAL_WORKING,   BUYER },
	{ DEAL_OPEN,     DEAL_CANCEL,      DEAL_CANCELLED, PARTY_REQUESTER | PARTY_OPERATOR },
	{ DEAL_OPEN,     DEAL_EXPIRE,      DEAL_EXPIRED,   PARTY_BROKER },
	{ DEAL_OPEN,     DEAL_LAST_FAIL,   DEAL_FAILED,    PARTY_BROKER },

	{ DEAL_PROPOSED, DEAL_SIGN,        DEAL_SIGNED,    PARTY_REQUESTER | PARTY_PROVIDER },
	{ DEAL_PROPOSED, DEAL_CANCEL,      DEAL_CANCELLED, ANY_PARTY },
	{ DEAL_PROPOSED, DEAL_EXPIRE,      DEAL_EXPIRED,   PARTY_BROKER },

	{ DEAL_SIGNED,   DEAL_EXECUTE,     DEAL_WORKING,   PARTY_REQUESTER },
	{ DEAL_SIGNED,   DEAL_CANCEL,      DEAL_CANCELLED, ANY_PARTY },
	{ DEAL_SIGNED,   DEAL_EXPIRE,      DEAL_EXPIRED,   PARTY_BROKER },

	{ DEAL_WORKING,  DEAL_RETRY,       DEAL_WORKING,   PARTY_PROVIDER | PARTY_BROKER },
	{ DEAL_WORKING,  DEAL_RESULT,      DEAL_SIGNED,    PARTY_PROVIDER },
	{ DEAL_WORKING,  DEAL_LAST_RESULT, DEAL_SETTLED,   PARTY_PROVIDER },
	{ DEAL_WORKING,  DEAL_FAIL,        DEAL_SIGNED,    PARTY_PROVIDER | PARTY_BROKER },
	{ DEAL_WORKING,  DEAL_LAST_FAIL,   DEAL_FAILED,    PARTY_PROVIDER | PARTY_BROKER },
};
/* clang-format on */
const size_t n_deal_moves = sizeof deal_moves / sizeof deal_moves[0];

const char *const deal_state_names[] = { "open", "proposed", "signed",
	"working", "settled", "failed", "expired", "cancelled", NULL };

static const char *const event_names[] = { "offer", "select", "contract",
	"sign", "execute", "retry", "result", "last_result", "fail",
	"last_fail", "cancel", "expire" };

const char *
deal_state_name(enum deal_state state)
{
	ENSURE(state < DEAL_N_STATES);
	return deal_state_names[state];
}

const char *
deal_event_name(enum deal_event event)
{
	ENSURE(event < DEAL_N_EVENTS);
	return event_names[event];
}

bool
deal_is_final(enum deal_state state)
{
	return state >= DEAL_SETTLED;
}

aicx_err
deal_step(enum deal_state state, enum deal_event event, enum deal_party who,
    enum deal_state *ret_next, struct aicx_error *reterr)
{
	for (size_t i = 0; i < n_deal_moves; i++) {
		const struct deal_move *move = &deal_moves[i];
		if (move->from != state || move->event != event)
			continue;
		if ((move->who & who) == 0)
			return err_word(reterr, AICX_EDENIED, "denied",
			    "cannot %s a deal that is %s: not this party's "
			    "move",
			    deal_event_name(event), deal_state_name(state));
		*ret_next = move->to;
		return AICX_OK;
	}
	return err_word(reterr, AICX_ESTATE, "wrong_state",
	    "cannot %s a deal that is %s", deal_event_name(event),
	    deal_state_name(state));
}

const struct field deal_fields[] = {
	FIELD(struct deal, deal_id, "deal_id", FIELD_ID),
	FIELD(struct deal, state, "state", FIELD_ENUM, .flags = FIELDF_ALWAYS,
	    .names = deal_state_names),
	FIELD(struct deal, requester_id, "requester_id", FIELD_ID),
	FIELD(struct deal, provider_id, "provider_id", FIELD_ID),
	FIELD(struct deal, contract_id, "contract_id", FIELD_ID),
	FIELD(struct deal, offer_id, "offer_id", FIELD_ID),
	FIELD(struct deal, mandate_id, "mandate_id", FIELD_ID),
	FIELD(struct deal, hold_id, "hold_id", FIELD_ID),
	FIELD(struct deal, execution_id, "execution_id", FIELD_ID),
	FIELD(struct deal, buy, "buy", FIELD_BOOL),
	FIELD(struct deal, why, "why", FIELD_JSON),
	FIELD(struct deal, reason, "reason", FIELD_STR),
	FIELD(struct deal, detail, "detail", FIELD_STR),
	FIELD(struct deal, request_id, "request_id", FIELD_ID),
	FIELD(struct deal, request_sender, "request_sender", FIELD_ID),
	FIELD(struct deal, created_ms, "created", FIELD_TIME),
	FIELD(struct deal, changed_ms, "changed", FIELD_TIME),
	FIELD_END,
};
