/* SPDX-License-Identifier: Apache-2.0 */
/* id.c - UUIDs (RFC 9562): making, printing and reading them. */
#include "base/id.h"

#include <endian.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

struct aicx_id
id_v7(int64_t now_ms, const uint8_t random[10])
{
	struct aicx_id id;

	for (int i = 0; i < 6; i++)
		id.bytes[i] = (uint8_t)(now_ms >> (40 - 8 * i));
	memcpy(id.bytes + 6, random, 10);
	id.bytes[6] = 0x70 | (id.bytes[6] & 0x0F);
	id.bytes[8] = 0x80 | (id.bytes[8] & 0x3F);
	return id;
}

struct aicx_id
id_v8(const uint8_t hash[16])
{
	struct aicx_id id;

	memcpy(id.bytes, hash, 16);
	id.bytes[6] = 0x80 | (id.bytes[6] & 0x0F);
	id.bytes[8] = 0x80 | (id.bytes[8] & 0x3F);
	return id;
}

#ifdef __SSE2__
/* Sixteen values below 16 as digits: those above 9 are moved from ':' to 'a'.
 */
static inline __m128i
digits_of(__m128i values)
{
	__m128i above = _mm_and_si128(_mm_cmpgt_epi8(values, _mm_set1_epi8(9)),
	    _mm_set1_epi8('a' - '0' - 10));

	return _mm_add_epi8(_mm_add_epi8(values, _mm_set1_epi8('0')), above);
}

static inline void
print_digits(const uint8_t bytes[16], char ret_digits[32])
{
	__m128i all = _mm_loadu_si128((const __m128i *)(const void *)bytes);
	__m128i four = _mm_set1_epi8(15);
	__m128i high = _mm_and_si128(_mm_srli_epi16(all, 4), four);
	__m128i low = _mm_and_si128(all, four);

	_mm_storeu_si128((__m128i *)(void *)ret_digits,
	    digits_of(_mm_unpacklo_epi8(high, low)));
	_mm_storeu_si128((__m128i *)(void *)(ret_digits + 16),
	    digits_of(_mm_unpackhi_epi8(high, low)));
}

/* The values of sixteen lower-case digits; false: not all are digits. */
static inline bool
values_of(const char *in, __m128i *ret_values)
{
	__m128i text = _mm_loadu_si128((const __m128i *)(const void *)in);
	__m128i number =
	    _mm_and_si128(_mm_cmpgt_epi8(text, _mm_set1_epi8('0' - 1)),
		_mm_cmplt_epi8(text, _mm_set1_epi8('9' + 1)));
	__m128i letter =
	    _mm_and_si128(_mm_cmpgt_epi8(text, _mm_set1_epi8('a' - 1)),
		_mm_cmplt_epi8(text, _mm_set1_epi8('f' + 1)));

	*ret_values = _mm_add_epi8(_mm_and_si128(text, _mm_set1_epi8(15)),
	    _mm_and_si128(letter, _mm_set1_epi8(9)));
	return _mm_movemask_epi8(_mm_or_si128(number, letter)) == 0xFFFF;
}

/* Two values, the upper one first, are one byte. */
static inline __m128i
bytes_of(__m128i values)
{
	return _mm_and_si128(
	    _mm_or_si128(_mm_slli_epi16(values, 4), _mm_srli_epi16(values, 8)),
	    _mm_set1_epi16(0xFF));
}

static inline bool
parse_digits(const char digits[32], uint8_t ret_bytes[16])
{
	__m128i first, last;

	if (!values_of(digits, &first) || !values_of(digits + 16, &last))
		return false;
	_mm_storeu_si128((__m128i *)(void *)ret_bytes,
	    _mm_packus_epi16(bytes_of(first), bytes_of(last)));
	return true;
}
#else
/* Four bytes as eight digits, all at once: each byte becomes two, of four bits
   each, and those above 9 are moved from ':' to 'a'. */
static void
print_four(const uint8_t bytes[4], char ret_digits[8])
{
	uint32_t four;

	memcpy(&four, bytes, sizeof four);
	uint64_t x = be32toh(four);
	x = (x << 16 | x) & 0x0000FFFF0000FFFFu;
	x = (x << 8 | x) & 0x00FF00FF00FF00FFu;
	x = (x << 4 | x) & 0x0F0F0F0F0F0F0F0Fu;
	uint64_t above = ((x + 0x0606060606060606u) >> 4) & 0x0101010101010101u;
	x = htobe64(x + 0x3030303030303030u + above * ('a' - '0' - 10));
	memcpy(ret_digits, &x, sizeof x);
}

static void
print_digits(const uint8_t bytes[16], char ret_digits[32])
{
	for (int i = 0; i < 4; i++)
		print_four(bytes + 4 * i, ret_digits + 8 * i);
}

/* 16 | the value of a lower-case hexadecimal digit; 0: it is none. */
static const uint8_t hex_values[256] = {
	['0'] = 16,
	17,
	18,
	19,
	20,
	21,
	22,
	23,
	24,
	25,
	['a'] = 26,
	27,
	28,
	29,
	30,
	31,
};

static bool
parse_digits(const char digits[32], uint8_t ret_bytes[16])
{
	uint8_t all = 16;

	for (int i = 0; i < 16; i++) {
		uint8_t high = hex_values[(uint8_t)digits[2 * i]];
		uint8_t low = hex_values[(uint8_t)digits[2 * i + 1]];
		all &= high & low;
		ret_bytes[i] = (uint8_t)(high << 4 | (low & 15));
	}
	return all != 0;
}
#endif

void
id_print(const struct aicx_id *id, char ret_text[ID_TEXT])
{
	char digits[32];

	print_digits(id->bytes, digits);
	memcpy(ret_text, digits, 8);
	memcpy(ret_text + 9, digits + 8, 4);
	memcpy(ret_text + 14, digits + 12, 4);
	memcpy(ret_text + 19, digits + 16, 4);
	memcpy(ret_text + 24, digits + 20, 12);
	ret_text[8] = ret_text[13] = ret_text[18] = ret_text[23] = '-';
}

struct id_text
id_text(const struct aicx_id *id)
{
	struct id_text text;

	id_print(id, text.text);
	text.text[ID_TEXT] = '\0';
	return text;
}

bool
id_parse(struct aicx_str text, struct aicx_id *ret_id)
{
	const char *in = text.ptr;
	struct aicx_id id;
	char digits[32];

	if (text.len != ID_TEXT || in[8] != '-' || in[13] != '-' ||
	    in[18] != '-' || in[23] != '-')
		return false;
	memcpy(digits, in, 8);
	memcpy(digits + 8, in + 9, 4);
	memcpy(digits + 12, in + 14, 4);
	memcpy(digits + 16, in + 19, 4);
	memcpy(digits + 20, in + 24, 12);
	if (!parse_digits(digits, id.bytes))
		return false;
	*ret_id = id;
	return true;
}

struct aicx_str
id_bytes(const struct aicx_id *id)
{
	return (struct aicx_str) { (const char *)id->bytes, sizeof id->bytes };
}
