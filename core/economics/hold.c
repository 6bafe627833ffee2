/* SPDX-License-Identifier: Apache-2.0 */
/* hold.c - holds resolve once; budgets count what is held and consumed. */
#include "economics/hold.h"

#include "base/clock.h"
#include "base/err.h"

const char *const hold_state_names[] = { "open", "posted", "voided", "expired",
	NULL };

const char *const budget_period_names[] = { "unlimited", "daily", "monthly",
	"yearly", NULL };

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
	FIELD_END,
};

const struct field budget_fields[] = {
	FIELD(struct budget, budget_id, "budget_id", FIELD_ID),
	FIELD(struct budget, agent_id, "agent_id", FIELD_ID),
	FIELD(struct budget, parent_id, "parent", FIELD_ID),
	FIELD(struct budget, allocated, "allocated", FIELD_MONEY,
	    .flags = FIELDF_ALWAYS),
	FIELD(struct budget, consumed_minor, "consumed", FIELD_INT),
	FIELD(struct budget, held_minor, "held", FIELD_INT),
	FIELD(struct budget, given_minor, "given", FIELD_INT),
	FIELD(struct budget, period, "period", FIELD_ENUM,
	    .flags = FIELDF_ALWAYS, .names = budget_period_names),
	FIELD(struct budget, period_start_ms, "period_start", FIELD_TIME),
	FIELD(struct budget, reset_ms, "reset_date", FIELD_TIME),
	FIELD(struct budget, created_ms, "created", FIELD_TIME),
	FIELD_END,
};

aicx_err
hold_resolve(
    const struct hold *hold, enum hold_state to, struct aicx_error *reterr)
{
	(void)to;
	switch ((enum hold_state)hold->state) {
	case HOLD_OPEN:
		return AICX_OK;
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

int64_t
budget_available(const struct budget *budget)
{
	return budget->allocated.minor - budget->given_minor -
	    budget->consumed_minor - budget->held_minor;
}

static int64_t
next_reset(enum budget_period period, int64_t now_ms)
{
	switch (period) {
	case PERIOD_DAILY:
		return time_next_day(now_ms);
	case PERIOD_MONTHLY:
		return time_next_month(now_ms);
	case PERIOD_YEARLY:
		return time_next_year(now_ms);
	case PERIOD_UNLIMITED:
		break;
	}
	return 0;
}

bool
budget_roll(struct budget *budget, int64_t now_ms)
{
	if (budget->period_start_ms != 0 &&
	    (budget->reset_ms == 0 || now_ms < budget->reset_ms))
		return false;
	budget->period_start_ms = now_ms;
	budget->reset_ms =
	    next_reset((enum budget_period)budget->period, now_ms);
	budget->consumed_minor = budget->held_minor = 0;
	return true;
}

aicx_err
budget_check(const struct budget *budget, const struct aicx_money *amount,
    const struct currencies *currencies, struct aicx_error *reterr)
{
	struct aicx_money left = budget->allocated;

	left.minor = budget_available(budget);
	if (!money_same_currency(&budget->allocated, amount))
		return err_word(reterr, AICX_ELIMIT, "budget_exceeded",
		    "budget is in %s, the amount in %s",
		    budget->allocated.currency, amount->currency);
	if (amount->minor > left.minor)
		return err_word(reterr, AICX_ELIMIT, "budget_exceeded",
		    "budget has %s left, %s wanted",
		    money_text(currencies, &left).text,
		    money_text(currencies, amount).text);
	return AICX_OK;
}

void
budget_hold(struct budget *budget, int64_t amount_minor)
{
	budget->held_minor += amount_minor;
}

void
budget_resolve(
    struct budget *budget, const struct hold *hold, int64_t posted_minor)
{
	if (hold->created_ms < budget->period_start_ms)
		return; /* made in a period that is over */
	budget->held_minor -= hold->amount.minor;
	budget->consumed_minor += posted_minor;
}
