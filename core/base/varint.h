/* SPDX-License-Identifier: Apache-2.0 */
/* varint.h - unsigned numbers in as few bytes as they need (LEB128): seven bits
   a byte, the low ones first, the eighth says that more follow. */
#ifndef BASE_VARINT_H
#define BASE_VARINT_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

void varint_put(struct buf *buf, uint64_t value);
/* Takes one from the front; false: there is none, or it exceeds 64 bits. */
bool varint_take(struct aicx_str *text, uint64_t *ret_value);

#endif
