/* SPDX-License-Identifier: Apache-2.0 */
/* str.c - comparing, cutting and checking borrowed runs of bytes. */
#include "base/str.h"

#include <string.h>

struct aicx_str
str_of(const char *text)
{
	return (struct aicx_str) { text, text ? strlen(text) : 0 };
}

bool
str_eq(struct aicx_str a, struct aicx_str b)
{
	return a.len == b.len &&
	    (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool
str_is(struct aicx_str a, const char *text)
{
	return str_eq(a, str_of(text));
}

bool
str_starts(struct aicx_str a, const char *prefix)
{
	size_t n = strlen(prefix);

	return a.len >= n && (n == 0 || memcmp(a.ptr, prefix, n) == 0);
}

bool
str_ends(struct aicx_str a, const char *suffix)
{
	size_t n = strlen(suffix);

	return a.len >= n &&
	    (n == 0 || memcmp(a.ptr + a.len - n, suffix, n) == 0);
}

int
str_cmp(struct aicx_str a, struct aicx_str b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int order = n ? memcmp(a.ptr, b.ptr, n) : 0;

	return order ? order : (a.len > b.len) - (a.len < b.len);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

struct aicx_str
str_trim(struct aicx_str a)
{
	while (a.len > 0 && is_blank(a.ptr[0]))
		a.ptr++, a.len--;
	while (a.len > 0 && is_blank(a.ptr[a.len - 1]))
		a.len--;
	return a;
}

struct aicx_str
str_cut(struct aicx_str a, char sep, struct aicx_str *ret_rest)
{
	const char *at = a.len ? memchr(a.ptr, sep, a.len) : NULL;

	if (at == NULL) {
		*ret_rest = (struct aicx_str) { NULL, 0 };
		return a;
	}
	size_t n = (size_t)(at - a.ptr);
	*ret_rest = (struct aicx_str) { at + 1, a.len - n - 1 };
	return (struct aicx_str) { a.ptr, n };
}

bool
str_int(struct aicx_str a, int64_t *ret_value)
{
	bool negative = a.len > 0 && a.ptr[0] == '-';
	int64_t value = 0;

	if (a.len == (negative ? 1u : 0u))
		return false;
	/* Summed below zero, where there is room for one more. */
	for (size_t i = negative; i < a.len; i++) {
		if (a.ptr[i] < '0' || a.ptr[i] > '9' ||
		    __builtin_mul_overflow(value, 10, &value) ||
		    __builtin_sub_overflow(value, a.ptr[i] - '0', &value))
			return false;
	}
	if (!negative && __builtin_sub_overflow(0, value, &value))
		return false;
	*ret_value = value;
	return true;
}

bool
str_copy(struct aicx_str a, char *ret_text, size_t size)
{
	bool fits = a.len < size;
	size_t n = fits ? a.len : 0;

	if (n > 0)
		memcpy(ret_text, a.ptr, n);
	if (size > 0)
		ret_text[n] = '\0';
	return fits;
}

/* How many continuation bytes follow, and the range of the first of them
   (RFC 3629 section 4). */
static unsigned
utf8_lead(unsigned char c, unsigned char *ret_low, unsigned char *ret_high)
{
	*ret_low = c == 0xE0 ? 0xA0 : c == 0xF0 ? 0x90 : 0x80;
	*ret_high = c == 0xED ? 0x9F : c == 0xF4 ? 0x8F : 0xBF;
	if (c >= 0xC2 && c <= 0xDF)
		return 1;
	if (c >= 0xE0 && c <= 0xEF)
		return 2;
	if (c >= 0xF0 && c <= 0xF4)
		return 3;
	return 0;
}

size_t
str_char_bytes(struct aicx_str a)
{
	const unsigned char *at = (const unsigned char *)a.ptr;
	unsigned char low, high;

	if (a.len == 0)
		return 0;
	if (at[0] < 0x80)
		return 1;
	unsigned n = utf8_lead(at[0], &low, &high);
	if (n == 0 || a.len <= n || at[1] < low || at[1] > high)
		return 0;
	for (unsigned i = 2; i <= n; i++) {
		if ((at[i] & 0xC0) != 0x80)
			return 0;
	}
	return n + 1;
}

bool
str_is_utf8(struct aicx_str a)
{
	const uint64_t high_bits = 0x8080808080808080u;
	uint64_t eight;

	while (a.len > 0) {
		size_t n = 8;
		if (a.len < 8 ||
		    (memcpy(&eight, a.ptr, 8), eight & high_bits) != 0)
			n = str_char_bytes(a);
		if (n == 0)
			return false;
		a.ptr += n;
		a.len -= n;
	}
	return true;
}

enum { NEAREST_BYTES = 64 }; /* longer words have no neighbours */

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Damerau-Levenshtein, adjacent swaps: letters to put, drop, change or swap
   (three rows of the table at a time). */
static unsigned
distance(struct aicx_str a, struct aicx_str b)
{
	unsigned rows[3][NEAREST_BYTES + 1];

	for (size_t j = 0; j <= b.len; j++)
		rows[0][j] = (unsigned)j;
	for (size_t i = 1; i <= a.len; i++) {
		unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3];
		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b.len; j++) {
			unsigned change = a.ptr[i - 1] != b.ptr[j - 1];
			row[j] = least(least(above[j], row[j - 1]) + 1,
			    above[j - 1] + change);
			if (i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] &&
			    a.ptr[i - 2] == b.ptr[j - 1])
				row[j] =
				    least(row[j], rows[(i + 1) % 3][j - 2] + 1);
		}
	}
	return rows[a.len % 3][b.len];
}

const char *
str_nearest(struct aicx_str word, const char *const *names)
{
	const char *nearest = NULL;
	unsigned best = NEAREST_BYTES;

	if (word.len > NEAREST_BYTES)
		return NULL;
	for (; *names != NULL; names++) {
		struct aicx_str name = str_of(*names);
		if (name.len > NEAREST_BYTES)
			continue;
		size_t longer = word.len > name.len ? word.len : name.len;
		unsigned d = distance(word, name);
		if (d < best && d * 3 <= longer) {
			best = d;
			nearest = *names;
		}
	}
	return nearest;
}
