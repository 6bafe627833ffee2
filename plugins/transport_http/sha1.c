/* SPDX-License-Identifier: Apache-2.0 */
/* sha1.c - the digest that RFC 6455 asks for (FIPS 180-4 section 6.1). */
#include "sha1.h"

#include <string.h>

enum { BLOCK = 64 };

static uint32_t
rotate(uint32_t word, unsigned n_bits)
{
	return word << n_bits | word >> (32 - n_bits);
}

static uint32_t
round_value(unsigned t, uint32_t b, uint32_t c, uint32_t d)
{
	if (t < 20)
		return ((b & c) | (~b & d)) + 0x5a827999u;
	if (t < 40)
		return (b ^ c ^ d) + 0x6ed9eba1u;
	if (t < 60)
		return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdcu;
	return (b ^ c ^ d) + 0xca62c1d6u;
}

static void
add_block(uint32_t hash[5], const uint8_t block[BLOCK])
{
	uint32_t w[80];
	uint32_t v[5];

	for (unsigned t = 0; t < 16; t++)
		w[t] = (uint32_t)block[4 * t] << 24 |
		    (uint32_t)block[4 * t + 1] << 16 |
		    (uint32_t)block[4 * t + 2] << 8 | block[4 * t + 3];
	for (unsigned t = 16; t < 80; t++)
		w[t] = rotate(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
	memcpy(v, hash, sizeof v);
	for (unsigned t = 0; t < 80; t++) {
		uint32_t next = rotate(v[0], 5) +
		    round_value(t, v[1], v[2], v[3]) + v[4] + w[t];

		v[4] = v[3];
		v[3] = v[2];
		v[2] = rotate(v[1], 30);
		v[1] = v[0];
		v[0] = next;
	}
	for (unsigned i = 0; i < 5; i++)
		hash[i] += v[i];
}

void
sha1(struct aicx_str text, uint8_t ret_digest[SHA1_BYTES])
{
	uint32_t hash[5] = { 0x67452301u, 0xefcdab89u, 0x98badcfeu, 0x10325476u,
		0xc3d2e1f0u };
	uint8_t blocks[2 * BLOCK] = { 0 };
	size_t n_bytes = text.len + 9 <= BLOCK ? BLOCK : 2 * BLOCK;

	memcpy(blocks, text.ptr, text.len);
	blocks[text.len] = 0x80;
	blocks[n_bytes - 2] = (uint8_t)(text.len * 8 >> 8);
	blocks[n_bytes - 1] = (uint8_t)(text.len * 8);
	for (size_t at = 0; at < n_bytes; at += BLOCK)
		add_block(hash, blocks + at);
	for (size_t i = 0; i < SHA1_BYTES; i++)
		ret_digest[i] = (uint8_t)(hash[i / 4] >> (24 - 8 * (i % 4)));
}
