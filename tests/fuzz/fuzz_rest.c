/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_rest.c - a path value, a query and a body for gateway_rest.
 *
 * Whatever they are: when what reaches the method is JSON, then the body was
 * JSON already, and the path's value is where the path put it.
 */
/* fuzz: -Itests/lib tests/lib/fake_host.c -ldl */
/* fuzz: plugins/gateway_rest/ask.c plugins/gateway_rest/body.c */
/* fuzz: plugins/gateway_rest/docs.c plugins/gateway_rest/follow.c -ljansson */
/* fuzz: plugins/gateway_rest/openapi.c plugins/gateway_rest/openapi_parts.c */
/* fuzz: plugins/gateway_rest/packer.c plugins/gateway_rest/quota.c -lz */
/* fuzz: plugins/gateway_rest/sample.c */
/* fuzz: plugins/gateway_rest/gateway_rest.c plugins/gateway_rest/params.c */
/* fuzz: plugins/gateway_rest/reply.c plugins/gateway_rest/route.c */
/* fuzz: -Iplugins/lib plugins/lib/bytes.c plugins/lib/slice.c */
/* fuzz: plugins/lib/text.c */
#include <aiconexus/gateway.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/str.h"
#include "fake_host.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
is_json(struct aicx_str text, struct arena *arena, struct json *ret_doc)
{
	return text.len > 0 &&
	    json_parse(text, arena, ret_doc, NULL) == AICX_OK;
}

static bool
is_blank(struct aicx_str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (memchr(" \t\r\n", text.ptr[i], 4) == NULL)
			return false;
	return true;
}

static void
check_call(const struct aicx_ticket *call, struct aicx_str body)
{
	struct arena arena = { NULL };
	struct json doc;
	struct json_ref id;

	if (is_json((struct aicx_str) { call->params.ptr, call->params.len },
		&arena, &doc)) {
		id = json_get(json_root(&doc), "id");
		if (!json_has(id) || json_type(id) != JSON_STRING)
			abort();
		if (!is_blank(body) && !is_json(body, &arena, &doc))
			abort();
	}
	arena_fini(&arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct aicx_method method = {
		.size = sizeof method,
		.name = "thing.put",
		.rest = "PUT /v1/{id}/x",
		.success = 200,
	};
	static const struct aicx_method *const methods[] = { &method };
	struct fake *fake = fake_new();
	struct aicx_str rest = { (const char *)data, size };
	struct aicx_str id = str_cut(rest, '\n', &rest);
	struct aicx_http_request request = {
		.size = sizeof request,
		.method = STR("PUT"),
		.query = str_cut(rest, '\n', &rest),
		.body = rest,
	};
	/* What gateway_rest reads of header fields, all of them by one text. */
	const struct aicx_header headers[] = {
		{ STR("traceparent"), id },
		{ STR("If-None-Match"), id },
		{ STR("Accept-Encoding"), id },
		{ STR("Accept"), id },
	};
	struct aicx_exchange exchange = { .fake = fake };
	struct buf path = { 0 };
	void *settings = fake_settings(&aicx_plugin);
	void *state;

	fake->methods = methods;
	fake->n_methods = 1;
	if (aicx_plugin.open(&fake->table, fake_self(fake), settings, &state,
		NULL) != AICX_OK)
		abort();
	buf_text(&path, "/v1/");
	buf_str(&path, id);
	buf_text(&path, "/x");
	request.path = buf_view(&path);
	request.headers = headers;
	/* Without Accept most requests reach the method. */
	request.n_headers = id.len > 0 && id.ptr[0] == 'A' ? 4 : 3;
	aicx_plugin.ops.gateway->request(state, &exchange, &request);
	if (fake->n_responses != 1)
		abort();
	if (fake->n_calls > 0)
		check_call(fake->calls[0], request.body);
	aicx_plugin.close(state);
	buf_fini(&path);
	fake_free(fake);
	free(settings);
	return 0;
}
