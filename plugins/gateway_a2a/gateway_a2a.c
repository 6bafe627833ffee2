/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway_a2a.c - A2A 1.0 on the broker: cards, and tasks that are deals.
 *
 * It turns operations into wire calls and answers into tasks; what a deal is,
 * may cost and comes to is the broker's.
 *
 *     door         which operation, binding and agent a path means
 *     ask          what the header fields ask for
 *     op           one operation under way: wire calls, one answer
 *     send accept  a message that becomes a task; offers, one accepted
 *     task tasks   a deal as a task; reading, listing, cancelling
 *     stream push  a task as it goes on, to who waits or to a URL
 *     record       what is kept of a task beside its deal
 *     card cards   agent cards, signed and cached
 *     provider job shelf   agents of others as sellers: errands to them, their
 * cards their_card their_seal their_task their_work   what they say and do
 *     canon fault message   texts, errors, parts
 */
#include "cards.h"
#include "op.h"
#include "provider.h"
#include "push.h"
#include "send.h"
#include "shelf.h"
#include "stream.h"
#include "tasks.h"
#include "their_seal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- shared by the files ------------------------------------------------- */

const struct aicx_method *
gateway_method(struct gateway *gateway, const char *name)
{
	size_t n = 0;
	const struct aicx_method *const *methods =
	    gateway->host->methods(gateway->self, &n);

	for (size_t i = 0; i < n; i++)
		if (strcmp(methods[i]->name, name) == 0)
			return methods[i];
	return NULL;
}

/* "127.0.0.1:8700", "localhost", "[::1]:1": names that mean the client's own
   machine wherever they are read. */
static bool
is_loopback(struct aicx_str host)
{
	struct aicx_str port;
	struct aicx_str name;

	if (host.len > 0 && *host.ptr == '[') {
		name = text_cut(host, ']', &port);
		if (!text_same(name, TEXT("[::1")))
			return false;
		if (port.len > 0 && *port.ptr == ':')
			port = (struct aicx_str) { port.ptr + 1, port.len - 1 };
	} else {
		name = text_cut(host, ':', &port);
		if (!text_same(name, TEXT("127.0.0.1")) &&
		    !text_alike(name, TEXT("localhost")))
			return false;
	}
	for (size_t i = 0; i < port.len; i++)
		if (port.ptr[i] < '0' || port.ptr[i] > '9')
			return false;
	return port.len <= 5;
}

bool
gateway_origin(
    const struct gateway *gateway, struct aicx_str host, struct bytes *out)
{
	const char *url = gateway->host->public_url(gateway->self);

	if (url != NULL) {
		bytes_text(out, url);
	} else if (is_loopback(host)) {
		bytes_text(out, "http://");
		bytes_str(out, host);
	} else {
		return false;
	}
	bytes_char(out, '\0');
	out->len--;
	return !out->failed;
}

/* --- operations -------------------------------------------------------------
 */

static void
unsupported(struct op *op)
{
	op_refuse(op, FAULT_UNSUPPORTED, "", "the card does not declare this");
}

static void
run(struct op *op)
{
	static void (*const operations[OP_N])(struct op *) = {
		[OP_SEND] = send_message,
		[OP_STREAM] = send_message,
		[OP_GET] = tasks_get,
		[OP_LIST] = tasks_list,
		[OP_CANCEL] = tasks_cancel,
		[OP_SUBSCRIBE] = stream_subscribe,
		[OP_PUSH_CREATE] = push_create,
		[OP_PUSH_GET] = push_get,
		[OP_PUSH_LIST] = push_list,
		[OP_PUSH_DELETE] = push_delete,
		[OP_EXTENDED_CARD] = unsupported,
	};

	operations[op->operation](op);
}

/* --- checks, in the order of the specification
 * -------------------------------- */

static bool
is_rpc_id(const json_t *id)
{
	return id == NULL || json_is_string(id) || json_is_number(id) ||
	    json_is_null(id);
}

