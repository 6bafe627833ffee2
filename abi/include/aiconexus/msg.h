/* SPDX-License-Identifier: Apache-2.0 */
/*
 * msg.h - what transports and gateways exchange with the host: peers that
 * carry signed envelopes, HTTP exchanges, and calls of wire methods.
 */
#ifndef AICX_MSG_H
#define AICX_MSG_H

#include "types.h"

struct aicx_peer; /* one connection that carries envelopes */
struct aicx_exchange; /* one HTTP request that waits for its response */
struct aicx_ticket; /* one wire call that has not been answered */
struct aicx_errand; /* one thing that a server outside is asked to do */
struct aicx_fetch; /* one request to an HTTP server, not answered yet */

/* What a transport knows of the other end before any message. */
struct aicx_peer_info {
	uint32_t size;
	struct aicx_str address; /* "127.0.0.1:51234" */
	uint8_t secure; /* TLS, loopback or unix socket: secrets may pass */
	struct aicx_str credential; /* bearer text of the upgrade, or absent */
};

/*
 * How the host reaches a peer; the transport implements it.  send() takes one
 * whole message and copies or queues it; AICX_ELIMIT when the peer reads too
 * slowly (the host then closes it).  After peer_free() none is called.
 */
struct aicx_peer_ops {
	uint32_t size;
	aicx_err (*send)(void *conn, struct aicx_str message);
	void (*close)(void *conn, uint16_t code, const char *why);
};

struct aicx_header {
	struct aicx_str name, value;
};

/* A parsed HTTP request; all borrowed until the call returns. */
struct aicx_http_request {
	uint32_t size;
	struct aicx_str method; /* "POST" */
	struct aicx_str path; /* percent-decoded, without the query */
	struct aicx_str query; /* raw, without '?' */
	struct aicx_str body;
	const struct aicx_header *headers;
	size_t n_headers;
	struct aicx_str address; /* of the client */
	uint8_t secure; /* as in aicx_peer_info */
};

struct aicx_http_response {
	uint32_t size;
	uint16_t status;
	struct aicx_str content_type;
	struct aicx_str body;
	const struct aicx_header *headers; /* besides type and length */
	size_t n_headers;
};

/* Called exactly once for each exchange that was not cancelled. */
typedef void aicx_http_reply_fn(
    const struct aicx_http_response *response, void *arg);

/*
 * Where a transport takes answers that come in parts; see serve_streams().
 * Either whole() once, or begin() once, part() any number of times and end()
 * once; nothing more after serve_cancel(), which may not be called from inside
 * one of these.
 */
struct aicx_http_sink {
	uint32_t size;
	aicx_http_reply_fn *whole;
	aicx_http_reply_fn *begin; /* its body is the first part */
	/* Copies.  AICX_EAGAIN: too much waits, nothing was taken;
	   serve_drained() is called when it has left.  AICX_EIO: the
	   connection is broken, serve_cancel() follows. */
	aicx_err (*part)(struct aicx_str bytes, void *arg);
	size_t (*queued)(void *arg); /* bytes taken that have not left */
	/* complete 0: the client must notice that something is missing. */
	void (*end)(int complete, void *arg);
};

/* Of a path given to listen_path(); the same as in a gateway. */
struct aicx_path_ops {
	uint32_t size;
	/* Answer with host->respond(exchange, ...) exactly once, now or later.
	 */
	void (*request)(void *arg, struct aicx_exchange *exchange,
	    const struct aicx_http_request *request);
	/* The client went away; forget the exchange, do not respond. */
	void (*cancel)(void *arg, struct aicx_exchange *exchange);
	/* 0.5: as in a gateway; may be NULL. */
	void (*drained)(void *arg, struct aicx_exchange *exchange);
};

/* What became of a request to somebody's HTTP server; all borrowed until done
 * returns. */
struct aicx_http_outcome {
	uint32_t size;
	/* AICX_OK: there is an answer, whatever its status.  AICX_ETIMEDOUT,
	   AICX_ELIMIT: too large, AICX_EDENIED: a private address or a wrong
	   certificate, AICX_EIO: the rest.  The server may have done what it
	   was asked in every case. */
	aicx_err err;
	uint16_t status;
	struct aicx_str content_type, body;
	struct aicx_error error; /* why there is none */
	/* 0.6: the answer's fields, the first 64 of them. */
	const struct aicx_header *headers;
	size_t n_headers;
};

typedef void aicx_http_done_fn(
    const struct aicx_http_outcome *outcome, void *arg);
/* 0.6: what has come since the last part, each byte once, before done, whose
   outcome has no body then; with the arg of done.  head has status, type and
   fields.  It may cancel the request. */
typedef void aicx_http_part_fn(
    const struct aicx_http_outcome *head, struct aicx_str bytes, void *arg);

/*
 * A request to somebody's HTTP server; all borrowed until http_request()
 * returns.  Redirects are answers like others and never followed, proxies of
 * the environment never asked, each request has a connection of its own.
 */
