/* SPDX-License-Identifier: Apache-2.0 */
/* goods.c - capabilities that agents sell, as tools. */
#include "goods.h"

#include "content.h"
#include "deal.h"
#include "desk.h"
#include "header.h"
#include "schema.h"
#include "till.h"

#include <string.h>

enum { ID_CHARS = 36 };

/* --- looking up --------------------------------------------------- */

static void
look_up(struct talk *talk, struct aicx_str name, struct aicx_str agent,
    talk_then_fn *then)
{
	struct print params = { 0 };

	print_open(&params, '{');
	print_key(&params, "name");
	print_str(&params, name);
	if (agent.ptr != NULL) {
		print_key(&params, "agent_id");
		print_str(&params, agent);
	} else {
		print_key(&params, "place");
		print_number(&params, 1);
	}
	print_key(&params, "limit");
	print_number(&params, 1);
	print_close(&params, '}');
	talk_call(talk, "discovery.list_capabilities",
	    bytes_view(&params.bytes), NULL, then);
	print_fini(&params);
}

void
goods_price(struct talk *talk, const char *name, talk_then_fn *then)
{
	look_up(talk, text_of(name), (struct aicx_str) { NULL, 0 }, then);
}

static struct aicx_str
first_of(const struct aicx_answer *answer)
{
	struct slice_walk walk = { .text = slice_get(
				       answer->body, "capabilities") };
	struct aicx_str name;
	struct aicx_str first = { NULL, 0 };

	if (answer->status >= 400 || !slice_next(&walk, &name, &first))
		return (struct aicx_str) { NULL, 0 };
	return first;
}

/* The smallest amount there is: what costs nothing has a limit too. */
static void
put_least(struct talk *talk, struct print *out)
{
	struct bytes *currency = &talk->bargain.currency;
	struct bytes amount = { 0 };
	char name[8] = "";
	aicx_err scale;

	if (currency->len > 0 && currency->len < sizeof name)
		memcpy(name, currency->ptr, currency->len);
	scale = talk->mcp->host->currency_scale(talk->mcp->self, name);
	bytes_text(&amount, scale > 0 ? "0." : "1");
	for (aicx_err i = 1; i <= scale; i++)
		bytes_char(&amount, i == scale ? '1' : '0');
	print_str(out, bytes_view(&amount));
	bytes_fini(&amount);
}

void
goods_no_limit(struct talk *talk, struct print *out)
{
	print_open(out, '{');
	print_key(out, "amount");
	print_text(out, "1000000000");
	print_key(out, "currency");
	print_str(out, bytes_view(&talk->bargain.currency));
	print_close(out, '}');
}

static bool
is_zero(struct aicx_str amount)
{
	for (size_t i = 0; i < amount.len; i++)
		if (amount.ptr[i] != '0' && amount.ptr[i] != '.')
			return false;
	return true;
}

/* What a call costs at most as far as the list tells. */
static void
take_price(struct talk *talk, struct aicx_str pricing)
{
	struct aicx_str base = slice_get(pricing, "base_cost");
	struct aicx_str model = slice_get(pricing, "model");
	struct aicx_str amount = slice_inside(slice_get(base, "amount"));
	struct print price = { 0 };
	struct aicx_str currency = slice_get(base, "currency");

	if (currency.ptr == NULL)
		currency =
		    slice_get(slice_get(pricing, "unit_cost"), "currency");
	if (currency.ptr == NULL)
		currency = slice_get(
		    slice_get(pricing, "subscription_cost"), "currency");
	bytes_str(&talk->bargain.currency, slice_inside(currency));
	/* Without a price for the call the mandate alone limits it. */
	if (text_same(model, TEXT("\"per_call\"")) ||
	    text_same(model, TEXT("\"dynamic\""))) {
		print_open(&price, '{');
		print_key(&price, "amount");
		if (is_zero(amount))
			put_least(talk, &price);
		else
			print_str(&price, amount);
		print_key(&price, "currency");
		print_raw(&price, currency);
		print_close(&price, '}');
	}
	bytes_str(&talk->bargain.price, bytes_view(&price.bytes));
	print_fini(&price);
}

