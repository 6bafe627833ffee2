/* SPDX-License-Identifier: Apache-2.0 */
/*
 * till.c - tools for payers without an account: x402 inside MCP.
 *
 * A call without a payment gets what is asked for as an error of the tool; the
 * client calls again with _meta "x402/payment".  What a payment is worth the
 * payment plugin knows.
 */
#include "till.h"

#include "content.h"

#include <aiconexus/option.h>
#include <aiconexus/payment.h>

#define PAYMENT "x402/payment"
#define RESPONSE "x402/payment-response"

static const struct aicx_payment_ops *
ops_of(const struct talk *talk)
{
	const struct aicx_ref *payments = talk->mcp->settings->payments;

	return payments != NULL ? payments->ops : NULL;
}

static struct aicx_str
payment_of(const struct talk *talk)
{
	return slice_get(slice_get(talk->rpc.params_text, "_meta"), PAYMENT);
}

bool
till_is_for(const struct talk *talk)
{
	const struct aicx_payment_ops *ops = ops_of(talk);

	return ops != NULL && ops->sell != NULL &&
	    (talk->pays || payment_of(talk).ptr != NULL);
}

bool
till_allows(struct aicx_str tool)
{
	return text_same(tool, TEXT("search_agents")) ||
	    text_same(tool, TEXT("get_agent"));
}

static void
put_result(struct talk *talk, const struct aicx_sold *sold)
{
	struct print *out = talk_begin(talk);
	struct print meta = { 0 };

	content_result(out, slice_get(sold->body, "result"),
	    talk->bargain.has_output_schema);
	if (sold->response.ptr != NULL) {
		print_key(&meta, RESPONSE);
		print_raw(&meta, sold->response);
	}
	talk_end(talk, bytes_view(&meta.bytes));
	print_fini(&meta);
}

static void
on_sold(const struct aicx_sold *sold, void *arg)
{
	struct talk *talk = arg;

	talk->selling = false;
	talk->depth++;
	if (sold->status == 402 && sold->required.ptr != NULL)
		content_error(talk, sold->required, sold->required);
	else if (sold->status >= 400)
		content_problem(talk, sold->body);
	else
		put_result(talk, sold);
	talk_release(talk);
}

void
till_sell(struct talk *talk, struct aicx_str name, struct aicx_str provider,
    struct aicx_str input)
{
	const struct aicx_ref *payments = talk->mcp->settings->payments;
	struct bytes resource = { 0 };
	struct aicx_sale sale = { .size = sizeof sale,
		.capability = name,
		.provider_id = provider,
		.input = input,
		.payment = payment_of(talk),
		.correlation = talk->correlation,
		.address = talk->request->address,
		.secure = talk->request->secure };

	bytes_text(&resource, "mcp://tool/");
	bytes_text(&resource, rpc_text(&talk->rpc, "name"));
	sale.resource = bytes_view(&resource);
	talk->depth++;
	talk->selling = true;
	ops_of(talk)->sell(payments->state, &sale, on_sold, talk);
	bytes_fini(&resource);
	talk_release(talk);
}

void
till_cancel(struct talk *talk)
{
	if (!talk->selling)
		return;
	talk->selling = false;
	ops_of(talk)->sell_cancel(talk->mcp->settings->payments->state, talk);
}
