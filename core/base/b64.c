/* SPDX-License-Identifier: Apache-2.0 */
/* b64.c - base64url (RFC 4648 section 5): one text for one run of bytes. */
#include "base/b64.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			     "abcdefghijklmnopqrstuvwxyz0123456789-_";

/* Value + 1 of each digit; 0: no digit. */
static const uint8_t values[256] = { ['A'] = 1,
	2,
	3,
	4,
	5,
	6,
	7,
	8,
	9,
	10,
	11,
	12,
	13,
	14,
	15,
	16,
	17,
	18,
	19,
	20,
	21,
	22,
	23,
	24,
	25,
	26,
	['a'] = 27,
	28,
	29,
	30,
	31,
	32,
	33,
	34,
	35,
	36,
	37,
	38,
	39,
	40,
	41,
	42,
	43,
	44,
	45,
	46,
	47,
	48,
	49,
	50,
	51,
	52,
	['0'] = 53,
	54,
	55,
	56,
	57,
	58,
	59,
	60,
	61,
	62,
	['-'] = 63,
	['_'] = 64 };

void
b64_print(const void *bytes, size_t n_bytes, char *ret_text)
{
	const uint8_t *in = bytes;
	char *out = ret_text;

	for (; n_bytes >= 3; n_bytes -= 3, in += 3) {
		*out++ = digits[in[0] >> 2];
		*out++ = digits[(in[0] & 3) << 4 | in[1] >> 4];
		*out++ = digits[(in[1] & 15) << 2 | in[2] >> 6];
		*out++ = digits[in[2] & 63];
	}
	if (n_bytes == 0)
		return;
	*out++ = digits[in[0] >> 2];
	*out++ = digits[(in[0] & 3) << 4 | (n_bytes == 2 ? in[1] >> 4 : 0)];
	if (n_bytes == 2)
		*out = digits[(in[1] & 15) << 2];
}

void
b64_put(struct buf *buf, const void *bytes, size_t n_bytes)
{
	b64_print(bytes, n_bytes, buf_room(buf, B64_LEN(n_bytes)));
	buf->len += B64_LEN(n_bytes);
}

static inline uint32_t
value(uint8_t digit)
{
	return values[digit] - 1u;
}

static bool
all_digits(struct aicx_str text)
{
	unsigned wrong = 0; /* a digit's value is below 64 */

	for (size_t i = 0; i < text.len; i++)
		wrong |= value((uint8_t)text.ptr[i]);
	return wrong < 64;
}

/* Is the end one that b64_print() writes? */
static bool
ends_well(struct aicx_str text)
{
	/* The bits of the last digit that no byte takes. */
	unsigned unused = text.len % 4 == 2 ? 15 : text.len % 4 == 3 ? 3 : 0;
	return unused == 0 ||
	    ((values[(uint8_t)text.ptr[text.len - 1]] - 1u) & unused) == 0;
}

bool
b64_parse_any(
    struct aicx_str text, void *ret_bytes, size_t cap, size_t *ret_n_bytes)
{
	size_t n_bytes = text.len / 4 * 3 + (text.len % 4 * 3) / 4;
	const uint8_t *in = (const uint8_t *)text.ptr;
	uint8_t *out = ret_bytes;
	size_t left = text.len;

	if (text.ptr == NULL || left % 4 == 1 || n_bytes > cap ||
	    !all_digits(text) || !ends_well(text))
		return false;
	for (; left >= 4; left -= 4, in += 4) {
		uint32_t bits = value(in[0]) << 18 | value(in[1]) << 12 |
		    value(in[2]) << 6 | value(in[3]);
		*out++ = (uint8_t)(bits >> 16);
		*out++ = (uint8_t)(bits >> 8);
		*out++ = (uint8_t)bits;
	}
	if (left >= 2)
		*out++ = (uint8_t)(value(in[0]) << 2 | value(in[1]) >> 4);
	if (left == 3)
		*out = (uint8_t)(value(in[1]) << 4 | value(in[2]) >> 2);
	*ret_n_bytes = n_bytes;
	return true;
}

bool
b64_parse(struct aicx_str text, void *ret_bytes, size_t n_bytes)
{
	size_t n;

	return text.len == B64_LEN(n_bytes) &&
	    b64_parse_any(text, ret_bytes, n_bytes, &n);
}
