/* SPDX-License-Identifier: Apache-2.0 */
/* pricing_flat_test.c - the built plugin, loaded as the broker loads it. */
#include <aiconexus/pricing.h>
#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "module/testdata/stage.h"

static struct stage stage;
static const struct aicx_pricing_ops *ops;
static void *state;
static struct aicx_price price;
static struct aicx_error err;

#define CURRENCIES                                                             \
	"[currency \"AIC\"]\nscale = 6\n[currency \"USD\"]\nscale = 2\n"

static void
open_flat(const char *options)
{
	struct buf conf = { 0 };

	buf_printf(&conf, CURRENCIES "[pricing flat \"main\"]\n%s", options);
	stage_init(&stage);
	stage_plugin(&stage, ".libs/pricing_flat.so", "pricing_flat.so");
	stage_open(&stage, buf_cstr(&conf));
	struct module *module =
	    modules_find(stage.modules, AICX_PRICING, "main");
	ops = module_ops(module);
	state = module_state(module);
	buf_fini(&conf);
}

static void
assert_open_refused(const char *options, const char *why)
{
	struct buf conf = { 0 };

	buf_printf(&conf, CURRENCIES "[pricing flat \"main\"]\n%s", options);
	stage_init(&stage);
	stage_plugin(&stage, ".libs/pricing_flat.so", "pricing_flat.so");
	ck_assert_int_eq(stage_load(&stage, buf_cstr(&conf)), AICX_OK);
	ck_assert_int_ne(modules_open(stage.modules, &stage.err), AICX_OK);
	ck_assert_str_eq(stage.err.text, why);
	buf_fini(&conf);
	stage_fini(&stage);
}

static aicx_err
quote(
    const char *model, int64_t base, int64_t unit, int64_t calls, int64_t units)
{
	struct aicx_price_terms terms = {
		.size = sizeof terms,
		.model = str_of(model),
		.base_cost = { base, "AIC" },
		.unit_cost = { unit, "AIC" },
	};
	struct aicx_usage usage = {
		.size = sizeof usage,
		.calls = calls,
		.units = units,
	};

	price.n_lines = 77;
	return ops->quote(state, &terms, &usage, &price, &err);
}

static void
assert_line(size_t index, const char *label, int64_t quantity, int64_t minor)
{
	ck_assert_str_eq(price.lines[index].label, label);
	ck_assert_int_eq(price.lines[index].quantity, quantity);
	ck_assert_int_eq(price.lines[index].amount.minor, minor);
	ck_assert_str_eq(price.lines[index].amount.currency, "AIC");
}

START_TEST(a_call_costs_its_base)
{
	open_flat("per_call = 1 AIC\n");
	ck_assert_int_eq(quote("per_call", 2500, 9, 3, 100), AICX_OK);
	ck_assert_uint_eq(price.n_lines, 1);
	assert_line(0, "base", 3, 7500);
	stage_fini(&stage);
}
END_TEST

START_TEST(units_are_added_to_the_base)
{
	open_flat("per_call = 1 AIC\n");
	ck_assert_int_eq(quote("per_unit", 2500, 7, 1, 1000), AICX_OK);
	ck_assert_uint_eq(price.n_lines, 2);
	assert_line(0, "base", 1, 2500);
	assert_line(1, "units", 1000, 7000);
	ck_assert_int_eq(quote("per_unit", 0, 7, 1, 0), AICX_OK);
	assert_line(1, "units", 0, 0);
	stage_fini(&stage);
}
END_TEST

