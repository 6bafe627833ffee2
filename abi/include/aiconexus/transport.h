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

struct aicx_transport_ops {
	uint32_t size;
	/* Begin to accept.  Called once, after the books are rebuilt; address
	   overrides the configured one when it is not NULL (--listen). */
	aicx_err (*start)(
	    void *state, const char *address, struct aicx_error *reterr);
	/* Where it listens really, or "" before start(). */
	const char *(*address)(void *state);
};

#endif
