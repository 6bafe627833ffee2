/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow_policy.c - a price by the policy that the contract names.
 *
 * What it was asked and what it said go into the execution's row, so that
 * whoever has the source can ask again.
 */
#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "broker/offers.h"
#include "broker/policies.h"
#include "broker/work.h"

static void
put_cost(
    struct json_writer *w, const char *name, const struct aicx_money *money)
{
	if (!money_is_set(money))
		return;
	json_key(w, name);
	hook_put_money(w, money);
}

/* The signed prices, as a policy reads them; nobody's defaults. */
static void
put_terms(struct json_writer *w, const struct terms *terms)
{
	const struct sla *sla = &terms->sla;

	json_key(w, "terms");
	json_open(w, '{');
	put_cost(w, "base_cost", &terms->pricing.base_cost);
	put_cost(w, "unit_cost", &terms->pricing.unit_cost);
	if (terms->pricing.unit.len > 0) {
		json_key(w, "unit");
		json_put_str(w, terms->pricing.unit);
	}
	json_key(w, "sla");
	json_open(w, '{');
	if (sla->max_latency_ms >= 0) {
		json_key(w, "max_latency_ms");
		json_put_int(w, sla->max_latency_ms);
	}
	put_cost(w, "penalty_per_ms", &sla->penalty_per_ms);
	put_cost(w, "penalty_cap", &sla->penalty_cap);
	put_cost(w, "bonus_cap", &sla->bonus_cap);
	json_close(w);
	json_close(w);
}

static void
put_usage(struct json_writer *w, const struct aicx_usage *used,
    const struct hold *hold, int64_t attempts)
{
	json_key(w, "usage");
	json_open(w, '{');
	json_key(w, "calls");
	json_put_int(w, used->calls);
	json_key(w, "units");
	json_put_int(w, used->units);
	json_key(w, "latency_ms");
	json_put_int(w, used->latency_ms);
	if (used->quality >= 0) {
		json_key(w, "quality");
		json_put_int(w, used->quality);
	}
	json_key(w, "capability");
	json_put_str(w, used->capability);
	json_key(w, "buyer");
	json_put_id(w, &hold->agent_id);
	json_key(w, "contract");
	json_put_id(w, &hold->contract_id);
	json_key(w, "attempts");
	json_put_int(w, attempts);
	json_close(w);
}

static void
put_args(struct json_writer *w, const struct settlement *settlement,
    const struct terms *terms, const struct hold *hold)
{
	const struct execution_status *status = state_execution_status(
	    &settlement->broker->state, &settlement->execution_id);

	json_open(w, '{');
	put_usage(w, &settlement->used, hold, status->attempts);
	put_terms(w, terms);
	json_key(w, "ceiling");
	hook_put_money(w, &hold->amount);
	json_key(w, "now");
	json_put_time(w, settlement->received_ms);
	json_close(w);
}

/* {"sha256","inputs","answer"} */
static void
keep_decision(
    struct settlement *settlement, struct aicx_str args, struct aicx_str answer)
{
	struct buf text = { 0 };
	struct json_writer w = json_writer(&text);

	json_open(&w, '{');
	json_key(&w, "sha256");
	json_put_str(&w, settlement->terms.pricing.policy_sha256);
	json_key(&w, "inputs");
	json_put_raw(&w, args);
	json_key(&w, "answer");
	json_put_raw(&w, answer);
	json_close(&w);
	settlement->decision = arena_str(&settlement->mem, buf_view(&text));
	buf_fini(&text);
}

/* The answer's minor units; below 0: it gave none. */
static int64_t
ask(struct settlement *settlement, const struct hook *hook,
    struct aicx_str args, struct aicx_error *reterr)
{
	struct aicx_decision decision = { .size = sizeof decision };
	struct json doc;
	int64_t minor = -1;

	if (hook->ops->run(hook->state, AICX_HOOK_PRICE, args, &decision,
		reterr) != AICX_OK ||
	    decision.verdict != AICX_VALUE ||
	    json_parse(decision.result, &settlement->mem, &doc, NULL) !=
		AICX_OK ||
	    !json_int(json_get(json_root(&doc), "minor"), &minor))
		return -1;
	keep_decision(settlement, args, decision.result);
	return minor;
}

aicx_err
price_by_policy(struct settlement *settlement, const struct hold *hold,
    struct aicx_price *ret_price, struct aicx_error *reterr)
{
	struct broker *broker = settlement->broker;
	const struct hook *hook = policy_agreed(
	    broker, settlement->terms.pricing.policy_sha256, AICX_HOOK_PRICE);
	struct buf args = { 0 };
	struct json_writer w = json_writer(&args);
	struct terms terms;

	if (hook == NULL)
		return err_word(reterr, AICX_EINVAL, "policy_failed",
		    "policy of the contract is not loaded");
	aicx_err err = terms_parse(
	    state_contract(&broker->state, &hold->contract_id)->terms,
	    &broker->state.currencies, &settlement->mem, &terms, reterr);
	if (err != AICX_OK)
		return err;
	put_args(&w, settlement, &terms, hold);
	int64_t minor = ask(settlement, hook, buf_view(&args), reterr);
	buf_fini(&args);
	metrics_count(broker->metrics, METRIC_HOOK_RUNS, 1, "price",
	    minor >= 0 ? "ok" : "failed");
	if (minor < 0) {
		log_warn(broker->log, "policy.failed", KV("hook", "price"),
		    KV("reason", reterr->text));
		return err_word(reterr, AICX_EINVAL, "policy_failed",
		    "policy gave no price");
	}
	ret_price->n_lines = 1;
	ret_price->lines[0] = (struct aicx_price_line) {
		.label = "policy", .quantity = 1, .per = 1, .each = hold->amount
	};
	ret_price->lines[0].each.minor = minor;
	return AICX_OK;
}
