/* SPDX-License-Identifier: Apache-2.0 */
/*
 * entry.c - catalog entries (AI Catalog 1.0).
 *
 * Agents prove no domain to the broker, so everything is published under the
 * operator's own; an agent's id makes its identifier stable.
 */
#include "entry.h"

#include <stdio.h>
#include <string.h>

enum { TOOLS_MAX = 200, ASKED_MAX = 2 };

/* "broker.example.org" of the origin, unless the operator said another. */
static json_t *
identifier(const struct ard *ard, const char *origin, const char *end)
{
	const char *said = ard->settings->publisher;
	const char *host = strstr(origin, "://");
	size_t n = host != NULL ? strcspn(host + 3, ":/") : 0;

	if (*said != '\0')
		return json_sprintf("urn:air:%s:%s", said, end);
	if (n == 0 || host[3] == '[')
		return json_sprintf("urn:air:localhost:%s", end);
	return json_sprintf("urn:air:%.*s:%s", (int)n, host + 3, end);
}

static bool
is_urn_char(char c, bool last)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '.' || c == '-' ||
	    (last && c == '_');
}

bool
entry_is_identifier(struct aicx_str text)
{
	const struct aicx_str start = TEXT("urn:air:");
	size_t n_parts = 0;

	if (text.len <= start.len ||
	    memcmp(text.ptr, start.ptr, start.len) != 0)
		return false;
	text.ptr += start.len, text.len -= start.len;
	while (text.ptr != NULL) {
		struct aicx_str part = text_cut(text, ':', &text);

		if (part.len == 0)
			return false;
		for (size_t i = 0; i < part.len; i++)
			if (!is_urn_char(part.ptr[i], n_parts > 0))
				return false;
		n_parts++;
	}
	return n_parts >= 2;
}

struct aicx_str
entry_publisher(const json_t *entry)
{
	struct aicx_str rest = text_of(member_text(entry, "identifier"));

	for (int i = 0; i < 2; i++)
		(void)text_cut(rest, ':', &rest);
	return text_cut(rest, ':', &rest);
}

/* --- an agent ----------------------------------------------------------- */

static const char *const metadata_keys[] = { "aiconexus.price",
	"aiconexus.currency", "aiconexus.pricing_model",
	"aiconexus.sla_latency_ms", "aiconexus.reputation", "aiconexus.online",
	NULL };

bool
entry_is_metadata(const char *key)
{
	for (const char *const *at = metadata_keys; *at != NULL; at++)
		if (strcmp(*at, key) == 0)
			return true;
	return false;
}

static const json_t *
leading_cost(const json_t *pricing)
{
	const json_t *cost = json_object_get(pricing, "base_cost");

	if (cost == NULL)
		cost = json_object_get(pricing, "subscription_cost");
	return cost != NULL ? cost : json_object_get(pricing, "unit_cost");
}

static void
put_text(json_t *object, const char *name, const char *text)
{
	if (*text != '\0')
		(void)json_object_set_new(object, name, json_string(text));
}

/* "0.050000" as others write it, "0.05". */
static json_t *
amount_of(const json_t *cost)
{
	const char *text = member_text(cost, "amount");
	size_t n = strlen(text);

	if (strchr(text, '.') != NULL) {
		while (text[n - 1] == '0')
			n--;
		n -= text[n - 1] == '.';
	}
	return json_stringn(text, n);
}

/* Of the first capability; reputation from 0 to 1. */
static json_t *
metadata_of(const json_t *agent)
{
	json_t *metadata = json_object();
	const json_t *first =
	    json_array_get(json_object_get(agent, "capabilities"), 0);
	const json_t *pricing = json_object_get(first, "pricing");
	const json_t *cost = leading_cost(pricing);
	const json_t *latency =
	    json_object_get(json_object_get(first, "sla"), "max_latency_ms");
	const json_t *stars = json_object_get(
	    json_object_get(agent, "reputation"), "overall_score");

	if (cost != NULL)
		(void)json_object_set_new(
		    metadata, metadata_keys[0], amount_of(cost));
	put_text(metadata, metadata_keys[1], member_text(cost, "currency"));
	put_text(metadata, metadata_keys[2], member_text(pricing, "model"));
	if (json_is_integer(latency))
		(void)json_object_set(
		    metadata, metadata_keys[3], (json_t *)latency);
	if (json_is_number(stars))
		(void)json_object_set_new(metadata, metadata_keys[4],
		    json_real(json_number_value(stars) / 5));
	(void)json_object_set_new(metadata, metadata_keys[5],
	    json_boolean(json_is_true(json_object_get(agent, "online"))));
	return metadata;
}

/* "text.spell_check" as one says it: "text spell check". */
static void
add_questions(json_t *queries, const char *capability)
{
	char words[160];
	size_t n = 0;

	for (; n < sizeof words - 1 && capability[n] != '\0'; n++)
		words[n] =
		    strchr("._-", capability[n]) != NULL ? ' ' : capability[n];
	words[n] = '\0';
	(void)json_array_append_new(
	    queries, json_sprintf("Who does %s?", words));
	(void)json_array_append_new(
	    queries, json_sprintf("Buy %s for a fixed price", capability));
}

/* Names and labels, each once. */
static void
add_once(json_t *list, const char *text)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (strcmp(json_string_value(json_array_get(list, i)), text) ==
		    0)
			return;
	if (*text != '\0')
		(void)json_array_append_new(list, json_string(text));
}

