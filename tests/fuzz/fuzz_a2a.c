/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_a2a.c - a JSON-RPC body of a client, or what an agent's capabilities
 * become in its card.
 *
 * 'r' and a body: there is one answer, and it is JSON.  'c' and a list of
 * capabilities: the card is JSON, and has no empty member.
 */
/* fuzz: -Itests/lib tests/lib/fake_host.c tests/lib/fake_keys.c -ldl */
/* fuzz: plugins/gateway_a2a/[a-z]*.c -ljansson -Iplugins/lib */
/* fuzz: plugins/lib/[a-z]*.c */
#include <aiconexus/gateway.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "fake_host.h"
#include "fake_keys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ROW(name_)                                                             \
	{                                                                      \
		.size = sizeof(struct aicx_method), .name = name_,             \
		.summary = "", .permission = "", .success = 200,               \
	}

static const struct aicx_method rows[] = {
	ROW("security.verify_credentials"),
	ROW("session.about"),
	ROW("discovery.list_capabilities"),
	ROW("deal.buy"),
	ROW("deal.get"),
	ROW("deal.list"),
	ROW("deal.cancel"),
	ROW("negotiation.broadcast_intent"),
};

enum { N_ROWS = sizeof rows / sizeof *rows, CALLS_MAX = 32 };

static const char *
said(const char *method)
{
	if (strcmp(method, "security.verify_credentials") == 0)
		return "{\"role\":\"agent\",\"agent_id\":\"b\"}";
	if (strcmp(method, "session.about") == 0)
		return "{\"key_id\":\"k\",\"public_key\":\"x\"}";
	return "{\"state\":\"settled\",\"capabilities\":[{\"name\":\"x\"}],"
	       "\"executions\":[{\"output\":{\"a\":[1]}}]}";
}

/* The wire answers; to list_capabilities, when it is given, with `list`. */
static void
wire(struct fake *fake, struct aicx_str list)
{
	for (size_t i = 0; i < fake->n_calls && i < CALLS_MAX; i++) {
		struct aicx_ticket *ticket = fake->calls[i];
		struct aicx_answer answer = { .size = sizeof answer,
			.status = 200,
			.retry_after_ms = -1 };

		if (ticket->cancelled || ticket->answered)
			continue;
		answer.body = str_of(said(ticket->method->name));
		if (list.ptr != NULL &&
		    strcmp(ticket->method->name,
			"discovery.list_capabilities") == 0)
			answer.body = list;
		fake_answer(ticket, &answer);
	}
}

/* "", [], {} or null anywhere: verifiers of cards disagree about those. */
static bool
has_empty(const json_t *value)
{
	const char *name;
	json_t *inner;
	size_t i;

	json_object_foreach(
	    (json_t *)value, name, inner) if (has_empty(inner)) return true;
	json_array_foreach(value, i, inner) if (has_empty(inner)) return true;
	return json_is_null(value) ||
	    (json_is_string(value) && json_string_length(value) == 0) ||
	    (json_is_array(value) && json_array_size(value) == 0) ||
	    (json_is_object(value) && json_object_size(value) == 0);
}

static void
check(const struct fake *fake, bool card)
{
	const struct fake_bytes *body = &fake->response_body;
	json_t *value;

	if (fake->n_responses != 1)
		abort();
	value = json_loadb(body->ptr, body->len, JSON_ALLOW_NUL, NULL);
	if (value == NULL ||
	    (card && fake->response.status == 200 && has_empty(value)))
		abort();
	json_decref(value);
}

static void
play(const struct aicx_http_request *request, struct aicx_str list)
{
	const struct aicx_plugin *plugin = &aicx_plugin;
	const struct aicx_method *methods[N_ROWS];
	struct fake *fake = fake_new();
	void *settings = fake_settings(plugin);
	struct aicx_exchange exchange = { .fake = fake };
	struct aicx_error error;
	void *state;

	for (size_t i = 0; i < N_ROWS; i++)
		methods[i] = &rows[i];
	fake_keys(fake);
	fake->methods = methods;
	fake->n_methods = N_ROWS;
	fake->hold_calls = true;
	fake->public_url = "https://b.example.org";
	if (plugin->open(&fake->table, fake_self(fake), settings, &state,
		&error) != AICX_OK)
		abort();
	plugin->ops.gateway->request(state, &exchange, request);
	wire(fake, list);
	if (!exchange.begun)
		check(fake, list.ptr != NULL);
	plugin->close(state);
	fake_keys_free(fake->keys);
	fake_free(fake);
	free(settings);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct aicx_header headers[] = {
		{ STR("Authorization"), STR("Bearer key") },
		{ STR("A2A-Version"), STR("1.0") },
		{ STR("A2A-Extensions"),
		    STR("https://aiconexus.example/ext/contract-terms/v1") },
	};
	struct aicx_http_request request = {
		.size = sizeof request,
		.method = STR("POST"),
		.path = STR("/a2a/jsonrpc"),
		.query = { NULL, 0 },
		.headers = headers,
		.n_headers = 3,
		.address = STR("127.0.0.1:1"),
		.secure = 1,
	};
	struct aicx_str rest;

	if (size < 2)
		return 0;
	rest = (struct aicx_str) { (const char *)data + 1, size - 1 };
	if (*data == 'r') {
		request.body = rest;
		play(&request, (struct aicx_str) { NULL, 0 });
	} else {
		request.method = STR("GET");
		request.path = STR("/.well-known/agent-card.json");
		play(&request, rest);
	}
	return 0;
}
