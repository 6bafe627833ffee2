/* SPDX-License-Identifier: Apache-2.0 */
/* receipt.c - the answer to whoever bought. */
#include "broker/receipt.h"

#include "base/err.h"
#include "base/id.h"

static void
put_receipt(struct json_writer *w, struct broker *broker,
    const struct deal *deal, const struct bill *bill,
    const struct aicx_id *transaction_id)
{
	const struct currencies *currencies = &broker->state.currencies;
	const struct mandate_use *use =
	    state_mandate_use(&broker->state, &deal->mandate_id);
	const struct hold *hold = state_hold(&broker->state, &deal->hold_id);

	json_open(w, '{');
	json_key(w, "transaction_id");
	json_put_id(w, transaction_id);
	json_key(w, "record");
	json_put_int(w, (int64_t)journal_next(broker->journal));
	if (use != NULL) {
		struct aicx_money total = bill->total;
		total.minor = use->held_minor - hold->amount.minor +
		    use->posted_minor + bill->total.minor;
		json_key(w, "mandate_id");
		json_put_id(w, &deal->mandate_id);
		json_key(w, "mandate_use");
		json_put_int(w, use->uses);
		json_key(w, "mandate_total");
		money_put_json(w, &total, currencies);
	}
	json_key(w, "held");
	money_put_json(w, &hold->amount, currencies);
	json_key(w, "released");
	struct aicx_money released = hold->amount;
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
