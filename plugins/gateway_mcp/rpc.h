/* SPDX-License-Identifier: Apache-2.0 */
/* rpc.h - one JSON-RPC 2.0 message. */
#ifndef RPC_H
#define RPC_H

#include "slice.h"

#include <jansson.h>

enum {
	RPC_PARSE = -32700,
	RPC_INVALID = -32600,
	RPC_NO_METHOD = -32601,
	RPC_BAD_PARAMS = -32602,
	RPC_INTERNAL = -32603,
	RPC_REFUSED = -32000, /* Host, Origin or verb */
	RPC_NO_RESOURCE = -32002, /* revisions before 2026-07-28 */
	RPC_BAD_HEADER = -32020, /* 2026-07-28 from here on */
	RPC_NO_CAPABILITY = -32021,
	RPC_BAD_VERSION = -32022
};

enum rpc_kind { RPC_REQUEST, RPC_NOTIFICATION, RPC_RESPONSE };

struct rpc {
	enum rpc_kind kind;
	json_t *doc; /* the whole message */
	struct aicx_str id; /* as it is written; absent when unusable */
	const char *method;
	const json_t *params; /* object, or NULL */
	struct aicx_str params_text;
};

/*
 * Reads a message; text has to outlive it.  Otherwise *ret_code and *ret_why
 * say what is wrong, and ret->id may be there all the same.  Then too
 * rpc_fini().
 */
bool rpc_read(
    struct aicx_str text, struct rpc *ret, int *ret_code, const char **ret_why);
void rpc_fini(struct rpc *rpc);
/* A string among the parameters, or NULL. */
const char *rpc_text(const struct rpc *rpc, const char *name);
/* params._meta.name, or NULL. */
const json_t *rpc_meta(const struct rpc *rpc, const char *name);

#endif
