/* SPDX-License-Identifier: Apache-2.0 */
/* b64.h - base64url without padding (RFC 4648 section 5). */
#ifndef BASE_B64_H
#define BASE_B64_H

#include "base/buf.h"

#include <aiconexus/types.h>
#include <stdbool.h>

#define B64_LEN(n_bytes) (((n_bytes)*4 + 2) / 3)

void b64_put(struct buf *buf, const void *bytes, size_t n_bytes);
/* Exactly B64_LEN(n_bytes) characters, no NUL. */
void b64_print(const void *bytes, size_t n_bytes, char *ret_text);
/* Text of exactly n_bytes bytes: no padding, no foreign character, unused
   bits zero. */
bool b64_parse(struct aicx_str text, void *ret_bytes, size_t n_bytes);
/* The same for any length up to cap. */
bool b64_parse_any(
    struct aicx_str text, void *ret_bytes, size_t cap, size_t *ret_n_bytes);

#endif
