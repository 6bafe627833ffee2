/* SPDX-License-Identifier: Apache-2.0 */
/*
 * request.c - from an HTTP request to the operation it asks for, with the
 * checks in the order of the specification.
 */
#include "request.h"

#include "cards.h"
#include "op.h"
#include "push.h"
#include "send.h"
#include "stream.h"
#include "tasks.h"
#include "till.h"

#include <string.h>

/* --- operations -------------------------------------------------------------
 */

/* A tenant is an agent that we front, by its id; the path wins. */
static bool
take_tenant(struct op *op)
{
	const char *tenant = member_text(op->params, "tenant");

	if (*tenant == '\0' || (op->agent[0] != '\0' && !op->is_rpc))
		return true;
	if (strlen(tenant) == DOOR_AGENT_MAX &&
	    (op->agent[0] == '\0' || strcmp(op->agent, tenant) == 0)) {
		memcpy(op->agent, tenant, DOOR_AGENT_MAX);
		return true;
	}
	op_refuse(op, FAULT_PARAMS, "tenant",
	    "a tenant is the id of an agent that is fronted here");
	return false;
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
		[OP_EXTENDED_CARD] = cards_extended,
	};

	if (!take_tenant(op))
		return;
	if (op->pays)
		till_run(op);
	else
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
	if (op->credential.len == 0 &&
	    op->gateway->settings->payments != NULL) {
		op->pays = true;
		bytes_text(&op->credential, op->gateway->settings->payer_key);
	}
	if (ask->bad_credential)
		op_status(
		    op, 401, "Authorization is no bearer credential", NULL);
	else if (!op->is_rpc && op->params == NULL)
		op_refuse(op, FAULT_PARAMS, "", "the query is malformed");
	else
		op_call(op, "security.verify_credentials", json_object(), NULL,
		    on_caller);
}

void
request_serve(void *state, struct aicx_exchange *exchange,
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
