/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bill.h - from price lines to what is paid.
 *
 * Lines are added in 128 bits and the sum is clamped to 0..hold; the broker's
 * fee is a share of the total in parts per million, rounded down.
 */
#ifndef ECONOMICS_BILL_H
#define ECONOMICS_BILL_H

#include "base/json.h"
#include "base/money.h"

#include <aiconexus/pricing.h>

struct bill {
	struct aicx_price price; /* the lines */
	struct aicx_money total, fee;
	bool clamped; /* the lines came to more than the hold */
};

/* Lines of another currency than the hold's are refused. */
aicx_err bill_make(const struct aicx_price *price,
    const struct aicx_money *hold, int64_t fee_ppm, struct bill *ret_bill,
    struct aicx_error *reterr);
/* {"lines":[{"label","quantity","each","amount"}],"total","fee"}. */
void bill_put(const struct bill *bill, const struct currencies *currencies,
    struct json_writer *w);
/* {"amount","currency"} as one value. */
void money_put_json(struct json_writer *w, const struct aicx_money *money,
    const struct currencies *currencies);

#endif
