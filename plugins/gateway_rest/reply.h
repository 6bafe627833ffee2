/* SPDX-License-Identifier: Apache-2.0 */
/* reply.h - what a client gets back. */
#ifndef REPLY_H
#define REPLY_H

#include "ask.h"
#include "packer.h"
#include "quota.h"

#include <aiconexus/plugin.h>

enum { TRACE_CHARS = 55 };

/* The client's side of one request, kept until its answer. */
struct client {
	struct aicx_exchange *exchange;
	struct packer *packer; /* NULL: it takes no gzip */
	bool plain_json;
	bool gets; /* GET or HEAD: answers have an ETag */
	bool limited; /* quota is there */
	struct quota_state quota;
	size_t id_len; /* 0: it named none */
	char id[ASK_ID_MAX]; /* its X-Request-Id */
	char trace[TRACE_CHARS + 1]; /* "": it takes part in no trace */
	size_t match_len;
	char match[ASK_MATCH_MAX]; /* its If-None-Match */
};

struct client client_of(const struct aicx_host *host, struct aicx_self *self,
    struct aicx_exchange *exchange, const struct ask *ask,
    const struct aicx_http_request *request);

/* The answer of a wire method. */
void reply_answer(const struct aicx_host *host, struct aicx_self *self,
    const struct client *client, const struct aicx_answer *answer);
/* An RFC 9457 problem of our own.  subject: quoted in front, unless absent.
   allow: value of an Allow field, or NULL. */
void reply_problem(const struct aicx_host *host, struct aicx_self *self,
    const struct client *client, uint16_t status, struct aicx_str subject,
    const char *why, const struct bytes *allow);
/* A text of the gateway's own.  policy: Content-Security-Policy, or absent. */
void reply_page(const struct aicx_host *host, struct aicx_self *self,
    const struct client *client, struct aicx_str media, struct aicx_str body,
    struct aicx_str policy);
/* 204 to OPTIONS. */
void reply_options(const struct aicx_host *host, struct aicx_self *self,
    const struct client *client, const struct bytes *allow);

#endif
