/* SPDX-License-Identifier: Apache-2.0 */
/* window_test.c - repeats and forgeries of an id, for as long as it counts. */
#include "security/window.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { WINDOW_MS = 1000, IDS_MAX = 3000, START_MS = 5000000 };

static const struct aicx_id ann = { { 1 } }, bob = { { 2 } };
static struct window *window;

static void
setup(void)
{
	window = window_new(WINDOW_MS, IDS_MAX);
}

static void
teardown(void)
{
	window_free(window);
	window_free(NULL);
}

static struct aicx_id
id(uint32_t i)
{
	struct aicx_id id = { { 0 } };

	memcpy(id.bytes, &i, sizeof i);
	return id;
}

static enum window_verdict
see(const struct aicx_id *sender, uint32_t i, uint64_t body, int64_t after_ms)
{
	struct aicx_id message = id(i);

	return window_see(window, sender, &message, body, START_MS + after_ms);
}

START_TEST(a_new_id_is_new_and_its_repeat_a_repeat)
{
	ck_assert_int_eq(see(&ann, 1, 10, 0), WINDOW_NEW);
	ck_assert_int_eq(see(&ann, 1, 10, 0), WINDOW_REPEAT);
	ck_assert_int_eq(see(&ann, 1, 10, 999), WINDOW_REPEAT);
	ck_assert_int_eq(see(&ann, 2, 10, 999), WINDOW_NEW);
}
END_TEST

START_TEST(another_body_under_the_same_id_is_a_conflict)
{
	ck_assert_int_eq(see(&ann, 1, 10, 0), WINDOW_NEW);
	ck_assert_int_eq(see(&ann, 1, 11, 0), WINDOW_CONFLICT);
	/* The first one stays the one that counts. */
	ck_assert_int_eq(see(&ann, 1, 10, 0), WINDOW_REPEAT);
	ck_assert_int_eq(see(&ann, 1, 11, 0), WINDOW_CONFLICT);
}
END_TEST

START_TEST(an_id_belongs_to_its_sender)
{
	ck_assert_int_eq(see(&ann, 1, 10, 0), WINDOW_NEW);
	ck_assert_int_eq(see(&bob, 1, 10, 0), WINDOW_NEW);
	ck_assert_int_eq(see(&bob, 1, 99, 0), WINDOW_CONFLICT);
}
END_TEST

START_TEST(an_id_is_known_for_one_window_at_least_and_for_two_at_most)
{
	static const int64_t moments_ms[] = { 0, 1, 500, 999 };

	for (uint32_t i = 0; i < 4; i++) {
		int64_t base_ms = i * 10 * WINDOW_MS;
		uint32_t first = 100 * (i + 1);
		ck_assert_int_eq(see(&ann, first, 1, base_ms), WINDOW_NEW);
		int64_t at_ms = base_ms + moments_ms[i];
		ck_assert_int_eq(see(&ann, first + 1, 1, at_ms), WINDOW_NEW);
		/* Traffic turns the generations whenever it can. */
		for (int64_t ms = at_ms; ms <= at_ms + WINDOW_MS; ms += 50)
			(void)see(&bob, first + 2, 1, ms);
		ck_assert_int_eq(
		    see(&ann, first + 1, 1, at_ms + WINDOW_MS), WINDOW_REPEAT);
		for (int64_t ms = at_ms; ms <= at_ms + 2 * WINDOW_MS; ms += 50)
			(void)see(&bob, first + 3, 1, ms);
		ck_assert_int_eq(
		    see(&ann, first + 1, 1, at_ms + 2 * WINDOW_MS + 50),
		    WINDOW_NEW);
	}
}
END_TEST

START_TEST(after_a_long_silence_nothing_is_known)
{
	ck_assert_int_eq(see(&ann, 1, 10, 0), WINDOW_NEW);
	ck_assert_int_eq(see(&ann, 1, 11, 2 * WINDOW_MS), WINDOW_NEW);
	ck_assert_int_eq(see(&ann, 1, 10, 2 * WINDOW_MS), WINDOW_CONFLICT);
}
END_TEST

