/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text.h - text that grows at the end, and what one asks of a borrowed run.
 *
 * A zeroed struct is empty.  When memory runs out the rest is dropped and
 * `failed` stays set, so that a writer checks once, at its end.
 */
#ifndef TEXT_H
#define TEXT_H

#include <aiconexus/types.h>
#include <stdbool.h>

struct text {
	char *ptr;
	size_t len, cap;
	bool failed;
};

/* A view of a literal. */
#define TEXT(literal) ((struct aicx_str) { (literal), sizeof(literal) - 1 })

void text_fini(struct text *text);
void text_clear(struct text *text); /* keeps the memory */
bool text_room(struct text *text, size_t n_bytes);
void text_str(struct text *text, struct aicx_str str);
void text_char(struct text *text, char c);
void text_number(struct text *text, int64_t number);
/* A JSON string with its quotes; str is UTF-8. */
void text_json(struct text *text, struct aicx_str str);
struct aicx_str text_view(const struct text *text);

struct aicx_str text_of(const char *text);
bool text_same(struct aicx_str a, struct aicx_str b);
/* Letters of ASCII without regard to case. */
bool text_alike(struct aicx_str a, struct aicx_str b);
struct aicx_str text_trim(struct aicx_str str); /* blanks and tabs */
/* The part before `sep` (all of it when absent); *rest is what follows. */
struct aicx_str text_cut(
    struct aicx_str str, char sep, struct aicx_str *ret_rest);
/* Well-formed UTF-8 (RFC 3629): no overlong form, surrogate or > U+10FFFF. */
bool text_is_utf8(struct aicx_str str);

#endif
