/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hook.h - the hook kind: policy at named places.
 *
 * Arguments and results are JSON text, because both go into the decision
 * record.  A hook sees plain values only; time is one of them.
 */
#ifndef AICX_HOOK_H
#define AICX_HOOK_H

#include "types.h"

enum aicx_hook {
	AICX_HOOK_PRICE = 1, /* usage, terms -> money of the bill */
	AICX_HOOK_OFFER = 2, /* intent, me -> terms */
	AICX_HOOK_CHOOSE = 3, /* offers, mandate -> offer id and reason */
	AICX_HOOK_RULE = 4 /* dispute, terms -> money that goes back */
};

enum aicx_verdict {
	AICX_PASS = 1, /* the policy has no opinion */
	AICX_VALUE = 2, /* result holds its answer */
	AICX_REFUSE = 3 /* result holds the reason as a JSON string */
};

struct aicx_decision {
	uint32_t size;
	uint32_t verdict; /* enum aicx_verdict */
	/* JSON; valid until the next run() of this instance. */
	struct aicx_str result;
	int64_t instructions;
};

struct aicx_hook_ops {
	uint32_t size;
	/* True when the policy defines this hook. */
	int (*has)(void *state, uint32_t hook);
	/* SHA-256 of the policy's source, 32 bytes, and the source itself;
	   valid until close(). */
	const uint8_t *(*sha256)(void *state);
	struct aicx_str (*source)(void *state);
	/* Runs it within its limits.  Any error means: fail closed.  The text
	   names file and line.  AICX_ELIMIT: budget or memory used up;
	   AICX_EINVAL: a script error or a wild answer. */
	aicx_err (*run)(void *state, uint32_t hook, struct aicx_str args,
	    struct aicx_decision *ret_decision, struct aicx_error *reterr);
	/* Another policy from its text, under the limits of this instance: for
	   contracts made under it, after the configuration has changed.  Its
	   state serves the calls above until unload(), and must not refer to
	   this one.  The name is for errors.  Both may be NULL. */
	aicx_err (*load)(void *state, struct aicx_str name,
	    struct aicx_str source, void **ret_state,
	    struct aicx_error *reterr);
	void (*unload)(void *state);
};

#endif
