/* SPDX-License-Identifier: Apache-2.0 */
/*
 * call.h - one wire method, asked of the broker.
 *
 * With an API key (or with nobody) it goes by REST, with a private key alone
 * over a session: the parameters and the result are the same.
 */
#ifndef CLI_CALL_H
#define CLI_CALL_H

#include "base/buf.h"
#include "cli/channel.h"
#include "cli/invocation.h"

#include <aiconexus/types.h>

enum { CALL_TIMEOUT_MS = 30000 };

struct call {
	const struct route *route;
	struct aicx_str params; /* a JSON object */
	const char *key; /* the same key: the same request; NULL: a new one */
	int64_t timeout_ms; /* 0: CALL_TIMEOUT_MS */
};

/* Appends the result's text. */
aicx_err call_broker(struct invocation *inv, const struct call *call,
    struct buf *ret_result, struct aicx_error *reterr);
/* GET of a path outside the method table ("/healthz"); any status is an
   answer. */
aicx_err call_get(struct invocation *inv, const char *path, int *ret_status,
    struct buf *ret_body, struct aicx_error *reterr);
/* Opens a session as this identity; notes a pinned key on stderr. */
aicx_err call_session(
    struct invocation *inv, struct channel **ret, struct aicx_error *reterr);

struct broker_card {
	struct aicx_id broker_id;
	uint8_t key[KEY_BYTES];
};

/* Who the broker is, from /.well-known/aiconexus; its key is held to the
   pinned one, and pinned at first use on loopback. */
aicx_err call_broker_card(
    struct invocation *inv, struct broker_card *ret, struct aicx_error *reterr);

/* The REST target: path with {members} filled in; what is left goes to the
   query of a GET or DELETE, or into *ret_body. */
aicx_err call_target(const struct route *route, struct aicx_str params,
    struct buf *ret_target, struct buf *ret_body, struct aicx_error *reterr);

#endif
