/* SPDX-License-Identifier: Apache-2.0 */
/* params.c - path, query and body of a request as one JSON object. */
#include "params.h"

#include "body.h"
#include "slice.h"

#include <string.h>

void
params_fini(struct params *params)
{
	bytes_fini(&params->decoded);
}

static bool
complain(
    struct complaint *ret_complaint, const char *why, struct aicx_str subject)
{
	*ret_complaint = (struct complaint) { why, subject };
	return false;
}

static const struct param *
find(const struct params *params, struct aicx_str name)
{
	for (size_t i = 0; i < params->n; i++)
		if (text_same(params->list[i].name, name))
			return &params->list[i];
	return NULL;
}

bool
params_add_path(struct params *params, struct aicx_str name,
    struct aicx_str value, struct complaint *ret_complaint)
{
	if (!text_is_utf8(value))
		return complain(
		    ret_complaint, "is not UTF-8 in the path", name);
	params->list[params->n++] = (struct param) { name, value, "path" };
	return true;
}

/* The room was made before, so earlier views stay valid. */
static bool
decode_view(struct params *params, struct aicx_str raw, struct aicx_str *ret)
{
	size_t from = params->decoded.len;

	if (!bytes_form(&params->decoded, raw))
		return false;
	*ret = (struct aicx_str) { params->decoded.ptr + from,
		params->decoded.len - from };
	return text_is_utf8(*ret);
}

static bool
add_pair(struct params *params, struct aicx_str raw, size_t *n_pairs,
    struct complaint *ret_complaint)
{
	struct aicx_str raw_value;
	struct aicx_str raw_name = text_cut(raw, '=', &raw_value);
	struct param param = { .where = "query" };
	const struct param *other;

	if (++*n_pairs > PARAMS_QUERY_MAX)
		return complain(ret_complaint, "more than 32 query parameters",
		    (struct aicx_str) { NULL, 0 });
	if (!decode_view(params, raw_name, &param.name) ||
	    param.name.len == 0 ||
	    !decode_view(params, raw_value, &param.value))
		return complain(ret_complaint, "the query is malformed",
		    (struct aicx_str) { NULL, 0 });
	other = find(params, param.name);
	if (other != NULL)
		return complain(ret_complaint,
		    strcmp(other->where, "path") == 0
			? "is given in the path and in the query"
			: "is given twice in the query",
		    param.name);
	params->list[params->n++] = param;
	return true;
}

bool
params_add_query(struct params *params, struct aicx_str query,
    struct complaint *ret_complaint)
{
	size_t n_pairs = 0;

	if (!bytes_room(&params->decoded, query.len))
		return complain(ret_complaint, "out of memory",
		    (struct aicx_str) { NULL, 0 });
	while (query.len > 0) {
		struct aicx_str pair = text_cut(query, '&', &query);

		if (pair.len > 0 &&
		    !add_pair(params, pair, &n_pairs, ret_complaint))
			return false;
	}
	return true;
}

/* Which of ours the body has too; those must agree. */
static bool
compare(const struct params *params, struct aicx_str body, bool *ret_in_body,
    struct complaint *ret_complaint)
{
	struct slice_walk walk = { .text = body };
	struct aicx_str name;
	struct aicx_str value;

	while (slice_next(&walk, &name, &value)) {
		const struct param *param = find(params, name);
		struct bytes text = { 0 };
		bool same;

		if (param == NULL)
			continue;
		bytes_json(&text, param->value);
		same = text_same(bytes_view(&text), value);
		bytes_fini(&text);
		if (!same)
			return complain(ret_complaint,
			    strcmp(param->where, "path") == 0
				? "has another value in the body than in the "
				  "path"
				: "has another value in the body than in the "
				  "query",
			    param->name);
		ret_in_body[param - params->list] = true;
	}
	return true;
}

static void
print_members(const struct params *params, const bool *in_body, bool first,
    struct bytes *out)
{
	for (size_t i = 0; i < params->n; i++) {
		if (in_body[i])
			continue;
		if (!first)
			bytes_char(out, ',');
		first = false;
		bytes_json(out, params->list[i].name);
		bytes_char(out, ':');
		bytes_json(out, params->list[i].value);
	}
}

bool
params_print(const struct params *params, struct aicx_str body,
    struct bytes *out, struct complaint *ret_complaint)
{
	bool in_body[PARAMS_MAX] = { false };
	enum body_shape shape = body_shape(&body);

	if (shape == BODY_OTHER)
		return complain(ret_complaint,
		    "the body is not a JSON object: no '{' at its beginning",
		    (struct aicx_str) { NULL, 0 });
	/* Nothing of ours, or not to be spliced: the host will see why. */
	if (shape == BODY_BROKEN || (params->n == 0 && shape != BODY_ABSENT)) {
		bytes_str(out, body);
		return true;
	}
	if (shape == BODY_OBJECT &&
	    !compare(params, body, in_body, ret_complaint))
		return false;
	if (shape == BODY_ABSENT)
		body = TEXT("{}");
	bytes_str(out, (struct aicx_str) { body.ptr, body.len - 1 });
	print_members(params, in_body, shape != BODY_OBJECT, out);
	bytes_char(out, '}');
	return true;
}
