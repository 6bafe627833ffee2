/* SPDX-License-Identifier: Apache-2.0 */
/* goods_list.c - capabilities that agents sell, as clients see them in a list
   of tools. */
#include "desk.h"
#include "goods.h"
#include "schema.h"

#include <stdio.h>

/* NAME, or NAME.AGENT where the plain name is somebody else's. */
static bool
put_name(struct print *out, struct aicx_str capability)
{
	struct aicx_str name = slice_inside(slice_get(capability, "name"));
	struct bytes full = { 0 };
	bool fits;

	bytes_str(&full, name);
	if (!text_same(slice_get(capability, "place"), TEXT("1")) ||
	    desk_has(name)) {
		bytes_char(&full, '.');
		bytes_str(
		    &full, slice_inside(slice_get(capability, "agent_id")));
	}
	fits = full.len <= GOODS_NAME_MAX && !full.failed;
	if (fits) {
		print_open(out, '{');
		print_key(out, "name");
		print_str(out, bytes_view(&full));
	}
	bytes_fini(&full);
	return fits;
}

static void
add_money(struct bytes *text, struct aicx_str money, const char *after)
{
	bytes_str(text, slice_inside(slice_get(money, "amount")));
	bytes_char(text, ' ');
	bytes_str(text, slice_inside(slice_get(money, "currency")));
	bytes_text(text, after);
}

static void
add_price(struct bytes *text, struct aicx_str pricing)
{
	struct aicx_str base = slice_get(pricing, "base_cost");
	struct aicx_str unit = slice_get(pricing, "unit_cost");
	struct aicx_str period = slice_get(pricing, "subscription_cost");
	bool dynamic =
	    text_same(slice_get(pricing, "model"), TEXT("\"dynamic\""));

	if (base.ptr != NULL) {
		bytes_text(text, dynamic ? "Costs at most " : "Costs ");
		add_money(text, base, " per call.");
	}
	if (unit.ptr != NULL) {
		bytes_text(text, base.ptr != NULL ? " And " : "Costs ");
		add_money(text, unit, " per unit (");
		bytes_str(text, slice_inside(slice_get(pricing, "unit")));
		bytes_text(text, ").");
	}
	if (period.ptr != NULL) {
		bytes_text(text, " ");
		add_money(text, period, ", ");
		bytes_str(text,
		    slice_inside(slice_get(pricing, "subscription_period")));
		bytes_char(text, '.');
	}
}

/* The seller's words, then price and promises; all stay escaped as they are. */
static void
put_description(struct print *out, struct aicx_str capability)
{
	struct aicx_str words =
	    slice_inside(slice_get(capability, "description"));
	struct aicx_str latency =
	    slice_get(slice_get(capability, "sla"), "max_latency_ms");
	struct bytes text = { 0 };

	bytes_char(&text, '"');
	bytes_str(&text, words);
	if (words.len > 0)
		bytes_char(&text, ' ');
	add_price(&text, slice_get(capability, "pricing"));
	if (latency.ptr != NULL && !text_same(latency, TEXT("0"))) {
		bytes_text(&text, " Answers within ");
		bytes_str(&text, latency);
		bytes_text(&text, " ms.");
	}
	bytes_char(&text, '"');
	print_key(out, "description");
	print_raw(out, bytes_view(&text));
	bytes_fini(&text);
}

void
goods_put_key(struct talk *talk, struct print *out, const char *name)
{
	char key[128];

	(void)snprintf(
	    key, sizeof key, "%s/%s", talk->mcp->settings->prefix, name);
	print_key(out, key);
}

static void
put_pricing(struct talk *talk, struct print *out, struct aicx_str capability)
{
	struct aicx_str pricing = slice_get(capability, "pricing");
	struct aicx_str base = slice_get(pricing, "base_cost");

	print_key(out, "_meta");
	print_open(out, '{');
	goods_put_key(talk, out, "pricing");
	print_open(out, '{');
	print_member(out, "model", slice_get(pricing, "model"));
	print_member(out, "base_cost", slice_get(base, "amount"));
	print_member(out, "currency", slice_get(base, "currency"));
	print_close(out, '}');
	goods_put_key(talk, out, "agent_id");
	print_raw(out, slice_get(capability, "agent_id"));
	print_close(out, '}');
}

void
goods_put(struct talk *talk, struct aicx_str capability)
{
	struct print *out = &talk->out;
	struct aicx_str output = slice_get(capability, "output_schema");

	if (!put_name(out, capability))
		return;
	put_description(out, capability);
	print_key(out, "inputSchema");
	schema_put_input(out, slice_get(capability, "input_schema"));
	if (schema_is_object(output))
		print_member(out, "outputSchema", output);
	put_pricing(talk, out, capability);
	print_close(out, '}');
}
