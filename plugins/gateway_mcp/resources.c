/* SPDX-License-Identifier: Apache-2.0 */
/* resources.c - agents as resources: aiconexus://agents and one for each. */
#include "methods.h"

#include <string.h>

#define AGENTS "aiconexus://agents"

void
resources_list(struct talk *talk)
{
	struct print *out = talk_begin(talk);

	print_key(out, "resources");
	print_raw(out,
	    TEXT("[{\"uri\":\"" AGENTS
		 "\",\"name\":\"agents\",\"description\":\"Agents that sell "
		 "here\",\"mimeType\":\"application/json\"}]"));
	talk_put_cache(talk, "public");
	talk_end(talk, (struct aicx_str) { NULL, 0 });
}

void
resources_templates(struct talk *talk)
{
	struct print *out = talk_begin(talk);

	print_key(out, "resourceTemplates");
	print_raw(out,
	    TEXT("[{\"uriTemplate\":\"" AGENTS
		 "/{id}\",\"name\":\"agent\",\"description\":\"One agent's "
		 "entry\",\"mimeType\":\"application/json\"}]"));
	talk_put_cache(talk, "public");
	talk_end(talk, (struct aicx_str) { NULL, 0 });
}

static void
unknown(struct talk *talk)
{
	talk_error(talk,
	    talk->era == ERA_MODERN ? RPC_BAD_PARAMS : RPC_NO_RESOURCE,
	    "unknown resource");
}

static void
read_(struct talk *talk, const struct aicx_answer *answer)
{
	struct print *out;

	if (answer->status >= 500) {
		talk_error(talk, RPC_INTERNAL, "the broker does not answer");
		return;
	}
	if (answer->status >= 400) {
		unknown(talk);
		return;
	}
	out = talk_begin(talk);
	print_key(out, "contents");
	print_open(out, '[');
	print_open(out, '{');
	print_key(out, "uri");
	print_text(out, rpc_text(&talk->rpc, "uri"));
	print_key(out, "mimeType");
	print_text(out, "application/json");
	print_key(out, "text");
	print_str(out, answer->body);
	print_close(out, '}');
	print_close(out, ']');
	talk_put_cache(talk, "private");
	talk_end(talk, (struct aicx_str) { NULL, 0 });
}

void
resources_read(struct talk *talk)
{
	const char *uri = rpc_text(&talk->rpc, "uri");
	struct print params = { 0 };

	if (uri == NULL) {
		talk_error(talk, RPC_BAD_PARAMS, "params.uri is missing");
	} else if (strcmp(uri, AGENTS) == 0) {
		talk_call(talk, "discovery.search", TEXT("{\"limit\":500}"),
		    NULL, read_);
	} else if (strncmp(uri, AGENTS "/", sizeof AGENTS) == 0) {
		print_open(&params, '{');
		print_key(&params, "agent_id");
		print_text(&params, uri + sizeof AGENTS);
		print_close(&params, '}');
		talk_call(talk, "discovery.get_agent",
		    bytes_view(&params.bytes), NULL, read_);
		print_fini(&params);
	} else {
		unknown(talk);
	}
}
