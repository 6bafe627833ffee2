/* SPDX-License-Identifier: Apache-2.0 */
/* text.c - text that grows at the end, and what one asks of a borrowed run. */
#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void
text_fini(struct text *text)
{
	free(text->ptr);
	*text = (struct text) { 0 };
}

void
text_clear(struct text *text)
{
	text->len = 0;
	text->failed = false;
}

bool
text_room(struct text *text, size_t n_bytes)
{
	size_t cap = text->cap > 0 ? text->cap : 256;
	char *ptr;

	if (n_bytes <= text->cap - text->len)
		return true;
	while (cap - text->len < n_bytes)
		cap *= 2;
	ptr = realloc(text->ptr, cap);
	if (ptr == NULL) {
		text->failed = true;
		return false;
	}
	text->ptr = ptr;
	text->cap = cap;
	return true;
}

void
text_str(struct text *text, struct aicx_str str)
{
	if (str.len == 0 || !text_room(text, str.len))
		return;
	memcpy(text->ptr + text->len, str.ptr, str.len);
	text->len += str.len;
}

void
text_char(struct text *text, char c)
{
	text_str(text, (struct aicx_str) { &c, 1 });
}

void
text_number(struct text *text, int64_t number)
{
	char digits[24];

	(void)snprintf(digits, sizeof digits, "%" PRId64, number);
	text_str(text, text_of(digits));
}

void
text_json(struct text *text, struct aicx_str str)
{
	text_char(text, '"');
	for (size_t i = 0; i < str.len; i++) {
		char c = str.ptr[i];
		char escaped[8];

		if (c == '"' || c == '\\') {
			text_char(text, '\\');
			text_char(text, c);
		} else if ((uint8_t)c < ' ') {
			(void)snprintf(
			    escaped, sizeof escaped, "\\u%04x", (unsigned)c);
			text_str(text, text_of(escaped));
		} else {
			text_char(text, c);
		}
	}
	text_char(text, '"');
}

struct aicx_str
text_view(const struct text *text)
{
	return (struct aicx_str) { text->ptr, text->len };
}

struct aicx_str
text_of(const char *text)
{
	return (struct aicx_str) { text, strlen(text) };
}

bool
text_same(struct aicx_str a, struct aicx_str b)
{
	return a.len == b.len &&
	    (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool
text_alike(struct aicx_str a, struct aicx_str b)
{
	return a.len == b.len &&
	    (a.len == 0 || strncasecmp(a.ptr, b.ptr, a.len) == 0);
}

struct aicx_str
text_trim(struct aicx_str str)
{
	while (str.len > 0 && (*str.ptr == ' ' || *str.ptr == '\t')) {
		str.ptr++;
		str.len--;
	}
	while (str.len > 0 &&
	    (str.ptr[str.len - 1] == ' ' || str.ptr[str.len - 1] == '\t'))
		str.len--;
	return str;
}

struct aicx_str
text_cut(struct aicx_str str, char sep, struct aicx_str *ret_rest)
{
	const char *at = str.len > 0 ? memchr(str.ptr, sep, str.len) : NULL;

	if (at == NULL) {
		*ret_rest = (struct aicx_str) { NULL, 0 };
		return str;
	}
	*ret_rest =
	    (struct aicx_str) { at + 1, str.len - (size_t)(at + 1 - str.ptr) };
	return (struct aicx_str) { str.ptr, (size_t)(at - str.ptr) };
}

/* Bytes of the sequence that begins with this lead byte; 0: none does. */
static size_t
utf8_len(uint8_t lead)
{
	if (lead < 0x80)
		return 1;
	if (lead < 0xc2)
		return 0;
	return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
}

/* What the second byte may be after this lead (Unicode table 3-7). */
static bool
utf8_second(uint8_t lead, uint8_t second)
{
	switch (lead) {
	case 0xe0:
		return second >= 0xa0 && second <= 0xbf;
	case 0xed:
		return second >= 0x80 && second <= 0x9f;
	case 0xf0:
		return second >= 0x90 && second <= 0xbf;
	case 0xf4:
		return second >= 0x80 && second <= 0x8f;
	default:
		return second >= 0x80 && second <= 0xbf;
	}
}

bool
text_is_utf8(struct aicx_str str)
{
	const uint8_t *at = (const uint8_t *)str.ptr;
	const uint8_t *end = at + str.len;

	while (at < end) {
		size_t len = utf8_len(*at);

		if (len == 0 || (size_t)(end - at) < len)
			return false;
		if (len > 1 && !utf8_second(at[0], at[1]))
			return false;
		for (size_t i = 2; i < len; i++)
			if ((at[i] & 0xc0) != 0x80)
				return false;
		at += len;
	}
	return true;
}
