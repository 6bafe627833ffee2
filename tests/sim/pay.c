/* SPDX-License-Identifier: Apache-2.0 */
/* pay.c - charges, refunds and reservations: money that no deal moves. */
#include "task.h"

#include "base/id.h"

static struct player *
any_other(struct player *agent)
{
	struct sim *sim = agent->sim;

	for (int i = 0; i < 20; i++) {
		struct player *other = sim->agents[1 +
		    chance_below(&agent->chance, sim->n_agents - 1)];
		if (other != agent && !player_is(other, AGENT_ELSEWHEN))
			return other;
	}
	return NULL;
}

/* Gives a payment back, or what it takes for a part of it; twice to see that
   no more goes back than came. */
static bool
go_refund(struct task *task, const struct reply *reply)
{
	struct buf members = { 0 };

	if (reply != NULL && task->left-- == 0)
		return false;
	buf_printf(
	    &members, "\"transaction_id\":\"%s\"", id_text(&task->of).text);
	if (chance_below(&task->agent->chance, 3) != 0) {
		buf_char(&members, ',');
		put_aic(&members, "amount",
		    chance_between(&task->agent->chance, 1, task->minor));
	}
	(void)task_ask(task, "economics.refund", &members);
	return true;
}

static void
refund_later(
    struct player *payee, const struct aicx_id *transaction_id, int64_t minor)
{
	struct task *task = task_plan(
	    payee, chance_between(&payee->chance, 10, 30000), go_refund);

	task->of = *transaction_id;
	task->minor = minor;
	task->left = (int)chance_below(&payee->chance, 3);
}

static void
ask_charge(struct task *task, struct player *payee, int64_t minor)
{
	struct buf members = { 0 };

	buf_printf(&members, "\"agent_id\":\"%s\",\"to_agent_id\":\"%s\",",
	    id_text(&task->agent->id).text, id_text(&payee->id).text);
	put_aic(&members, "amount", minor);
	if (!id_is_nil(&task->contract_id)) /* the reservation */
		buf_printf(&members, ",\"reservation_id\":\"%s\"",
		    id_text(&task->contract_id).text);
	task->payee = payee;
	(void)task_ask(task, "economics.charge", &members);
}

static bool
charged(struct task *task, const struct reply *reply)
{
	struct aicx_id id;

	if (reply->good && reply_id(reply, "transaction_id", &id) &&
	    chance_below(&task->agent->chance, 3) != 0)
		refund_later(task->payee, &id, task->minor);
	return false;
}

bool
go_charge(struct task *task, const struct reply *reply)
{
	struct player *agent = task->agent;
	struct player *payee = any_other(agent);

	if (reply != NULL)
		return charged(task, reply);
	task->minor = chance_between(&agent->chance, 1, 9000);
	if (payee != NULL)
		ask_charge(task, payee, task->minor);
	return payee != NULL;
}

/* Money set aside: released, paid from, or left until it expires. */
bool
go_reserve(struct task *task, const struct reply *reply)
{
	struct player *agent = task->agent;
	struct player *payee = any_other(agent);
	struct buf members = { 0 };

	if (reply == NULL) {
		task->minor = chance_between(&agent->chance, 10, 9000);
		buf_printf(&members,
		    "\"agent_id\":\"%s\",\"expires_in_ms\":%d,",
		    id_text(&agent->id).text,
		    (int)chance_between(&agent->chance, 1000, 60000));
		put_aic(&members, "amount", task->minor);
		(void)task_ask(task, "economics.reserve_funds", &members);
		return true;
	}
	if (task->stage == 2)
		return charged(task, reply);
	if (task->stage++ == 1 || !reply->good ||
	    !reply_id(reply, "reservation_id", &task->contract_id))
		return false;
	if (payee != NULL && chance_below(&agent->chance, 2) == 0) {
		task->stage = 2;
		ask_charge(task, payee,
		    chance_between(&agent->chance, 1, task->minor + 5));
	} else if (chance_below(&agent->chance, 2) == 0)
		task_ask_about(task, "economics.release_reservation",
		    "reservation_id", &task->contract_id);
	else
		return false;
	return true;
}
