/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit.h - a second pair of eyes: reads every record as it reaches the disk,
 * keeps books of its own and stops the run when a promise is broken.
 *
 * It knows the form of records (abi/wire/protocol.md) and nothing of how the
 * broker makes them.
 */
#ifndef SIM_AUDIT_H
#define SIM_AUDIT_H

#include "sim.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/map.h"
#include "protocol/crypto.h"

struct audit;

struct audit_account {
	struct {
		char owner[40]; /* an id as text, or "funding", "fees" */
		char currency[8];
	} key;
	int64_t available_minor, reserved_minor, pending_minor;
	int64_t held_minor; /* of open holds */
	int64_t seen[32][2]; /* the last balances, as a ring */
	size_t n_seen;
};

struct audit_request {
	struct {
		struct aicx_id sender, id;
	} key;
	char body[24];
	int n_begun;
	uint64_t answered_seq; /* 0: not yet */
	int64_t status;
	uint64_t answer; /* hash of the text */
};

struct audit_hold {
	struct aicx_id id, agent, contract;
	int64_t minor, posted_minor;
	int state; /* index of enum hold_state */
	char currency[8];
	bool backs_work;
};

struct audit_deal {
	struct aicx_id id, hold, contract, requester, provider;
	int state;
	int64_t since_ms; /* world time of its first record */
	char text[16]; /* its state */
};

struct audit_contract {
	struct aicx_id id, provider, requester;
	int64_t ceiling_minor, expires_ms, max_executions, max_attempts;
	int64_t n_executions;
	int status; /* -1: none yet */
	struct aicx_id offer, mandate;
	struct aicx_str text;
	uint8_t provider_signature[SIG_BYTES], requester_signature[SIG_BYTES];
};

struct audit_dispute {
	struct aicx_id id;
	bool open;
};

struct audit_payment { /* a transaction that may be given back */
	struct aicx_id id;
	int64_t minor, refunded_minor;
};

struct audit_offer {
	struct aicx_id id, provider;
	struct aicx_str text;
	uint8_t signature[SIG_BYTES];
};

struct audit_execution {
	struct aicx_id id, contract, hold, provider;
	int64_t created_ms, deadline_ms, retry_ms, attempts;
	int64_t world_ms; /* when it was ordered */
	int state; /* -1: none yet */
	int n_posts, life;
};

struct audit_mandate {
	struct aicx_id id;
	int64_t each_minor, total_minor, max_deals;
	int64_t n_holds;
};

struct audit {
	struct sim *sim;
	struct arena mem, scratch;
	uint64_t seq, epoch;
	int64_t time_ms;
	char prev[44];
	char step[40]; /* of the present record */
	struct map orders, accounts, requests, holds, deals, contracts,
	    executions, mandates, offers, payments, disputes;
	size_t n_open_holds, n_open_deals;
	int64_t pending_minor, suspense_minor; /* of all */
	uint8_t (*leaves)[HASH_BYTES]; /* of the tree over the records */
	size_t cap_leaves;
	/* Touched by the present record. */
	struct audit_deal *deals_now[16];
	struct audit_execution *executions_now[16];
	size_t n_deals_now, n_executions_now;
	const struct audit_contract *signed_now;
};

struct audit *audit_new(struct sim *sim);
void audit_free(struct audit *audit);
/* The next record is on the disk. */
void audit_record(struct audit *audit, struct aicx_str record);
/* A seller was given this work, which one request asked for. */
void audit_ordered(struct audit *audit, const struct aicx_id *work_id,
    const struct aicx_id *execution_id);
/* A checkpoint that was handed out: its root is that of the records. */
void audit_checkpoint(struct audit *audit, struct aicx_str note);
/* After each event: what the broker has in memory. */
void audit_memory(struct audit *audit);
/* When all is quiet: every hold resolved, every deal final. */
void audit_rest(struct audit *audit);

struct audit_account *audit_account(
    struct audit *audit, struct aicx_str owner, const char *currency);
const struct audit_request *audit_request(const struct audit *audit,
    const struct aicx_id *sender, const struct aicx_id *id);

/* All moves that the long form has to see. */
void audit_need_edges(void);

/* audit_rows.c: one row of a record. */
void audit_row(struct audit *audit, struct aicx_str table, struct json_ref row);
/* All rows and entries of the record are in. */
void audit_rows_end(struct audit *audit);

/* Reading members; absent ones are nil, 0 or "". */
struct aicx_id audit_id(
    struct audit *audit, struct json_ref ref, const char *name);
int64_t audit_int(struct json_ref ref, const char *name);
int64_t audit_time(struct audit *audit, struct json_ref ref, const char *name);
struct aicx_str audit_text(
    struct audit *audit, struct json_ref ref, const char *name);
int64_t audit_money(struct audit *audit, struct json_ref ref, const char *name,
    char ret_currency[8]);

#endif
