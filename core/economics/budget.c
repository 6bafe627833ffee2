/* SPDX-License-Identifier: Apache-2.0 */
/* budget.c - what is left of a limit, and of those above it. */
#include "economics/budget.h"

#include "base/broken.h"
#include "base/clock.h"
#include "base/err.h"

const char *const budget_period_names[] = { "unlimited", "daily", "monthly",
	"yearly", NULL };

const struct field budget_fields[] = {
	FIELD(struct budget, budget_id, "budget_id", FIELD_ID),
	FIELD(struct budget, agent_id, "agent_id", FIELD_ID),
	FIELD(struct budget, parent_id, "parent", FIELD_ID),
	FIELD(struct budget, allocated, "allocated", FIELD_MONEY,
	    .flags = FIELDF_ALWAYS),
	FIELD(struct budget, consumed_minor, "consumed", FIELD_INT),
	FIELD(struct budget, held_minor, "held", FIELD_INT),
	FIELD(struct budget, period, "period", FIELD_ENUM,
	    .flags = FIELDF_ALWAYS, .names = budget_period_names),
	FIELD(struct budget, period_start_ms, "period_start", FIELD_TIME),
	FIELD(struct budget, reset_ms, "reset_date", FIELD_TIME),
	FIELD(struct budget, created_ms, "created", FIELD_TIME),
	FIELD_END,
};

int64_t
budget_available(const struct budget *budget)
{
	return budget->allocated.minor - budget->consumed_minor -
	    budget->held_minor;
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

aicx_err
budget_line_check(const struct budget_line *line,
    const struct aicx_money *amount, const struct currencies *currencies,
    struct aicx_error *reterr)
{
	ENSURE(amount->minor > 0);
	for (size_t i = 0; i < line->n; i++) {
		aicx_err err =
		    budget_check(&line->list[i], amount, currencies, reterr);
		if (err != AICX_OK)
			return err;
	}
	return AICX_OK;
}

int64_t
budget_line_available(const struct budget_line *line)
{
	int64_t least_minor = INT64_MAX;

	for (size_t i = 0; i < line->n; i++)
		if (budget_available(&line->list[i]) < least_minor)
			least_minor = budget_available(&line->list[i]);
	return least_minor;
}

void
budget_line_hold(struct budget_line *line, int64_t amount_minor)
{
	for (size_t i = 0; i < line->n; i++)
		line->list[i].held_minor += amount_minor;
}

/* Made in a period that is over: it counts there. */
static bool
is_past(const struct budget *budget, int64_t counted_ms)
{
	return counted_ms < budget->period_start_ms && !broken("no_periods");
}

void
budget_line_resolve(
    struct budget_line *line, const struct hold *hold, int64_t posted_minor)
{
	for (size_t i = 0; i < line->n; i++) {
		struct budget *budget = &line->list[i];
		if (is_past(budget, hold->created_ms))
			continue;
		budget->held_minor -= hold->amount.minor;
		budget->consumed_minor += posted_minor;
	}
}

void
budget_line_charge(struct budget_line *line, int64_t amount_minor)
{
	for (size_t i = 0; i < line->n; i++)
		line->list[i].consumed_minor += amount_minor;
}

void
budget_line_refund(
    struct budget_line *line, int64_t counted_ms, int64_t amount_minor)
{
	for (size_t i = 0; i < line->n; i++)
		if (!is_past(&line->list[i], counted_ms))
			line->list[i].consumed_minor -= amount_minor;
}
