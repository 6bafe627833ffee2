/* SPDX-License-Identifier: Apache-2.0 */
/* execution.h - one piece of work under a contract, and its legal moves. */
#ifndef EXECUTION_EXECUTION_H
#define EXECUTION_EXECUTION_H

#include "protocol/field.h"
#include "protocol/terms.h"

enum execution_state {
	EXECUTION_PENDING,
	EXECUTION_IN_PROGRESS,
	EXECUTION_RETRYING,
	EXECUTION_COMPLETED,
	EXECUTION_FAILED,
	EXECUTION_TIMEOUT,
	EXECUTION_CANCELLED,
	EXECUTION_N_STATES
};

enum execution_event {
	EXECUTION_SENT, /* EXECUTE is on its way to the provider */
	EXECUTION_OUTPUT, /* the provider delivered */
	EXECUTION_ERROR, /* the provider gave up, for good */
	EXECUTION_AGAIN, /* an attempt failed and the policy allows another */
	EXECUTION_LATE, /* the time is over */
	EXECUTION_CANCEL,
	EXECUTION_N_EVENTS
};

extern const char *const execution_state_names[];

bool execution_is_final(enum execution_state state);
/* The next state or "wrong_state". */
aicx_err execution_step(enum execution_state state, enum execution_event event,
    enum execution_state *ret_next, struct aicx_error *reterr);

/* What was ordered; written once. */
struct execution {
	struct aicx_id execution_id, contract_id, deal_id;
	struct aicx_id requester_id, provider_id, hold_id;
	struct aicx_id message_id; /* of EXECUTE, the same in every resend */
	struct aicx_str capability;
	struct aicx_str input; /* JSON */
	int64_t created_ms, deadline_ms;
};

extern const struct field execution_fields[];

/* How it stands; written with each move. */
struct execution_status {
	struct aicx_id execution_id;
	int state; /* enum execution_state */
	int64_t attempts;
	int64_t started_ms, completed_ms, duration_ms;
	int64_t retry_ms; /* absolute: when the next attempt goes out */
	struct aicx_str output; /* JSON */
	struct aicx_str error; /* word */
	struct aicx_str detail;
	int64_t units;
	struct aicx_str unit;
	struct aicx_str usage; /* JSON: the claim as it came */
	struct aicx_money cost;
	struct aicx_id transaction_id; /* that paid it */
	int64_t quality; /* 0..1000, as judged; -1: it was not */
	int64_t period_ms; /* of a subscription: start of the period billed */
	int64_t used_before; /* in it; -1: this one pays for the period */
	struct aicx_str decision; /* JSON: what a policy was asked and said */
	struct aicx_str bill; /* JSON: {"lines","total"} */
};

extern const struct field execution_status_fields[];

/* Delay before attempt n (2, 3, ...), from the policy's first delay up to its
   largest: always the first, n - 1 times the first, or twice the one before. */
int64_t execution_backoff_ms(
    const struct retry_policy *policy, int64_t attempt);

#endif
