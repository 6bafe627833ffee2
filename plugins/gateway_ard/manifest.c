/* SPDX-License-Identifier: Apache-2.0 */
/*
 * manifest.c - /.well-known/ai-catalog.json and its parts.
 *
 * Few agents stand in the manifest itself; many in parts that it names, so that
 * it stays small.
 */
#include "manifest.h"

#include "entry.h"

#include <string.h>

static json_t *
wrap(const struct talk *talk, json_t *entries)
{
	return json_pack("{s:s,s:{s:s},s:o}", "specVersion", "1.0", "host",
	    "displayName", talk->ard->settings->name, "entries", entries);
}

static bool
is_agent(const json_t *entry)
{
	return strcmp(member_text(entry, "type"), TYPE_AGENT) == 0;
}

/* Agents stand before the rest. */
static size_t
count_agents(const json_t *stock)
{
	size_t n = json_array_size(stock);

	while (n > 0 && !is_agent(json_array_get(stock, n - 1)))
		n--;
	return n;
}

static void
add(json_t *entries, const json_t *stock, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		(void)json_array_append(entries, json_array_get(stock, i));
}

void
manifest_serve(struct talk *talk)
{
	const struct ard *ard = talk->ard;
	json_t *entries = json_array();
	size_t n = count_agents(talk->stock);
	size_t each = (size_t)ard->settings->per_catalog;

	(void)json_array_append_new(
	    entries, entry_of_registry(ard, talk->origin.ptr));
	add(entries, talk->stock, n, json_array_size(talk->stock));
	if (n <= each)
		add(entries, talk->stock, 0, n);
	else
		for (size_t part = 0; part * each < n; part++)
			(void)json_array_append_new(entries,
			    entry_of_part(ard, talk->origin.ptr, part));
	talk_answer(talk, wrap(talk, entries), true);
}

void
manifest_serve_part(struct talk *talk)
{
	json_t *entries = json_array();
	size_t n = count_agents(talk->stock);
	size_t each = (size_t)talk->ard->settings->per_catalog;
	size_t part = 0;

	for (size_t i = 0; i < talk->name.len; i++)
		part = part * 10 + (size_t)(talk->name.ptr[i] - '0');
	add(entries, talk->stock, part * each,
	    n < (part + 1) * each ? n : (part + 1) * each);
	if (json_array_size(entries) > 0) {
		talk_answer(talk, wrap(talk, entries), true);
		return;
	}
	json_decref(entries);
	talk_refuse(talk, 404, "there is no such part");
}
