/* SPDX-License-Identifier: Apache-2.0 */
/*
 * their_tool.h - what somebody's MCP server says of its tools, and a call's
 * result.  Schemas pass as they are written.
 */
#ifndef THEIR_TOOL_H
#define THEIR_TOOL_H

#include "print.h"

#include <jansson.h>

enum {
	THEIR_TOOLS_MAX = 64, /* as many as an agent has capabilities */
	THEIR_NAME_MAX = 128,
	THEIR_DESCRIPTION_MAX = 4000,
	THEIR_SCHEMA_MAX = 65536
};

struct their_tool {
	struct bytes name, description; /* the second is JSON, or empty */
	struct bytes input_schema,
	    output_schema; /* JSON; the second or empty */
};

struct their_tools {
	struct their_tool list[THEIR_TOOLS_MAX];
	size_t n;
};

void their_tools_fini(struct their_tools *tools);
/* The tools of a tools/list result, behind those that are there; what cannot be
   sold is left out.  false: it is no list.  *ret_cursor: of the next page as
   it is written, with its quotes, or absent. */
bool their_tools_take(struct their_tools *tools, struct aicx_str result,
    struct aicx_str *ret_cursor);
/* By the name at the server; or NULL. */
const struct their_tool *their_tools_find(
    const struct their_tools *tools, struct aicx_str name);
/* Its name as a capability: small letters, digits, ". _ -". */
void their_tool_name(const struct their_tool *tool, struct bytes *ret_name);
/* It still is what it was registered as; absent schemas are not compared. */
bool their_tool_is(const struct their_tool *tool, struct aicx_str input_schema,
    struct aicx_str output_schema);

/* A CallToolResult: output is JSON; false: *ret_code is why it is none, and
   detail says so. */
bool their_output(struct aicx_str result, bool has_output_schema,
    struct bytes *ret_output, const char **ret_code, struct bytes *ret_detail);

#endif