/* The envelope of JSON-RPC; false: it was refused.  Takes root. */
static bool
open_envelope(struct op *op, json_t *root, const char **ret_method)
{
	const json_t *id = json_object_get(root, "id");
	const json_t *method = json_object_get(root, "method");
	const json_t *params = json_object_get(root, "params");
	bool good = json_is_object(root) &&
	    strcmp(member_text(root, "jsonrpc"), "2.0") == 0 &&
	    json_is_string(method) && is_rpc_id(id) &&
	    (params == NULL || json_is_object(params));

	if (json_is_object(root) && is_rpc_id(id))
		op->id = json_incref((json_t *)id);
	op->params =
	    params != NULL ? json_incref((json_t *)params) : json_object();
	*ret_method = json_string_value(method);
	if (!good)
		op_refuse(op, FAULT_REQUEST, "",
		    "the body is no JSON-RPC 2.0 request");
	return good;
}

static bool
check_version(struct op *op, struct aicx_str header)
{
	const char *asked = member_text(op->params, "A2A-Version");
	struct aicx_str version =
	    header.len > 0 ? text_trim(header) : text_of(asked);

	if (text_same(version, TEXT("1.0")))
		return true;
	op_refuse(op, FAULT_VERSION, "",
	    "version \"%.*s\" is not served: A2A-Version must be 1.0",
	    (int)(version.len < 32 ? version.len : 32),
	    version.ptr != NULL ? version.ptr : "");
	return false;
}

static void
run_rpc(struct op *op, json_t *root, struct aicx_str version)
{
	const char *method;

	if (!open_envelope(op, root, &method) || !check_version(op, version))
		return;
	op->operation = door_method(text_of(method));
	if (op->operation == OP_NONE)
		op_refuse(op, FAULT_METHOD, "", "there is no method \"%.64s\"",
		    method);
	else
		run(op);
}

/* Path over body, body over query. */
static void
merge(json_t *into, const json_t *from)
{
	if (json_is_object(from))
		(void)json_object_update(into, (json_t *)from);
}

static void
run_rest(struct op *op, const json_t *root, struct aicx_str version)
{
	if (root != NULL && !json_is_object(root)) {
		op_refuse(op, FAULT_PARAMS, "", "the body is no JSON object");
		return;
	}
	if (!check_version(op, version))
		return;
	merge(op->params, root);
	merge(op->params, op->list);
	json_decref(op->list);
	op->list = NULL;
	run(op);
}

/* The credential is good; now media type, syntax and the rest. */
static void
on_caller(struct op *op, int status, json_t *caller)
{
	json_error_t why;
	json_t *root = NULL;

	if (status != 200) {
		op_problem(op, status, caller);
		return;
	}
	if (member(caller, "agent_id") == NULL) {
		op_status(op, 401, "a bearer credential is needed", NULL);
		return;
	}
	op->caller = json_incref(caller);
	if (op->body.len > 0 && !op->media_good) {
		op_refuse(op, FAULT_CONTENT_TYPE, "",
		    "the body is neither application/json nor "
		    "application/a2a+json");
		return;
	}
	if (op->body.len > 0 || op->is_rpc)
		root = json_loadb(op->body.ptr != NULL ? op->body.ptr : "",
		    op->body.len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY,
		    &why);
	if (root == NULL && (op->body.len > 0 || op->is_rpc)) {
		op_refuse(op, FAULT_PARSE, "", "line %d, column %d: %s",
		    why.line, why.column, why.text);
		return;
	}
	op_hold(op);
	if (op->is_rpc)
		run_rpc(op, root, bytes_view(&op->version));
	else
		run_rest(op, root, bytes_view(&op->version));
	json_decref(root);
	op_release(op);
}

/* --- requests
 * -------------------------------------------------------------------- */

static void
set_path_ids(struct op *op, const struct door *door)
{
	bool push = door->operation >= OP_PUSH_CREATE &&
	    door->operation <= OP_PUSH_DELETE;

	op->list = json_object();
	if (door->task.len > 0)
		(void)json_object_set_new(op->list, push ? "taskId" : "id",
		    json_stringn(door->task.ptr, door->task.len));
	if (door->config.len > 0)
		(void)json_object_set_new(op->list, "id",
		    json_stringn(door->config.ptr, door->config.len));
}

