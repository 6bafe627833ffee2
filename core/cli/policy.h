/* SPDX-License-Identifier: Apache-2.0 */
/* policy.h - a Lua file that decides what a seller offers. */
#ifndef CLI_POLICY_H
#define CLI_POLICY_H

#include "base/buf.h"

#include <aiconexus/types.h>

struct policy;

enum policy_verdict {
	POLICY_PASS, /* no opinion: the flat price */
	POLICY_TERMS, /* the answer is terms, a JSON object */
	POLICY_REFUSE /* the answer is the reason as text */
};

/* Loads and checks the file: it must define the hook `offer`. */
aicx_err policy_open(
    const char *path, struct policy **ret, struct aicx_error *reterr);
void policy_free(struct policy *policy); /* NULL is legal */
/* Asks offer(intent, me), both JSON objects; appends the answer.  An error
   means: make no offer. */
aicx_err policy_offer(struct policy *policy, struct aicx_str intent,
    struct aicx_str me, enum policy_verdict *ret_verdict, struct buf *ret,
    struct aicx_error *reterr);

#endif
