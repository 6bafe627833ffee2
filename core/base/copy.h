/* SPDX-License-Identifier: Apache-2.0 */
/*
 * copy.h - copying names and short values, of which there are hundreds in a
 * record: a call of memcpy() takes longer than the bytes.
 */
#ifndef BASE_COPY_H
#define BASE_COPY_H

#include <stddef.h>
#include <string.h>

/* As memcpy(); parts of one known size overlap in the middle. */
static inline void
copy_short(char *to, const char *from, size_t n_bytes)
{
	struct part {
		char bytes[16];
	} first, last;

	if (n_bytes > 2 * sizeof first) {
		memcpy(to, from, n_bytes);
	} else if (n_bytes >= 16) {
		memcpy(first.bytes, from, 16);
		memcpy(last.bytes, from + n_bytes - 16, 16);
		memcpy(to, first.bytes, 16);
		memcpy(to + n_bytes - 16, last.bytes, 16);
	} else if (n_bytes >= 8) {
		memcpy(first.bytes, from, 8);
		memcpy(last.bytes, from + n_bytes - 8, 8);
		memcpy(to, first.bytes, 8);
		memcpy(to + n_bytes - 8, last.bytes, 8);
	} else if (n_bytes >= 4) {
		memcpy(first.bytes, from, 4);
		memcpy(last.bytes, from + n_bytes - 4, 4);
		memcpy(to, first.bytes, 4);
		memcpy(to + n_bytes - 4, last.bytes, 4);
	} else {
		for (size_t i = 0; i < n_bytes; i++)
			to[i] = from[i];
	}
}

#endif
