/* SPDX-License-Identifier: Apache-2.0 */
/* transit_event_test.c - what a bank tells unasked. */
#include "broker/testdata/bank.h"

#include "base/id.h"
#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct aicx_error told;

static void
on_told(const struct aicx_error *error, void *arg)
{
	told = *error;
	(*(int *)arg)++;
}

static aicx_err
tell(const char *id, uint32_t happened, int64_t minor, const char *currency)
{
	struct module_ports ports = broker_module_ports(stage.broker);
	int n = 0;
	struct aicx_pay_event event = {
		.size = sizeof event,
		.happened = happened,
		.id = str_of(id),
		.payment_id = payment_id,
		.amount.minor = minor,
	};

	(void)snprintf(event.amount.currency, sizeof event.amount.currency,
	    "%s", currency);
	told = (struct aicx_error) { 0 };
	ports.pay_event(ports.arg, "bank", &event, on_told, &n);
	stage_run(&stage);
	ck_assert_int_eq(n, 1);
	return told.code;
}

START_TEST(an_event_makes_the_broker_ask_at_once)
{
	bank_will(SILENT_DONE, SAY_DONE);
	bank.status_silent = true;
	ck_assert_int_eq(move("economics.fund", "1", "k1"), 0);
	stage_pass(&stage, 60000);
	bank.status_silent = false;
	ck_assert_int_eq(tell("e1", AICX_PAY_FAILED, 0, ""), AICX_OK);
	stage_pass(&stage, 0); /* status() has the last word, not the event */
	expect_row(PAYMENT_FUND, PAYMENT_DONE);
	ck_assert_int_eq(account(&buyer)->available_minor, 1000000);
	ck_assert_int_eq(tell("e2", AICX_PAY_SETTLED, 0, ""), AICX_OK);
	ck_assert_int_eq(tell("e2", AICX_PAY_SETTLED, 0, ""), AICX_OK);
	ck_assert_int_eq(tell("e3", AICX_PAY_FAILED, 0, ""), AICX_ESTATE);
	stage_pass(&stage, 10000);
	ck_assert_int_eq(account(&buyer)->available_minor, 1000000);
}
END_TEST

START_TEST(money_that_was_refused_and_came_late_is_booked_once)
{
	bank_will(SAY_REFUSED, SAY_DONE);
	ck_assert_int_eq(move("economics.fund", "1", "k1"), 403);
	struct aicx_pay pay = { .id = payment_id,
		.op = AICX_PAY_FUND,
		.amount = { 1000000, "AIC" } };
	bank_do(&pay);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(tell("e1", AICX_PAY_SETTLED, 0, ""), AICX_OK);
		stage_pass(&stage, 5000);
		ck_assert_int_eq(account(&buyer)->available_minor, 1000000);
		stage_crash(&stage);
	}
	ck_assert_int_eq(bank.n_orders, 1);
	ck_assert_int_eq(move("economics.fund", "1", "k1"), 403); /* stored */
}
END_TEST

START_TEST(a_chargeback_is_booked_once_and_never_below_zero)
{
	ck_assert_int_eq(move("economics.fund", "1", NULL), 201);
	struct aicx_id funded = payment_id;
	ck_assert_int_eq(
	    tell("c1", AICX_PAY_CHARGEBACK, 300000, "AIC"), AICX_OK);
	ck_assert_int_eq(
	    tell("c1", AICX_PAY_CHARGEBACK, 300000, "AIC"), AICX_OK);
	ck_assert_int_eq(account(&buyer)->available_minor, 700000);
	ck_assert_int_eq(
	    tell("c1", AICX_PAY_CHARGEBACK, 300001, "AIC"), AICX_EEXIST);
	stage_crash(&stage);
	ck_assert_int_eq(
	    tell("c1", AICX_PAY_CHARGEBACK, 300000, "AIC"), AICX_OK);
	ck_assert_int_eq(account(&buyer)->available_minor, 700000);
	ck_assert_int_eq(move("economics.withdraw", "0.5", NULL), 201);
	payment_id = funded;
	ck_assert_int_eq(
	    tell("c2", AICX_PAY_CHARGEBACK, 700001, "AIC"), AICX_EINVAL);
	ck_assert_int_eq(
	    tell("c2", AICX_PAY_CHARGEBACK, 700000, "JPY"), AICX_EINVAL);
	ck_assert_int_eq(
	    tell("c2", AICX_PAY_CHARGEBACK, 700000, "AIC"), AICX_OK);
	ck_assert_int_eq(account(&buyer)->available_minor, 0);
	ck_assert_int_eq(account(&ledger_losses)->available_minor, -500000);
	ck_assert_int_eq(account(&ledger_funding)->available_minor, 500000);
	ck_assert_int_eq(row()->lost_minor, 500000);
	ck_assert_int_eq(
	    tell("c3", AICX_PAY_CHARGEBACK, 1, "AIC"), AICX_EINVAL);
}
END_TEST

