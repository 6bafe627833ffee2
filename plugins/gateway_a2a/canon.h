/* SPDX-License-Identifier: Apache-2.0 */
/*
 * canon.h - JSON values as text.
 *
 * Numbers are printed as ECMAScript does (the shortest text that reads back as
 * the same double), so a value that only passes through keeps its meaning.
 */
#ifndef CANON_H
#define CANON_H

#include "bytes.h"

#include <jansson.h>

/* RFC 8785: members sorted by UTF-16 code units, integers as doubles. */
void canon_print(const json_t *value, struct bytes *out);
/* The same, with members in their own order and integers exact. */
void plain_print(const json_t *value, struct bytes *out);
/* base64url without padding (RFC 4648 section 5). */
void canon_base64(struct aicx_str bytes, struct bytes *out);

#endif
