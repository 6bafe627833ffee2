/* SPDX-License-Identifier: Apache-2.0 */
/* id.h - UUIDs (RFC 9562) as 16 bytes and as text. */
#ifndef BASE_ID_H
#define BASE_ID_H

#include <aiconexus/types.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { ID_TEXT = 36 }; /* characters, without a NUL */

struct id_text {
	char text[ID_TEXT + 1];
};

/* Version 7 (section 5.7): 48 bits of now_ms, the rest from random[10]. */
struct aicx_id id_v7(int64_t now_ms, const uint8_t random[10]);
/* Version 8 (section 5.8) from the first bytes of a hash. */
struct aicx_id id_v8(const uint8_t hash[16]);
void id_print(const struct aicx_id *id, char ret_text[ID_TEXT]); /* no NUL */
struct id_text id_text(const struct aicx_id *id); /* for printf and logs */
/* 8-4-4-4-12 lower-case hexadecimal digits exactly; false otherwise. */
bool id_parse(struct aicx_str text, struct aicx_id *ret_id);

static inline bool
id_eq(const struct aicx_id *a, const struct aicx_id *b)
{
	return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

static inline bool
id_is_nil(const struct aicx_id *id)
{
	static const struct aicx_id nil = { { 0 } };

	return id_eq(id, &nil);
}

struct aicx_str id_bytes(const struct aicx_id *id); /* a view, for maps */

#endif
