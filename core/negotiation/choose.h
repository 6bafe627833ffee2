/* SPDX-License-Identifier: Apache-2.0 */
/* choose.h - scores of offers in integers, and which one wins. */
#ifndef NEGOTIATION_CHOOSE_H
#define NEGOTIATION_CHOOSE_H

#include "negotiation/intent.h"

#include "base/json.h"

/* One offer as the rules see it. */
struct candidate {
	const struct aicx_id *offer_id, *provider_id;
	int64_t price_minor; /* the most it can cost */
	int64_t reputation; /* milli-stars, 0..5000 */
	int64_t latency_ms; /* average so far, 0: unknown */
	/* filled by choose_score(), 0..1000 each */
	int64_t part_price, part_reputation, part_latency, score;
};

enum { WEIGHT_PRICE = 50, WEIGHT_REPUTATION = 35, WEIGHT_LATENCY = 15 };

/* Parts relative to the best candidate; score = weighted mean. */
void choose_score(struct candidate *list, size_t n);
/* Index of the winner by rule; ties: better score, then earlier offer id.
   n > 0.  FIRST_GOOD takes the first in the list. */
size_t choose_winner(
    const struct candidate *list, size_t n, enum choose_rule rule);
/* {"rule","offer_id","score","parts":{...},"reason","offers":[...]}. */
void choose_put_why(struct json_writer *w, const struct candidate *list,
    size_t n, size_t winner, const char *rule, struct aicx_str reason,
    const char *currency, const struct currencies *currencies);

#endif
