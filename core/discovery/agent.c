/* SPDX-License-Identifier: Apache-2.0 */
/* agent.c - field tables and checks of agents and their capabilities. */
#include "discovery/agent.h"

#include "base/err.h"
#include "base/str.h"

const struct field capability_fields[] = {
	FIELD(struct capability, capability_id, "capability_id", FIELD_STR,
	    .max = 128, .help = "Unique in its agent; the name when absent."),
	FIELD(struct capability, name, "name", FIELD_STR,
	    .flags = FIELDF_REQUIRED, .min = 1, .max = 128,
	    .help = "What buyers ask for, e.g. text.spellcheck."),
	FIELD(struct capability, version, "version", FIELD_STR, .max = 64,
	    .help = "The provider's own version."),
	FIELD(struct capability, description, "description", FIELD_STR,
	    .max = 4096, .help = "Words that search finds."),
	FIELD(struct capability, tags, "tags", FIELD_STRS, .max = TAGS_MAX,
	    .help = "Exact labels to filter by."),
	FIELD(struct capability, input_schema, "input_schema", FIELD_JSON,
	    .max = 65536, .help = "JSON Schema 2020-12 of the input."),
	FIELD(struct capability, output_schema, "output_schema", FIELD_JSON,
	    .max = 65536, .help = "JSON Schema 2020-12 of the result."),
	FIELD(struct capability, remote, "remote", FIELD_STR, .max = 256,
	    .help = "Its name at a server outside, where that differs."),
	FIELD(struct capability, pricing, "pricing", FIELD_OBJECT,
	    .fields = pricing_fields, .item_size = sizeof(struct pricing),
	    .help = "Price that offers start from."),
	FIELD(struct capability, sla, "sla", FIELD_OBJECT, .fields = sla_fields,
	    .item_size = sizeof(struct sla), .help = "Promised service."),
	FIELD_END,
};

const char *const endpoint_kinds[] = { "session", "mailbox", "http", "a2a",
	"mcp", NULL };

const struct field endpoint_fields[] = {
	FIELD(struct endpoint, kind, "kind", FIELD_ENUM,
	    .flags = FIELDF_REQUIRED | FIELDF_ALWAYS, .names = endpoint_kinds,
	    .help = "How the broker reaches the agent."),
	FIELD(struct endpoint, url, "url", FIELD_STR, .max = 2048,
	    .help = "Where, for kinds that have an address."),
	FIELD_END,
};

const struct field agent_fields[] = {
	FIELD(
	    struct agent, agent_id, "agent_id", FIELD_ID, .help = "Who it is."),
	FIELD(struct agent, owner_id, "owner_id", FIELD_ID,
	    .help = "Who registered it."),
	FIELD(struct agent, name, "name", FIELD_STR, .max = 256,
	    .help = "For people."),
	FIELD(struct agent, description, "description", FIELD_STR, .max = 4096,
	    .help = "Words that search finds."),
	FIELD(struct agent, tags, "tags", FIELD_STRS, .max = TAGS_MAX,
	    .help = "Exact labels to filter by."),
	FIELD(struct agent, public_key, "public_key", FIELD_STR, .max = 43,
	    .help = "Raw Ed25519 key in base64url."),
	FIELD(struct agent, custody, "custody", FIELD_BOOL,
	    .help = "The signing key is in the broker's keeping."),
	FIELD(struct agent, endpoints, "endpoints", FIELD_LIST,
	    .fields = endpoint_fields, .item_size = sizeof(struct endpoint),
	    .max = ENDPOINTS_MAX, .help = "Ways to reach it."),
	FIELD(struct agent, capabilities, "capabilities", FIELD_LIST,
	    .fields = capability_fields, .item_size = sizeof(struct capability),
	    .max = CAPABILITIES_MAX, .help = "What it sells."),
	FIELD(struct agent, created_ms, "created", FIELD_TIME,
	    .help = "When it was first seen."),
	FIELD(struct agent, passes, "passes", FIELD_BOOL,
	    .help = "Its server is shown a credential, which is kept sealed."),
	FIELD(struct agent, removed, "removed", FIELD_BOOL,
	    .help = "Unregistered."),
	FIELD_END,
};

const struct capability *
agent_capability(const struct agent *agent, struct aicx_str id_or_name)
{
	const struct capability *list = agent->capabilities.items;

	for (size_t i = 0; i < agent->capabilities.n; i++)
		if (str_eq(list[i].capability_id, id_or_name))
			return &list[i];
	for (size_t i = 0; i < agent->capabilities.n; i++)
		if (str_eq(list[i].name, id_or_name))
			return &list[i];
	return NULL;
}

static bool
name_is_good(struct aicx_str name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];
		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
			c == '.' || c == '_' || c == '-'))
			return false;
	}
	return name.len > 0 && name.len <= 128;
}

aicx_err
capability_check(const struct capability *capability, struct aicx_error *reterr)
{
	if (!name_is_good(capability->name))
		return err_field(reterr, AICX_EINVAL, "invalid_params", "/name",
		    "capability name \"%.*s\" is not made of a-z 0-9 . _ -",
		    STR_ARG(capability->name));
	if (capability->capability_id.len > 0 &&
	    !name_is_good(capability->capability_id))
		return err_field(reterr, AICX_EINVAL, "invalid_params",
		    "/capability_id",
		    "capability id \"%.*s\" is not made of a-z 0-9 . _ -",
		    STR_ARG(capability->capability_id));
	return AICX_OK;
}

aicx_err
agent_check(const struct agent *agent, struct aicx_error *reterr)
{
	const struct capability *list = agent->capabilities.items;

	for (size_t i = 0; i < agent->capabilities.n; i++) {
		aicx_err err = capability_check(&list[i], reterr);
		if (err != AICX_OK)
			return err;
		for (size_t k = 0; k < i; k++)
			if (str_eq(
				list[k].capability_id, list[i].capability_id))
				return err_field(reterr, AICX_EINVAL,
				    "invalid_params", "/capabilities",
				    "capability \"%.*s\" is there twice",
				    STR_ARG(list[i].capability_id));
	}
	return AICX_OK;
}
