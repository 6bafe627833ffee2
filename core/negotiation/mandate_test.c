/* SPDX-License-Identifier: Apache-2.0 */
/* mandate_test.c - what a mandate must say, and what it covers how long. */
#include "negotiation/mandate.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

enum { BEGIN_MS = 1000, END_MS = 5000 };

static const struct aicx_id broker_id = { { 0xb0 } };
static const struct aicx_id buyer = { { 0x01 } }, stranger = { { 0x02 } };

static struct currencies currencies;
static struct arena arena;
static struct aicx_error err;
static struct aicx_str needs[3];

static void
setup(void)
{
	currencies = (struct currencies) { 0 };
	(void)currencies_add(&currencies, STR("AIC"), 6, NULL);
	(void)currencies_add(&currencies, STR("USD"), 2, NULL);
	needs[0] = STR("text.spellcheck");
	needs[1] = STR("image.*");
	needs[2] = STR("pdf");
	err = (struct aicx_error) { 0 };
}

static void
teardown(void)
{
	arena_fini(&arena);
}

static struct mandate_text
good(void)
{
	return (struct mandate_text) {
		.kind = STR("mandate"),
		.id = { { 0x77 } },
		.broker_id = broker_id,
		.requester = buyer,
		.need = { needs, 3 },
		.max_each = { 100, "AIC" },
		.max_total = { 250, "AIC" },
		.max_deals = 3,
		.not_before_ms = BEGIN_MS,
		.expires_ms = END_MS,
		.choose = CHOOSE_BEST_SCORE,
	};
}

static aicx_err
parse(struct aicx_str text, struct mandate_text *ret)
{
	err = (struct aicx_error) { 0 };
	return mandate_text_parse(
	    text, &currencies, &broker_id, &arena, ret, &err);
}

static aicx_err
reread(const struct mandate_text *text, struct mandate_text *ret)
{
	struct buf buf = { 0 };

	mandate_text_print(&buf, text, &currencies);
	struct aicx_str copy = arena_str(&arena, buf_view(&buf));
	buf_fini(&buf);
	return parse(copy, ret);
}

/* The text with one thing wrong is refused and nothing is written. */
static void
ck_refused(struct mandate_text text, const char *word, const char *field)
{
	struct mandate_text ret;

	ck_assert_msg(reread(&text, &ret) != AICX_OK, "%s", field);
	ck_assert_str_eq(err.word, word);
	ck_assert_str_eq(err.field, field);
}

START_TEST(a_mandate_is_printed_and_read_back)
{
	struct mandate_text text = good(), back;

	ck_assert_msg(reread(&text, &back) == AICX_OK, "%s", err.text);
	ck_assert_mem_eq(&back.requester, &buyer, sizeof buyer);
	ck_assert_uint_eq(back.need.n, 3);
	ck_assert(str_is(back.need.items[1], "image.*"));
	ck_assert_int_eq(back.max_each.minor, 100);
	ck_assert_int_eq(back.max_total.minor, 250);
	ck_assert_str_eq(back.max_total.currency, "AIC");
	ck_assert_int_eq(back.max_deals, 3);
	ck_assert_int_eq(back.not_before_ms, BEGIN_MS);
	ck_assert_int_eq(back.expires_ms, END_MS);
	ck_assert_int_eq(back.choose, CHOOSE_BEST_SCORE);
}
END_TEST

#define IDS                                                                    \
	"\"kind\":\"mandate\",\"id\":\"77000000-0000-0000-0000-"               \
	"000000000000\","                                                      \
	"\"broker_id\":\"b0000000-0000-0000-0000-000000000000\","              \
	"\"requester\":\"01000000-0000-0000-0000-000000000000\""
#define LIMITS                                                                 \
	"\"max_each\":{\"amount\":\"1.000000\",\"currency\":\"AIC\"},"         \
	"\"max_total\":{\"amount\":\"2.000000\",\"currency\":\"AIC\"}"

START_TEST(what_is_absent_is_one_deal_at_the_lowest_price_without_end)
{
	struct mandate_text text;

	ck_assert_msg(parse(STR("{" IDS ",\"need\":[\"pdf\"]," LIMITS "}"),
			  &text) == AICX_OK,
	    "%s", err.text);
	ck_assert_int_eq(text.max_deals, 1);
	ck_assert_int_eq(text.choose, CHOOSE_LOWEST_PRICE);
	ck_assert_int_eq(text.standbys, 0);
	ck_assert_int_eq(text.expires_ms, 0);
}
END_TEST

