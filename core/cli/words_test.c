/* SPDX-License-Identifier: Apache-2.0 */
/* words_test.c - command lines: what is said, and what is said wrong. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "cli/help.h"
#include "cli/params.h"
#include "cli/verb.h"

enum { WORDS_MAX = 24 };

static aicx_err
parse(const char *line, struct words *ret, struct aicx_error *reterr)
{
	static char copy[512], *argv[WORDS_MAX];
	int argc = 0;

	ck_assert(str_copy(str_of(line), copy, sizeof copy));
	for (char *at = copy; at != NULL && argc < WORDS_MAX - 1;) {
		char *blank = strchr(at, ' ');
		if (blank != NULL)
			*blank = '\0';
		argv[argc++] = at;
		at = blank ? blank + 1 : NULL;
	}
	argv[argc] = NULL;
	/* A comma stands for a blank inside a word. */
	for (int i = 0; i < argc; i++)
		for (char *c = argv[i]; *c != '\0'; c++)
			if (*c == ',')
				*c = ' ';
	return words_parse(argc, argv, ret, reterr);
}

static void
expect_usage(const char *line, const char *text)
{
	struct words words;
	struct aicx_error why = { 0 };

	ck_assert_int_eq(parse(line, &words, &why), AICX_EINVAL);
	ck_assert_str_eq(why.word, "usage");
	ck_assert_msg(strstr(why.text, text) != NULL, "wanted \"%s\" in \"%s\"",
	    text, why.text);
}

START_TEST(a_verb_takes_operands_options_and_a_program)
{
	struct words words;

	ck_assert_int_eq(parse("aicx -o json sell text.spellcheck "
			       "--price=0.001,AIC --tag a --tag b --json -- "
			       "aspell --lang en list",
			     &words, NULL),
	    AICX_OK);
	ck_assert_str_eq(words.verb->words, "sell");
	ck_assert_str_eq(words_value(&words, "output"), "json");
	ck_assert_str_eq(words_value(&words, "CAPABILITY"), "text.spellcheck");
	ck_assert_str_eq(words_value(&words, "price"), "0.001 AIC");
	ck_assert_str_eq(words_value(&words, "tag"), "b");
	ck_assert_ptr_nonnull(words_value(&words, "json"));
	ck_assert_str_eq(words.program[0], "aspell");
	ck_assert_str_eq(words.program[1], "--lang");
}
END_TEST

START_TEST(two_words_make_a_verb)
{
	struct words words;

	ck_assert_int_eq(
	    parse("aicx mandate revoke 1234", &words, NULL), AICX_OK);
	ck_assert_str_eq(words.verb->words, "mandate revoke");
	ck_assert_str_eq(words_value(&words, "MANDATE"), "1234");
	ck_assert_int_eq(parse("aicx mandate", &words, NULL), AICX_OK);
	ck_assert_ptr_null(words.verb);
	ck_assert_str_eq(words.group, "mandate");
}
END_TEST

START_TEST(wrong_words_are_refused_with_the_likely_one)
{
	expect_usage("aicx sel x", "did you mean \"aicx sell\"?");
	expect_usage("aicx mandate revok 1", "\"aicx mandate revoke\"?");
	expect_usage("aicx buy x --inptu f --max 1,AIC",
	    "unknown option \"--inptu\" of aicx buy; did you mean \"--input\"");
	expect_usage("aicx xyzzy", "unknown verb \"xyzzy\"");
	expect_usage("aicx --brokr x health", "did you mean \"--broker\"?");
}
END_TEST

START_TEST(what_is_missing_or_too_much_is_named)
{
	expect_usage("aicx buy x --input f", "needs --max AMOUNT");
	expect_usage("aicx buy --input f --max 1,AIC", "needs CAPABILITY");
	expect_usage(
	    "aicx buy x --input f --max 1,AIC -- prog", "takes no program");
	expect_usage("aicx deal show a b", "one word too many");
	expect_usage("aicx verify a --trust", "\"--trust\" needs a value");
	expect_usage("aicx health --help=yes", "takes no value");
}
END_TEST

START_TEST(help_needs_nothing_else)
{
	struct words words;
	struct buf text = { 0 };

	ck_assert_int_eq(parse("aicx buy --help", &words, NULL), AICX_OK);
	ck_assert(words.help);
	for (const struct verb *verb = verbs; verb->words != NULL; verb++)
		help_verb(&text, verb);
	help_program(&text, NULL);
	ck_assert_ptr_nonnull(strstr(buf_cstr(&text), "--max-each AMOUNT"));
	buf_fini(&text);
}
END_TEST

