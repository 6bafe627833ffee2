/* SPDX-License-Identifier: Apache-2.0 */
/* index_test.c - words, prefixes, order, removal; and a walk beside a plain
   list of documents. */
#include "discovery/index.h"

#include <check.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

/* Documents are texts here: what the caller hands in comes back. */
static void
put(struct index *index, const char *doc, int weight)
{
	struct index_text text = { str_of(doc), weight };

	index_put(index, (void *)(uintptr_t)doc, &text, 1);
}

static void
drop(struct index *index, const char *doc)
{
	index_remove(index, (void *)(uintptr_t)doc);
}

struct answer {
	struct index_hit hits[64];
	size_t n;
};

static struct answer
ask(const struct index *index, const char *query)
{
	struct answer answer = { .n = 0 };

	answer.n =
	    index_search(index, str_of(query), NULL, NULL, answer.hits, 64);
	return answer;
}

static bool
finds(const struct index *index, const char *query, const char *doc)
{
	struct answer answer = ask(index, query);

	for (size_t i = 0; i < answer.n; i++)
		if (answer.hits[i].doc == (const void *)doc)
			return true;
	return false;
}

START_TEST(an_empty_index_finds_nothing)
{
	struct index *index = index_new();

	ck_assert_uint_eq(ask(index, "").n, 0);
	ck_assert_uint_eq(ask(index, "spell").n, 0);
	drop(index, "never there");
	index_free(index);
	index_free(NULL);
}
END_TEST

START_TEST(names_are_split_at_dots_and_lower_case_is_the_same)
{
	struct index *index = index_new();
	const char *doc = "text.spellcheck Acme_2";

	put(index, doc, 4);
	ck_assert(finds(index, "text.spellcheck", doc));
	ck_assert(finds(index, "spellcheck", doc));
	ck_assert(finds(index, "SPELLCHECK, text!", doc));
	ck_assert(finds(index, "acme 2", doc));
	ck_assert(!finds(index, "check", doc));
	ck_assert(!finds(index, "acme2", doc));
	index_free(index);
}
END_TEST

START_TEST(forms_of_a_word_are_one_word)
{
	struct index *index = index_new();
	const char *doc = "translates running services";

	put(index, doc, 1);
	ck_assert(finds(index, "translating", doc));
	ck_assert(finds(index, "run", doc));
	ck_assert(finds(index, "service", doc));
	ck_assert(!finds(index, "transport", doc));
	index_free(index);
}
END_TEST

START_TEST(three_letters_are_a_prefix_and_two_are_not)
{
	struct index *index = index_new();
	const char *doc = "spellcheck", *umlaut = "\xc3\xbc\xc3\xb6xy";

	put(index, doc, 1);
	put(index, umlaut, 1);
	ck_assert(finds(index, "spe", doc));
	ck_assert(finds(index, "spellchec", doc));
	ck_assert(!finds(index, "sp", doc));
	ck_assert(!finds(index, "spellchecks and more", doc));
	ck_assert(!finds(index, "pell", doc));
	/* Letters, not bytes. */
	ck_assert(!finds(index, "\xc3\xbc\xc3\xb6", umlaut));
	ck_assert(finds(index, "\xc3\xbc\xc3\xb6x", umlaut));
	index_free(index);
}
END_TEST

START_TEST(letters_of_other_scripts_are_letters)
{
	struct index *index = index_new();
	const char *doc =
	    "\xd0\xbf\xd0\xb5\xd1\x80\xd0\xb5\xd0\xb2\xd0\xbe\xd0\xb4"
	    " \xe7\xbf\xbb\xe8\xaf\x91";

	put(index, doc, 1);
	ck_assert(finds(index, "\xe7\xbf\xbb\xe8\xaf\x91", doc));
	ck_assert(finds(index, "\xd0\xbf\xd0\xb5\xd1\x80", doc));
	ck_assert(!finds(index, "\xe7\xbf\xbb", doc));
	index_free(index);
}
END_TEST

START_TEST(every_word_of_the_query_must_be_there)
{
	struct index *index = index_new();
	const char *both = "spell checker", *one = "spell caster";

	put(index, both, 1);
	put(index, one, 1);
	ck_assert_uint_eq(ask(index, "spell").n, 2);
	ck_assert(finds(index, "checker spell", both));
	ck_assert(!finds(index, "checker spell", one));
	ck_assert_uint_eq(ask(index, "spell nowhere").n, 0);
	index_free(index);
}
END_TEST

