/* SPDX-License-Identifier: Apache-2.0 */
/* amount.c - exact decimal money without a table of currencies. */
#include "cli/amount.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"

static __int128
ten_to(int power)
{
	__int128 value = 1;

	while (power-- > 0)
		value *= 10;
	return value;
}

/* Code: 2..7 upper-case letters or digits, first a letter (base/money.h). */
static bool
currency_ok(struct aicx_str code)
{
	if (code.len < 2 || code.len > 7)
		return false;
	for (size_t i = 0; i < code.len; i++) {
		bool letter = code.ptr[i] >= 'A' && code.ptr[i] <= 'Z';
		bool digit = code.ptr[i] >= '0' && code.ptr[i] <= '9';
		if (!letter && !(digit && i > 0))
			return false;
	}
	return true;
}

/* Digits with at most one point that has digits on both sides. */
static bool
digits_parse(struct aicx_str text, __int128 *ret_pico, int *ret_scale)
{
	__int128 value = 0;
	int scale = -1;
	size_t n_digits = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		if (c == '.' && scale < 0 && i > 0 && i + 1 < text.len) {
			scale = 0;
			continue;
		}
		if (c < '0' || c > '9' || ++n_digits > AMOUNT_DIGITS_MAX)
			return false;
		value = value * 10 + (c - '0');
		if (scale >= 0 && ++scale > AMOUNT_SCALE_MAX)
			return false;
	}
	if (n_digits == 0)
		return false;
	*ret_scale = scale < 0 ? 0 : scale;
	*ret_pico = value * ten_to(AMOUNT_SCALE_MAX - *ret_scale);
	return true;
}

bool
amount_parse(struct aicx_str digits, struct aicx_str currency, bool negative,
    struct amount *ret)
{
	struct amount amount = { 0 };
	bool minus = negative && digits.len > 0 && digits.ptr[0] == '-';

	if (minus)
		digits = (struct aicx_str) { digits.ptr + 1, digits.len - 1 };
	if (!currency_ok(currency) ||
	    !digits_parse(digits, &amount.pico, &amount.scale))
		return false;
	/* One way to write a number: no zero in front of another digit. */
	if (digits.len > 1 && digits.ptr[0] == '0' && digits.ptr[1] != '.')
		return false;
	if (minus)
		amount.pico = -amount.pico;
	memcpy(amount.currency, currency.ptr, currency.len);
	*ret = amount;
	return true;
}

bool
amount_from_json(struct json_ref ref, struct arena *arena, struct amount *ret)
{
	if (json_type(ref) != JSON_OBJECT || json_len(ref) != 2)
		return false;
	return amount_parse(json_str(json_get(ref, "amount"), arena),
	    json_str(json_get(ref, "currency"), arena), true, ret);
}

aicx_err
amount_from_text(
    struct aicx_str text, struct amount *ret, struct aicx_error *reterr)
{
	struct aicx_str rest = { 0 };
	struct aicx_str digits = str_cut(str_trim(text), ' ', &rest);

	struct amount amount;

	if (amount_parse(digits, str_trim(rest), false, &amount) &&
	    amount.scale <= PRICE_SCALE_MAX &&
	    amount.pico / ten_to(AMOUNT_SCALE_MAX - amount.scale) <=
		INT64_MAX) {
		*ret = amount;
		return AICX_OK;
	}
	return err_word(reterr, AICX_EINVAL, "invalid_amount",
	    "cannot read the amount \"%.*s\": write a number, a blank and a "
	    "currency, such as \"0.001 AIC\"",
	    STR_ARG(text));
}

/* Decimals as written, or as many as the value needs. */
static int
shown_scale(const struct amount *amount)
{
	int scale = amount->scale;

	while (scale < AMOUNT_SCALE_MAX &&
	    amount->pico % ten_to(AMOUNT_SCALE_MAX - scale) != 0)
		scale++;
	return scale;
}

static void
digits_print(const struct amount *amount, char *text, size_t size)
{
	char reversed[48];
	size_t n = 0, at = 0;
	int scale = shown_scale(amount);
	__int128 value = amount->pico / ten_to(AMOUNT_SCALE_MAX - scale);
	bool minus = value < 0;

	for (int i = 0; i <= scale || value != 0; i++, value /= 10) {
		if (i == scale && i > 0)
			reversed[n++] = '.';
		int digit = (int)(value % 10);
		reversed[n++] = (char)('0' + (digit < 0 ? -digit : digit));
	}
	if (minus)
		reversed[n++] = '-';
	while (n > 0 && at + 1 < size)
		text[at++] = reversed[--n];
	text[at] = '\0';
}

struct amount_text
amount_text(const struct amount *amount)
{
	struct amount_text out;
	char digits[48];

	digits_print(amount, digits, sizeof digits);
	(void)snprintf(
	    out.text, sizeof out.text, "%s %s", digits, amount->currency);
	return out;
}

void
amount_put(struct json_writer *w, const struct amount *amount)
{
	char digits[48];

	digits_print(amount, digits, sizeof digits);
	json_open(w, '{');
	json_key(w, "amount");
	json_put_text(w, digits);
	json_key(w, "currency");
	json_put_text(w, amount->currency);
	json_close(w);
}

bool
amount_same_currency(const struct amount *a, const struct amount *b)
{
	return strcmp(a->currency, b->currency) == 0;
}

int
amount_cmp(const struct amount *a, const struct amount *b)
{
	return a->pico < b->pico ? -1 : a->pico > b->pico;
}

bool
amount_add(struct amount *a, const struct amount *b)
{
	__int128 sum;

	if (!amount_same_currency(a, b) ||
	    __builtin_add_overflow(a->pico, b->pico, &sum))
		return false;
	a->pico = sum;
	if (a->scale < b->scale)
		a->scale = b->scale;
	return true;
}

bool
amount_mul(struct amount *a, int64_t times)
{
	__int128 product;

	if (__builtin_mul_overflow(a->pico, (__int128)times, &product))
		return false;
	a->pico = product;
	return true;
}

void
amount_round(struct amount *a, int scale)
{
	__int128 step = ten_to(AMOUNT_SCALE_MAX - scale);
	__int128 rest = a->pico % step;

	a->pico -= rest;
	if (rest * 2 >= step)
		a->pico += step;
	else if (-rest * 2 >= step)
		a->pico -= step;
	a->scale = scale;
}

struct amount
amount_zero(const struct amount *a)
{
	struct amount zero = *a;

	zero.pico = 0;
	return zero;
}

int64_t
amount_minor(const struct amount *amount)
{
	__int128 unit = 1;

	for (int i = amount->scale; i < AMOUNT_SCALE_MAX; i++)
		unit *= 10;
	__int128 minor = amount->pico / unit;
	return minor < 0 || minor > INT64_MAX / 8 ? -1 : (int64_t)minor;
}
