/* SPDX-License-Identifier: Apache-2.0 */
/* choose_test.c - part scores by hand, winners by rule, and the reason
   given. */
#include "negotiation/choose.h"

#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "base/str.h"

static const struct aicx_id ids[] = { { { 1 } }, { { 2 } }, { { 3 } },
	{ { 4 } } };

static struct candidate
offer(size_t i, int64_t price_minor, int64_t reputation, int64_t latency_ms)
{
	return (struct candidate) {
		.offer_id = &ids[i],
		.provider_id = &ids[3],
		.price_minor = price_minor,
		.reputation = reputation,
		.latency_ms = latency_ms,
	};
}

static void
ck_parts(const struct candidate *c, int64_t price, int64_t reputation,
    int64_t latency)
{
	ck_assert_int_eq(c->part_price, price);
	ck_assert_int_eq(c->part_reputation, reputation);
	ck_assert_int_eq(c->part_latency, latency);
	ck_assert_int_eq(
	    c->score, (price * 50 + reputation * 35 + latency * 15) / 100);
}

START_TEST(parts_are_relative_to_the_best)
{
	struct candidate list[] = { offer(0, 100, 5000, 20),
		offer(1, 200, 3000, 10), offer(2, 300, 0, 0) };

	choose_score(list, 3);
	ck_parts(&list[0], 1000, 1000, 500);
	ck_parts(&list[1], 500, 600, 1000);
	ck_parts(&list[2], 333, 0, 500);
	ck_assert_int_eq(list[0].score, 925);
}
END_TEST

START_TEST(one_alone_is_best_at_everything_it_has)
{
	struct candidate list[] = { offer(0, 7, 2500, 0) };

	choose_score(list, 1);
	ck_parts(&list[0], 1000, 500, 500);
	choose_score(list, 0);
}
END_TEST

START_TEST(a_free_offer_leaves_nothing_to_the_paid_one)
{
	struct candidate list[] = { offer(0, 0, 3000, 0),
		offer(1, 1, 3000, 0) };

	choose_score(list, 2);
	ck_parts(&list[0], 1000, 600, 500);
	ck_parts(&list[1], 0, 600, 500);
}
END_TEST

START_TEST(the_largest_amounts_do_not_overflow)
{
	struct candidate list[] = { offer(0, INT64_MAX, 5000, INT64_MAX),
		offer(1, INT64_MAX - 1, 5000, INT64_MAX / 2) };

	choose_score(list, 2);
	ck_parts(&list[0], 999, 1000, 499);
	ck_parts(&list[1], 1000, 1000, 1000);
}
END_TEST

START_TEST(the_lowest_price_wins_whatever_the_rest)
{
	struct candidate list[] = { offer(0, 101, 5000, 1),
		offer(1, 100, 0, 9999) };

	choose_score(list, 2);
	ck_assert_uint_eq(choose_winner(list, 2, CHOOSE_LOWEST_PRICE), 1);
	ck_assert_uint_eq(choose_winner(list, 2, CHOOSE_BEST_SCORE), 0);
}
END_TEST

START_TEST(among_equal_prices_the_better_score_wins)
{
	struct candidate list[] = { offer(0, 100, 3000, 0),
		offer(1, 100, 3001, 0), offer(2, 100, 4000, 0) };

	choose_score(list, 3);
	ck_assert_uint_eq(choose_winner(list, 3, CHOOSE_LOWEST_PRICE), 2);
}
END_TEST

START_TEST(among_equals_the_earlier_offer_id_wins)
{
	struct candidate list[] = { offer(2, 100, 3000, 0),
		offer(0, 100, 3000, 0), offer(1, 100, 3000, 0) };

	choose_score(list, 3);
	ck_assert_uint_eq(choose_winner(list, 3, CHOOSE_LOWEST_PRICE), 1);
	ck_assert_uint_eq(choose_winner(list, 3, CHOOSE_BEST_SCORE), 1);
}
END_TEST

