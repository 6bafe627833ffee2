/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bytes.h - bytes that grow at the end.
 *
 * A zeroed struct is empty.  When memory runs out the bytes are dropped and
 * `failed` stays set, so that a writer checks once, at its end.
 */
#ifndef BYTES_H
#define BYTES_H

#include "text.h"

#include <aiconexus/types.h>
#include <stdbool.h>

struct bytes {
	char *ptr;
	size_t len, cap;
	bool failed;
};

void bytes_fini(struct bytes *bytes); /* frees; empty and usable again */
void bytes_clear(struct bytes *bytes); /* keeps the memory */
/* Room for n_bytes more: while they last, views of the bytes stay valid. */
bool bytes_room(struct bytes *bytes, size_t n_bytes);
void bytes_put(struct bytes *bytes, const void *from, size_t n_bytes);
void bytes_str(struct bytes *bytes, struct aicx_str str);
void bytes_text(struct bytes *bytes, const char *text);
void bytes_char(struct bytes *bytes, char c);
void bytes_number(struct bytes *bytes, uint64_t number); /* in decimal */
/* A JSON string with its quotes; str is UTF-8. */
void bytes_json(struct bytes *bytes, struct aicx_str str);
/* Text in application/x-www-form-urlencoded, decoded.  false, with some of it
   appended, when it is malformed or holds a NUL. */
bool bytes_form(struct bytes *bytes, struct aicx_str form);
struct aicx_str bytes_view(const struct bytes *bytes); /* until the next put */

#endif
