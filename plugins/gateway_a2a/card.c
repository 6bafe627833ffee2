/* SPDX-License-Identifier: Apache-2.0 */
/* card.c - agent cards: who it is, where it is reached, what it sells. */
#include "card.h"

#include "till.h"

#include "op.h"

#include <stdio.h>
#include <string.h>

/* --- what verifiers agree on -----------------------------------------------
 */

static bool
clean_object(json_t *object)
{
	const char *name;
	json_t *value;
	void *tmp;

	json_object_foreach_safe(object, tmp, name,
	    value) if (!card_clean(value))(void) json_object_del(object, name);
	return json_object_size(object) > 0;
}

static bool
clean_list(json_t *list)
{
	for (size_t i = json_array_size(list); i > 0; i--)
		if (!card_clean(json_array_get(list, i - 1)))
			(void)json_array_remove(list, i - 1);
	return json_array_size(list) > 0;
}

bool
card_clean(json_t *value)
{
	if (json_is_object(value))
		return clean_object(value);
	if (json_is_array(value))
		return clean_list(value);
	return !json_is_null(value) &&
	    !(json_is_string(value) && json_string_length(value) == 0);
}

/* --- prices
 * ------------------------------------------------------------------- */

static const json_t *
leading_cost(const json_t *pricing)
{
	const json_t *cost = json_object_get(pricing, "base_cost");

	if (cost == NULL)
		cost = json_object_get(pricing, "subscription_cost");
	return cost != NULL ? cost : json_object_get(pricing, "unit_cost");
}

/* Money becomes its amount, numbers their text: then nobody's canonical form
   differs. */
static json_t *
as_texts(const json_t *object)
{
	json_t *texts = json_object();
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)object, name, value)
	{
		if (json_is_object(value))
			(void)json_object_set(
			    texts, name, json_object_get(value, "amount"));
		else if (json_is_integer(value))
			(void)json_object_set_new(texts, name,
			    json_sprintf("%" JSON_INTEGER_FORMAT,
				json_integer_value(value)));
		else if (json_is_string(value))
			(void)json_object_set(texts, name, value);
	}
	return texts;
}

static json_t *
price_words(const json_t *capability)
{
	const json_t *pricing = json_object_get(capability, "pricing");
	const json_t *cost = leading_cost(pricing);
	const json_t *unit = json_object_get(pricing, "unit_cost");
	const char *said = member_text(capability, "description");

	if (*said == '\0')
		said = member_text(capability, "name");
	if (cost == NULL)
		return json_string(said);
	return json_sprintf("%s%s Price: %s %s (%s)%s%s%s%s%s.", said,
	    said[strlen(said) - 1] == '.' ? "" : ".",
	    member_text(cost, "amount"), member_text(cost, "currency"),
	    member_text(pricing, "model"), unit != NULL ? ", " : "",
	    member_text(unit, "amount"), unit != NULL ? " per " : "",
	    unit != NULL ? member_text(pricing, "unit") : "",
	    json_object_get(capability, "sla") != NULL ? "; with an SLA" : "");
}

/* --- skills
 * ---------------------------------------------------------------------- */

static json_t *
skill_of(const json_t *capability)
{
	json_t *tags = json_object_get(capability, "tags");
	const char *name = member_text(capability, "name");

	return json_pack("{s:s,s:s,s:o,s:o}", "id", name, "name", name,
	    "description", price_words(capability), "tags",
	    json_array_size(tags) > 0 ? json_deep_copy(tags)
				      : json_pack("[s]", "capability"));
}

static bool
has_skill(const json_t *skills, const char *name)
{
	for (size_t i = 0; i < json_array_size(skills); i++)
		if (strcmp(member_text(json_array_get(skills, i), "id"),
			name) == 0)
			return true;
	return false;
}

static void
add_capability(json_t *skills, json_t *prices, const json_t *capability)
{
	const char *name = member_text(capability, "name");
	const json_t *pricing = json_object_get(capability, "pricing");
	json_t *terms;

	if (*name == '\0' || has_skill(skills, name))
		return;
	(void)json_array_append_new(skills, skill_of(capability));
	terms = json_pack("{s:o,s:o}", "pricing", as_texts(pricing), "sla",
	    as_texts(json_object_get(capability, "sla")));
	(void)json_object_set_new(terms, "currency",
	    json_string(member_text(leading_cost(pricing), "currency")));
	(void)json_object_set_new(prices, name, terms);
}

/* --- the card
 * -------------------------------------------------------------------- */

static json_t *
interface(const struct card_facts *facts, const char *binding, const char *end)
{
	char url[512];

	(void)snprintf(url, sizeof url, "%s/a2a/%s%s%s%s", facts->origin,
	    *facts->agent != '\0' ? "agents/" : "", facts->agent,
	    *facts->agent != '\0' ? "/" : "", end);
	return json_pack("{s:s,s:s,s:s}", "url", url, "protocolBinding",
	    binding, "protocolVersion", "1.0");
}

static json_t *
abilities(const struct card_facts *facts, json_t *prices)
{
	const char *currency = member_text(
	    json_object_iter_value(json_object_iter(prices)), "currency");
	json_t *params =
	    json_pack("{s:s,s:o}", "currency", currency, "skills", prices);

	json_t *able = json_pack("{s:b,s:b,s:b,s:[{s:s,s:s,s:o}]}", "streaming",
	    1, "pushNotifications", 1, "extendedAgentCard", 1, "extensions",
	    "uri", facts->settings->extension, "description",
	    "Prices, budgets, offers and receipts of each skill", "params",
	    params);

	if (facts->settings->payments != NULL)
		for (size_t i = 0; i < 2; i++)
			(void)json_array_append_new(
			    json_object_get(able, "extensions"),
			    json_pack("{s:s,s:s}", "uri",
				i == 0 ? TILL_URI_1 : TILL_URI_2, "description",
				"Payments by x402 of callers without a key"));
	return able;
}

json_t *
card_new(const struct card_facts *facts)
{
	const char *name = member_text(facts->entry, "name");
	const char *words = member_text(facts->entry, "description");
	json_t *skills = json_array();
	json_t *prices = json_object();
	json_t *card;

	for (size_t i = 0; i < json_array_size(facts->capabilities); i++)
		add_capability(
		    skills, prices, json_array_get(facts->capabilities, i));
	if (*name == '\0')
		name =
		    facts->entry != NULL ? facts->agent : facts->settings->name;
	if (*words == '\0')
		words = facts->settings->description;
	card = json_pack(
	    "{s:s,s:s,s:s,s:[oo],s:o,s:{s:{s:{s:s}}},s:[{s:{s:{s:[s]}}}],"
	    "s:[ss],s:[ss],s:o}",
	    "name", name, "description", words, "version", "1.0.0",
	    "supportedInterfaces", interface(facts, "JSONRPC", "jsonrpc"),
	    interface(facts, "HTTP+JSON", "rest"), "capabilities",
	    abilities(facts, prices), "securitySchemes", "bearer",
	    "httpAuthSecurityScheme", "scheme", "Bearer",
	    "securityRequirements", "schemes", "bearer", "list", "deals",
	    "defaultInputModes", "application/json", "text/plain",
	    "defaultOutputModes", "application/json", "text/plain", "skills",
	    skills);
	(void)card_clean(card);
	return card;
}
