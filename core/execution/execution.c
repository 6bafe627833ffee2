/* SPDX-License-Identifier: Apache-2.0 */
/* execution.c - states of work in one table. */
#include "execution/execution.h"

#include "base/err.h"

const char *const execution_state_names[] = { "PENDING", "IN_PROGRESS",
	"RETRYING", "COMPLETED", "FAILED", "TIMEOUT", "CANCELLED", NULL };

static const char *const event_names[] = { "send", "complete", "fail", "retry",
	"time out", "cancel" };

static const struct {
	enum execution_state from;
	enum execution_event event;
	enum execution_state to;
} moves[] = {
	{ EXECUTION_PENDING, EXECUTION_SENT, EXECUTION_IN_PROGRESS },
	{ EXECUTION_PENDING, EXECUTION_LATE, EXECUTION_TIMEOUT },
	{ EXECUTION_PENDING, EXECUTION_CANCEL, EXECUTION_CANCELLED },
	{ EXECUTION_IN_PROGRESS, EXECUTION_OUTPUT, EXECUTION_COMPLETED },
	{ EXECUTION_IN_PROGRESS, EXECUTION_ERROR, EXECUTION_FAILED },
	{ EXECUTION_IN_PROGRESS, EXECUTION_AGAIN, EXECUTION_RETRYING },
	{ EXECUTION_IN_PROGRESS, EXECUTION_LATE, EXECUTION_TIMEOUT },
	{ EXECUTION_IN_PROGRESS, EXECUTION_CANCEL, EXECUTION_CANCELLED },
	{ EXECUTION_RETRYING, EXECUTION_SENT, EXECUTION_IN_PROGRESS },
	{ EXECUTION_RETRYING, EXECUTION_LATE, EXECUTION_TIMEOUT },
	{ EXECUTION_RETRYING, EXECUTION_CANCEL, EXECUTION_CANCELLED },
};

bool
execution_is_final(enum execution_state state)
{
	return state >= EXECUTION_COMPLETED;
}

aicx_err
execution_step(enum execution_state state, enum execution_event event,
    enum execution_state *ret_next, struct aicx_error *reterr)
{
	ENSURE(state < EXECUTION_N_STATES && event < EXECUTION_N_EVENTS);
	for (size_t i = 0; i < sizeof moves / sizeof moves[0]; i++)
		if (moves[i].from == state && moves[i].event == event) {
			*ret_next = moves[i].to;
			return AICX_OK;
		}
	return err_word(reterr, AICX_ESTATE, "wrong_state",
	    "cannot %s an execution that is %s", event_names[event],
	    execution_state_names[state]);
}

/* How many times the first delay; 63 doublings pass every limit. */
static __int128
backoff_times(enum backoff strategy, int64_t attempt)
{
	switch (strategy) {
	case BACKOFF_FIXED:
		return 1;
	case BACKOFF_LINEAR:
		return attempt > 1 ? attempt - 1 : 1;
	case BACKOFF_EXPONENTIAL:
		break;
	}
	if (attempt <= 2)
		return 1;
	return (__int128)1 << (attempt < 65 ? attempt - 2 : 63);
}

int64_t
execution_backoff_ms(const struct retry_policy *policy, int64_t attempt)
{
	__int128 delay_ms = policy->initial_delay_ms *
	    backoff_times((enum backoff)policy->backoff_strategy, attempt);

	return delay_ms < policy->max_delay_ms ? (int64_t)delay_ms
					       : policy->max_delay_ms;
}

const struct field execution_fields[] = {
	FIELD(struct execution, execution_id, "execution_id", FIELD_ID),
	FIELD(struct execution, contract_id, "contract_id", FIELD_ID),
	FIELD(struct execution, deal_id, "deal_id", FIELD_ID),
	FIELD(struct execution, requester_id, "requester_id", FIELD_ID),
	FIELD(struct execution, provider_id, "provider_id", FIELD_ID),
	FIELD(struct execution, hold_id, "hold_id", FIELD_ID),
	FIELD(struct execution, message_id, "message_id", FIELD_ID),
	FIELD(struct execution, capability, "capability", FIELD_STR),
	FIELD(struct execution, input, "input", FIELD_JSON),
	FIELD(struct execution, created_ms, "created", FIELD_TIME),
	FIELD(struct execution, deadline_ms, "deadline", FIELD_TIME),
	FIELD_END,
};

const struct field execution_status_fields[] = {
	FIELD(struct execution_status, execution_id, "execution_id", FIELD_ID),
	FIELD(struct execution_status, state, "state", FIELD_ENUM,
	    .flags = FIELDF_ALWAYS, .names = execution_state_names),
	FIELD(struct execution_status, attempts, "attempts", FIELD_INT,
	    .flags = FIELDF_ALWAYS),
	FIELD(struct execution_status, started_ms, "started_at", FIELD_TIME),
	FIELD(
	    struct execution_status, completed_ms, "completed_at", FIELD_TIME),
	FIELD(struct execution_status, duration_ms, "duration_ms", FIELD_INT),
	FIELD(struct execution_status, retry_ms, "retry_at", FIELD_TIME),
	FIELD(struct execution_status, output, "output", FIELD_JSON),
	FIELD(struct execution_status, error, "error", FIELD_STR),
	FIELD(struct execution_status, detail, "detail", FIELD_STR),
	FIELD(struct execution_status, units, "units", FIELD_INT),
	FIELD(struct execution_status, unit, "unit", FIELD_STR),
	FIELD(struct execution_status, usage, "usage", FIELD_JSON),
	FIELD(struct execution_status, cost, "cost", FIELD_MONEY),
	FIELD(struct execution_status, transaction_id, "transaction_id",
	    FIELD_ID),
	FIELD(struct execution_status, quality, "quality", FIELD_INT,
	    .max = 1000, .fallback = -1),
	FIELD(struct execution_status, period_ms, "period", FIELD_TIME),
	FIELD(struct execution_status, used_before, "used_before", FIELD_INT,
	    .fallback = -1),
	FIELD(struct execution_status, decision, "decision", FIELD_JSON),
	FIELD(struct execution_status, bill, "bill", FIELD_JSON),
	FIELD_END,
};