static void
begin_operation(struct op *op, const struct aicx_http_request *request,
    const struct ask *ask, const struct door *door)
{
	const char *anonymous = op->gateway->settings->anonymous;

	op->is_rpc = door->kind == DOOR_RPC;
	op->operation = door->operation;
	op->media_good = ask_is_json(ask);
	op->params = ask_query(request->query);
	if (op->is_rpc && op->params != NULL) {
		json_t *version =
		    json_incref(json_object_get(op->params, "A2A-Version"));

		if (ask->version.len == 0 && version != NULL)
			bytes_text(&op->version, json_string_value(version));
		json_decref(version);
		json_decref(op->params);
		op->params = NULL;
	} else {
		set_path_ids(op, door);
	}
	bytes_str(&op->body, request->body);
	bytes_str(&op->version, ask->version);
	if (op->credential.len == 0 && op->secure)
		bytes_text(&op->credential, anonymous);
	if (ask->bad_credential)
		op_status(
		    op, 401, "Authorization is no bearer credential", NULL);
	else if (!op->is_rpc && op->params == NULL)
		op_refuse(op, FAULT_PARAMS, "", "the query is malformed");
	else
		op_call(op, "security.verify_credentials", json_object(), NULL,
		    on_caller);
}

static void
a2a_request(void *state, struct aicx_exchange *exchange,
    const struct aicx_http_request *request)
{
	struct gateway *gateway = state;
	const struct door door = door_find(request->path, request->method);
	const struct ask ask = ask_read(request);
	const struct aicx_http_response full = { .size = sizeof full,
		.status = 503 };
	struct op *op = op_new(gateway, exchange, request, &ask);

	if (op == NULL) {
		gateway->host->respond(exchange, &full);
		return;
	}
	op_hold(op);
	if (door.agent.len == DOOR_AGENT_MAX)
		memcpy(op->agent, door.agent.ptr, DOOR_AGENT_MAX);
	op->keys = door.kind == DOOR_KEYS;
	if (door.kind == DOOR_NONE)
		op_status(op, 404, "nothing answers this path", NULL);
	else if (door.allow != NULL)
		op_status(op,
		    text_same(request->method, TEXT("OPTIONS")) ? 204 : 405,
		    "this path has other methods, see Allow", door.allow);
	else if (door.kind == DOOR_CARD || door.kind == DOOR_KEYS)
		cards_serve(op);
	else
		begin_operation(op, request, &ask, &door);
	op_release(op);
}

static void
a2a_cancel(void *state, struct aicx_exchange *exchange)
{
	struct op *op = op_find(state, exchange);

	if (op != NULL)
		op_leave(op);
}

/* --- the plugin
 * --------------------------------------------------------------------- */

static const char *const *
a2a_prefixes(void *state)
{
	static const char *const prefixes[] = { "/a2a/",
		"/.well-known/agent-card.json", "/.well-known/jwks.json",
		NULL };

	(void)state;
	return prefixes;
}

static void
a2a_close(void *state)
{
	struct gateway *gateway = state;

	for (size_t i = 0; i < OP_BUCKETS; i++)
		while (gateway->ops[i] != NULL)
			op_leave(gateway->ops[i]);
	push_free_all(gateway);
	provider_free_all(gateway);
	shelf_free(gateway->shelf);
	gateway->host->timer_free(gateway->beat);
	cards_free(gateway->cards);
	free(gateway);
}

static void
a2a_drain(void *state)
{
	stream_end_all(state);
}

static aicx_err
a2a_open(const struct aicx_host *host, struct aicx_self *self,
    const void *settings, void **ret_state, struct aicx_error *reterr)
{
	struct gateway *gateway = calloc(1, sizeof *gateway);

	if (gateway == NULL)
		return AICX_ENOMEM;
	gateway->host = host;
	gateway->self = self;
	gateway->settings = settings;
	if (!their_seal_keys_are_good(gateway->settings->card_keys)) {
		free(gateway);
		reterr->code = AICX_EINVAL;
		(void)snprintf(reterr->text, sizeof reterr->text,
		    "card_keys is not like EdDSA:X:KID, ES256:X:Y:KID");
		return AICX_EINVAL;
	}
	gateway->cards = cards_new();
	gateway->shelf = shelf_new();
	*ret_state = gateway;
	if (gateway->cards != NULL && gateway->shelf != NULL)
		return AICX_OK;
	cards_free(gateway->cards);
	shelf_free(gateway->shelf);
	free(gateway);
	return AICX_ENOMEM;
}

