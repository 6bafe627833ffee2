/* SPDX-License-Identifier: Apache-2.0 */
/* pricing.h - the pricing kind: turn terms and usage into money. */
#ifndef AICX_PRICING_H
#define AICX_PRICING_H

#include "types.h"

enum { AICX_PRICE_LINES_MAX = 8 };

/* What the signed terms say about the price.  Absent costs are currency "". */
struct aicx_price_terms {
	uint32_t size;
	struct aicx_str model; /* "per_call" */
	struct aicx_money base_cost;
	struct aicx_money unit_cost;
	struct aicx_str unit; /* "calls", "seconds", "bytes", "items" */
};

/* What was used, as measured or as claimed and verified. */
struct aicx_usage {
	uint32_t size;
	struct aicx_str capability;
	int64_t calls;
	int64_t units;
	int64_t latency_ms;
};

struct aicx_price_line {
	char label[24]; /* "base", "units" */
	int64_t quantity;
	struct aicx_money each;
	struct aicx_money amount;
};

struct aicx_price {
	struct aicx_price_line lines[AICX_PRICE_LINES_MAX];
	size_t n_lines;
};

struct aicx_pricing_ops {
	uint32_t size;
	/* The models it computes, ended by NULL: "per_call", "per_unit". */
	const char *const *models;
	/* Pure: same arguments, same price; must not block, post or log.
	   AICX_EINVAL: terms it cannot price; AICX_ELIMIT: overflow. */
	aicx_err (*quote)(void *state, const struct aicx_price_terms *terms,
	    const struct aicx_usage *usage, struct aicx_price *ret_price,
	    struct aicx_error *reterr);
	/* Terms for a capability that names no price of its own. */
	aicx_err (*standard)(void *state, struct aicx_price_terms *ret_terms,
	    struct aicx_error *reterr);
};

#endif
