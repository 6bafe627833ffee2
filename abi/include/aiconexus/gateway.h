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
};

#endif
