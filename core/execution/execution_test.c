/* SPDX-License-Identifier: Apache-2.0 */
/* execution_test.c - every move of a piece of work, and how long to wait
   before the next attempt. */
#include "execution/execution.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

enum { NONE = EXECUTION_N_STATES };

/* The rule a second time: from this state, by this event, to that one. */
static const int rule[EXECUTION_N_STATES][EXECUTION_N_EVENTS] = {
	/* In order: SENT, OUTPUT, ERROR, AGAIN, LATE, CANCEL. */
	[EXECUTION_PENDING] = { EXECUTION_IN_PROGRESS, NONE, NONE, NONE,
	    EXECUTION_TIMEOUT, EXECUTION_CANCELLED },
	[EXECUTION_IN_PROGRESS] = { NONE, EXECUTION_COMPLETED, EXECUTION_FAILED,
	    EXECUTION_RETRYING, EXECUTION_TIMEOUT, EXECUTION_CANCELLED },
	[EXECUTION_RETRYING] = { EXECUTION_IN_PROGRESS, NONE, NONE, NONE,
	    EXECUTION_TIMEOUT, EXECUTION_CANCELLED },
	[EXECUTION_COMPLETED] = { NONE, NONE, NONE, NONE, NONE, NONE },
	[EXECUTION_FAILED] = { NONE, NONE, NONE, NONE, NONE, NONE },
	[EXECUTION_TIMEOUT] = { NONE, NONE, NONE, NONE, NONE, NONE },
	[EXECUTION_CANCELLED] = { NONE, NONE, NONE, NONE, NONE, NONE },
};

START_TEST(each_move_is_in_the_rule_and_the_rest_is_refused)
{
	struct aicx_error err;

	for (int state = 0; state < EXECUTION_N_STATES; state++)
		for (int event = 0; event < EXECUTION_N_EVENTS; event++) {
			enum execution_state next = EXECUTION_N_STATES;
			err = (struct aicx_error) { 0 };
			aicx_err got =
			    execution_step((enum execution_state)state,
				(enum execution_event)event, &next, &err);
			int to = rule[state][event];
			ck_assert_int_eq(next, to);
			ck_assert_int_eq(
			    got, to == NONE ? AICX_ESTATE : AICX_OK);
			ck_assert_str_eq(
			    err.word, to == NONE ? "wrong_state" : "");
		}
}
END_TEST

START_TEST(a_final_state_has_no_way_out_and_every_other_has_one)
{
	for (int state = 0; state < EXECUTION_N_STATES; state++) {
		bool out = false;
		for (int event = 0; event < EXECUTION_N_EVENTS; event++)
			out = out || rule[state][event] != NONE;
		ck_assert_int_eq(
		    execution_is_final((enum execution_state)state), !out);
	}
}
END_TEST

START_TEST(a_second_result_is_refused_by_name)
{
	struct aicx_error err;
	enum execution_state next;

	ck_assert_int_eq(
	    execution_step(EXECUTION_COMPLETED, EXECUTION_OUTPUT, &next, &err),
	    AICX_ESTATE);
	ck_assert_str_eq(
	    err.text, "cannot complete an execution that is COMPLETED");
}
END_TEST

START_TEST(states_are_named_as_on_the_wire)
{
	static const char *const names[] = { "PENDING", "IN_PROGRESS",
		"RETRYING", "COMPLETED", "FAILED", "TIMEOUT", "CANCELLED" };

	for (int state = 0; state < EXECUTION_N_STATES; state++)
		ck_assert_str_eq(execution_state_names[state], names[state]);
	ck_assert_ptr_null(execution_state_names[EXECUTION_N_STATES]);
}
END_TEST

static int64_t
delay_ms(int strategy, int64_t first_ms, int64_t largest_ms, int64_t attempt)
{
	struct retry_policy policy = {
		.backoff_strategy = strategy,
		.initial_delay_ms = first_ms,
		.max_delay_ms = largest_ms,
	};

	return execution_backoff_ms(&policy, attempt);
}

START_TEST(a_fixed_delay_stays_as_it_is)
{
	for (int64_t attempt = 2; attempt < 100; attempt++)
		ck_assert_int_eq(
		    delay_ms(BACKOFF_FIXED, 100, 1000, attempt), 100);
	ck_assert_int_eq(delay_ms(BACKOFF_FIXED, 2000, 1000, 2), 1000);
}
END_TEST

