/* SPDX-License-Identifier: Apache-2.0 */
/* grammar.c - the filter of GET /agents. */
#include "grammar.h"

#include "entry.h"
#include "text.h"

#include <string.h>

enum { SECONDS_TEXT = 19 }; /* "2026-01-01T00:00:00" */

static void
skip(struct aicx_str *at)
{
	while (at->len > 0 && (*at->ptr == ' ' || *at->ptr == '\t'))
		at->ptr++, at->len--;
}

static struct aicx_str
take_word(struct aicx_str *at)
{
	struct aicx_str word = { at->ptr, 0 };

	while (at->len > 0 &&
	    ((*at->ptr >= 'a' && *at->ptr <= 'z') ||
		(*at->ptr >= 'A' && *at->ptr <= 'Z')))
		at->ptr++, at->len--, word.len++;
	return word;
}

/* "2026-01-01" or "2026-01-01T10:00:00[.123]Z". */
static bool
is_time(struct aicx_str text)
{
	static const char form[] = "dddd-dd-ddTdd:dd:dd";

	for (size_t i = 0; i < text.len && i < SECONDS_TEXT; i++)
		if (form[i] == 'd' ? text.ptr[i] < '0' || text.ptr[i] > '9'
				   : text.ptr[i] != form[i])
			return false;
	return text.len == 10 ||
	    (text.len > SECONDS_TEXT && text.ptr[text.len - 1] == 'Z');
}

static const char *
term_check(const struct term *term)
{
	bool time = text_same(term->field, TEXT("createdAfter")) ||
	    text_same(term->field, TEXT("updatedAfter"));

	if (!time && !text_same(term->field, TEXT("displayName")) &&
	    !text_same(term->field, TEXT("type")) &&
	    !text_same(term->field, TEXT("publisherId")))
		return "fields are displayName, type, publisherId, "
		       "createdAfter and updatedAfter";
	if (time && !is_time(term->value))
		return "a time is written '2026-01-01' or "
		       "'2026-01-01T10:00:00Z'";
	if (!time && term->op != '=')
		return "only times can be compared by < and >";
	return NULL;
}

static const char *
term_take(struct aicx_str *at, struct term *term)
{
	const char *end;

	skip(at);
	term->field = take_word(at);
	skip(at);
	if (at->len == 0 || strchr("=<>", *at->ptr) == NULL || *at->ptr == '\0')
		return "after a field comes =, < or >";
	term->op = *at->ptr;
	at->ptr++, at->len--;
	skip(at);
	end = at->len > 1 && *at->ptr == '\''
	    ? memchr(at->ptr + 1, '\'', at->len - 1)
	    : NULL;
	if (end == NULL)
		return "a value stands in single quotes";
	term->value =
	    (struct aicx_str) { at->ptr + 1, (size_t)(end - at->ptr) - 1 };
	at->len -= (size_t)(end - at->ptr) + 1;
	at->ptr = end + 1;
	skip(at);
	return term_check(term);
}

const char *
grammar_parse(struct aicx_str text, struct grammar *ret)
{
	*ret = (struct grammar) { .n = 0 };
	skip(&text);
	while (text.len > 0) {
		const char *hint;
		if (ret->n == GRAMMAR_TERMS_MAX)
			return "too many terms";
		hint = term_take(&text, &ret->terms[ret->n]);
		if (hint != NULL)
			return hint;
		ret->n++;
		if (text.len == 0)
			return NULL;
		if (!text_alike(take_word(&text), TEXT("AND")))
			return "terms are joined by AND";
		skip(&text);
		if (text.len == 0)
			return "after AND comes a term";
	}
	return NULL;
}

static bool
later(const char *time, const struct term *term)
{
	size_t n =
	    term->value.len < SECONDS_TEXT ? term->value.len : SECONDS_TEXT;
	int order = *time == '\0' ? -1 : strncmp(time, term->value.ptr, n);

	return term->op == '<' ? order < 0
			       : order > 0 || (term->op == '=' && order == 0) ||
		(order == 0 && n < SECONDS_TEXT);
}

static bool
term_fits(const struct term *term, const json_t *entry)
{
	struct aicx_str list = term->value;
	bool alike = text_same(term->field, TEXT("displayName"));
	struct aicx_str have = alike
	    ? text_of(member_text(entry, "displayName"))
	    : text_of(member_text(entry, "type"));

	if (text_same(term->field, TEXT("createdAfter")) ||
	    text_same(term->field, TEXT("updatedAfter")))
		return later(member_text(entry, "updatedAt"), term);
	if (text_same(term->field, TEXT("publisherId")))
		have = entry_publisher(entry);
	while (list.len > 0) {
		struct aicx_str one = text_trim(text_cut(list, ',', &list));
		if (alike ? text_alike(have, one) : text_same(have, one))
			return true;
	}
	return false;
}

bool
grammar_fits(const struct grammar *grammar, const json_t *entry)
{
	for (size_t i = 0; i < grammar->n; i++)
		if (!term_fits(&grammar->terms[i], entry))
			return false;
	return true;
}
