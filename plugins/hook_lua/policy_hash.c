/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_hash.c - the SHA-256 of a policy's source (FIPS 180-4).
 *
 * Once per policy, so it is short rather than fast; it keeps a plugin that
 * needs one hash from linking a cryptography library.
 */
#include "policy_hash.h"

#include <string.h>

/* Section 4.2.2: fractional parts of the cube roots of the first 64 primes. */
static const uint32_t round_words[64] = {
	0x428a2f98,
	0x71374491,
	0xb5c0fbcf,
	0xe9b5dba5,
	0x3956c25b,
	0x59f111f1,
	0x923f82a4,
	0xab1c5ed5,
	0xd807aa98,
	0x12835b01,
	0x243185be,
	0x550c7dc3,
	0x72be5d74,
	0x80deb1fe,
	0x9bdc06a7,
	0xc19bf174,
	0xe49b69c1,
	0xefbe4786,
	0x0fc19dc6,
	0x240ca1cc,
	0x2de92c6f,
	0x4a7484aa,
	0x5cb0a9dc,
	0x76f988da,
	0x983e5152,
	0xa831c66d,
	0xb00327c8,
	0xbf597fc7,
	0xc6e00bf3,
	0xd5a79147,
	0x06ca6351,
	0x14292967,
	0x27b70a85,
	0x2e1b2138,
	0x4d2c6dfc,
	0x53380d13,
	0x650a7354,
	0x766a0abb,
	0x81c2c92e,
	0x92722c85,
	0xa2bfe8a1,
	0xa81a664b,
	0xc24b8b70,
	0xc76c51a3,
	0xd192e819,
	0xd6990624,
	0xf40e3585,
	0x106aa070,
	0x19a4c116,
	0x1e376c08,
	0x2748774c,
	0x34b0bcb5,
	0x391c0cb3,
	0x4ed8aa4a,
	0x5b9cca4f,
	0x682e6ff3,
	0x748f82ee,
	0x78a5636f,
	0x84c87814,
	0x8cc70208,
	0x90befffa,
	0xa4506ceb,
	0xbef9a3f7,
	0xc67178f2,
};

static uint32_t
rotate(uint32_t word, int by)
{
	return word >> by | word << (32 - by);
}

static uint32_t
word_at(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
	    (uint32_t)bytes[2] << 8 | bytes[3];
}

/* Section 6.2.2. */
static void
block_add(uint32_t hash[8], const uint8_t block[64])
{
	uint32_t w[64], s[8];

	for (int t = 0; t < 16; t++)
		w[t] = word_at(block + 4 * t);
	for (int t = 16; t < 64; t++)
		w[t] = w[t - 16] + w[t - 7] +
		    (rotate(w[t - 15], 7) ^ rotate(w[t - 15], 18) ^
			w[t - 15] >> 3) +
		    (rotate(w[t - 2], 17) ^ rotate(w[t - 2], 19) ^
			w[t - 2] >> 10);
	memcpy(s, hash, sizeof s);
	for (int t = 0; t < 64; t++) {
		uint32_t one = s[7] +
		    (rotate(s[4], 6) ^ rotate(s[4], 11) ^ rotate(s[4], 25)) +
		    ((s[4] & s[5]) ^ (~s[4] & s[6])) + round_words[t] + w[t];
		uint32_t two =
		    (rotate(s[0], 2) ^ rotate(s[0], 13) ^ rotate(s[0], 22)) +
		    ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));

		memmove(s + 1, s, 7 * sizeof *s);
		s[4] += one;
		s[0] = one + two;
	}
	for (int i = 0; i < 8; i++)
		hash[i] += s[i];
}

void
policy_hash(
    const void *bytes, size_t n_bytes, uint8_t ret_hash[POLICY_HASH_BYTES])
{
	uint32_t hash[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
		0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };
	const uint8_t *at = bytes;
	size_t left = n_bytes;
	uint8_t tail[128] = { 0 };
	size_t tail_bytes;

	for (; left >= 64; left -= 64, at += 64)
		block_add(hash, at);
	/* Section 5.1.1: a one bit, zeros, the length in bits. */
	if (left > 0)
		memcpy(tail, at, left);
	tail[left] = 0x80;
	tail_bytes = left < 56 ? 64 : 128;
	for (int i = 0; i < 8; i++)
		tail[tail_bytes - 1 - (size_t)i] =
		    (uint8_t)((uint64_t)n_bytes * 8 >> (8 * i));
	block_add(hash, tail);
	if (tail_bytes == 128)
		block_add(hash, tail + 64);
	for (int i = 0; i < 32; i++)
		ret_hash[i] = (uint8_t)(hash[i / 4] >> (24 - 8 * (i % 4)));
}
