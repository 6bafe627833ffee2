/* SPDX-License-Identifier: Apache-2.0 */
/* money.c - amounts to and from decimal text, exactly, by a currency's
   scale. */
#include "base/money.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"

enum { SCALE_MAX = 9, SHOWN_BYTES = 40 };

/* What of a stranger's text goes into an error: `"%.*s"`. */
#define SHOWN(s) ((s).len > SHOWN_BYTES ? SHOWN_BYTES : (int)(s).len), (s).ptr

static bool
is_code(struct aicx_str code)
{
	if (code.len < 2 || code.len > 7 || code.ptr[0] < 'A' ||
	    code.ptr[0] > 'Z')
		return false;
	for (size_t i = 1; i < code.len; i++) {
		char c = code.ptr[i];
		if ((c < 'A' || c > 'Z') && (c < '0' || c > '9'))
			return false;
	}
	return true;
}

aicx_err
currencies_add(struct currencies *all, struct aicx_str code, int64_t scale,
    struct aicx_error *reterr)
{
	if (!is_code(code))
		return err_set(reterr, AICX_EINVAL,
		    "cannot add currency \"%.*s\": a code has 2 to 7 capital "
		    "letters or digits, first a letter",
		    SHOWN(code));
	if (scale < 0 || scale > SCALE_MAX)
		return err_set(reterr, AICX_EINVAL,
		    "cannot add currency \"%.*s\": its scale %" PRId64
		    " is not within 0 to %d",
		    SHOWN(code), scale, SCALE_MAX);
	if (currencies_find(all, code) != NULL)
		return err_set(reterr, AICX_EEXIST,
		    "cannot add currency \"%.*s\": it is there already",
		    SHOWN(code));
	if (all->n == CURRENCIES_MAX)
		return err_set(reterr, AICX_ELIMIT,
		    "cannot add currency \"%.*s\": there are %d already",
		    SHOWN(code), CURRENCIES_MAX);
	struct currency *currency = &all->list[all->n++];
	*currency = (struct currency) { .scale = (int)scale };
	memcpy(currency->code, code.ptr, code.len);
	return AICX_OK;
}

const struct currency *
currencies_find(const struct currencies *all, struct aicx_str code)
{
	for (size_t i = 0; i < all->n; i++) {
		if (str_is(code, all->list[i].code))
			return &all->list[i];
	}
	return NULL;
}

static size_t
count_digits(const char *at, const char *end)
{
	size_t n = 0;

	while (at + n < end && at[n] >= '0' && at[n] <= '9')
		n++;
	return n;
}

/* Appends n decimal digits to *minor; false on overflow. */
static bool
take_digits(int64_t *minor, const char *at, size_t n)
{
	for (; n > 0; n--, at++) {
		if (__builtin_mul_overflow(*minor, 10, minor) ||
		    __builtin_add_overflow(*minor, *at - '0', minor))
			return false;
	}
	return true;
}

/* "12.5" in minor units of `scale` decimals; NULL, or why not. */
static const char *
parse_amount(struct aicx_str text, size_t scale, int64_t *ret_minor)
{
	static const char zeros[] = "000000000";
	const char *at = text.ptr, *end = at + text.len;
	size_t n_whole = count_digits(at, end), n_decimals = 0;
	int64_t minor = 0;

	if (n_whole == 0)
		return "it does not begin with a digit";
	if (n_whole > 1 && at[0] == '0')
		return "it has a leading zero";
	const char *point = at + n_whole;
	if (point < end && *point == '.') {
		n_decimals = count_digits(point + 1, end);
		if (n_decimals == 0)
			return "no digit follows the point";
		end -= n_decimals + 1;
	}
	if (point < end)
		return "it is no plain decimal number";
	if (n_decimals > scale)
		return "it has more decimals";
	if (!take_digits(&minor, at, n_whole) ||
	    !take_digits(
		&minor, text.ptr + text.len - n_decimals, n_decimals) ||
	    !take_digits(&minor, zeros, scale - n_decimals))
		return "it is too large";
	*ret_minor = minor;
	return NULL;
}

aicx_err
money_parse(const struct currencies *all, struct aicx_str amount,
    struct aicx_str code, struct aicx_money *ret_money,
    struct aicx_error *reterr)
{
	const struct currency *currency = currencies_find(all, code);
	struct aicx_money money = { 0 };

