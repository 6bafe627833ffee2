/* SPDX-License-Identifier: Apache-2.0 */
/* pricing.c - how a price is stated: models, the costs they need, one
   currency. */
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "protocol/terms.h"
#include "protocol/terms_tables.h"

enum { HASH_TEXT = 43 };

const char *const pricing_models[] = { "per_call", "per_unit", "subscription",
	"dynamic", NULL };

const char *const subscription_periods[] = { "daily", "monthly", "yearly",
	NULL };

const struct field pricing_fields[] = {
	FIELD(struct pricing, model, "model", FIELD_ENUM,
	    .flags = FIELDF_REQUIRED, .fallback = -1, .names = pricing_models,
	    .help = "How the price follows from the usage."),
	MONEY(pricing, base_cost,
	    .help = "For each call; of dynamic: the most a call can cost."),
	MONEY(pricing, unit_cost, .help = "For each unit."),
	NAME(pricing, unit, .help = "What is counted."),
	MONEY(pricing, subscription_cost, .help = "For each period."),
	FIELD(struct pricing, subscription_period, "subscription_period",
	    FIELD_ENUM, .fallback = -1, .names = subscription_periods,
	    .help = "The UTC calendar's day, month or year."),
	NUMBER(pricing, included_units, 0, UNITS_MAX,
	    .help = "Units of a period that its cost includes."),
	FIELD(struct pricing, policy_sha256, "policy_sha256", FIELD_STR,
	    .min = HASH_TEXT, .max = HASH_TEXT,
	    .help = "SHA-256 of the policy's source, base64url."),
	FIELD_END,
};

static aicx_err
missing(struct aicx_error *reterr, const char *field, const char *model)
{
	return err_field(reterr, AICX_EINVAL, "invalid_params", field,
	    "cannot take pricing: \"%s\" needs \"%s\"", model, field + 1);
}

const struct aicx_money *
pricing_leading_cost(const struct pricing *pricing)
{
	return pricing->model == PRICING_SUBSCRIPTION
	    ? &pricing->subscription_cost
	    : &pricing->base_cost;
}

const char *
pricing_currency(const struct pricing *pricing)
{
	return pricing_leading_cost(pricing)->currency;
}

aicx_err
pricing_check_currency(const char *currency, const struct aicx_money *money,
    const char *field, struct aicx_error *reterr)
{
	if (!money_is_set(money) || strcmp(money->currency, currency) == 0)
		return AICX_OK;
	return err_field(reterr, AICX_EINVAL, "invalid_params", field,
	    "cannot take \"%s\" in \"%s\": the price is in \"%s\"", field + 1,
	    money->currency, currency);
}

/* What is included and what more costs need each other. */
static aicx_err
check_subscription(const struct pricing *pricing, struct aicx_error *reterr)
{
	const char *model = pricing_models[pricing->model];
	bool counts = money_is_set(&pricing->unit_cost);

	if (!money_is_set(&pricing->subscription_cost))
		return missing(reterr, "/subscription_cost", model);
	if (pricing->subscription_period < 0)
		return missing(reterr, "/subscription_period", model);
	if (counts && pricing->included_units < 0)
		return missing(reterr, "/included_units", model);
	if (!counts && pricing->included_units >= 0)
		return missing(reterr, "/unit_cost", model);
	return AICX_OK;
}

static aicx_err
check_calls(const struct pricing *pricing, struct aicx_error *reterr)
{
	const char *model = pricing_models[pricing->model];

	if (!money_is_set(&pricing->base_cost))
		return missing(reterr, "/base_cost", model);
	if (pricing->model == PRICING_PER_UNIT &&
	    !money_is_set(&pricing->unit_cost))
		return missing(reterr, "/unit_cost", model);
	if (pricing->included_units >= 0)
		return err_field(reterr, AICX_EINVAL, "invalid_params",
		    "/included_units",
		    "cannot take pricing: \"%s\" includes no units", model);
	return AICX_OK;
}

aicx_err
pricing_check(const struct pricing *pricing, struct aicx_error *reterr)
{
	const char *currency = pricing_currency(pricing);
	aicx_err err = pricing->model == PRICING_SUBSCRIPTION
	    ? check_subscription(pricing, reterr)
	    : check_calls(pricing, reterr);

	if (err == AICX_OK)
		err = pricing_check_currency(
		    currency, &pricing->base_cost, "/base_cost", reterr);
	if (err == AICX_OK)
		err = pricing_check_currency(
		    currency, &pricing->unit_cost, "/unit_cost", reterr);
	if (err == AICX_OK)
		err = pricing_check_currency(currency,
		    &pricing->subscription_cost, "/subscription_cost", reterr);
	return err;
}

bool
pricing_counts_units(const struct pricing *pricing)
{
	switch ((enum pricing_model)pricing->model) {
	case PRICING_PER_CALL:
		return false;
	case PRICING_PER_UNIT:
		return true;
	case PRICING_SUBSCRIPTION:
		return money_is_set(&pricing->unit_cost);
	case PRICING_DYNAMIC:
		return pricing->unit.ptr != NULL;
	}
	return false;
}

int64_t
subscription_start(enum subscription_period period, int64_t at_ms)
{
	switch (period) {
	case SUBSCRIPTION_DAILY:
		return time_this_day(at_ms);
	case SUBSCRIPTION_MONTHLY:
		return time_this_month(at_ms);
	case SUBSCRIPTION_YEARLY:
		return time_this_year(at_ms);
	}
	ENSURE(!"a period is one of the names");
	return 0;
}
