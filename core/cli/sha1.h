/* SPDX-License-Identifier: Apache-2.0 */
/* sha1.h - SHA-1 (RFC 3174), for the WebSocket handshake only: there it proves
   that the other side speaks the protocol, nothing about who it is. */
#ifndef CLI_SHA1_H
#define CLI_SHA1_H

#include <aiconexus/types.h>
#include <stdint.h>

enum { SHA1_BYTES = 20, SHA1_INPUT_MAX = 119 };

/* Of at most SHA1_INPUT_MAX bytes: two blocks are enough for a handshake. */
void sha1(struct aicx_str input, uint8_t ret_hash[SHA1_BYTES]);

#endif
