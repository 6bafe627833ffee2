/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway_mcp.c - the Model Context Protocol over HTTP: POST /mcp.
 *
 * Tool calls become wire calls by the broker's method table; what is decided,
 * is decided there.  Both eras of the protocol live on the one endpoint:
 *
 *     door header   what the HTTP head says, and its repeats of the body
 *     rpc slice     one JSON-RPC message, and parts of JSON as written
 *     era           which era, and its checks in their order
 *     talk          one request from arrival to answer, with its wire calls
 *     methods       initialize, ping, server/discover and the like
 *     tools         tools/list, tools/call: the broker's own (desk) and what
 *                   agents sell (goods, schema, content)
 *     deal stream   a purchase under way, its progress as events
 *     resources     agents as resources
 *     till          x402: payers without an account
 *
 * And servers of others are sellers: their_work orders from them, their_job is
 * one errand, their_step goes by an answer, their_post carries a message;
 * their_server, their_tool and their_goods are what is known of them.
 */
#include "door.h"
#include "era.h"
#include "field.h"
#include "listen.h"
#include "methods.h"
#include "stream.h"
#include "their_goods.h"
#include "their_work.h"

#include <aiconexus/gateway.h>
#include <aiconexus/plugin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH "/mcp"
#define METADATA "/.well-known/oauth-protected-resource"

/* --- RFC 9728 ----------------------------------------------------- */

/* Only where an authorization server is configured. */
static void
serve_metadata(struct talk *talk)
{
	const struct mcp_settings *settings = talk->mcp->settings;
	struct print doc = { 0 };
	struct bytes resource = { 0 };
	struct aicx_exchange *exchange = talk->exchange;
	struct aicx_http_response response = { .size = sizeof response,
		.status = 200,
		.content_type = TEXT("application/json") };

	if (settings->authorization_server[0] == '\0') {
		talk_refuse(talk, 404, RPC_REFUSED, "OAuth is not configured");
		return;
	}
	talk_put_origin(talk, &resource);
	bytes_text(&resource, PATH);
	print_open(&doc, '{');
	print_key(&doc, "resource");
	print_str(&doc, bytes_view(&resource));
	print_key(&doc, "authorization_servers");
	print_open(&doc, '[');
	print_text(&doc, settings->authorization_server);
	print_close(&doc, ']');
	print_key(&doc, "bearer_methods_supported");
	print_raw(&doc, TEXT("[\"header\"]"));
	print_close(&doc, '}');
	response.body = bytes_view(&doc.bytes);
	talk_forget(talk);
	talk->mcp->host->respond(exchange, &response);
	print_fini(&doc);
	bytes_fini(&resource);
}

/* --- POST /mcp ---------------------------------------------------- */

static bool
is_visible(struct aicx_str text, size_t max)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] <= ' ' || text.ptr[i] >= 0x7f)
			return false;
	return text.len > 0 && text.len <= max;
}

/* Who asks; without a key of its own, over loopback, perhaps the guest's. */
static bool
take_credential(struct talk *talk)
{
	const char *guest = talk->mcp->settings->anonymous_key;

	if (!field_credential(talk->request, &talk->credential))
		return false;
	if (talk->credential.ptr == NULL && guest[0] != '\0' &&
	    door_is_loopback(talk->request))
		talk->credential = text_of(guest);
	if (talk->credential.ptr == NULL &&
	    talk->mcp->settings->payments != NULL) {
		talk->pays = true;
		talk->credential = text_of(talk->mcp->settings->payer_key);
	}
	return talk->credential.len > 0;
}

/* Keys of _meta win over header fields. */
static void
take_names(struct talk *talk)
{
	char name[128];
	const char *key;
	const char *trace =
	    json_string_value(rpc_meta(&talk->rpc, "traceparent"));

	(void)snprintf(name, sizeof name, "%s/idempotency_key",
	    talk->mcp->settings->prefix);
	key = json_string_value(rpc_meta(&talk->rpc, name));
	talk->key = key != NULL ? text_of(key)
				: door_field(talk->request, "Idempotency-Key");
	talk->correlation = trace != NULL
	    ? text_of(trace)
	    : door_field(talk->request, "traceparent");
	if (talk->correlation.ptr == NULL)
		talk->correlation = door_field(talk->request, "X-Request-Id");
	if (!is_visible(talk->correlation, TALK_ID_MAX))
		talk->correlation = (struct aicx_str) { NULL, 0 };
}

