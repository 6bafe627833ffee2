/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state.h - what the broker knows: rows by table and id, the ledger, and the
 * indexes over them.  All of it follows from the records.
 *
 * At replay a row is made by parsing the JSON text that stands in the record;
 * at run time it is copied by the same table of members that printed that text,
 * so both give the same state.  Rows are never changed, only replaced; a
 * pointer to one is valid until the next state_put() of that row, and at most
 * until the end of the loop's turn (state_sweep()).
 *
 * Memory holds what is under way.  A row that is over leaves it once the index
 * in the store says where its text stands, and is read back from its record
 * when somebody asks; see catalog.h and keep.h.
 */
#ifndef BROKER_STATE_H
#define BROKER_STATE_H

#include "base/list.h"
#include "base/map.h"
#include "broker/catalog.h"
#include "broker/dues.h"
#include "broker/horizon.h"
#include "broker/rolls.h"
#include "discovery/agent.h"
#include "discovery/index.h"
#include "discovery/reputation.h"
#include "economics/batch.h"
#include "economics/budget.h"
#include "economics/dispute.h"
#include "economics/hold.h"
#include "economics/ledger.h"
#include "economics/moves.h"
#include "economics/payment.h"
#include "economics/policy.h"
#include "economics/subscription.h"
#include "economics/transaction.h"
#include "execution/execution.h"
#include "negotiation/contract.h"
#include "negotiation/deal.h"
#include "negotiation/intent.h"
#include "negotiation/mandate.h"
#include "negotiation/offer.h"
#include "security/grants.h"

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
	T_SUBSCRIPTION,
	T_POLICY,
	T_PAYMENT,
	T_PAYMENT_EVENT,
	T_PERMISSION,
	T_N
};

/* One line each in state.c.  A row is live always, unless one of these says
   when it is over; then it leaves memory. */
struct table_def {
	const char *name; /* in records */
	const struct field *fields;
	size_t size, id_offset;
	bool (*is_over)(const void *row);
	enum table ends_with; /* T_AGENT: none; over when that row is over */
	size_t link_offset; /* of that row's id */
	size_t followers; /* in struct state: the group of those it ends, where
			     their id is another; 0: none */
	bool reopens; /* what was over may change again */
};

extern const struct table_def table_defs[T_N];

/* Ids of rows that belong to one key (offers of an intent, ...). */
struct group {
	struct aicx_id key;
	struct aicx_id *ids; /* in order of first appearance */
	size_t n, cap;
	size_t n_over; /* of deals: those that left memory */
};

/* A request with a durable effect: its repeat gets the stored answer. */
struct request {
	struct {
		struct aicx_id sender, id;
	} key;
	uint8_t body[16]; /* hash of what was asked */
	struct aicx_id deal_id; /* of a deal that will answer it */
	uint64_t seq; /* the record that holds the answer; 0: not yet */
	struct list node; /* among those that may leave memory */
	bool changed; /* the index does not know it yet */
};

/* The records that tell of a deal. */
struct trail {
	const uint64_t *seqs;
	size_t n;
};

/* Who sells a capability, by name. */
struct sellers {
	char *name;
	struct aicx_id *agents;
	size_t n, cap;
};

struct row; /* row.h */

/* What the index does not have yet, and what it was sent. */
struct changes {
	struct row **rows;
	struct request **requests;
	size_t n_rows, cap_rows, n_requests, cap_requests;
};

/* How much of what is over stays in memory all the same. */
struct state_limits {
	size_t rows_max, bytes_max, requests_max;
};

extern const struct state_limits state_limits_default;

typedef void state_broken_fn(const struct aicx_error *error, void *arg);

struct state {
	struct currencies currencies;
	struct map rows[T_N];
	struct row *last[T_N]; /* looked at last: often asked for again */
	struct ledger *ledger;
	struct index
	    *index; /* over agents; documents are struct map_entry ids */
	/* -> struct group; of offers and deals only those in memory */
	struct map offers_of_intent, mandates_of_agent, deals_of_agent,
	    credentials_of_agent, standing_of_agent, budgets_of_agent;
	struct map sellers; /* name -> struct sellers */
	struct map permissions_of_agent; /* granted to it, and of its own */
	struct grants grants;
	struct map verifiers; /* API key verifier -> credential_id's row key */
	struct map pairs; /* two parties -> count of live contracts */
	struct map requests; /* sender, id -> struct request */
	struct horizon horizon; /* which requests are new for sure */
	struct map pending; /* transactions that wait for a batch, as ids */
	struct dues reservations; /* when each expires, ended ones too */
	struct map docs; /* agent -> struct doc, what the index knows */
	struct rolls rolls;
	struct arena scratch; /* of one row while it is parsed */
	size_t n_holds_open, n_deals_open, n_agents;
	int64_t agents_version; /* counts changes of entries */
	size_t n_reservations; /* of the open holds */

	struct catalog catalog;
	struct state_limits limits;
	struct changes now, sent;
	struct list over_rows, over_requests; /* oldest first */
	size_t n_over_rows, n_over_bytes, n_over_requests;
	struct arena lent; /* lists and the like, until the turn's end */
	size_t n_listed; /* live rows in the index */
	uint64_t rank; /* of the row being put */
	bool loading; /* from the index: it knows all of this */
	state_broken_fn *on_broken; /* the store cannot be read; or NULL */
	void *broken_arg;
};

void state_init(struct state *state);
void state_fini(struct state *state);

