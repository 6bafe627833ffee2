/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hold.h - money set aside: reserve -> post | void | expire, exactly once; and
 * budgets, the limits that are looked at before anything is set aside.
 */
#ifndef ECONOMICS_HOLD_H
#define ECONOMICS_HOLD_H

#include "protocol/field.h"

enum hold_state { HOLD_OPEN, HOLD_POSTED, HOLD_VOIDED, HOLD_EXPIRED };

extern const char *const hold_state_names[];

struct hold {
	struct aicx_id hold_id, agent_id, contract_id, mandate_id, budget_id;
	struct aicx_money amount;
	int state; /* enum hold_state */
	int64_t posted_minor; /* of amount */
	int64_t created_ms, expires_ms;
};

extern const struct field hold_fields[];

/* May it be resolved in this way now?  "already_posted", "already_voided",
   "expired": each its own answer. */
aicx_err hold_resolve(
    const struct hold *hold, enum hold_state to, struct aicx_error *reterr);

enum budget_period {
	PERIOD_UNLIMITED,
	PERIOD_DAILY,
	PERIOD_MONTHLY,
	PERIOD_YEARLY
};

struct budget {
	struct aicx_id budget_id, agent_id, parent_id;
	struct aicx_money allocated;
	int64_t consumed_minor, held_minor; /* in this period */
	int64_t given_minor; /* allocated to children */
	int period; /* enum budget_period */
	int64_t period_start_ms, reset_ms; /* 0: never */
	int64_t created_ms;
};

extern const struct field budget_fields[];
extern const char *const budget_period_names[];

int64_t budget_available(const struct budget *budget);
/* Begins the period that now_ms lies in; true when it changed the budget. */
bool budget_roll(struct budget *budget, int64_t now_ms);
/* "budget_exceeded" with what is left. */
aicx_err budget_check(const struct budget *budget,
    const struct aicx_money *amount, const struct currencies *currencies,
    struct aicx_error *reterr);
/* A hold counts in the period in which it was made. */
void budget_hold(struct budget *budget, int64_t amount_minor);
void budget_resolve(
    struct budget *budget, const struct hold *hold, int64_t posted_minor);

#endif
