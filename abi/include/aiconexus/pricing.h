/* SPDX-License-Identifier: Apache-2.0 */
/* pricing.h - the pricing kind: turn terms and usage into money. */
#ifndef AICX_PRICING_H
#define AICX_PRICING_H

#include "types.h"

enum { AICX_PRICE_LINES_MAX = 8 };

/* What the signed terms say about the price.  Absent costs are currency "",
   absent texts have no ptr. */
struct aicx_price_terms {
	uint32_t size;
	struct aicx_str model; /* "per_call" */
	struct aicx_money base_cost;
	struct aicx_money unit_cost;
	struct aicx_str unit; /* "calls", "seconds", "bytes", "items" */
	struct aicx_money subscription_cost;
	struct aicx_str subscription_period; /* "daily", "monthly", "yearly" */
	int64_t included_units; /* of a period; -1: not said */
	int64_t max_latency_ms; /* slower is late; -1: not said */
	struct aicx_money penalty_per_ms; /* off for each late millisecond */
	struct aicx_money penalty_cap; /* but no more than this */
	struct aicx_money bonus_cap; /* for quality 1000 */
};

/* What was used, as measured or as claimed and verified. */
struct aicx_usage {
	uint32_t size;
	struct aicx_str capability;
	int64_t calls;
	int64_t units;
	int64_t latency_ms;
	int64_t quality; /* 0..1000; -1: nobody judged it */
	/* Of a subscription: units of the present period before these; -1: the
	   period is not paid for yet. */
	int64_t used_before;
};

/* Comes to quantity x each / per, exactly: the host multiplies, adds up the
   lines and rounds once.  `per` divides 1000. */
struct aicx_price_line {
	char label[24]; /* "base", "units" */
	int64_t quantity;
	int64_t per; /* 1, but for shares */
	struct aicx_money each; /* below zero: it is taken off */
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
	   AICX_EINVAL: terms or usage it cannot price; AICX_ELIMIT: overflow.
	   The lines of "per_call", "per_unit" and "subscription" are those of
	   the protocol, because everybody recomputes them. */
	aicx_err (*quote)(void *state, const struct aicx_price_terms *terms,
	    const struct aicx_usage *usage, struct aicx_price *ret_price,
	    struct aicx_error *reterr);
	/* Terms for a capability that names no price of its own. */
	aicx_err (*standard)(void *state, struct aicx_price_terms *ret_terms,
	    struct aicx_error *reterr);
};

#endif
