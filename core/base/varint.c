/* SPDX-License-Identifier: Apache-2.0 */
/* varint.c - numbers in as few bytes as they need. */
#include "base/varint.h"

enum { VARINT_BYTES = 10 };

void
varint_put(struct buf *buf, uint64_t value)
{
	char bytes[VARINT_BYTES];
	size_t n = 0;

	while (value >= 0x80) {
		bytes[n++] = (char)(value | 0x80);
		value >>= 7;
	}
	bytes[n++] = (char)value;
	buf_put(buf, bytes, n);
}

bool
varint_take(struct aicx_str *text, uint64_t *ret_value)
{
	uint64_t value = 0;

	for (size_t i = 0; i < text->len && i < VARINT_BYTES; i++) {
		uint64_t bits = (uint8_t)text->ptr[i] & 0x7F;
		if (i == VARINT_BYTES - 1 && bits > 1)
			return false;
		value |= bits << (7 * i);
		if (((uint8_t)text->ptr[i] & 0x80) != 0)
			continue;
		text->ptr += i + 1;
		text->len -= i + 1;
		*ret_value = value;
		return true;
	}
	return false;
}
