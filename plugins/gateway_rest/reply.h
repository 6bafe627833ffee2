/* SPDX-License-Identifier: Apache-2.0 */
/* reply.h - what a client gets back. */
#ifndef REPLY_H
#define REPLY_H

#include "bytes.h"

#include <aiconexus/plugin.h>

/* The client's side of one request, kept until its answer. */
struct client {
	struct aicx_exchange *exchange;
	bool plain_json;
	size_t id_len; /* 0: it named none */
	char id[128]; /* its X-Request-Id, or the trace of its traceparent */
};

/* The answer of a wire method. */
void reply_answer(const struct aicx_host *host, struct aicx_self *self,
    const struct client *client, const struct aicx_answer *answer);
/* An RFC 9457 problem of our own.  subject: quoted in front, unless absent.
   allow: value of an Allow field, or NULL. */
void reply_problem(const struct aicx_host *host, struct aicx_self *self,
    const struct client *client, uint16_t status, struct aicx_str subject,
    const char *why, const struct bytes *allow);
/* 204 to OPTIONS. */
void reply_options(const struct aicx_host *host, struct aicx_self *self,
    const struct client *client, const struct bytes *allow);

#endif
