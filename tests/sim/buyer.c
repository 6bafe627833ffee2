/* SPDX-License-Identifier: Apache-2.0 */
/* buyer.c - what agents want, and what they look at; and the operator. */
#include "audit.h"
#include "task.h"

#include "base/id.h"
#include "negotiation/deal.h"

static bool
go_look(struct task *task, const struct reply *reply)
{
	struct buf members = { 0 };

	if (reply != NULL && task->left-- == 0)
		return false;
	if (chance_below(&task->agent->chance, 4) == 0) {
		(void)task_ask(task, "economics.get_checkpoint", &members);
		return true;
	}
	put_aic(&members, "amount", 1000);
	(void)task_ask(task, "economics.check_balance", &members);
	return true;
}

/* A deal that is over, between two others. */
static bool
go_snoop(struct task *task, const struct reply *reply)
{
	struct player *agent = task->agent;
	const struct audit_deal *found = NULL;
	struct buf members = { 0 };
	uint64_t left = chance_below(&agent->chance, 20);

	if (reply != NULL)
		return false;
	MAP_EACH (entry, &agent->sim->audit->deals) {
		const struct audit_deal *deal = entry->value;
		if (!deal_is_final((enum deal_state)deal->state) ||
		    id_eq(&deal->requester, &agent->id) ||
		    id_eq(&deal->provider, &agent->id))
			continue;
		found = deal;
		if (left-- == 0)
			break;
	}
	if (found == NULL)
		return false;
	buf_printf(&members, "\"deal_id\":\"%s\"", id_text(&found->id).text);
	task_ask(task, "deal.get", &members)->snoops = true;
	mark("snoops");
	return true;
}

static bool
go_budget(struct task *task, const struct reply *reply)
{
	static const char *const periods[] = { "unlimited", "daily", "monthly",
		"yearly" };
	struct player *agent = task->agent;
	struct buf members = { 0 };

	switch (task->stage++) {
	case 0:
		buf_printf(&members,
		    "\"amount\":{\"amount\":\"%s\",\"currency\":\"AIC\"},"
		    "\"period\":\"%s\"",
		    amount_text(chance_between(&agent->chance, 1000, 60000))
			.text,
		    periods[chance_below(&agent->chance, 4)]);
		(void)task_ask(task, "economics.create_budget", &members);
		return true;
	case 1:
		if (reply == NULL)
			return false;
		(void)task_ask(task, "economics.get_budget", &members);
		return true;
	default:
		return false;
	}
}

/* --- what an agent wants ------------------------------------------------ */

static void
plan_any(struct player *agent, int64_t delay_ms)
{
	uint64_t draw = chance_below(&agent->chance, 100);
	int more = player_is(agent, AGENT_FLOODER) ? 6 : 2;

	if (draw < 30)
		task_plan(agent, delay_ms, go_buy)->left =
		    (int)chance_below(&agent->chance, (uint64_t)more);
	else if (draw < 43)
		(void)task_plan(agent, delay_ms, go_mandate);
	else if (draw < 60)
		(void)task_plan(agent, delay_ms, go_by_hand);
	else if (draw < 70)
		(void)task_plan(agent, delay_ms, go_direct);
	else if (draw < 76)
		(void)task_plan(agent, delay_ms, go_charge);
	else if (draw < 82)
		(void)task_plan(agent, delay_ms, go_reserve);
	else if (draw < 85)
		(void)task_plan(agent, delay_ms + 20000, go_snoop);
	else
		task_plan(agent, delay_ms, go_look)->left =
		    (int)chance_below(&agent->chance, 8);
}

void
buyer_plan(struct player *agent)
{
	int n = (int)chance_between(&agent->chance, 1, 4);

	if (player_is(agent, AGENT_FLOODER))
		n *= 3;
	if (chance_below(&agent->chance, 3) == 0)
		(void)task_plan(agent,
		    chance_between(&agent->chance, 300, 20000), go_budget);
	for (int i = 0; i < n; i++)
		plan_any(agent, chance_between(&agent->chance, 500, 60000));
}

/* --- the operator ------------------------------------------------------- */

/* The operator rules on a dispute, sooner or later, until it is taken. */
bool
go_rule(struct task *task, const struct reply *reply)
{
	static const char *const rulings[] = { "release", "refund" };
	struct buf members = { 0 };

	if (reply != NULL)
		return false;
	buf_printf(&members, "\"dispute_id\":\"%s\",\"ruling\":\"%s\"",
	    id_text(&task->of).text,
	    rulings[chance_below(&task->agent->chance, 2)]);
	(void)task_ask(task, "economics.resolve_dispute", &members);
	return true;
}

void
operator_rules(struct player *agent)
{
	MAP_EACH (entry, &agent->sim->audit->disputes) {
		const struct audit_dispute *dispute = entry->value;
		if (dispute->open)
			task_plan(agent, 10, go_rule)->of = dispute->id;
	}
}

static bool
go_fund(struct task *task, const struct reply *reply)
{
	struct buf members = { 0 };

	if (reply != NULL)
		return false;
	buf_printf(&members,
	    "\"agent_id\":\"%s\",\"amount\":{\"amount\":\"%s\",\"currency\":"
	    "\"AIC\"}",
	    id_text(&task->of).text, amount_text(task->minor).text);
	(void)task_ask(task,
	    task->stage == 0 ? "economics.fund" : "economics.withdraw",
	    &members);
	return true;
}

static bool
go_accept(struct task *task, const struct reply *reply)
{
	struct buf members = { 0 };

	if (reply == NULL)
		(void)task_ask(task, "economics.accept_clock", &members);
	return reply == NULL;
}

void
operator_accepts_clock(struct player *agent)
{
	(void)task_plan(
	    agent, chance_between(&agent->chance, 100, 20000), go_accept);
}

void
operator_plan(struct player *agent)
{
	struct sim *sim = agent->sim;
	struct chance *chance = &agent->chance;

	for (size_t i = 1; i < sim->n_agents; i++) {
		struct player *other = sim->agents[i];
		if (!other->buys)
			continue;
		struct task *task = task_plan(
		    agent, chance_between(chance, 100, 3000), go_fund);
		task->of = other->id;
		task->minor = player_is(other, AGENT_POOR)
		    ? chance_between(chance, 500, 3000)
		    : chance_between(chance, 20000, 2000000);
		if (chance_below(chance, 3) != 0)
			continue;
		task = task_plan(
		    agent, chance_between(chance, 5000, 70000), go_fund);
		task->of = other->id;
		task->stage = 1;
		task->minor = chance_between(chance, 1, 30000);
	}
}
