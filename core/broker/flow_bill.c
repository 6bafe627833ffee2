/* SPDX-License-Identifier: Apache-2.0 */
/* flow_bill.c - from what was delivered to units, lines and a total. */
#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/offers.h"
#include "broker/work.h"

/* --- billing
 * ---------------------------------------------------------------------- */

static int64_t
count_items(struct aicx_str output)
{
	struct arena mem = { NULL };
	struct json doc;
	int64_t n = 1;

	if (json_parse(output, &mem, &doc, NULL) == AICX_OK &&
	    json_type(json_root(&doc)) == JSON_ARRAY)
		n = (int64_t)json_len(json_root(&doc));
	arena_fini(&mem);
	return n;
}

/* Units the broker measures itself; others are claimed and signed. */
static int64_t
measure_units(const struct settlement *settlement,
    const struct execution_status *status, const struct execution *execution)
{
	struct aicx_str unit = settlement->terms.pricing.unit;
	int64_t took_ms = settlement->received_ms - status->started_ms;

	if (settlement->units_claimed)
		return settlement->units;
	if (str_is(unit, "seconds"))
		return (took_ms + 999) / 1000;
	if (str_is(unit, "bytes"))
		return (int64_t)execution->input.len;
	if (str_is(unit, "items"))
		return count_items(settlement->delivery.output);
	return 1;
}

/* The signed prices, as a policy reads them. */
static void
put_policy_terms(struct json_writer *w, const struct terms *terms)
{
	json_key(w, "terms");
	json_open(w, '{');
	json_key(w, "base_cost");
	hook_put_money(w, &terms->pricing.base_cost);
	if (money_is_set(&terms->pricing.unit_cost)) {
		json_key(w, "unit_cost");
		hook_put_money(w, &terms->pricing.unit_cost);
	}
	if (terms->pricing.unit.len > 0) {
		json_key(w, "unit");
		json_put_str(w, terms->pricing.unit);
	}
	json_close(w);
}

static aicx_err
price_by_policy(struct settlement *settlement, const struct aicx_usage *usage,
    const struct hold *hold, struct aicx_price *ret_price,
    struct aicx_error *reterr)
{
	struct broker *broker = settlement->broker;
	const struct hook *hook = hook_find(
	    broker, settlement->terms.pricing.policy_sha256, AICX_HOOK_PRICE);
	struct aicx_decision decision = { .size = sizeof decision };
	struct buf args = { 0 };
	struct json_writer w = json_writer(&args);
	struct json doc;
	int64_t minor = -1;

	if (hook == NULL)
		return err_word(reterr, AICX_EINVAL, "policy_failed",
		    "policy of the contract is not loaded");
	json_open(&w, '{');
	json_key(&w, "usage");
	json_open(&w, '{');
	json_key(&w, "calls");
	json_put_int(&w, usage->calls);
	json_key(&w, "units");
	json_put_int(&w, usage->units);
	json_key(&w, "latency_ms");
	json_put_int(&w, usage->latency_ms);
	json_key(&w, "capability");
	json_put_str(&w, usage->capability);
	json_key(&w, "buyer");
	json_put_id(&w, &hold->agent_id);
	json_key(&w, "contract");
	json_put_id(&w, &hold->contract_id);
	json_key(&w, "attempts");
	json_put_int(&w,
	    state_execution_status(&broker->state, &settlement->execution_id)
		->attempts);
	json_close(&w);
	put_policy_terms(&w, &settlement->terms);
	json_key(&w, "ceiling");
	hook_put_money(&w, &hold->amount);
	json_key(&w, "now");
	json_put_time(&w, settlement->received_ms);
	json_close(&w);
	aicx_err err = hook->ops->run(
	    hook->state, AICX_HOOK_PRICE, buf_view(&args), &decision, reterr);
	buf_fini(&args);
	metrics_count(broker->metrics, METRIC_HOOK_RUNS, 1, "price",
	    err == AICX_OK ? "ok" : "failed");
	if (err == AICX_OK && decision.verdict == AICX_VALUE &&
	    json_parse(decision.result, &settlement->mem, &doc, NULL) ==
		AICX_OK)
		(void)json_int(json_get(json_root(&doc), "minor"), &minor);
	if (minor < 0) {
		log_warn(broker->log, "policy.failed", KV("hook", "price"),
		    KV("reason", reterr->text));
		return err_word(reterr, AICX_EINVAL, "policy_failed",
		    "policy gave no price");
	}
	ret_price->n_lines = 1;
	ret_price->lines[0] = (struct aicx_price_line) { .label = "policy",
		.quantity = 1,
		.each = hold->amount,
		.amount = hold->amount };
	ret_price->lines[0].each.minor = ret_price->lines[0].amount.minor =
	    minor;
	return AICX_OK;
}

aicx_err
bill_work(struct settlement *settlement, struct aicx_error *reterr)
{
	struct broker *broker = settlement->broker;
	const struct execution *execution =
	    state_execution(&broker->state, &settlement->execution_id);
	const struct execution_status *status =
	    state_execution_status(&broker->state, &settlement->execution_id);
	const struct hold *hold =
	    state_hold(&broker->state, &execution->hold_id);
	const struct contract *contract =
	    state_contract(&broker->state, &execution->contract_id);
	const struct pricing *pricing = &settlement->terms.pricing;
	struct aicx_price price = { .n_lines = 0 };
	struct aicx_price_terms terms = {
		.size = sizeof terms,
		.model = str_of(pricing_models[pricing->model]),
		.base_cost = pricing->base_cost,
		.unit_cost = pricing->unit_cost,
		.unit = pricing->unit,
	};

	settlement->units = measure_units(settlement, status, execution);
	if (settlement->units > contract->max_units)
		settlement->units = contract->max_units;
	struct aicx_usage usage = {
		.size = sizeof usage,
		.capability = execution->capability,
		.calls = 1,
		.units = settlement->units,
		.latency_ms = settlement->received_ms - status->started_ms,
	};
	aicx_err err = pricing->model == PRICING_DYNAMIC
	    ? price_by_policy(settlement, &usage, hold, &price, reterr)
	    : broker->pricing->quote(
		  broker->pricing_state, &terms, &usage, &price, reterr);
	if (err != AICX_OK)
		return err;
	return bill_make(&price, &hold->amount, broker->settings->fee_ppm,
	    &settlement->bill, reterr);
}
