/* SPDX-License-Identifier: Apache-2.0 */
/* decimal.c - see decimal.h. */
#include "schema/decimal.h"

#include <string.h>

#include "base/err.h"

static const int64_t exponent_max = (int64_t)1 << 40;

/* The exponent's text, its sign before it. */
static int64_t
exponent_of(const char *at, const char *end)
{
	bool negative = at < end && *at == '-';
	int64_t exponent = 0;

	if (at < end && (*at == '-' || *at == '+'))
		at++;
	for (; at < end && exponent < exponent_max; at++)
		exponent = exponent * 10 + (*at - '0');
	if (exponent > exponent_max)
		exponent = exponent_max;
	return negative ? -exponent : exponent;
}

struct decimal
decimal_of(struct aicx_str text, struct arena *arena)
{
	const char *at = text.ptr, *end = text.ptr + text.len;
	struct decimal d = { .negative = text.len > 0 && *at == '-' };
	char *digits = arena_bytes(arena, text.len + 1);
	size_t n = 0, first = 0;
	bool fraction = false;

	for (at += d.negative; at < end && *at != 'e' && *at != 'E'; at++) {
		if (*at == '.') {
			fraction = true;
			continue;
		}
		digits[n++] = *at;
		d.exponent -= fraction;
	}
	if (at < end)
		d.exponent += exponent_of(at + 1, end);
	while (n > 0 && digits[n - 1] == '0') {
		n--;
		d.exponent++;
	}
	while (first < n && digits[first] == '0')
		first++;
	d.digits = (struct aicx_str) { digits + first, n - first };
	if (d.digits.len == 0)
		d = (struct decimal) { .digits = d.digits };
	return d;
}

/* By their sizes, signs apart; neither is zero. */
static int
cmp_sizes(const struct decimal *a, const struct decimal *b)
{
	int64_t a_top = (int64_t)a->digits.len + a->exponent;
	int64_t b_top = (int64_t)b->digits.len + b->exponent;
	size_t a_len = a->digits.len, b_len = b->digits.len;

	if (a_top != b_top)
		return a_top < b_top ? -1 : 1;
	int order =
	    memcmp(a->digits.ptr, b->digits.ptr, a_len < b_len ? a_len : b_len);
	if (order != 0)
		return order < 0 ? -1 : 1;
	return (a_len > b_len) - (a_len < b_len);
}

int
decimal_cmp(const struct decimal *a, const struct decimal *b)
{
	int a_sign = a->digits.len == 0 ? 0 : a->negative ? -1 : 1;
	int b_sign = b->digits.len == 0 ? 0 : b->negative ? -1 : 1;

	if (a_sign != b_sign)
		return a_sign < b_sign ? -1 : 1;
	return a_sign == 0 ? 0 : a_sign * cmp_sizes(a, b);
}

bool
decimal_is_integer(const struct decimal *d)
{
	return d->exponent >= 0;
}

/* 10^power modulo m, m below 10^18. */
static uint64_t
power_of_ten(uint64_t power, uint64_t m)
{
	uint64_t result = 1 % m, base = 10 % m;

	for (; power > 0; power >>= 1) {
		if (power & 1)
			result =
			    (uint64_t)((unsigned __int128)result * base % m);
		base = (uint64_t)((unsigned __int128)base * base % m);
	}
	return result;
}

bool
decimal_is_multiple(const struct decimal *d, const struct decimal *divisor)
{
	uint64_t m = 0, rest = 0;

	if (d->digits.len == 0)
		return true;
	/* The last digit is not 0, so no power of ten divides the digits. */
	if (d->exponent < divisor->exponent)
		return false;
	for (size_t i = 0; i < divisor->digits.len; i++)
		m = m * 10 + (uint64_t)(divisor->digits.ptr[i] - '0');
	ENSURE(m > 0);
	for (size_t i = 0; i < d->digits.len; i++)
		rest = (uint64_t)(((unsigned __int128)rest * 10 +
				      (unsigned)(d->digits.ptr[i] - '0')) %
		    m);
	uint64_t zeros = (uint64_t)(d->exponent - divisor->exponent);
	return (unsigned __int128)rest * power_of_ten(zeros, m) % m == 0;
}

bool
decimal_count(const struct decimal *d, uint64_t *ret_count)
{
	uint64_t count = 0;

	if (d->negative || !decimal_is_integer(d))
		return false;
	for (size_t i = 0; i < d->digits.len; i++)
		if (__builtin_mul_overflow(count, 10, &count) ||
		    __builtin_add_overflow(
			count, (uint64_t)(d->digits.ptr[i] - '0'), &count))
			count = UINT64_MAX;
	for (int64_t i = 0; i < d->exponent && count < UINT64_MAX; i++)
		if (__builtin_mul_overflow(count, 10, &count))
			count = UINT64_MAX;
	*ret_count = count;
	return true;
}
