/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stage.h - a broker under a clock, a store and agents that a test owns.
 *
 * Tests only.  Nothing here waits: time moves by stage_pass(), work of the pool
 * runs in stage_run(), and a crash is a new broker over the same store.
 */
#ifndef BROKER_STAGE_H
#define BROKER_STAGE_H

#include "broker/flow.h"
#include "broker/inside.h"
#include "broker/testdata/actor.h"

struct stage {
	struct broker *broker;
	struct broker_settings settings;
	struct broker_keys keys;
	struct currencies currencies;
	const char *address; /* where calls and sessions come from; or NULL */
	int64_t memory_used; /* what the process is said to hold */
	size_t n_jobs; /* that the pool was ever given */
	int64_t wall_ms, wake_ms;
	int64_t jump_ms; /* how wrong the wall clock is */
	uint64_t seed;
	struct map store; /* key -> struct pair */
	bool lazy; /* stage_run() does nothing */
	size_t commits_left; /* the store fails after so many */
	struct list undo; /* what cached commits changed since a durable one */
	bool lose_cached; /* a crash takes them */
	bool unchecked; /* stage_check() does nothing */
	const struct aicx_store_ops *ops; /* another store; NULL: the map */
	void *ops_state;
	uint64_t keep_every; /* records in one batch of the index */
	struct state_limits limits; /* of what is over */
	uint64_t checked_seq; /* when replays were compared last */
	const struct aicx_payment_ops *bank; /* NULL: internal credit */
	void *bank_state;
	const struct aicx_gateway_ops
	    *gateway; /* to sellers outside; or NULL */
	void *gateway_state;
	struct list jobs;
	struct list actors;
	struct aicx_id operator_id;
	char operator_key[64];
};

void stage_open(struct stage *stage);
/* The same over a store that may have records already: then the operator's
   key is not known. */
void stage_open_on(
    struct stage *stage, const struct aicx_store_ops *ops, void *ops_state);
void stage_close(struct stage *stage);
/* From now on, also after a crash, money moves by these. */
void stage_bank(
    struct stage *stage, const struct aicx_payment_ops *ops, void *state);
/* ... and it speaks to sellers outside. */
void stage_gateway(
    struct stage *stage, const struct aicx_gateway_ops *ops, void *state);
/* Runs jobs and timers until nothing more happens at this time, then checks
   the invariants. */
void stage_run(struct stage *stage);
void stage_pass(struct stage *stage, int64_t ms);
/* The broker dies with all sessions; a new one reads the records. */
void stage_crash(struct stage *stage);
/* Changes one digit of a record's time on the disk. */
void stage_tamper(struct stage *stage, uint64_t seq);
/* Takes a record off the disk. */
void stage_lose(struct stage *stage, uint64_t seq);
/* Reads the records with a broker of its own. */
aicx_err stage_replay(struct stage *stage, struct aicx_error *reterr);
/* Throws the index away, as a broker that never had one left the store. */
void stage_forget(struct stage *stage);
/* What aicxd --rebuild does. */
void stage_rebuild(struct stage *stage);
/* The value under a key of the store, to be changed; NULL: no such key.  n: the
   how manieth with that prefix. */
struct buf *stage_value(struct stage *stage, const char *prefix, size_t n);
/* Sum zero, nothing below zero, reserved = open holds; and a full replay, a
   start from the index and memory with what it reads back are the same. */
void stage_check(struct stage *stage);

/* A REST call as the operator, or by a bearer key; the answer's body is copied
   into ret_body (NUL-terminated).  Returns the status, 0: still waiting. */
int stage_call(struct stage *stage, const char *credential, const char *method,
    const char *params, const char *idempotency_key, struct buf *ret_body);

#endif