START_TEST(a_linear_delay_grows_by_the_first)
{
	ck_assert_int_eq(delay_ms(BACKOFF_LINEAR, 100, 350, 2), 100);
	ck_assert_int_eq(delay_ms(BACKOFF_LINEAR, 100, 350, 3), 200);
	ck_assert_int_eq(delay_ms(BACKOFF_LINEAR, 100, 350, 4), 300);
	ck_assert_int_eq(delay_ms(BACKOFF_LINEAR, 100, 350, 5), 350);
}
END_TEST

START_TEST(an_exponential_delay_doubles_up_to_the_largest)
{
	ck_assert_int_eq(delay_ms(BACKOFF_EXPONENTIAL, 100, 1000, 2), 100);
	ck_assert_int_eq(delay_ms(BACKOFF_EXPONENTIAL, 100, 1000, 3), 200);
	ck_assert_int_eq(delay_ms(BACKOFF_EXPONENTIAL, 100, 1000, 4), 400);
	ck_assert_int_eq(delay_ms(BACKOFF_EXPONENTIAL, 100, 1000, 5), 800);
	ck_assert_int_eq(delay_ms(BACKOFF_EXPONENTIAL, 100, 1000, 6), 1000);
	ck_assert_int_eq(delay_ms(BACKOFF_EXPONENTIAL, 100, 50, 2), 50);
	ck_assert_int_eq(delay_ms(BACKOFF_EXPONENTIAL, 0, 1000, 50), 0);
}
END_TEST

START_TEST(the_largest_policies_do_not_overflow)
{
	static const int strategies[] = { BACKOFF_FIXED, BACKOFF_LINEAR,
		BACKOFF_EXPONENTIAL };

	for (size_t i = 0; i < 3; i++) {
		ck_assert_int_eq(
		    delay_ms(strategies[i], INT64_MAX, INT64_MAX, INT64_MAX),
		    INT64_MAX);
		ck_assert_int_eq(delay_ms(strategies[i], 1, INT64_MAX, 1), 1);
	}
	ck_assert_int_eq(
	    delay_ms(BACKOFF_EXPONENTIAL, 1, INT64_MAX, 64), INT64_C(1) << 62);
	ck_assert_int_eq(
	    delay_ms(BACKOFF_EXPONENTIAL, 1, INT64_MAX, 65), INT64_MAX);
	ck_assert_int_eq(
	    delay_ms(BACKOFF_EXPONENTIAL, 1, INT64_MAX, 1000000), INT64_MAX);
}
END_TEST

START_TEST(a_status_is_printed_and_read_back)
{
	struct execution_status status = {
		.execution_id = { { 1 } },
		.state = EXECUTION_RETRYING,
		.attempts = 2,
		.retry_ms = 1795352646000,
		.error = STR("provider_failed"),
		.output = STR("null"),
	};
	struct execution_status back;
	struct arena arena = { 0 };
	struct buf buf = { 0 };
	struct json doc;
	struct json_writer w = json_writer(&buf);

	json_open(&w, '{');
	field_print(execution_status_fields, &status, NULL, &w);
	json_close(&w);
	ck_assert_int_eq(
	    json_parse(buf_view(&buf), &arena, &doc, NULL), AICX_OK);
	ck_assert_int_eq(field_parse(execution_status_fields, json_root(&doc),
			     NULL, true, &arena, &back, sizeof back, NULL),
	    AICX_OK);
	ck_assert_int_eq(back.state, EXECUTION_RETRYING);
	ck_assert_int_eq(back.attempts, 2);
	ck_assert_int_eq(back.retry_ms, status.retry_ms);
	ck_assert(str_is(back.error, "provider_failed"));
	/* A result may be null, which is not the same as none. */
	ck_assert(str_is(back.output, "null"));
	buf_fini(&buf);
	arena_fini(&arena);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("execution");
	TCase *tcase = tcase_create("execution");

	tcase_add_test(tcase, each_move_is_in_the_rule_and_the_rest_is_refused);
	tcase_add_test(
	    tcase, a_final_state_has_no_way_out_and_every_other_has_one);
	tcase_add_test(tcase, a_second_result_is_refused_by_name);
	tcase_add_test(tcase, states_are_named_as_on_the_wire);
	tcase_add_test(tcase, a_fixed_delay_stays_as_it_is);
	tcase_add_test(tcase, a_linear_delay_grows_by_the_first);
	tcase_add_test(tcase, an_exponential_delay_doubles_up_to_the_largest);
	tcase_add_test(tcase, the_largest_policies_do_not_overflow);
	tcase_add_test(tcase, a_status_is_printed_and_read_back);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
