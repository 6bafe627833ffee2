/* SPDX-License-Identifier: Apache-2.0 */
/*
 * delegation.h - an agent lets another act for it: a signed object that names
 * both, what, and how long.
 */
#ifndef SECURITY_DELEGATION_H
#define SECURITY_DELEGATION_H

#include "protocol/object.h"
#include "security/grants.h"

struct delegation_text {
	struct aicx_str kind;
	struct aicx_id id, broker_id, delegator, delegate;
	struct field_strs permissions; /* "deal.write" */
	int64_t not_before_ms, expires_ms;
	struct aicx_str custody; /* "broker": signed by a key it keeps */
};

extern const struct field delegation_text_fields[];

void delegation_text_print(struct buf *buf, const struct delegation_text *text);
/* Parses and checks the text by itself: kind, broker, two agents, permissions
   that may be given, times in order. */
aicx_err delegation_text_parse(struct aicx_str text,
    const struct aicx_id *broker_id, struct arena *arena,
    struct delegation_text *ret, struct aicx_error *reterr);

#endif