START_TEST(words_that_say_nothing_are_passed_over)
{
	struct index *index = index_new();
	const char *doc = "checks spelling";

	put(index, doc, 1);
	ck_assert(finds(index, "check the spelling of a", doc));
	ck_assert_uint_eq(ask(index, "the").n, 1);
	index_free(index);
}
END_TEST

START_TEST(without_a_word_all_documents_come_in_order)
{
	struct index *index = index_new();
	const char *docs[] = { "one", "two", "three" };

	for (size_t i = 0; i < 3; i++)
		put(index, docs[i], 1);
	struct answer answer = ask(index, " .,- ");
	ck_assert_uint_eq(answer.n, 3);
	for (size_t i = 0; i < 3; i++) {
		ck_assert_ptr_eq(answer.hits[i].doc, docs[i]);
		ck_assert_int_eq(answer.hits[i].relevance, 1000);
	}
	ck_assert_uint_eq(ask(index, NULL).n, 3);
	index_free(index);
}
END_TEST

START_TEST(a_word_in_a_weightier_place_comes_first)
{
	struct index *index = index_new();
	const char *light = "spelling for all", *heavy = "spelling shop";

	put(index, light, 1);
	put(index, heavy, 4);
	struct answer answer = ask(index, "spelling");
	ck_assert_uint_eq(answer.n, 2);
	ck_assert_ptr_eq(answer.hits[0].doc, heavy);
	ck_assert_int_eq(answer.hits[0].relevance, 1000);
	ck_assert_int_eq(answer.hits[1].relevance, 250);
	/* A word that only starts so counts half. */
	answer = ask(index, "spel");
	ck_assert_int_eq(answer.hits[0].relevance, 500);
	ck_assert_int_eq(answer.hits[1].relevance, 125);
	index_free(index);
}
END_TEST

START_TEST(repeating_a_word_gains_nothing)
{
	struct index *index = index_new();
	const char *once = "spell shop", *often = "spell spell spell spell";

	put(index, once, 2);
	put(index, often, 2);
	struct answer answer = ask(index, "spell");
	ck_assert_ptr_eq(answer.hits[0].doc, once);
	ck_assert_int_eq(answer.hits[0].relevance, answer.hits[1].relevance);
	index_free(index);
}
END_TEST

START_TEST(the_heaviest_of_several_texts_counts_in_any_order)
{
	struct index *index = index_new();
	struct index_text texts[] = { { STR("spell"), 1 }, { STR("spell"), 4 },
		{ STR("spell"), 2 } };
	int doc;

	index_put(index, &doc, texts, 3);
	struct answer answer = ask(index, "spell");
	ck_assert_uint_eq(answer.n, 1);
	ck_assert_int_eq(answer.hits[0].relevance, 1000);
	index_free(index);
}
END_TEST

START_TEST(the_rare_word_counts_more_than_the_common_one)
{
	struct index *index = index_new();
	int docs[40];

	for (size_t i = 0; i < 38; i++) {
		struct index_text text = { STR("text"), 1 };
		index_put(index, &docs[i], &text, 1);
	}
	struct index_text common[] = { { STR("text"), 4 }, { STR("ocr"), 1 } };
	struct index_text rare[] = { { STR("text"), 1 }, { STR("ocr"), 4 } };
	index_put(index, &docs[38], common, 2);
	index_put(index, &docs[39], rare, 2);
	struct answer answer = ask(index, "text ocr");
	ck_assert_uint_eq(answer.n, 2);
	ck_assert_ptr_eq(answer.hits[0].doc, &docs[39]);
	index_free(index);
}
END_TEST

START_TEST(equal_documents_come_in_order_of_insertion)
{
	struct index *index = index_new();
	const char *docs[] = { "word a1", "word a2", "word a3", "word a4" };

	for (size_t i = 0; i < 4; i++)
		put(index, docs[i], 1);
	struct index_hit hits[2];
	ck_assert_uint_eq(
	    index_search(index, STR("word"), NULL, NULL, hits, 2), 2);
	ck_assert_ptr_eq(hits[0].doc, docs[0]);
	ck_assert_ptr_eq(hits[1].doc, docs[1]);
	ck_assert_uint_eq(
	    index_search(index, STR("word"), NULL, NULL, hits, 0), 0);
	/* One that is put again is the youngest. */
	put(index, docs[0], 1);
	ck_assert_uint_eq(
	    index_search(index, STR("word"), NULL, NULL, hits, 2), 2);
	ck_assert_ptr_eq(hits[0].doc, docs[1]);
	index_free(index);
}
END_TEST

