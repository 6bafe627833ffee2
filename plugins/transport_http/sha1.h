/* SPDX-License-Identifier: Apache-2.0 */
/* sha1.h - the digest that RFC 6455 asks for; it secures nothing there. */
#ifndef SHA1_H
#define SHA1_H

#include <aiconexus/types.h>

enum { SHA1_BYTES = 20, SHA1_TEXT_MAX = 119 };

/* Of a text of at most SHA1_TEXT_MAX bytes (two blocks). */
void sha1(struct aicx_str text, uint8_t ret_digest[SHA1_BYTES]);

#endif
