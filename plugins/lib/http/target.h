/* SPDX-License-Identifier: Apache-2.0 */
/* target.h - what a request line asks for (RFC 9112 section 3.2). */
#ifndef TARGET_H
#define TARGET_H

#include <aiconexus/types.h>
#include <stdbool.h>

/*
 * origin-form, absolute-form ("http://host/path") or "*".  The path is decoded
 * where it stands; an encoded control character, a broken escape or a fragment
 * is refused.  The query stays raw.
 */
bool target_parse(struct aicx_str target, struct aicx_str *ret_path,
    struct aicx_str *ret_query);

#endif
