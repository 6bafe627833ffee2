/* SPDX-License-Identifier: Apache-2.0 */
/*
 * their_post.h - one JSON-RPC message to somebody's MCP server, and what comes
 * back: an answer in JSON, or as the last of a stream of events.
 */
#ifndef THEIR_POST_H
#define THEIR_POST_H

#include "events.h"
#include "mcp.h"
#include "pass.h"
#include "rpc.h"

#include <aiconexus/gateway.h>

enum {
	THEIR_SESSION_MAX = 256,
	THEIR_FIELDS_MAX = 24, /* of the request */
	THEIR_FIELD_MAX = 2048 /* a value of it */
};

/* How one talks to it. */
struct their_way {
	bool modern; /* 2026-07-28 */
	char version[16]; /* of the handshake; or "" before it */
	char session[THEIR_SESSION_MAX + 1]; /* or "" */
	struct pass pass; /* what it wants to see; stays when the rest is new */
};

struct their_answer {
	aicx_err err; /* AICX_OK: there is an answer, whatever its status */
	const char *why; /* there is none */
	uint16_t status;
	const struct rpc *rpc; /* the message that answers, or NULL */
	struct aicx_str text; /* of it */
	const char *session; /* as this answer names it, or "" */
};

struct their_ask {
	struct aicx_str url;
	const struct their_way *way;
	const char *method;
	struct aicx_str name; /* params.name, or absent */
	struct aicx_str members; /* of params, without braces and _meta */
	struct aicx_str key; /* idempotency key, or absent */
	struct aicx_str trace; /* traceparent, or absent */
	const json_t *schema, *arguments; /* for Mcp-Param-*; or NULL */
	bool is_note; /* no answer */
	int64_t timeout_ms;
};

struct their_post_ops {
	/* Once, never from inside their_post_new(); the post is gone. */
	void (*on_answer)(const struct their_answer *answer, void *arg);
	/* A notification before it; it may end the post. */
	void (*on_note)(const struct rpc *rpc, void *arg);
};

struct their_post;

/* As if nothing had been said with it yet. */
void their_way_renew(struct their_way *way, bool modern, const char *version);
/* NULL: it could not be asked; *reterr says why. */
struct their_post *their_post_new(struct mcp *mcp, const struct their_ask *ask,
    const struct their_post_ops *ops, void *arg, struct aicx_error *reterr);
/* Its id, which is its progress token too. */
int64_t their_post_id(const struct their_post *post);
/* Ends the stream; nothing is told.  NULL is legal. */
void their_post_free(struct their_post *post);
/* A notification that nobody waits for. */
void their_note(struct mcp *mcp, struct aicx_str url,
    const struct their_way *way, const char *method, struct aicx_str members);
void their_posts_close(struct mcp *mcp);

#endif
