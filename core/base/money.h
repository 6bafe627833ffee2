/* SPDX-License-Identifier: Apache-2.0 */
/*
 * money.h - integer minor units with a currency; no floats, no silent wrap.
 *
 * How many decimals a currency has is configuration, so every conversion from
 * or to text takes the table of currencies.
 */
#ifndef BASE_MONEY_H
#define BASE_MONEY_H

#include "base/buf.h"

#include <aiconexus/types.h>
#include <stdbool.h>

enum { CURRENCIES_MAX = 32 };

struct currency {
	char code[8]; /* 2..7 upper-case letters or digits, first a letter */
	int scale; /* decimals, 0..9 */
};

struct currencies {
	struct currency list[CURRENCIES_MAX];
	size_t n;
};

aicx_err currencies_add(struct currencies *all, struct aicx_str code,
    int64_t scale, struct aicx_error *reterr);
const struct currency *currencies_find(
    const struct currencies *all, struct aicx_str code); /* or NULL */

/* "0.002500" and "AIC"; more decimals than the scale, a sign, an exponent or
   a value above int64 are refused (word "invalid_amount"). */
aicx_err money_parse(const struct currencies *all, struct aicx_str amount,
    struct aicx_str currency, struct aicx_money *ret_money,
    struct aicx_error *reterr);
/* "0.0025 AIC", as operators write it. */
aicx_err money_parse_text(const struct currencies *all, struct aicx_str text,
    struct aicx_money *ret_money, struct aicx_error *reterr);
/* The decimal string with all decimals of the scale; negative ones with '-'.
   An unknown currency prints minor units. */
enum { MONEY_TEXT = 32 };
/* The same without a NUL; returns how many bytes. */
size_t money_print(const struct currencies *all, const struct aicx_money *money,
    char ret_text[MONEY_TEXT]);
void money_put(struct buf *buf, const struct currencies *all,
    const struct aicx_money *money);

struct money_text {
	char text[48]; /* "0.002500 AIC" */
};
struct money_text money_text(
    const struct currencies *all, const struct aicx_money *money);

bool money_same_currency(
    const struct aicx_money *a, const struct aicx_money *b);
/* AICX_ELIMIT on overflow, AICX_EINVAL when the currencies differ. */
aicx_err money_add(struct aicx_money *sum, const struct aicx_money *more,
    struct aicx_error *reterr);
aicx_err money_mul(
    struct aicx_money *money, int64_t times, struct aicx_error *reterr);
bool money_is_set(const struct aicx_money *money); /* has a currency */

#endif
