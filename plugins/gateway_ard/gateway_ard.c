/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway_ard.c - how others find what is sold here: an AI Catalog 1.0, and a
 * registry by Agentic Resource Discovery 0.9.
 *
 *     talk            one request: wire calls, one answer
 *     stock entry     the agents as catalog entries, kept for a second
 *     manifest        /.well-known/ai-catalog.json
 *     registry page   search, explore, the listing; pages of them
 *     path grammar    filters
 */
#include "field.h"
#include "manifest.h"
#include "reached.h"
#include "registry.h"
#include "stock.h"

#include <stdlib.h>
#include <string.h>

enum { QUERY_MAX = 16, PART_DIGITS_MAX = 5 };

/* --- who is asked, and as what ---------------------------------------------
 */

/* Terminated; false: nobody has said under which URL we are reached. */
static bool
set_origin(struct talk *talk, const struct aicx_http_request *request)
{
	const struct ard *ard = talk->ard;
	struct aicx_str host = { NULL, 0 };

	(void)field_find(request, TEXT("Host"), &host);
	if (reached_url(ard->host, ard->self, host, &talk->origin))
		return true;
	talk_refuse(talk, 500,
	    "the operator has not said under which URL the broker is reached");
	return false;
}

static bool
set_credential(struct talk *talk, const struct aicx_http_request *request)
{
	struct aicx_str credential;

	if (talk->ard->settings->open)
		return true; /* everybody gets the same */
	if (field_credential(request, &credential) && credential.len > 0) {
		bytes_str(&talk->credential, credential);
		return true;
	}
	talk_refuse(talk, 401, "a bearer credential is needed");
	return false;
}

/* --- what is asked ---------------------------------------------------------
 */

static bool
take_prefix(struct aicx_str *path, struct aicx_str prefix)
{
	if (path->len < prefix.len ||
	    memcmp(path->ptr, prefix.ptr, prefix.len) != 0)
		return false;
	path->ptr += prefix.len;
	path->len -= prefix.len;
	return true;
}

static enum talk_kind
kind_of(struct aicx_str path, struct aicx_str *ret_name)
{
	*ret_name = (struct aicx_str) { NULL, 0 };
	if (text_same(path, TEXT("/.well-known/ai-catalog.json")) ||
	    text_same(path, TEXT("/.well-known/ard.json")))
		return TALK_MANIFEST;
	if (text_same(path, TEXT(ARD_BASE "/search")))
		return TALK_SEARCH;
	if (text_same(path, TEXT(ARD_BASE "/explore")))
		return TALK_EXPLORE;
	if (text_same(path, TEXT(ARD_BASE "/agents")))
		return TALK_AGENTS;
	*ret_name = path;
	if (take_prefix(ret_name, TEXT(ARD_BASE "/agents/")))
		return TALK_AGENT;
	if (!take_prefix(ret_name, TEXT(ARD_BASE "/catalogs/")) ||
	    ret_name->len == 0 || ret_name->len > PART_DIGITS_MAX)
		return TALK_NONE;
	for (size_t i = 0; i < ret_name->len; i++)
		if (ret_name->ptr[i] < '0' || ret_name->ptr[i] > '9')
			return TALK_NONE;
	return TALK_CATALOG;
}

static bool
add_pair(json_t *pairs, struct aicx_str pair)
{
	struct bytes name = { 0 };
	struct bytes value = { 0 };
	struct aicx_str raw_value;
	struct aicx_str raw_name = text_cut(pair, '=', &raw_value);
	bool good = bytes_form(&name, raw_name) &&
	    bytes_form(&value, raw_value) && !name.failed && !value.failed;

	bytes_char(&name, '\0');
	good = good &&
	    json_object_set_new(pairs, name.ptr,
		json_stringn(value.len > 0 ? value.ptr : "", value.len)) == 0;
	bytes_fini(&name);
	bytes_fini(&value);
	return good;
}

static bool
take_query(struct talk *talk, struct aicx_str query)
{
	talk->ask = json_object();
	while (query.len > 0) {
		struct aicx_str pair = text_cut(query, '&', &query);
		if (pair.len == 0)
			continue;
		if (json_object_size(talk->ask) < QUERY_MAX &&
		    add_pair(talk->ask, pair))
			continue;
		talk_refuse(talk, 400, "the query is malformed");
		return false;
	}
	return true;
}

static bool
take_body(struct talk *talk, const struct aicx_http_request *request)
{
	struct aicx_str media = { NULL, 0 };
	struct aicx_str rest;
	json_error_t why;

	(void)field_find(request, TEXT("Content-Type"), &media);
	if (media.len > 0 &&
	    !text_alike(text_trim(text_cut(media, ';', &rest)),
		TEXT("application/json"))) {
		talk_refuse(talk, 415, "the body is no application/json");
		return false;
	}
	talk->ask =
	    json_loadb(request->body.ptr != NULL ? request->body.ptr : "",
		request->body.len, JSON_REJECT_DUPLICATES, &why);
	if (json_is_object(talk->ask))
		return true;
	talk_refuse(talk, 400, "the body is no JSON object");
	return false;
}

/* --- requests --------------------------------------------------------------
 */

