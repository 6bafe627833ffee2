/* SPDX-License-Identifier: Apache-2.0 */
/* number.c - amounts of tokens: decimal strings of up to 2^256. */
#include "number.h"

#include <string.h>

enum { RATE_DIGITS_MAX = 18, RATE_SCALE_MAX = 9 };

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Digits with at most one point, as a number without it. */
static bool
decimal_parse(const char *text, int scale_max, int digits_max,
    int64_t *ret_digits, int *ret_scale)
{
	int n = 0, behind = 0;
	int64_t digits = 0;
	bool point = false;

	for (; *text != '\0'; text++) {
		if (*text == '.' && !point && n > 0) {
			point = true;
			continue;
		}
		if (!is_digit(*text) || (point && behind == scale_max) ||
		    n == digits_max)
			return false;
		digits = digits * 10 + (*text - '0');
		n++;
		behind += point ? 1 : 0;
	}
	if (n == 0 || (point && behind == 0))
		return false;
	*ret_digits = digits;
	*ret_scale = behind;
	return true;
}

bool
rate_parse(const char *text, struct rate *ret_rate)
{
	struct rate rate;

	if (!decimal_parse(text, RATE_SCALE_MAX, RATE_DIGITS_MAX, &rate.digits,
		&rate.scale) ||
	    rate.digits == 0)
		return false;
	*ret_rate = rate;
	return true;
}

bool
minor_parse(const char *text, int scale, int64_t *ret_minor)
{
	int64_t digits;
	int behind;

	if (scale < 0 ||
	    !decimal_parse(text, scale, RATE_DIGITS_MAX, &digits, &behind))
		return false;
	for (; behind < scale; behind++)
		if (__builtin_mul_overflow(digits, 10, &digits))
			return false;
	*ret_minor = digits;
	return true;
}

static bool
shift_up(unsigned __int128 *number, int power)
{
	for (int i = 0; i < power; i++)
		if (__builtin_mul_overflow(
			*number, (unsigned __int128)10, number))
			return false;
	return true;
}

bool
atomic_print(int64_t minor, int scale, const struct rate *rate, int decimals,
    char ret_text[ATOMIC_TEXT])
{
	unsigned __int128 number, below = 1;
	char text[ATOMIC_TEXT];
	size_t at = sizeof text;
	int up = decimals, down = scale + rate->scale;

	if (minor < 0)
		return false;
	number = (unsigned __int128)minor * (unsigned __int128)rate->digits;
	while (up > 0 && down > 0) {
		up--;
		down--;
	}
	if (!shift_up(&number, up) || !shift_up(&below, down))
		return false;
	number = number / below + (number % below != 0 ? 1 : 0);
	text[--at] = '\0';
	do {
		text[--at] = (char)('0' + (int)(number % 10));
		number /= 10;
	} while (number > 0);
	memcpy(ret_text, text + at, sizeof text - at);
	return true;
}

bool
digits_are(const char *text)
{
	size_t n = strspn(text, "0123456789");

	return n > 0 && n <= DIGITS_MAX && text[n] == '\0';
}

bool
digits_same(const char *a, const char *b)
{
	a += strspn(a, "0");
	b += strspn(b, "0");
	return strcmp(a, b) == 0;
}

int64_t
digits_number(const char *text)
{
	int64_t number = 0;

	for (; *text != '\0'; text++)
		if (__builtin_mul_overflow(number, 10, &number) ||
		    __builtin_add_overflow(number, *text - '0', &number))
			return INT64_MAX;
	return number;
}
