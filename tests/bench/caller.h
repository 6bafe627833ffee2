/* SPDX-License-Identifier: Apache-2.0 */
/* caller.h - an HTTP client that keeps its connection and has one POST under
   way. */
#ifndef BENCH_CALLER_H
#define BENCH_CALLER_H

#include "cli/net.h"
#include "load.h"

struct caller {
	struct crowd *crowd;
	const struct url *url;
	struct watched watched;
	struct buf request, bytes, body;
	const char *bearer; /* or NULL */
	char path[96];
	char contract_id[40]; /* under which it orders */
	struct aicx_id id, credential_id, seller_id; /* of one that signs */
	struct mac *mac;
	/* Makes the request before each time it is sent; or NULL. */
	void (*renew)(struct caller *caller);
	int64_t begun_us;
	struct net net;
};

/* The request that is sent from now on. */
void caller_put(struct caller *caller, struct aicx_str body);
/* Connects, joins the crowd, and sends for the first time. */
void caller_start(struct caller *caller, const struct load *load);

#endif
