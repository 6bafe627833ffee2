/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keep_test.c - the index beside the records: what a start makes of it when it
 * is old, missing, broken or not theirs, and what leaves memory.
 *
 * That memory, a start from the index and a full replay agree is checked by
 * stage_check() after every event of every test that has a stage.
 */
#include "base/id.h"
#include "base/str.h"
#include "broker/testdata/stage.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct stage stage;
static struct buf body;
static struct aicx_error error;
static char agent[40];

static int
as_operator(const char *method, const char *params, const char *key)
{
	return stage_call(
	    &stage, stage.operator_key, method, params, key, &body);
}

static void
fund(const char *key)
{
	char params[256];

	(void)snprintf(params, sizeof params,
	    "{\"agent_id\":\"%s\",\"amount\":{\"amount\":\"1\","
	    "\"currency\":\"AIC\"}}",
	    agent);
	ck_assert_int_eq(as_operator("economics.fund", params, key), 201);
}

static void
setup(void)
{
	error = (struct aicx_error) { 0 };
	stage_open(&stage);
	stage.broker->keep.every = stage.keep_every = 1;
	ck_assert_int_eq(
	    as_operator("discovery.register", "{\"name\":\"a\"}", NULL), 201);
	const char *at = strstr(buf_cstr(&body), "\"agent_id\":\"");
	(void)snprintf(agent, sizeof agent, "%.36s", at + 12);
	fund("one");
	fund("two");
}

static void
teardown(void)
{
	stage_close(&stage);
	buf_fini(&body);
}

static void
refused(const char *why)
{
	ck_assert_int_eq(stage_replay(&stage, &error), AICX_EIO);
	ck_assert_msg(strstr(error.text, why) != NULL, "%s", error.text);
	ck_assert_ptr_nonnull(strstr(error.text, "--rebuild"));
}

static uint64_t
n_replayed(void)
{
	struct buf *applied = stage_value(&stage, "0/applied", 0);
	struct applied is;

	ck_assert_int_eq(applied_parse(buf_view(applied), &is, NULL), AICX_OK);
	return broker_seq(stage.broker) - is.seq;
}

START_TEST(the_index_follows_the_records_and_old_transactions_leave)
{
	ck_assert_uint_eq(n_replayed(), 0);
	ck_assert_ptr_null(ledger_oldest(stage.broker->state.ledger));
	ck_assert_uint_eq(
	    ledger_sum(stage.broker->state.ledger, "AIC").n_transactions, 2);
	ck_assert_int_eq(
	    as_operator("economics.list_transactions", "{}", NULL), 200);
	for (int i = 0; i < 6; i++) {
		char key[16];
		(void)snprintf(key, sizeof key, "k%d", i);
		fund(key);
	}
	ck_assert_uint_le(map_len(&stage.broker->state.requests), 2);
	fund("k0"); /* a repeat: its answer is read back */
	ck_assert_uint_eq(
	    ledger_sum(stage.broker->state.ledger, "AIC").n_transactions, 8);
}
END_TEST

START_TEST(without_an_index_all_records_are_read_and_it_is_made_anew)
{
	stage_forget(&stage);
	ck_assert_ptr_null(stage_value(&stage, "0/applied", 0));
	stage_crash(&stage);
	ck_assert_uint_eq(n_replayed(), 0);
	ck_assert_ptr_nonnull(stage_value(&stage, "0/w/agent/", 0));
}
END_TEST

START_TEST(a_crash_of_the_machine_leaves_an_older_index)
{
	stage.broker->keep.every = stage.keep_every = 100;
	fund("three");
	fund("four");
	ck_assert_uint_eq(n_replayed(), 2);
	stage.broker->keep.every = 1;
	keep_turn(stage.broker);
	ck_assert_uint_eq(n_replayed(), 0);
	stage_crash(&stage);
	fund("four");
	ck_assert_uint_eq(
	    ledger_sum(stage.broker->state.ledger, "AIC").n_transactions, 4);
}
END_TEST

