/* SPDX-License-Identifier: Apache-2.0 */
/* terms.c - reading, completing and bounding what was agreed. */
#include "protocol/terms.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "protocol/terms_tables.h"

enum {
	DAY_MS = 86400000,
	PPM = 1000000,
	ATTEMPTS_MAX = 100,
	DELAY_MAX_MS = 3600000
};

static const char *const backoffs[] = { "fixed", "linear", "exponential",
	NULL };

const struct field sla_fields[] = {
	NUMBER(sla, max_latency_ms, 0, DAY_MS,
	    .help = "Slower than this is late."),
	NUMBER(sla, min_uptime_ppm, 0, PPM,
	    .help = "Share of time it is reachable, in millionths."),
	NUMBER(sla, max_error_ppm, 0, PPM,
	    .help = "Share of calls that may fail, in millionths."),
	MONEY(sla, penalty_per_ms,
	    .help = "Taken off the price for each late millisecond."),
	MONEY(sla, penalty_cap, .help = "The most that is taken off."),
	MONEY(sla, bonus_cap, .help = "The most that quality adds."),
	FIELD_END,
};

const struct field retry_policy_fields[] = {
	NUMBER(retry_policy, max_attempts, 1, ATTEMPTS_MAX,
	    .help = "How often it is tried, the first time included."),
	FIELD(struct retry_policy, backoff_strategy, "backoff_strategy",
	    FIELD_ENUM, .fallback = -1, .names = backoffs,
	    .help = "How the delay grows."),
	NUMBER(retry_policy, initial_delay_ms, 0, DELAY_MAX_MS,
	    .help = "Before the second attempt."),
	NUMBER(retry_policy, max_delay_ms, 0, DELAY_MAX_MS,
	    .help = "The delay grows no further."),
	FIELD_END,
};

const struct field terms_fields[] = {
	FIELD(struct terms, pricing, "pricing", FIELD_OBJECT,
	    .flags = FIELDF_REQUIRED, .fields = pricing_fields,
	    .item_size = sizeof(struct pricing), .help = "The price."),
	FIELD(struct terms, sla, "sla", FIELD_OBJECT, .fields = sla_fields,
	    .item_size = sizeof(struct sla), .help = "What is promised."),
	FIELD(struct terms, retry_policy, "retry_policy", FIELD_OBJECT,
	    .fields = retry_policy_fields,
	    .item_size = sizeof(struct retry_policy),
	    .help = "What happens after a failure."),
	NUMBER(terms, timeout_ms, 1, DAY_MS,
	    .help = "An execution that takes longer has failed."),
	NAME(terms, payment_method, .help = "How it is paid."),
	NAME(terms, acceptance, .help = "Who or what judges the result."),
	MONEY(terms, cancel_fee, .help = "Owed when the requester cancels."),
	MONEY(terms, bond, .help = "Set aside by the provider."),
	NUMBER(terms, max_units, 0, UNITS_MAX,
	    .help = "Units beyond this are not billed."),
	FIELD_END,
};

/* The amounts outside the pricing, which all follow its currency. */
static const struct {
	size_t offset;
	const char *field;
	bool optional;
} amounts[] = {
	{ offsetof(struct terms, sla.penalty_per_ms), "/sla/penalty_per_ms",
	    false },
	{ offsetof(struct terms, sla.penalty_cap), "/sla/penalty_cap", false },
	{ offsetof(struct terms, sla.bonus_cap), "/sla/bonus_cap", false },
	{ offsetof(struct terms, cancel_fee), "/cancel_fee", false },
	{ offsetof(struct terms, bond), "/bond", true },
};

enum { N_AMOUNTS = sizeof amounts / sizeof *amounts };

/* What is charged must follow from the signed text alone, so a penalty says
   from when on and up to what. */
