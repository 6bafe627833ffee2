/* SPDX-License-Identifier: Apache-2.0 */
/* sha1.c - SHA-1 (RFC 3174), for the WebSocket handshake only. */
#include "cli/sha1.h"

#include <string.h>

#include "base/err.h"

enum { BLOCK_BYTES = 64 };

static uint32_t
rotate(uint32_t word, int bits)
{
	return word << bits | word >> (32 - bits);
}

/* Section 5: the function and constant of a round. */
static uint32_t
mix(int round, const uint32_t s[5])
{
	if (round < 20)
		return ((s[1] & s[2]) | (~s[1] & s[3])) + 0x5A827999u;
	if (round < 40)
		return (s[1] ^ s[2] ^ s[3]) + 0x6ED9EBA1u;
	if (round < 60)
		return ((s[1] & s[2]) | (s[1] & s[3]) | (s[2] & s[3])) +
		    0x8F1BBCDCu;
	return (s[1] ^ s[2] ^ s[3]) + 0xCA62C1D6u;
}

/* Section 6.1. */
static void
block_add(uint32_t state[5], const uint8_t block[BLOCK_BYTES])
{
	uint32_t words[80], s[5];

	for (int i = 0; i < 16; i++)
		words[i] = (uint32_t)block[i * 4] << 24 |
		    (uint32_t)block[i * 4 + 1] << 16 |
		    (uint32_t)block[i * 4 + 2] << 8 | block[i * 4 + 3];
	for (int i = 16; i < 80; i++)
		words[i] = rotate(
		    words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16],
		    1);
	memcpy(s, state, sizeof s);
	for (int i = 0; i < 80; i++) {
		uint32_t next = rotate(s[0], 5) + mix(i, s) + s[4] + words[i];
		s[4] = s[3], s[3] = s[2], s[2] = rotate(s[1], 30);
		s[1] = s[0], s[0] = next;
	}
	for (int i = 0; i < 5; i++)
		state[i] += s[i];
}

void
sha1(struct aicx_str input, uint8_t ret_hash[SHA1_BYTES])
{
	uint32_t state[5] = { 0x67452301u, 0xEFCDAB89u, 0x98BADCFEu,
		0x10325476u, 0xC3D2E1F0u };
	uint8_t padded[2 * BLOCK_BYTES] = { 0 };
	size_t n_bytes = input.len < 56 ? BLOCK_BYTES : 2 * BLOCK_BYTES;

	ENSURE(input.len <= SHA1_INPUT_MAX);
	memcpy(padded, input.ptr, input.len);
	padded[input.len] = 0x80;
	padded[n_bytes - 2] = (uint8_t)(input.len * 8 >> 8);
	padded[n_bytes - 1] = (uint8_t)(input.len * 8);
	for (size_t at = 0; at < n_bytes; at += BLOCK_BYTES)
		block_add(state, padded + at);
	for (int i = 0; i < SHA1_BYTES; i++)
		ret_hash[i] = (uint8_t)(state[i / 4] >> (24 - i % 4 * 8));
}