START_TEST(a_text_that_is_no_object_or_lacks_something_is_refused)
{
	struct mandate_text text;

	ck_assert_int_ne(parse(STR("[]"), &text), AICX_OK);
	ck_assert_int_ne(parse(STR("{"), &text), AICX_OK);
	ck_assert_str_eq(err.word, "malformed");
	ck_assert_int_ne(parse(STR("{" IDS "," LIMITS "}"), &text), AICX_OK);
	ck_assert_str_eq(err.field, "/need");
	ck_assert_int_ne(
	    parse(STR("{" IDS ",\"need\":[\"pdf\"]}"), &text), AICX_OK);
	ck_assert_str_eq(err.field, "/max_each");
	ck_assert_int_ne(
	    parse(STR("{" IDS ",\"need\":[]," LIMITS "}"), &text), AICX_OK);
}
END_TEST

START_TEST(a_mandate_of_another_kind_or_broker_or_nobody_is_refused)
{
	struct mandate_text text = good();

	text.kind = STR("offer");
	ck_refused(text, "invalid_params", "/mandate/kind");
	text = good();
	text.broker_id = stranger;
	ck_refused(text, "misaddressed", "");
	text = good();
	text.id = (struct aicx_id) { { 0 } };
	ck_refused(text, "invalid_params", "/mandate");
	text = good();
	text.requester = (struct aicx_id) { { 0 } };
	ck_refused(text, "invalid_params", "/mandate");
}
END_TEST

START_TEST(limits_are_of_one_currency_and_above_zero)
{
	struct mandate_text text = good();

	text.max_total = (struct aicx_money) { 250, "USD" };
	ck_refused(text, "invalid_params", "/mandate/max_total");
	text = good();
	text.max_each.minor = 0;
	ck_refused(text, "invalid_amount", "/mandate/max_each");
	text = good();
	text.max_total.minor = 0;
	ck_refused(text, "invalid_amount", "/mandate/max_total");
	text = good();
	text.max_deals = 0;
	ck_refused(text, "invalid_params", "/max_deals");
}
END_TEST

START_TEST(a_mandate_does_not_end_before_it_begins)
{
	struct mandate_text text = good(), back;

	text.expires_ms = BEGIN_MS;
	ck_refused(text, "invalid_params", "/mandate/expires");
	text.expires_ms = BEGIN_MS + 1;
	ck_assert_int_eq(reread(&text, &back), AICX_OK);
}
END_TEST

START_TEST(a_star_covers_what_is_below_and_not_the_name_itself)
{
	struct mandate_text text = good();

	ck_assert(mandate_covers_need(&text, STR("text.spellcheck")));
	ck_assert(!mandate_covers_need(&text, STR("text.spellchecker")));
	ck_assert(!mandate_covers_need(&text, STR("text")));
	ck_assert(mandate_covers_need(&text, STR("image.scale")));
	ck_assert(mandate_covers_need(&text, STR("image.scale.down")));
	ck_assert(!mandate_covers_need(&text, STR("image.")));
	ck_assert(!mandate_covers_need(&text, STR("image")));
	ck_assert(!mandate_covers_need(&text, STR("images.scale")));
	ck_assert(mandate_covers_need(&text, STR("pdf")));
	ck_assert(!mandate_covers_need(&text, STR("")));
	needs[2] = STR("*");
	ck_assert(!mandate_covers_need(&text, STR("pdf")));
}
END_TEST

/* One purchase; what a test changes stands in the parameters. */
struct ask {
	struct mandate mandate;
	struct mandate_text text;
	struct mandate_use use;
	struct aicx_id requester;
	struct aicx_str need;
	struct aicx_money amount;
	int64_t now_ms;
};

static struct ask
asking(void)
{
	return (struct ask) {
		.text = good(),
		.requester = buyer,
		.need = STR("pdf"),
		.amount = { 100, "AIC" },
		.now_ms = BEGIN_MS,
	};
}

static aicx_err
check(const struct ask *ask)
{
	err = (struct aicx_error) { 0 };
	return mandate_check(&ask->mandate, &ask->text, &ask->use,
	    &ask->requester, ask->need, &ask->amount, ask->now_ms, &err);
}

