/* SPDX-License-Identifier: Apache-2.0 */
/*
 * forwarded.h - what proxies write into requests: Forwarded (RFC 7239),
 * X-Forwarded-For.  Each adds an element at the end.
 */
#ifndef FORWARDED_H
#define FORWARDED_H

#include <aiconexus/types.h>
#include <stdbool.h>

/* What stands behind the last comma; *rest: before it, or absent. */
struct aicx_str forwarded_last(struct aicx_str list, struct aicx_str *rest);
/* A parameter of one element: "for", "proto"; or absent. */
struct aicx_str forwarded_parameter(
    struct aicx_str element, struct aicx_str wanted);
/* The last address for which `skip` says no; absent or empty when the proxy
   named none.  plain: the elements are addresses (X-Forwarded-For).
   *ret_element: what it stands in. */
typedef bool forwarded_skip_fn(struct aicx_str address, const void *arg);
struct aicx_str forwarded_find(struct aicx_str value, bool plain,
    forwarded_skip_fn *skip, const void *arg, struct aicx_str *ret_element);

#endif
