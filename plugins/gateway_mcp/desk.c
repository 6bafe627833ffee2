/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desk.c - the broker's own tools, in one table.
 *
 * Each is one or two wire calls; what they answer passes as it is.
 */
#include "desk.h"

#include "content.h"
#include "desk_tool.h"

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
	    true, desk_search_agents },
	{ "get_agent", "agent_id",
	    "An agent's entry: capabilities, prices, "
	    "reputation.",
	    OBJECT(ID("agent_id"), "\"agent_id\""), true, desk_get_agent },
	{ "request_offers", "capability",
	    "Ask all sellers of a capability for offers, and wait for them.",
	    OBJECT(
		"\"capability\":{\"type\":\"string\"},\"parameters\":{}," BUDGET
		",\"timeout_ms\":{\"type\":\"integer\",\"minimum\":1,"
		"\"maximum\":60000}",
		"\"capability\""),
	    false, desk_request_offers },
	{ "accept_offer", "offer_id",
	    "Choose an offer: it becomes a contract, signed for you if the "
	    "broker keeps your key.",
	    OBJECT(ID("offer_id"), "\"offer_id\""), false, desk_accept_offer },
	{ "execute", NULL,
	    "Order work: under a contract, or of the best seller of a "
	    "capability under your standing mandate.",
	    OBJECT(ID("contract_id") ",\"capability\":{\"type\":\"string\"},"
				     "\"parameters\":{}," BUDGET,
		""),
	    false, desk_execute },
	{ "get_execution", "execution_id", "How work stands, and its result.",
	    OBJECT(ID("execution_id"), "\"execution_id\""), true,
	    desk_get_execution },
	{ "get_budget", NULL, "What you may still spend.", OBJECT("", ""), true,
	    desk_get_budget },
	{ "verify_deal", "deal_id",
	    "The file that proves a deal offline: signatures, bill, ledger "
	    "entries, checkpoint.",
	    OBJECT(ID("deal_id"), "\"deal_id\""), true, desk_verify_deal },
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
	    desk_string(talk, tool->required) == NULL) {
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