static void
ck_not_covered(const struct ask *ask, const char *word)
{
	ck_assert_int_ne(check(ask), AICX_OK);
	ck_assert_str_eq(err.word, word);
}

START_TEST(a_mandate_covers_its_requester_need_time_and_limits)
{
	struct ask ask = asking();

	ck_assert_msg(check(&ask) == AICX_OK, "%s", err.text);
	ck_assert_int_eq(
	    mandate_check(&ask.mandate, &ask.text, NULL, &ask.requester,
		ask.need, &ask.amount, ask.now_ms, &err),
	    AICX_OK);
	ask.now_ms = END_MS - 1;
	ck_assert_int_eq(check(&ask), AICX_OK);
	ask.text.expires_ms = 0;
	ask.now_ms = INT64_MAX;
	ck_assert_int_eq(check(&ask), AICX_OK);
}
END_TEST

START_TEST(a_foreign_mandate_is_denied)
{
	struct ask ask = asking();

	ask.requester = stranger;
	ck_not_covered(&ask, "denied");
}
END_TEST

START_TEST(a_revoked_early_or_late_mandate_is_none)
{
	struct ask ask = asking();

	ask.mandate.revoked = true;
	ck_not_covered(&ask, "no_mandate");
	ask = asking();
	ask.now_ms = BEGIN_MS - 1;
	ck_not_covered(&ask, "no_mandate");
	ask.now_ms = END_MS;
	ck_not_covered(&ask, "mandate_expired");
}
END_TEST

START_TEST(another_need_or_currency_is_not_covered)
{
	struct ask ask = asking();

	ask.need = STR("pdf.merge");
	ck_not_covered(&ask, "no_mandate");
	ask = asking();
	ask.amount = (struct aicx_money) { 1, "USD" };
	ck_not_covered(&ask, "no_mandate");
}
END_TEST

START_TEST(a_mandate_is_used_up_by_deals)
{
	struct ask ask = asking();

	ask.amount.minor = 1;
	ask.use.uses = 2;
	ck_assert_int_eq(check(&ask), AICX_OK);
	ask.use.uses = 3;
	ck_not_covered(&ask, "mandate_exhausted");
}
END_TEST

START_TEST(a_mandate_is_used_up_by_money_held_and_posted)
{
	struct ask ask = asking();

	ask.amount.minor = 101;
	ck_not_covered(&ask, "mandate_exhausted");
	ask.amount.minor = 100;
	ask.use = (struct mandate_use) {
		.uses = 2, .held_minor = 90, .posted_minor = 60
	};
	ck_assert_int_eq(check(&ask), AICX_OK);
	ask.use.posted_minor = 61;
	ck_not_covered(&ask, "mandate_exhausted");
	ask.amount.minor = 99;
	ck_assert_int_eq(check(&ask), AICX_OK);
}
END_TEST

START_TEST(sums_that_overflow_are_no_cover)
{
	struct ask ask = asking();

	ask.use.held_minor = INT64_MAX;
	ask.use.posted_minor = 1;
	ck_not_covered(&ask, "mandate_exhausted");
	ask.use.posted_minor = 0;
	ck_not_covered(&ask, "mandate_exhausted");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("mandate");
	TCase *tcase = tcase_create("mandate");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_mandate_is_printed_and_read_back);
	tcase_add_test(
	    tcase, what_is_absent_is_one_deal_at_the_lowest_price_without_end);
	tcase_add_test(
	    tcase, a_text_that_is_no_object_or_lacks_something_is_refused);
	tcase_add_test(
	    tcase, a_mandate_of_another_kind_or_broker_or_nobody_is_refused);
	tcase_add_test(tcase, limits_are_of_one_currency_and_above_zero);
	tcase_add_test(tcase, a_mandate_does_not_end_before_it_begins);
	tcase_add_test(
	    tcase, a_star_covers_what_is_below_and_not_the_name_itself);
	tcase_add_test(
	    tcase, a_mandate_covers_its_requester_need_time_and_limits);
	tcase_add_test(tcase, a_foreign_mandate_is_denied);
	tcase_add_test(tcase, a_revoked_early_or_late_mandate_is_none);
	tcase_add_test(tcase, another_need_or_currency_is_not_covered);
	tcase_add_test(tcase, a_mandate_is_used_up_by_deals);
	tcase_add_test(tcase, a_mandate_is_used_up_by_money_held_and_posted);
	tcase_add_test(tcase, sums_that_overflow_are_no_cover);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
