/* SPDX-License-Identifier: Apache-2.0 */
/* json_lex.c - the rarer tokens of JSON, and where a text went wrong. */
#include "base/json_lex.h"

#include "base/err.h"
#include "base/str.h"

aicx_err
lex_error(const struct lex *lex, struct aicx_error *reterr)
{
	size_t line = 1, column = 1;

	for (const char *at = lex->start; at < lex->bad; at++) {
		if (*at == '\n') {
			line++;
			column = 1;
		} else if ((*at & 0xC0) != 0x80) {
			column++;
		}
	}
	return err_word(reterr, AICX_EINVAL, "malformed",
	    "line %zu column %zu: %s%s", line, column, lex->why,
	    lex->bad == lex->end ? ", the text ends here" : "");
}

/* Four hexadecimal digits, or -1. */
static int
hex4(const char *at, const char *end)
{
	int value = 0;

	if (end - at < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		char c = at[i], lower = (char)(c | 0x20);
		if (c >= '0' && c <= '9')
			value = value * 16 + (c - '0');
		else if (lower >= 'a' && lower <= 'f')
			value = value * 16 + (lower - 'a' + 10);
		else
			return -1;
	}
	return value;
}

static bool
is_high_surrogate(int unit)
{
	return unit >= 0xD800 && unit <= 0xDBFF;
}

static bool
is_low_surrogate(int unit)
{
	return unit >= 0xDC00 && unit <= 0xDFFF;
}

/* At the backslash of \uXXXX; surrogates come in pairs (RFC 8259 section 7). */
static const char *
unicode_escape(struct lex *lex, const char *at)
{
	int unit = hex4(at + 2, lex->end);

	if (unit < 0)
		return lex_fail(lex, at, "expected four hexadecimal digits");
	if (is_low_surrogate(unit))
		return lex_fail(lex, at, "lone surrogate");
	if (!is_high_surrogate(unit))
		return at + 6;
	if (lex->end - at < 12 || at[6] != '\\' || at[7] != 'u' ||
	    !is_low_surrogate(hex4(at + 8, lex->end)))
		return lex_fail(lex, at, "lone surrogate");
	return at + 12;
}

const char *
lex_unusual(struct lex *lex, const char *at)
{
	if (*at == '\\') {
		switch (lex_peek(lex, at + 1)) {
		case '"':
		case '\\':
		case '/':
		case 'b':
		case 'f':
		case 'n':
		case 'r':
		case 't':
			return at + 2;
		case 'u':
			return unicode_escape(lex, at);
		default:
			return lex_fail(lex, at, "unknown escape");
		}
	}
	if ((unsigned char)*at < 0x20)
		return lex_fail(lex, at, "control character in a string");
	size_t n =
	    str_char_bytes((struct aicx_str) { at, (size_t)(lex->end - at) });
	return n > 0 ? at + n : lex_fail(lex, at, "invalid UTF-8");
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* At least one. */
static const char *
digits(struct lex *lex, const char *at)
{
	if (!is_digit(lex_peek(lex, at)))
		return lex_fail(lex, at, "expected a digit");
	while (is_digit(lex_peek(lex, at)))
		at++;
	return at;
}

const char *
lex_number(struct lex *lex, const char *at)
{
	if (*at == '-')
		at++;
	if (lex_peek(lex, at) == '0' && is_digit(lex_peek(lex, at + 1)))
		return lex_fail(lex, at, "leading zero");
	at = digits(lex, at);
	if (at != NULL && lex_peek(lex, at) == '.')
		at = digits(lex, at + 1);
	if (at != NULL && (lex_peek(lex, at) | 0x20) == 'e') {
		at++;
		if (lex_peek(lex, at) == '+' || lex_peek(lex, at) == '-')
			at++;
		at = digits(lex, at);
	}
	return at;
}

const char *
lex_word(struct lex *lex, const char *at, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(lex->end - at) < n || memcmp(at, word, n) != 0)
		return lex_fail(lex, at, "expected a value");
	return at + n;
}
