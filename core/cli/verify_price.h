/* SPDX-License-Identifier: Apache-2.0 */
/* verify_price.h - the lines that signed terms give for what was used: the
   arithmetic of protocol.md, apart from the broker's. */
#ifndef CLI_VERIFY_PRICE_H
#define CLI_VERIFY_PRICE_H

#include "base/json.h"
#include "cli/amount.h"

enum { PRICE_LINES_MAX = 8 };

struct price_line {
	const char *label;
	int64_t quantity, per; /* quantity x each / per */
	struct amount each;
};

struct price_lines {
	struct price_line list[PRICE_LINES_MAX];
	size_t n;
};

/* What was used.  Quality and used_before: -1 when absent. */
struct price_facts {
	int64_t units, latency_ms, quality, used_before;
};

/* A model whose lines follow from terms and usage alone. */
bool price_is_fixed(struct aicx_str model);
/* false: the terms lack a cost, have two currencies, or are beyond 128 bits. */
bool price_lines(struct json_ref terms, const struct price_facts *facts,
    struct arena *arena, struct price_lines *ret);
/* The most that one execution of so many units can cost. */
bool price_ceiling(struct json_ref terms, int64_t max_units,
    struct arena *arena, struct amount *ret);

#endif
