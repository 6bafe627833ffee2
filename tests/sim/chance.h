/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chance.h - numbers that follow from a seed.
 *
 * Each use has a stream of its own, so that one more draw in one place does not
 * shift all others.
 */
#ifndef SIM_CHANCE_H
#define SIM_CHANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chance {
	uint64_t state;
};

struct chance chance_of(uint64_t seed, const char *use);
uint64_t chance_next(struct chance *chance);
/* 0 .. n - 1; n above 0. */
uint64_t chance_below(struct chance *chance, uint64_t n);
int64_t chance_between(struct chance *chance, int64_t least, int64_t most);
bool chance_hit(struct chance *chance, uint32_t ppm);
void chance_bytes(struct chance *chance, void *ret_bytes, size_t n_bytes);

#endif
