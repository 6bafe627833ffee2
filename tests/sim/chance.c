/* SPDX-License-Identifier: Apache-2.0 */
/* chance.c - splitmix64, which is enough to choose with. */
#include "chance.h"

#include <string.h>

uint64_t
chance_next(struct chance *chance)
{
	uint64_t z = chance->state += UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return z ^ z >> 31;
}

struct chance
chance_of(uint64_t seed, const char *use)
{
	struct chance chance = { seed };

	for (; *use != '\0'; use++)
		chance.state = chance_next(&chance) ^ (unsigned char)*use;
	return chance;
}

uint64_t
chance_below(struct chance *chance, uint64_t n)
{
	return chance_next(chance) % n;
}

int64_t
chance_between(struct chance *chance, int64_t least, int64_t most)
{
	return least +
	    (int64_t)chance_below(chance, (uint64_t)(most - least) + 1);
}

bool
chance_hit(struct chance *chance, uint32_t ppm)
{
	return ppm > 0 && chance_below(chance, 1000000) < ppm;
}

void
chance_bytes(struct chance *chance, void *ret_bytes, size_t n_bytes)
{
	uint8_t *at = ret_bytes;

	while (n_bytes > 0) {
		uint64_t word = chance_next(chance);
		size_t n = n_bytes < sizeof word ? n_bytes : sizeof word;
		memcpy(at, &word, n);
		at += n;
		n_bytes -= n;
	}
}
