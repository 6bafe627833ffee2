/* SPDX-License-Identifier: Apache-2.0 */
/* their_goods.c - tools of somebody's MCP server as capabilities with prices.
 */
#include "their_goods.h"

/* The price that the operator gave this tool; false: none. */
static bool
price_of(const char *prices, struct aicx_str tool, struct aicx_str *ret_amount,
    struct aicx_str *ret_currency)
{
	struct aicx_str rest = text_of(prices), one, price;

	while (rest.len > 0) {
		one = text_trim(text_cut(rest, ',', &rest));
		if (!text_same(text_trim(text_cut(one, '=', &price)), tool))
			continue;
		*ret_amount =
		    text_trim(text_cut(text_trim(price), ' ', ret_currency));
		*ret_currency = text_trim(*ret_currency);
		return true;
	}
	return false;
}

bool
their_prices_are_good(const char *prices)
{
	struct aicx_str rest = text_of(prices), one, price, currency;

	while (rest.len > 0) {
		one = text_trim(text_cut(rest, ',', &rest));
		if (text_trim(text_cut(one, '=', &price)).len == 0 ||
		    price.ptr == NULL ||
		    text_cut(text_trim(price), ' ', &currency).len == 0 ||
		    text_trim(currency).len == 0)
			return false;
	}
	return true;
}

static void
put_pricing(struct print *out, const char *prices, struct aicx_str tool)
{
	struct aicx_str amount, currency;

	if (!price_of(prices, tool, &amount, &currency))
		return;
	print_key(out, "pricing");
	print_open(out, '{');
	print_key(out, "model");
	print_text(out, "per_call");
	print_key(out, "base_cost");
	print_open(out, '{');
	print_key(out, "amount");
	print_str(out, amount);
	print_key(out, "currency");
	print_str(out, currency);
	print_close(out, '}');
	print_close(out, '}');
}

static void
put_tool(struct print *out, const struct their_tool *tool, const char *prices)
{
	struct bytes name = { 0 };

	their_tool_name(tool, &name);
	print_open(out, '{');
	print_key(out, "name");
	print_str(out, bytes_view(&name));
	print_key(out, "remote");
	print_str(out, bytes_view(&tool->name));
	if (tool->description.len > 0) {
		print_key(out, "description");
		print_raw(out, bytes_view(&tool->description));
	}
	print_key(out, "input_schema");
	print_raw(out, bytes_view(&tool->input_schema));
	if (tool->output_schema.len > 0) {
		print_key(out, "output_schema");
		print_raw(out, bytes_view(&tool->output_schema));
	}
	put_pricing(out, prices, bytes_view(&tool->name));
	print_close(out, '}');
	bytes_fini(&name);
}

void
their_goods_print(
    struct print *out, const struct their_tools *tools, const char *prices)
{
	print_open(out, '{');
	print_key(out, "capabilities");
	print_open(out, '[');
	for (size_t i = 0; i < tools->n; i++)
		put_tool(out, &tools->list[i], prices);
	print_close(out, ']');
	print_close(out, '}');
}
