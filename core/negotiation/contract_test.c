/* SPDX-License-Identifier: Apache-2.0 */
/* contract_test.c - the signed text member by member, and the rows beside
   it. */
#include "negotiation/contract.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "base/str.h"

static struct currencies currencies;
static struct arena arena;
static struct buf buf;

static void
setup(void)
{
	currencies = (struct currencies) { 0 };
	(void)currencies_add(&currencies, STR("AIC"), 6, NULL);
}

static void
teardown(void)
{
	arena_fini(&arena);
	buf_fini(&buf);
}

static struct contract_text
small(void)
{
	return (struct contract_text) {
		.kind = STR("contract"),
		.id = { { 1 } },
		.broker_id = { { 2 } },
		.deal_id = { { 3 } },
		.requester_id = { { 4 } },
		.provider_id = { { 5 } },
		.capability = STR("text.spellcheck"),
		.terms_sha256 = STR("hash"),
		.ceiling = { 2500, "AIC" },
		.max_executions = 1,
		.custody = { STR("broker"), STR("own") },
		.timeout_ms = 30000,
		.created_ms = 1795352646000,
		.expires_ms = 1795352647000,
	};
}

START_TEST(the_text_is_exactly_this)
{
	static const char expected[] =
	    "{\"kind\":\"contract\","
	    "\"id\":\"01000000-0000-0000-0000-000000000000\","
	    "\"broker_id\":\"02000000-0000-0000-0000-000000000000\","
	    "\"deal_id\":\"03000000-0000-0000-0000-000000000000\","
	    "\"requester_id\":\"04000000-0000-0000-0000-000000000000\","
	    "\"provider_id\":\"05000000-0000-0000-0000-000000000000\","
	    "\"capability\":\"text.spellcheck\",\"terms_sha256\":\"hash\","
	    "\"ceiling\":{\"amount\":\"0.002500\",\"currency\":\"AIC\"},"
	    "\"max_executions\":1,"
	    "\"custody\":{\"requester\":\"broker\",\"provider\":\"own\"},"
	    "\"timeout_ms\":30000,\"created\":\"2026-11-22T13:04:06.000Z\","
	    "\"expires\":\"2026-11-22T13:04:07.000Z\"}";
	struct contract_text text = small();

	contract_text_print(&buf, &text, &currencies);
	ck_assert_str_eq(buf_cstr(&buf), expected);
}
END_TEST

static struct json_ref
root(void)
{
	struct json *doc = arena_new(&arena, sizeof *doc);

	ck_assert_int_eq(
	    json_parse(buf_view(&buf), &arena, doc, NULL), AICX_OK);
	return json_root(doc);
}

START_TEST(a_full_text_is_read_back_as_it_was)
{
	struct contract_text text = small(), back;

	text.intent_id = (struct aicx_id) { { 6 } };
	text.offer_id = (struct aicx_id) { { 7 } };
	text.mandate_id = (struct aicx_id) { { 8 } };
	text.hold_id = (struct aicx_id) { { 9 } };
	text.choose = STR("{\"rule\":\"best_score\",\"score\":[1, 2]}");
	text.policy_sha256 = STR("p");
	text.max_units = 12;
	text.payment_method = STR("credit");
	contract_text_print(&buf, &text, &currencies);
	ck_assert_int_eq(field_parse(contract_text_fields, root(), &currencies,
			     true, &arena, &back, sizeof back, NULL),
	    AICX_OK);
	struct buf again = { 0 };
	contract_text_print(&again, &back, &currencies);
	ck_assert_str_eq(buf_cstr(&again), buf_cstr(&buf));
	ck_assert(str_eq(back.choose, text.choose));
	ck_assert(id_eq(&back.hold_id, &text.hold_id));
	buf_fini(&again);
}
END_TEST

START_TEST(a_state_is_written_whole_even_when_it_is_new)
{
	struct contract_state state = { .contract_id = { { 1 } } }, back;
	struct json_writer w = json_writer(&buf);

	json_open(&w, '{');
	field_print(contract_state_fields, &state, NULL, &w);
	json_close(&w);
	ck_assert_str_eq(buf_cstr(&buf),
	    "{\"contract_id\":\"01000000-0000-0000-0000-000000000000\","
	    "\"status\":\"proposed\",\"n_executions\":0}");
	ck_assert_int_eq(field_parse(contract_state_fields, root(), NULL, true,
			     &arena, &back, sizeof back, NULL),
	    AICX_OK);
	ck_assert_int_eq(back.status, CONTRACT_PROPOSED);
}
END_TEST

START_TEST(every_status_has_its_name_and_no_other_is_taken)
{
	static const char *const names[] = { "proposed", "signed", "completed",
		"failed", "cancelled", "expired" };
	struct contract_state back;

	for (int i = 0; i <= CONTRACT_EXPIRED; i++)
		ck_assert_str_eq(contract_status_names[i], names[i]);
	ck_assert_ptr_null(contract_status_names[CONTRACT_EXPIRED + 1]);
	buf_text(&buf, "{\"status\":\"forgotten\"}");
	ck_assert_int_ne(field_parse(contract_state_fields, root(), NULL, true,
			     &arena, &back, sizeof back, NULL),
	    AICX_OK);
}
END_TEST

START_TEST(a_stored_contract_is_printed_and_read_back)
{
	struct contract row = {
		.contract_id = { { 1 } },
		.text = STR("{\"kind\":\"contract\"}"),
		.signature = STR("c2ln"),
		.terms = STR("{\"pricing\":{\"model\":\"per_call\"}}"),
		.ceiling = { 1, "AIC" },
		.max_attempts = 3,
	};
	struct contract back;
	struct json_writer w = json_writer(&buf);

	json_open(&w, '{');
	field_print(contract_fields, &row, &currencies, &w);
	json_close(&w);
	ck_assert_int_eq(field_parse(contract_fields, root(), &currencies, true,
			     &arena, &back, sizeof back, NULL),
	    AICX_OK);
	ck_assert(str_eq(back.text, row.text));
	ck_assert(str_eq(back.terms, row.terms));
	ck_assert_int_eq(back.ceiling.minor, 1);
	ck_assert_int_eq(back.max_attempts, 3);
	ck_assert_ptr_null(back.requester_signature.ptr);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("contract");
	TCase *tcase = tcase_create("contract");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, the_text_is_exactly_this);
	tcase_add_test(tcase, a_full_text_is_read_back_as_it_was);
	tcase_add_test(tcase, a_state_is_written_whole_even_when_it_is_new);
	tcase_add_test(tcase, every_status_has_its_name_and_no_other_is_taken);
	tcase_add_test(tcase, a_stored_contract_is_printed_and_read_back);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
