/* SPDX-License-Identifier: Apache-2.0 */
/* verify_price.c - the lines that signed terms give for what was used. */
#include "cli/verify_price.h"

#include "base/str.h"

enum { QUALITY_MAX = 1000 };

struct pricer { /* terms on their way to lines */
	struct json_ref pricing, sla;
	struct arena *arena;
	struct price_lines *lines;
	bool bad;
};

bool
price_is_fixed(struct aicx_str model)
{
	return str_is(model, "per_call") || str_is(model, "per_unit") ||
	    str_is(model, "subscription");
}

static void
line_add(struct pricer *p, const char *label, int64_t quantity, int64_t per,
    const struct amount *each)
{
	struct price_lines *lines = p->lines;

	if (lines->n == PRICE_LINES_MAX ||
	    (lines->n > 0 && !amount_same_currency(&lines->list[0].each, each)))
		p->bad = true;
	else
		lines->list[lines->n++] =
		    (struct price_line) { label, quantity, per, *each };
}

/* A cost that has to be there, unless it may be absent. */
static bool
cost_get(struct pricer *p, struct json_ref of, const char *name, bool optional,
    struct amount *ret)
{
	struct json_ref ref = json_get(of, name);

	if (json_type(ref) == JSON_NULL && optional)
		return false;
	if (amount_from_json(ref, p->arena, ret) && ret->pico >= 0)
		return true;
	p->bad = true;
	return false;
}

static int64_t
beyond(int64_t units, int64_t before, int64_t included)
{
	int64_t from = before > included ? before : included, upto;

	if (__builtin_add_overflow(units, before, &upto))
		return -1;
	return upto > from ? upto - from : 0;
}

static void
subscription_add(struct pricer *p, const struct price_facts *facts)
{
	int64_t before = facts->used_before < 0 ? 0 : facts->used_before;
	int64_t included = -1;
	struct amount each;

	if (facts->used_before < 0 &&
	    cost_get(p, p->pricing, "subscription_cost", false, &each))
		line_add(p, "subscription", 1, 1, &each);
	if (cost_get(p, p->pricing, "base_cost", true, &each))
		line_add(p, "base", 1, 1, &each);
	if (!cost_get(p, p->pricing, "unit_cost", true, &each))
		return;
	if (!json_int(json_get(p->pricing, "included_units"), &included) ||
	    included < 0 || beyond(facts->units, before, included) < 0)
		p->bad = true;
	else
		line_add(p, "units", beyond(facts->units, before, included), 1,
		    &each);
}

static void
penalty_add(struct pricer *p, int64_t latency_ms)
{
	struct amount each, cap, all;
	int64_t most_ms;

	if (!cost_get(p, p->sla, "penalty_per_ms", true, &each) ||
	    !cost_get(p, p->sla, "penalty_cap", true, &cap) ||
	    !json_int(json_get(p->sla, "max_latency_ms"), &most_ms) ||
	    latency_ms <= most_ms || each.pico == 0 || cap.pico == 0)
		return;
	int64_t late_ms = latency_ms - most_ms;
	all = each;
	bool capped = !amount_mul(&all, late_ms) || amount_cmp(&all, &cap) > 0;
	each.pico = -each.pico;
	cap.pico = -cap.pico;
	if (capped)
		line_add(p, "penalty", 1, 1, &cap);
	else
		line_add(p, "penalty", late_ms, 1, &each);
}

bool
price_lines(struct json_ref terms, const struct price_facts *facts,
    struct arena *arena, struct price_lines *ret)
{
	struct pricer p = {
		.pricing = json_get(terms, "pricing"),
		.sla = json_get(terms, "sla"),
		.arena = arena,
		.lines = ret,
	};
	struct aicx_str model = json_str(json_get(p.pricing, "model"), arena);
	struct amount each;

	ret->n = 0;
	if (str_is(model, "subscription"))
		subscription_add(&p, facts);
	else if (cost_get(&p, p.pricing, "base_cost", false, &each))
		line_add(&p, "base", 1, 1, &each);
	if (str_is(model, "per_unit") &&
	    cost_get(&p, p.pricing, "unit_cost", false, &each))
		line_add(&p, "units", facts->units, 1, &each);
	penalty_add(&p, facts->latency_ms);
	if (facts->quality >= 0 &&
	    cost_get(&p, p.sla, "bonus_cap", true, &each) && each.pico > 0)
		line_add(&p, "bonus", facts->quality, QUALITY_MAX, &each);
	return !p.bad;
}

/* --- the ceiling ------------------------------------------------------ */

static void
sum_add(struct pricer *p, struct amount *sum, const struct amount *more)
{
	if (sum->currency[0] == '\0')
		*sum = *more;
	else if (!amount_add(sum, more))
		p->bad = true;
}

/* times x a cost, which may be absent. */
static void
cost_add(struct pricer *p, struct json_ref of, const char *name, int64_t times,
    struct amount *sum)
{
	struct amount cost;

	if (!cost_get(p, of, name, true, &cost))
		return;
	if (!amount_mul(&cost, times))
		p->bad = true;
	else
		sum_add(p, sum, &cost);
}

/* The period's cost and what is beyond it, or all units beyond it. */
static void
subscription_most(struct pricer *p, int64_t max_units, struct amount *sum)
{
	struct amount first = { .currency = "" }, later = { .currency = "" };
	int64_t included = 0;

	(void)json_int(json_get(p->pricing, "included_units"), &included);
	cost_add(p, p->pricing, "subscription_cost", 1, &first);
	cost_add(p, p->pricing, "unit_cost",
	    max_units > included ? max_units - included : 0, &first);
	cost_add(p, p->pricing, "unit_cost", max_units, &later);
	sum_add(p, sum,
	    later.currency[0] != '\0' && amount_cmp(&later, &first) > 0
		? &later
		: &first);
}

bool
price_ceiling(struct json_ref terms, int64_t max_units, struct arena *arena,
    struct amount *ret)
{
	struct pricer p = {
		.pricing = json_get(terms, "pricing"),
		.sla = json_get(terms, "sla"),
		.arena = arena,
	};
	struct aicx_str model = json_str(json_get(p.pricing, "model"), arena);
	struct amount sum = { .currency = "" }, fee;

	cost_add(&p, p.pricing, "base_cost", 1, &sum);
	if (str_is(model, "per_unit"))
		cost_add(&p, p.pricing, "unit_cost", max_units, &sum);
	else if (str_is(model, "subscription"))
		subscription_most(&p, max_units, &sum);
	if (!str_is(model, "dynamic"))
		cost_add(&p, p.sla, "bonus_cap", 1, &sum);
	if (cost_get(&p, terms, "cancel_fee", true, &fee) &&
	    amount_cmp(&fee, &sum) > 0)
		sum = fee;
	*ret = sum;
	return !p.bad && sum.currency[0] != '\0';
}
