/* SPDX-License-Identifier: Apache-2.0 */
/*
 * params.h - path, query and body of a request as one JSON object.
 *
 * The body's members pass byte for byte and stay at their offsets; values of
 * the path and the query follow them as JSON strings.  The host judges the
 * result strictly, so a body that is not JSON is refused there, by offset.
 */
#ifndef PARAMS_H
#define PARAMS_H

#include "bytes.h"

enum { PARAMS_MAX = 40, PARAMS_QUERY_MAX = 32 };

struct param {
	struct aicx_str name;
	struct aicx_str value;
	const char *where; /* "path" or "query" */
};

struct params {
	struct param list[PARAMS_MAX];
	size_t n;
	struct bytes decoded; /* what the query's names and values point into */
};

/* A refusal: the reason, about `subject` unless that is absent. */
struct complaint {
	const char *why;
	struct aicx_str subject;
};

void params_fini(struct params *params);
/* false: *ret_complaint says why. */
bool params_add_path(struct params *params, struct aicx_str name,
    struct aicx_str value, struct complaint *ret_complaint);
/* Each key once (WHATWG URL section 5.1 for the decoding). */
bool params_add_query(struct params *params, struct aicx_str query,
    struct complaint *ret_complaint);
/* Prints the object.  A value in the body too must be the same one. */
bool params_print(const struct params *params, struct aicx_str body,
    struct bytes *out, struct complaint *ret_complaint);

#endif
