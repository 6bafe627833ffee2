/* SPDX-License-Identifier: Apache-2.0 */
/*
 * registry.c - search, explore and the listing (ARD v0.9).
 *
 * A search text is natural language and the wire wants every word, so each word
 * is searched for on its own and an entry's score is the mean of what it was
 * worth for them.
 */
#include "registry.h"

#include "entry.h"
#include "grammar.h"
#include "page.h"
#include "path.h"
#include "stock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	WORDS_MAX = 8, /* later ones are not looked at */
	WORD_BYTES_MAX = 64,
	RELEVANCE_FULL = 1000, /* of the wire */
	TOOLS_SCORE = 50, /* the MCP door has all, an agent is nearer */
	SCORE_MIN = 10, /* less is no find */
	FACETS_MAX = 16,
	FACET_LIMIT = 20
};

/* --- numbers and tokens -------------------------------------------------- */

static bool
take_size(struct talk *talk, const json_t *value, size_t fallback, size_t *ret)
{
	json_int_t size = json_integer_value(value);
	const char *digits = json_string_value(value);

	for (; digits != NULL && *digits != '\0'; digits++) {
		if (*digits < '0' || *digits > '9' || size > ARD_PAGE_MAX) {
			size = 0;
			break;
		}
		size = size * 10 + (*digits - '0');
	}
	if (value == NULL)
		size = (json_int_t)fallback;
	*ret = (size_t)size;
	if (size >= 1 && size <= ARD_PAGE_MAX)
		return true;
	talk_refuse(talk, 400, "pageSize is 1 to %d", ARD_PAGE_MAX);
	return false;
}

static bool
take_token(struct talk *talk, const char **ret)
{
	const json_t *value = json_object_get(talk->ask, "pageToken");

	*ret = json_string_value(value);
	if (value == NULL || *ret != NULL)
		return true;
	talk_refuse(talk, 400, "pageToken is no text");
	return false;
}

/* --- what fits a query -----------------------------------------------------
 */

static const json_t *
query_of(const struct talk *talk)
{
	return json_object_get(talk->ask, "query");
}

static bool
check_query(struct talk *talk, bool needs_text)
{
	const json_t *query = query_of(talk);
	const json_t *text = json_object_get(query, "text");
	const char *why = path_filter_check(json_object_get(query, "filter"));
	const char *name;
	json_t *value;

	if (query != NULL && !json_is_object(query))
		why = "query is no object";
	json_object_foreach((json_t *)query, name,
	    value) if (strcmp(name, "text") != 0 && strcmp(name, "filter") != 0)
	    why = "query has text and filter only";
	if (text != NULL && !json_is_string(text))
		why = "query.text is no text";
	if (needs_text && *member_text(query, "text") == '\0')
		why = "query.text is missing";
	if (why != NULL)
		talk_refuse(talk, 400, "%s", why);
	return why == NULL;
}

static bool
contains(struct aicx_str text, struct aicx_str word)
{
	for (size_t i = 0; i + word.len <= text.len; i++)
		if (text_alike(
			(struct aicx_str) { text.ptr + i, word.len }, word))
			return true;
	return false;
}

/* How many of the words the entry has anywhere. */
static int
count_words(const json_t *entry, const char *words)
{
	char *text = json_dumps(entry, JSON_COMPACT);
	int n = 0;

	while (text != NULL && *words != '\0') {
		size_t len = strcspn(words, "\n");
		n += contains(text_of(text), (struct aicx_str) { words, len });
		words += len + (words[len] == '\n');
	}
	free(text);
	return n;
}

static int
score_of(const struct talk *talk, const json_t *entry)
{
	const json_t *hit;

	if (talk->n_words == 0)
		return talk->hits == NULL ? 100 : 0;
	if (strcmp(member_text(entry, "type"), TYPE_AGENT) != 0)
		return count_words(entry, member_text(talk->hits, "")) *
		    TOOLS_SCORE / talk->n_words;
	hit = json_object_get(talk->hits, member_text(entry, "identifier"));
	return (int)(json_integer_value(hit) * 100 /
	    ((json_int_t)talk->n_words * RELEVANCE_FULL));
}

