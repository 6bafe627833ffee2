/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_lex.h - the tokens of strict JSON (RFC 8259), for json.c alone.
 *
 * Each function takes where a token begins and returns where it ends, or NULL
 * after noting what is wrong.  Inline, because every byte that arrives goes
 * through here: runs of plain characters are passed eight at a time.
 */
#ifndef BASE_JSON_LEX_H
#define BASE_JSON_LEX_H

#include <aiconexus/types.h>
#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

struct lex {
	const char *start, *end;
	size_t n_nodes; /* names and values so far */
	const char *bad; /* where it went wrong */
	const char *why; /* a constant */
};

/* `line 3 column 7: expected ':'`; columns count characters. */
aicx_err lex_error(const struct lex *lex, struct aicx_error *reterr);
/* At a backslash or a byte above 127: after that escape or character. */
const char *lex_unusual(struct lex *lex, const char *at);
/* At a '-' or a digit: after the number. */
const char *lex_number(struct lex *lex, const char *at);
/* After the word (true, false, null). */
const char *lex_word(struct lex *lex, const char *at, const char *word);

static inline struct lex
lex_of(struct aicx_str text)
{
	const char *start = text.ptr ? text.ptr : "";

	return (struct lex) { .start = start, .end = start + text.len };
}

/* Always NULL, so that a function can return it. */
static inline const char *
lex_fail(struct lex *lex, const char *at, const char *why)
{
	lex->bad = at;
	lex->why = why;
	return NULL;
}

/* The character here; 0 at the end, which no token begins with. */
static inline char
lex_peek(const struct lex *lex, const char *at)
{
	return at < lex->end ? *at : '\0';
}

/* Mostly there are none. */
static inline const char *
lex_blanks(const struct lex *lex, const char *at)
{
	while (at < lex->end && (unsigned char)*at <= ' ' &&
	    (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
		at++;
	return at;
}

/* A bit in each byte that is a quote, a backslash, a control or above 127;
   bits above the lowest one may be wrong. */
static inline uint64_t
lex_special(uint64_t eight)
{
	const uint64_t ones = 0x0101010101010101u, tops = ones * 0x80;
	uint64_t quote = eight ^ (ones * '"'), slash = eight ^ (ones * '\\');

	return (((eight - ones * 0x20) | (quote - ones) | (slash - ones)) &
		   ~eight & tops) |
	    (eight & tops);
}

#ifdef __SSE2__
/* The same for sixteen, exact; what is above 127 is below zero. */
static inline unsigned
lex_special_of_16(const char *at)
{
	__m128i text = _mm_loadu_si128((const __m128i *)(const void *)at);
	__m128i low = _mm_cmplt_epi8(text, _mm_set1_epi8(0x20));
	__m128i quote = _mm_cmpeq_epi8(text, _mm_set1_epi8('"'));
	__m128i slash = _mm_cmpeq_epi8(text, _mm_set1_epi8('\\'));

	return (unsigned)_mm_movemask_epi8(
	    _mm_or_si128(low, _mm_or_si128(quote, slash)));
}
#endif

/* The first special character from here on, or the end of the text. */
static inline const char *
lex_plain(const char *at, const char *end)
{
#ifdef __SSE2__
	while (end - at >= 16) {
		unsigned special = lex_special_of_16(at);
		if (special != 0)
			return at + __builtin_ctz(special);
		at += 16;
	}
#endif
	while (end - at >= 8) {
		uint64_t eight;
		memcpy(&eight, at, 8);
		uint64_t special = lex_special(le64toh(eight));
		if (special != 0)
			return at + __builtin_ctzll(special) / 8;
		at += 8;
	}
	while (at < end && (unsigned char)*at >= 0x20 &&
	    (unsigned char)*at < 0x80 && *at != '"' && *at != '\\')
		at++;
	return at;
}

/* From after the opening quote to the closing one. */
static inline const char *
lex_string(struct lex *lex, const char *at, bool *ret_escaped)
{
	bool escaped = false;

	for (;;) {
		at = lex_plain(at, lex->end);
		if (at == lex->end)
			return lex_fail(lex, at, "expected '\"'");
		if (*at == '"')
			break;
		if (*at == '\\')
			escaped = true;
		at = lex_unusual(lex, at);
		if (at == NULL)
			return NULL;
	}
	*ret_escaped = escaped;
	return at;
}

#endif
