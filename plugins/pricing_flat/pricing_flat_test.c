/* SPDX-License-Identifier: Apache-2.0 */
/* pricing_flat_test.c - the built plugin, loaded as the broker loads it. */
#include <aiconexus/plugin.h>
#include <aiconexus/pricing.h>
#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fake_host.h"

static struct fake *fake;
static const struct aicx_plugin *plugin;
static void *settings;
static const struct aicx_pricing_ops *ops;
static void *state;
static struct aicx_price price;
static struct aicx_error err;

static void
setup(void)
{
	fake = fake_new();
	plugin = fake_plugin(".libs/pricing_flat.so");
	settings = fake_settings(plugin);
	ops = plugin->ops.pricing;
	fake_set(settings, plugin, "per_call", 1000000, "AIC");
}

static aicx_err
open_flat(void)
{
	return plugin->open(
	    &fake->table, fake_self(fake), settings, &state, &err);
}

static void
setup_open(void)
{
	setup();
	ck_assert_int_eq(open_flat(), AICX_OK);
}

static void
teardown(void)
{
	free(settings);
	fake_free(fake);
}

static void
teardown_open(void)
{
	plugin->close(state);
	teardown();
}

static struct aicx_str
str_of(const char *text)
{
	return (struct aicx_str) { text, strlen(text) };
}

static void
ck_str(struct aicx_str str, const char *text)
{
	ck_assert_uint_eq(str.len, strlen(text));
	ck_assert_mem_eq(str.ptr, text, str.len);
}

static struct aicx_price_terms terms;
static struct aicx_usage usage;

#define AIC(minor) ((struct aicx_money) { (minor), "AIC" })
#define USD(minor) ((struct aicx_money) { (minor), "USD" })

static aicx_err
ask(void)
{
	price.n_lines = 77;
	return ops->quote(state, &terms, &usage, &price, &err);
}

static void
set(const char *model, int64_t base, int64_t unit, int64_t calls, int64_t units)
{
	terms = (struct aicx_price_terms) {
		.size = sizeof terms,
		.model = str_of(model),
		.base_cost = AIC(base),
		.unit_cost = AIC(unit),
		.included_units = -1,
		.max_latency_ms = -1,
	};
	usage = (struct aicx_usage) {
		.size = sizeof usage,
		.calls = calls,
		.units = units,
		.quality = -1,
		.used_before = -1,
	};
}

static aicx_err
quote(
    const char *model, int64_t base, int64_t unit, int64_t calls, int64_t units)
{
	set(model, base, unit, calls, units);
	return ask();
}

static void
assert_part(size_t index, const char *label, int64_t quantity, int64_t per,
    int64_t each)
{
	ck_assert_str_eq(price.lines[index].label, label);
	ck_assert_int_eq(price.lines[index].quantity, quantity);
	ck_assert_int_eq(price.lines[index].per, per);
	ck_assert_int_eq(price.lines[index].each.minor, each);
	ck_assert_str_eq(price.lines[index].each.currency, "AIC");
}

static void
assert_line(size_t index, const char *label, int64_t quantity, int64_t each)
{
	assert_part(index, label, quantity, 1, each);
}

static void
assert_refused(aicx_err code, const char *why)
{
	ck_assert_int_eq(ask(), code);
	ck_assert_str_eq(err.text, why);
	ck_assert_uint_eq(price.n_lines, 77);
}

START_TEST(a_call_costs_its_base)
{
	ck_assert_int_eq(quote("per_call", 2500, 9, 3, 100), AICX_OK);
	ck_assert_uint_eq(price.n_lines, 1);
	assert_line(0, "base", 3, 2500);
}
END_TEST

START_TEST(units_are_added_to_the_base)
{
	ck_assert_int_eq(quote("per_unit", 2500, 7, 1, 1000), AICX_OK);
	ck_assert_uint_eq(price.n_lines, 2);
	assert_line(0, "base", 1, 2500);
	assert_line(1, "units", 1000, 7);
	ck_assert_int_eq(quote("per_unit", 0, 7, 1, 0), AICX_OK);
	assert_line(1, "units", 0, 7);
}
END_TEST

/* A subscription of 9000 a month with 100 units; more cost 30 each. */
static void
subscribe(int64_t used_before, int64_t units)
{
	set("subscription", 0, 30, 1, units);
	terms.base_cost = (struct aicx_money) { .minor = 0 };
	terms.subscription_cost = AIC(9000);
	terms.subscription_period = str_of("monthly");
	terms.included_units = 100;
	usage.used_before = used_before;
	ck_assert_int_eq(ask(), AICX_OK);
}

