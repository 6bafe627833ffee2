/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tool.h - what an MCP server says: its messages, its tools, a call's result.
 *
 * Schemas stay the text they came as.
 */
#ifndef CLI_TOOL_H
#define CLI_TOOL_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"

#include <aiconexus/types.h>
#include <stdbool.h>

enum {
	TOOLS_MAX = 64, /* as many as an agent has capabilities */
	TOOL_NAME_MAX = 128,
	TOOL_DESCRIPTION_MAX = 4096, /* more is cut */
	TOOL_SCHEMA_MAX = 65536 /* a tool with a larger one is left out */
};

/* --- messages (JSON-RPC 2.0) ------------------------------------------- */

enum tool_message_kind {
	TOOL_REQUEST,
	TOOL_NOTIFICATION,
	TOOL_RESULT,
	TOOL_ERROR
};

struct tool_message {
	enum tool_message_kind kind;
	struct json_ref id; /* of all but a notification */
	struct aicx_str method; /* of the first two */
	struct json_ref body; /* params, result or error; may be absent */
};

/* One line; word "malformed". */
aicx_err tool_message_read(struct aicx_str line, struct arena *arena,
    struct tool_message *ret, struct aicx_error *reterr);

/* --- tools ------------------------------------------------------------- */

struct tool {
	char *name; /* as the server has it */
	char *capability; /* [a-z0-9._-] */
	char *description; /* or NULL */
	char *input_schema, *output_schema; /* JSON; the second may be NULL */
	int64_t changed_ms; /* wall clock; 0: as it was at the start */
};

struct tools {
	struct tool list[TOOLS_MAX];
	size_t n;
	size_t n_left_out; /* bad names, too many, too large */
};

void tools_fini(struct tools *tools);
/* The tools of one page of tools/list, behind those that are there; prefix: of
   capability names, or NULL.  *ret_cursor: of the next page, or absent. */
aicx_err tools_take(struct tools *tools, struct json_ref page,
    const char *prefix, struct arena *arena, struct aicx_str *ret_cursor,
    struct aicx_error *reterr);
/* What differs from before, or was not there, changed at now_ms; what is as it
   was keeps its time. */
void tools_compare(
    struct tools *tools, const struct tools *before, int64_t now_ms);
/* By the name of the capability; or NULL. */
const struct tool *tools_find(
    const struct tools *tools, struct aicx_str capability);

/* --- results ----------------------------------------------------------- */

/* A CallToolResult as output of work: its structuredContent, else
   {"content":[...]}.  An error: why it is a failure; word "tool_failed" when
   the tool says so itself, "invalid_output" when it is not what was promised.
 */
aicx_err tool_output(struct json_ref result, bool has_output_schema,
    struct arena *arena, struct buf *ret_output, struct aicx_error *reterr);

#endif