START_TEST(every_verb_is_well_formed)
{
	for (const struct verb *v = verbs; v->words != NULL; v++) {
		ck_assert_ptr_nonnull(v->summary);
		ck_assert_ptr_nonnull(v->run);
		if (v->route.method != NULL)
			ck_assert_msg(strncmp(v->route.path, "/v1/", 4) == 0,
			    "%s", v->words);
		for (const struct verb *w = v + 1; w->words != NULL; w++)
			ck_assert_str_ne(v->words, w->words);
		for (const struct arg *a = v->options; a && a->name; a++)
			ck_assert_msg(
			    (a->type == ARG_FLAG) == (a->value == NULL),
			    "%s --%s", v->words, a->name);
	}
}
END_TEST

START_TEST(durations_and_times_are_read)
{
	int64_t ms;

	ck_assert_int_eq(duration_parse("250ms", &ms, NULL), AICX_OK);
	ck_assert_int_eq(ms, 250);
	ck_assert_int_eq(duration_parse("2h", &ms, NULL), AICX_OK);
	ck_assert_int_eq(ms, 7200000);
	ck_assert_int_eq(duration_parse("30", &ms, NULL), AICX_EINVAL);
	ck_assert_int_eq(duration_parse("-1s", &ms, NULL), AICX_EINVAL);
	ck_assert_int_eq(
	    duration_parse("99999999999999999d", &ms, NULL), AICX_EINVAL);
	ck_assert_int_eq(moment_parse("+30d", 1000, &ms, NULL), AICX_OK);
	ck_assert_int_eq(ms, 1000 + INT64_C(30) * 86400000);
	ck_assert_int_eq(
	    moment_parse("2026-11-22T13:04:05Z", 0, &ms, NULL), AICX_OK);
	ck_assert_int_eq(ms, INT64_C(1795352645000));
	ck_assert_int_eq(moment_parse("tomorrow", 0, &ms, NULL), AICX_EINVAL);
}
END_TEST

START_TEST(arguments_become_parameters_by_their_type)
{
	struct words words;
	struct invocation inv = { .words = &words };
	struct buf params = { 0 };

	ck_assert_int_eq(parse("aicx mandate new --need a.b --need c.* "
			       "--max-each 0.01,AIC --max-total 1,AIC "
			       "--max-deals 7",
			     &words, NULL),
	    AICX_OK);
	ck_assert_int_eq(params_print(&inv, &params, NULL), AICX_OK);
	ck_assert_str_eq(buf_cstr(&params),
	    "{\"need\":[\"a.b\",\"c.*\"],\"max_each\":{\"amount\":\"0.01\","
	    "\"currency\":\"AIC\"},\"max_total\":{\"amount\":\"1\","
	    "\"currency\":\"AIC\"},\"max_deals\":7}");
	buf_clear(&params);
	ck_assert_int_eq(
	    parse("aicx intent new x --max 1,AIC --input {\"a\":1}", &words,
		NULL),
	    AICX_OK);
	ck_assert_int_eq(params_print(&inv, &params, NULL), AICX_OK);
	ck_assert_str_eq(buf_cstr(&params),
	    "{\"need\":\"x\",\"max_price\":{\"amount\":\"1\",\"currency\":"
	    "\"AIC\"},\"input\":{\"a\":1}}");
	buf_fini(&params);
	arena_fini(&inv.arena);
}
END_TEST

START_TEST(arguments_of_a_wrong_type_are_refused)
{
	const char *lines[] = { "aicx deal list --limit many",
		"aicx intent new x --max cheap",
		"aicx intent new x --max 1,AIC --deadline soon",
		"aicx intent new x --max 1,AIC --input {\"a\":",
		"aicx agent import [1]" };

	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		struct words words;
		struct invocation inv = { .words = &words };
		struct buf params = { 0 };
		ck_assert_int_eq(parse(lines[i], &words, NULL), AICX_OK);
		ck_assert_msg(params_print(&inv, &params, NULL) == AICX_EINVAL,
		    "%s gave %s", lines[i], buf_cstr(&params));
		buf_fini(&params);
		arena_fini(&inv.arena);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("words");
	TCase *tcase = tcase_create("words");

	tcase_add_test(tcase, a_verb_takes_operands_options_and_a_program);
	tcase_add_test(tcase, two_words_make_a_verb);
	tcase_add_test(tcase, wrong_words_are_refused_with_the_likely_one);
	tcase_add_test(tcase, what_is_missing_or_too_much_is_named);
	tcase_add_test(tcase, help_needs_nothing_else);
	tcase_add_test(tcase, every_verb_is_well_formed);
	tcase_add_test(tcase, durations_and_times_are_read);
	tcase_add_test(tcase, arguments_become_parameters_by_their_type);
	tcase_add_test(tcase, arguments_of_a_wrong_type_are_refused);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
