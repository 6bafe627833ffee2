/* SPDX-License-Identifier: Apache-2.0 */
/* on_budget.c - budgets: made, and looked at. */
#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "broker/balance.h"
#include "broker/payments.h"

#include <stdio.h>
#include <string.h>

enum { BUDGETS_OF_AGENT_MAX = 256 };

struct new_budget {
	PARAMS;
	struct aicx_id agent_id, parent;
	struct aicx_money amount;
	int period;
};

const struct field create_budget_params[] = {
	PARAMS_METHOD(struct new_budget),
	FIELD(struct new_budget, agent_id, "agent_id", FIELD_ID,
	    .help = "Whose spending it limits; absent: the caller's."),
	FIELD(struct new_budget, amount, "amount", FIELD_MONEY,
	    .flags = FIELDF_REQUIRED, .help = "How much in a period."),
	FIELD(struct new_budget, period, "period", FIELD_ENUM,
	    .names = budget_period_names,
	    .help = "When it begins anew, on UTC boundaries."),
	FIELD(struct new_budget, parent, "parent", FIELD_ID,
	    .help = "The budget it is a part of."),
	FIELD_END,
};
PARAMS_SIZE(create_budget, new_budget);

static void
put_budget(
    struct json_writer *w, struct broker *broker, const struct budget *stored)
{
	struct budget budget = *stored;
	const char *currency = budget.allocated.currency;

	(void)budget_roll(&budget, broker_now(broker));
	json_key(w, "budget_id");
	json_put_id(w, &budget.budget_id);
	json_key(w, "agent_id");
	json_put_id(w, &budget.agent_id);
	if (!id_is_nil(&budget.parent_id)) {
		json_key(w, "parent");
		json_put_id(w, &budget.parent_id);
	}
	json_key(w, "currency");
	json_put_text(w, currency);
	put_amount(
	    w, broker, "total_allocated", budget.allocated.minor, currency);
	put_amount(w, broker, "consumed", budget.consumed_minor, currency);
	put_amount(w, broker, "held", budget.held_minor, currency);
	put_amount(w, broker, "available", budget_available(&budget), currency);
	json_key(w, "period");
	json_put_text(w, budget_period_names[budget.period]);
	if (budget.reset_ms > 0) {
		json_key(w, "reset_date");
		json_put_time(w, budget.reset_ms);
	}
}

/* A child is a limit inside its parent's; it creates nothing. */
static aicx_err
check_parent(
    struct call *call, const struct new_budget *wish, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct budget *parent =
	    state_budget(&broker->state, &wish->parent);
	struct budget_line line;

	if (parent == NULL)
		return err_field(reterr, AICX_ENOTFOUND, "not_found", "/parent",
		    "no budget \"%s\"", id_text(&wish->parent).text);
	aicx_err err = must_act_for(call, &parent->agent_id, reterr);
	if (err != AICX_OK)
		return err;
	if (!money_same_currency(&parent->allocated, &wish->amount))
		return err_field(reterr, AICX_EINVAL, "invalid_amount",
		    "/amount/currency", "parent is in %s, not in %s",
		    parent->allocated.currency, wish->amount.currency);
	if (wish->amount.minor > parent->allocated.minor)
		return err_field(reterr, AICX_ELIMIT, "budget_exceeded",
		    "/amount/amount", "parent has %s in all, not %s",
		    money_text(&broker->state.currencies, &parent->allocated)
			.text,
		    money_text(&broker->state.currencies, &wish->amount).text);
	budget_line_load(broker, &wish->parent, broker_now(broker), &line);
	if (line.n == BUDGET_DEPTH_MAX)
		return err_field(reterr, AICX_ELIMIT, "too_many", "/parent",
		    "budgets nest %d deep at most", BUDGET_DEPTH_MAX);
	return AICX_OK;
}

