/* SPDX-License-Identifier: Apache-2.0 */
/* text.c - what one asks of a borrowed run of bytes. */
#include "text.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

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
text_trim(struct aicx_str text)
{
	while (text.len > 0 && (*text.ptr == ' ' || *text.ptr == '\t')) {
		text.ptr++;
		text.len--;
	}
	while (text.len > 0 &&
	    (text.ptr[text.len - 1] == ' ' || text.ptr[text.len - 1] == '\t'))
		text.len--;
	return text;
}

struct aicx_str
text_cut(struct aicx_str text, char sep, struct aicx_str *ret_rest)
{
	const char *at = text.len > 0 ? memchr(text.ptr, sep, text.len) : NULL;
	size_t len = at != NULL ? (size_t)(at - text.ptr) : text.len;

	*ret_rest = at == NULL
	    ? (struct aicx_str) { NULL, 0 }
	    : (struct aicx_str) { at + 1, text.len - len - 1 };
	return (struct aicx_str) { text.ptr, len };
}

bool
text_lists(struct aicx_str list, struct aicx_str item)
{
	while (list.len > 0)
		if (text_alike(text_trim(text_cut(list, ',', &list)), item))
			return true;
	return false;
}

static bool
is_token(struct aicx_str text)
{
	static const char chars[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmn"
				    "opqrstuvwxyz0123456789-._~+/=";

	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] == '\0' || strchr(chars, text.ptr[i]) == NULL)
			return false;
	return text.len > 0;
}

bool
text_bearer(struct aicx_str value, struct aicx_str *ret_token)
{
	struct aicx_str token;
	struct aicx_str scheme = text_cut(value, ' ', &token);

	token = text_trim(token);
	if (!text_alike(scheme, TEXT("Bearer")) || !is_token(token))
		return false;
	*ret_token = token;
	return true;
}

int
text_hex(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	digit = (char)(digit | 0x20);
	return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
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
text_is_utf8(struct aicx_str text)
{
	const uint8_t *at = (const uint8_t *)text.ptr;
	const uint8_t *end = at + text.len;

	while (at < end) {
		uint64_t word = UINT64_MAX;
		size_t len = utf8_len(*at);

		/* Most text is mostly ASCII: eight at a time. */
		if (len == 1 && (size_t)(end - at) >= sizeof word)
			memcpy(&word, at, sizeof word);
		if ((word & 0x8080808080808080u) == 0) {
			at += sizeof word;
			continue;
		}
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
