/* SPDX-License-Identifier: Apache-2.0 */
/* methods.c - the methods of MCP, and those that need no more than a word. */
#include "methods.h"

#include "era.h"
#include "listen.h"

#include <string.h>

static const char instructions[] =
    "Tools named after capabilities buy them from agents of other owners, at "
    "the price their description tells and under a mandate that you or your "
    "owner granted before. search_agents finds what is sold; request_offers, "
    "accept_offer and execute do the same step by step. An idempotency key in "
    "_meta makes a repeated call safe: it is charged once.";

static void
put_server(struct print *out)
{
	print_key(out, "serverInfo");
	print_raw(out,
	    TEXT(
		"{\"name\":\"" MCP_NAME "\",\"version\":\"" MCP_VERSION "\"}"));
}

static void
put_instructions(struct print *out)
{
	print_key(out, "instructions");
	print_text(out, instructions);
}

/* The broker has said that the caller is known. */
static void
initialized(struct talk *talk, const struct aicx_answer *answer)
{
	const char *version = rpc_text(&talk->rpc, "protocolVersion");
	struct print *out = talk_begin(talk);

	(void)answer;
	print_key(out, "protocolVersion");
	print_text(out,
	    version != NULL && era_is_legacy(text_of(version)) ? version
							       : MCP_LEGACY);
	print_key(out, "capabilities");
	print_raw(out, TEXT("{\"tools\":{},\"resources\":{},\"prompts\":{}}"));
	put_server(out);
	put_instructions(out);
	talk_end(talk, (struct aicx_str) { NULL, 0 });
}

static void
initialize(struct talk *talk)
{
	if (rpc_text(&talk->rpc, "protocolVersion") == NULL)
		talk_error(
		    talk, RPC_BAD_PARAMS, "params.protocolVersion is missing");
	else
		talk_call(talk, "session.about", TEXT("{}"), NULL, initialized);
}

static void
discovered(struct talk *talk, const struct aicx_answer *answer)
{
	struct print *out = talk_begin(talk);

	(void)answer;
	print_key(out, "supportedVersions");
	print_raw(out, TEXT(ERA_VERSIONS));
	print_key(out, "capabilities");
	print_raw(out,
	    TEXT("{\"tools\":{\"listChanged\":true},\"resources\":{"
		 "\"listChanged\":true,\"subscribe\":true},\"prompts\":{}}"));
	put_server(out);
	put_instructions(out);
	talk_put_cache(talk, "public");
	talk_end(talk, (struct aicx_str) { NULL, 0 });
}

static void
discover(struct talk *talk)
{
	talk_call(talk, "session.about", TEXT("{}"), NULL, discovered);
}

static void
ping(struct talk *talk)
{
	(void)talk_begin(talk);
	talk_end(talk, (struct aicx_str) { NULL, 0 });
}

static void
prompts_list(struct talk *talk)
{
	struct print *out = talk_begin(talk);

	print_key(out, "prompts");
	print_raw(out, TEXT("[]"));
	talk_put_cache(talk, "public");
	talk_end(talk, (struct aicx_str) { NULL, 0 });
}

static void
prompts_get(struct talk *talk)
{
	talk_error(talk, RPC_BAD_PARAMS, "there are no prompts");
}

enum { LEGACY = 1u << ERA_LEGACY, MODERN = 1u << ERA_MODERN };

static const struct method {
	const char *name;
	unsigned eras;
	void (*run)(struct talk *talk);
} methods[] = {
	{ "initialize", LEGACY, initialize },
	{ "ping", LEGACY, ping },
	{ "server/discover", MODERN, discover },
	{ "tools/list", LEGACY | MODERN, tools_list },
	{ "tools/call", LEGACY | MODERN, tools_call },
	{ "resources/list", LEGACY | MODERN, resources_list },
	{ "resources/templates/list", LEGACY | MODERN, resources_templates },
	{ "resources/read", LEGACY | MODERN, resources_read },
	{ "subscriptions/listen", MODERN, listen_begin },
	{ "prompts/list", LEGACY | MODERN, prompts_list },
	{ "prompts/get", LEGACY | MODERN, prompts_get },
};

void
methods_run(struct talk *talk)
{
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
		if (strcmp(methods[i].name, talk->rpc.method) == 0 &&
		    (methods[i].eras & 1u << talk->era) != 0) {
			methods[i].run(talk);
			return;
		}
	talk_error(talk, RPC_NO_METHOD, "there is no such method");
}

/* --- notifications ------------------------------------------------ */

/* An id belongs to its client: the credential tells which that is. */
static bool
is_meant(const struct talk *talk, const struct talk *note, struct aicx_str id)
{
	return talk != note && talk->era == ERA_LEGACY && !talk->over &&
	    text_same(talk->rpc.id, id) &&
	    text_same(talk->credential, note->credential);
}

static void
cancel(struct talk *note)
{
	struct aicx_str id = slice_get(note->rpc.params_text, "requestId");

	for (size_t i = 0; id.ptr != NULL && i < MCP_BUCKETS; i++)
		for (struct talk *talk = note->mcp->talks[i]; talk != NULL;
		     talk = talk->next)
			if (is_meant(talk, note, id)) {
				talk_stop(talk);
				return;
			}
}

void
methods_note(struct talk *talk)
{
	if (talk->rpc.kind == RPC_NOTIFICATION && talk->era == ERA_LEGACY &&
	    strcmp(talk->rpc.method, "notifications/cancelled") == 0)
		cancel(talk);
	talk_accept(talk);
}