START_TEST(an_index_of_another_form_is_made_anew)
{
	struct buf *applied = stage_value(&stage, "0/applied", 0);

	strstr(buf_cstr(applied), "\"form\":")[7]++;
	ck_assert_int_eq(stage_replay(&stage, &error), AICX_OK);
	stage_crash(&stage);
	ck_assert_uint_eq(n_replayed(), 0);
}
END_TEST

START_TEST(an_index_ahead_of_the_records_is_refused)
{
	stage_lose(&stage, broker_seq(stage.broker));
	refused("records are missing");
}
END_TEST

START_TEST(an_index_of_other_records_is_refused)
{
	stage_tamper(&stage, broker_seq(stage.broker));
	refused("does not belong");
}
END_TEST

START_TEST(an_index_that_cannot_be_read_is_refused_and_rebuilt)
{
	struct buf *row = stage_value(&stage, "0/w/agent/", 1);

	buf_char(row, 'x');
	refused("\"agent\"");
	stage_rebuild(&stage);
	ck_assert_int_eq(stage_replay(&stage, &error), AICX_OK);
	buf_clear(stage_value(&stage, "0/applied", 0));
	ck_assert_int_eq(stage_replay(&stage, &error), AICX_EIO);
	stage_rebuild(&stage);
	buf_clear(stage_value(&stage, "0/a/", 0));
	refused("account");
}
END_TEST

START_TEST(an_index_that_names_the_wrong_place_is_refused)
{
	struct buf *row = stage_value(&stage, "0/w/agent/", 1);
	struct row_entry entry;

	ck_assert(row_entry_parse(buf_view(row), &entry));
	entry.spot.offset++;
	buf_clear(row);
	row_entry_print(row, &entry);
	refused("does not agree");
	entry.spot.len = 1 << 20;
	buf_clear(row);
	row_entry_print(row, &entry);
	refused("shorter");
	entry.spot.seq = 1000000;
	buf_clear(row);
	row_entry_print(row, &entry);
	refused("not there");
}
END_TEST

START_TEST(an_index_that_lost_a_row_is_refused)
{
	struct buf *applied = stage_value(&stage, "0/applied", 0);
	char *rows = strstr(buf_cstr(applied), "\"rows\":");

	rows[7]++;
	refused("not whole");
}
END_TEST

START_TEST(what_cannot_be_read_back_ends_the_broker_without_an_answer)
{
	stage.lose_cached = false;
	stage.limits.requests_max = 0;
	stage_crash(&stage);
	buf_char(stage_value(&stage, "0/q/", 0), 'x');
	buf_char(stage_value(&stage, "0/q/", 1), 'x');
	char params[256];
	(void)snprintf(params, sizeof params,
	    "{\"agent_id\":\"%s\",\"amount\":{\"amount\":\"1\","
	    "\"currency\":\"AIC\"}}",
	    agent);
	ck_assert_int_eq(as_operator("economics.fund", params, "one"), 0);
	ck_assert(broker_failed(stage.broker, &error));
	ck_assert_ptr_nonnull(strstr(error.text, "cannot be read"));
	ck_assert_int_eq(
	    as_operator("economics.list_transactions", "{}", NULL), 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("keep");
	TCase *tcase = tcase_create("keep");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(
	    tcase, the_index_follows_the_records_and_old_transactions_leave);
	tcase_add_test(
	    tcase, without_an_index_all_records_are_read_and_it_is_made_anew);
	tcase_add_test(tcase, a_crash_of_the_machine_leaves_an_older_index);
	tcase_add_test(tcase, an_index_of_another_form_is_made_anew);
	tcase_add_test(tcase, an_index_ahead_of_the_records_is_refused);
	tcase_add_test(tcase, an_index_of_other_records_is_refused);
	tcase_add_test(
	    tcase, an_index_that_cannot_be_read_is_refused_and_rebuilt);
	tcase_add_test(tcase, an_index_that_names_the_wrong_place_is_refused);
	tcase_add_test(tcase, an_index_that_lost_a_row_is_refused);
	tcase_add_test(
	    tcase, what_cannot_be_read_back_ends_the_broker_without_an_answer);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