static int
accept_only(void *doc, void *arg)
{
	return doc == arg;
}

START_TEST(what_is_not_accepted_is_no_hit)
{
	struct index *index = index_new();
	const char *docs[] = { "word one", "word two", "word three" };
	struct index_hit hits[1];

	for (size_t i = 0; i < 3; i++)
		put(index, docs[i], 3 - (int)i);
	void *third = (void *)(uintptr_t)docs[2];
	ck_assert_uint_eq(
	    index_search(index, STR("word"), accept_only, third, hits, 1), 1);
	ck_assert_ptr_eq(hits[0].doc, third);
	ck_assert_uint_eq(
	    index_search(index, STR(""), accept_only, third, hits, 1), 1);
	ck_assert_ptr_eq(hits[0].doc, third);
	ck_assert_uint_eq(
	    index_search(index, STR("word"), accept_only, index, hits, 1), 0);
	index_free(index);
}
END_TEST

START_TEST(a_replaced_document_is_found_by_its_new_words_only)
{
	struct index *index = index_new();
	struct index_text before = { STR("spell"), 1 };
	struct index_text after = { STR("paint"), 1 };
	int doc;

	index_put(index, &doc, &before, 1);
	index_put(index, &doc, &after, 1);
	ck_assert_uint_eq(ask(index, "spell").n, 0);
	ck_assert_uint_eq(ask(index, "paint").n, 1);
	ck_assert_uint_eq(ask(index, "").n, 1);
	index_free(index);
}
END_TEST

START_TEST(a_removed_document_is_gone_and_may_come_back)
{
	struct index *index = index_new();
	const char *doc = "spell", *other = "spell too";

	put(index, doc, 1);
	put(index, other, 1);
	drop(index, doc);
	drop(index, doc);
	ck_assert(!finds(index, "spell", doc));
	ck_assert(!finds(index, "", doc));
	ck_assert(finds(index, "spell", other));
	put(index, doc, 1);
	ck_assert(finds(index, "spell", doc));
	index_free(index);
}
END_TEST

START_TEST(very_long_words_and_texts_are_bounded)
{
	struct index *index = index_new();
	static char text[40000];
	char word[200];
	size_t n = 0;

	memset(word, 'x', sizeof word);
	struct index_text texts[] = { { { word, 200 }, 1 }, { STR("tail"), 1 },
		{ { text, 0 }, 2 }, { STR("name"), 4 } };
	for (int i = 0; i < INDEX_WORDS_MAX + 10; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "w%d ", i);
	texts[2].text.len = n;
	index_put(index, &n, texts, 4);
	/* The name goes in first, then what is left room for. */
	ck_assert_uint_eq(ask(index, "name").n, 1);
	ck_assert_uint_eq(ask(index, "w0").n, 1);
	ck_assert_uint_eq(ask(index, "w1033").n, 0);
	ck_assert_uint_eq(ask(index, "tail").n, 0);
	index_put(index, &n, texts, 2);
	ck_assert_uint_eq(index_search(index, (struct aicx_str) { word, 64 },
			      NULL, NULL, &(struct index_hit) { 0 }, 1),
	    1);
	ck_assert_uint_eq(index_search(index, (struct aicx_str) { word, 190 },
			      NULL, NULL, &(struct index_hit) { 0 }, 1),
	    1);
	index_free(index);
}
END_TEST

START_TEST(a_prefix_of_thousands_of_words_finds_the_first_of_them)
{
	struct index *index = index_new();
	enum { MANY = 3000 };
	static char names[MANY][24];
	static struct index_hit hits[MANY];

	for (int i = 0; i < MANY; i++) {
		snprintf(names[i], sizeof names[i], "agent%05d", i);
		put(index, names[i], 1);
	}
	ck_assert_uint_eq(
	    index_search(index, STR("agent"), NULL, NULL, hits, MANY),
	    INDEX_PREFIX_MAX);
	ck_assert_ptr_eq(hits[0].doc, names[0]);
	ck_assert_uint_eq(
	    index_search(index, STR("agent0299"), NULL, NULL, hits, MANY), 10);
	ck_assert_ptr_eq(hits[9].doc, names[2999]);
	ck_assert_uint_eq(
	    index_search(index, STR("agent01234"), NULL, NULL, hits, MANY), 1);
	index_free(index);
}
END_TEST

