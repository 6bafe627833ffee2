/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state.h - what the broker knows: rows by table and id, the ledger, and the
 * indexes over them.  All of it is rebuilt from the records at start.
 *
 * A row is made by parsing the very JSON text that stands in the record, at run
 * time as at replay, so both give the same state.  Rows are never changed, only
 * replaced; a pointer to one is valid until the next state_put() of that row.
 */
#ifndef BROKER_STATE_H
#define BROKER_STATE_H

#include "base/map.h"
#include "broker/dues.h"
#include "discovery/agent.h"
#include "discovery/index.h"
#include "discovery/reputation.h"
#include "economics/batch.h"
#include "economics/budget.h"
#include "economics/dispute.h"
#include "economics/hold.h"
#include "economics/ledger.h"
#include "economics/moves.h"
#include "economics/transaction.h"
#include "execution/execution.h"
#include "negotiation/contract.h"
#include "negotiation/deal.h"
#include "negotiation/intent.h"
#include "negotiation/mandate.h"
#include "negotiation/offer.h"
#include "security/access.h"

enum table {
	T_AGENT,
	T_REPUTATION,
	T_CREDENTIAL,
	T_MANDATE,
	T_MANDATE_USE,
	T_STANDING_OFFER,
	T_INTENT,
	T_OFFER,
	T_CONTRACT,
	T_CONTRACT_STATE,
	T_EXECUTION,
	T_EXECUTION_STATUS,
	T_HOLD,
	T_BUDGET,
	T_TRANSACTION_STATE,
	T_BATCH,
	T_DISPUTE,
	T_DEAL,
	T_N
};

struct table_def {
	const char *name; /* in records */
	const struct field *fields;
	size_t size, id_offset;
};

extern const struct table_def table_defs[T_N];

/* Ids of rows that belong to one key (offers of an intent, ...). */
struct group {
	struct aicx_id key;
	struct aicx_id *ids; /* in order of first appearance */
	size_t n, cap;
};

/* A request with a durable effect: its repeat gets the stored answer. */
struct request {
	struct {
		struct aicx_id sender, id;
	} key;
	uint8_t body[16]; /* hash of what was asked */
	struct aicx_id deal_id; /* of a deal that will answer it */
	uint64_t seq; /* the record that holds the answer; 0: not yet */
};

/* The records that tell of a deal. */
struct trail {
	struct aicx_id deal_id;
	uint64_t *seqs;
	size_t n, cap;
};

/* Who sells a capability, by name. */
struct sellers {
	char *name;
	struct aicx_id *agents;
	size_t n, cap;
};

struct state {
	struct currencies currencies;
	struct map rows[T_N];
	struct ledger *ledger;
	struct index
	    *index; /* over agents; documents are struct map_entry ids */
	struct map offers_of_intent, mandates_of_agent, deals_of_agent,
	    executions_of_contract, credentials_of_agent, standing_of_agent,
	    budgets_of_agent; /* -> struct group */
	struct map sellers; /* name -> struct sellers */
	struct map verifiers; /* API key verifier -> credential_id's row key */
	struct map pairs; /* two parties -> count of live contracts */
	struct map requests; /* sender, id -> struct request */
	struct map trails; /* deal -> struct trail */
	struct map pending; /* transactions that wait for a batch, as ids */
	struct dues reservations; /* when each expires, ended ones too */
	struct map docs; /* agent -> struct doc, what the index knows */
	struct arena scratch; /* of one row while it is parsed */
	size_t n_holds_open, n_deals_open, n_agents;
};

void state_init(struct state *state);
void state_fini(struct state *state);

/* Parses the row's text and replaces what was there.  The table's own rules
   were checked when it was decided; an error here is a broken record. */
aicx_err state_put(struct state *state, enum table table, struct aicx_str text,
    uint64_t seq, struct aicx_error *reterr);
/* NULL: there is none. */
const void *state_row(
    const struct state *state, enum table table, const struct aicx_id *id);
uint64_t state_row_seq(
    const struct state *state, enum table table, const struct aicx_id *id);

#define STATE_GETTER(noun, type, table)                                        \
	static inline const struct type *state_##noun(                         \
	    const struct state *state, const struct aicx_id *id)               \
	{                                                                      \
		return (const struct type *)state_row(state, table, id);       \
	}
STATE_GETTER(agent, agent, T_AGENT)
STATE_GETTER(reputation, reputation, T_REPUTATION)
STATE_GETTER(credential, credential, T_CREDENTIAL)
STATE_GETTER(mandate, mandate, T_MANDATE)
STATE_GETTER(mandate_use, mandate_use, T_MANDATE_USE)
STATE_GETTER(standing_offer, standing_offer, T_STANDING_OFFER)
STATE_GETTER(intent, intent, T_INTENT)
STATE_GETTER(offer, offer, T_OFFER)
STATE_GETTER(contract, contract, T_CONTRACT)
STATE_GETTER(contract_state, contract_state, T_CONTRACT_STATE)
STATE_GETTER(execution, execution, T_EXECUTION)
STATE_GETTER(execution_status, execution_status, T_EXECUTION_STATUS)
STATE_GETTER(hold, hold, T_HOLD)
STATE_GETTER(budget, budget, T_BUDGET)
STATE_GETTER(transaction_state, transaction_state, T_TRANSACTION_STATE)
STATE_GETTER(batch, batch, T_BATCH)
STATE_GETTER(dispute, dispute, T_DISPUTE)
STATE_GETTER(deal, deal, T_DEAL)

/* Never NULL: an empty group when there is none. */
const struct group *state_group(
    const struct map *groups, const struct aicx_id *key);
const struct sellers *state_sellers(
    const struct state *state, struct aicx_str need); /* or NULL */
/* The credential whose API key has this SHA-256; NULL: none, or revoked. */
const struct credential *state_bearer(
    const struct state *state, const uint8_t verifier[32]);
/* Are the two parties of one live contract or deal? */
bool state_are_partners(const struct state *state, const struct aicx_id *a,
    const struct aicx_id *b);

struct request *state_request(const struct state *state,
    const struct aicx_id *sender, const struct aicx_id *id);
/* Remembers a request; answered: seq holds its answer. */
void state_note_request(struct state *state, const struct aicx_id *sender,
    const struct aicx_id *id, const uint8_t body[16],
    const struct aicx_id *deal_id, uint64_t seq, bool answered);
void state_note_trail(
    struct state *state, const struct aicx_id *deal_id, uint64_t seq);
const struct trail *state_trail(
    const struct state *state, const struct aicx_id *deal_id);

#endif
