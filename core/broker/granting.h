/* SPDX-License-Identifier: Apache-2.0 */
/*
 * granting.h - something that is agreed to once and signed: a mandate, a
 * standing offer, a delegation.  It comes as a signed object, which is verified
 * on the pool, or as members that the broker signs with a key it keeps.
 */
#ifndef BROKER_GRANTING_H
#define BROKER_GRANTING_H

#include "broker/inside.h"
#include "protocol/object.h"

struct granting { /* in the call's memory */
	struct signed_object object;
	enum sig_kind kind;
	uint8_t key[KEY_BYTES];
	bool genuine;
	const void *row;
	/* Records the row and answers. */
	aicx_err (*record)(struct call *call, struct granting *granting,
	    struct aicx_error *reterr);
};

/* The object that came with the call. */
aicx_err granting_take(struct call *call, struct aicx_str text,
    struct aicx_str key_id, struct aicx_str signature,
    struct granting *granting, struct aicx_error *reterr);
/* Signs for an agent whose key the broker keeps; the caller acts for it. */
aicx_err granting_sign_kept(struct call *call, const struct aicx_id *agent_id,
    struct granting *granting, struct aicx_str text, struct aicx_error *reterr);
/* Is it signed by this agent?  Then record(); answers the call. */
aicx_err granting_verify(struct call *call, struct granting *granting,
    const struct aicx_id *signer, struct aicx_error *reterr);
struct aicx_str granting_signature(
    struct call *call, const struct granting *granting);

#endif
