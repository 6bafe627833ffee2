/* SPDX-License-Identifier: Apache-2.0 */
/* uri.h - references to URIs, resolved against a base (RFC 3986, section 5). */
#ifndef SCHEMA_URI_H
#define SCHEMA_URI_H

#include "base/arena.h"

#include <aiconexus/types.h>

/* The reference under the base, without its fragment, which goes to
   *ret_fragment (absent when there is none).  What is returned may point into
   either or live in the arena. */
struct aicx_str uri_resolve(struct aicx_str base, struct aicx_str reference,
    struct arena *arena, struct aicx_str *ret_fragment);
/* Percent-encoding undone; as it is where that is malformed. */
struct aicx_str uri_decode(struct aicx_str text, struct arena *arena);

#endif
