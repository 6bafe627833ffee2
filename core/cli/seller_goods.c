/* SPDX-License-Identifier: Apache-2.0 */
/* seller_goods.c - what a seller sells: the one capability that it names, or
   each tool of its worker at a price. */
#include "cli/seller.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"

static const struct tools *
tools_of(const struct seller *seller)
{
	struct worker *worker = seller->worker;

	return worker != NULL && worker->ops->tools != NULL
	    ? worker->ops->tools(worker)
	    : NULL;
}

static bool
price_of(
    const struct seller *seller, const struct tool *tool, struct amount *ret)
{
	for (size_t i = 0; i < seller->n_prices; i++)
		if (str_is(seller->prices[i].tool, tool->name) ||
		    str_is(seller->prices[i].tool, tool->capability)) {
			*ret = seller->prices[i].price;
			return true;
		}
	*ret = seller->offering.base;
	return seller->offering.has_base;
}

bool
seller_offering(
    const struct seller *seller, struct aicx_str need, struct offering *ret)
{
	const struct tools *tools = tools_of(seller);
	const struct tool *tool;

	*ret = seller->offering;
	if (tools == NULL)
		return str_is(need, seller->offering.capability);
	tool = tools_find(tools, need);
	if (tool == NULL || !price_of(seller, tool, &ret->base))
		return false;
	ret->capability = tool->capability;
	ret->description = tool->description;
	return true;
}

/* TOOL=AMOUNT */
static aicx_err
price_take(struct seller *seller, const char *text, struct aicx_error *reterr)
{
	struct aicx_str amount, tool = str_cut(str_of(text), '=', &amount);
	struct tool_price price = { .tool = str_trim(tool) };

	if (amount.ptr == NULL)
		return AICX_OK; /* for all: offering_take() has it */
	if (seller->n_prices == TOOLS_MAX)
		return err_word(reterr, AICX_EINVAL, "usage",
		    "more than %d prices", TOOLS_MAX);
	aicx_err err = amount_from_text(str_trim(amount), &price.price, reterr);
	if (err == AICX_OK)
		seller->prices[seller->n_prices++] = price;
	return err;
}

aicx_err
seller_take_prices(struct seller *seller, struct aicx_error *reterr)
{
	const struct words *words = seller->inv->words;
	aicx_err err = AICX_OK;

	for (size_t i = 0; i < words->n_given && err == AICX_OK; i++)
		if (strcmp(words->given[i].arg->name, "price") == 0)
			err = price_take(seller, words->given[i].text, reterr);
	return err;
}

aicx_err
seller_check_prices(const struct seller *seller, struct aicx_error *reterr)
{
	const struct tools *tools = tools_of(seller);

	for (size_t i = 0; tools != NULL && i < seller->n_prices; i++) {
		struct aicx_str name = seller->prices[i].tool;
		bool there = tools_find(tools, name) != NULL;
		for (size_t k = 0; k < tools->n && !there; k++)
			there = str_is(name, tools->list[k].name);
		if (!there)
			return err_word(reterr, AICX_EINVAL, "usage",
			    "--price names the tool \"%.*s\", which \"%s\" "
			    "does not have",
			    STR_ARG(name), seller->worker->name);
	}
	return AICX_OK;
}

static void
put_tool(struct json_writer *w, const struct tool *tool,
    const struct offering *offering)
{
	json_open(w, '{');
	json_key(w, "name");
	json_put_text(w, tool->capability);
	json_key(w, "version");
	json_put_text(w, "1.0");
	if (tool->description != NULL) {
		json_key(w, "description");
		json_put_text(w, tool->description);
	}
	json_key(w, "input_schema");
	json_put_raw(w, str_of(tool->input_schema));
	if (tool->output_schema != NULL) {
		json_key(w, "output_schema");
		json_put_raw(w, str_of(tool->output_schema));
	}
	if (strcmp(tool->name, tool->capability) != 0) {
		json_key(w, "remote");
		json_put_text(w, tool->name);
	}
	json_key(w, "pricing");
	offering_put_pricing(w, offering);
	json_close(w);
}

void
seller_put_goods(const struct seller *seller, struct json_writer *w)
{
	const struct tools *tools = tools_of(seller);
	struct offering offering = seller->offering;

	if (tools != NULL && offering.name == NULL)
		offering.name = seller->worker->ops->title(seller->worker);
	if (tools != NULL)
		offering.capability = NULL;
	offering_put_agent(seller->inv, w, &offering, "session");
	if (tools == NULL)
		return;
	json_key(w, "capabilities");
	json_open(w, '[');
	for (size_t i = 0; i < tools->n; i++)
		if (seller_offering(
			seller, str_of(tools->list[i].capability), &offering))
			put_tool(w, &tools->list[i], &offering);
	json_close(w);
}

static void
print_prices(const struct offering *offering, struct buf *buf)
{
	buf_printf(buf, "%s at %s", offering->capability,
	    amount_text(&offering->base).text);
	if (offering->per_unit)
		buf_printf(buf, " and %s for each of %s",
		    amount_text(&offering->each).text, offering->unit);
}

void
seller_print_goods(const struct seller *seller, struct buf *buf)
{
	const struct tools *tools = tools_of(seller);
	struct offering offering;
	bool more = false;

	if (tools == NULL)
		print_prices(&seller->offering, buf);
	for (size_t i = 0; tools != NULL && i < tools->n; i++)
		if (seller_offering(
			seller, str_of(tools->list[i].capability), &offering)) {
			buf_text(buf, more ? ", " : "");
			print_prices(&offering, buf);
			more = true;
		}
}