static void
take_message(struct talk *talk)
{
	int code = 0;
	const char *why = NULL;

	if (!rpc_read(talk->request->body, &talk->rpc, &code, &why)) {
		talk_refuse(talk, 400, code, why);
		return;
	}
	talk->era = era_of(talk);
	take_names(talk);
	if (!era_check(talk))
		return;
	if (talk->key.ptr != NULL && !is_visible(talk->key, TALK_KEY_MAX))
		talk_error(talk, RPC_BAD_PARAMS,
		    "the idempotency key is not 1 to 255 visible characters");
	else if (talk->rpc.kind != RPC_REQUEST)
		methods_note(talk);
	else
		methods_run(talk);
}

static bool
is_ours(const struct talk *talk)
{
	const struct mcp *mcp = talk->mcp;
	const char *url = mcp->host->public_url(mcp->self);

	return door_is_ours(talk->request, text_of(mcp->settings->hosts)) ||
	    (url != NULL &&
		door_is_ours(talk->request, door_host(text_of(url))));
}

static void
serve(struct talk *talk, struct aicx_str verb)
{
	if (!is_ours(talk))
		talk_refuse(talk, 403, RPC_REFUSED,
		    "Host or Origin is none of this server's");
	else if (!text_same(verb, TEXT("POST")))
		talk_refuse(talk, 405, RPC_REFUSED, "this path takes POST");
	else if (!take_credential(talk))
		talk_unauthorized(talk);
	else if (!door_brings_json(talk->request))
		talk_refuse(
		    talk, 415, RPC_REFUSED, "the body is not application/json");
	else
		take_message(talk);
}

/* --- the plugin --------------------------------------------------- */

static void
mcp_request(void *state, struct aicx_exchange *exchange,
    const struct aicx_http_request *request)
{
	struct mcp *mcp = state;
	struct talk *talk = talk_new(mcp, exchange, request);
	struct aicx_http_response failure = { .size = sizeof failure,
		.status = 503 };

	if (talk == NULL)
		mcp->host->respond(exchange, &failure);
	else if (text_same(request->path, TEXT(PATH)))
		serve(talk, request->method);
	else if (text_same(request->path, TEXT(METADATA)) ||
	    text_same(request->path, TEXT(METADATA PATH)))
		serve_metadata(talk);
	else
		talk_refuse(talk, 404, RPC_REFUSED, "nothing is here");
	if (talk != NULL)
		talk_release(talk);
}

static void
mcp_cancel(void *state, struct aicx_exchange *exchange)
{
	struct talk *talk = talk_of(state, exchange);

	if (talk != NULL)
		talk_drop(talk);
}

static void
mcp_drained(void *state, struct aicx_exchange *exchange)
{
	struct talk *talk = talk_of(state, exchange);

	if (talk != NULL)
		stream_drained(talk);
}

static const char *const *
mcp_prefixes(void *state)
{
	static const char *const prefixes[] = { PATH, METADATA, NULL };

	(void)state;
	return prefixes;
}

static aicx_err
mcp_open(const struct aicx_host *host, struct aicx_self *self,
    const void *settings, void **ret_state, struct aicx_error *reterr)
{
	struct mcp *mcp = calloc(1, sizeof *mcp);

	if (mcp == NULL)
		return AICX_ENOMEM;
	mcp->host = host;
	mcp->self = self;
	mcp->settings = settings;
	if (!their_prices_are_good(mcp->settings->prices)) {
		free(mcp);
		reterr->code = AICX_EINVAL;
		(void)snprintf(reterr->text, sizeof reterr->text,
		    "prices are not written as \"TOOL=0.01 AIC, ...\"");
		return AICX_EINVAL;
	}
	*ret_state = mcp;
	return AICX_OK;
}

static void
mcp_close(void *state)
{
	struct mcp *mcp = state;

	for (size_t i = 0; i < MCP_BUCKETS; i++)
		while (mcp->talks[i] != NULL)
			talk_drop(mcp->talks[i]);
	their_close(mcp);
	listen_close(mcp);
	free(mcp);
}

static void
mcp_drain(void *state)
{
	listen_end_all(state);
}