/* Best first; among equals who has the better name. */
static void
rows_find(const struct talk *talk, struct rows *rows)
{
	const json_t *filter = json_object_get(query_of(talk), "filter");

	for (size_t i = 0; i < json_array_size(talk->stock); i++) {
		const json_t *entry = json_array_get(talk->stock, i);
		int score = score_of(talk, entry);
		double stars = json_number_value(
		    json_object_get(json_object_get(entry, "metadata"),
			"aiconexus.reputation"));
		char order[16];

		if (score < SCORE_MIN || !path_filter_fits(filter, entry))
			continue;
		if (score > 100)
			score = 100;
		(void)snprintf(order, sizeof order, "%03d%04d", 100 - score,
		    9999 - (int)(stars * 5000));
		rows_add(rows, entry, score, order);
	}
}

/* --- asking for each word --------------------------------------------------
 */

static bool
is_word_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z') || (c & 0x80) != 0;
}

/* Words of one letter and those that say nothing are left out. */
static bool
is_telling(struct aicx_str word)
{
	static const char *const empty[] = { "a", "an", "and", "any", "are",
		"at", "by", "can", "do", "does", "find", "for", "from", "how",
		"in", "is", "it", "me", "my", "of", "on", "or", "some", "that",
		"the", "this", "to", "what", "which", "who", "with", "you",
		NULL };

	for (const char *const *at = empty; *at != NULL; at++)
		if (text_alike(word, text_of(*at)))
			return false;
	return word.len > 1 && word.len <= WORD_BYTES_MAX;
}

/* Each on a line of talk->words. */
static void
split_words(struct talk *talk, const char *text)
{
	while (*text != '\0' && talk->n_words < WORDS_MAX) {
		struct aicx_str word = { text, 0 };
		while (is_word_char(word.ptr[word.len]))
			word.len++;
		text += word.len > 0 ? word.len : 1;
		if (!is_telling(word))
			continue;
		if (talk->n_words++ > 0)
			bytes_char(&talk->words, '\n');
		bytes_str(&talk->words, word);
	}
	bytes_char(&talk->words, '\0');
}

static void ask_word(struct talk *talk);

static void
on_hits(struct talk *talk, json_t *body)
{
	const json_t *agents = json_object_get(body, "agents");

	for (size_t i = 0; i < json_array_size(agents); i++) {
		const json_t *agent = json_array_get(agents, i);
		json_t *entry =
		    entry_of_agent(talk->ard, talk->origin.ptr, agent);
		const char *id = member_text(entry, "identifier");
		json_int_t sum =
		    json_integer_value(json_object_get(talk->hits, id)) +
		    json_integer_value(json_object_get(agent, "relevance"));

		if (entry != NULL)
			(void)json_object_set_new(
			    talk->hits, id, json_integer(sum));
		json_decref(entry);
	}
	ask_word(talk);
}

/* The next one, or on with the entries. */
static void
ask_word(struct talk *talk)
{
	const char *at = member_text(talk->hits, " ");
	size_t len = strcspn(at, "\n");
	json_t *word = json_stringn(at, len);

	if (len == 0) {
		json_decref(word);
		stock_need(talk, talk->stocked);
		return;
	}
	(void)json_object_set_new(
	    talk->hits, " ", json_string(at[len] == '\n' ? at + len + 1 : ""));
	talk_call(talk, "discovery.search",
	    json_pack("{s:i,s:o}", "limit", ARD_FETCH, "q", word), on_hits);
}

/* The words stand beside the hits: "" all of them, " " those to be asked. */
static void
ask_words(struct talk *talk, talk_fn *then)
{
	const json_t *text = json_object_get(query_of(talk), "text");

	talk->stocked = then;
	if (text == NULL) {
		stock_need(talk, then);
		return;
	}
	split_words(talk, json_string_value(text));
	talk->hits =
	    json_pack("{s:s,s:s}", "", talk->words.ptr, " ", talk->words.ptr);
	if (talk->hits == NULL)
		talk_refuse(talk, 400, "query.text is no text");
	else
		ask_word(talk);
}

/* --- search -------------------------------------------------------------- */

static json_t *
result_of(const struct talk *talk, const struct row *row)
{
	json_t *result = json_copy((json_t *)row->entry);

	(void)json_object_set_new(result, "score", json_integer(row->score));
	(void)json_object_set_new(
	    result, "source", json_sprintf("%s" ARD_BASE, talk->origin.ptr));
	return result;
}

