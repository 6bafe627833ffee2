/* SPDX-License-Identifier: Apache-2.0 */
/*
 * budget.h - limits on what is held and consumed in a period; looked at before
 * anything is set aside or paid.
 *
 * Budgets nest (owner, agent, pipeline).  What is held or consumed counts in
 * its budget and in every one above it, in each by its own period, and all of
 * them must allow it: so no branch spends more than its top, however many
 * children share it and however their periods differ.  A child's allocation is
 * a limit inside its parent's; it sets nothing aside.
 *
 * available = allocated - consumed - held.  A hold counts in the period in
 * which it was made: one that ends in a later period changes nothing there.
 */
#ifndef ECONOMICS_BUDGET_H
#define ECONOMICS_BUDGET_H

#include "economics/hold.h"

enum budget_period {
	PERIOD_UNLIMITED,
	PERIOD_DAILY,
	PERIOD_MONTHLY,
	PERIOD_YEARLY
};

enum { BUDGET_DEPTH_MAX = 8 };

struct budget {
	struct aicx_id budget_id, agent_id, parent_id;
	struct aicx_money allocated;
	int64_t consumed_minor, held_minor; /* in this period */
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

/* A budget and those above it, each in its present period. */
struct budget_line {
	struct budget list[BUDGET_DEPTH_MAX];
	size_t n; /* 0: nothing limits */
};

/* Does every one of them allow it?  amount is above zero. */
aicx_err budget_line_check(const struct budget_line *line,
    const struct aicx_money *amount, const struct currencies *currencies,
    struct aicx_error *reterr);
/* The least that is left in any of them; INT64_MAX without any. */
int64_t budget_line_available(const struct budget_line *line);
void budget_line_hold(struct budget_line *line, int64_t amount_minor);
/* The hold is over; posted_minor of it was paid, 0 when it was given back. */
void budget_line_resolve(
    struct budget_line *line, const struct hold *hold, int64_t posted_minor);
void budget_line_charge(struct budget_line *line, int64_t amount_minor);
/* A payment that counted at that time comes back. */
void budget_line_refund(
    struct budget_line *line, int64_t counted_ms, int64_t amount_minor);

#endif
