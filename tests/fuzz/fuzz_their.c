/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_their.c - what somebody's MCP server answers the broker: events with
 * messages of any bytes, taken as its list of tools and as a call's result.
 */
/* clang-format off */
/* fuzz: -Iplugins/lib -Iplugins/gateway_mcp plugins/gateway_mcp/their_tool.c plugins/gateway_mcp/schema.c plugins/gateway_mcp/rpc.c plugins/gateway_mcp/print.c plugins/lib/events.c plugins/lib/slice.c plugins/lib/bytes.c plugins/lib/text.c -ljansson -lm */
/* clang-format on */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "events.h"
#include "rpc.h"
#include "their_tool.h"

static void
must(bool fact)
{
	if (!fact)
		abort();
}

static void
must_be_json(const struct bytes *text)
{
	json_t *value =
	    json_loadb(text->ptr, text->len, JSON_DECODE_INT_AS_REAL, NULL);

	must(value != NULL);
	json_decref(value);
}

static void
take_tools(struct aicx_str result)
{
	struct their_tools tools = { .n = 0 };
	struct aicx_str cursor;

	if (their_tools_take(&tools, result, &cursor))
		for (size_t i = 0; i < tools.n; i++) {
			const struct their_tool *tool = &tools.list[i];
			struct bytes name = { 0 };
			must_be_json(&tool->input_schema);
			their_tool_name(tool, &name);
			must(name.len > 0 && name.len <= THEIR_NAME_MAX);
			must(
			    their_tool_is(tool, bytes_view(&tool->input_schema),
				(struct aicx_str) { NULL, 0 }));
			bytes_fini(&name);
		}
	their_tools_fini(&tools);
}

static void
take_message(struct aicx_str text)
{
	struct rpc rpc = { .doc = NULL };
	struct bytes output = { 0 }, detail = { 0 };
	const char *why;
	int code;

	if (rpc_read(text, &rpc, &code, &why) && rpc.kind == RPC_RESPONSE) {
		struct aicx_str result = slice_get(text, "result");
		take_tools(result);
		if (their_output(result, false, &output, &why, &detail))
			must_be_json(&output);
		else
			must(text_is_utf8(bytes_view(&detail)));
	}
	bytes_fini(&output);
	bytes_fini(&detail);
	rpc_fini(&rpc);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct events events = { .at = 0 };
	struct aicx_str one;

	take_message((struct aicx_str) { (const char *)data, size });
	events_put(&events, (struct aicx_str) { (const char *)data, size });
	while (events_next(&events, &one))
		take_message(one);
	events_fini(&events);
	return 0;
}