static aicx_err
check_penalty(const struct sla *sla, struct aicx_error *reterr)
{
	if (!money_is_set(&sla->penalty_per_ms) ||
	    sla->penalty_per_ms.minor == 0)
		return AICX_OK;
	if (sla->max_latency_ms < 0)
		return err_field(reterr, AICX_EINVAL, "invalid_params",
		    "/sla/max_latency_ms",
		    "cannot take \"penalty_per_ms\": it needs "
		    "\"max_latency_ms\"");
	if (!money_is_set(&sla->penalty_cap))
		return err_field(reterr, AICX_EINVAL, "invalid_params",
		    "/sla/penalty_cap",
		    "cannot take \"penalty_per_ms\": it needs "
		    "\"penalty_cap\"");
	return AICX_OK;
}

static aicx_err
check(const struct terms *terms, struct aicx_error *reterr)
{
	const char *currency = pricing_currency(&terms->pricing);
	aicx_err err = pricing_check(&terms->pricing, reterr);

	if (err != AICX_OK && reterr != NULL) {
		char field[sizeof reterr->field];
		(void)str_copy(str_of(reterr->field), field, sizeof field);
		(void)snprintf(reterr->field, sizeof reterr->field,
		    "/pricing%.50s", field);
	}
	for (size_t i = 0; err == AICX_OK && i < N_AMOUNTS; i++)
		err = pricing_check_currency(currency,
		    (const void *)((const char *)terms + amounts[i].offset),
		    amounts[i].field, reterr);
	if (err == AICX_OK)
		err = check_penalty(&terms->sla, reterr);
	return err;
}

aicx_err
terms_read(struct json_ref ref, const struct currencies *currencies,
    struct arena *arena, struct terms *ret, struct aicx_error *reterr)
{
	struct terms terms;
	aicx_err err = field_parse(terms_fields, ref, currencies, true, arena,
	    &terms, sizeof terms, reterr);

	if (err == AICX_OK)
		err = check(&terms, reterr);
	if (err == AICX_OK)
		*ret = terms;
	return err;
}

aicx_err
terms_parse(struct aicx_str text, const struct currencies *currencies,
    struct arena *arena, struct terms *ret, struct aicx_error *reterr)
{
	struct json *doc = arena_new(arena, sizeof *doc);
	aicx_err err = json_parse(text, arena, doc, reterr);

	if (err != AICX_OK)
		return err;
	return terms_read(json_root(doc), currencies, arena, ret, reterr);
}

struct terms
terms_shipped(void)
{
	return (struct terms) {
		.sla = { .max_latency_ms = 30000,
		    .min_uptime_ppm = 0,
		    .max_error_ppm = PPM },
		.retry_policy = { .max_attempts = 3,
		    .backoff_strategy = BACKOFF_EXPONENTIAL,
		    .initial_delay_ms = 100,
		    .max_delay_ms = 10000 },
		.timeout_ms = 30000,
		.max_units = 1000,
		.payment_method = STR("credit"),
		.acceptance = STR("none"),
	};
}

static void
fill_number(int64_t *value, int64_t fallback)
{
	if (*value < 0)
		*value = fallback;
}

static void
fill_str(struct aicx_str *str, struct aicx_str fallback)
{
	if (str->ptr == NULL)
		*str = fallback;
}

static void
fill_money(struct aicx_money *money, const struct aicx_money *fallback,
    const char *currency, bool optional)
{
	bool fits = strcmp(fallback->currency, currency) == 0;

	if (money_is_set(money) || (optional && !fits))
		return;
	money->minor = fits ? fallback->minor : 0;
	memcpy(money->currency, currency, sizeof money->currency);
}

static void
fill_amounts(struct terms *terms, const struct terms *defaults)
{
	char currency[sizeof terms->bond.currency];

	memcpy(currency, pricing_currency(&terms->pricing), sizeof currency);
	for (size_t i = 0; i < N_AMOUNTS; i++) {
		size_t at = amounts[i].offset;
		fill_money((void *)((char *)terms + at),
		    (const void *)((const char *)defaults + at), currency,
		    amounts[i].optional);
	}
}

