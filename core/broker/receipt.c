/* SPDX-License-Identifier: Apache-2.0 */
/* receipt.c - the answer to whoever bought. */
#include "broker/receipt.h"

#include "base/err.h"
#include "base/id.h"
#include "base/str.h"

static void
put_receipt(struct json_writer *w, struct broker *broker,
    const struct deal *deal, const struct bill *bill,
    const struct aicx_id *transaction_id)
{
	const struct currencies *currencies = &broker->state.currencies;
	const struct mandate_use *use =
	    state_mandate_use(&broker->state, &deal->mandate_id);
	const struct hold *hold = state_hold(&broker->state, &deal->hold_id);
	struct aicx_money held = hold != NULL ? hold->amount : bill->total;

	json_open(w, '{');
	if (!id_is_nil(transaction_id)) {
		json_key(w, "transaction_id");
		json_put_id(w, transaction_id);
	}
	json_key(w, "record");
	json_put_int(w, (int64_t)journal_next(broker->journal));
	if (use != NULL) {
		struct aicx_money total = bill->total;
		total.minor = use->held_minor - held.minor + use->posted_minor +
		    bill->total.minor;
		json_key(w, "mandate_id");
		json_put_id(w, &deal->mandate_id);
		json_key(w, "mandate_use");
		json_put_int(w, use->uses);
		json_key(w, "mandate_total");
		money_put_json(w, &total, currencies);
	}
	json_key(w, "held");
	money_put_json(w, &held, currencies);
	json_key(w, "released");
	struct aicx_money released = held;
	released.minor -= bill->total.minor;
	money_put_json(w, &released, currencies);
	json_close(w);
}

void
receipt_put_answer(struct json_writer *w, struct broker *broker,
    const struct deal *deal, const struct execution *execution,
    struct aicx_str output, const struct bill *bill,
    const struct aicx_id *transaction_id)
{
	json_open(w, '{');
	json_key(w, "deal_id");
	json_put_id(w, &deal->deal_id);
	json_key(w, "state");
	json_put_text(w, deal_state_name((enum deal_state)deal->state));
	json_key(w, "contract_id");
	json_put_id(w, &deal->contract_id);
	json_key(w, "execution_id");
	json_put_id(w, &execution->execution_id);
	json_key(w, "provider_id");
	json_put_id(w, &deal->provider_id);
	json_key(w, "result");
	json_put_raw(w, output);
	json_key(w, "price");
	money_put_json(w, &bill->total, &broker->state.currencies);
	json_key(w, "bill");
	bill_put(bill, &broker->state.currencies, w);
	json_key(w, "receipt");
	put_receipt(w, broker, deal, bill, transaction_id);
	if (deal->why.ptr != NULL) {
		json_key(w, "why");
		json_put_raw(w, deal->why);
	}
	json_close(w);
}

/* --- out of a record ------------------------------------------------------ */

/* The row of that table, and of this id where one is named. */
static struct json_ref
row_in(struct json_ref record, const char *table, const char *member,
    struct aicx_str id)
{
	struct json_iter each = json_iter(json_get(record, "put"));
	struct json_ref found = { NULL, 0 };

	while (json_next(&each)) {
		struct json_ref row = json_get(each.value, table);
		if (json_has(row) &&
		    (member == NULL ||
			str_eq(json_raw(json_get(row, member)), id)))
			found = row;
	}
	return found;
}

static void
put_member(struct json_writer *w, const char *name, struct json_ref value)
{
	json_key(w, name);
	json_put_raw(w, json_raw(value));
}

static struct aicx_money
money_in(
    struct json_ref ref, const struct currencies *currencies, struct arena *mem)
{
	struct aicx_money money = { 0 };

	(void)money_parse(currencies, json_str(json_get(ref, "amount"), mem),
	    json_str(json_get(ref, "currency"), mem), &money, NULL);
	return money;
}

static int64_t
int_in(struct json_ref row, const char *name)
{
	int64_t value = 0;

	(void)json_int(json_get(row, name), &value);
	return value;
}

static void
put_recorded_receipt(struct json_writer *w, struct json_ref record,
    struct json_ref deal, struct json_ref status,
    const struct currencies *currencies, struct arena *mem)
{
	struct json_ref hold = row_in(record, "hold", NULL, STR(""));
	struct json_ref mandate_id = json_get(deal, "mandate_id");
	struct json_ref use =
	    row_in(record, "mandate_use", "mandate_id", json_raw(mandate_id));
	struct json_ref total = json_get(json_get(status, "bill"), "total");
	struct json_ref held =
	    json_has(hold) ? json_get(hold, "amount") : total;
	struct json_ref transaction_id = json_get(status, "transaction_id");
	struct aicx_money money = money_in(total, currencies, mem);
	int64_t total_minor = money.minor;

	json_open(w, '{');
	if (json_has(transaction_id))
		put_member(w, "transaction_id", transaction_id);
	put_member(w, "record", json_get(record, "seq"));
	if (json_has(use)) {
		money.minor = int_in(use, "held") + int_in(use, "posted");
		put_member(w, "mandate_id", mandate_id);
		put_member(w, "mandate_use", json_get(use, "uses"));
		json_key(w, "mandate_total");
		money_put_json(w, &money, currencies);
	}
	put_member(w, "held", held);
	money = money_in(held, currencies, mem);
	money.minor -= total_minor;
	json_key(w, "released");
	money_put_json(w, &money, currencies);
	json_close(w);
}

void
receipt_put_recorded(struct json_writer *w, struct json_ref record,
    const struct currencies *currencies, struct arena *mem)
{
	struct json_ref body = json_get(json_get(record, "answer"), "body");
	struct json_ref deal = row_in(record, "deal", NULL, STR(""));
	struct json_ref status =
	    row_in(record, "execution_status", NULL, STR(""));
	struct json_ref bill = json_get(status, "bill");

	if (json_has(body)) {
		json_put_raw(w, json_raw(body));
		return;
	}
	json_open(w, '{');
	put_member(w, "deal_id", json_get(deal, "deal_id"));
	put_member(w, "state", json_get(deal, "state"));
	put_member(w, "contract_id", json_get(deal, "contract_id"));
	put_member(w, "execution_id", json_get(status, "execution_id"));
	put_member(w, "provider_id", json_get(deal, "provider_id"));
	put_member(w, "result", json_get(status, "output"));
	put_member(w, "price", json_get(bill, "total"));
	put_member(w, "bill", bill);
	json_key(w, "receipt");
	put_recorded_receipt(w, record, deal, status, currencies, mem);
	if (json_has(json_get(deal, "why")))
		put_member(w, "why", json_get(deal, "why"));
	json_close(w);
}