bool
goods_take(struct talk *talk, const struct aicx_answer *answer)
{
	struct aicx_str good = first_of(answer);
	struct bargain *bargain = &talk->bargain;

	if (good.ptr == NULL)
		return false;
	bytes_str(&bargain->name, slice_inside(slice_get(good, "name")));
	bytes_str(
	    &bargain->provider, slice_inside(slice_get(good, "agent_id")));
	take_price(talk, slice_get(good, "pricing"));
	bytes_clear(&talk->kept);
	bytes_str(&talk->kept, slice_get(good, "input_schema"));
	bargain->has_output_schema =
	    schema_is_object(slice_get(good, "output_schema"));
	return true;
}

/* --- buying ------------------------------------------------------- */

/* Members of _meta: what was bought, for how much. */
static void
put_execution(struct talk *talk, struct print *meta, struct aicx_str deal)
{
	struct aicx_str price = slice_get(deal, "price");

	meta->comma = false;
	goods_put_key(talk, meta, "execution");
	print_open(meta, '{');
	print_member(meta, "execution_id", slice_get(deal, "execution_id"));
	print_member(meta, "contract_id", slice_get(deal, "contract_id"));
	print_member(meta, "deal_id", slice_get(deal, "deal_id"));
	print_member(meta, "cost", slice_get(price, "amount"));
	print_member(meta, "currency", slice_get(price, "currency"));
	print_member(meta, "receipt", slice_get(deal, "receipt"));
	print_close(meta, '}');
}

/* economics.audit_balance: how much there would be. */
static void
too_poor(struct talk *talk, const struct aicx_answer *answer)
{
	struct print text = { 0 };
	struct print why = { 0 };
	struct bytes *price = &talk->bargain.price;
	struct aicx_str needed = slice_get(bytes_view(price), "amount");
	struct aicx_str available = slice_get(answer->body, "available");

	bytes_text(&text.bytes, "insufficient_funds: needed are ");
	bytes_str(&text.bytes, slice_inside(needed));
	bytes_char(&text.bytes, ' ');
	bytes_str(&text.bytes, bytes_view(&talk->bargain.currency));
	bytes_text(&text.bytes, ", available are ");
	bytes_str(&text.bytes, slice_inside(available));
	print_open(&why, '{');
	print_key(&why, "error");
	print_text(&why, "insufficient_funds");
	print_member(&why, "needed", needed);
	print_member(&why, "available", available);
	print_close(&why, '}');
	content_error(talk, bytes_view(&text.bytes), bytes_view(&why.bytes));
	print_fini(&text);
	print_fini(&why);
}

static void
bought(struct talk *talk, const struct aicx_answer *answer)
{
	struct print meta = { 0 };

	if (answer->status == 402 &&
	    text_same(slice_get(answer->body, "code"),
		TEXT("\"insufficient_funds\""))) {
		talk_call(talk, "economics.audit_balance", TEXT("{}"), NULL,
		    too_poor);
		return;
	}
	if (answer->status >= 400) {
		content_problem(talk, answer->body);
		return;
	}
	struct print *out = talk_begin(talk);
	content_result(out, slice_get(answer->body, "result"),
	    talk->bargain.has_output_schema);
	put_execution(talk, &meta, answer->body);
	talk_end(talk, bytes_view(&meta.bytes));
	print_fini(&meta);
}

void
goods_buy(struct talk *talk, struct aicx_str name, struct aicx_str provider,
    struct aicx_str input, struct aicx_str max_price)
{
	struct print params = { 0 };