/* clang-format off */
static const struct aicx_option a2a_options[] = {
	{ AICX_FIELD(struct settings, name), .type = AICX_OPT_STR, .fallback = "AIConexus", .help = "Name in the broker's card." },
	{ AICX_FIELD(struct settings, description), .type = AICX_OPT_STR, .fallback = "A broker that finds sellers, bargains, signs, pays and proves it.", .help = "Description in the broker's card, and of agents without one." },
	{ AICX_FIELD(struct settings, extension), .type = AICX_OPT_STR, .fallback = "https://aiconexus.example/ext/contract-terms/v1", .help = "URI of the extension that carries prices, offers and receipts." },
	{ AICX_FIELD(struct settings, skill), .type = AICX_OPT_STR, .fallback = "", .help = "Capability that messages without a skill mean; empty: they are refused." },
	{ AICX_FIELD(struct settings, anonymous), .type = AICX_OPT_STR, .flags = AICX_OPTF_SECRET, .fallback = "", .help = "API key of callers on loopback that bring none; empty: they are refused." },
	{ AICX_FIELD(struct settings, push_allow), .type = AICX_OPT_STR, .fallback = "", .help = "Hosts and addresses that tasks' events are posted to though they are private." },
	{ AICX_FIELD(struct settings, push_tries), .type = AICX_OPT_INT, .fallback = "6", .min = 1, .max = 20, .help = "How often an event is posted until it is given up." },
	{ .name = "push_timeout", .offset = offsetof(struct settings, push_timeout_ms), .size = sizeof(int64_t), .type = AICX_OPT_MSEC, .fallback = "15s", .min = 100, .max = 60000, .help = "How long a posted event is waited for." },
	{ .name = "card_max_age", .offset = offsetof(struct settings, card_max_age_ms), .size = sizeof(int64_t), .type = AICX_OPT_MSEC, .fallback = "60s", .max = 86400000, .help = "How long clients may keep a card." },
	{ AICX_FIELD(struct settings, skills_max), .type = AICX_OPT_INT, .fallback = "200", .min = 1, .max = 500, .help = "Capabilities of a card at most." },
	{ AICX_FIELD(struct settings, agents_allow), .type = AICX_OPT_STR, .fallback = "", .help = "Hosts and addresses where agents may sell though they are private." },
	{ AICX_FIELD(struct settings, agents_ca_file), .type = AICX_OPT_STR, .fallback = "", .help = "PEM file of authorities besides the system's, for agents that sell." },
	{ .name = "agents_timeout", .offset = offsetof(struct settings, agents_timeout_ms), .size = sizeof(int64_t), .type = AICX_OPT_MSEC, .fallback = "60s", .min = 100, .max = 3600000, .help = "The longest one answer of an agent may take." },
	{ AICX_FIELD(struct settings, agents_max_answer), .type = AICX_OPT_SIZE, .fallback = "4m", .min = 1024, .max = 16777216, .help = "The largest answer of an agent that is taken." },
	{ AICX_FIELD(struct settings, card_keys), .type = AICX_OPT_STR, .fallback = "", .help = "Keys that sign agents' cards: EdDSA:X:KID or ES256:X:Y:KID, as in a JWK." },
	{ AICX_FIELD(struct settings, cards_signed), .type = AICX_OPT_BOOL, .fallback = "no", .help = "Agents sell only with a card that is signed by one of card_keys." },
	{ .name = NULL },
};
/* clang-format on */

static const struct aicx_gateway_ops a2a_ops = {
	.size = sizeof a2a_ops,
	.prefixes = a2a_prefixes,
	.request = a2a_request,
	.cancel = a2a_cancel,
	.speaks = provider_speaks,
	.execute = provider_execute,
	.describe = provider_describe,
	.recall = provider_recall,
};

const struct aicx_plugin aicx_plugin = {
	AICX_PLUGIN_HEAD(AICX_GATEWAY),
	.name = "a2a",
	.version = "0.1.0",
	.license = "Apache-2.0",
	.summary = "A2A 1.0 over JSON-RPC and HTTP+JSON: tasks are deals",
	.options = a2a_options,
	.settings_size = sizeof(struct settings),
	.ops.gateway = &a2a_ops,
	.open = a2a_open,
	.close = a2a_close,
	.drain = a2a_drain,
};
