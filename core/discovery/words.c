/* SPDX-License-Identifier: Apache-2.0 */
/* words.c - splitting texts; stemming by libstemmer. */
#include "discovery/words.h"

#include <libstemmer.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"

/* In every description, so of no use to tell them apart. */
static const struct aicx_str empty_words[] = { STR("a"), STR("an"), STR("and"),
	STR("are"), STR("as"), STR("at"), STR("be"), STR("by"), STR("for"),
	STR("from"), STR("in"), STR("is"), STR("it"), STR("of"), STR("on"),
	STR("or"), STR("that"), STR("the"), STR("this"), STR("to"),
	STR("with") };

static bool
is_letter(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c >= 0x80;
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool
says_nothing(struct aicx_str word)
{
	if (word.len > 4)
		return false;
	for (size_t i = 0; i < sizeof empty_words / sizeof *empty_words; i++)
		if (str_eq(word, empty_words[i]))
			return true;
	return false;
}

struct words
words_of(struct aicx_str text)
{
	return (struct words) { .rest = text };
}

static struct aicx_str
take_word(struct words *words)
{
	const char *at = words->rest.ptr, *end = at + words->rest.len;
	size_t n = 0;

	while (at < end && !is_letter((unsigned char)*at))
		at++;
	for (; at < end && is_letter((unsigned char)*at); at++)
		if (n < WORD_BYTES_MAX)
			words->text[n++] = lower(*at);
	words->rest = (struct aicx_str) { at, (size_t)(end - at) };
	return (struct aicx_str) { words->text, n };
}

bool
words_next(struct words *words, struct aicx_str *ret_word)
{
	while (words->rest.len > 0) {
		struct aicx_str word = take_word(words);
		if (word.len == 0)
			return false;
		if (!says_nothing(word)) {
			*ret_word = word;
			return true;
		}
	}
	return false;
}

/* struct stemmer is libstemmer's own, under the name of this folder. */
struct stemmer *
stemmer_new(void)
{
	struct sb_stemmer *stemmer = sb_stemmer_new("english", "UTF_8");

	ENSURE(stemmer != NULL);
	return (struct stemmer *)stemmer;
}

void
stemmer_free(struct stemmer *stemmer)
{
	sb_stemmer_delete((struct sb_stemmer *)stemmer);
}

struct aicx_str
stemmer_stem(struct stemmer *stemmer, struct aicx_str word)
{
	struct sb_stemmer *english = (struct sb_stemmer *)stemmer;

	for (size_t i = 0; i < word.len; i++)
		if ((unsigned char)word.ptr[i] >= 0x80)
			return word;
	const sb_symbol *stem = sb_stemmer_stem(
	    english, (const sb_symbol *)word.ptr, (int)word.len);
	ENSURE(stem != NULL);
	return (struct aicx_str) { (const char *)stem,
		(size_t)sb_stemmer_length(english) };
}
