/* SPDX-License-Identifier: Apache-2.0 */
/*
 * amount.h - exact decimal money without a table of currencies.
 *
 * The broker keeps integer minor units and knows each currency's scale; a
 * client knows only what it reads.  So an amount here is a count of 10^-12
 * parts in 128 bits (the most decimals a currency may have is 9, and a line of
 * a bill has up to three more), and it remembers with how many decimals it was
 * written.  It shares no arithmetic
 * with the broker, so that `aicx verify` is a second opinion.
 */
#ifndef CLI_AMOUNT_H
#define CLI_AMOUNT_H

#include "base/json.h"

#include <aiconexus/types.h>
#include <stdbool.h>
#include <stdint.h>

enum { AMOUNT_SCALE_MAX = 12, AMOUNT_DIGITS_MAX = 22, PRICE_SCALE_MAX = 9 };

struct amount {
	__int128 pico; /* 10^-12 of the currency's unit */
	int scale; /* decimals it was written with */
	char currency[8];
};

struct amount_text {
	char text[64]; /* "0.002500 AIC" */
};

/* "0.002500" and "AIC"; a sign is legal only when `negative` is. */
bool amount_parse(struct aicx_str digits, struct aicx_str currency,
    bool negative, struct amount *ret);
/* {"amount":"0.002500","currency":"AIC"}; other members are refused. */
bool amount_from_json(
    struct json_ref ref, struct arena *arena, struct amount *ret);
/* "0.001 AIC", as people write it; the error says how to write it. */
aicx_err amount_from_text(
    struct aicx_str text, struct amount *ret, struct aicx_error *reterr);

struct amount_text amount_text(const struct amount *amount);
void amount_put(struct json_writer *w, const struct amount *amount);

bool amount_same_currency(const struct amount *a, const struct amount *b);
/* Below, equal, above: <0, 0, >0.  The currencies are the caller's matter. */
int amount_cmp(const struct amount *a, const struct amount *b);
/* false on overflow or when the currencies differ; a is then unchanged. */
bool amount_add(struct amount *a, const struct amount *b);
bool amount_mul(struct amount *a, int64_t times);
/* Half away from zero, to `scale` decimals. */
void amount_round(struct amount *a, int scale);
/* In units of its last decimal; -1: below zero, or so large (an eighth of what
   63 bits hold) that a few of them could not be added. */
int64_t amount_minor(const struct amount *amount);
/* 0 in a's currency and scale. */
struct amount amount_zero(const struct amount *a);

#endif
