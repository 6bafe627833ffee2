/* SPDX-License-Identifier: Apache-2.0 */
/* buf.h - bytes that grow at the end.  A zeroed struct is an empty buf. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <aiconexus/types.h>

struct buf {
	char *ptr;
	size_t len, cap;
};

void buf_fini(struct buf *buf); /* frees; the buf is empty and usable again */
void buf_clear(struct buf *buf); /* keeps the memory */
void buf_put(struct buf *buf, const void *bytes, size_t n_bytes);
void buf_str(struct buf *buf, struct aicx_str str);
void buf_text(struct buf *buf, const char *text);
void buf_char(struct buf *buf, char c);
void buf_printf(struct buf *buf, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Room for n_bytes more; returns where they go.  Add to len what you used. */
char *buf_room(struct buf *buf, size_t n_bytes);
struct aicx_str buf_view(const struct buf *buf); /* until the next change */
/* NUL-terminated; the NUL is not counted in len. */
const char *buf_cstr(struct buf *buf);
/* Takes the bytes out (caller frees); the buf is empty afterwards. */
char *buf_take(struct buf *buf);
/* Drops n_bytes from the front. */
void buf_shift(struct buf *buf, size_t n_bytes);

#endif
