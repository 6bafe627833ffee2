/* SPDX-License-Identifier: Apache-2.0 */
/* chunk.c - chunked bodies (RFC 9112 section 7.1), strictly. */
#include "chunk.h"

enum { DIGITS_MAX = 8 };

enum state {
	SIZE = 0, /* hexadecimal digits */
	EXTENSION, /* after ';' up to CR */
	SIZE_LF,
	DATA,
	DATA_CR,
	DATA_LF,
	TRAILER_START, /* a trailer line, or the empty line at the end */
	TRAILER,
	TRAILER_LF,
	END_LF,
	END,
	BAD
};

static enum state
read_size(struct chunk *chunk, char c)
{
	int digit = text_hex(c);

	if (digit >= 0) {
		chunk->left = chunk->left * 16 + (unsigned)digit;
		return ++chunk->n_digits <= DIGITS_MAX ? SIZE : BAD;
	}
	if (chunk->n_digits == 0)
		return BAD;
	return c == '\r' ? SIZE_LF : c == ';' ? EXTENSION : BAD;
}

static bool
is_control(char c)
{
	return ((uint8_t)c < ' ' && c != '\t') || c == 0x7f;
}

/* The one character c in any state but DATA. */
static enum state
advance(struct chunk *chunk, char c)
{
	switch ((enum state)chunk->state) {
	case SIZE:
		return read_size(chunk, c);
	case EXTENSION:
		chunk->extra_bytes++;
		return c == '\r' ? SIZE_LF : is_control(c) ? BAD : EXTENSION;
	case SIZE_LF:
		chunk->n_digits = 0;
		return c != '\n' ? BAD : chunk->left > 0 ? DATA : TRAILER_START;
	case DATA_CR:
		return c == '\r' ? DATA_LF : BAD;
	case DATA_LF:
		return c == '\n' ? SIZE : BAD;
	case TRAILER_START:
		if (c == '\r')
			return END_LF;
		return c == ' ' || c == '\t' || is_control(c) ? BAD : TRAILER;
	case TRAILER:
		chunk->extra_bytes++;
		return c == '\r' ? TRAILER_LF : is_control(c) ? BAD : TRAILER;
	case TRAILER_LF:
		return c == '\n' ? TRAILER_START : BAD;
	case END_LF:
		return c == '\n' ? END : BAD;
	case DATA:
	case END:
	case BAD:
		break;
	}
	return BAD;
}

enum chunk_step
chunk_feed(struct chunk *chunk, struct aicx_str bytes, struct bytes *body,
    size_t max_bytes, size_t max_extra, size_t *ret_taken)
{
	size_t taken = 0;

	while (
	    taken < bytes.len && chunk->state != END && chunk->state != BAD) {
		size_t n = bytes.len - taken;

		if (chunk->state != DATA) {
			chunk->state = (int)advance(chunk, bytes.ptr[taken++]);
			if (chunk->left > max_bytes - body->len) {
				*ret_taken = taken;
				return CHUNK_BIG;
			}
			if (chunk->extra_bytes > max_extra)
				chunk->state = BAD;
			continue;
		}
		if (n > chunk->left)
			n = (size_t)chunk->left;
		bytes_put(body, bytes.ptr + taken, n);
		chunk->left -= n;
		taken += n;
		if (chunk->left == 0)
			chunk->state = DATA_CR;
	}
	*ret_taken = taken;
	if (chunk->state == BAD || body->failed)
		return CHUNK_BAD;
	return chunk->state == END ? CHUNK_DONE : CHUNK_MORE;
}
