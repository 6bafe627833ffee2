/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bytes.h - bytes that grow at the end, and what one asks of a borrowed run.
 *
 * A zeroed struct is empty.  When memory runs out the bytes are dropped and
 * `failed` stays set, so that a writer checks once, at its end.
 */
#ifndef BYTES_H
#define BYTES_H

#include <aiconexus/types.h>
#include <stdbool.h>

struct bytes {
	char *ptr;
	size_t len, cap;
	bool failed;
};

/* A view of a literal. */
#define TEXT(literal) ((struct aicx_str) { (literal), sizeof(literal) - 1 })

void bytes_fini(struct bytes *bytes); /* frees; empty and usable again */
void bytes_clear(struct bytes *bytes); /* keeps the memory */
bool bytes_room(struct bytes *bytes, size_t n_bytes);
void bytes_put(struct bytes *bytes, const void *from, size_t n_bytes);
void bytes_str(struct bytes *bytes, struct aicx_str str);
void bytes_text(struct bytes *bytes, const char *text);
void bytes_number(struct bytes *bytes, uint64_t number);
struct aicx_str bytes_view(const struct bytes *bytes);

struct aicx_str text_of(const char *text);
bool text_same(struct aicx_str a, struct aicx_str b);
/* Letters of ASCII without regard to case. */
bool text_alike(struct aicx_str a, struct aicx_str b);
struct aicx_str text_trim(struct aicx_str text); /* blanks and tabs */
/* The part before `sep` (all of it when absent); *rest is what follows. */
struct aicx_str text_cut(
    struct aicx_str text, char sep, struct aicx_str *ret_rest);
/* Whether a list separated by commas names `item`, in any case (RFC 9110
   section 5.6.1). */
bool text_lists(struct aicx_str list, struct aicx_str item);
/* Well-formed UTF-8 (RFC 3629): no overlong form, surrogate or > U+10FFFF. */
bool text_is_utf8(struct aicx_str text);
int text_hex(char digit); /* 0..15, or -1 */

#endif
