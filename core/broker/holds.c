/* SPDX-License-Identifier: Apache-2.0 */
/* holds.c - what setting money aside changes, and what giving it back does. */
#include "broker/flow.h"

#include "base/broken.h"
#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "broker/payments.h"

/* All by the time at which the hold is made: it counts in those periods. */
static aicx_err
plan_budgets(struct broker *broker, const struct aicx_id *named,
    struct hold_plan *plan, struct aicx_error *reterr)
{
	struct hold *hold = &plan->hold;
	aicx_err err = budget_choose(broker, &hold->agent_id, named,
	    hold->amount.currency, &hold->budget_id, reterr);

	if (err != AICX_OK)
		return err;
	budget_line_load(
	    broker, &hold->budget_id, hold->created_ms, &plan->budgets);
	if (hold->amount.minor == 0)
		return AICX_OK;
	err = budget_line_check(
	    &plan->budgets, &hold->amount, &broker->state.currencies, reterr);
	if (broken("overbudget"))
		err = AICX_OK;
	if (err == AICX_OK)
		budget_line_hold(&plan->budgets, hold->amount.minor);
	return err;
}

static aicx_err
account_check(struct broker *broker, const struct aicx_id *agent_id,
    const struct aicx_money *amount, struct aicx_error *reterr)
{
	struct aicx_money have = *amount;

	have.minor =
	    ledger_account(broker->state.ledger, agent_id, amount->currency)
		->available_minor;
	if (have.minor >= amount->minor)
		return AICX_OK;
	return err_word(reterr, AICX_ELIMIT, "insufficient_funds",
	    "account has %s available, %s is needed",
	    money_text(&broker->state.currencies, &have).text,
	    money_text(&broker->state.currencies, amount).text);
}

aicx_err
hold_plan(struct broker *broker, const struct aicx_id *agent_id,
    const struct aicx_id *hold_id, const struct aicx_id *contract_id,
    const struct mandate *mandate, const struct mandate_text *mandate_text,
    struct aicx_str need, const struct aicx_money *amount, int64_t expires_ms,
    struct hold_plan *ret_plan, struct aicx_error *reterr)
{
	static const struct aicx_id nobody;
	struct hold_plan plan = { .has_use = false };
	aicx_err err = disk_may_begin(broker, reterr);

	if (err != AICX_OK)
		return err;
	plan.hold = (struct hold) {
		.hold_id = *hold_id,
		.agent_id = *agent_id,
		.contract_id = *contract_id,
		.amount = *amount,
		.created_ms = broker_now(broker),
		.expires_ms = expires_ms,
	};
	if (mandate != NULL) {
		const struct mandate_use *use =
		    state_mandate_use(&broker->state, &mandate->mandate_id);
		err = mandate_check(mandate, mandate_text, use, agent_id, need,
		    amount, broker_now(broker), reterr);
		if (err != AICX_OK)
			return err;
		plan.hold.mandate_id = mandate->mandate_id;
		plan.has_use = true;
		if (use != NULL)
			plan.use = *use;
		plan.use.mandate_id = mandate->mandate_id;
		plan.use.uses += broken("uncounted_mandate") ? 0 : 1;
		plan.use.held_minor += amount->minor;
	}
	err = plan_budgets(broker, &nobody, &plan, reterr);
	if (err == AICX_OK)
		err = account_check(broker, agent_id, amount, reterr);
	if (err == AICX_OK)
		*ret_plan = plan;
	return err;
}

aicx_err
reservation_plan(struct broker *broker, const struct hold *wish,
    struct hold_plan *ret_plan, struct aicx_error *reterr)
{
	struct hold_plan plan = { .has_use = false, .hold = *wish };
	aicx_err err = plan_budgets(broker, &wish->budget_id, &plan, reterr);

	if (err == AICX_OK)
		err = account_check(
		    broker, &wish->agent_id, &wish->amount, reterr);
	if (err == AICX_OK)
		*ret_plan = plan;
	return err;
}

void
hold_plan_put(struct step *step, const struct hold_plan *plan)
{
	step_put(step, T_HOLD, &plan->hold);
	if (plan->has_use)
		step_put(step, T_MANDATE_USE, &plan->use);
	budget_line_put(step, &plan->budgets);
	struct move list[1];
	struct moves moves = { .list = list, .cap = 1 };
	moves_reserve(&moves, &plan->hold);
	step_moves(step, &moves);
}

static void
end_counts(struct step *step, const struct hold *hold, int64_t posted_minor)
{
	struct broker *broker = step->broker;
	const struct mandate_use *use =
	    state_mandate_use(&broker->state, &hold->mandate_id);
	struct budget_line line;

	if (use != NULL) {
		struct mandate_use changed = *use;
		changed.held_minor -= hold->amount.minor;
		changed.posted_minor += posted_minor;
		step_put(step, T_MANDATE_USE, &changed);
	}
	budget_line_load(broker, &hold->budget_id, step->now_ms, &line);
	budget_line_resolve(&line, hold, posted_minor);
	budget_line_put(step, &line);
}

static void
put_end(struct step *step, const struct hold *hold, enum hold_state state,
    int64_t posted_minor)
{
	struct hold ended = *hold;

	ENSURE(hold_resolve(hold, state, step->now_ms, NULL) == AICX_OK);
	ended.state = (int)state;
	ended.posted_minor = posted_minor;
	step_put(step, T_HOLD, &ended);
	end_counts(step, hold, posted_minor);
}

void
hold_pay(struct step *step, const struct hold *hold,
    const struct transaction_state *paid, struct aicx_str reference)
{
	struct move list[3];
	struct moves moves = { .list = list, .cap = 3 };

	put_end(step, hold, HOLD_POSTED, paid->amount.minor);
	payment_put(step, paid);
	moves_post(&moves, hold, paid, reference);
	if (broken("double_post"))
		moves.list[moves.n - 1] = moves.list[0];
	step_moves(step, &moves);
}

void
hold_end(struct step *step, const struct hold *hold, enum hold_state state,
    const struct bill *bill, const struct aicx_id *transaction_id,
    const struct aicx_id *payee_id, const struct aicx_id *execution_id)
{
	struct move list[1];
	struct moves moves = { .list = list, .cap = 1 };

	if (state == HOLD_POSTED) {
		struct transaction_state paid = {
			.transaction_id = *transaction_id,
			.payer_id = hold->agent_id,
			.payee_id = *payee_id,
			.contract_id = hold->contract_id,
			.execution_id = *execution_id,
			.amount = bill->total,
			.fee_minor = bill->fee.minor,
			.made_ms = hold->created_ms,
		};
		payment_begin(step, &paid);
		if (paid.status == TRANSACTION_PENDING)
			paid.budget_id = hold->budget_id;
		hold_pay(step, hold, &paid, (struct aicx_str) { NULL, 0 });
		return;
	}
	put_end(step, hold, state, 0);
	if (broken("leak_hold"))
		return;
	moves_give_back(&moves, hold, state, execution_id);
	step_moves(step, &moves);
}
