/* SPDX-License-Identifier: Apache-2.0 */
/* hold_test.c - holds end once, and say how they did. */
#include "economics/hold.h"

#include <check.h>
#include <stdlib.h>

static struct aicx_error err;

static void
setup(void)
{
	err = (struct aicx_error) { 0 };
}

static struct hold
of_contract(void)
{
	return (struct hold) {
		.contract_id = { { 1 } }, .state = HOLD_OPEN, .expires_ms = 100
	};
}

START_TEST(a_contracts_hold_is_posted_or_given_back_at_any_time)
{
	struct hold hold = of_contract();

	ck_assert_int_eq(hold_resolve(&hold, HOLD_POSTED, 99, &err), AICX_OK);
	ck_assert_int_eq(hold_resolve(&hold, HOLD_VOIDED, 99, &err), AICX_OK);
	ck_assert_int_eq(hold_resolve(&hold, HOLD_POSTED, 500, &err), AICX_OK);
	ck_assert_int_eq(hold_resolve(&hold, HOLD_VOIDED, 500, &err), AICX_OK);
}
END_TEST

START_TEST(a_contracts_hold_never_expires_by_itself)
{
	struct hold hold = of_contract();

	ck_assert_int_eq(
	    hold_resolve(&hold, HOLD_EXPIRED, 500, &err), AICX_ESTATE);
	ck_assert_str_eq(err.word, "held_by_contract");
	ck_assert(!hold_is_due(&hold, 500));
}
END_TEST

START_TEST(a_reservation_ends_by_its_time_and_not_before)
{
	struct hold hold = { .state = HOLD_OPEN, .expires_ms = 100 };

	ck_assert_int_eq(hold_resolve(&hold, HOLD_POSTED, 99, &err), AICX_OK);
	ck_assert_int_eq(hold_resolve(&hold, HOLD_VOIDED, 99, &err), AICX_OK);
	ck_assert_int_eq(
	    hold_resolve(&hold, HOLD_EXPIRED, 99, &err), AICX_ESTATE);
	ck_assert_str_eq(err.word, "wrong_state");
	ck_assert(!hold_is_due(&hold, 99));
	ck_assert(hold_is_due(&hold, 100));
	ck_assert_int_eq(hold_resolve(&hold, HOLD_EXPIRED, 100, &err), AICX_OK);
	for (int to = HOLD_POSTED; to <= HOLD_VOIDED; to++) {
		ck_assert_int_eq(
		    hold_resolve(&hold, (enum hold_state)to, 100, &err),
		    AICX_ESTATE);
		ck_assert_str_eq(err.word, "expired");
	}
}
END_TEST

START_TEST(an_ended_hold_says_how_it_ended)
{
	static const struct {
		enum hold_state state;
		const char *word;
	} ends[] = { { HOLD_POSTED, "already_posted" },
		{ HOLD_VOIDED, "already_voided" },
		{ HOLD_EXPIRED, "expired" } };

	for (size_t i = 0; i < 3; i++)
		for (int to = HOLD_POSTED; to <= HOLD_EXPIRED; to++) {
			struct hold hold = of_contract();
			hold.state = (int)ends[i].state;
			ck_assert_int_eq(
			    hold_resolve(&hold, (enum hold_state)to, 1, &err),
			    AICX_ESTATE);
			ck_assert_str_eq(err.word, ends[i].word);
			ck_assert(!hold_is_due(&hold, 1000));
		}
	struct hold strange = { .state = 99 };
	ck_assert_int_eq(
	    hold_resolve(&strange, HOLD_POSTED, 1, &err), AICX_EINVAL);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("hold");
	TCase *tcase = tcase_create("hold");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(
	    tcase, a_contracts_hold_is_posted_or_given_back_at_any_time);
	tcase_add_test(tcase, a_contracts_hold_never_expires_by_itself);
	tcase_add_test(tcase, a_reservation_ends_by_its_time_and_not_before);
	tcase_add_test(tcase, an_ended_hold_says_how_it_ended);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
