/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slice.h - parts of a JSON text that is known to be well-formed, as they are
 * written.
 *
 * What passes through a gateway (arguments, schemas, results, ids) keeps every
 * byte; a library that reads and prints anew would change numbers.
 */
#ifndef SLICE_H
#define SLICE_H

#include "text.h"

struct slice_walk {
	struct aicx_str text; /* of an object or an array */
	size_t at; /* 0: before the first */
};

/* The next member or element; ret_name has no quotes and is absent in arrays.
   false at the end, and for anything that is neither. */
bool slice_next(struct slice_walk *walk, struct aicx_str *ret_name,
    struct aicx_str *ret_value);
/* A member's value, or absent.  Names are compared as they are written. */
struct aicx_str slice_get(struct aicx_str object, const char *name);
/* What stands between the quotes of a string, escapes included, or absent. */
struct aicx_str slice_inside(struct aicx_str string);

#endif
