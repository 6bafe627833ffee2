/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pricing_flat.c - a fixed price per call, or that plus a price per unit.
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

static aicx_err
check_terms(const struct aicx_price_terms *terms,
    const struct aicx_usage *usage, struct aicx_error *reterr)
{
	int per_unit = is_model(terms->model, "per_unit");

	if (!per_unit && !is_model(terms->model, "per_call"))
		return refuse(reterr, AICX_EINVAL,
		    "cannot price: the model is neither per_call nor per_unit");
	if (terms->base_cost.currency[0] == '\0')
		return refuse(reterr, AICX_EINVAL,
		    "cannot price: the terms have no base cost");
	if (per_unit && !same_currency(&terms->base_cost, &terms->unit_cost))
		return refuse(reterr, AICX_EINVAL,
		    "cannot price: base and unit cost differ in currency");
	if (terms->base_cost.minor < 0 ||
	    (per_unit && terms->unit_cost.minor < 0) || usage->calls < 0 ||
	    usage->units < 0)
		return refuse(reterr, AICX_EINVAL,
		    "cannot price: a cost or quantity is below zero");
	return AICX_OK;
}

/* Adds quantity x each; *sum_minor only guards that lines can be added up. */
static aicx_err
add_line(struct aicx_price *price, const char *label, int64_t quantity,
    const struct aicx_money *each, int64_t *sum_minor,
    struct aicx_error *reterr)
{
	struct aicx_price_line *line = &price->lines[price->n_lines++];

	*line = (struct aicx_price_line) {
		.quantity = quantity,
		.each = *each,
		.amount = *each,
	};
	(void)snprintf(line->label, sizeof line->label, "%s", label);
	if (__builtin_mul_overflow(
		quantity, each->minor, &line->amount.minor) ||
	    __builtin_add_overflow(*sum_minor, line->amount.minor, sum_minor))
		return refuse(reterr, AICX_ELIMIT,
		    "cannot price: the amount does not fit 64 bits");
	return AICX_OK;
}

static aicx_err
flat_quote(void *state, const struct aicx_price_terms *terms,
    const struct aicx_usage *usage, struct aicx_price *ret_price,
    struct aicx_error *reterr)
{
	struct aicx_price price = { .n_lines = 0 };
	int64_t sum_minor = 0;
	aicx_err err = check_terms(terms, usage, reterr);

	(void)state;
	if (err == AICX_OK)
		err = add_line(&price, "base", usage->calls, &terms->base_cost,
		    &sum_minor, reterr);
	if (err == AICX_OK && is_model(terms->model, "per_unit"))
		err = add_line(&price, "units", usage->units, &terms->unit_cost,
		    &sum_minor, reterr);
	if (err == AICX_OK)
		*ret_price = price;
	return err;
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

static const char *const flat_models[] = { "per_call", "per_unit", NULL };

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
	.summary = "fixed price per call and per unit",
	.options = flat_options,
	.settings_size = sizeof(struct flat_settings),
	.ops.pricing = &flat_ops,
	.open = flat_open,
	.close = flat_close,
};
