/* SPDX-License-Identifier: Apache-2.0 */
/* on_reservation.c - money an agent sets aside for itself, and gives back. */
#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "broker/balance.h"
#include "broker/flow.h"
#include "economics/bill.h"

struct reserving {
	PARAMS;
	struct aicx_id agent_id, budget_id;
	struct aicx_money amount;
	int64_t expires_in_ms;
	struct aicx_str reference;
};

const struct field reserve_funds_params[] = {
	PARAMS_METHOD(struct reserving),
	FIELD(struct reserving, agent_id, "agent_id", FIELD_ID,
	    .flags = FIELDF_REQUIRED, .help = "Whose money."),
	FIELD(struct reserving, amount, "amount", FIELD_MONEY,
	    .flags = FIELDF_REQUIRED, .help = "How much."),
	FIELD(struct reserving, budget_id, "budget_id", FIELD_ID,
	    .help = "In which budget; absent: the agent's first."),
	FIELD(struct reserving, expires_in_ms, "expires_in_ms", FIELD_INT,
	    .min = 1000, .max = INT64_C(31536000000), .fallback = 3600000,
	    .help = "How long it stands."),
	FIELD(struct reserving, reference, "reference", FIELD_STR, .max = 256,
	    .help = "What it is for."),
	FIELD_END,
};
PARAMS_SIZE(reserve_funds, reserving);

static void
put_hold(struct json_writer *w, struct broker *broker, const struct hold *hold)
{
	json_key(w, "reservation_id");
	json_put_id(w, &hold->hold_id);
	json_key(w, "agent_id");
	json_put_id(w, &hold->agent_id);
	if (!id_is_nil(&hold->budget_id)) {
		json_key(w, "budget_id");
		json_put_id(w, &hold->budget_id);
	}
	json_key(w, "amount");
	money_put_json(w, &hold->amount, &broker->state.currencies);
	json_key(w, "state");
	json_put_text(w, hold_state_names[hold->state]);
	json_key(w, "expires");
	json_put_time(w, hold->expires_ms);
}

static aicx_err
check_wish(
    struct call *call, const struct reserving *wish, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;

	if (state_agent(&broker->state, &wish->agent_id) == NULL)
		return not_found("agent", &wish->agent_id, reterr);
	aicx_err err = must_act_for(call, &wish->agent_id, reterr);
	if (err != AICX_OK)
		return err;
	if (wish->amount.minor <= 0)
		return err_field(reterr, AICX_EINVAL, "invalid_amount",
		    "/amount/amount", "amount must be above zero");
	if ((int64_t)broker->state.n_reservations >=
	    broker->settings->reservations_max)
		return err_word(reterr, AICX_ELIMIT, "too_many",
		    "there are too many open reservations");
	if (wish->expires_in_ms > broker->settings->reservation_max_ms)
		return err_field(reterr, AICX_EINVAL, "invalid_params",
		    "/expires_in_ms", "money is reserved for %lld ms at most",
		    (long long)broker->settings->reservation_max_ms);
	return AICX_OK;
}

aicx_err
on_reserve_funds(
    struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct reserving *wish = params;
	int64_t now_ms = broker_now(broker);
	struct hold hold = {
		.hold_id = broker_new_id(broker),
		.agent_id = wish->agent_id,
		.budget_id = wish->budget_id,
		.amount = wish->amount,
		.created_ms = now_ms,
		.expires_ms = now_ms + wish->expires_in_ms,
		.reference = wish->reference,
	};
	struct hold_plan plan;
	aicx_err err = check_wish(call, wish, reterr);

	if (err == AICX_OK)
		err = disk_may_begin(broker, reterr);
	if (err == AICX_OK)
		err = reservation_plan(broker, &hold, &plan, reterr);
	if (err != AICX_OK)
		return err;
	struct step *step = call_step(call, "reservation.create", NULL);
	hold_plan_put(step, &plan);
	struct json_writer w = step_reply(step);
	put_hold(&w, broker, &plan.hold);
	json_close(&w);
	return call_commit(call, step, 201, reterr);
}

struct by_reservation {
	PARAMS;
	struct aicx_id id;
};

const struct field release_reservation_params[] = {
	PARAMS_METHOD(struct by_reservation),
	FIELD(struct by_reservation, id, "reservation_id", FIELD_ID,
	    .flags = FIELDF_REQUIRED, .help = "Which one."),
	FIELD_END,
};
PARAMS_SIZE(release_reservation, by_reservation);

aicx_err
on_release_reservation(
    struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct by_reservation *by = params;
	const struct hold *hold = state_hold(&broker->state, &by->id);

	if (hold == NULL ||
	    must_act_for(call, &hold->agent_id, NULL) != AICX_OK)
		return not_found("reservation", &by->id, reterr);
	if (!id_is_nil(&hold->contract_id))
		return err_word(reterr, AICX_ESTATE, "held_by_contract",
		    "money is held by contract \"%s\"",
		    id_text(&hold->contract_id).text);
	struct step *step = call_step(call, "reservation.release", NULL);
	struct hold released = *hold;
	aicx_err err = hold_resolve(hold, HOLD_VOIDED, step->now_ms, reterr);
	if (err != AICX_OK) {
		step_abandon(step);
		return err;
	}
	released.state = HOLD_VOIDED;
	hold_end(step, hold, HOLD_VOIDED, NULL, NULL, NULL, NULL);
	struct json_writer w = step_reply(step);
	put_hold(&w, broker, &released);
	json_close(&w);
	return call_commit(call, step, 200, reterr);
}
