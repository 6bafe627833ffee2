/* SPDX-License-Identifier: Apache-2.0 */
/* flow_bill.c - from what was delivered to what was used, lines and a total. */
#include "base/err.h"
#include "base/str.h"
#include "broker/work.h"

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

	if (!pricing_counts_units(&settlement->terms.pricing))
		return 1;
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

/* Nothing judges results yet, so there is no quality. */
static void
measure(struct settlement *settlement, const struct execution *execution,
    const struct contract *contract)
{
	const struct state *state = &settlement->broker->state;
	const struct pricing *pricing = &settlement->terms.pricing;
	const struct execution_status *status =
	    state_execution_status(state, &execution->execution_id);

	settlement->units = measure_units(settlement, status, execution);
	if (settlement->units > contract->max_units)
		settlement->units = contract->max_units;
	settlement->used = (struct aicx_usage) {
		.size = sizeof settlement->used,
		.capability = execution->capability,
		.calls = 1,
		.units = settlement->units,
		.latency_ms = settlement->received_ms - status->started_ms,
		.quality = status->quality,
		.used_before = -1,
	};
	if (pricing->model != PRICING_SUBSCRIPTION)
		return;
	settlement->period_ms = subscription_start(
	    (enum subscription_period)pricing->subscription_period,
	    settlement->received_ms);
	settlement->used.used_before =
	    subscription_used(state_subscription(state, &contract->contract_id),
		settlement->period_ms);
}

aicx_err
bill_work(struct settlement *settlement, struct aicx_error *reterr)
{
	struct broker *broker = settlement->broker;
	const struct state *state = &broker->state;
	const struct execution *execution =
	    state_execution(state, &settlement->execution_id);
	const struct contract *contract =
	    state_contract(state, &execution->contract_id);
	const struct hold *hold = state_hold(state, &execution->hold_id);
	struct aicx_price_terms terms = bill_terms(&settlement->terms);
	struct aicx_price price = { .n_lines = 0 };

	measure(settlement, execution, contract);
	aicx_err err = settlement->terms.pricing.model == PRICING_DYNAMIC
	    ? price_by_policy(settlement, hold, &price, reterr)
	    : broker->pricing->quote(broker->pricing_state, &terms,
		  &settlement->used, &price, reterr);
	if (err != AICX_OK)
		return err;
	return bill_make(&price, &contract->ceiling, broker->settings->fee_ppm,
	    &settlement->bill, reterr);
}
