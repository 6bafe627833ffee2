/* SPDX-License-Identifier: Apache-2.0 */
/* str.h - borrowed runs of bytes (struct aicx_str) and what one asks of
   them. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <aiconexus/types.h>
#include <stdbool.h>
#include <stdint.h>

#define STR(literal) ((struct aicx_str) { (literal), sizeof(literal) - 1 })
/* printf("%.*s", STR_ARG(s)) */
#define STR_ARG(s) (int)(s).len, ((s).ptr ? (s).ptr : "")

struct aicx_str str_of(const char *text); /* NULL gives absent */
bool str_eq(struct aicx_str a, struct aicx_str b);
bool str_is(struct aicx_str a, const char *text);
bool str_starts(struct aicx_str a, const char *prefix);
bool str_ends(struct aicx_str a, const char *suffix);
int str_cmp(struct aicx_str a, struct aicx_str b); /* as memcmp, then length */
struct aicx_str str_trim(struct aicx_str a); /* blanks and tabs at both ends */
/* Splits at the first `sep`: head before it, *rest after.  Without one the
   head is all and the rest is absent (ptr NULL). */
struct aicx_str str_cut(struct aicx_str a, char sep, struct aicx_str *ret_rest);
/* Whole text as a decimal integer inside int64: no blanks, no '+'; leading
   zeros count for nothing.  false when it is not. */
bool str_int(struct aicx_str a, int64_t *ret_value);
/* Copies and terminates; false (and "") when it does not fit. */
bool str_copy(struct aicx_str a, char *ret_text, size_t size);
/* Well-formed UTF-8 (RFC 3629): no overlong form, surrogate, or > U+10FFFF. */
bool str_is_utf8(struct aicx_str a);
/* Bytes of the well-formed UTF-8 character at the front; 0 when there is
   none. */
size_t str_char_bytes(struct aicx_str a);
/* The candidate nearest to `word` by edit distance, or NULL when none is
   near (more than a third of the letters differ).  names ends with NULL. */
const char *str_nearest(struct aicx_str word, const char *const *names);

#endif
