/* SPDX-License-Identifier: Apache-2.0 */
/* id.c - UUIDs (RFC 9562): making, printing and reading them. */
#include "base/id.h"

#include <string.h>

static const char hex_digits[] = "0123456789abcdef";

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

/* A hyphen stands before these bytes: 8-4-4-4-12. */
static bool
hyphen_before(int byte)
{
	return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

void
id_print(const struct aicx_id *id, char ret_text[ID_TEXT])
{
	char *out = ret_text;

	for (int i = 0; i < 16; i++) {
		if (hyphen_before(i))
			*out++ = '-';
		*out++ = hex_digits[id->bytes[i] >> 4];
		*out++ = hex_digits[id->bytes[i] & 15];
	}
}

struct id_text
id_text(const struct aicx_id *id)
{
	struct id_text text;

	id_print(id, text.text);
	text.text[ID_TEXT] = '\0';
	return text;
}

/* -1: no lower-case hexadecimal digit. */
static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

bool
id_parse(struct aicx_str text, struct aicx_id *ret_id)
{
	struct aicx_id id;
	const char *in = text.ptr;

	if (text.len != ID_TEXT)
		return false;
	for (int i = 0; i < 16; i++) {
		if (hyphen_before(i) && *in++ != '-')
			return false;
		int high = hex_value(in[0]), low = hex_value(in[1]);
		if (high < 0 || low < 0)
			return false;
		id.bytes[i] = (uint8_t)(high << 4 | low);
		in += 2;
	}
	*ret_id = id;
	return true;
}

bool
id_eq(const struct aicx_id *a, const struct aicx_id *b)
{
	return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

bool
id_is_nil(const struct aicx_id *id)
{
	static const struct aicx_id nil;

	return id_eq(id, &nil);
}

struct aicx_str
id_bytes(const struct aicx_id *id)
{
	return (struct aicx_str) { (const char *)id->bytes, sizeof id->bytes };
}
