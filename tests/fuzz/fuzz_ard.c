/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_ard.c - what strangers ask a registry, and what agents are called there.
 *
 * 's' and a body of a search, 'e' of an explore, 'l' and a query of the
 * listing, 'a' and a list of agents: there is one answer, and it is JSON.
 */
/* fuzz: -Itests/lib tests/lib/fake_host.c tests/lib/fake_keys.c -ldl */
/* fuzz: plugins/gateway_ard/entry.c plugins/gateway_ard/gateway_ard.c */
/* fuzz: plugins/gateway_ard/grammar.c plugins/gateway_ard/manifest.c */
/* fuzz: plugins/gateway_ard/page.c plugins/gateway_ard/path.c */
/* fuzz: plugins/gateway_ard/registry.c plugins/gateway_ard/stock.c */
/* fuzz: plugins/gateway_ard/talk.c -ljansson */
/* fuzz: -Iplugins/lib plugins/lib/bytes.c plugins/lib/text.c */
/* fuzz: plugins/lib/reached.c */
#include <aiconexus/gateway.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "fake_host.h"
#include "fake_keys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CALLS_MAX = 32 };

static const struct aicx_method row = {
	.size = sizeof row,
	.name = "discovery.search",
	.summary = "",
	.permission = "",
	.success = 200,
};
static const struct aicx_method *const rows[] = { &row };

#define AGENTS                                                                 \
	"{\"agents\":[{\"agent_id\":\"a\",\"name\":\"A\",\"relevance\":900,"   \
	"\"created\":\"2026-01-01T00:00:00Z\",\"tags\":[\"t\"],"               \
	"\"capabilities\":[{\"name\":\"text.up\"}]}]}"

static void
ask(const struct aicx_plugin *plugin, struct fake *fake, void *state, char kind,
    struct aicx_str text)
{
	struct aicx_exchange exchange = { .fake = fake };
	struct aicx_http_request request = {
		.size = sizeof request,
		.method = kind == 's' || kind == 'e' ? STR("POST") : STR("GET"),
		.path = kind == 's' ? STR("/ard/v1/search")
		    : kind == 'e'   ? STR("/ard/v1/explore")
		    : kind == 'l'   ? STR("/ard/v1/agents")
				    : STR("/.well-known/ai-catalog.json"),
	};
	struct aicx_answer answer = {
		.size = sizeof answer,
		.status = 200,
		.retry_after_ms = -1,
		.body = kind == 'a' ? text : STR(AGENTS),
	};

	if (kind == 's' || kind == 'e')
		request.body = text;
	if (kind == 'l')
		request.query = text;
	plugin->ops.gateway->request(state, &exchange, &request);
	for (size_t n = 0; n < fake->n_calls && n < CALLS_MAX; n++)
		fake_answer(fake->calls[n], &answer);
	if (fake->n_responses > 1)
		abort();
	if (fake->n_responses == 1) {
		json_t *body = json_loadb(fake->response_body.ptr,
		    fake->response_body.len, JSON_ALLOW_NUL, NULL);
		if (body == NULL)
			abort();
		json_decref(body);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	extern const struct aicx_plugin aicx_plugin;
	struct fake *fake;
	void *settings, *state;

	if (size < 2 || memchr("sela", data[0], 4) == NULL)
		return 0;
	fake = fake_new();
	fake_keys(fake);
	fake->public_url = "https://b.example.org";
	fake->methods = rows;
	fake->n_methods = 1;
	fake->hold_calls = true;
	settings = fake_settings(&aicx_plugin);
	if (aicx_plugin.open(&fake->table, fake_self(fake), settings, &state,
		NULL) == AICX_OK) {
		ask(&aicx_plugin, fake, state, (char)data[0],
		    (struct aicx_str) { (const char *)data + 1, size - 1 });
		aicx_plugin.close(state);
	}
	fake_keys_free(fake->keys);
	fake_free(fake);
	free(settings);
	return 0;
}
