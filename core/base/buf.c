/* SPDX-License-Identifier: Apache-2.0 */
/* buf.c - bytes that grow at the end, by doubling. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

enum { BUF_FIRST_BYTES = 64 };

void
buf_fini(struct buf *buf)
{
	free(buf->ptr);
	*buf = (struct buf) { 0 };
}

void
buf_clear(struct buf *buf)
{
	buf->len = 0;
}

char *
buf_grow(struct buf *buf, size_t n_bytes)
{
	size_t cap = buf->cap ? buf->cap : BUF_FIRST_BYTES;

	ENSURE(n_bytes <= SIZE_MAX / 4 && buf->len <= SIZE_MAX / 4);
	while (cap - buf->len < n_bytes)
		cap *= 2;
	buf->ptr = mem_grow(buf->ptr, cap);
	buf->cap = cap;
	return buf->ptr + buf->len;
}

void
buf_text(struct buf *buf, const char *text)
{
	buf_put(buf, text, strlen(text));
}

void
buf_vprintf(struct buf *buf, const char *fmt, va_list ap)
{
	va_list again;

	va_copy(again, ap);
	char *room = buf_room(buf, BUF_FIRST_BYTES);
	int n = vsnprintf(room, buf->cap - buf->len, fmt, ap);
	ENSURE(n >= 0);
	if ((size_t)n >= buf->cap - buf->len) {
		room = buf_room(buf, (size_t)n + 1);
		n = vsnprintf(room, (size_t)n + 1, fmt, again);
	}
	buf->len += (size_t)n;
	va_end(again);
}

void
buf_printf(struct buf *buf, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(buf, fmt, ap);
	va_end(ap);
}

struct aicx_str
buf_view(const struct buf *buf)
{
	/* Empty is not absent. */
	return (struct aicx_str) { buf->ptr ? buf->ptr : "", buf->len };
}

const char *
buf_cstr(struct buf *buf)
{
	*buf_room(buf, 1) = '\0';
	return buf->ptr;
}

char *
buf_take(struct buf *buf)
{
	char *bytes = buf->ptr ? buf->ptr : mem_new(1);

	*buf = (struct buf) { 0 };
	return bytes;
}

void
buf_shift(struct buf *buf, size_t n_bytes)
{
	ENSURE(n_bytes <= buf->len);
	if (n_bytes == 0)
		return;
	buf->len -= n_bytes;
	memmove(buf->ptr, buf->ptr + n_bytes, buf->len);
}