static void
add_tags(json_t *list, const json_t *tags)
{
	for (size_t i = 0; i < json_array_size(tags); i++)
		if (json_is_string(json_array_get(tags, i)))
			add_once(
			    list, json_string_value(json_array_get(tags, i)));
}

static void
put_capabilities(json_t *entry, const json_t *agent)
{
	const json_t *all = json_object_get(agent, "capabilities");
	json_t *names = json_array();
	json_t *tags = json_array();
	json_t *queries = json_array();

	add_tags(tags, json_object_get(agent, "tags"));
	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *one = json_array_get(all, i);

		add_once(names, member_text(one, "name"));
		add_tags(tags, json_object_get(one, "tags"));
		if (i < ASKED_MAX)
			add_questions(queries, member_text(one, "name"));
	}
	if (json_array_size(tags) > 0)
		(void)json_object_set(entry, "tags", tags);
	json_decref(tags);
	(void)json_object_set_new(entry, "capabilities", names);
	(void)json_object_set_new(entry, "representativeQueries", queries);
}

json_t *
entry_of_agent(const struct ard *ard, const char *origin, const json_t *agent)
{
	const json_t *first =
	    json_array_get(json_object_get(agent, "capabilities"), 0);
	const char *id = member_text(agent, "agent_id");
	const char *name = member_text(agent, "name");
	const char *said = member_text(agent, "description");
	char end[64];

	if (first == NULL || strlen(id) > 36)
		return NULL; /* it sells nothing */
	(void)snprintf(end, sizeof end, "agent:%s", id);
	if (*said == '\0')
		said = member_text(first, "description");
	json_t *entry = json_pack("{s:o,s:s,s:s,s:o}", "identifier",
	    identifier(ard, origin, end), "displayName",
	    *name != '\0' ? name : id, "type", TYPE_AGENT, "url",
	    json_sprintf(
		"%s/a2a/agents/%s/.well-known/agent-card.json", origin, id));
	put_text(entry, "description", said);
	put_capabilities(entry, agent);
	put_text(entry, "version", member_text(first, "version"));
	put_text(entry, "updatedAt", member_text(agent, "created"));
	(void)json_object_set_new(entry, "metadata", metadata_of(agent));
	return entry;
}

/* --- what is the broker's own ----------------------------------------------
 */

static json_t *
tools_of(const json_t *entries)
{
	json_t *tools = json_array();
	json_t *seen = json_object();

	for (size_t i = 0; i < json_array_size(entries); i++) {
		const json_t *names =
		    json_object_get(json_array_get(entries, i), "capabilities");
		for (size_t k = 0; k < json_array_size(names) &&
		     json_array_size(tools) < TOOLS_MAX;
		     k++) {
			const json_t *name = json_array_get(names, k);
			if (json_object_get(seen, json_string_value(name)))
				continue;
			(void)json_object_set_new(
			    seen, json_string_value(name), json_true());
			(void)json_array_append_new(
			    tools, json_pack("{s:O}", "name", name));
		}
	}
	json_decref(seen);
	return tools;
}

json_t *
entry_of_mcp(const struct ard *ard, const char *origin, const json_t *entries)
{
	const char *name = ard->settings->name;
	json_t *tools = tools_of(entries);
	json_t *names = json_array();

	for (size_t i = 0; i < json_array_size(tools); i++)
		(void)json_array_append(
		    names, json_object_get(json_array_get(tools, i), "name"));
	return json_pack(
	    "{s:o,s:o,s:s,s:s,s:o,s:[ss],s:{s:s,s:s,s:s,s:[{s:s,s:o}],s:o}}",
	    "identifier", identifier(ard, origin, "mcp:tools"), "displayName",
	    json_sprintf("%s tools", name), "type", TYPE_MCP, "description",
	    ard->settings->description, "capabilities", names,
	    "representativeQueries", "Which tools can I pay for per call?",
	    "Tools of many agents behind one MCP server", "data", "name", name,
	    "description", ard->settings->description, "version", "1.0.0",
	    "remotes", "type", "streamable-http", "url",
	    json_sprintf("%s/mcp", origin), "tools", tools);
}

json_t *
entry_of_registry(const struct ard *ard, const char *origin)
{
	return json_pack("{s:o,s:o,s:s,s:o,s:s,s:[ss]}", "identifier",
	    identifier(ard, origin, "registry:agents"), "displayName",
	    json_sprintf("%s registry", ard->settings->name), "type",
	    TYPE_REGISTRY, "url", json_sprintf("%s" ARD_BASE, origin),
	    "description", ard->settings->description, "representativeQueries",
	    "Find an agent that does a task for a price",
	    "Search agents by what they do, cost and deliver");
}

json_t *
entry_of_part(const struct ard *ard, const char *origin, size_t part)
{
	char end[32];

	(void)snprintf(end, sizeof end, "catalog:%zu", part);
	return json_pack("{s:o,s:o,s:s,s:o,s:[ss]}", "identifier",
	    identifier(ard, origin, end), "displayName",
	    json_sprintf("%s agents, part %d", ard->settings->name, (int)part),
	    "type", TYPE_CATALOG, "url",
	    json_sprintf("%s" ARD_BASE "/catalogs/%d", origin, (int)part),
	    "representativeQueries", "List agents that sell work",
	    "Which agents are there?");
}
