/* SPDX-License-Identifier: Apache-2.0 */
/* notation.c - strict both ways: what is printed is what is taken. */
#include "notation.h"

#include <stdio.h>
#include <string.h>

static const char hex[] = "0123456789abcdef";

void
uuid_print(const struct aicx_id *id, char ret_text[ID_TEXT])
{
	char *at = ret_text;

	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*at++ = '-';
		*at++ = hex[id->bytes[i] >> 4];
		*at++ = hex[id->bytes[i] & 15];
	}
	*at = '\0';
}

static int
digit_of(char c)
{
	const char *at = c != '\0' ? strchr(hex, c) : NULL;

	return at != NULL ? (int)(at - hex) : -1;
}

bool
uuid_parse(const char *text, struct aicx_id *ret_id)
{
	struct aicx_id id;

	if (strlen(text) != ID_TEXT - 1)
		return false;
	for (int i = 0; i < 16; i++) {
		if ((i == 4 || i == 6 || i == 8 || i == 10) && *text++ != '-')
			return false;
		int high = digit_of(*text++), low = digit_of(*text++);
		if (high < 0 || low < 0)
			return false;
		id.bytes[i] = (uint8_t)(high << 4 | low);
	}
	*ret_id = id;
	return true;
}

void
amount_print(int64_t minor, int scale, char ret_text[AMOUNT_TEXT])
{
	uint64_t size = minor < 0 ? -(uint64_t)minor : (uint64_t)minor;
	char digits[24], *at = digits + sizeof digits;
	int n = 0;

	/* From the last digit on. */
	*--at = '\0';
	do {
		if (n == scale && n > 0)
			*--at = '.';
		*--at = (char)('0' + size % 10);
		size /= 10;
	} while (++n <= scale || size > 0);
	(void)snprintf(ret_text, AMOUNT_TEXT, "%s%s", minor < 0 ? "-" : "", at);
}

static bool
add_digit(int64_t *minor, int digit)
{
	return !__builtin_mul_overflow(*minor, 10, minor) &&
	    !__builtin_add_overflow(*minor, digit, minor);
}

bool
amount_parse(const char *text, int scale, int64_t *ret_minor)
{
	int64_t minor = 0;
	int n_whole = 0, n_decimals = -1; /* -1: no point yet */

	for (; *text != '\0'; text++) {
		if (*text == '.' && n_decimals < 0 && n_whole > 0) {
			n_decimals = 0;
			continue;
		}
		if (*text < '0' || *text > '9' ||
		    !add_digit(&minor, *text - '0'))
			return false;
		if (n_decimals < 0)
			n_whole++;
		else if (++n_decimals > scale)
			return false;
	}
	if (n_whole == 0 || n_decimals == 0)
		return false;
	for (int i = n_decimals < 0 ? 0 : n_decimals; i < scale; i++)
		if (!add_digit(&minor, 0))
			return false;
	*ret_minor = minor;
	return true;
}

void
mac_print(const uint8_t mac[32], char ret_text[MAC_TEXT])
{
	for (int i = 0; i < 32; i++) {
		ret_text[2 * i] = hex[mac[i] >> 4];
		ret_text[2 * i + 1] = hex[mac[i] & 15];
	}
	ret_text[MAC_TEXT - 1] = '\0';
}

bool
mac_is(const char *expected, struct aicx_str told)
{
	unsigned differs = 0;

	if (told.len != MAC_TEXT - 1)
		return false;
	for (size_t i = 0; i < told.len; i++)
		differs |=
		    (unsigned char)told.ptr[i] ^ (unsigned char)expected[i];
	return differs == 0;
}
