/* SPDX-License-Identifier: Apache-2.0 */
/* rpc.c - one JSON-RPC 2.0 message. */
#include "rpc.h"

#include <math.h>
#include <string.h>

static bool
refuse(int code, const char *why, int *ret_code, const char **ret_why)
{
	*ret_code = code;
	*ret_why = why;
	return false;
}

/* A string or a whole number; anything else cannot be answered by. */
static bool
take_id(struct aicx_str text, struct rpc *rpc)
{
	const json_t *id = json_object_get(rpc->doc, "id");

	if (!json_is_string(id) &&
	    !(json_is_number(id) &&
		fabs(json_number_value(id) - trunc(json_number_value(id))) <=
		    0.0))
		return false;
	rpc->id = slice_get(text, "id");
	return rpc->id.ptr != NULL;
}

static bool
take_params(struct aicx_str text, struct rpc *rpc)
{
	const json_t *params = json_object_get(rpc->doc, "params");

	if (params == NULL)
		return true;
	if (!json_is_object(params))
		return false;
	rpc->params = params;
	rpc->params_text = slice_get(text, "params");
	return rpc->params_text.ptr != NULL;
}

static bool
take_kind(struct aicx_str text, struct rpc *rpc)
{
	const json_t *doc = rpc->doc;
	bool has_id = json_object_get(doc, "id") != NULL;

	rpc->method = json_string_value(json_object_get(doc, "method"));
	if (rpc->method == NULL && json_object_get(doc, "method") == NULL &&
	    has_id &&
	    (json_object_get(doc, "result") != NULL ||
		json_object_get(doc, "error") != NULL)) {
		rpc->kind = RPC_RESPONSE;
		return true;
	}
	rpc->kind = has_id ? RPC_REQUEST : RPC_NOTIFICATION;
	return rpc->method != NULL && (!has_id || rpc->id.ptr != NULL) &&
	    take_params(text, rpc);
}

bool
rpc_read(
    struct aicx_str text, struct rpc *ret, int *ret_code, const char **ret_why)
{
	/* The library passes over a NUL behind a number. */
	if (text.len > 0 && memchr(text.ptr, '\0', text.len) != NULL)
		return refuse(
		    RPC_PARSE, "the body is not JSON", ret_code, ret_why);
	/* Whole numbers of any size pass: what counts is their text. */
	ret->doc = json_loadb(text.ptr == NULL ? "" : text.ptr, text.len,
	    JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, NULL);
	if (ret->doc == NULL)
		return refuse(
		    RPC_PARSE, "the body is not JSON", ret_code, ret_why);
	if (!json_is_object(ret->doc))
		return refuse(RPC_INVALID,
		    "the body is not one JSON-RPC message (no batches)",
		    ret_code, ret_why);
	(void)take_id(text, ret);
	const char *version =
	    json_string_value(json_object_get(ret->doc, "jsonrpc"));
	if (version == NULL || strcmp(version, "2.0") != 0)
		return refuse(
		    RPC_INVALID, "jsonrpc is not \"2.0\"", ret_code, ret_why);
	if (!take_kind(text, ret))
		return refuse(RPC_INVALID,
		    "a request has a string \"method\", an object \"params\" "
		    "or none, and a string or whole number as \"id\"",
		    ret_code, ret_why);
	return true;
}

void
rpc_fini(struct rpc *rpc)
{
	json_decref(rpc->doc);
	rpc->doc = NULL;
}

const char *
rpc_text(const struct rpc *rpc, const char *name)
{
	return json_string_value(json_object_get(rpc->params, name));
}

const json_t *
rpc_meta(const struct rpc *rpc, const char *name)
{
	return json_object_get(json_object_get(rpc->params, "_meta"), name);
}
