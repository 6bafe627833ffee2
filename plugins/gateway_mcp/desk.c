/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk.c - the broker's own tools.
 *
 * Each is one or two wire calls; what they answer passes as it is.
 */
#include "desk.h"

#include "content.h"
#include "goods.h"

#include <string.h>

enum { ARGUMENTS_MAX = 4, COLLECT_MS = 60000 };

/* --- what most of them do ----------------------------------------- */

static void
told(struct talk *talk, const struct aicx_answer *answer)
{
	if (answer->status >= 400) {
		content_problem(talk, answer->body);
		return;
	}
	content_object(talk_begin(talk), answer->body);
	talk_end(talk, (struct aicx_str) { NULL, 0 });
}

static void
put_argument(const struct talk *talk, struct print *params,
    const char *argument, const char *param)
{
	struct aicx_str value = talk_argument(talk, argument);

	if (value.ptr == NULL)
		return;
	print_key(params, param);
	print_raw(params, value);
}

/* A call with one argument under the name it has on the wire. */
static void
ask(struct talk *talk, const char *method, const char *argument,
    const char *param, const char *step, talk_then_fn *then)
{
	struct print params = { 0 };

	print_open(&params, '{');
	put_argument(talk, &params, argument, param);
	print_close(&params, '}');
	talk_call(talk, method, bytes_view(&params.bytes), step, then);
	print_fini(&params);
}

/* --- finding ------------------------------------------------------ */

static void
search_agents(struct talk *talk)
{
	struct slice_walk walk = { .text = talk_argument(talk, "filters") };
	struct aicx_str name, value;
	struct print params = { 0 };

	print_open(&params, '{');
	put_argument(talk, &params, "query", "q");
	while (slice_next(&walk, &name, &value)) {
		struct bytes key = { 0 };

		if (name.ptr == NULL)
			break;
		bytes_str(&key, name);
		bytes_char(&key, '\0');
		if (!key.failed)
			print_key(&params, key.ptr);
		print_raw(&params, value);
		bytes_fini(&key);
	}
	print_close(&params, '}');
	talk_call(
	    talk, "discovery.search", bytes_view(&params.bytes), NULL, told);
	print_fini(&params);
}

static void
get_agent(struct talk *talk)
{
	ask(talk, "discovery.get_agent", "agent_id", "agent_id", NULL, told);
}

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
	    NULL, told);
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
	put_argument(talk, &params, "capability", "need");
	put_argument(talk, &params, "parameters", "parameters");
	put_argument(talk, &params, "timeout_ms", "timeout_ms");
	print_key(&params, "max_price");
	if (!put_budget(talk, &params))
		goods_no_limit(talk, &params);
	print_close(&params, '}');
	talk_call(talk, "negotiation.broadcast_intent",
	    bytes_view(&params.bytes), ":intent", intended);
	print_fini(&params);
}

static const char *
string_argument(const struct talk *talk, const char *name)
{
	return json_string_value(json_object_get(talk_arguments(talk), name));
}

