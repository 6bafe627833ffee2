/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pricing_flat.c - fixed prices: per call, per unit, by subscription.
 *
 * The prices of a bill come from the terms both sides signed; the options are
 * the operator's standard terms, for capabilities that name no price.
 * The smallest useful pricing plugin; copy it to start your own.
 */
#include <aiconexus/plugin.h>
#include <aiconexus/pricing.h>
#include <stdio.h>
#include <string.h>

struct flat_settings {
	struct aicx_money per_call;
	struct aicx_money per_unit;
	const char *unit;
};

static const struct aicx_option flat_options[] = {
	{
	    AICX_FIELD(struct flat_settings, per_call),
	    .type = AICX_OPT_MONEY,
	    .flags = AICX_OPTF_REQUIRED,
	    .help = "The standard price of one call.",
	},
	{
	    AICX_FIELD(struct flat_settings, per_unit),
	    .type = AICX_OPT_MONEY,
	    .help =
		"The standard price of each unit, besides that of the call.",
	},
	{
	    AICX_FIELD(struct flat_settings, unit),
	    .type = AICX_OPT_STR,
	    .help = "What per_unit counts: calls, seconds, bytes or items.",
	},
	{ .name = NULL },
};

static aicx_err
refuse(struct aicx_error *reterr, aicx_err code, const char *why)
{
	reterr->code = code;
	(void)snprintf(reterr->text, sizeof reterr->text, "%s", why);
	return code;
}

static int
same_currency(const struct aicx_money *a, const struct aicx_money *b)
{
	return strncmp(a->currency, b->currency, sizeof a->currency) == 0;
}

static int
is_model(struct aicx_str model, const char *name)
{
	return model.len == strlen(name) &&
	    memcmp(model.ptr, name, model.len) == 0;
}

static int
is_set(const struct aicx_money *money)
{
	return money->currency[0] != '\0';
}

/* --- what it refuses --------------------------------------------------- */

static aicx_err
check_model(const struct aicx_price_terms *terms, struct aicx_error *reterr)
{
	if (is_model(terms->model, "subscription")) {
		if (!is_set(&terms->subscription_cost))
			return refuse(reterr, AICX_EINVAL,
			    "cannot price: the terms have no subscription "
			    "cost");
		if (is_set(&terms->unit_cost) != (terms->included_units >= 0))
			return refuse(reterr, AICX_EINVAL,
			    "cannot price: unit cost and included units need "
			    "each other");
		return AICX_OK;
	}
	if (!is_model(terms->model, "per_unit") &&
	    !is_model(terms->model, "per_call"))
		return refuse(reterr, AICX_EINVAL,
		    "cannot price: the model is none of per_call, per_unit and "
		    "subscription");
	if (!is_set(&terms->base_cost))
		return refuse(reterr, AICX_EINVAL,
		    "cannot price: the terms have no base cost");
	if (is_model(terms->model, "per_unit") && !is_set(&terms->unit_cost))
		return refuse(reterr, AICX_EINVAL,
		    "cannot price: the terms have no unit cost");
	return AICX_OK;
}

static aicx_err
check_costs(const struct aicx_price_terms *terms, struct aicx_error *reterr)
{
	const struct aicx_money *leading =
	    is_model(terms->model, "subscription") ? &terms->subscription_cost
						   : &terms->base_cost;
	const struct aicx_money *costs[] = { &terms->base_cost,
		&terms->unit_cost, &terms->subscription_cost,
		&terms->penalty_per_ms, &terms->penalty_cap,
		&terms->bonus_cap };

	for (size_t i = 0; i < sizeof costs / sizeof *costs; i++) {
		if (is_set(costs[i]) && !same_currency(costs[i], leading))
			return refuse(reterr, AICX_EINVAL,
			    "cannot price: the costs differ in currency");
		if (costs[i]->minor < 0)
			return refuse(reterr, AICX_EINVAL,
			    "cannot price: a cost is below zero");
	}
	return AICX_OK;
}

static aicx_err
check_usage(const struct aicx_usage *usage, struct aicx_error *reterr)
{
	if (usage->calls < 0 || usage->units < 0 || usage->latency_ms < 0)
		return refuse(reterr, AICX_EINVAL,
		    "cannot price: a quantity is below zero");
	if (usage->quality < -1 || usage->quality > 1000)
		return refuse(reterr, AICX_EINVAL,
		    "cannot price: the quality is not within 0 to 1000");
	return AICX_OK;
}

/* --- the lines --------------------------------------------------------- */

static void
add_line(struct aicx_price *price, const char *label, int64_t quantity,
    int64_t per, const struct aicx_money *each, int sign)
{
	struct aicx_price_line *line = &price->lines[price->n_lines++];

	*line = (struct aicx_price_line) {
		.quantity = quantity,
		.per = per,
		.each = *each,
	};
	line->each.minor *= sign;
	(void)snprintf(line->label, sizeof line->label, "%s", label);
}

/* Units beyond what the period includes, when `n` are used in it. */
static int64_t
beyond(const struct aicx_price_terms *terms, int64_t n)
{
	return n > terms->included_units ? n - terms->included_units : 0;
}

