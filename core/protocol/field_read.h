/* SPDX-License-Identifier: Apache-2.0 */
/* field_read.h - between the walk over an object and the takers of its
   values. */
#ifndef PROTOCOL_FIELD_READ_H
#define PROTOCOL_FIELD_READ_H

#include "protocol/field.h"

#include <aiconexus/types.h>
#include <stdbool.h>

#define INVALID "invalid_params"

/* Where the walk is: a chain on the stack, innermost first. */
struct path {
	const struct path *up;
	struct aicx_str name; /* of a member; absent: an element */
	size_t index;
};

struct reader {
	const struct currencies *currencies;
	bool strict;
	struct arena *arena;
	struct aicx_error *reterr;
};

/* The value at `ref` goes into the slot; path leads to it. */
typedef aicx_err field_take_fn(const struct reader *reader,
    const struct field *field, struct json_ref ref, const struct path *path,
    void *slot);

extern field_take_fn *const field_takers[]; /* by enum field_type */

/* `why` after the path, which also becomes the error's JSON Pointer. */
aicx_err field_refuse(const struct reader *reader, const struct path *path,
    const char *word, const char *why, ...)
    __attribute__((format(printf, 4, 5)));
/* The members of an object into a row that holds its fallbacks. */
aicx_err field_read_object(const struct reader *reader,
    const struct field *fields, struct json_ref object, const struct path *path,
    void *row);

#endif
