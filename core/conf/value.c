/* SPDX-License-Identifier: Apache-2.0 */
/* value.c - numbers with units, yes and no, and money, each with its range. */
#include "conf/value.h"

#include <inttypes.h>
#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

struct unit {
	const char *suffix;
	int64_t times;
};

static const struct unit int_units[] = { { "", 1 }, { NULL } };
static const struct unit msec_units[] = {
	{ "ms", 1 },
	{ "s", 1000 },
	{ "m", 60 * 1000 },
	{ "h", 60 * 60 * 1000 },
	{ NULL },
};
static const struct unit size_units[] = {
	{ "", 1 },
	{ "k", 1 << 10 },
	{ "m", 1 << 20 },
	{ "g", 1 << 30 },
	{ NULL },
};

static const struct number_type {
	const struct unit *units;
	const char *what;
	const char *counted_in;
} number_types[] = {
	[AICX_OPT_INT] = { int_units, "a whole number", "" },
	[AICX_OPT_MSEC] = { msec_units, "a time like 250ms, 5s, 2m or 1h",
	    " ms" },
	[AICX_OPT_SIZE] = { size_units, "a size like 512, 64k, 8m or 1g",
	    " bytes" },
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Zero needs no unit, whatever it counts. */
static bool
parse_number(struct aicx_str text, const struct unit *units, int64_t *ret)
{
	struct aicx_str digits = text, suffix;
	int64_t number;

	while (digits.len > 0 && !is_digit(digits.ptr[digits.len - 1]))
		digits.len--;
	suffix =
	    (struct aicx_str) { text.ptr + digits.len, text.len - digits.len };
	if (!str_int(digits, &number) || (units != int_units && number < 0))
		return false;
	if (number == 0 && suffix.len == 0) {
		*ret = 0;
		return true;
	}
	for (; units->suffix != NULL; units++)
		if (str_is(suffix, units->suffix))
			return !__builtin_mul_overflow(
			    number, units->times, ret);
	return false;
}

/* What an error may repeat of the operator's text. */
static const char *
shown(const struct aicx_option *option, const char *text)
{
	return option->flags & AICX_OPTF_SECRET ? "********" : text;
}

/* min and max both 0: unbounded; max 0 below min: no upper bound. */
static aicx_err
check_range(const struct aicx_option *option, const char *text, int64_t number,
    const char *counted_in, struct aicx_error *reterr)
{
	bool bounded = option->min != 0 || option->max != 0;
	bool open = option->max == 0 && option->min > 0;

	if (!bounded ||
	    (number >= option->min && (open || number <= option->max)))
		return AICX_OK;
	if (open)
		return err_set(reterr, AICX_EINVAL,
		    "\"%.64s\" is below %" PRId64 "%s", shown(option, text),
		    option->min, counted_in);
	return err_set(reterr, AICX_EINVAL,
	    "\"%.64s\" is outside %" PRId64 "..%" PRId64 "%s",
	    shown(option, text), option->min, option->max, counted_in);
}

aicx_err
value_number(const struct aicx_option *option, const char *text,
    int64_t *ret_number, struct aicx_error *reterr)
{
	const struct number_type *type = &number_types[option->type];
	int64_t number;
	aicx_err err;

	if (!parse_number(str_of(text), type->units, &number))
		return err_set(reterr, AICX_EINVAL, "\"%.64s\" is not %s",
		    shown(option, text), type->what);
	err = check_range(option, text, number, type->counted_in, reterr);
	if (err == AICX_OK)
		*ret_number = number;
	return err;
}

aicx_err
value_bool(const struct aicx_option *option, const char *text,
    uint8_t *ret_flag, struct aicx_error *reterr)
{
	bool yes = str_is(str_of(text), "yes");

	if (!yes && !str_is(str_of(text), "no"))
		return err_set(reterr, AICX_EINVAL,
		    "\"%.64s\" is not yes or no", shown(option, text));
	*ret_flag = yes;
	return AICX_OK;
}

aicx_err
value_money(const struct aicx_option *option,
    const struct currencies *currencies, const char *text,
    struct aicx_money *ret_money, struct aicx_error *reterr)
{
	struct aicx_money money;
	struct aicx_error why;
	aicx_err err = money_parse_text(currencies, str_of(text), &money, &why);

	if (err != AICX_OK && (option->flags & AICX_OPTF_SECRET))
		return err_set(reterr, AICX_EINVAL, "value is not money");
	if (err != AICX_OK)
		return err_set(reterr, AICX_EINVAL, "%s", why.text);
	err = check_range(option, text, money.minor, " minor units", reterr);
	if (err == AICX_OK)
		*ret_money = money;
	return err;
}