START_TEST(terms_it_cannot_price_are_refused)
{
	struct aicx_price_terms terms = { .size = sizeof terms,
		.model = STR("per_call") };
	struct aicx_usage usage = { .size = sizeof usage, .calls = 1 };

	open_flat("per_call = 1 AIC\n");
	ck_assert_int_eq(quote("dynamic", 1, 1, 1, 1), AICX_EINVAL);
	ck_assert_str_eq(err.text,
	    "cannot price: the model is neither per_call nor per_unit");
	ck_assert_uint_eq(price.n_lines, 77);
	ck_assert_int_eq(quote("per_call", -1, 0, 1, 1), AICX_EINVAL);
	ck_assert_int_eq(quote("per_unit", 1, -1, 1, 1), AICX_EINVAL);
	ck_assert_int_eq(quote("per_unit", 1, 1, 1, -1), AICX_EINVAL);
	ck_assert_int_eq(quote("per_unit", 1, 1, -1, 1), AICX_EINVAL);
	ck_assert_int_eq(
	    ops->quote(state, &terms, &usage, &price, &err), AICX_EINVAL);
	ck_assert_str_eq(err.text, "cannot price: the terms have no base cost");
	terms.model = STR("per_unit");
	terms.base_cost = (struct aicx_money) { 1, "AIC" };
	terms.unit_cost = (struct aicx_money) { 1, "USD" };
	ck_assert_int_eq(
	    ops->quote(state, &terms, &usage, &price, &err), AICX_EINVAL);
	ck_assert_str_eq(
	    err.text, "cannot price: base and unit cost differ in currency");
	stage_fini(&stage);
}
END_TEST

START_TEST(an_overflow_is_refused_and_the_largest_amount_is_not)
{
	open_flat("per_call = 1 AIC\n");
	ck_assert_int_eq(quote("per_call", INT64_MAX, 0, 1, 0), AICX_OK);
	ck_assert_int_eq(quote("per_call", INT64_MAX, 0, 2, 0), AICX_ELIMIT);
	ck_assert_int_eq(quote("per_unit", 1, INT64_MAX, 1, 1), AICX_ELIMIT);
	ck_assert_str_eq(
	    err.text, "cannot price: the amount does not fit 64 bits");
	stage_fini(&stage);
}
END_TEST

START_TEST(the_standard_terms_are_the_options)
{
	struct aicx_price_terms terms;

	open_flat("per_call = 0.0025 AIC\n");
	ck_assert_int_eq(ops->standard(state, &terms, &err), AICX_OK);
	ck_assert(str_is(terms.model, "per_call"));
	ck_assert_int_eq(terms.base_cost.minor, 2500);
	ck_assert_str_eq(terms.unit_cost.currency, "");
	stage_fini(&stage);
	open_flat("per_call = 0 AIC\nper_unit = 0.0001 AIC\nunit = bytes\n");
	ck_assert_int_eq(ops->standard(state, &terms, &err), AICX_OK);
	ck_assert(str_is(terms.model, "per_unit"));
	ck_assert_int_eq(terms.base_cost.minor, 0);
	ck_assert_int_eq(terms.unit_cost.minor, 100);
	ck_assert(str_is(terms.unit, "bytes"));
	stage_fini(&stage);
}
END_TEST

START_TEST(it_lists_the_models_it_computes)
{
	open_flat("per_call = 1 AIC\n");
	ck_assert_str_eq(ops->models[0], "per_call");
	ck_assert_str_eq(ops->models[1], "per_unit");
	ck_assert_ptr_null(ops->models[2]);
	stage_fini(&stage);
}
END_TEST

START_TEST(options_that_contradict_each_other_are_refused)
{
	assert_open_refused("per_call = 1 AIC\nper_unit = 1 AIC\n",
	    "10-a.conf:5:1: cannot open [pricing flat \"main\"]: "
	    "\"per_unit\" and \"unit\" need each other");
	assert_open_refused("per_call = 1 AIC\nunit = bytes\n",
	    "10-a.conf:5:1: cannot open [pricing flat \"main\"]: "
	    "\"per_unit\" and \"unit\" need each other");
	assert_open_refused(
	    "per_call = 1 AIC\nper_unit = 1 USD\nunit = bytes\n",
	    "10-a.conf:5:1: cannot open [pricing flat \"main\"]: "
	    "\"per_call\" and \"per_unit\" differ in currency");
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("flat");
	Suite *suite = suite_create("pricing_flat");

	tcase_add_test(tests, a_call_costs_its_base);
	tcase_add_test(tests, units_are_added_to_the_base);
	tcase_add_test(tests, terms_it_cannot_price_are_refused);
	tcase_add_test(
	    tests, an_overflow_is_refused_and_the_largest_amount_is_not);
	tcase_add_test(tests, the_standard_terms_are_the_options);
	tcase_add_test(tests, it_lists_the_models_it_computes);
	tcase_add_test(tests, options_that_contradict_each_other_are_refused);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed != 0;
}
