/* SPDX-License-Identifier: Apache-2.0 */
/* transit_test.c - money in and out, by a bank that answers late, not at all,
   or wrongly, under a broker that dies meanwhile. */
#include "broker/testdata/bank.h"

#include "base/id.h"
#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

START_TEST(money_in_is_booked_when_the_bank_has_it)
{
	ck_assert_int_eq(move("economics.fund", "1", "k1"), 201);
	ck_assert_int_eq(account(&buyer)->available_minor, 1000000);
	expect_row(PAYMENT_FUND, PAYMENT_DONE);
	/* The same request again is the same payment. */
	ck_assert_int_eq(move("economics.fund", "1", "k1"), 201);
	ck_assert_int_eq(move("economics.fund", "2", "k1"), 409);
	ck_assert_int_eq(bank.n_orders, 1);
	ck_assert_int_eq(account(&buyer)->available_minor, 1000000);
}
END_TEST

START_TEST(money_that_is_refused_is_not_booked)
{
	bank_will(SAY_REFUSED, SAY_DONE);
	ck_assert_int_eq(move("economics.fund", "1", "k1"), 403);
	ck_assert_ptr_nonnull(strstr(buf_cstr(&body), "the bank says so"));
	expect_row(PAYMENT_FUND, PAYMENT_REFUSED);
	ck_assert_int_eq(move("economics.fund", "1", "k1"), 403); /* stored */
	ck_assert_int_eq(bank.n_orders, 1);
	ck_assert_int_eq(account(&buyer)->available_minor, 0);
	ck_assert_int_eq(move("economics.fund", "1", "k2"), 201);
	ck_assert_int_eq(account(&buyer)->available_minor, 1000000);
}
END_TEST

START_TEST(an_answer_that_is_lost_is_asked_for_and_booked_once)
{
	bank_will(SILENT_DONE, SAY_DONE);
	ck_assert_int_eq(move("economics.fund", "1", "k1"), 0); /* it waits */
	ck_assert_int_eq(account(&buyer)->available_minor, 0);
	ck_assert_int_eq(
	    as_operator("economics.list_payments", NULL, "{}"), 200);
	ck_assert_ptr_nonnull(strstr(buf_cstr(&body), "\"pending\":1"));
	ck_assert_ptr_nonnull(strstr(buf_cstr(&body), "\"op\":\"fund\""));
	stage_pass(&stage, 1000);
	expect_row(PAYMENT_FUND, PAYMENT_DONE);
	ck_assert_int_eq(bank.n_orders, 1);
	ck_assert_int_eq(bank.n_status, 1);
	ck_assert_int_eq(account(&buyer)->available_minor, 1000000);
	ck_assert_int_eq(move("economics.fund", "1", "k1"), 201);
	ck_assert_int_eq(account(&buyer)->available_minor, 1000000);
	ck_assert_int_eq(
	    as_operator("economics.list_payments", NULL, "{}"), 200);
	ck_assert_ptr_nonnull(strstr(buf_cstr(&body), "\"pending\":0"));
}
END_TEST

static void
first_id(char ret_id[40])
{
	const char *at = strstr(buf_cstr(&body), "\"payment_id\":\"");

	ck_assert_ptr_nonnull(at);
	(void)snprintf(ret_id, 40, "%.36s", at + 14);
}

START_TEST(payments_under_way_are_listed_by_pages)
{
	char one[40], two[40], params[80];

	bank_will(SILENT_DONE, SILENT_DONE);
	ck_assert_int_eq(move("economics.fund", "1", "k1"), 0);
	ck_assert_int_eq(move("economics.fund", "2", "k2"), 0);
	ck_assert_int_eq(
	    as_operator("economics.list_payments", NULL, "{\"limit\":1}"), 200);
	first_id(one);
	(void)snprintf(params, sizeof params, "\"cursor\":\"%s\"", one);
	ck_assert_ptr_nonnull(strstr(buf_cstr(&body), params));
	(void)snprintf(
	    params, sizeof params, "{\"limit\":1,\"cursor\":\"%s\"}", one);
	ck_assert_int_eq(
	    as_operator("economics.list_payments", NULL, "%s", params), 200);
	first_id(two);
	ck_assert_str_ne(one, two);
	ck_assert_ptr_null(strstr(buf_cstr(&body), "\"cursor\""));
}
END_TEST

START_TEST(an_order_that_never_arrived_is_given_again_with_its_id)
{
	bank_will(SILENT_NOT, SILENT_NOT);
	ck_assert_int_eq(move("economics.fund", "1", "k1"), 0);
	struct aicx_id first = payment_id;
	stage_pass(&stage, 20000);
	ck_assert_int_eq(bank.n_orders, 3);
	ck_assert(id_eq(&first, &payment_id));
	ck_assert_uint_eq(bank.n_did, 1);
	ck_assert_int_eq(account(&buyer)->available_minor, 1000000);
}
END_TEST

START_TEST(a_request_is_told_to_ask_again_when_it_takes_long)
{
	bank.status_silent = true;
	bank_will(SILENT_DONE, SAY_DONE);
	ck_assert_int_eq(move("economics.fund", "1", "k1"), 0);
	stage_pass(&stage, 60000);
	ck_assert_int_ge(bank.n_status, 5); /* 1, 2, 4, 8, 8, ... seconds */
	ck_assert_int_le(bank.n_status, 10);
	ck_assert_int_eq(account(&buyer)->available_minor, 0);
	expect_row(PAYMENT_FUND, PAYMENT_ASKED);
	ck_assert_int_eq(move("economics.fund", "1", "k1"), 0); /* waits too */
	bank.status_silent = false;
	stage_pass(&stage, 10000);
	ck_assert_int_eq(move("economics.fund", "1", "k1"), 201);
	ck_assert_int_eq(bank.n_orders, 1);
	ck_assert_int_eq(account(&buyer)->available_minor, 1000000);
}
END_TEST

