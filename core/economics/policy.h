/* SPDX-License-Identifier: Apache-2.0 */
/* policy.h - the source of a policy that computes prices, by its hash. */
#ifndef ECONOMICS_POLICY_H
#define ECONOMICS_POLICY_H

#include "protocol/field.h"

struct policy { /* written once */
	struct aicx_id policy_id; /* UUIDv8 of the hash */
	struct aicx_str sha256; /* base64url */
	struct aicx_str source;
};

extern const struct field policy_fields[];

#endif
