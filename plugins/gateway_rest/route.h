/* SPDX-License-Identifier: Apache-2.0 */
/*
 * route.h - the tree of paths that the method table spans.
 *
 * A row "POST /v1/deals/{id}" is a leaf; a literal segment wins over {id}.
 */
#ifndef ROUTE_H
#define ROUTE_H

#include "bytes.h"

#include <aiconexus/msg.h>

enum { ROUTE_VALUES_MAX = 8 };

struct route {
	struct route *next; /* another method of the same path */
	struct aicx_str verb; /* "POST" */
	const struct aicx_method *method;
	struct aicx_str names[ROUTE_VALUES_MAX]; /* of the {} in order */
	size_t n_names;
};

struct routes; /* the root */

/* Rows without a path are left out; rows whose path cannot be read are counted
   in *ret_n_bad.  The rows are borrowed.  NULL without memory. */
struct routes *routes_new(const struct aicx_method *const *methods,
    size_t n_methods, size_t *ret_n_bad);
void routes_free(struct routes *routes); /* NULL is legal */

/* The methods of a path, or NULL; values are slices of the path. */
const struct route *routes_find(const struct routes *routes,
    struct aicx_str path, struct aicx_str ret_values[ROUTE_VALUES_MAX]);
/* Of these methods: the one for a verb (HEAD is served as GET), or NULL. */
const struct route *route_for(const struct route *route, struct aicx_str verb);
/* "GET, HEAD, OPTIONS" */
void route_allow(const struct route *route, struct bytes *out);

#endif
