/* SPDX-License-Identifier: Apache-2.0 */
/* desk_deal.c - the broker's own tools that bargain and order work. */
#include "content.h"
#include "desk_tool.h"
#include "goods.h"

#include <string.h>

enum { COLLECT_MS = 60000 };

/* --- bargaining --------------------------------------------------- */

/* "0.05 AIC", or {"amount","currency"}; false: neither. */
static bool
put_budget(struct talk *talk, struct print *out)
{
	struct aicx_str budget = talk_argument(talk, "budget");
	struct aicx_str words = slice_inside(budget);
	struct aicx_str currency;
	struct aicx_str amount = text_cut(words, ' ', &currency);

	if (budget.ptr != NULL && *budget.ptr == '{') {
		print_raw(out, budget);
		return true;
	}
	if (words.ptr == NULL)
		return false;
	print_open(out, '{');
	print_key(out, "amount");
	print_str(out, amount);
	print_key(out, "currency");
	print_str(out,
	    currency.ptr != NULL ? text_trim(currency)
				 : bytes_view(&talk->bargain.currency));
	print_close(out, '}');
	return true;
}

static void
intended(struct talk *talk, const struct aicx_answer *answer)
{
	struct aicx_str timeout = talk_argument(talk, "timeout_ms");
	struct print params = { 0 };

	if (answer->status >= 400) {
		content_problem(talk, answer->body);
		return;
	}
	print_open(&params, '{');
	print_key(&params, "intent_id");
	print_raw(&params, slice_get(answer->body, "intent_id"));
	print_key(&params, "timeout_ms");
	if (timeout.ptr != NULL)
		print_raw(&params, timeout);
	else
		print_number(&params, COLLECT_MS);
	print_close(&params, '}');
	talk_call(talk, "negotiation.collect_offers", bytes_view(&params.bytes),
	    NULL, desk_told);
	print_fini(&params);
}

static void
no_seller(struct talk *talk)
{
	content_error(talk, TEXT("no_offer: nobody sells this capability"),
	    TEXT("{\"error\":\"no_offer\"}"));
}

static void
priced_for_offers(struct talk *talk, const struct aicx_answer *answer)
{
	struct print params = { 0 };

	if (!goods_take(talk, answer)) {
		no_seller(talk);
		return;
	}
	print_open(&params, '{');
	desk_put_argument(talk, &params, "capability", "need");
	desk_put_argument(talk, &params, "parameters", "parameters");
	desk_put_argument(talk, &params, "timeout_ms", "timeout_ms");
	print_key(&params, "max_price");
	if (!put_budget(talk, &params))
		goods_no_limit(talk, &params);
	print_close(&params, '}');
	talk_call(talk, "negotiation.broadcast_intent",
	    bytes_view(&params.bytes), ":intent", intended);
	print_fini(&params);
}

void
desk_request_offers(struct talk *talk)
{
	goods_price(talk, desk_string(talk, "capability"), priced_for_offers);
}

/* Whose key the broker does not keep signs the text itself. */
static void
put_unsigned(struct talk *talk, struct aicx_str problem)
{
	struct print result = { 0 };

	print_open(&result, '{');
	print_key(&result, "contract");
	print_raw(&result, bytes_view(&talk->kept));
	print_key(&result, "signed");
	print_bool(&result, false);
	print_key(&result, "problem");
	print_raw(&result, problem);
	print_close(&result, '}');
	content_object(talk_begin(talk), bytes_view(&result.bytes));
	talk_end(talk, (struct aicx_str) { NULL, 0 });
	print_fini(&result);
}

static void
signed_or_not(struct talk *talk, const struct aicx_answer *answer)
{
	if (answer->status >= 400)
		put_unsigned(talk, answer->body);
	else
		desk_told(talk, answer);
}

static void
selected(struct talk *talk, const struct aicx_answer *answer)
{
	struct print params = { 0 };

	if (answer->status >= 400) {
		content_problem(talk, answer->body);
		return;
	}
	bytes_str(&talk->kept, answer->body);
	print_open(&params, '{');
	print_key(&params, "contract_id");
	print_raw(&params, slice_get(answer->body, "contract_id"));
	print_close(&params, '}');
	talk_call(talk, "negotiation.sign_contract", bytes_view(&params.bytes),
	    ":sign", signed_or_not);
	print_fini(&params);
}

void
desk_accept_offer(struct talk *talk)
{
	desk_ask(talk, "negotiation.select_offer", "offer_id", "offer_id",
	    ":select", selected);
}

/* --- working ------------------------------------------------------ */

static struct aicx_str
parameters_of(const struct talk *talk)
{
	struct aicx_str parameters = talk_argument(talk, "parameters");

	return parameters.ptr != NULL ? parameters : TEXT("{}");
}

static void
priced_to_buy(struct talk *talk, const struct aicx_answer *answer)
{
	struct print budget = { 0 };

	if (!goods_take(talk, answer)) {
		no_seller(talk);
		return;
	}
	talk->bargain.has_output_schema = false;
	if (!put_budget(talk, &budget))
		print_raw(&budget, bytes_view(&talk->bargain.price));
	goods_buy(talk, bytes_view(&talk->bargain.name),
	    (struct aicx_str) { NULL, 0 }, parameters_of(talk),
	    bytes_view(&budget.bytes));
	print_fini(&budget);
}

void
desk_execute(struct talk *talk)
{
	const char *capability = desk_string(talk, "capability");
	struct print params = { 0 };

	if (desk_string(talk, "contract_id") == NULL) {
		if (capability != NULL)
			goods_price(talk, capability, priced_to_buy);
		else
			content_error(talk,
			    TEXT("invalid_params: contract_id or capability "
				 "is needed"),
			    TEXT("{\"error\":\"invalid_params\"}"));
		return;
	}
	print_open(&params, '{');
	desk_put_argument(talk, &params, "contract_id", "contract_id");
	print_key(&params, "input");
	print_raw(&params, parameters_of(talk));
	print_close(&params, '}');
	talk_call(talk, "execution.execute", bytes_view(&params.bytes),
	    ":execute", desk_told);
	print_fini(&params);
}
