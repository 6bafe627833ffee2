/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway.h - the gateway kind: a protocol of others on an HTTP listener.
 *
 * A gateway turns an HTTP request into a wire call (host->call) and the
 * answer into a response (host->respond), or into a stream of parts
 * (host->respond_begin).  It decides nothing itself.
 */
#ifndef AICX_GATEWAY_H
#define AICX_GATEWAY_H

#include "msg.h"
#include "types.h"

struct aicx_gateway_ops {
	uint32_t size;
	/* Paths it answers, by prefix, ended by NULL; the longest wins.  "/" is
	   the last resort.  Read after open(). */
	const char *const *(*prefixes)(void *state);
	/* One request; answer with host->respond(exchange, ...) exactly once,
	   now or later. */
	void (*request)(void *state, struct aicx_exchange *exchange,
	    const struct aicx_http_request *request);
	/* The client went away, also in the middle of a stream; forget the
	   exchange, do not respond. */
	void (*cancel)(void *state, struct aicx_exchange *exchange);
	/* 0.5: of a stream whose respond_part() said AICX_EAGAIN: all that
	   waited has left.  May be NULL. */
	void (*drained)(void *state, struct aicx_exchange *exchange);

	/*
	 * 0.5: sellers that are servers of others.  An agent may be registered
	 * with endpoints {"kind", "url"}; what is ordered from it is done by
	 * the first gateway that speaks the kind of one of them, while the
	 * agent has no session.  All four, or none.
	 */

	/* Kinds it speaks as a client ("http", "a2a", "mcp"), ended by NULL.
	   Read after open(). */
	const char *const *(*speaks)(void *state);
	/*
	 * Have this done; answer with host->errand_done() once, perhaps before
	 * this returns.  The same work comes again after a restart of the
	 * broker (same execution_id and attempt) and when a failure was
	 * retryable (one attempt more), so the id goes along as the
	 * idempotency key wherever the protocol has one.
	 */
	void (*execute)(void *state, struct aicx_errand *errand,
	    const struct aicx_work *work);
	/* What is sold there?  Answer with host->errand_done(): output is
	   {"name"?,"description"?,"tags"?,"capabilities":[...]} with members
	   as discovery.register takes them; `remote` of a capability holds its
	   name there when that is no capability name. */
	void (*describe)(void *state, struct aicx_errand *errand,
	    struct aicx_str kind, struct aicx_str url);
	/* Nobody waits any more: stop it where the protocol can; no
	   errand_done().  close() gives up what is open without being told. */
	void (*recall)(void *state, struct aicx_errand *errand);
	/* 0.7: the buyer's answer, JSON, to what errand_ask() was told last;
	   the errand goes on.  May be NULL: then it never asks. */
	void (*answer)(
	    void *state, struct aicx_errand *errand, struct aicx_str answer);
};

#endif