START_TEST(the_first_good_one_is_the_first)
{
	struct candidate list[] = { offer(2, 900, 0, 0),
		offer(0, 100, 5000, 1) };

	choose_score(list, 2);
	ck_assert_uint_eq(choose_winner(list, 2, CHOOSE_FIRST_GOOD), 0);
}
END_TEST

START_TEST(the_order_of_the_list_does_not_matter)
{
	struct candidate list[] = { offer(0, 130, 4100, 40),
		offer(1, 120, 3900, 20), offer(2, 110, 2000, 30) };
	const struct aicx_id *winners[2];

	for (int rule = CHOOSE_LOWEST_PRICE; rule <= CHOOSE_BEST_SCORE;
	     rule++) {
		for (size_t turn = 0; turn < 6; turn++) {
			struct candidate swap = list[turn % 2];
			list[turn % 2] = list[turn % 2 + 1];
			list[turn % 2 + 1] = swap;
			choose_score(list, 3);
			const struct aicx_id *winner =
			    list[choose_winner(list, 3, (enum choose_rule)rule)]
				.offer_id;
			if (turn == 0)
				winners[rule] = winner;
			ck_assert_ptr_eq(winner, winners[rule]);
		}
	}
}
END_TEST

START_TEST(the_reason_shows_every_offer_with_its_parts)
{
	static const char expected[] =
	    "{\"rule\":\"lowest_price\","
	    "\"offer_id\":\"02000000-0000-0000-0000-000000000000\","
	    "\"score\":785,\"parts\":{\"price\":1000,\"reputation\":600,"
	    "\"latency\":500},\"reason\":\"says \\\"so\\\"\",\"offers\":["
	    "{\"offer_id\":\"01000000-0000-0000-0000-000000000000\","
	    "\"provider_id\":\"04000000-0000-0000-0000-000000000000\","
	    "\"price\":{\"amount\":\"0.000200\",\"currency\":\"AIC\"},"
	    "\"score\":535,\"parts\":{\"price\":500,\"reputation\":600,"
	    "\"latency\":500}},"
	    "{\"offer_id\":\"02000000-0000-0000-0000-000000000000\","
	    "\"provider_id\":\"04000000-0000-0000-0000-000000000000\","
	    "\"price\":{\"amount\":\"0.000100\",\"currency\":\"AIC\"},"
	    "\"score\":785,\"parts\":{\"price\":1000,\"reputation\":600,"
	    "\"latency\":500}}]}";
	struct candidate list[] = { offer(0, 200, 3000, 0),
		offer(1, 100, 3000, 0) };
	struct currencies currencies = { 0 };
	struct buf buf = { 0 };
	struct json_writer w = json_writer(&buf);

	(void)currencies_add(&currencies, STR("AIC"), 6, NULL);
	choose_score(list, 2);
	choose_put_why(&w, list, 2, 1, "lowest_price", STR("says \"so\""),
	    "AIC", &currencies);
	ck_assert_str_eq(buf_cstr(&buf), expected);
	buf_clear(&buf);
	w = json_writer(&buf);
	choose_put_why(&w, list, 2, 1, "lowest_price",
	    (struct aicx_str) { NULL, 0 }, "AIC", &currencies);
	ck_assert_ptr_null(strstr(buf_cstr(&buf), "reason"));
	buf_fini(&buf);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("choose");
	TCase *tcase = tcase_create("choose");

	tcase_add_test(tcase, parts_are_relative_to_the_best);
	tcase_add_test(tcase, one_alone_is_best_at_everything_it_has);
	tcase_add_test(tcase, a_free_offer_leaves_nothing_to_the_paid_one);
	tcase_add_test(tcase, the_largest_amounts_do_not_overflow);
	tcase_add_test(tcase, the_lowest_price_wins_whatever_the_rest);
	tcase_add_test(tcase, among_equal_prices_the_better_score_wins);
	tcase_add_test(tcase, among_equals_the_earlier_offer_id_wins);
	tcase_add_test(tcase, the_first_good_one_is_the_first);
	tcase_add_test(tcase, the_order_of_the_list_does_not_matter);
	tcase_add_test(tcase, the_reason_shows_every_offer_with_its_parts);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