/* Documents by divisors: number i has the word of every n that divides it, in a
   place of weight 1..4. */
enum { MANY_DOCS = 30000 };

static struct index *
divisors(char *docs)
{
	static const struct {
		unsigned n;
		const char *word;
	} rows[] = { { 1, "every" }, { 2, "even" }, { 3, "third" },
		{ 5, "fifth" }, { 7, "seventh" }, { 1000, "thousand" },
		{ 1001, "thousandone" }, { 9999, "rare" } };
	struct index *index = index_new();

	for (unsigned i = 1; i <= MANY_DOCS; i++) {
		struct index_text texts[8];
		size_t n = 0;
		for (size_t k = 0; k < 8; k++)
			if (i % rows[k].n == 0)
				texts[n++] =
				    (struct index_text) { str_of(rows[k].word),
					    1 + (int)(i / rows[k].n % 4) };
		index_put(index, &docs[i], texts, n);
	}
	return index;
}

START_TEST(many_documents_are_found_in_all_blocks_and_the_best_first)
{
	static const struct {
		const char *query;
		size_t n;
	} rows[] = { { "every", 30000 }, { "even third", 5000 },
		{ "fifth seventh third even", 142 }, { "thousand", 30 + 29 },
		{ "thous even", 30 + 14 }, { "eve seventh", 4285 },
		{ "rare", 3 }, { "every rare", 3 }, { "rare third eve", 3 },
		{ "rare fifth", 0 }, { "thousandone thousand", 29 } };
	static char docs[MANY_DOCS + 1];
	static struct index_hit all[MANY_DOCS];
	struct index_hit best[10];
	struct index *index = divisors(docs);

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct aicx_str query = str_of(rows[i].query);
		size_t n =
		    index_search(index, query, NULL, NULL, all, MANY_DOCS);
		ck_assert_msg(n == rows[i].n, "\"%s\": %zu", rows[i].query, n);
		bool sorted = true;
		for (size_t k = 1; k < n; k++)
			sorted =
			    sorted && all[k - 1].relevance >= all[k].relevance;
		ck_assert(sorted);
		/* What cannot be among the best is left out early. */
		size_t few = index_search(index, query, NULL, NULL, best, 10);
		ck_assert_uint_eq(few, n < 10 ? n : 10);
		ck_assert_mem_eq(best, all, few * sizeof *all);
	}
	index_free(index);
}
END_TEST

/* The model: documents in order of insertion, words as bits.  Words begin
   differently and are their own stems, so that a prefix is one word. */
enum { WALK_WORDS = 12, WALK_DOCS = 600, WALK_STEPS = 20000 };

static const char *const walk_words[WALK_WORDS] = { "alpha1", "bravo2",
	"cargo3", "delta4", "echo55", "frost6", "golf77", "hotel8", "india9",
	"jolly0", "kilo11", "lemon2" };

struct model_doc {
	unsigned words; /* bits */
	unsigned born; /* 0: not there */
};

struct walk {
	struct index *index;
	struct model_doc docs[WALK_DOCS];
	uint32_t seed;
	unsigned births;
};

static uint32_t
walk_draw(struct walk *walk, uint32_t below)
{
	walk->seed = walk->seed * 1664525 + 1013904223;
	return (walk->seed >> 8) % below;
}

/* Early words are common, late ones rare. */
static unsigned
walk_words_draw(struct walk *walk)
{
	unsigned words = 0;

	for (uint32_t i = 0; i < WALK_WORDS; i++)
		if (walk_draw(walk, i + 1) == 0)
			words |= 1u << i;
	return words;
}

static size_t
walk_text(unsigned words, bool cut, char *text)
{
	size_t n = 0;

	for (unsigned i = 0; i < WALK_WORDS; i++)
		if (words & 1u << i)
			n += (size_t)sprintf(
			    text + n, "%.*s ", cut ? 4 : 6, walk_words[i]);
	return n;
}

