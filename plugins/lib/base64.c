/* SPDX-License-Identifier: Apache-2.0 */
/* base64.c - one text for one run of bytes. */
#include "base64.h"

#include <string.h>

static const char digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
bytes_base64(struct bytes *out, const void *from, size_t n_bytes)
{
	const uint8_t *in = from;

	for (size_t i = 0; i < n_bytes; i += 3) {
		uint32_t bits = (uint32_t)in[i] << 16;
		char four[4] = "====";

		if (i + 1 < n_bytes)
			bits |= (uint32_t)in[i + 1] << 8;
		if (i + 2 < n_bytes)
			bits |= in[i + 2];
		for (size_t k = 0; k < 4 && i + k <= n_bytes; k++)
			four[k] = digits[bits >> (18 - 6 * k) & 63];
		bytes_put(out, four, sizeof four);
	}
}

static int
value_of(char digit)
{
	const char *at = digit != '\0' ? strchr(digits, digit) : NULL;

	return at != NULL ? (int)(at - digits) : -1;
}

/* The digits before the padding. */
static bool
parse_digits(struct aicx_str text, struct bytes *out)
{
	uint32_t bits = 0;
	int n_bits = 0; /* of `bits` that no byte has taken yet */

	for (size_t i = 0; i < text.len; i++) {
		int value = value_of(text.ptr[i]);

		if (value < 0)
			return false;
		bits = bits << 6 | (uint32_t)value;
		n_bits += 6;
		if (n_bits < 8)
			continue;
		n_bits -= 8;
		bytes_char(out, (char)(bits >> n_bits));
		bits &= (1u << n_bits) - 1;
	}
	return bits == 0;
}

bool
bytes_from_base64(struct aicx_str text, struct bytes *out)
{
	size_t before = out->len;

	if (text.len % 4 != 0)
		return false;
	for (int i = 0; i < 2 && text.len > 0; i++)
		if (text.ptr[text.len - 1] == '=')
			text.len--;
	if (!parse_digits(text, out)) {
		out->len = before;
		return false;
	}
	return true;
}
