/* SPDX-License-Identifier: Apache-2.0 */
/* buf.h - bytes that grow at the end.  A zeroed struct is an empty buf. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <aiconexus/types.h>
#include <stdarg.h>
#include <string.h>

struct buf {
	char *ptr;
	size_t len, cap;
};

void buf_fini(struct buf *buf); /* frees; the buf is empty and usable again */
void buf_clear(struct buf *buf); /* keeps the memory */
void buf_text(struct buf *buf, const char *text);
void buf_printf(struct buf *buf, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *buf, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));
char *buf_grow(struct buf *buf, size_t n_bytes); /* buf_room() without any */

/* Room for n_bytes more; returns where they go.  Add to len what you used. */
static inline char *
buf_room(struct buf *buf, size_t n_bytes)
{
	if (buf->ptr == NULL || buf->cap - buf->len < n_bytes)
		return buf_grow(buf, n_bytes);
	return buf->ptr + buf->len;
}

static inline void
buf_put(struct buf *buf, const void *bytes, size_t n_bytes)
{
	if (n_bytes == 0)
		return;
	memcpy(buf_room(buf, n_bytes), bytes, n_bytes);
	buf->len += n_bytes;
}

static inline void
buf_str(struct buf *buf, struct aicx_str str)
{
	buf_put(buf, str.ptr, str.len);
}

static inline void
buf_char(struct buf *buf, char c)
{
	*buf_room(buf, 1) = c;
	buf->len++;
}

struct aicx_str buf_view(const struct buf *buf); /* until the next change */
/* NUL-terminated; the NUL is not counted in len. */
const char *buf_cstr(struct buf *buf);
/* Takes the bytes out (caller frees); the buf is empty afterwards. */
char *buf_take(struct buf *buf);
/* Drops n_bytes from the front. */
void buf_shift(struct buf *buf, size_t n_bytes);

#endif