struct aicx_http_ask {
	uint32_t size;
	struct aicx_str method; /* "POST" */
	struct aicx_str url; /* http:// or https:// */
	const struct aicx_header *headers; /* besides Host and length */
	size_t n_headers;
	struct aicx_str body; /* or absent */
	int64_t timeout_ms; /* of all of it, above zero */
	int64_t body_max; /* bytes of the answer that are taken at most */
	/* Hosts and addresses, separated by commas or blanks, that are asked
	   though their address is private, loopback or link-local.  It comes
	   from the operator, never from an agent. */
	struct aicx_str allow; /* or absent */
	struct aicx_str ca_file; /* PEM; absent: the system's authorities */
	/* 0.6: gets the body as it comes in; NULL: the outcome has all of it.
	   body_max counts all parts. */
	aicx_http_part_fn *part;
};

/* One row of the method table; constant for the life of the host. */
struct aicx_method {
	uint32_t size;
	const char *name; /* "deal.buy" */
	const char *summary;
	const char *rest; /* "POST /v1/deals/{id}", or NULL: not on REST */
	const char *permission; /* "deal.write", or "" for everybody */
	uint16_t success; /* status of a good answer: 200, 201 */
	uint8_t
	    raw_body; /* the body is text for the method, not JSON members */
	/* 0.5: JSON Schema 2020-12 of params and of a good answer, as text;
	   constant.  params_schema has each member, also those that REST takes
	   from path and query.  result_schema NULL: it is not described. */
	const char *params_schema, *result_schema;
	/* 0.5: the answer is {"events":[...],"cursor","final"}; while it is not
	   final, asking again with `after` = cursor waits for more. */
	uint8_t follows;
	/* 0.6: media type of a good answer; NULL: application/json. */
	const char *media;
	/* 0.7: an answer of status 202 has {"deal_id","contract_id",
	   "execution_id","state","asks"}: what the seller asks back. */
	uint8_t asks;
};

/* Work for a seller that is a server of somebody; all borrowed until execute()
   returns. */
struct aicx_work {
	uint32_t size;
	struct aicx_str kind, url; /* of the endpoint */
	struct aicx_str agent_id, deal_id, contract_id,
	    requester_id; /* UUIDs */
	struct aicx_str execution_id; /* the idempotency key */
	int64_t attempt; /* 1, and one more at each retry */
	int64_t timeout_ms; /* from now on; later answers are not paid */
	struct aicx_str capability; /* its id in the agent's entry */
	struct aicx_str remote; /* its name there, or absent */
	struct aicx_str input; /* JSON */
	struct aicx_str input_schema, output_schema; /* JSON, or absent */
	/* 0.6: of the trace that the order belongs to (W3C Trace Context), to
	   be sent along; or absent. */
	struct aicx_str traceparent;
};

/* How an errand ended; all borrowed until errand_done() returns. */
struct aicx_errand_result {
	uint32_t size;
	/* AICX_OK: output is there, JSON text.  Else code, detail and
	   retryable say why not; AICX_ETIMEDOUT where it took too long. */
	aicx_err err;
	struct aicx_str output;
	struct aicx_str code; /* a stable word, "http_status" */
	struct aicx_str detail; /* for people */
	uint8_t retryable; /* another attempt may do better */
};

/* A wire method to run for somebody; all borrowed until call() returns. */
struct aicx_call {
	uint32_t size;
	const struct aicx_method *method;
	struct aicx_str
	    params; /* JSON object text; raw_body: the text itself */
	struct aicx_str credential; /* bearer text; absent: guest */
	struct aicx_str idempotency_key; /* or absent */
	struct aicx_str correlation; /* traceparent or request id, or absent */
	struct aicx_str address;
	uint8_t secure;
	/* 0.6: of version 00, handed on to whoever works for this call; or
	   absent: the correlation, when it is one. */
	struct aicx_str traceparent;
	/* 0.6: with no credential: the id of an agent for whom something is
	   read that it asked for earlier.  Only methods that change nothing,
	   and only while the agent has a credential that is good. */
	struct aicx_str reader;
	/* 0.7: with no credential: the request itself, when it is signed as
	   RFC 9421 has it; then it speaks for whose signature that is.  NULL:
	   it is not. */
	const struct aicx_http_request *signed_request;
};

struct aicx_answer {
	uint32_t size;
	uint16_t status; /* HTTP status of the answer */
	uint8_t replayed; /* this is the stored answer to an earlier call */
	int32_t retry_after_ms; /* < 0: none */
	struct aicx_str content_type;
	struct aicx_str body; /* JSON result or RFC 9457 problem */
	struct aicx_str correlation; /* request id, for X-Request-Id */
};

/* Called exactly once for each call that was not cancelled. */
typedef void aicx_answer_fn(const struct aicx_answer *answer, void *arg);

#endif
