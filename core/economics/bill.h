/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bill.h - from price lines to what is paid.
 *
 * Each line is exact, in thousandths of a minor unit; their sum is rounded
 * once, half away from zero, and clamped to 0..hold; the broker's fee is a
 * share of the total in parts per million, rounded down.
 */
#ifndef ECONOMICS_BILL_H
#define ECONOMICS_BILL_H

#include "base/json.h"
#include "base/money.h"
#include "protocol/terms.h"

#include <aiconexus/pricing.h>

enum { BILL_PARTS = 1000 }; /* of a minor unit; every `per` divides it */

struct bill {
	struct aicx_price price; /* the lines */
	__int128 amounts[AICX_PRICE_LINES_MAX]; /* of the lines, in parts */
	struct aicx_money total, fee;
	bool clamped; /* the lines came to more than the hold */
};

/* What a pricing plugin sees of the terms; borrows their texts. */
struct aicx_price_terms bill_terms(const struct terms *terms);
/* Lines of another currency than the hold's are refused, and such as are no
   exact parts (AICX_EINVAL) or do not fit 128 bits (AICX_ELIMIT). */
aicx_err bill_make(const struct aicx_price *price,
    const struct aicx_money *hold, int64_t fee_ppm, struct bill *ret_bill,
    struct aicx_error *reterr);
/* {"lines":[{"label","quantity","per"?,"each","amount"}],"total","fee"}; the
   amount of a line has three decimals more where it needs them. */
void bill_put(const struct bill *bill, const struct currencies *currencies,
    struct json_writer *w);
/* {"amount","currency"} as one value. */
void money_put_json(struct json_writer *w, const struct aicx_money *money,
    const struct currencies *currencies);

#endif