void
terms_complete(struct terms *terms, const struct terms *defaults)
{
	struct retry_policy *retry = &terms->retry_policy;
	struct sla *sla = &terms->sla;

	fill_number(&sla->max_latency_ms, defaults->sla.max_latency_ms);
	fill_number(&sla->min_uptime_ppm, defaults->sla.min_uptime_ppm);
	fill_number(&sla->max_error_ppm, defaults->sla.max_error_ppm);
	fill_number(&retry->max_attempts, defaults->retry_policy.max_attempts);
	if (retry->backoff_strategy < 0)
		retry->backoff_strategy =
		    defaults->retry_policy.backoff_strategy;
	fill_number(
	    &retry->initial_delay_ms, defaults->retry_policy.initial_delay_ms);
	fill_number(&retry->max_delay_ms, defaults->retry_policy.max_delay_ms);
	fill_number(&terms->timeout_ms, defaults->timeout_ms);
	fill_str(&terms->payment_method, defaults->payment_method);
	fill_str(&terms->acceptance, defaults->acceptance);
	if (pricing_counts_units(&terms->pricing)) {
		fill_number(&terms->max_units, defaults->max_units);
		fill_str(&terms->pricing.unit, STR("calls"));
	}
	fill_amounts(terms, defaults);
}

void
terms_print(struct buf *buf, const struct terms *terms,
    const struct currencies *currencies)
{
	struct json_writer w = json_writer(buf);

	json_open(&w, '{');
	field_print(terms_fields, terms, currencies, &w);
	json_close(&w);
}

static aicx_err
add(struct aicx_money *sum, const struct aicx_money *more,
    struct aicx_error *reterr)
{
	return money_is_set(more) ? money_add(sum, more, reterr) : AICX_OK;
}

static aicx_err
add_units(struct aicx_money *sum, const struct pricing *pricing, int64_t n,
    struct aicx_error *reterr)
{
	struct aicx_money units = pricing->unit_cost;
	aicx_err err = money_mul(&units, n, reterr);

	return err == AICX_OK ? money_add(sum, &units, reterr) : err;
}

/* The first use in a period pays for it; a later one may find nothing included
   any more. */
static aicx_err
subscription_ceiling(const struct pricing *pricing, int64_t max_units,
    struct aicx_money *ret, struct aicx_error *reterr)
{
	struct aicx_money first = pricing->subscription_cost, later = first;
	int64_t beyond = max_units - pricing->included_units;
	aicx_err err = AICX_OK;

	later.minor = 0;
	if (pricing_counts_units(pricing)) {
		err = add_units(&later, pricing, max_units, reterr);
		if (err == AICX_OK && beyond > 0)
			err = add_units(&first, pricing, beyond, reterr);
	}
	*ret = first.minor > later.minor ? first : later;
	return err == AICX_OK ? add(ret, &pricing->base_cost, reterr) : err;
}

aicx_err
terms_ceiling(const struct terms *terms, int64_t max_units,
    struct aicx_money *ret_ceiling, struct aicx_error *reterr)
{
	const struct pricing *pricing = &terms->pricing;
	struct aicx_money sum = pricing->base_cost;
	aicx_err err = AICX_OK;

	ENSURE(max_units >= 0);
	if (pricing->model == PRICING_PER_UNIT)
		err = add_units(&sum, pricing, max_units, reterr);
	else if (pricing->model == PRICING_SUBSCRIPTION)
		err = subscription_ceiling(pricing, max_units, &sum, reterr);
	if (err == AICX_OK && pricing->model != PRICING_DYNAMIC)
		err = add(&sum, &terms->sla.bonus_cap, reterr);
	if (err != AICX_OK)
		return err;
	*ret_ceiling = money_is_set(&terms->cancel_fee) &&
		terms->cancel_fee.minor > sum.minor
	    ? terms->cancel_fee
	    : sum;
	return AICX_OK;
}
