/* SPDX-License-Identifier: Apache-2.0 */
/* base64.h - base64 with padding (RFC 4648 section 4). */
#ifndef BASE64_H
#define BASE64_H

#include "bytes.h"

void bytes_base64(struct bytes *out, const void *from, size_t n_bytes);
/* Appends what the text stands for.  false, and nothing appended, for what
   bytes_base64 would not have written: foreign characters (blanks and line ends
   too), missing padding, unused bits that are not zero. */
bool bytes_from_base64(struct aicx_str text, struct bytes *out);

#endif
