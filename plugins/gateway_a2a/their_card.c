/* SPDX-License-Identifier: Apache-2.0 */
/* their_card.c - the card of somebody's agent, read. */
#include "their_card.h"

#include "canon.h"
#include "member.h"

#include <stdio.h>
#include <string.h>

enum {
	NAME_BYTES_MAX = 128,
	REMOTE_BYTES_MAX = 256,
	WORDS_BYTES_MAX = 4096,
	TAGS_MAX = 32
};

/* --- where it is ------------------------------------------------------- */

void
their_card_url(struct aicx_str url, struct bytes *out)
{
	const char *scheme = memchr(url.ptr, ':', url.len);
	size_t host = scheme != NULL && url.len - (size_t)(scheme - url.ptr) > 3
	    ? (size_t)(scheme - url.ptr) + 3
	    : 0;
	bool bare = memchr(url.ptr + host, '/', url.len - host) == NULL;

	bytes_str(out, url);
	if (bare)
		bytes_char(out, '/');
	if (bare || (url.len > 0 && url.ptr[url.len - 1] == '/'))
		bytes_text(out, ".well-known/agent-card.json");
	bytes_char(out, '\0');
	if (!out->failed)
		out->len--;
}

static bool
is_plain(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text <= ' ' || *text == '?' || *text == '#')
			return false;
	return true;
}

static bool
take_interface(const json_t *one, const char *binding, struct their_door *ret)
{
	const char *url = member_text(one, "url");
	const char *tenant = member_text(one, "tenant");
	size_t len = strlen(url);

	if (strcmp(member_text(one, "protocolBinding"), binding) != 0 ||
	    strcmp(member_text(one, "protocolVersion"), "1.0") != 0 ||
	    len > THEIR_URL_MAX || strlen(tenant) > THEIR_TENANT_MAX ||
	    !is_plain(url) || !is_plain(tenant) ||
	    (strncmp(url, "http://", 7) != 0 &&
		strncmp(url, "https://", 8) != 0))
		return false;
	ret->rest = strcmp(binding, "HTTP+JSON") == 0;
	if (ret->rest && url[len - 1] == '/')
		len--;
	(void)snprintf(ret->url, sizeof ret->url, "%.*s", (int)len, url);
	(void)snprintf(ret->tenant, sizeof ret->tenant, "%s", tenant);
	return true;
}

bool
their_door(const json_t *card, struct their_door *ret_door)
{
	static const char *const bindings[] = { "JSONRPC", "HTTP+JSON" };
	const json_t *list = member(card, "supportedInterfaces");

	ret_door->streams =
	    json_is_true(member(member(card, "capabilities"), "streaming"));
	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < json_array_size(list); i++)
			if (take_interface(
				json_array_get(list, i), bindings[k], ret_door))
				return true;
	return false;
}

/* --- whether it will do ------------------------------------------------ */

static bool
needs_extension(const json_t *card)
{
	const json_t *list = member(member(card, "capabilities"), "extensions");

	for (size_t i = 0; i < json_array_size(list); i++)
		if (json_is_true(member(json_array_get(list, i), "required")))
			return true;
	return false;
}

static const char *
skills_flaw(const json_t *skills)
{
	if (json_array_size(skills) == 0)
		return "the card has no skills";
	if (json_array_size(skills) > THEIR_SKILLS_MAX)
		return "the card has more than 64 skills";
	for (size_t i = 0; i < json_array_size(skills); i++) {
		const char *id = member_text(json_array_get(skills, i), "id");

		if (*id == '\0' || strlen(id) > REMOTE_BYTES_MAX)
			return "a skill of the card has no id, or a very long "
			       "one";
	}
	return NULL;
}

const char *
their_card_flaw(const json_t *card, const char *url)
{
	struct their_door door;

	if (*member_text(card, "name") == '\0')
		return "the card has no name";
	if (!their_door(card, &door))
		return "the card names no JSON-RPC or HTTP+JSON interface of "
		       "version 1.0";
	if (strncmp(url, "https://", 8) == 0 &&
	    strncmp(door.url, "https://", 8) != 0)
		return "the card came over https, its interface would not";
	if (needs_extension(card))
		return "the card requires an extension that is not spoken here";
	return skills_flaw(member(card, "skills"));
}

/* --- what it sells ----------------------------------------------------- */

