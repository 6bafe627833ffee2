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
	bytes_put(bytes, &c, 1);
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

static void
put_escaped(struct bytes *bytes, char c)
{
	static const char hex[] = "0123456789abcdef";
	char control[] = "\\u00__";

	if (c == '"' || c == '\\') {
		bytes_char(bytes, '\\');
		bytes_char(bytes, c);
		return;
	}
	control[4] = hex[(uint8_t)c >> 4];
	control[5] = hex[(uint8_t)c & 15];
	bytes_text(bytes, control);
}

void
bytes_json(struct bytes *bytes, struct aicx_str str)
{
	size_t from = 0;

	bytes_char(bytes, '"');
	for (size_t i = 0; i < str.len; i++) {
		char c = str.ptr[i];

		if (c != '"' && c != '\\' && (uint8_t)c >= ' ')
			continue;
		bytes_put(bytes, str.ptr + from, i - from);
		put_escaped(bytes, c);
		from = i + 1;
	}
	if (from < str.len)
		bytes_put(bytes, str.ptr + from, str.len - from);
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
