/* SPDX-License-Identifier: Apache-2.0 */
/* bill.c - adding lines, clamping, the fee. */
#include "economics/bill.h"

#include "base/err.h"

aicx_err
bill_make(const struct aicx_price *price, const struct aicx_money *hold,
    int64_t fee_ppm, struct bill *ret_bill, struct aicx_error *reterr)
{
	__int128 sum = 0;

	ENSURE(fee_ppm >= 0 && fee_ppm <= 1000000);
	if (price->n_lines > AICX_PRICE_LINES_MAX)
		return err_set(reterr, AICX_ELIMIT, "bill has too many lines");
	for (size_t i = 0; i < price->n_lines; i++) {
		if (!money_same_currency(&price->lines[i].amount, hold))
			return err_set(reterr, AICX_EINVAL,
			    "bill line \"%s\" is in %s, the hold in %s",
			    price->lines[i].label,
			    price->lines[i].amount.currency, hold->currency);
		sum += price->lines[i].amount.minor;
	}

	struct bill bill = { .price = *price, .total = *hold, .fee = *hold };
	bill.clamped = sum > hold->minor;
	if (sum < 0)
		sum = 0;
	bill.total.minor = sum > hold->minor ? hold->minor : (int64_t)sum;
	bill.fee.minor =
	    (int64_t)((__int128)bill.total.minor * fee_ppm / 1000000);
	*ret_bill = bill;
	return AICX_OK;
}

void
money_put_json(struct json_writer *w, const struct aicx_money *money,
    const struct currencies *currencies)
{
	struct buf text = { 0 };

	money_put(&text, currencies, money);
	json_open(w, '{');
	json_key(w, "amount");
	json_put_str(w, buf_view(&text));
	json_key(w, "currency");
	json_put_text(w, money->currency);
	json_close(w);
	buf_fini(&text);
}

void
bill_put(const struct bill *bill, const struct currencies *currencies,
    struct json_writer *w)
{
	json_open(w, '{');
	json_key(w, "lines");
	json_open(w, '[');
	for (size_t i = 0; i < bill->price.n_lines; i++) {
		const struct aicx_price_line *line = &bill->price.lines[i];
		json_open(w, '{');
		json_key(w, "label");
		json_put_text(w, line->label);
		json_key(w, "quantity");
		json_put_int(w, line->quantity);
		json_key(w, "each");
		money_put_json(w, &line->each, currencies);
		json_key(w, "amount");
		money_put_json(w, &line->amount, currencies);
		json_close(w);
	}
	json_close(w);
	json_key(w, "total");
	money_put_json(w, &bill->total, currencies);
	json_key(w, "fee");
	money_put_json(w, &bill->fee, currencies);
	json_close(w);
}
