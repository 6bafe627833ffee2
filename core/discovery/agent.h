/* SPDX-License-Identifier: Apache-2.0 */
/* agent.h - what an agent says of itself: identity, endpoints, capabilities. */
#ifndef DISCOVERY_AGENT_H
#define DISCOVERY_AGENT_H

#include "protocol/field.h"
#include "protocol/terms.h"

enum { CAPABILITIES_MAX = 64, TAGS_MAX = 32, ENDPOINTS_MAX = 8 };

struct capability {
	struct aicx_str capability_id; /* unique in its agent; default: name */
	struct aicx_str name; /* what buyers need: "text.spellcheck" */
	struct aicx_str version, description;
	struct field_strs tags;
	struct aicx_str input_schema, output_schema; /* JSON */
	struct aicx_str remote; /* its name at a server outside */
	struct pricing pricing;
	struct sla sla;
};

enum endpoint_kind {
	ENDPOINT_SESSION,
	ENDPOINT_MAILBOX,
	ENDPOINT_HTTP,
	ENDPOINT_A2A,
	ENDPOINT_MCP
};

struct endpoint {
	int kind; /* enum endpoint_kind */
	struct aicx_str url;
};

struct agent {
	struct aicx_id agent_id, owner_id;
	struct aicx_str name, description;
	struct field_strs tags;
	struct aicx_str public_key; /* base64url of 32 bytes */
	bool custody; /* the key is in the broker's keeping */
	struct field_list endpoints; /* struct endpoint */
	struct field_list capabilities; /* struct capability */
	int64_t created_ms;
	bool passes; /* its server is shown a credential */
	bool removed; /* unregistered; kept because deals name it */
};

extern const char *const endpoint_kinds[]; /* by enum, ended by NULL */
extern const struct field capability_fields[], endpoint_fields[],
    agent_fields[];

/* By capability_id, or by name when no id fits; or NULL. */
const struct capability *agent_capability(
    const struct agent *agent, struct aicx_str id_or_name);
/* What field tables cannot check: a name or id is [a-z0-9._-], 1..128 letters,
   and no id is there twice.  Prices are pricing_check()'s. */
aicx_err agent_check(const struct agent *agent, struct aicx_error *reterr);
aicx_err capability_check(
    const struct capability *capability, struct aicx_error *reterr);

#endif
