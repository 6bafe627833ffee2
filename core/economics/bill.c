/* SPDX-License-Identifier: Apache-2.0 */
/* bill.c - multiplying, adding up, rounding once, clamping, the fee. */
#include "economics/bill.h"

#include <string.h>

#include "base/broken.h"
#include "base/err.h"
#include "base/str.h"

enum {
	PART_DECIMALS = 3, /* of BILL_PARTS */
	SHOWN_BYTES = 48 /* sign, 39 digits, point, 3 decimals */
};

static struct aicx_str
label_of(const struct aicx_price_line *line)
{
	return (struct aicx_str) { line->label,
		strnlen(line->label, sizeof line->label) };
}

struct aicx_price_terms
bill_terms(const struct terms *terms)
{
	const struct pricing *pricing = &terms->pricing;
	struct aicx_price_terms seen = {
		.size = sizeof seen,
		.model = str_of(pricing_models[pricing->model]),
		.base_cost = pricing->base_cost,
		.unit_cost = pricing->unit_cost,
		.unit = pricing->unit,
		.subscription_cost = pricing->subscription_cost,
		.included_units = pricing->included_units,
		.max_latency_ms = terms->sla.max_latency_ms,
		.penalty_per_ms = terms->sla.penalty_per_ms,
		.penalty_cap = terms->sla.penalty_cap,
		.bonus_cap = terms->sla.bonus_cap,
	};

	if (pricing->subscription_period >= 0)
		seen.subscription_period =
		    str_of(subscription_periods[pricing->subscription_period]);
	return seen;
}

static aicx_err
line_amount(const struct aicx_price_line *line, const struct aicx_money *hold,
    __int128 *ret_parts, struct aicx_error *reterr)
{
	__int128 minor = (__int128)line->quantity * line->each.minor;

	if (!money_same_currency(&line->each, hold))
		return err_set(reterr, AICX_EINVAL,
		    "bill line \"%.*s\" is in %.7s, the hold in %s",
		    STR_ARG(label_of(line)), line->each.currency,
		    hold->currency);
	if (line->per < 1 || BILL_PARTS % line->per != 0)
		return err_set(reterr, AICX_EINVAL,
		    "bill line \"%.*s\" is no exact part of a minor unit",
		    STR_ARG(label_of(line)));
	if (__builtin_mul_overflow(
		minor, (__int128)(BILL_PARTS / line->per), ret_parts))
		return err_set(reterr, AICX_ELIMIT,
		    "bill line \"%.*s\" does not fit 128 bits",
		    STR_ARG(label_of(line)));
	return AICX_OK;
}

/* Parts in minor units, half away from zero. */
static __int128
rounded(__int128 parts)
{
	__int128 minor = parts / BILL_PARTS;
	int rest = (int)(parts % BILL_PARTS);

	if (rest >= BILL_PARTS / 2)
		minor++;
	else if (rest <= -BILL_PARTS / 2)
		minor--;
	return minor;
}

static aicx_err
lines_add(const struct aicx_price *price, const struct aicx_money *hold,
    struct bill *bill, __int128 *ret_sum, struct aicx_error *reterr)
{
	__int128 sum = 0;

	for (size_t i = 0; i < price->n_lines; i++) {
		__int128 *parts = &bill->amounts[i];
		aicx_err err =
		    line_amount(&price->lines[i], hold, parts, reterr);
		if (err != AICX_OK)
			return err;
		if (broken("round_lines"))
			*parts = rounded(*parts) * BILL_PARTS;
		if (__builtin_add_overflow(sum, *parts, &sum))
			return err_set(
			    reterr, AICX_ELIMIT, "bill does not fit 128 bits");
	}
	*ret_sum = sum;
	return AICX_OK;
}

aicx_err
bill_make(const struct aicx_price *price, const struct aicx_money *hold,
    int64_t fee_ppm, struct bill *ret_bill, struct aicx_error *reterr)
{
	struct bill bill = { .total = *hold, .fee = *hold };
	__int128 parts = 0;

	ENSURE(fee_ppm >= 0 && fee_ppm <= 1000000);
	if (price->n_lines > AICX_PRICE_LINES_MAX)
		return err_set(reterr, AICX_ELIMIT, "bill has too many lines");
	bill.price = *price;
	aicx_err err = lines_add(price, hold, &bill, &parts, reterr);
	if (err != AICX_OK)
		return err;
	__int128 sum = rounded(parts);
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
	json_put_money(w, currencies, money);
}

/* With the currency's decimals, and three more where they are needed. */
static void
parts_put(struct buf *text, __int128 parts, int scale)
{
	char digits[SHOWN_BYTES], *at = digits + sizeof digits;
	bool minus = parts < 0;
	unsigned __int128 left =
	    minus ? -(unsigned __int128)parts : (unsigned __int128)parts;

	if (left % BILL_PARTS == 0)
		left /= BILL_PARTS;
	else
		scale += PART_DECIMALS;
	for (int n = 0; n <= scale || left > 0; n++, left /= 10) {
		if (n == scale && scale > 0)
			*--at = '.';
		*--at = (char)('0' + (int)(left % 10));
	}
	if (minus)
		*--at = '-';
	buf_str(text,
	    (struct aicx_str) { at, (size_t)(digits + sizeof digits - at) });
}

static void
put_amount(struct json_writer *w, __int128 parts, const char *code,
    const struct currencies *currencies)
{
	const struct currency *currency =
	    currencies_find(currencies, str_of(code));
	struct buf text = { 0 };

	parts_put(&text, parts, currency ? currency->scale : 0);
	json_key(w, "amount");
	json_open(w, '{');
	json_key(w, "amount");
	json_put_str(w, buf_view(&text));
	json_key(w, "currency");
	json_put_text(w, code);
	json_close(w);
	buf_fini(&text);
}

static void
put_line(struct json_writer *w, const struct bill *bill, size_t i,
    const struct currencies *currencies)
{
	const struct aicx_price_line *line = &bill->price.lines[i];

	json_open(w, '{');
	json_key(w, "label");
	json_put_str(w, label_of(line));
	json_key(w, "quantity");
	json_put_int(w, line->quantity);
	if (line->per != 1) {
		json_key(w, "per");
		json_put_int(w, line->per);
	}
	json_key(w, "each");
	money_put_json(w, &line->each, currencies);
	put_amount(w, bill->amounts[i], line->each.currency, currencies);
	json_close(w);
}

void
bill_put(const struct bill *bill, const struct currencies *currencies,
    struct json_writer *w)
{
	json_open(w, '{');
	json_key(w, "lines");
	json_open(w, '[');
	for (size_t i = 0; i < bill->price.n_lines; i++)
		put_line(w, bill, i, currencies);
	json_close(w);
	json_key(w, "total");
	money_put_json(w, &bill->total, currencies);
	json_key(w, "fee");
	money_put_json(w, &bill->fee, currencies);
	json_close(w);
}