/* A capability's name is [a-z0-9._-]; a skill's id is any text. */
static json_t *
name_of(const char *id)
{
	char name[NAME_BYTES_MAX];
	size_t n = 0;

	for (; *id != '\0' && n < sizeof name; id++) {
		char c = *id;

		if (c >= 'A' && c <= 'Z')
			c = (char)(c | 0x20);
		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
			c == '.' || c == '_' || c == '-'))
			c = '-';
		name[n++] = c;
	}
	return json_stringn(name, n);
}

/* Not cut inside a character. */
static json_t *
words_of(const json_t *object, const char *name, size_t max)
{
	const char *text = member_text(object, name);
	size_t n = strlen(text);

	if (n > max)
		for (n = max; n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80;)
			n--;
	return json_stringn(text, n);
}

/* The params of our extension; or NULL. */
static const json_t *
prices_of(const json_t *card, const char *extension)
{
	const json_t *list = member(member(card, "capabilities"), "extensions");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *one = json_array_get(list, i);

		if (strcmp(member_text(one, "uri"), extension) == 0)
			return member(one, "params");
	}
	return NULL;
}

static void
add_money(
    json_t *pricing, const json_t *said, const char *name, const char *currency)
{
	const char *amount = member_text(said, name);

	if (*amount != '\0')
		(void)json_object_set_new(pricing, name,
		    json_pack(
			"{s:s,s:s}", "amount", amount, "currency", currency));
}

/* NULL: the registration says it. */
static json_t *
pricing_of(const json_t *prices, const char *skill)
{
	const json_t *terms = json_object_get(member(prices, "skills"), skill);
	const json_t *said = member(terms, "pricing");
	const char *currency = member_text(terms, "currency");
	const char *unit = member_text(said, "unit");
	json_t *pricing;

	if (*currency == '\0')
		currency = member_text(prices, "currency");
	if (said == NULL || *currency == '\0')
		return NULL;
	pricing = json_pack("{s:s}", "model", member_text(said, "model"));
	add_money(pricing, said, "base_cost", currency);
	add_money(pricing, said, "unit_cost", currency);
	if (*unit != '\0')
		(void)json_object_set_new(pricing, "unit", json_string(unit));
	return pricing;
}

static json_t *
tags_of(const json_t *skill)
{
	const json_t *said = member(skill, "tags");
	json_t *tags = json_array();

	for (size_t i = 0;
	     i < json_array_size(said) && json_array_size(tags) < TAGS_MAX; i++)
		if (json_string_length(json_array_get(said, i)) > 0)
			(void)json_array_append(tags, json_array_get(said, i));
	return tags;
}

static json_t *
capability_of(const json_t *skill, const json_t *prices)
{
	const char *id = member_text(skill, "id");

	return json_pack("{s:o,s:s,s:o,s:o,s:o*}", "name", name_of(id),
	    "remote", id, "description",
	    words_of(skill, "description", WORDS_BYTES_MAX), "tags",
	    tags_of(skill), "pricing", pricing_of(prices, id));
}

json_t *
their_entry(const json_t *card, const char *extension)
{
	const json_t *skills = member(card, "skills");
	const json_t *prices = prices_of(card, extension);
	json_t *list = json_array();

	for (size_t i = 0; i < json_array_size(skills); i++)
		(void)json_array_append_new(
		    list, capability_of(json_array_get(skills, i), prices));
	return json_pack("{s:o,s:o,s:o}", "name",
	    words_of(card, "name", REMOTE_BYTES_MAX), "description",
	    words_of(card, "description", WORDS_BYTES_MAX), "capabilities",
	    list);
}

const json_t *
their_skill(const json_t *card, const char *id)
{
	const json_t *skills = member(card, "skills");

	for (size_t i = 0; i < json_array_size(skills); i++)
		if (strcmp(member_text(json_array_get(skills, i), "id"), id) ==
		    0)
			return json_array_get(skills, i);
	return NULL;
}

void
their_skill_mark(const json_t *skill, struct bytes *out)
{
	static const char *const parts[] = { "id", "inputModes", "outputModes",
		"securityRequirements" };
	json_t *mark = json_object();

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (member(skill, parts[i]) != NULL)
			(void)json_object_set(
			    mark, parts[i], member(skill, parts[i]));
	canon_print(mark, out);
	json_decref(mark);
}