static aicx_err
add_subscription(struct aicx_price *price, const struct aicx_price_terms *terms,
    const struct aicx_usage *usage, struct aicx_error *reterr)
{
	int64_t before = usage->used_before, after;

	if (before < 0) {
		add_line(
		    price, "subscription", 1, 1, &terms->subscription_cost, 1);
		before = 0;
	}
	if (__builtin_add_overflow(before, usage->units, &after))
		return refuse(reterr, AICX_ELIMIT,
		    "cannot price: the units of the period do not fit 64 bits");
	if (is_set(&terms->base_cost))
		add_line(price, "base", usage->calls, 1, &terms->base_cost, 1);
	if (is_set(&terms->unit_cost))
		add_line(price, "units",
		    beyond(terms, after) - beyond(terms, before), 1,
		    &terms->unit_cost, 1);
	return AICX_OK;
}

/* Each late millisecond, or the cap where that is less. */
static void
add_penalty(struct aicx_price *price, const struct aicx_price_terms *terms,
    const struct aicx_usage *usage)
{
	int64_t late_ms = usage->latency_ms - terms->max_latency_ms;

	if (terms->max_latency_ms < 0 || late_ms <= 0 ||
	    terms->penalty_per_ms.minor == 0 || terms->penalty_cap.minor == 0)
		return;
	if ((__int128)late_ms * terms->penalty_per_ms.minor >
	    terms->penalty_cap.minor)
		add_line(price, "penalty", 1, 1, &terms->penalty_cap, -1);
	else
		add_line(
		    price, "penalty", late_ms, 1, &terms->penalty_per_ms, -1);
}

static aicx_err
flat_quote(void *state, const struct aicx_price_terms *terms,
    const struct aicx_usage *usage, struct aicx_price *ret_price,
    struct aicx_error *reterr)
{
	struct aicx_price price = { .n_lines = 0 };
	aicx_err err = check_model(terms, reterr);

	(void)state;
	if (err == AICX_OK)
		err = check_costs(terms, reterr);
	if (err == AICX_OK)
		err = check_usage(usage, reterr);
	if (err == AICX_OK && is_model(terms->model, "subscription"))
		err = add_subscription(&price, terms, usage, reterr);
	else if (err == AICX_OK)
		add_line(&price, "base", usage->calls, 1, &terms->base_cost, 1);
	if (err != AICX_OK)
		return err;
	if (is_model(terms->model, "per_unit"))
		add_line(
		    &price, "units", usage->units, 1, &terms->unit_cost, 1);
	add_penalty(&price, terms, usage);
	if (usage->quality >= 0 && terms->bonus_cap.minor > 0)
		add_line(&price, "bonus", usage->quality, 1000,
		    &terms->bonus_cap, 1);
	*ret_price = price;
	return AICX_OK;
}

static struct aicx_str
text(const char *chars)
{
	return (struct aicx_str) { chars, strlen(chars) };
}

static aicx_err
flat_standard(
    void *state, struct aicx_price_terms *ret_terms, struct aicx_error *reterr)
{
	const struct flat_settings *settings = state;
	struct aicx_price_terms terms = {
		.size = sizeof terms,
		.model = text("per_call"),
		.base_cost = settings->per_call,
		.included_units = -1,
		.max_latency_ms = -1,
	};

	(void)reterr;
	if (settings->unit != NULL) {
		terms.model = text("per_unit");
		terms.unit_cost = settings->per_unit;
		terms.unit = text(settings->unit);
	}
	*ret_terms = terms;
	return AICX_OK;
}

/* The settings are all there is to remember. */
static aicx_err
flat_open(const struct aicx_host *host, struct aicx_self *self,
    const void *settings_, void **ret_state, struct aicx_error *reterr)
{
	const struct flat_settings *settings = settings_;
	int has_price = settings->per_unit.currency[0] != '\0';

	(void)host, (void)self;
	if (has_price != (settings->unit != NULL))
		return refuse(reterr, AICX_EINVAL,
		    "\"per_unit\" and \"unit\" need each other");
	if (has_price &&
	    !same_currency(&settings->per_call, &settings->per_unit))
		return refuse(reterr, AICX_EINVAL,
		    "\"per_call\" and \"per_unit\" differ in currency");
	*ret_state = (void *)settings;
	return AICX_OK;
}

static void
flat_close(void *state)
{
	(void)state;
}

static const char *const flat_models[] = { "per_call", "per_unit",
	"subscription", NULL };

static const struct aicx_pricing_ops flat_ops = {
	.size = sizeof flat_ops,
	.models = flat_models,
	.quote = flat_quote,
	.standard = flat_standard,
};

const struct aicx_plugin aicx_plugin = {
	AICX_PLUGIN_HEAD(AICX_PRICING),
	.name = "flat",
	.version = "1.0.0",
	.license = "Apache-2.0",
	.summary = "fixed prices per call, per unit and by subscription",
	.options = flat_options,
	.settings_size = sizeof(struct flat_settings),
	.ops.pricing = &flat_ops,
	.open = flat_open,
	.close = flat_close,
};
