/* SPDX-License-Identifier: Apache-2.0 */
/* era.c - which of MCP's two eras a request belongs to. */
#include "era.h"

#include "door.h"
#include "header.h"

#include <string.h>

#define META "io.modelcontextprotocol/"

bool
era_is_legacy(struct aicx_str version)
{
	return text_same(version, TEXT("2025-11-25")) ||
	    text_same(version, TEXT("2025-06-18")) ||
	    text_same(version, TEXT("2025-03-26"));
}

enum era
era_of(const struct talk *talk)
{
	struct aicx_str version =
	    door_field(talk->request, "MCP-Protocol-Version");

	if (rpc_meta(&talk->rpc, META "protocolVersion") != NULL ||
	    (version.ptr != NULL && !era_is_legacy(version)))
		return ERA_MODERN;
	return ERA_LEGACY;
}

/* --- 2026-07-28 --------------------------------------------------- */

static bool
bad(struct talk *talk, int code, const char *why)
{
	talk_error(talk, code, why);
	return false;
}

static bool
check_version(struct talk *talk)
{
	struct aicx_str field =
	    door_field(talk->request, "MCP-Protocol-Version");
	const char *version =
	    json_string_value(rpc_meta(&talk->rpc, META "protocolVersion"));
	struct print data = { 0 };

	if (field.ptr == NULL)
		return bad(talk, RPC_BAD_HEADER,
		    "the header MCP-Protocol-Version is missing");
	if (version == NULL ||
	    !json_is_object(rpc_meta(&talk->rpc, META "clientCapabilities")))
		return bad(talk, RPC_BAD_PARAMS,
		    "params._meta needs " META "protocolVersion and " META
		    "clientCapabilities");
	if (!text_same(field, text_of(version)))
		return bad(talk, RPC_BAD_HEADER,
		    "the header MCP-Protocol-Version differs from "
		    "params._meta");
	if (strcmp(version, MCP_MODERN) == 0)
		return true;
	print_open(&data, '{');
	print_key(&data, "supported");
	print_raw(&data, TEXT(ERA_VERSIONS));
	print_key(&data, "requested");
	print_text(&data, version);
	print_close(&data, '}');
	talk_error_data(talk, RPC_BAD_VERSION, 400,
	    "this protocol version is not supported", bytes_view(&data.bytes));
	print_fini(&data);
	return false;
}

/* What Mcp-Name repeats, or NULL. */
static const char *
name_of(const struct rpc *rpc)
{
	if (strcmp(rpc->method, "tools/call") == 0 ||
	    strcmp(rpc->method, "prompts/get") == 0)
		return rpc_text(rpc, "name");
	if (strcmp(rpc->method, "resources/read") == 0)
		return rpc_text(rpc, "uri");
	return NULL;
}

static bool
check_modern(struct talk *talk)
{
	const char *name = name_of(&talk->rpc);

	if (!check_version(talk))
		return false;
	if (!text_same(door_field(talk->request, "Mcp-Method"),
		text_of(talk->rpc.method)))
		return bad(talk, RPC_BAD_HEADER,
		    "the header Mcp-Method is missing or differs from the "
		    "body's method");
	if (name != NULL &&
	    !header_says(talk->request, "Mcp-Name", text_of(name)))
		return bad(talk, RPC_BAD_HEADER,
		    "the header Mcp-Name is missing or differs from the body");
	return true;
}

/* --- before ------------------------------------------------------- */

static bool
check_legacy(struct talk *talk)
{
	if (!door_takes(talk->request, "application/json") &&
	    !door_takes(talk->request, "text/event-stream")) {
		talk_refuse(talk, 406, RPC_REFUSED,
		    "answers are application/json or text/event-stream");
		return false;
	}
	return true;
}

bool
era_check(struct talk *talk)
{
	return talk->era == ERA_MODERN ? check_modern(talk)
				       : check_legacy(talk);
}