static void
walk_put(struct walk *walk, struct model_doc *doc)
{
	char bytes[256];
	unsigned words = walk_words_draw(walk);
	struct index_text text = { { bytes, walk_text(words, false, bytes) },
		2 };

	index_put(walk->index, doc, &text, 1);
	*doc = (struct model_doc) { words, ++walk->births };
}

static void
walk_check(struct walk *walk)
{
	static struct index_hit hits[WALK_DOCS];
	unsigned asked = walk_words_draw(walk) & walk_words_draw(walk);
	unsigned last = 0;
	char query[256];
	size_t expected = 0;

	query[walk_text(asked, walk_draw(walk, 2) == 0, query)] = '\0';
	size_t n = index_search(
	    walk->index, str_of(query), NULL, NULL, hits, WALK_DOCS);
	for (size_t i = 0; i < WALK_DOCS; i++)
		expected += walk->docs[i].born > 0 &&
		    (walk->docs[i].words & asked) == asked;
	ck_assert_msg(
	    n == expected, "\"%s\": %zu hits, not %zu", query, n, expected);
	/* One assertion for all: each is a message to the runner. */
	bool good = true;
	for (size_t i = 0; i < n; i++) {
		const struct model_doc *doc = hits[i].doc;
		good =
		    good && (doc->words & asked) == asked && doc->born > last;
		last = doc->born;
	}
	ck_assert_msg(good, "\"%s\": wrong hits or order", query);
}

START_TEST(a_random_walk_agrees_with_a_plain_list)
{
	static struct walk walk;

	walk = (struct walk) { .index = index_new(), .seed = 7 };
	for (int step = 0; step < WALK_STEPS; step++) {
		struct model_doc *doc = &walk.docs[walk_draw(&walk, WALK_DOCS)];
		uint32_t what = walk_draw(&walk, 10);
		if (what < 5)
			walk_put(&walk, doc);
		else if (what < 8) {
			index_remove(walk.index, doc);
			doc->born = 0;
		} else
			walk_check(&walk);
	}
	/* All go, and the index is as good as new. */
	for (size_t i = 0; i < WALK_DOCS; i++)
		index_remove(walk.index, &walk.docs[i]);
	ck_assert_uint_eq(ask(walk.index, "").n, 0);
	ck_assert_uint_eq(ask(walk.index, "alpha1").n, 0);
	walk_put(&walk, &walk.docs[0]);
	ck_assert_uint_eq(ask(walk.index, "").n, 1);
	index_free(walk.index);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("index");
	TCase *tcase = tcase_create("index");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, an_empty_index_finds_nothing);
	tcase_add_test(
	    tcase, names_are_split_at_dots_and_lower_case_is_the_same);
	tcase_add_test(tcase, forms_of_a_word_are_one_word);
	tcase_add_test(tcase, three_letters_are_a_prefix_and_two_are_not);
	tcase_add_test(tcase, letters_of_other_scripts_are_letters);
	tcase_add_test(tcase, every_word_of_the_query_must_be_there);
	tcase_add_test(tcase, words_that_say_nothing_are_passed_over);
	tcase_add_test(tcase, without_a_word_all_documents_come_in_order);
	tcase_add_test(tcase, a_word_in_a_weightier_place_comes_first);
	tcase_add_test(tcase, repeating_a_word_gains_nothing);
	tcase_add_test(
	    tcase, the_heaviest_of_several_texts_counts_in_any_order);
	tcase_add_test(tcase, the_rare_word_counts_more_than_the_common_one);
	tcase_add_test(tcase, equal_documents_come_in_order_of_insertion);
	tcase_add_test(tcase, what_is_not_accepted_is_no_hit);
	tcase_add_test(
	    tcase, a_replaced_document_is_found_by_its_new_words_only);
	tcase_add_test(tcase, a_removed_document_is_gone_and_may_come_back);
	tcase_add_test(tcase, very_long_words_and_texts_are_bounded);
	tcase_add_test(
	    tcase, a_prefix_of_thousands_of_words_finds_the_first_of_them);
	tcase_add_test(
	    tcase, many_documents_are_found_in_all_blocks_and_the_best_first);
	tcase_add_test(tcase, a_random_walk_agrees_with_a_plain_list);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
