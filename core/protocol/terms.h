/* SPDX-License-Identifier: Apache-2.0 */
/*
 * terms.h - what two parties agree on: price, quality, retries, penalties.
 *
 * Only the price must be said; the rest comes from the operator's defaults and
 * is written into the text before it is signed, so that nothing signed depends
 * on somebody's configuration.
 */
#ifndef PROTOCOL_TERMS_H
#define PROTOCOL_TERMS_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/money.h"
#include "protocol/field.h"

#include <aiconexus/types.h>

enum pricing_model {
	PRICING_PER_CALL, /* base_cost */
	PRICING_PER_UNIT, /* base_cost + unit_cost for each unit */
	PRICING_SUBSCRIPTION, /* subscription_cost for each period, base_cost
				 for each call, unit_cost beyond what is
				 included */
	PRICING_DYNAMIC /* what a policy says, at most base_cost */
};

enum subscription_period {
	SUBSCRIPTION_DAILY,
	SUBSCRIPTION_MONTHLY,
	SUBSCRIPTION_YEARLY
};

enum backoff { BACKOFF_FIXED, BACKOFF_LINEAR, BACKOFF_EXPONENTIAL };

/* Absent: a string without ptr, money without currency, a number or name of
   -1. */

struct pricing {
	int model; /* enum pricing_model */
	struct aicx_money base_cost, unit_cost, subscription_cost;
	struct aicx_str unit; /* "calls", "seconds", "bytes", ... */
	int subscription_period; /* enum subscription_period */
	int64_t included_units; /* of each period */
	struct aicx_str policy_sha256; /* base64url */
};

struct sla {
	int64_t max_latency_ms;
	int64_t min_uptime_ppm, max_error_ppm; /* parts of a million */
	struct aicx_money penalty_per_ms; /* for each ms above max_latency_ms */
	struct aicx_money penalty_cap, bonus_cap;
};

struct retry_policy {
	int64_t max_attempts; /* the first one counts */
	int backoff_strategy; /* enum backoff */
	int64_t initial_delay_ms, max_delay_ms;
};

struct terms {
	struct pricing pricing;
	struct sla sla;
	struct retry_policy retry_policy;
	int64_t timeout_ms;
	int64_t max_units; /* of per_unit: more are not billed */
	struct aicx_str payment_method, acceptance;
	struct aicx_money cancel_fee, bond;
};

extern const char *const pricing_models[]; /* names, ended by NULL */
extern const char *const subscription_periods[]; /* likewise */
extern const struct field pricing_fields[];
extern const struct field sla_fields[];
extern const struct field retry_policy_fields[];
extern const struct field terms_fields[];

/* The model has the costs it needs, in one currency.  Fields are named from
   the pricing object: "/unit_cost".  "invalid_params". */
aicx_err pricing_check(
    const struct pricing *pricing, struct aicx_error *reterr);
/* The cost that every pricing of this model has. */
const struct aicx_money *pricing_leading_cost(const struct pricing *pricing);
/* Units are part of the price, or may be. */
bool pricing_counts_units(const struct pricing *pricing);
/* Start of the UTC day, month or year that at_ms is in. */
int64_t subscription_start(enum subscription_period period, int64_t at_ms);
/* The currency all of it is in; "" when there is no cost at all. */
const char *pricing_currency(const struct pricing *pricing);

/* From an exact text (no unknown member, all in one currency), which is
   borrowed by the result.  "malformed", "invalid_params". */
aicx_err terms_parse(struct aicx_str text, const struct currencies *currencies,
    struct arena *arena, struct terms *ret, struct aicx_error *reterr);
/* The same from a value inside a document. */
aicx_err terms_read(struct json_ref ref, const struct currencies *currencies,
    struct arena *arena, struct terms *ret, struct aicx_error *reterr);
/* What a fresh installation takes for what nobody said; amounts are zero. */
struct terms terms_shipped(void);
/* Fills what is absent.  Amounts of the defaults count only in the currency of
   the terms; without one they become zero of it.  The bond stays absent unless
   the defaults have one. */
void terms_complete(struct terms *terms, const struct terms *defaults);
/* Appends the text: complete, this is what is hashed and signed. */
void terms_print(struct buf *buf, const struct terms *terms,
    const struct currencies *currencies);
/* The most one execution can cost: the price of max_units and the bonus (a
   policy's price has no bonus beside it), or the cancel fee where that is
   more.  Of a subscription: with the period's cost, or with no included units
   left.  What a hold must cover.  AICX_ELIMIT on overflow. */
aicx_err terms_ceiling(const struct terms *terms, int64_t max_units,
    struct aicx_money *ret_ceiling, struct aicx_error *reterr);

#endif