static void
answer_search(struct talk *talk)
{
	struct rows rows = { 0 };
	size_t size, from, to;
	const char *token;

	if (!take_size(
		talk, json_object_get(talk->ask, "pageSize"), 10, &size) ||
	    !take_token(talk, &token))
		return;
	rows_find(talk, &rows);
	if (rows.failed || !rows_page(&rows, token, size, &from, &to)) {
		talk_refuse(talk, 400, "pageToken is none of ours");
	} else {
		json_t *results = json_array();
		json_t *answer = json_pack("{s:o}", "results", results);
		json_t *next = rows_token(&rows, to);

		for (size_t i = from; i < to; i++)
			(void)json_array_append_new(
			    results, result_of(talk, &rows.all[i]));
		if (strcmp(member_text(talk->ask, "federation"), "referrals") ==
		    0)
			(void)json_object_set_new(
			    answer, "referrals", json_array());
		if (next != NULL)
			(void)json_object_set_new(answer, "pageToken", next);
		talk_answer(talk, answer, false);
	}
	rows_fini(&rows);
}

void
registry_search(struct talk *talk)
{
	const json_t *federation = json_object_get(talk->ask, "federation");
	const char *said = json_string_value(federation);

	if (!check_query(talk, true))
		return;
	if (federation != NULL &&
	    (said == NULL ||
		(strcmp(said, "auto") != 0 && strcmp(said, "none") != 0 &&
		    strcmp(said, "referrals") != 0)))
		talk_refuse(talk, 400, "federation is auto, referrals or none");
	else
		ask_words(talk, answer_search);
}

/* --- explore ------------------------------------------------------------- */

struct bucket {
	const char *value;
	json_int_t count;
};

static int
compare_buckets(const void *a, const void *b)
{
	const struct bucket *one = a;
	const struct bucket *two = b;

	if (one->count != two->count)
		return one->count < two->count ? 1 : -1;
	return strcmp(one->value, two->value);
}

static json_t *
count_values(const struct rows *rows, const char *field)
{
	json_t *counts = json_object();

	for (size_t i = 0; i < rows->n; i++) {
		json_t *texts = json_array();
		path_texts(rows->all[i].entry, field, texts);
		for (size_t k = 0; k < json_array_size(texts); k++) {
			const char *text =
			    json_string_value(json_array_get(texts, k));
			(void)json_object_set_new(counts, text,
			    json_integer(json_integer_value(
					     json_object_get(counts, text)) +
				1));
		}
		json_decref(texts);
	}
	return counts;
}

static json_int_t
number_or(const json_t *object, const char *name, json_int_t fallback)
{
	const json_t *value = json_object_get(object, name);

	return json_is_integer(value) ? json_integer_value(value) : fallback;
}

static json_t *
facet_of(const struct rows *rows, const json_t *facet)
{
	json_t *counts = count_values(rows, member_text(facet, "field"));
	size_t n = json_object_size(counts), i = 0;
	struct bucket *all = calloc(n + 1, sizeof *all);
	json_t *buckets = json_array();
	json_int_t limit = number_or(facet, "limit", FACET_LIMIT);
	json_int_t least = number_or(facet, "minCount", 1);
	json_int_t others = 0;
	const char *value;
	json_t *count;

	json_object_foreach(counts, value, count) if (all != NULL) all[i++] =
	    (struct bucket) { value, json_integer_value(count) };
	if (i > 1)
		qsort(all, i, sizeof *all, compare_buckets);
	for (size_t k = 0; k < i; k++)
		if (all[k].count >= least &&
		    (json_int_t)json_array_size(buckets) < limit)
			(void)json_array_append_new(buckets,
			    json_pack("{s:s,s:I}", "value", all[k].value,
				"count", all[k].count));
		else
			others += all[k].count;
	free(all);
	json_decref(counts);
	return json_pack("{s:o,s:I}", "buckets", buckets, "otherCount", others);
}