	deal_name(talk);
	print_open(&params, '{');
	print_key(&params, "deal_id");
	print_text(&params, talk->deal_id);
	print_key(&params, "need");
	print_str(&params, name);
	if (provider.ptr != NULL) {
		print_key(&params, "provider_id");
		print_str(&params, provider);
	}
	print_key(&params, "input");
	print_raw(&params, input);
	if (max_price.len > 0) {
		print_key(&params, "max_price");
		print_raw(&params, max_price);
	}
	print_close(&params, '}');
	deal_buy(talk, bytes_view(&params.bytes), bought);
	print_fini(&params);
}

/* Mcp-Param-X of the arguments whose schema asks for it. */
static bool
headers_fit(struct talk *talk)
{
	struct bytes *schema = &talk->kept;
	const char *name = NULL;
	json_t *doc;
	bool fit;

	if (talk->era != ERA_MODERN || schema->len == 0 ||
	    memmem(schema->ptr, schema->len, "x-mcp-header", 12) == NULL)
		return true;
	doc =
	    json_loadb(schema->ptr, schema->len, JSON_DECODE_INT_AS_REAL, NULL);
	fit =
	    header_params_fit(talk->request, doc, talk_arguments(talk), &name);
	json_decref(doc);
	return fit;
}

static void
found(struct talk *talk, const struct aicx_answer *answer)
{
	struct aicx_str arguments =
	    slice_get(talk->rpc.params_text, "arguments");
	struct bargain *bargain = &talk->bargain;

	if (!goods_take(talk, answer)) {
		if (answer->status >= 500)
			content_problem(talk, answer->body);
		else
			talk_error(talk, RPC_BAD_PARAMS, "unknown tool");
		return;
	}
	if (!headers_fit(talk)) {
		talk_error(talk, RPC_BAD_HEADER,
		    "an Mcp-Param header is missing, or differs from its "
		    "argument");
		return;
	}
	if (arguments.ptr == NULL)
		arguments = TEXT("{}");
	if (!schema_is_object(bytes_view(&talk->kept)))
		arguments = slice_get(arguments, SCHEMA_INPUT);
	if (arguments.ptr == NULL) {
		content_error(talk,
		    TEXT("invalid_input: the argument \"" SCHEMA_INPUT
			 "\" is missing"),
		    (struct aicx_str) { NULL, 0 });
		return;
	}
	if (till_is_for(talk))
		till_sell(talk, bytes_view(&bargain->name),
		    bytes_view(&bargain->provider), arguments);
	else
		goods_buy(talk, bytes_view(&bargain->name),
		    bytes_view(&bargain->provider), arguments,
		    bytes_view(&bargain->price));
}

/* NAME.AGENT was nobody's: it may be a name of its own. */
static void
found_of_agent(struct talk *talk, const struct aicx_answer *answer)
{
	const char *name = rpc_text(&talk->rpc, "name");

	if (first_of(answer).ptr != NULL)
		found(talk, answer);
	else
		look_up(
		    talk, text_of(name), (struct aicx_str) { NULL, 0 }, found);
}

static bool
is_id(struct aicx_str text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((i == 8 || i == 13 || i == 18 || i == 23)
			? text.ptr[i] != '-'
			: text_hex(text.ptr[i]) < 0)
			return false;
	return text.len == ID_CHARS;
}

void
goods_call(struct talk *talk, const char *name)
{
	size_t len = strlen(name);
	struct aicx_str agent = { NULL, 0 };

	if (len > ID_CHARS + 1 && name[len - ID_CHARS - 1] == '.')
		agent = (struct aicx_str) { name + len - ID_CHARS, ID_CHARS };
	if (len == 0 || len > GOODS_NAME_MAX)
		talk_error(talk, RPC_BAD_PARAMS, "unknown tool");
	else if (agent.ptr != NULL && is_id(agent))
		look_up(talk, (struct aicx_str) { name, len - ID_CHARS - 1 },
		    agent, found_of_agent);
	else
		look_up(
		    talk, text_of(name), (struct aicx_str) { NULL, 0 }, found);
}