START_TEST(a_broker_that_died_books_what_the_bank_did_once)
{
	static const enum answer answers[] = { SILENT_DONE, SILENT_NOT,
		SAY_NOTHING_YET };

	for (size_t i = 0; i < 3; i++) {
		char key[8];
		(void)snprintf(key, sizeof key, "k%zu", i);
		bank_will(answers[i], SAY_DONE);
		ck_assert_int_eq(move("economics.fund", "1", key), 0);
		stage_crash(&stage);
		stage_pass(&stage, 10000);
		expect_row(PAYMENT_FUND, PAYMENT_DONE);
		ck_assert_int_eq(account(&buyer)->available_minor,
		    (int64_t)(i + 1) * 1000000);
		ck_assert_int_eq(move("economics.fund", "1", key), 201);
		stage_crash(&stage);
		ck_assert_int_eq(account(&buyer)->available_minor,
		    (int64_t)(i + 1) * 1000000);
	}
	ck_assert_uint_eq(bank_count(AICX_PAY_FUND), 3);
}
END_TEST

START_TEST(what_is_being_paid_out_cannot_be_spent_meanwhile)
{
	ck_assert_int_eq(move("economics.fund", "1", NULL), 201);
	bank_will(SILENT_DONE, SAY_DONE);
	ck_assert_int_eq(move("economics.withdraw", "0.7", "k1"), 0);
	ck_assert_int_eq(account(&buyer)->available_minor, 300000);
	ck_assert_int_eq(account(&buyer)->pending_minor, 700000);
	ck_assert_int_eq(move("economics.withdraw", "0.4", "k2"), 402);
	stage_crash(&stage);
	stage_pass(&stage, 5000);
	ck_assert_int_eq(account(&buyer)->available_minor, 300000);
	ck_assert_int_eq(account(&buyer)->pending_minor, 0);
	ck_assert_int_eq(account(&ledger_funding)->available_minor, -300000);
	bank_will(SAY_REFUSED, SAY_DONE);
	ck_assert_int_eq(move("economics.withdraw", "0.3", "k3"), 403);
	ck_assert_int_eq(account(&buyer)->available_minor, 300000);
	ck_assert_int_eq(account(&buyer)->pending_minor, 0);
	ck_assert_int_eq(move("economics.withdraw", "0.3", "k4"), 201);
	ck_assert_int_eq(account(&ledger_funding)->available_minor, 0);
}
END_TEST

START_TEST(a_plugin_that_forgets_to_answer_is_asked_again)
{
	bank_will(SAY_NOTHING_YET, SAY_DONE);
	ck_assert_int_eq(move("economics.fund", "1", "k1"), 0);
	stage_pass(&stage, 119000);
	ck_assert_int_eq(bank.n_status, 0);
	stage_pass(&stage, 3000);
	ck_assert_int_eq(bank.n_status, 1);
	ck_assert_int_eq(account(&buyer)->available_minor, 1000000);
	/* It remembers much later, and nobody cares. */
	bank_says(
	    bank.held, bank.held_arg, AICX_PAY_DONE, &bank.held_pay, 0, "");
	stage_run(&stage);
	ck_assert_int_eq(account(&buyer)->available_minor, 1000000);
}
END_TEST

START_TEST(an_answer_about_another_amount_is_none)
{
	bank_will(SAY_LIE_AMOUNT, SAY_DONE);
	ck_assert_int_eq(move("economics.fund", "1", "k1"), 0);
	ck_assert_int_eq(account(&buyer)->available_minor, 0);
	expect_row(PAYMENT_FUND, PAYMENT_ASKED);
	stage_pass(&stage, 1000); /* its status is right */
	ck_assert_int_eq(account(&buyer)->available_minor, 1000000);
}
END_TEST

int
main(void)
{
	TCase *accounts = tcase_create("accounts");
	Suite *suite = suite_create("transit");

	tcase_add_checked_fixture(accounts, open_bank, close_bank);
	tcase_add_test(accounts, money_in_is_booked_when_the_bank_has_it);
	tcase_add_test(accounts, money_that_is_refused_is_not_booked);
	tcase_add_test(
	    accounts, an_answer_that_is_lost_is_asked_for_and_booked_once);
	tcase_add_test(accounts, payments_under_way_are_listed_by_pages);
	tcase_add_test(
	    accounts, an_order_that_never_arrived_is_given_again_with_its_id);
	tcase_add_test(
	    accounts, a_request_is_told_to_ask_again_when_it_takes_long);
	tcase_add_test(
	    accounts, a_broker_that_died_books_what_the_bank_did_once);
	tcase_add_test(
	    accounts, what_is_being_paid_out_cannot_be_spent_meanwhile);
	tcase_add_test(
	    accounts, a_plugin_that_forgets_to_answer_is_asked_again);
	tcase_add_test(accounts, an_answer_about_another_amount_is_none);
	suite_add_tcase(suite, accounts);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