START_TEST(a_silence_of_one_window_forgets_nothing)
{
	ck_assert_int_eq(see(&ann, 1, 10, 0), WINDOW_NEW);
	ck_assert_int_eq(see(&ann, 2, 20, 999), WINDOW_NEW);
	ck_assert_int_eq(see(&ann, 2, 20, 1999), WINDOW_REPEAT);
	ck_assert_int_eq(see(&ann, 1, 11, 1999), WINDOW_CONFLICT);
}
END_TEST

START_TEST(a_clock_that_steps_back_forgets_nothing)
{
	ck_assert_int_eq(see(&ann, 1, 10, 500), WINDOW_NEW);
	ck_assert_int_eq(see(&ann, 1, 10, -100000), WINDOW_REPEAT);
	ck_assert_int_eq(see(&ann, 2, 10, -100000), WINDOW_NEW);
	ck_assert_int_eq(see(&ann, 2, 11, 500), WINDOW_CONFLICT);
}
END_TEST

START_TEST(a_full_window_takes_no_new_id_and_knows_the_old)
{
	struct aicx_id senders[IDS_MAX];
	uint32_t n = 0, n_known = 0;

	for (uint32_t i = 1; n < IDS_MAX && i <= 2 * IDS_MAX; i++) {
		senders[n] = id(i);
		n += see(&senders[n], n, n, 0) == WINDOW_NEW;
	}
	ck_assert_uint_eq(n, IDS_MAX);
	ck_assert_int_eq(see(&ann, IDS_MAX, 1, 0), WINDOW_FULL);
	ck_assert_int_eq(see(&ann, IDS_MAX, 1, 0), WINDOW_FULL);
	for (uint32_t i = 0; i < IDS_MAX; i++)
		n_known += see(&senders[i], i, i, 0) == WINDOW_REPEAT;
	ck_assert_uint_eq(n_known, IDS_MAX);
	ck_assert_int_eq(see(&senders[7], 7, 8, 0), WINDOW_CONFLICT);
	/* The next generation has room, and the old one is still known. */
	ck_assert_int_eq(see(&ann, IDS_MAX, 1, WINDOW_MS), WINDOW_NEW);
	ck_assert_int_eq(see(&senders[7], 7, 7, WINDOW_MS), WINDOW_REPEAT);
}
END_TEST

START_TEST(no_sender_takes_what_the_others_need)
{
	static const struct aicx_id eve = { { 3 } };
	uint32_t n_ann = 0, n_eve = 0;

	for (uint32_t i = 0; i < IDS_MAX; i++)
		n_ann += see(&ann, i, i, 0) == WINDOW_NEW;
	ck_assert_uint_eq(n_ann, IDS_MAX / 2);
	for (uint32_t i = 0; i < IDS_MAX; i++)
		n_eve += see(&eve, i, i, 0) == WINDOW_NEW;
	ck_assert_uint_eq(n_eve, IDS_MAX / 4);
	ck_assert_int_eq(see(&bob, 1, 1, 0), WINDOW_NEW);
	ck_assert_int_eq(see(&ann, 1, 1, 0), WINDOW_REPEAT);
	/* What was taken counts in its generation alone. */
	ck_assert_int_eq(see(&ann, IDS_MAX, 1, WINDOW_MS), WINDOW_NEW);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("window");
	TCase *tcase = tcase_create("window");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_new_id_is_new_and_its_repeat_a_repeat);
	tcase_add_test(tcase, another_body_under_the_same_id_is_a_conflict);
	tcase_add_test(tcase, an_id_belongs_to_its_sender);
	tcase_add_test(
	    tcase, an_id_is_known_for_one_window_at_least_and_for_two_at_most);
	tcase_add_test(tcase, after_a_long_silence_nothing_is_known);
	tcase_add_test(tcase, a_silence_of_one_window_forgets_nothing);
	tcase_add_test(tcase, a_clock_that_steps_back_forgets_nothing);
	tcase_add_test(tcase, a_full_window_takes_no_new_id_and_knows_the_old);
	tcase_add_test(tcase, no_sender_takes_what_the_others_need);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
