/* SPDX-License-Identifier: Apache-2.0 */
/* canon.c - JSON values as text, sorted as RFC 8785 wants it or not. */
#include "canon.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print(const json_t *value, bool sorted, struct bytes *out);

/* --- numbers: ECMA-262, Number::toString -------------------------------- */

enum { DIGITS_MAX = 17, EXACT_BITS = 53 };

/* The fewest digits that read back as the same double: "12345" and where the
   point stands behind. */
static int
shortest(double number, char digits[DIGITS_MAX + 1])
{
	char text[40];
	char *at;
	int n = 0;

	for (int precision = 0; precision < DIGITS_MAX; precision++) {
		(void)snprintf(text, sizeof text, "%.*e", precision, number);
		if (strtod(text, NULL) == number)
			break;
	}
	for (at = text; *at != 'e'; at++)
		if (*at != '.')
			digits[n++] = *at;
	while (n > 1 && digits[n - 1] == '0')
		n--;
	digits[n] = '\0';
	return (int)strtol(at + 1, NULL, 10) + 1;
}

static void
put_zeros(struct bytes *out, int n)
{
	while (n-- > 0)
		bytes_char(out, '0');
}

static void
put_exponent(struct bytes *out, const char *digits, int point)
{
	bytes_char(out, digits[0]);
	if (digits[1] != '\0') {
		bytes_char(out, '.');
		bytes_text(out, digits + 1);
	}
	bytes_text(out, point > 0 ? "e+" : "e-");
	bytes_number(out, (uint64_t)(point > 0 ? point - 1 : 1 - point));
}

static void
print_real(double number, struct bytes *out)
{
	char digits[DIGITS_MAX + 1] = "";
	int point, n;

	if (number == 0) {
		bytes_char(out, '0');
		return;
	}
	if (number < 0) {
		bytes_char(out, '-');
		number = -number;
	}
	point = shortest(number, digits);
	n = (int)strlen(digits);
	if (point > 21 || point < -5) {
		put_exponent(out, digits, point);
	} else if (point <= 0) {
		bytes_text(out, "0.");
		put_zeros(out, -point);
		bytes_text(out, digits);
	} else if (point >= n) {
		bytes_text(out, digits);
		put_zeros(out, point - n);
	} else {
		bytes_put(out, digits, (size_t)point);
		bytes_char(out, '.');
		bytes_text(out, digits + point);
	}
}

static void
print_integer(json_int_t number, bool as_double, struct bytes *out)
{
	const json_int_t limit = (json_int_t)1 << EXACT_BITS;

	if (as_double && (number > limit || number < -limit)) {
		print_real((double)number, out);
		return;
	}
	if (number < 0)
		bytes_char(out, '-');
	bytes_number(out, number < 0 ? 0 - (uint64_t)number : (uint64_t)number);
}

/* --- strings ------------------------------------------------------------ */

static void
print_string(const char *text, size_t len, struct bytes *out)
{
	static const char plain[] = "\b\t\n\f\r\"\\";
	static const char letter[] = "btnfr\"\\";

	bytes_char(out, '"');
	for (size_t i = 0; i < len; i++) {
		uint8_t c = (uint8_t)text[i];
		const char *found = c != 0 ? strchr(plain, c) : NULL;
		char escaped[8];

		if (found != NULL) {
			bytes_char(out, '\\');
			bytes_char(out, letter[found - plain]);
		} else if (c < ' ') {
			(void)snprintf(escaped, sizeof escaped, "\\u%04x", c);
			bytes_text(out, escaped);
		} else {
			bytes_char(out, (char)c);
		}
	}
	bytes_char(out, '"');
}

/* Bytes of UTF-8 in the order of UTF-16: what lies above U+FFFF begins with a
   surrogate, so it comes before U+E000 to U+FFFF. */
static int
rank(char byte)
{
	uint8_t value = (uint8_t)byte;

	return value == 0xee || value == 0xef ? value + 0x10 : value;
}

static int
by_name(const void *a, const void *b)
{
	const char *one = *(const char *const *)a;
	const char *two = *(const char *const *)b;

	while (*one != '\0' && *one == *two)
		one++, two++;
	return rank(*one) - rank(*two);
}

/* --- objects and lists -------------------------------------------------- */

static void
print_member(const char *name, const json_t *value, bool sorted, bool first,
    struct bytes *out)
{
	if (!first)
		bytes_char(out, ',');
	print_string(name, strlen(name), out);
	bytes_char(out, ':');
	print(value, sorted, out);
}

static void
print_sorted(const json_t *object, struct bytes *out)
{
	size_t n = 0;
	const char **names =
	    calloc(json_object_size(object) + 1, sizeof *names);
	const char *name;
	json_t *value;

	if (names == NULL) {
		out->failed = true;
		return;
	}
	json_object_foreach((json_t *)object, name, value) names[n++] = name;
	qsort(names, n, sizeof *names, by_name);
	for (size_t i = 0; i < n; i++)
		print_member(names[i], json_object_get(object, names[i]), true,
		    i == 0, out);
	free(names);
}

static void
print_object(const json_t *object, bool sorted, struct bytes *out)
{
	const char *name;
	json_t *value;
	bool first = true;

	bytes_char(out, '{');
	if (sorted) {
		print_sorted(object, out);
	} else {
		json_object_foreach((json_t *)object, name, value)
		{
			print_member(name, value, false, first, out);
			first = false;
		}
	}
	bytes_char(out, '}');
}

static void
print_list(const json_t *list, bool sorted, struct bytes *out)
{
	bytes_char(out, '[');
	for (size_t i = 0; i < json_array_size(list); i++) {
		if (i > 0)
			bytes_char(out, ',');
		print(json_array_get(list, i), sorted, out);
	}
	bytes_char(out, ']');
}

static void
print(const json_t *value, bool sorted, struct bytes *out)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		print_object(value, sorted, out);
		break;
	case JSON_ARRAY:
		print_list(value, sorted, out);
		break;
	case JSON_STRING:
		print_string(
		    json_string_value(value), json_string_length(value), out);
		break;
	case JSON_INTEGER:
		print_integer(json_integer_value(value), sorted, out);
		break;
	case JSON_REAL:
		print_real(json_real_value(value), out);
		break;
	case JSON_TRUE:
		bytes_text(out, "true");
		break;
	case JSON_FALSE:
		bytes_text(out, "false");
		break;
	case JSON_NULL:
		bytes_text(out, "null");
		break;
	}
}

void
canon_print(const json_t *value, struct bytes *out)
{
	print(value, true, out);
}

void
plain_print(const json_t *value, struct bytes *out)
{
	print(value, false, out);
}

void
canon_base64(struct aicx_str bytes, struct bytes *out)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmn"
				      "opqrstuvwxyz0123456789-_";

	for (size_t i = 0; i < bytes.len; i += 3) {
		size_t n = bytes.len - i < 3 ? bytes.len - i : 3;
		uint32_t bits = 0;

		for (size_t k = 0; k < 3; k++)
			bits =
			    bits << 8 | (k < n ? (uint8_t)bytes.ptr[i + k] : 0);
		for (size_t k = 0; k <= n; k++)
			bytes_char(out, letters[bits >> (18 - 6 * k) & 63]);
	}
}
