/* SPDX-License-Identifier: Apache-2.0 */
/* policy.c - the source of a policy that computes prices, by its hash. */
#include "economics/policy.h"

const struct field policy_fields[] = {
	FIELD(struct policy, policy_id, "policy_id", FIELD_ID),
	FIELD(struct policy, sha256, "sha256", FIELD_STR),
	FIELD(struct policy, source, "source", FIELD_STR),
	FIELD_END,
};
