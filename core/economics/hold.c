/* SPDX-License-Identifier: Apache-2.0 */
/* hold.c - holds resolve once, and say how they did. */
#include "economics/hold.h"

#include "base/broken.h"
#include "base/err.h"
#include "base/id.h"

const char *const hold_state_names[] = { "open", "posted", "voided", "expired",
	NULL };

const struct field hold_fields[] = {
	FIELD(struct hold, hold_id, "hold_id", FIELD_ID),
	FIELD(struct hold, agent_id, "agent_id", FIELD_ID),
	FIELD(struct hold, contract_id, "contract_id", FIELD_ID),
	FIELD(struct hold, mandate_id, "mandate_id", FIELD_ID),
	FIELD(struct hold, budget_id, "budget_id", FIELD_ID),
	FIELD(
	    struct hold, amount, "amount", FIELD_MONEY, .flags = FIELDF_ALWAYS),
	FIELD(struct hold, state, "state", FIELD_ENUM, .flags = FIELDF_ALWAYS,
	    .names = hold_state_names),
	FIELD(struct hold, posted_minor, "posted", FIELD_INT),
	FIELD(struct hold, created_ms, "created", FIELD_TIME),
	FIELD(struct hold, expires_ms, "expires", FIELD_TIME),
	FIELD(struct hold, reference, "reference", FIELD_STR),
	FIELD_END,
};

static bool
time_is_over(const struct hold *hold, int64_t now_ms)
{
	return id_is_nil(&hold->contract_id) && now_ms >= hold->expires_ms;
}

bool
hold_is_due(const struct hold *hold, int64_t now_ms)
{
	return hold->state == HOLD_OPEN && time_is_over(hold, now_ms);
}

static aicx_err
open_resolve(const struct hold *hold, enum hold_state to, int64_t now_ms,
    struct aicx_error *reterr)
{
	bool over = time_is_over(hold, now_ms);

	if (to == HOLD_EXPIRED && !id_is_nil(&hold->contract_id))
		return err_word(reterr, AICX_ESTATE, "held_by_contract",
		    "hold of a contract does not expire by itself");
	if (to == HOLD_EXPIRED && !over)
		return err_word(reterr, AICX_ESTATE, "wrong_state",
		    "hold has not expired yet");
	if (to != HOLD_EXPIRED && over)
		return err_word(
		    reterr, AICX_ESTATE, "expired", "hold has expired");
	return AICX_OK;
}

aicx_err
hold_resolve(const struct hold *hold, enum hold_state to, int64_t now_ms,
    struct aicx_error *reterr)
{
	if (broken("resolve_twice"))
		return AICX_OK;
	switch ((enum hold_state)hold->state) {
	case HOLD_OPEN:
		return open_resolve(hold, to, now_ms, reterr);
	case HOLD_POSTED:
		return err_word(reterr, AICX_ESTATE, "already_posted",
		    "hold was posted before");
	case HOLD_VOIDED:
		return err_word(reterr, AICX_ESTATE, "already_voided",
		    "hold was voided before");
	case HOLD_EXPIRED:
		return err_word(
		    reterr, AICX_ESTATE, "expired", "hold has expired");
	}
	return err_set(reterr, AICX_EINVAL, "hold is in no known state");
}
