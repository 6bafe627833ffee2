/* SPDX-License-Identifier: Apache-2.0 */
/*
 * talk.h - one request of a client, from its arrival to its answer.
 *
 * A talk asks the broker one wire call after another; each answer goes to the
 * function that was named for it.  It ends with exactly one of talk_end(),
 * talk_error(), talk_accept() or talk_unauthorized().
 */
#ifndef TALK_H
#define TALK_H

#include "mcp.h"
#include "print.h"
#include "rpc.h"

#include <aiconexus/msg.h>

enum era { ERA_LEGACY, ERA_MODERN };

enum { TALK_KEY_MAX = 255, TALK_ID_MAX = 128, DEAL_ID_CHARS = 36 };

struct talk;
typedef void talk_then_fn(struct talk *talk, const struct aicx_answer *answer);

/* Of a capability that is being bought; owned by the talk. */
struct bargain {
	struct bytes name, provider, price, currency;
	bool has_output_schema;
};

struct talk {
	struct talk *next;
	struct mcp *mcp;
	struct aicx_exchange *exchange; /* NULL: nobody waits */
	struct aicx_http_request *request; /* a copy */
	struct rpc rpc;
	enum era era;
	struct aicx_str credential, key, correlation;
	char request_id[TALK_ID_MAX + 1]; /* for X-Request-Id */

	struct aicx_ticket *ticket;
	talk_then_fn *then;
	unsigned n_calls;
	int depth; /* functions that still hold it */
	bool answered; /* the newest call */
	bool pays; /* for each call: it has no account */
	bool selling; /* see till.h */
	bool over;

	/* A purchase under way, see deal.h. */
	char deal_id[DEAL_ID_CHARS + 1];
	bool buying, watching, watch_answered;
	talk_then_fn *then_bought;
	struct aicx_ticket *watch_ticket;
	unsigned n_watches;
	struct aicx_str token; /* of the client's progress, as written */
	bool told;
	double progress; /* the last that was told */
	uint16_t held_status; /* of an answer that waits; 0: none does */
	struct bytes held;

	/* An answer in parts, see stream.h. */
	bool streaming, closing;
	struct bytes event;

	/* It wants to be told of changes, see listen.h. */
	json_t *listening; /* URIs of resources; NULL: it does not */
	bool hears_tools, hears_resources;

	struct bargain bargain;
	struct bytes kept; /* an answer that a later one needs */
	struct print out;
};

/* Copies the request; NULL without memory. */
struct talk *talk_new(struct mcp *mcp, struct aicx_exchange *exchange,
    const struct aicx_http_request *request);
void talk_release(struct talk *talk); /* of talk_new()'s caller */
/* Its exchange is answered by somebody else now. */
void talk_forget(struct talk *talk);
struct talk *talk_of(struct mcp *mcp, const struct aicx_exchange *exchange);
/* The client went away, or asked to stop: nothing is answered. */
void talk_drop(struct talk *talk);

/* The client asked for it by name: the same, and its request gets 202. */
void talk_stop(struct talk *talk);

/* A wire call.  step: NULL for what changes nothing, else what its idempotency
   key ends in when the client gave one. */
void talk_call(struct talk *talk, const char *method, struct aicx_str params,
    const char *step, talk_then_fn *then);

/* A call in the same name whose answer goes elsewhere; its ticket, or NULL. */
struct aicx_ticket *talk_call_beside(struct talk *talk, const char *method,
    struct aicx_str params, aicx_answer_fn *done, void *arg);

/* {"jsonrpc","id","result":{ ... with resultType where the era has it. */
struct print *talk_begin(struct talk *talk);
/* Of lists: how long, and by whom, they may be kept (2026-07-28). */
void talk_put_cache(struct talk *talk, const char *scope);
/* meta: members of result._meta, or absent. */
void talk_end(struct talk *talk, struct aicx_str meta);
void talk_error(struct talk *talk, int code, const char *why);
/* data: JSON, or absent. */
void talk_error_data(struct talk *talk, int code, uint16_t status,
    const char *why, struct aicx_str data);
/* 202 and nothing else. */
void talk_accept(struct talk *talk);
void talk_unauthorized(struct talk *talk);
void talk_refuse(struct talk *talk, uint16_t status, int code, const char *why);

/* Where the client finds this server, without a slash at the end. */
void talk_put_origin(const struct talk *talk, struct bytes *out);

/* params.arguments.name as it is written, or absent. */
struct aicx_str talk_argument(const struct talk *talk, const char *name);
const json_t *talk_arguments(const struct talk *talk); /* or NULL */

#endif