static void
run(struct talk *talk)
{
	switch (talk->kind) {
	case TALK_MANIFEST:
		stock_need(talk, manifest_serve);
		return;
	case TALK_CATALOG:
		stock_need(talk, manifest_serve_part);
		return;
	case TALK_SEARCH:
		registry_search(talk);
		return;
	case TALK_EXPLORE:
		registry_explore(talk);
		return;
	case TALK_AGENTS:
		registry_agents(talk);
		return;
	case TALK_AGENT:
		registry_agent(talk);
		return;
	case TALK_NONE:
		talk_refuse(talk, 404, "nothing answers this path");
		return;
	}
}

static void
begin(struct talk *talk, const struct aicx_http_request *request)
{
	struct aicx_str name;
	bool post;

	talk->kind = kind_of(request->path, &name);
	bytes_str(&talk->name, name);
	post = talk->kind == TALK_SEARCH || talk->kind == TALK_EXPLORE;
	if (talk->kind == TALK_NONE) {
		run(talk);
		return;
	}
	if (post ? !text_same(request->method, TEXT("POST"))
		 : !text_same(request->method, TEXT("GET")) &&
		    !text_same(request->method, TEXT("HEAD"))) {
		talk_refuse_method(talk, post ? "POST" : "GET, HEAD");
		return;
	}
	if (set_origin(talk, request) &&
	    (talk->kind == TALK_MANIFEST || set_credential(talk, request)) &&
	    (post ? take_body(talk, request)
		  : take_query(talk, request->query)))
		run(talk);
}

static void
ard_request(void *state, struct aicx_exchange *exchange,
    const struct aicx_http_request *request)
{
	struct ard *ard = state;
	const struct aicx_http_response full = { .size = sizeof full,
		.status = 503 };
	struct talk *talk = talk_new(ard, exchange, request);

	if (talk == NULL) {
		ard->host->respond(exchange, &full);
		return;
	}
	talk_hold(talk);
	begin(talk, request);
	talk_release(talk);
}

static void
ard_cancel(void *state, struct aicx_exchange *exchange)
{
	struct talk *talk = ((struct ard *)state)->talks;

	while (talk != NULL && talk->exchange != exchange)
		talk = talk->next;
	if (talk != NULL)
		talk_leave(talk);
}

/* --- the plugin ------------------------------------------------------------
 */

static const char *const *
ard_prefixes(void *state)
{
	static const char *const prefixes[] = { ARD_BASE "/",
		"/.well-known/ai-catalog.json", "/.well-known/ard.json", NULL };

	(void)state;
	return prefixes;
}

static void
ard_close(void *state)
{
	struct ard *ard = state;

	while (ard->talks != NULL)
		talk_leave(ard->talks);
	stock_drop(ard);
	free(ard);
}

static aicx_err
ard_open(const struct aicx_host *host, struct aicx_self *self,
    const void *settings, void **ret_state, struct aicx_error *reterr)
{
	struct ard *ard = calloc(1, sizeof *ard);

	(void)reterr;
	if (ard == NULL)
		return AICX_ENOMEM;
	ard->host = host;
	ard->self = self;
	ard->settings = settings;
	*ret_state = ard;
	return AICX_OK;
}

/* clang-format off */
static const struct aicx_option ard_options[] = {
	{ AICX_FIELD(struct settings, name), .type = AICX_OPT_STR, .fallback = "AIConexus", .help = "Name of the catalog's host." },
	{ AICX_FIELD(struct settings, description), .type = AICX_OPT_STR, .fallback = "A broker that finds sellers, bargains, signs, pays and proves it.", .help = "What its own entries say." },
	{ AICX_FIELD(struct settings, publisher), .type = AICX_OPT_STR, .fallback = "", .help = "Domain in identifiers; empty: that of public_url." },
	{ AICX_FIELD(struct settings, open), .type = AICX_OPT_BOOL, .fallback = "yes", .help = "The registry is for everybody; no: a bearer credential is needed." },
	{ AICX_FIELD(struct settings, a2a), .type = AICX_OPT_BOOL, .fallback = "yes", .help = "List the agents by their A2A cards, which gateway_a2a serves." },
	{ AICX_FIELD(struct settings, mcp), .type = AICX_OPT_BOOL, .fallback = "yes", .help = "List the MCP server, which gateway_mcp is." },
	{ .name = "max_age", .offset = offsetof(struct settings, max_age_ms), .size = sizeof(int64_t), .type = AICX_OPT_MSEC, .fallback = "60s", .max = 86400000, .help = "How long others may keep the catalog." },
	{ AICX_FIELD(struct settings, agents_max), .type = AICX_OPT_INT, .fallback = "10000", .min = 1, .max = 10000, .help = "Agents that are listed at most." },
	{ AICX_FIELD(struct settings, per_catalog), .type = AICX_OPT_INT, .fallback = "100", .min = 1, .max = 1000, .help = "Agents in one file; more are listed in parts." },
	{ .name = NULL },
};
/* clang-format on */

static const struct aicx_gateway_ops ard_ops = {
	.size = sizeof ard_ops,
	.prefixes = ard_prefixes,
	.request = ard_request,
	.cancel = ard_cancel,
};

const struct aicx_plugin aicx_plugin = {
	AICX_PLUGIN_HEAD(AICX_GATEWAY),
	.name = "ard",
	.version = "0.1.0",
	.license = "Apache-2.0",
	.summary =
	    "AI Catalog and Agentic Resource Discovery: what is sold here",
	.options = ard_options,
	.settings_size = sizeof(struct settings),
	.ops.gateway = &ard_ops,
	.open = ard_open,
	.close = ard_close,
};
