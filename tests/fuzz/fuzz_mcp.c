/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_mcp.c - a body for gateway_mcp, in either era; every wire call is
 * answered by a list of one capability.
 *
 * Whatever it is: there is one response, its body is JSON, and so is what goes
 * to the broker.
 */
/* fuzz: -Itests/lib tests/lib/fake_host.c -ldl -ljansson -lm */
/* fuzz: plugins/gateway_mcp/[a-z]*.c plugins/lib/[a-z]*.c -Iplugins/lib */
#include <aiconexus/gateway.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/str.h"
#include "fake_host.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ROW(name_)                                                             \
	{                                                                      \
		.size = sizeof(struct aicx_method), .name = name_,             \
		.success = 200                                                 \
	}
static const struct aicx_method table[] = {
	ROW("session.about"),
	ROW("discovery.list_capabilities"),
	ROW("discovery.search"),
	ROW("discovery.get_agent"),
	ROW("negotiation.broadcast_intent"),
	ROW("negotiation.collect_offers"),
	ROW("negotiation.select_offer"),
	ROW("negotiation.sign_contract"),
	ROW("execution.execute"),
	ROW("execution.get_execution"),
	ROW("deal.buy"),
	ROW("deal.export"),
	ROW("economics.get_budget"),
	ROW("economics.audit_balance"),
};
enum { N_METHODS = sizeof table / sizeof *table };

static const char said[] =
    "{\"capabilities\":[{\"agent_id\":\"01900000-0000-7000-8000-000000000001\","
    "\"place\":1,\"name\":\"a\",\"description\":\"b\",\"input_schema\":{"
    "\"type\":\"object\",\"properties\":{\"x\":{\"x-mcp-header\":\"X\"}}},"
    "\"pricing\":{\"model\":\"per_call\",\"base_cost\":{\"amount\":\"0.00\","
    "\"currency\":\"AIC\"}}}],\"intent_id\":\"i\",\"contract_id\":\"c\","
    "\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"t\"}]}}";

static void
must_be_json(const char *ptr, size_t len)
{
	struct arena arena = { NULL };
	struct json doc;

	if (json_parse((struct aicx_str) { ptr, len }, &arena, &doc, NULL) !=
	    AICX_OK)
		abort();
	arena_fini(&arena);
}

static void
check(const struct fake *fake)
{
	if (fake->n_responses != 1)
		abort();
	if (fake->response_body.len > 0)
		must_be_json(fake->response_body.ptr, fake->response_body.len);
	for (size_t i = 0; i < fake->n_calls; i++)
		must_be_json(
		    fake->calls[i]->params.ptr, fake->calls[i]->params.len);
}

static void
ask(const void *settings, struct aicx_str body, bool modern)
{
	static const struct aicx_method *methods[N_METHODS];
	const struct aicx_header fields[] = {
		{ STR("Host"), STR("localhost") },
		{ STR("Authorization"), STR("Bearer k") },
		{ STR("Content-Type"), STR("application/json") },
		{ STR("MCP-Protocol-Version"), STR("2026-07-28") },
		{ STR("Mcp-Method"), STR("tools/call") },
		{ STR("Mcp-Name"), STR("a") },
	};
	struct aicx_http_request request = {
		.size = sizeof request,
		.method = STR("POST"),
		.path = STR("/mcp"),
		.body = body,
		.headers = fields,
		.n_headers = modern ? 6 : 3,
		.address = STR("127.0.0.1:1"),
		.secure = 1,
	};
	struct fake *fake = fake_new();
	struct aicx_exchange exchange = { .fake = fake };
	void *state;

	for (size_t i = 0; i < N_METHODS; i++)
		methods[i] = &table[i];
	fake->methods = methods;
	fake->n_methods = N_METHODS;
	fake->answer = (struct aicx_answer) { .size = sizeof fake->answer,
		.status = 200,
		.retry_after_ms = -1,
		.content_type = STR("application/json"),
		.body = STR(said) };
	if (aicx_plugin.open(&fake->table, fake_self(fake), settings, &state,
		NULL) != AICX_OK)
		abort();
	aicx_plugin.ops.gateway->request(state, &exchange, &request);
	check(fake);
	aicx_plugin.close(state);
	fake_free(fake);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *settings = fake_settings(&aicx_plugin);
	struct aicx_str body = { (const char *)data, size };

	ask(settings, body, false);
	ask(settings, body, true);
	free(settings);
	return 0;
}