/* A second budget in a currency is a part of one that the agent has. */
static aicx_err
check_second(struct broker *broker, const struct aicx_id *agent_id,
    const struct new_budget *wish, struct aicx_error *reterr)
{
	const struct budget *parent =
	    state_budget(&broker->state, &wish->parent);

	if (state_group(&broker->state.budgets_of_agent, agent_id)->n >=
	    BUDGETS_OF_AGENT_MAX)
		return err_word(reterr, AICX_ELIMIT, "too_many",
		    "agent has %d budgets", BUDGETS_OF_AGENT_MAX);
	if (budget_of(broker, agent_id, wish->amount.currency) == NULL ||
	    (parent != NULL && id_eq(&parent->agent_id, agent_id)))
		return AICX_OK;
	return err_word(reterr, AICX_EEXIST, "already_exists",
	    "agent has a budget in %s; another needs that as parent",
	    wish->amount.currency);
}

aicx_err
on_create_budget(
    struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct new_budget *wish = params;
	struct aicx_id agent_id =
	    id_is_nil(&wish->agent_id) ? call->who.agent_id : wish->agent_id;
	aicx_err err = must_act_for(call, &agent_id, reterr);

	if (err != AICX_OK)
		return err;
	if (wish->amount.minor <= 0)
		return err_field(reterr, AICX_EINVAL, "invalid_amount",
		    "/amount/amount", "a budget must be above zero");
	if (state_agent(&broker->state, &agent_id) == NULL)
		return not_found("agent", &agent_id, reterr);
	if (!id_is_nil(&wish->parent))
		err = check_parent(call, wish, reterr);
	if (err == AICX_OK)
		err = check_second(broker, &agent_id, wish, reterr);
	if (err != AICX_OK)
		return err;
	struct step *step = call_step(call, "budget.create", NULL);
	struct budget budget = {
		.budget_id = broker_new_id(broker),
		.agent_id = agent_id,
		.parent_id = wish->parent,
		.allocated = wish->amount,
		.period = wish->period,
		.created_ms = step->now_ms,
	};
	(void)budget_roll(&budget, step->now_ms);
	step_put(step, T_BUDGET, &budget);
	struct json_writer w = step_reply(step);
	put_budget(&w, broker, &budget);
	json_close(&w);
	return call_commit(call, step, 201, reterr);
}

const struct field get_budget_params[] = {
	PARAMS_METHOD(struct account_query),
	FIELD(struct account_query, agent_id, "agent_id", FIELD_ID,
	    .help = "Whose budget; absent: the caller's."),
	FIELD(struct account_query, currency, "currency", FIELD_STR, .max = 7,
	    .help = "In which currency; absent: the first."),
	FIELD(struct account_query, budget_id, "budget_id", FIELD_ID,
	    .help = "Which of several; absent: the first."),
	FIELD_END,
};
PARAMS_SIZE(get_budget, account_query);

/* The agent's other budgets, if it has more than one. */
static void
put_others(
    struct json_writer *w, struct broker *broker, const struct budget *shown)
{
	const struct group *group =
	    state_group(&broker->state.budgets_of_agent, &shown->agent_id);

	if (group->n < 2)
		return;
	json_key(w, "others");
	json_open(w, '[');
	for (size_t i = 0; i < group->n; i++) {
		if (id_eq(&group->ids[i], &shown->budget_id))
			continue;
		json_open(w, '{');
		put_budget(
		    w, broker, state_budget(&broker->state, &group->ids[i]));
		json_close(w);
	}
	json_close(w);
}

aicx_err
on_get_budget(struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct account_query *query = params;
	struct aicx_id agent_id = query_subject(call, query);
	char currency[8] = "";
	aicx_err err = must_see_agent(call, &agent_id, reterr);
	struct reply reply;

	if (err != AICX_OK)
		return err;
	(void)str_copy(query->currency, currency, sizeof currency);
	const struct budget *budget =
	    budget_of(broker, &agent_id, currency[0] ? currency : NULL);
	if (!id_is_nil(&query->budget_id))
		budget = state_budget(&broker->state, &query->budget_id);
	if (budget == NULL || !id_eq(&budget->agent_id, &agent_id))
		return err_word(
		    reterr, AICX_ENOTFOUND, "not_found", "agent has no budget");
	reply_begin(&reply, call);
	put_budget(&reply.w, broker, budget);
	put_others(&reply.w, broker, budget);
	reply_send(&reply, 200);
	return AICX_OK;
}