static const struct aicx_option mcp_options[] = {
	{
	    AICX_FIELD(struct mcp_settings, hosts),
	    .type = AICX_OPT_STR,
	    .fallback = "localhost 127.0.0.1 [::1]",
	    .help = "Names by which clients may call this server (Host, "
		    "Origin), beside that of the broker's public_url.",
	},
	{
	    AICX_FIELD(struct mcp_settings, anonymous_key),
	    .type = AICX_OPT_STR,
	    .flags = AICX_OPTF_SECRET,
	    .fallback = "",
	    .help = "API key under which requests without one act, over "
		    "loopback only; empty: they are refused.",
	},
	{
	    AICX_FIELD(struct mcp_settings, payments),
	    .type = AICX_OPT_REF,
	    .min = AICX_PAYMENT,
	    .help = "Payment plugin that sells to clients without an account: "
		    "the name of a payment x402 section.",
	},
	{
	    AICX_FIELD(struct mcp_settings, payer_key),
	    .type = AICX_OPT_STR,
	    .flags = AICX_OPTF_SECRET,
	    .fallback = "",
	    .help = "API key under which those clients see what is sold.",
	},
	{
	    AICX_FIELD(struct mcp_settings, authorization_server),
	    .type = AICX_OPT_STR,
	    .fallback = "",
	    .help = "Issuer that the document of RFC 9728 names; empty: there "
		    "is none.",
	},
	{
	    AICX_FIELD(struct mcp_settings, prefix),
	    .type = AICX_OPT_STR,
	    .fallback = "example.aiconexus",
	    .help = "Prefix of own keys in _meta: the operator's domain, "
		    "reversed.",
	},
	{
	    AICX_FIELD(struct mcp_settings, page),
	    .type = AICX_OPT_INT,
	    .fallback = "100",
	    .min = 1,
	    .max = 500,
	    .help = "Capabilities in one page of tools/list.",
	},
	{
	    AICX_FIELD(struct mcp_settings, ttl),
	    .type = AICX_OPT_MSEC,
	    .fallback = "60s",
	    .min = 0,
	    .max = 86400000,
	    .help = "How long clients may keep lists (2026-07-28).",
	},
	{
	    AICX_FIELD(struct mcp_settings, allow),
	    .type = AICX_OPT_STR,
	    .fallback = "",
	    .help = "Hosts and addresses of sellers' servers that are asked "
		    "though they are private, separated by commas.",
	},
	{
	    AICX_FIELD(struct mcp_settings, ca_file),
	    .type = AICX_OPT_STR,
	    .fallback = "",
	    .help = "PEM file of authorities besides the system's.",
	},
	{
	    AICX_FIELD(struct mcp_settings, prices),
	    .type = AICX_OPT_STR,
	    .fallback = "",
	    .help = "Prices of sellers' tools that a registration leaves "
		    "open: \"TOOL=0.01 AIC, ...\".",
	},
	{
	    AICX_FIELD(struct mcp_settings, timeout),
	    .type = AICX_OPT_MSEC,
	    .fallback = "60s",
	    .min = 100,
	    .max = 3600000,
	    .help = "The longest a seller's server may take, whatever the "
		    "deal allows.",
	},
	{
	    AICX_FIELD(struct mcp_settings, relist),
	    .type = AICX_OPT_MSEC,
	    .fallback = "60s",
	    .min = 0,
	    .max = 86400000,
	    .help = "How long a seller's list of tools is believed.",
	},
	{
	    AICX_FIELD(struct mcp_settings, max_answer),
	    .type = AICX_OPT_SIZE,
	    .fallback = "1m",
	    .min = 1024,
	    .max = 16777216,
	    .help = "The largest answer of a seller's server that is taken.",
	},
	{ .name = NULL },
};

static const struct aicx_gateway_ops mcp_ops = {
	.size = sizeof mcp_ops,
	.prefixes = mcp_prefixes,
	.request = mcp_request,
	.cancel = mcp_cancel,
	.drained = mcp_drained,
	.speaks = their_speaks,
	.execute = their_execute,
	.describe = their_describe,
	.recall = their_recall,
};

const struct aicx_plugin aicx_plugin = {
	AICX_PLUGIN_HEAD(AICX_GATEWAY),
	.name = "mcp",
	.version = MCP_VERSION,
	.license = "Apache-2.0",
	.summary = "Model Context Protocol: capabilities as tools",
	.options = mcp_options,
	.settings_size = sizeof(struct mcp_settings),
	.ops.gateway = &mcp_ops,
	.open = mcp_open,
	.close = mcp_close,
	.drain = mcp_drain,
};