START_TEST(an_event_of_nothing_we_know_is_refused)
{
	static const char too_long[130] = { [0] = 'x', [1 ... 128] = 'x' };

	ck_assert_int_eq(move("economics.fund", "1", NULL), 201);
	struct aicx_id funded = payment_id;
	payment_id = (struct aicx_id) { { 9 } };
	ck_assert_int_eq(tell("e1", AICX_PAY_SETTLED, 0, ""), AICX_ENOTFOUND);
	ck_assert_str_eq(told.word, "not_found");
	payment_id = funded;
	ck_assert_int_eq(tell("", AICX_PAY_SETTLED, 0, ""), AICX_EINVAL);
	ck_assert_int_eq(tell(too_long, AICX_PAY_SETTLED, 0, ""), AICX_EINVAL);
	ck_assert_int_eq(tell("\xff", AICX_PAY_SETTLED, 0, ""), AICX_EINVAL);
	ck_assert_int_eq(tell("e1", 0, 0, ""), AICX_EINVAL);
	ck_assert_int_eq(tell("e1", 4, 0, ""), AICX_EINVAL);
	ck_assert_int_eq(account(&buyer)->available_minor, 1000000);
	/* A chargeback that overtook its payment is to come again. */
	bank_will(SILENT_DONE, SAY_DONE);
	bank.status_silent = true;
	ck_assert_int_eq(move("economics.fund", "1", "k"), 0);
	ck_assert_int_eq(
	    tell("c1", AICX_PAY_CHARGEBACK, 1, "AIC"), AICX_EAGAIN);
	bank.status_silent = false;
	stage_pass(&stage, 1000);
	ck_assert_int_eq(tell("c1", AICX_PAY_CHARGEBACK, 1, "AIC"), AICX_OK);
	ck_assert_int_eq(account(&buyer)->available_minor, 1999999);
}
END_TEST

START_TEST(only_those_who_see_everything_list_what_is_pending)
{
	bank_will(SILENT_DONE, SAY_DONE);
	ck_assert_int_eq(move("economics.fund", "1", "k"), 0);
	ck_assert_int_eq(stage_call(&stage, buyer_key,
			     "economics.list_payments", "{}", NULL, &body),
	    403);
	ck_assert_int_eq(
	    as_operator("economics.get_payment", NULL,
		"{\"payment_id\":\"%s\"}", id_text(&payment_id).text),
	    200);
	ck_assert_ptr_nonnull(strstr(buf_cstr(&body), "\"state\":\"asked\""));
	ck_assert_int_eq(as_operator("economics.get_payment", NULL,
			     "{\"payment_id\":\"%s\"}", id_text(&buyer).text),
	    404);
	stage_pass(&stage, 2000);
}
END_TEST

int
main(void)
{
	TCase *events = tcase_create("events");
	Suite *suite = suite_create("transit_event");

	tcase_add_checked_fixture(events, open_bank, close_bank);
	tcase_add_test(events, an_event_makes_the_broker_ask_at_once);
	tcase_add_test(
	    events, money_that_was_refused_and_came_late_is_booked_once);
	tcase_add_test(
	    events, a_chargeback_is_booked_once_and_never_below_zero);
	tcase_add_test(events, an_event_of_nothing_we_know_is_refused);
	tcase_add_test(
	    events, only_those_who_see_everything_list_what_is_pending);
	suite_add_tcase(suite, events);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
