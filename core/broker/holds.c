/* SPDX-License-Identifier: Apache-2.0 */
/* holds.c - what setting money aside changes, and what giving it back does. */
#include "broker/flow.h"

#include "base/broken.h"
#include "base/err.h"
#include "base/id.h"
#include "base/str.h"

static aicx_err
plan_budget(struct broker *broker, const struct aicx_id *agent_id,
    const struct aicx_money *amount, struct hold_plan *plan,
    struct aicx_error *reterr)
{
	const struct group *group =
	    state_group(&broker->state.budgets_of_agent, agent_id);
	const struct budget *budget = NULL;

	for (size_t i = 0; i < group->n && budget == NULL; i++) {
		budget = state_budget(&broker->state, &group->ids[i]);
		if (!money_same_currency(&budget->allocated, amount))
			budget = NULL;
	}
	if (budget == NULL)
		return AICX_OK;
	/* What a parent gave to this budget is counted there already. */
	plan->has_budget = true;
	plan->budget = *budget;
	(void)budget_roll(&plan->budget, broker_now(broker));
	aicx_err err = budget_check(
	    &plan->budget, amount, &broker->state.currencies, reterr);
	if (err != AICX_OK)
		return err;
	budget_hold(&plan->budget, amount->minor);
	plan->hold.budget_id = budget->budget_id;
	return AICX_OK;
}

aicx_err
hold_plan(struct broker *broker, const struct aicx_id *agent_id,
    const struct aicx_id *hold_id, const struct aicx_id *contract_id,
    const struct mandate *mandate, const struct mandate_text *mandate_text,
    struct aicx_str need, const struct aicx_money *amount, int64_t expires_ms,
    struct hold_plan *ret_plan, struct aicx_error *reterr)
{
	struct hold_plan plan = { .has_use = false };
	const struct account *account =
	    ledger_account(broker->state.ledger, agent_id, amount->currency);
	aicx_err err;

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
		plan.use.uses++;
		plan.use.held_minor += amount->minor;
	}
	err = plan_budget(broker, agent_id, amount, &plan, reterr);
	if (err != AICX_OK)
		return err;
	if (account->available_minor < amount->minor) {
		struct aicx_money have = *amount;
		have.minor = account->available_minor;
		return err_word(reterr, AICX_ELIMIT, "insufficient_funds",
		    "account has %s available, %s is needed",
		    money_text(&broker->state.currencies, &have).text,
		    money_text(&broker->state.currencies, amount).text);
	}
	*ret_plan = plan;
	return AICX_OK;
}

void
hold_plan_put(struct step *step, const struct hold_plan *plan)
{
	step_put(step, T_HOLD, &plan->hold);
	if (plan->has_use)
		step_put(step, T_MANDATE_USE, &plan->use);
	if (plan->has_budget)
		step_put(step, T_BUDGET, &plan->budget);
	step_move(step, TRANSFER_RESERVE, &plan->hold.hold_id,
	    &plan->hold.agent_id, COLUMN_AVAILABLE, &plan->hold.agent_id,
	    COLUMN_RESERVED, &plan->hold.amount, &plan->hold.contract_id, NULL,
	    (struct aicx_str) { NULL, 0 });
}

static void
end_counts(struct step *step, const struct hold *hold, int64_t posted_minor)
{
	struct broker *broker = step->broker;
	const struct mandate_use *use =
	    state_mandate_use(&broker->state, &hold->mandate_id);
	const struct budget *budget =
	    state_budget(&broker->state, &hold->budget_id);

	if (use != NULL) {
		struct mandate_use changed = *use;
		changed.held_minor -= hold->amount.minor;
		changed.posted_minor += posted_minor;
		step_put(step, T_MANDATE_USE, &changed);
	}
	if (budget != NULL) {
		struct budget changed = *budget;
		(void)budget_roll(&changed, step->now_ms);
		budget_resolve(&changed, hold, posted_minor);
		step_put(step, T_BUDGET, &changed);
	}
}

void
hold_end(struct step *step, const struct hold *hold, enum hold_state state,
    const struct bill *bill, const struct aicx_id *transaction_id,
    const struct aicx_id *payee_id, const struct aicx_id *execution_id)
{
	static const struct aicx_str nothing;
	const struct aicx_id *payer = &hold->agent_id;
	struct hold ended = *hold;
	struct aicx_money rest = hold->amount;

	ENSURE(hold->state == HOLD_OPEN);
	ended.state = (int)state;
	ended.posted_minor = state == HOLD_POSTED ? bill->total.minor : 0;
	step_put(step, T_HOLD, &ended);
	end_counts(step, hold, ended.posted_minor);
	if (state != HOLD_POSTED && broken("leak_hold"))
		return;
	if (state != HOLD_POSTED) {
		step_move(step,
		    state == HOLD_EXPIRED ? TRANSFER_EXPIRE : TRANSFER_VOID,
		    &hold->hold_id, payer, COLUMN_RESERVED, payer,
		    COLUMN_AVAILABLE, &hold->amount, &hold->contract_id,
		    execution_id, nothing);
		return;
	}
	rest.minor -= bill->total.minor;
	step_move(step, TRANSFER_POST, transaction_id, payer, COLUMN_RESERVED,
	    payee_id, COLUMN_AVAILABLE, &bill->total, &hold->contract_id,
	    execution_id, nothing);
	step_move(step, TRANSFER_RELEASE, &hold->hold_id, payer,
	    COLUMN_RESERVED, payer, COLUMN_AVAILABLE, &rest, &hold->contract_id,
	    execution_id, nothing);
	step_move(step, TRANSFER_FEE, transaction_id, payee_id,
	    COLUMN_AVAILABLE, &ledger_fees, COLUMN_AVAILABLE, &bill->fee,
	    &hold->contract_id, execution_id, nothing);
}
