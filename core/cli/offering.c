/* SPDX-License-Identifier: Apache-2.0 */
/* offering.c - what a seller sells and for how much. */
#include "cli/offering.h"

#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "cli/params.h"

bool
offering_claims_units(const struct offering *offering)
{
	static const char *const measured[] = { "calls", "seconds", "bytes",
		"items" };

	for (size_t i = 0; i < sizeof measured / sizeof measured[0]; i++)
		if (strcmp(offering->unit, measured[i]) == 0)
			return false;
	return true;
}

static bool
is_word(const char *text)
{
	return strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_") ==
	    strlen(text) &&
	    text[0] != '\0';
}

static aicx_err
unit_take(const struct invocation *inv, struct offering *offering,
    struct aicx_error *reterr)
{
	const char *each = invocation_value(inv, "unit-price");
	const char *unit = invocation_value(inv, "unit");

	if (each == NULL && unit == NULL)
		return AICX_OK;
	if (each == NULL || unit == NULL)
		return err_word(reterr, AICX_EINVAL, "usage",
		    "a price for a unit needs both --unit-price and --unit");
	if (!is_word(unit))
		return err_word(reterr, AICX_EINVAL, "usage",
		    "\"%s\" is no unit: write one word in small letters", unit);
	offering->unit = unit;
	offering->per_unit = true;
	aicx_err err = amount_from_text(str_of(each), &offering->each, reterr);
	if (err == AICX_OK &&
	    !amount_same_currency(&offering->each, &offering->base))
		err = err_word(reterr, AICX_EINVAL, "usage",
		    "the prices for a call and for a unit are in different "
		    "currencies");
	return err;
}

/* The last one that names no tool. */
static const char *
price_for_all(const struct invocation *inv)
{
	const struct words *words = inv->words;
	const char *price = NULL;

	for (size_t i = 0; i < words->n_given; i++)
		if (strcmp(words->given[i].arg->name, "price") == 0 &&
		    (!invocation_flag(inv, "mcp") ||
			strchr(words->given[i].text, '=') == NULL))
			price = words->given[i].text;
	return price;
}

aicx_err
offering_take(const struct invocation *inv, struct offering *ret,
    struct aicx_error *reterr)
{
	const char *timeout = invocation_value(inv, "timeout");
	const char *price = price_for_all(inv);
	struct offering offering = {
		.capability = invocation_value(inv, "CAPABILITY"),
		.name = invocation_value(inv, "name"),
		.description = invocation_value(inv, "description"),
	};

	if (offering.capability == NULL)
		offering.capability = invocation_value(inv, "capability");
	if (offering.capability != NULL && price == NULL &&
	    !invocation_flag(inv, "mcp"))
		return err_word(reterr, AICX_EINVAL, "usage",
		    "\"%s\" has no price: add --price \"0.001 AIC\"",
		    offering.capability);
	if (offering.name == NULL && !invocation_flag(inv, "mcp"))
		offering.name = offering.capability;
	aicx_err err = AICX_OK;
	if (price != NULL)
		err = amount_from_text(str_of(price), &offering.base, reterr);
	offering.has_base = price != NULL;
	if (err == AICX_OK)
		err = unit_take(inv, &offering, reterr);
	if (err == AICX_OK && timeout != NULL)
		err = duration_parse(timeout, &offering.timeout_ms, reterr);
	if (err == AICX_OK)
		*ret = offering;
	return err;
}

void
offering_put_pricing(struct json_writer *w, const struct offering *offering)
{
	json_open(w, '{');
	json_key(w, "model");
	json_put_text(w, offering->per_unit ? "per_unit" : "per_call");
	json_key(w, "base_cost");
	amount_put(w, &offering->base);
	if (offering->per_unit) {
		json_key(w, "unit_cost");
		amount_put(w, &offering->each);
		json_key(w, "unit");
		json_put_text(w, offering->unit);
	}
	json_close(w);
}

void
offering_print_terms(struct buf *buf, const struct offering *offering)
{
	struct json_writer w = json_writer(buf);

	json_open(&w, '{');
	json_key(&w, "pricing");
	offering_put_pricing(&w, offering);
	if (offering->timeout_ms > 0) {
		json_key(&w, "timeout_ms");
		json_put_int(&w, offering->timeout_ms);
	}
	json_close(&w);
}

static void
put_tags(const struct invocation *inv, struct json_writer *w)
{
	json_key(w, "tags");
	json_open(w, '[');
	for (size_t i = 0; i < inv->words->n_given; i++)
		if (strcmp(inv->words->given[i].arg->name, "tag") == 0)
			json_put_text(w, inv->words->given[i].text);
	json_close(w);
}

static void
put_description(struct json_writer *w, const struct offering *offering)
{
	if (offering->description == NULL)
		return;
	json_key(w, "description");
	json_put_text(w, offering->description);
}

static void
put_capability(const struct invocation *inv, struct json_writer *w,
    const struct offering *offering)
{
	json_open(w, '{');
	json_key(w, "name");
	json_put_text(w, offering->capability);
	json_key(w, "version");
	json_put_text(w, "1.0");
	put_description(w, offering);
	put_tags(inv, w);
	json_key(w, "pricing");
	offering_put_pricing(w, offering);
	json_close(w);
}

void
offering_put_agent(const struct invocation *inv, struct json_writer *w,
    const struct offering *offering, const char *endpoint)
{
	const char *url = invocation_value(inv, "url");

	if (offering->name != NULL) {
		json_key(w, "name");
		json_put_text(w, offering->name);
	}
	put_description(w, offering);
	put_tags(inv, w);
	json_key(w, "endpoints");
	json_open(w, '[');
	json_open(w, '{');
	json_key(w, "kind");
	json_put_text(w, endpoint);
	if (url != NULL) {
		json_key(w, "url");
		json_put_text(w, url);
	}
	json_close(w);
	json_close(w);
	if (offering->capability == NULL && offering->has_base) {
		json_key(w, "pricing");
		offering_put_pricing(w, offering);
	}
	if (offering->capability != NULL) {
		json_key(w, "capabilities");
		json_open(w, '[');
		put_capability(inv, w, offering);
		json_close(w);
	}
}
