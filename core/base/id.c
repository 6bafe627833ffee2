/* SPDX-License-Identifier: Apache-2.0 */
/* id.c - UUIDs (RFC 9562): making, printing and reading them. */
#include "base/id.h"

#include <endian.h>
#include <string.h>

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

void
id_print(const struct aicx_id *id, char ret_text[ID_TEXT])
{
	char digits[32];

	for (int i = 0; i < 4; i++)
		print_four(id->bytes + 4 * i, digits + 8 * i);
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

bool
id_parse(struct aicx_str text, struct aicx_id *ret_id)
{
	static const uint8_t places[16] = { 0, 2, 4, 6, 9, 11, 14, 16, 19, 21,
		24, 26, 28, 30, 32, 34 };
	const uint8_t *in = (const uint8_t *)text.ptr;
	struct aicx_id id;
	uint8_t all = 16;

	if (text.len != ID_TEXT || in[8] != '-' || in[13] != '-' ||
	    in[18] != '-' || in[23] != '-')
		return false;
	for (int i = 0; i < 16; i++) {
		uint8_t high = hex_values[in[places[i]]];
		uint8_t low = hex_values[in[places[i] + 1]];
		all &= high & low;
		id.bytes[i] = (uint8_t)(high << 4 | (low & 15));
	}
	if (all == 0)
		return false;
	*ret_id = id;
	return true;
}

struct aicx_str
id_bytes(const struct aicx_id *id)
{
	return (struct aicx_str) { (const char *)id->bytes, sizeof id->bytes };
}