/* Parses the row's text and replaces what was there.  The table's own rules
   were checked when it was decided; an error here is a broken record.  rank:
   record << RANK_BITS, plus the place among its rows. */
aicx_err state_put(struct state *state, enum table table, struct aicx_str text,
    const struct spot *spot, uint64_t rank, struct aicx_error *reterr);
/* The same without the text in between, for what is decided now: row_made() is
   the row that printing and parsing `value` would give, `n_bytes` what its text
   takes; row_put() takes it, row_forget() ends one that is not put. */
struct row *row_made(struct state *state, enum table table, const void *value,
    size_t n_bytes, struct aicx_error *reterr); /* or NULL */
void row_put(struct state *state, enum table table, struct row *row,
    const struct spot *spot, uint64_t rank);
void row_forget(struct row *row);
/* A row that no record has yet: everybody here finds it, but neither the index
   nor a restart does until it is put. */
void state_put_unrecorded(
    struct state *state, enum table table, const void *value);
/* The same for a live row that the index names. */
aicx_err state_load(struct state *state, enum table table, struct aicx_str text,
    const struct row_entry *entry, struct aicx_error *reterr);
/* NULL: there is none.  One that left memory is read back. */
const void *state_row(
    const struct state *state, enum table table, const struct aicx_id *id);
/* The record that holds the row's last text; 0: there is no such row. */
uint64_t state_row_seq(
    const struct state *state, enum table table, const struct aicx_id *id);
/* Ends what was lent, and lets go of what is too much: when no handler runs. */
void state_sweep(struct state *state);

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
STATE_GETTER(subscription, subscription, T_SUBSCRIPTION)
STATE_GETTER(policy, policy, T_POLICY)
STATE_GETTER(payment, payment, T_PAYMENT)
STATE_GETTER(payment_event, payment_event, T_PAYMENT_EVENT)
STATE_GETTER(permission, granted, T_PERMISSION)

/* Never NULL: an empty group when there is none. */
const struct group *state_group(
    const struct map *groups, const struct aicx_id *key);
/* The offers made for an intent, the executions under a contract, also of
   deals that left memory.  cap: how many at most. */
const struct group *state_offers(
    const struct state *state, const struct aicx_id *intent_id);
const struct group *state_executions(
    const struct state *state, const struct aicx_id *contract_id, size_t cap);
/* Deals of an agent, newest first, below the deal `before` (nil: from the
   newest); returns how many ids it set, at most cap. */
size_t state_deals(const struct state *state, const struct aicx_id *agent_id,
    const struct aicx_id *before, struct aicx_id *ret_ids, size_t cap);
/* The same for what an owner paid and got. */
size_t state_transactions(const struct state *state,
    const struct aicx_id *owner_id, const struct aicx_id *before,
    const struct transaction **ret_list, size_t cap);
/* Ids of what was paid under a contract, newest first. */
size_t state_payments(const struct state *state,
    const struct aicx_id *contract_id, struct aicx_id *ret_ids, size_t cap);
const struct transaction *state_transaction(
    const struct state *state, const struct aicx_id *id); /* or NULL */
const struct sellers *state_sellers(
    const struct state *state, struct aicx_str need); /* or NULL */
/* The credential with this verifier, good or not; or NULL. */
const struct credential *state_verifier(
    const struct state *state, const uint8_t verifier[32]);
/* The credential whose API key has this SHA-256; NULL: none, or revoked. */
const struct credential *state_bearer(
    const struct state *state, const uint8_t verifier[32]);
/* Are the two parties of one live contract or deal? */
bool state_are_partners(const struct state *state, const struct aicx_id *a,
    const struct aicx_id *b);

/* What a record says beside its rows. */
aicx_err state_apply(struct state *state, const struct transfer *transfers,
    size_t n, int64_t at_ms, uint64_t seq, struct aicx_error *reterr);
const struct request *state_request(const struct state *state,
    const struct aicx_id *sender, const struct aicx_id *id);
/* Remembers a request; answered: seq holds its answer. */
void state_note_request(struct state *state, const struct aicx_id *sender,
    const struct aicx_id *id, const uint8_t body[16],
    const struct aicx_id *deal_id, uint64_t seq, bool answered);
/* Remembers one that no record has yet, whose deal will answer it. */
void state_note_unrecorded(struct state *state, const struct aicx_id *sender,
    const struct aicx_id *id, const uint8_t body[16],
    const struct aicx_id *deal_id);
/* A record of what this agent did, or was refused. */
void state_note_actor(
    struct state *state, const struct aicx_id *agent_id, uint64_t seq);
void state_note_trail(
    struct state *state, const struct aicx_id *deal_id, uint64_t seq);
/* Records of a deal (ROLL_TRAIL) or of what an agent did (ROLL_ACTS) below this
   number, newest first; one may come twice. */
size_t state_records(const struct state *state, enum roll roll,
    const struct aicx_id *owner, uint64_t before, uint64_t *ret_seqs,
    size_t cap);
/* Never NULL. */
const struct trail *state_trail(
    const struct state *state, const struct aicx_id *deal_id);

/* Hands out what changed since the last time, as writes of the index; it stays
   in memory until the index has it: state_confirm(). */
typedef void state_write_fn(
    const struct catalog_key *key, struct aicx_str value, void *arg);
void state_send(struct state *state, state_write_fn *write, void *arg);
/* Of all up to this record; what is over may leave memory from now on. */
void state_confirm(struct state *state, uint64_t seq);

#endif
