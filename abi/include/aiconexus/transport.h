/* SPDX-License-Identifier: Apache-2.0 */
/*
 * transport.h - the transport kind: bytes in and out.
 *
 * A transport listens, cuts the byte stream into whole messages and hands
 * them to the host: envelopes by deliver(), HTTP requests by serve().  It
 * knows no method and no agent.
 */
#ifndef AICX_TRANSPORT_H
#define AICX_TRANSPORT_H

#include "types.h"

/* What an announcement is of. */
enum aicx_news {
	AICX_NEWS_DEAL = 1, /* something happened to a deal that is followed */
	AICX_NEWS_INTENT = 2 /* something is needed: sellers are asked */
};

struct aicx_transport_ops {
	uint32_t size;
	/* Begin to accept.  Called once, after the books are rebuilt; address
	   overrides the configured one when it is not NULL (--listen). */
	aicx_err (*start)(
	    void *state, const char *address, struct aicx_error *reterr);
	/* Where it listens really, or "" before start(). */
	const char *(*address)(void *state);
	/* 0.6: for everybody who listens, whoever it is.  topic: "deal.UUID",
	   "intent.CAPABILITY"; text: a JSON object, not signed.  Returns how
	   many hear it; text absent: would hear it, nothing is told.  Answers
	   to an intent come as signed messages.  May be NULL. */
	size_t (*announce)(void *state, uint32_t news, struct aicx_str topic,
	    struct aicx_str text);
	/* 0.7: how clients on this machine reach it, "https://127.0.0.1:8700";
	   "" before start().  NULL: http:// and address(). */
	const char *(*url)(void *state);
};

#endif