	if (currency == NULL)
		return err_word(reterr, AICX_EINVAL, "invalid_amount",
		    "cannot read amount \"%.*s\": unknown currency \"%.*s\"",
		    SHOWN(amount), SHOWN(code));
	const char *why = amount.len == 0
	    ? "it is empty"
	    : parse_amount(amount, (size_t)currency->scale, &money.minor);
	if (why != NULL)
		return err_word(reterr, AICX_EINVAL, "invalid_amount",
		    "cannot read amount \"%.*s\" as %s with %d decimals: %s",
		    SHOWN(amount), currency->code, currency->scale, why);
	memcpy(money.currency, currency->code, sizeof money.currency);
	*ret_money = money;
	return AICX_OK;
}

aicx_err
money_parse_text(const struct currencies *all, struct aicx_str text,
    struct aicx_money *ret_money, struct aicx_error *reterr)
{
	struct aicx_str code;
	struct aicx_str amount = str_cut(str_trim(text), ' ', &code);

	if (code.ptr == NULL)
		return err_word(reterr, AICX_EINVAL, "invalid_amount",
		    "cannot read amount \"%.*s\": expected a number, a blank "
		    "and a currency",
		    SHOWN(text));
	return money_parse(all, amount, str_trim(code), ret_money, reterr);
}

static struct aicx_str
code_of(const struct aicx_money *money)
{
	return (struct aicx_str) { money->currency,
		strnlen(money->currency, sizeof money->currency) };
}

/* Codes are padded with zeros, so that all 8 bytes compare. */
static const struct currency *
currency_of(const struct currencies *all, const struct aicx_money *money)
{
	uint64_t code, one;

	memcpy(&code, money->currency, sizeof code);
	for (size_t i = 0; i < all->n; i++) {
		memcpy(&one, all->list[i].code, sizeof one);
		if (one == code)
			return &all->list[i];
	}
	return currencies_find(all, code_of(money));
}

size_t
money_print(const struct currencies *all, const struct aicx_money *money,
    char ret_text[MONEY_TEXT])
{
	const struct currency *currency = currency_of(all, money);
	int scale = currency == NULL ? 0 : currency->scale;
	uint64_t left = money->minor < 0 ? 0 - (uint64_t)money->minor
					 : (uint64_t)money->minor;
	char digits[MONEY_TEXT], *at = digits + sizeof digits;

	for (int n = 0; n <= scale || left > 0; n++, left /= 10) {
		if (n == scale && scale > 0)
			*--at = '.';
		*--at = (char)('0' + left % 10);
	}
	if (money->minor < 0)
		*--at = '-';
	size_t n_bytes = (size_t)(digits + sizeof digits - at);
	memcpy(ret_text, at, n_bytes);
	return n_bytes;
}

void
money_put(struct buf *buf, const struct currencies *all,
    const struct aicx_money *money)
{
	buf->len += money_print(all, money, buf_room(buf, MONEY_TEXT));
}

struct money_text
money_text(const struct currencies *all, const struct aicx_money *money)
{
	struct money_text text;
	struct aicx_str code = code_of(money);
	size_t n = money_print(all, money, text.text);

	(void)snprintf(text.text + n, sizeof text.text - n, "%s%.*s",
	    code.len ? " " : "", STR_ARG(code));
	return text;
}

bool
money_same_currency(const struct aicx_money *a, const struct aicx_money *b)
{
	return str_eq(code_of(a), code_of(b));
}

aicx_err
money_add(struct aicx_money *sum, const struct aicx_money *more,
    struct aicx_error *reterr)
{
	int64_t minor;

	if (!money_same_currency(sum, more))
		return err_set(reterr, AICX_EINVAL, "cannot add %.*s to %.*s",
		    STR_ARG(code_of(more)), STR_ARG(code_of(sum)));
	if (__builtin_add_overflow(sum->minor, more->minor, &minor))
		return err_set(reterr, AICX_ELIMIT,
		    "cannot add %" PRId64 " to %" PRId64
		    " minor units of %.*s: the sum is too large",
		    more->minor, sum->minor, STR_ARG(code_of(sum)));
	sum->minor = minor;
	return AICX_OK;
}

aicx_err
money_mul(struct aicx_money *money, int64_t times, struct aicx_error *reterr)
{
	int64_t minor;

	if (__builtin_mul_overflow(money->minor, times, &minor))
		return err_set(reterr, AICX_ELIMIT,
		    "cannot take %" PRId64 " times %" PRId64
		    " minor units of %.*s: the product is too large",
		    times, money->minor, STR_ARG(code_of(money)));
	money->minor = minor;
	return AICX_OK;
}

bool
money_is_set(const struct aicx_money *money)
{
	return money->currency[0] != '\0';
}
