/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_tool.c - what an MCP server writes to aicx sell --mcp: lines of any
 * bytes, taken as its list of tools and as a call's result.
 */
/* clang-format off */
/* fuzz: core/cli/tool.c */
/* clang-format on */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "cli/tool.h"

static void
take_tools(struct tools *tools, struct json_ref body, struct arena *arena)
{
	struct aicx_str cursor;

	(void)tools_take(tools, body, "a", arena, &cursor, NULL);
	ENSURE(tools->n <= TOOLS_MAX);
	for (size_t i = 0; i < tools->n; i++) {
		struct json doc;
		ENSURE(json_parse(str_of(tools->list[i].input_schema), arena,
			   &doc, NULL) == AICX_OK);
		ENSURE(strlen(tools->list[i].capability) <= TOOL_NAME_MAX);
	}
}

static void
take_result(struct json_ref body, struct arena *arena)
{
	struct buf output = { 0 };
	struct json doc;

	/* What is delivered is one JSON value. */
	if (tool_output(body, false, arena, &output, NULL) == AICX_OK)
		ENSURE(json_parse(buf_view(&output), arena, &doc, NULL) ==
		    AICX_OK);
	buf_fini(&output);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tools tools = { .n = 0 }, before = { .n = 0 };
	struct aicx_str line, rest = { (const char *)data, size };
	struct arena arena = { 0 };
	struct tool_message message;

	for (int i = 0; i < 8 && rest.len > 0; i++) {
		line = str_cut(rest, '\n', &rest);
		if (tool_message_read(line, &arena, &message, NULL) != AICX_OK)
			continue;
		take_tools(&tools, message.body, &arena);
		take_result(message.body, &arena);
	}
	tools_compare(&tools, &before, 1);
	tools_fini(&tools);
	arena_fini(&arena);
	return 0;
}
