/* SPDX-License-Identifier: Apache-2.0 */
/* horizon_test.c - which requests are new without anybody being asked. */
#include "broker/horizon.h"

#include "base/err.h"
#include "base/str.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* An index with one request, asked how often. */
static struct catalog_key there;
static int n_asked;
static aicx_err answer;

static aicx_err
index_range(void *state, struct aicx_str from, struct aicx_str to, int reverse,
    aicx_pair_fn *fn, void *arg, struct aicx_error *reterr)
{
	struct aicx_str key = catalog_key_view(&there);

	(void)state;
	ck_assert_int_eq(reverse, 1);
	n_asked++;
	if (answer != AICX_OK)
		return err_set(reterr, answer, "the disk is gone");
	if (str_cmp(key, from) >= 0 && str_cmp(key, to) < 0)
		(void)fn(key, STR("v"), arg);
	return AICX_OK;
}

static const struct aicx_store_ops index_ops = { .size = sizeof index_ops,
	.range = index_range };
static const struct catalog catalog = { .ops = &index_ops };
static const struct aicx_id sender = { { 7 } }, other = { { 8 } };
static struct horizon horizon;

static struct aicx_id
id_of(int first, int last)
{
	struct aicx_id id = { { 0 } };

	id.bytes[0] = (uint8_t)first;
	id.bytes[15] = (uint8_t)last;
	return id;
}

static bool
is_new(const struct aicx_id *from, int first, int last)
{
	struct aicx_id id = id_of(first, last);
	bool new = false;

	ck_assert_int_eq(
	    horizon_is_new(&horizon, &catalog, from, &id, &new, NULL), AICX_OK);
	return new;
}

static void
setup(void)
{
	struct aicx_id known = id_of(5, 5);

	there = catalog_request_key(&sender, &known);
	n_asked = 0;
	answer = AICX_OK;
}

static void
teardown(void)
{
	horizon_fini(&horizon);
}

START_TEST(what_is_greater_than_all_in_the_index_is_new_and_nothing_else)
{
	ck_assert(is_new(&sender, 5, 6));
	ck_assert(!is_new(&sender, 5, 5));
	ck_assert(!is_new(&sender, 5, 4));
	ck_assert(!is_new(&sender, 4, 9));
	ck_assert(is_new(&sender, 6, 0));
	ck_assert_int_eq(n_asked, 1);
	ck_assert(is_new(&other, 4, 9));
	ck_assert_int_eq(n_asked, 2);
}
END_TEST

START_TEST(what_was_asked_since_is_not_new_again)
{
	struct aicx_id id = id_of(6, 1);

	horizon_note(&horizon, &sender, &id);
	ck_assert(!is_new(&sender, 6, 1));
	ck_assert(!is_new(&sender, 6, 0));
	ck_assert_int_eq(n_asked, 0);
	ck_assert(is_new(&sender, 6, 2));
	ck_assert_int_eq(n_asked, 1);
	id = id_of(9, 0);
	horizon_note(&horizon, &sender, &id);
	ck_assert(!is_new(&sender, 6, 2));
	ck_assert(is_new(&sender, 9, 1));
	ck_assert_int_eq(n_asked, 1);
}
END_TEST

START_TEST(the_greatest_id_of_all_is_always_looked_for)
{
	struct aicx_id last;
	bool new = true;

	memset(&last, 0xFF, sizeof last);
	there = catalog_request_key(&sender, &last);
	ck_assert_int_eq(
	    horizon_is_new(&horizon, &catalog, &sender, &last, &new, NULL),
	    AICX_OK);
	ck_assert(!new);
}
END_TEST

START_TEST(without_an_index_memory_alone_says_it)
{
	static const struct catalog none = { .ops = NULL };
	struct aicx_id id = id_of(1, 0);
	bool new = false;

	ck_assert_int_eq(
	    horizon_is_new(&horizon, &none, &sender, &id, &new, NULL), AICX_OK);
	ck_assert(new);
}
END_TEST

START_TEST(an_index_that_cannot_be_read_is_an_error_and_asked_again)
{
	struct aicx_id id = id_of(9, 0);
	struct aicx_error error = { 0 };
	bool new = true;

	answer = AICX_EIO;
	ck_assert_int_eq(
	    horizon_is_new(&horizon, &catalog, &sender, &id, &new, &error),
	    AICX_EIO);
	ck_assert(!new);
	answer = AICX_OK;
	ck_assert(is_new(&sender, 9, 0));
	ck_assert_int_eq(n_asked, 2);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("horizon");
	TCase *tcase = tcase_create("horizon");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase,
	    what_is_greater_than_all_in_the_index_is_new_and_nothing_else);
	tcase_add_test(tcase, what_was_asked_since_is_not_new_again);
	tcase_add_test(tcase, the_greatest_id_of_all_is_always_looked_for);
	tcase_add_test(tcase, without_an_index_memory_alone_says_it);
	tcase_add_test(
	    tcase, an_index_that_cannot_be_read_is_an_error_and_asked_again);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
