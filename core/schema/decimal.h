/* SPDX-License-Identifier: Apache-2.0 */
/* decimal.h - numbers of JSON as they are written, compared and divided without
   rounding. */
#ifndef SCHEMA_DECIMAL_H
#define SCHEMA_DECIMAL_H

#include "base/arena.h"

#include <aiconexus/types.h>
#include <stdbool.h>
#include <stdint.h>

/* digits * 10^exponent; no zeros at either end of the digits, none at all is
   zero.  An exponent beyond 2^40 counts as 2^40. */
struct decimal {
	struct aicx_str digits;
	int64_t exponent;
	bool negative;
};

enum { DECIMAL_DIVISOR_DIGITS = 18 };

/* text: a JSON number.  The digits live in the arena. */
struct decimal decimal_of(struct aicx_str text, struct arena *arena);
int decimal_cmp(const struct decimal *a, const struct decimal *b);
bool decimal_is_integer(const struct decimal *d); /* 1.0 is one */
/* divisor: above zero, at most DECIMAL_DIVISOR_DIGITS digits. */
bool decimal_is_multiple(
    const struct decimal *d, const struct decimal *divisor);
/* An integer of at least 0, cut at UINT64_MAX; false: it is none. */
bool decimal_count(const struct decimal *d, uint64_t *ret_count);

#endif
