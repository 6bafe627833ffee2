/* SPDX-License-Identifier: Apache-2.0 */
/* problem_test.c - the words, their statuses, and what is printed. */
#include "protocol/problem.h"

#include <check.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"

START_TEST(a_problem_is_printed_with_all_it_knows)
{
	struct aicx_error err;
	struct buf buf = { 0 };
	struct json_writer w = json_writer(&buf);

	(void)err_field(&err, AICX_ELIMIT, "insufficient_funds",
	    "/max_price/amount", "cannot hold \"%d\"", 7);
	problem_put(&w, &err, STR("req-1"), 250);
	ck_assert_str_eq(buf_cstr(&buf),
	    "{\"type\":\"urn:aiconexus:problem:insufficient_funds\","
	    "\"title\":\"The account does not hold enough\",\"status\":402,"
	    "\"detail\":\"cannot hold \\\"7\\\"\","
	    "\"code\":\"insufficient_funds\",\"field\":\"/max_price/amount\","
	    "\"retry_after_ms\":250,\"correlation_id\":\"req-1\"}");
	buf_fini(&buf);
}
END_TEST

START_TEST(what_is_absent_is_not_printed)
{
	struct aicx_error err;
	struct buf buf = { 0 };
	struct json_writer w = json_writer(&buf);

	(void)err_set(&err, AICX_ENOTFOUND, "no such agent");
	problem_put(&w, &err, (struct aicx_str) { NULL, 0 }, -1);
	ck_assert_str_eq(buf_cstr(&buf),
	    "{\"type\":\"urn:aiconexus:problem:not_found\","
	    "\"title\":\"There is no such thing\",\"status\":404,"
	    "\"detail\":\"no such agent\",\"code\":\"not_found\"}");
	buf_fini(&buf);
}
END_TEST

START_TEST(broken_text_does_not_break_the_answer)
{
	struct aicx_error err;
	struct arena arena = { NULL };
	struct buf buf = { 0 };
	struct json_writer w = json_writer(&buf);
	struct json doc;

	(void)err_set(&err, AICX_EINVAL, "unknown member \"\xff\"");
	problem_put(&w, &err, (struct aicx_str) { NULL, 0 }, -1);
	ck_assert_int_eq(
	    json_parse(buf_view(&buf), &arena, &doc, NULL), AICX_OK);
	ck_assert(str_is(json_str(json_get(json_root(&doc), "detail"), &arena),
	    "unknown member \"?\""));
	arena_fini(&arena);
	buf_fini(&buf);
}
END_TEST

START_TEST(an_error_without_a_known_word_goes_by_its_code)
{
	static const struct {
		aicx_err code;
		const char *word;
		int status;
	} cases[] = {
		{ AICX_EINVAL, "invalid_params", 400 },
		{ AICX_ENOTFOUND, "not_found", 404 },
		{ AICX_EEXIST, "conflict", 409 },
		{ AICX_EAGAIN, "unavailable", 503 },
		{ AICX_ETIMEDOUT, "timeout", 504 },
		{ AICX_EDENIED, "denied", 403 },
		{ AICX_ELIMIT, "too_many", 429 },
		{ AICX_EIO, "unavailable", 503 },
		{ AICX_ENOMEM, "internal", 500 },
		{ AICX_EABI, "internal", 500 },
		{ AICX_ESTATE, "wrong_state", 409 },
		{ -999, "internal", 500 },
	};
	struct aicx_error err;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		(void)err_set(&err, cases[i].code, "x");
		ck_assert_str_eq(problem_of(&err)->word, cases[i].word);
		ck_assert_int_eq(problem_of(&err)->status, cases[i].status);
		(void)err_word(&err, cases[i].code, "brand_new", "x");
		ck_assert_str_eq(problem_of(&err)->word, cases[i].word);
	}
	ck_assert_ptr_null(problem_find("brand_new"));
	ck_assert_ptr_null(problem_find(""));
}
END_TEST

START_TEST(the_words_of_the_protocol_keep_their_statuses)
{
	static const struct {
		const char *word;
		int status;
	} cases[] = {
		{ "malformed", 400 },
		{ "too_large", 413 },
		{ "unsupported_version", 400 },
		{ "bad_signature", 401 },
		{ "unauthenticated", 401 },
		{ "sender_mismatch", 403 },
		{ "stale", 400 },
		{ "conflict", 409 },
		{ "held_by_contract", 409 },
		{ "no_mandate", 403 },
		{ "insufficient_funds", 402 },
		{ "no_offer", 404 },
		{ "invalid_input", 422 },
		{ "provider_failed", 502 },
		{ "timeout", 504 },
		{ "expired", 410 },
		{ "mailbox_full", 429 },
		{ "draining", 503 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_int_eq(
		    problem_find(cases[i].word)->status, cases[i].status);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("problem");
	TCase *tcase = tcase_create("problem");
	SRunner *runner = srunner_create(suite);

	tcase_add_test(tcase, a_problem_is_printed_with_all_it_knows);
	tcase_add_test(tcase, what_is_absent_is_not_printed);
	tcase_add_test(tcase, broken_text_does_not_break_the_answer);
	tcase_add_test(tcase, an_error_without_a_known_word_goes_by_its_code);
	tcase_add_test(tcase, the_words_of_the_protocol_keep_their_statuses);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	int n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed != 0;
}
