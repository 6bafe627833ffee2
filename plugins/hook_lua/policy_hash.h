/* SPDX-License-Identifier: Apache-2.0 */
/* policy_hash.h - the SHA-256 of a policy's source (FIPS 180-4). */
#ifndef HOOK_LUA_POLICY_HASH_H
#define HOOK_LUA_POLICY_HASH_H

#include <stddef.h>
#include <stdint.h>

enum { POLICY_HASH_BYTES = 32 };

void policy_hash(
    const void *bytes, size_t n_bytes, uint8_t ret_hash[POLICY_HASH_BYTES]);

#endif
