/* SPDX-License-Identifier: Apache-2.0 */
/* schemas.c - see schemas.h. */
#include "broker/schemas.h"

#include <stdlib.h>
#include <string.h>

#include "base/broken.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/inside.h"
#include "schema/schema.h"

static const char *const dialect =
    "https://json-schema.org/draft/2020-12/schema";

struct kept_schema {
	struct schema *schema; /* NULL: nothing is checked */
	char text[]; /* its key */
};

static bool
is_ours(struct aicx_str text)
{
	struct arena arena = { NULL };
	struct json doc;

	/* What is no JSON is ours to refuse. */
	bool ours = json_parse(text, &arena, &doc, NULL) != AICX_OK;
	if (!ours) {
		struct json_ref named = json_get(json_root(&doc), "$schema");
		struct aicx_str fragment;
		ours = !json_has(named) ||
		    str_is(str_cut(json_str(named, &arena), '#', &fragment),
			dialect);
	}
	arena_fini(&arena);
	return ours;
}

static struct schema *
compile(struct aicx_str text, struct aicx_error *reterr)
{
	return is_ours(text) ? schema_new(text, NULL, reterr) : NULL;
}

aicx_err
schemas_accept(struct aicx_str text, struct aicx_error *reterr)
{
	if (text.ptr == NULL || !is_ours(text))
		return AICX_OK;
	struct schema *schema = schema_new(text, NULL, reterr);
	if (schema == NULL)
		return AICX_EINVAL;
	schema_free(schema);
	return AICX_OK;
}

void
schemas_fini(struct schemas *schemas)
{
	MAP_EACH (entry, &schemas->kept) {
		struct kept_schema *kept = entry->value;
		schema_free(kept->schema);
		free(kept);
	}
	map_fini(&schemas->kept);
	schemas->n_bytes = 0;
}

static const struct schema *
find(struct schemas *schemas, struct aicx_str text)
{
	struct kept_schema *kept = map_find(&schemas->kept, text);

	if (kept != NULL)
		return kept->schema;
	if (schemas->n_bytes + text.len > SCHEMAS_BYTES_MAX)
		schemas_fini(schemas);
	schemas->n_bytes += text.len;
	kept = mem_new(sizeof *kept + text.len);
	memcpy(kept->text, text.ptr, text.len);
	kept->schema = compile(text, NULL);
	(void)map_put(
	    &schemas->kept, (struct aicx_str) { kept->text, text.len }, kept);
	return kept->schema;
}

static aicx_err
check(struct schemas *schemas, struct aicx_str text, struct aicx_str value,
    struct aicx_error *reterr)
{
	bool says_nothing = text.ptr == NULL || str_is(text, "{}");
	const struct schema *schema = says_nothing ? NULL : find(schemas, text);
	struct arena scratch = { NULL };
	struct json doc;

	if (schema == NULL || broken("any_input"))
		return AICX_OK;
	aicx_err err = json_parse(value, &scratch, &doc, reterr);
	if (err == AICX_OK)
		err = schema_check(schema, json_root(&doc), &scratch, reterr);
	arena_fini(&scratch);
	return err;
}

static const struct capability *
said_by(struct broker *broker, const struct aicx_id *provider_id,
    struct aicx_str capability)
{
	const struct agent *agent = state_agent(&broker->state, provider_id);

	return agent != NULL ? agent_capability(agent, capability) : NULL;
}

aicx_err
schemas_check_input(struct broker *broker, const struct aicx_id *provider_id,
    struct aicx_str capability, struct aicx_str input,
    struct aicx_error *reterr)
{
	const struct capability *said =
	    said_by(broker, provider_id, capability);

	return said == NULL
	    ? AICX_OK
	    : check(&broker->schemas, said->input_schema, input, reterr);
}

aicx_err
schemas_check_output(struct broker *broker, const struct aicx_id *provider_id,
    struct aicx_str capability, struct aicx_str output,
    struct aicx_error *reterr)
{
	const struct capability *said =
	    said_by(broker, provider_id, capability);

	return said == NULL
	    ? AICX_OK
	    : check(&broker->schemas, said->output_schema, output, reterr);
}