static void
answer_explore(struct talk *talk)
{
	const json_t *list =
	    json_object_get(json_object_get(talk->ask, "resultType"), "facets");
	json_t *facets = json_object();
	struct rows rows = { 0 };

	rows_find(talk, &rows);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *facet = json_array_get(list, i);
		(void)json_object_set_new(facets, member_text(facet, "field"),
		    facet_of(&rows, facet));
	}
	rows_fini(&rows);
	talk_answer(talk,
	    json_pack("{s:s,s:o}", "resultType", "facets", "facets", facets),
	    false);
}

void
registry_explore(struct talk *talk)
{
	const json_t *list =
	    json_object_get(json_object_get(talk->ask, "resultType"), "facets");

	if (!check_query(talk, false))
		return;
	if (json_array_size(list) == 0 || json_array_size(list) > FACETS_MAX) {
		talk_refuse(talk, 400, "resultType.facets has 1 to %d facets",
		    FACETS_MAX);
		return;
	}
	for (size_t i = 0; i < json_array_size(list); i++)
		if (!path_is_known(
			member_text(json_array_get(list, i), "field"))) {
			talk_refuse(talk, 400,
			    "a facet's field is none that entries have");
			return;
		}
	ask_words(talk, answer_explore);
}

/* --- the listing -----------------------------------------------------------
 */

/* "displayName", "updatedAt DESC"; false: it is neither. */
static bool
take_order(struct talk *talk, const char **ret_field, bool *ret_down)
{
	struct aicx_str rest = text_of(member_text(talk->ask, "orderBy"));
	struct aicx_str field = text_cut(text_trim(rest), ' ', &rest);
	struct aicx_str way = text_trim(rest);

	*ret_down = text_alike(way, TEXT("DESC"));
	*ret_field =
	    text_same(field, TEXT("updatedAt")) ? "updatedAt" : "displayName";
	if ((field.len == 0 || text_same(field, text_of(*ret_field))) &&
	    (way.len == 0 || *ret_down || text_alike(way, TEXT("ASC"))))
		return true;
	talk_refuse(talk, 400, "orderBy is displayName or updatedAt, and DESC");
	return false;
}

static void
answer_agents(struct talk *talk)
{
	struct rows rows = { 0 };
	struct grammar grammar;
	size_t size, from, to;
	const char *token, *field;
	json_t *items, *answer, *next;
	const char *hint =
	    grammar_parse(text_of(member_text(talk->ask, "filter")), &grammar);

	if (hint != NULL) {
		talk_refuse(talk, 400, "filter: %s", hint);
		return;
	}
	if (!take_size(
		talk, json_object_get(talk->ask, "pageSize"), 20, &size) ||
	    !take_token(talk, &token) || !take_order(talk, &field, &rows.down))
		return;
	for (size_t i = 0; i < json_array_size(talk->stock); i++) {
		const json_t *entry = json_array_get(talk->stock, i);
		if (grammar_fits(&grammar, entry))
			rows_add(&rows, entry, 0, member_text(entry, field));
	}
	if (rows.failed || !rows_page(&rows, token, size, &from, &to)) {
		talk_refuse(talk, 400, "pageToken is none of ours");
		rows_fini(&rows);
		return;
	}
	items = json_array();
	for (size_t i = from; i < to; i++)
		(void)json_array_append(items, (json_t *)rows.all[i].entry);
	answer =
	    json_pack("{s:o,s:I}", "items", items, "total", (json_int_t)rows.n);
	next = rows_token(&rows, to);
	if (next != NULL)
		(void)json_object_set_new(answer, "pageToken", next);
	rows_fini(&rows);
	talk_answer(talk, answer, true);
}

void
registry_agents(struct talk *talk)
{
	stock_need(talk, answer_agents);
}

static void
answer_agent(struct talk *talk)
{
	for (size_t i = 0; i < json_array_size(talk->stock); i++) {
		json_t *entry = json_array_get(talk->stock, i);
		if (!text_same(bytes_view(&talk->name),
			text_of(member_text(entry, "identifier"))))
			continue;
		talk_answer(talk, json_incref(entry), true);
		return;
	}
	talk_refuse(talk, 404, "there is no such entry");
}

void
registry_agent(struct talk *talk)
{
	if (entry_is_identifier(bytes_view(&talk->name)))
		stock_need(talk, answer_agent);
	else
		talk_refuse(talk, 400, "an identifier begins with urn:air:");
}