static void
request_offers(struct talk *talk)
{
	goods_price(
	    talk, string_argument(talk, "capability"), priced_for_offers);
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
		told(talk, answer);
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

static void
accept_offer(struct talk *talk)
{
	ask(talk, "negotiation.select_offer", "offer_id", "offer_id", ":select",
	    selected);
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

static void
execute(struct talk *talk)
{
	const char *capability = string_argument(talk, "capability");
	struct print params = { 0 };

	if (string_argument(talk, "contract_id") == NULL) {
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
	put_argument(talk, &params, "contract_id", "contract_id");
	print_key(&params, "input");
	print_raw(&params, parameters_of(talk));
	print_close(&params, '}');
	talk_call(talk, "execution.execute", bytes_view(&params.bytes),
	    ":execute", told);
	print_fini(&params);
}

static void
get_execution(struct talk *talk)
{
	ask(talk, "execution.get_execution", "execution_id", "execution_id",
	    NULL, told);
}

/* --- money and proofs --------------------------------------------- */

static void
budget_told(struct talk *talk, const struct aicx_answer *answer)
{
	if (answer->status == 404) /* not limited: what the account holds */
		talk_call(
		    talk, "economics.audit_balance", TEXT("{}"), NULL, told);
	else
		told(talk, answer);
}

static void
get_budget(struct talk *talk)
{
	talk_call(talk, "economics.get_budget", TEXT("{}"), NULL, budget_told);
}

static size_t
count(struct aicx_str list)
{
	struct slice_walk walk = { .text = list };
	struct aicx_str name, value;
	size_t n = 0;

	while (slice_next(&walk, &name, &value))
		n++;
	return n;
}

static void
put_part(struct print *out, const char *name, struct aicx_str object)
{
	struct aicx_str value = slice_get(object, name);

	if (value.ptr == NULL)
		return;
	print_key(out, name);
	print_raw(out, value);
}

/* The file is the proof; whoever asks checks it with keys of its own. */
static void
put_file(struct print *out, struct aicx_str uri, struct aicx_str file)
{
	print_open(out, '{');
	print_key(out, "type");
	print_text(out, "resource");
	print_key(out, "resource");
	print_open(out, '{');
	print_key(out, "uri");
	print_str(out, uri);
	print_key(out, "mimeType");
	print_text(out, "application/json");
	print_key(out, "text");
	print_str(out, file);
	print_close(out, '}');
	print_close(out, '}');
}

static void
exported(struct talk *talk, const struct aicx_answer *answer)
{
	struct aicx_str file = answer->body;
	struct bytes uri = { 0 };
	struct print *out;

	if (answer->status >= 400) {
		content_problem(talk, file);
		return;
	}
	bytes_text(&uri, "aiconexus://deals/");
	bytes_str(&uri, slice_inside(slice_get(file, "deal_id")));
	out = talk_begin(talk);
	print_key(out, "content");
	print_open(out, '[');
	print_raw(out,
	    TEXT(
		"{\"type\":\"text\",\"text\":\"The deal's file is attached: "
		"save it and run aicx verify FILE, which needs no broker.\"}"));
	put_file(out, bytes_view(&uri), file);
	print_close(out, ']');
	print_key(out, "structuredContent");
	print_open(out, '{');
	put_part(out, "deal_id", file);
	put_part(out, "broker", file);
	put_part(out, "checkpoint", file);
	put_part(out, "bill", file);
	print_key(out, "n_entries");
	print_number(out, (int64_t)count(slice_get(file, "entries")));
	print_key(out, "uri");
	print_str(out, bytes_view(&uri));
	print_close(out, '}');
	talk_end(talk, (struct aicx_str) { NULL, 0 });
	bytes_fini(&uri);
}

static void
verify_deal(struct talk *talk)
{
	ask(talk, "deal.export", "deal_id", "deal_id", NULL, exported);
}

/* --- the table ---------------------------------------------------- */

#define ID(name) "\"" name "\":{\"type\":\"string\",\"format\":\"uuid\"}"
#define BUDGET                                                                 \
	"\"budget\":{\"type\":\"string\",\"description\":\"The most it may "   \
	"cost, e.g. 0.05 AIC\"}"
#define OBJECT(properties, required)                                           \
	"{\"type\":\"object\",\"properties\":{" properties                     \
	"},\"required\":[" required "]}"

static const struct tool {
	const char *name;
	const char *required; /* arguments that are strings, or NULL */
	const char *description;
	const char *schema;
	bool reads; /* changes nothing */
	void (*run)(struct talk *talk);
} tools[] = {
	{ "search_agents", NULL,
	    "Find agents and what they sell, by words, tag, price and "
	    "reputation.",
	    OBJECT("\"query\":{\"type\":\"string\"},\"filters\":{\"type\":"
		   "\"object\",\"properties\":{\"tag\":{\"type\":\"string\"},"
		   "\"max_price\":{\"type\":\"string\"},\"min_reputation\":{"
		   "\"type\":\"string\"},\"limit\":{\"type\":\"integer\"},"
		   "\"cursor\":{\"type\":\"string\"}}}",
		""),
	    true, search_agents },
	{ "get_agent", "agent_id",
	    "An agent's entry: capabilities, prices, "
	    "reputation.",
	    OBJECT(ID("agent_id"), "\"agent_id\""), true, get_agent },
	{ "request_offers", "capability",
	    "Ask all sellers of a capability for offers, and wait for them.",
	    OBJECT(
		"\"capability\":{\"type\":\"string\"},\"parameters\":{}," BUDGET
		",\"timeout_ms\":{\"type\":\"integer\",\"minimum\":1,"
		"\"maximum\":60000}",
		"\"capability\""),
	    false, request_offers },
	{ "accept_offer", "offer_id",
	    "Choose an offer: it becomes a contract, signed for you if the "
	    "broker keeps your key.",
	    OBJECT(ID("offer_id"), "\"offer_id\""), false, accept_offer },
	{ "execute", NULL,
	    "Order work: under a contract, or of the best seller of a "
	    "capability under your standing mandate.",
	    OBJECT(ID("contract_id") ",\"capability\":{\"type\":\"string\"},"
				     "\"parameters\":{}," BUDGET,
		""),
	    false, execute },
	{ "get_execution", "execution_id", "How work stands, and its result.",
	    OBJECT(ID("execution_id"), "\"execution_id\""), true,
	    get_execution },
	{ "get_budget", NULL, "What you may still spend.", OBJECT("", ""), true,
	    get_budget },
	{ "verify_deal", "deal_id",
	    "The file that proves a deal offline: signatures, bill, ledger "
	    "entries, checkpoint.",
	    OBJECT(ID("deal_id"), "\"deal_id\""), true, verify_deal },
};

static const struct tool *
tool_find(struct aicx_str name)
{
	for (size_t i = 0; i < sizeof tools / sizeof *tools; i++)
		if (text_same(name, text_of(tools[i].name)))
			return &tools[i];
	return NULL;
}

bool
desk_has(struct aicx_str name)
{
	return tool_find(name) != NULL;
}

void
desk_put(struct print *out)
{
	for (size_t i = 0; i < sizeof tools / sizeof *tools; i++) {
		print_open(out, '{');
		print_key(out, "name");
		print_text(out, tools[i].name);
		print_key(out, "description");
		print_text(out, tools[i].description);
		print_key(out, "inputSchema");
		print_raw(out, text_of(tools[i].schema));
		print_key(out, "annotations");
		print_open(out, '{');
		print_key(out, "readOnlyHint");
		print_bool(out, tools[i].reads);
		print_close(out, '}');
		print_close(out, '}');
	}
}

bool
desk_call(struct talk *talk, const char *name)
{
	const struct tool *tool = tool_find(text_of(name));
	struct bytes why = { 0 };

	if (tool == NULL)
		return false;
	if (tool->required != NULL &&
	    string_argument(talk, tool->required) == NULL) {
		bytes_text(&why, "invalid_params: the argument ");
		bytes_text(&why, tool->required);
		bytes_text(&why, " is missing or no string");
		content_error(talk, bytes_view(&why),
		    TEXT("{\"error\":\"invalid_params\"}"));
		bytes_fini(&why);
		return true;
	}
	tool->run(talk);
	return true;
}
