/* SPDX-License-Identifier: Apache-2.0 */
/*
 * head.h - the head of one request: gathered to its end, then judged whole.
 *
 * libhttp-parser splits the fields.  What it lets pass and RFC 9112 forbids is
 * refused here: a bare LF, a folded field, a blank before the colon, unknown
 * versions, a missing or second Host, Transfer-Encoding besides Content-Length
 * or other than "chunked".
 */
#ifndef HEAD_H
#define HEAD_H

#include "bytes.h"

#include <aiconexus/msg.h>

enum { HEAD_FIELDS_MAX = 100, HEAD_METHOD_MAX = 32 };

enum head_step {
	HEAD_MORE = 1,
	HEAD_DONE = 2,
	HEAD_REFUSED = 3 /* status and why say how to answer */
};

struct head {
	struct bytes text; /* as received, from the request line on */
	size_t line; /* where the unfinished line begins */
	unsigned n_blank; /* empty lines before the request */

	/* Valid after HEAD_DONE, as long as the text. */
	struct aicx_str method;
	struct aicx_str path; /* percent-decoded */
	struct aicx_str query;
	bool http10;
	bool keep_alive;
	bool upgrade; /* both Connection: upgrade and Upgrade are there */
	bool chunked;
	bool expects; /* 100-continue */
	bool has_length;
	uint64_t length; /* of the body, when has_length */
	struct aicx_header fields[HEAD_FIELDS_MAX + 1]; /* one may be added */
	size_t n_fields;

	bool has_fields; /* method and fields are valid, also of a refusal */
	uint16_t status; /* of a refusal */
	const char *why;
};

/* A head for one request, from the spare place when there is one; NULL without
   memory.  Giving it back fills the place or frees it; NULL is legal. */
struct head *head_take(struct head **spare);
void head_give(struct head **spare, struct head *head);
void head_free(struct head *head); /* NULL is legal */
/* Takes bytes up to the end of the head, *ret_taken of them.  max_bytes: 431
   beyond.  Each byte is looked at once, however it arrives. */
enum head_step head_feed(struct head *head, struct aicx_str bytes,
    size_t max_bytes, size_t *ret_taken);
/* How many fields have this name; the last one's value. */
size_t head_find(
    const struct head *head, struct aicx_str name, struct aicx_str *ret_value);
/* Whether the fields of this name, read as one list, hold the item. */
bool head_lists(
    const struct head *head, struct aicx_str name, struct aicx_str item);

#endif
