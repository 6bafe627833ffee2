/* SPDX-License-Identifier: Apache-2.0 */
/* bytes.c - bytes that grow at the end; doubled, so that a put is cheap. */
#include "bytes.h"

#include <stdlib.h>
#include <string.h>

void
bytes_fini(struct bytes *bytes)
{
	free(bytes->ptr);
	*bytes = (struct bytes) { 0 };
}

void
bytes_clear(struct bytes *bytes)
{
	bytes->len = 0;
	bytes->failed = false;
}

bool
bytes_room(struct bytes *bytes, size_t n_bytes)
{
	size_t cap = bytes->cap > 0 ? bytes->cap : 256;
	char *ptr;

	if (n_bytes <= bytes->cap - bytes->len)
		return true;
	while (cap - bytes->len < n_bytes)
		cap *= 2;
	ptr = realloc(bytes->ptr, cap);
	if (ptr == NULL) {
		bytes->failed = true;
		return false;
	}
	bytes->ptr = ptr;
	bytes->cap = cap;
	return true;
}

void
bytes_put(struct bytes *bytes, const void *from, size_t n_bytes)
{
	if (n_bytes == 0 || !bytes_room(bytes, n_bytes))
		return;
	memcpy(bytes->ptr + bytes->len, from, n_bytes);
	bytes->len += n_bytes;
}

void
bytes_str(struct bytes *bytes, struct aicx_str str)
{
	bytes_put(bytes, str.ptr, str.len);
}

void
bytes_text(struct bytes *bytes, const char *text)
{
	bytes_put(bytes, text, strlen(text));
}

void
bytes_char(struct bytes *bytes, char c)
{
	if (bytes->len < bytes->cap || bytes_room(bytes, 1))
		bytes->ptr[bytes->len++] = c;
}

void
bytes_number(struct bytes *bytes, uint64_t number)
{
	char text[20];
	size_t at = sizeof text;

	do {
		text[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	bytes_put(bytes, text + at, sizeof text - at);
}

/* To the first byte that is not written as it is. */
static size_t
plain_until(struct aicx_str str, size_t at)
{
	while (at < str.len && str.ptr[at] != '"' && str.ptr[at] != '\\' &&
	    (uint8_t)str.ptr[at] >= ' ')
		at++;
	return at;
}

/* Behind what a byte needs, six at most. */
static char *
escape(char *to, char c)
{
	static const char hex[] = "0123456789abcdef";

	*to++ = '\\';
	if (c == '"' || c == '\\') {
		*to++ = c;
		return to;
	}
	memcpy(to, "u00", 3);
	to[3] = hex[(uint8_t)c >> 4];
	to[4] = hex[(uint8_t)c & 15];
	return to + 5;
}

enum { ESCAPE_CHARS = 6 };

/* Room is asked for once for a run of plain bytes and the escape behind it. */
void
bytes_json(struct bytes *bytes, struct aicx_str str)
{
	size_t from = 0;

	bytes_char(bytes, '"');
	while (from < str.len) {
		size_t to = plain_until(str, from);

		if (!bytes_room(bytes, to - from + ESCAPE_CHARS))
			return;
		char *end = bytes->ptr + bytes->len;
		memcpy(end, str.ptr + from, to - from);
		end += to - from;
		if (to < str.len)
			end = escape(end, str.ptr[to++]);
		bytes->len = (size_t)(end - bytes->ptr);
		from = to;
	}
	bytes_char(bytes, '"');
}

/* The byte of "%41"; -1: it is none. */
static int
escaped_byte(struct aicx_str form, size_t at)
{
	int high = at + 2 < form.len ? text_hex(form.ptr[at + 1]) : -1;
	int low = high >= 0 ? text_hex(form.ptr[at + 2]) : -1;

	return low >= 0 ? high * 16 + low : -1;
}

bool
bytes_form(struct bytes *bytes, struct aicx_str form)
{
	for (size_t i = 0; i < form.len; i++) {
		int c = (uint8_t)form.ptr[i];

		if (c == '+') {
			c = ' ';
		} else if (c == '%') {
			c = escaped_byte(form, i);
			i += 2;
		}
		if (c <= 0)
			return false;
		bytes_char(bytes, (char)c);
	}
	return !bytes->failed;
}

struct aicx_str
bytes_view(const struct bytes *bytes)
{
	return (struct aicx_str) { bytes->ptr, bytes->len };
}