START_TEST(the_first_use_of_a_period_pays_for_it)
{
	subscribe(-1, 60);
	ck_assert_uint_eq(price.n_lines, 2);
	assert_line(0, "subscription", 1, 9000);
	assert_line(1, "units", 0, 30);
	subscribe(-1, 130);
	assert_line(1, "units", 30, 30);
}
END_TEST

START_TEST(later_uses_pay_for_what_is_beyond_the_included_units)
{
	subscribe(0, 100);
	ck_assert_uint_eq(price.n_lines, 1);
	assert_line(0, "units", 0, 30);
	subscribe(60, 41);
	assert_line(0, "units", 1, 30);
	subscribe(100, 7);
	assert_line(0, "units", 7, 30);
	subscribe(1000, 7);
	assert_line(0, "units", 7, 30);
	usage.used_before = INT64_MAX;
	assert_refused(AICX_ELIMIT,
	    "cannot price: the units of the period do not fit 64 bits");
}
END_TEST

START_TEST(a_subscription_may_cost_for_each_call_and_include_all_units)
{
	subscribe(-1, 1000);
	terms.base_cost = AIC(5);
	terms.unit_cost = (struct aicx_money) { .minor = 0 };
	assert_refused(AICX_EINVAL,
	    "cannot price: unit cost and included units need each other");
	terms.included_units = -1;
	ck_assert_int_eq(ask(), AICX_OK);
	ck_assert_uint_eq(price.n_lines, 2);
	assert_line(0, "subscription", 1, 9000);
	assert_line(1, "base", 1, 5);
	terms.subscription_cost.currency[0] = '\0';
	assert_refused(
	    AICX_EINVAL, "cannot price: the terms have no subscription cost");
}
END_TEST

static void
late(int64_t latency_ms, int64_t per_ms, int64_t cap)
{
	set("per_call", 2500, 0, 1, 1);
	terms.max_latency_ms = 1000;
	terms.penalty_per_ms = AIC(per_ms);
	terms.penalty_cap = AIC(cap);
	usage.latency_ms = latency_ms;
	ck_assert_int_eq(ask(), AICX_OK);
}

START_TEST(each_late_millisecond_is_taken_off_up_to_the_cap)
{
	late(1000, 2, 500);
	ck_assert_uint_eq(price.n_lines, 1);
	late(1001, 2, 500);
	ck_assert_uint_eq(price.n_lines, 2);
	assert_line(1, "penalty", 1, -2);
	late(1250, 2, 500);
	assert_line(1, "penalty", 250, -2);
	late(1251, 2, 500);
	assert_line(1, "penalty", 1, -500);
	late(INT64_MAX, INT64_MAX, INT64_MAX - 1);
	assert_line(1, "penalty", 1, -(INT64_MAX - 1));
	late(5000, 0, 500);
	ck_assert_uint_eq(price.n_lines, 1);
	late(5000, 2, 0);
	ck_assert_uint_eq(price.n_lines, 1);
}
END_TEST

START_TEST(quality_earns_its_share_of_the_bonus)
{
	set("per_call", 2500, 0, 1, 1);
	terms.bonus_cap = AIC(333);
	ck_assert_int_eq(ask(), AICX_OK);
	ck_assert_uint_eq(price.n_lines, 1);
	for (int64_t quality = 0; quality <= 1000; quality += 250) {
		usage.quality = quality;
		ck_assert_int_eq(ask(), AICX_OK);
		ck_assert_uint_eq(price.n_lines, 2);
		assert_part(1, "bonus", quality, 1000, 333);
	}
	usage.quality = 1001;
	assert_refused(
	    AICX_EINVAL, "cannot price: the quality is not within 0 to 1000");
	usage.quality = -2;
	assert_refused(
	    AICX_EINVAL, "cannot price: the quality is not within 0 to 1000");
}
END_TEST

START_TEST(terms_it_cannot_price_are_refused)
{
	set("dynamic", 1, 1, 1, 1);
	assert_refused(AICX_EINVAL,
	    "cannot price: the model is none of per_call, per_unit and "
	    "subscription");
	ck_assert_int_eq(quote("per_call", -1, 0, 1, 1), AICX_EINVAL);
	ck_assert_int_eq(quote("per_unit", 1, -1, 1, 1), AICX_EINVAL);
	ck_assert_str_eq(err.text, "cannot price: a cost is below zero");
	ck_assert_int_eq(quote("per_unit", 1, 1, 1, -1), AICX_EINVAL);
	ck_assert_int_eq(quote("per_unit", 1, 1, -1, 1), AICX_EINVAL);
	usage.calls = 1;
	usage.latency_ms = -1;
	assert_refused(AICX_EINVAL, "cannot price: a quantity is below zero");
	set("per_call", 1, 0, 1, 1);
	terms.base_cost.currency[0] = '\0';
	assert_refused(
	    AICX_EINVAL, "cannot price: the terms have no base cost");
	set("per_unit", 1, 1, 1, 1);
	terms.unit_cost.currency[0] = '\0';
	assert_refused(
	    AICX_EINVAL, "cannot price: the terms have no unit cost");
}
END_TEST

