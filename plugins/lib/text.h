/* SPDX-License-Identifier: Apache-2.0 */
/* text.h - what one asks of a borrowed run of bytes. */
#ifndef TEXT_H
#define TEXT_H

#include <aiconexus/types.h>
#include <stdbool.h>

/* A view of a literal. */
#define TEXT(literal) ((struct aicx_str) { (literal), sizeof(literal) - 1 })

struct aicx_str text_of(const char *text);
bool text_same(struct aicx_str a, struct aicx_str b);
/* Letters of ASCII without regard to case. */
bool text_alike(struct aicx_str a, struct aicx_str b);
struct aicx_str text_trim(struct aicx_str text); /* blanks and tabs */
/* The part before `sep`, *rest what follows; without one all of it, and *rest
   is absent (ptr NULL). */
struct aicx_str text_cut(
    struct aicx_str text, char sep, struct aicx_str *ret_rest);
/* Whether a list separated by commas names `item`, in any case (RFC 9110
   section 5.6.1). */
bool text_lists(struct aicx_str list, struct aicx_str item);
/* "Bearer TOKEN" of an Authorization field; the token has the characters of RFC
   6750 section 2.1.  false: it is something else. */
bool text_bearer(struct aicx_str value, struct aicx_str *ret_token);
/* Well-formed UTF-8 (RFC 3629): no overlong form, surrogate or > U+10FFFF. */
bool text_is_utf8(struct aicx_str text);
int text_hex(char digit); /* 0..15, or -1 */

#endif