START_TEST(costs_of_two_currencies_are_refused)
{
	struct aicx_money *const costs[] = { &terms.unit_cost,
		&terms.subscription_cost, &terms.penalty_per_ms,
		&terms.penalty_cap, &terms.bonus_cap };

	for (size_t i = 0; i < sizeof costs / sizeof *costs; i++) {
		set("per_unit", 1, 1, 1, 1);
		*costs[i] = USD(1);
		assert_refused(
		    AICX_EINVAL, "cannot price: the costs differ in currency");
		*costs[i] = AIC(-1);
		assert_refused(
		    AICX_EINVAL, "cannot price: a cost is below zero");
	}
}
END_TEST

START_TEST(the_largest_costs_and_quantities_are_lines_like_others)
{
	ck_assert_int_eq(
	    quote("per_unit", INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX),
	    AICX_OK);
	assert_line(0, "base", INT64_MAX, INT64_MAX);
	assert_line(1, "units", INT64_MAX, INT64_MAX);
}
END_TEST

START_TEST(the_standard_terms_are_the_options)
{
	fake_set(settings, plugin, "per_call", 2500, "AIC");
	ck_assert_int_eq(open_flat(), AICX_OK);
	ck_assert_int_eq(ops->standard(state, &terms, &err), AICX_OK);
	ck_str(terms.model, "per_call");
	ck_assert_int_eq(terms.base_cost.minor, 2500);
	ck_assert_str_eq(terms.unit_cost.currency, "");
	plugin->close(state);
	fake_set(settings, plugin, "per_call", 0, "AIC");
	fake_set(settings, plugin, "per_unit", 100, "AIC");
	fake_set(settings, plugin, "unit", 0, "bytes");
	ck_assert_int_eq(open_flat(), AICX_OK);
	ck_assert_int_eq(ops->standard(state, &terms, &err), AICX_OK);
	ck_str(terms.model, "per_unit");
	ck_assert_int_eq(terms.base_cost.minor, 0);
	ck_assert_int_eq(terms.unit_cost.minor, 100);
	ck_str(terms.unit, "bytes");
	plugin->close(state);
}
END_TEST

START_TEST(it_lists_the_models_it_computes)
{
	ck_assert_str_eq(ops->models[0], "per_call");
	ck_assert_str_eq(ops->models[1], "per_unit");
	ck_assert_str_eq(ops->models[2], "subscription");
	ck_assert_ptr_null(ops->models[3]);
}
END_TEST

static void
assert_open_refused(const char *why)
{
	ck_assert_int_eq(open_flat(), AICX_EINVAL);
	ck_assert_str_eq(err.text, why);
}

START_TEST(options_that_contradict_each_other_are_refused)
{
	fake_set(settings, plugin, "per_unit", 1000000, "AIC");
	assert_open_refused("\"per_unit\" and \"unit\" need each other");
	fake_set(settings, plugin, "per_unit", 0, NULL);
	fake_set(settings, plugin, "unit", 0, "bytes");
	assert_open_refused("\"per_unit\" and \"unit\" need each other");
	fake_set(settings, plugin, "per_unit", 100, "USD");
	assert_open_refused("\"per_call\" and \"per_unit\" differ in currency");
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("prices");
	TCase *options = tcase_create("options");
	Suite *suite = suite_create("pricing_flat");

	tcase_add_checked_fixture(tests, setup_open, teardown_open);
	tcase_add_test(tests, a_call_costs_its_base);
	tcase_add_test(tests, units_are_added_to_the_base);
	tcase_add_test(tests, terms_it_cannot_price_are_refused);
	tcase_add_test(tests, the_first_use_of_a_period_pays_for_it);
	tcase_add_test(
	    tests, later_uses_pay_for_what_is_beyond_the_included_units);
	tcase_add_test(
	    tests, a_subscription_may_cost_for_each_call_and_include_all_units);
	tcase_add_test(tests, each_late_millisecond_is_taken_off_up_to_the_cap);
	tcase_add_test(tests, quality_earns_its_share_of_the_bonus);
	tcase_add_test(tests, costs_of_two_currencies_are_refused);
	tcase_add_test(
	    tests, the_largest_costs_and_quantities_are_lines_like_others);
	tcase_add_test(tests, it_lists_the_models_it_computes);
	suite_add_tcase(suite, tests);
	tcase_add_checked_fixture(options, setup, teardown);
	tcase_add_test(options, the_standard_terms_are_the_options);
	tcase_add_test(options, options_that_contradict_each_other_are_refused);
	suite_add_tcase(suite, options);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed != 0;
}
