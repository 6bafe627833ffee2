/* SPDX-License-Identifier: Apache-2.0 */
/* openapi.c - the method table as an OpenAPI 3.1 description. */
#include "openapi.h"

#include "openapi_parts.h"
#include "sample.h"
#include <string.h>

#define URL "http://127.0.0.1:8700"

/* --- one operation --------------------------------------------------- */

struct op {
	const struct aicx_method *method;
	const char *verb; /* "post" */
	json_t *params; /* schema of all parameters */
	json_t *parameters; /* those outside the body */
	bool in_body; /* what is left goes into the body */
};

static bool
is_public(const struct aicx_method *method)
{
	return method->permission == NULL || method->permission[0] == '\0';
}

static json_t *
parameter(const char *name, const char *where, const json_t *schema)
{
	json_t *bare = json_deep_copy(schema);
	json_t *help = json_object_get(bare, "description");
	json_t *out = json_object();

	(void)json_object_set_new(out, "name", json_string(name));
	(void)json_object_set_new(out, "in", json_string(where));
	(void)json_object_set(out, "description",
	    help != NULL ? help : json_object_get(out, "name"));
	if (strcmp(where, "path") == 0)
		(void)json_object_set_new(out, "required", json_true());
	(void)json_object_del(bare, "description");
	(void)json_object_set_new(out, "example", sample_of(bare, name));
	(void)json_object_set_new(out, "schema", bare);
	return out;
}

/* The names in braces leave the schema and become path parameters. */
static void
take_path(struct op *op, const char *path)
{
	json_t *properties = json_object_get(op->params, "properties");

	while ((path = strchr(path, '{')) != NULL) {
		const char *end = strchr(++path, '}');
		char name[64];
		json_t *schema;

		if (end == NULL || (size_t)(end - path) >= sizeof name)
			return;
		memcpy(name, path, (size_t)(end - path));
		name[end - path] = '\0';
		schema = json_incref(json_object_get(properties, name));
		if (schema == NULL)
			schema = json_pack("{s:s}", "type", "string");
		(void)json_array_append_new(
		    op->parameters, parameter(name, "path", schema));
		json_decref(schema);
		parts_drop(op->params, name);
	}
}

static void
take_query(struct op *op)
{
	const char *name;
	json_t *schema;

	json_object_foreach(
	    json_object_get(op->params, "properties"), name, schema)
	{
		json_t *one = parts_in_query(schema);
		json_t *out = parameter(name, "query", one);

		if (parts_requires(op->params, name))
			(void)json_object_set_new(out, "required", json_true());
		(void)json_array_append_new(op->parameters, out);
		json_decref(one);
	}
}

static json_t *
content_of(const char *media, json_t *schema, json_t *example)
{
	json_t *one = json_pack("{s:o}", "schema", schema);

	if (example != NULL)
		(void)json_object_set_new(one, "example", example);
	return json_pack("{s:o}", media, one);
}

static void
put_body(const struct op *op, json_t *out)
{
	json_t *schema = op->method->raw_body
	    ? parts_reference("schemas", "Envelope")
	    : json_incref(op->params);
	json_t *example = op->method->raw_body ? parts_envelope_example()
					       : sample_of(schema, "");
	bool required = op->method->raw_body ||
	    json_object_get(op->params, "required") != NULL;

	(void)json_object_set_new(out, "requestBody",
	    json_pack("{s:b,s:o}", "required", required, "content",
		content_of("application/json", schema, example)));
}

static json_t *
result_schema(const struct aicx_method *method)
{
	json_t *schema = NULL;

	if (method->result_schema != NULL)
		schema = json_loads(method->result_schema, 0, NULL);
	if (schema == NULL && method->raw_body)
		schema = parts_reference("schemas", "Envelope");
	if (schema == NULL)
		schema = json_pack("{s:s}", "type", "object");
	parts_share_money(schema);
	return schema;
}

static json_t *
good_content(const struct aicx_method *method)
{
	const char *media = "application/json";
	json_t *schema;
	json_t *content;

	if (AICX_HAS(method, struct aicx_method, media))
		media = method->media;
	if (strncmp(media, "application/json", 16) != 0) {
		schema = json_pack("{s:s}", "type", "string");
		return content_of(media, schema, NULL);
	}
	schema = result_schema(method);
	content = content_of(media, schema,
	    method->raw_body                    ? parts_envelope_example()
		: method->result_schema != NULL ? sample_of(schema, "")
						: NULL);
	if (method->follows)
		(void)json_object_set_new(content, "text/event-stream",
		    json_pack("{s:{s:s,s:s}}", "schema", "type", "string",
			"description",
			"With Accept: text/event-stream, each event as it "
			"comes."));
	return content;
}

/* Health says why not in the body that also says that all is well. */
static bool
is_health(const struct aicx_method *method)
{
	return is_public(method) &&
	    strncmp(method->name, "monitoring.", 11) == 0;
}

static json_t *
not_now(const struct aicx_method *method)
{
	json_t *content = good_content(method);

	(void)json_object_set_new(content, "application/problem+json",
	    json_pack(
		"{s:o}", "schema", parts_reference("schemas", "Problem")));
	return json_pack("{s:s,s:o}", "description",
	    "Not now; `status` says why.", "content", content);
}

static void
put_responses(const struct op *op, json_t *out)
{
	json_t *responses = json_object();
	char status[8];

	(void)parts_number(op->method->success, status);
	(void)json_object_set_new(responses, status,
	    json_pack("{s:s,s:o,s:o}", "description", op->method->summary,
		"headers", parts_headers(strcmp(op->verb, "get") == 0),
		"content", good_content(op->method)));
	if (op->method->asks)
		(void)json_object_set_new(
		    responses, "202", parts_reference("responses", "Asks"));
	if (op->method->raw_body) { /* what the message means decides */
		(void)json_object_set_new(responses, "201",
		    json_deep_copy(json_object_get(responses, status)));
		(void)json_object_set_new(responses, "4XX",
		    parts_reference("responses", "MessageRefused"));
		(void)json_object_set_new(responses, "default",
		    parts_reference("responses", "MessageRefused"));
		(void)json_object_set_new(out, "responses", responses);
		return;
	}
	parts_put_refusals(responses,
	    (is_public(op->method) ? 0 : PART_CREDENTIAL) |
		(json_array_size(op->parameters) > 0 ? PART_NAMED : 0) |
		(strcmp(op->verb, "get") != 0 ? PART_CHANGES : 0) |
		(op->in_body ? PART_BODY : 0));
	if (is_health(op->method))
		(void)json_object_set_new(
		    responses, "503", not_now(op->method));
	(void)json_object_set_new(out, "responses", responses);
}

static json_t *
tags_of(const struct aicx_method *method)
{
	const char *dot = strchr(method->name, '.');
	size_t len =
	    dot != NULL ? (size_t)(dot - method->name) : strlen(method->name);

	return json_pack("[o]", json_stringn(method->name, len));
}

static void
put_security(const struct aicx_method *method, json_t *out)
{
	(void)json_object_set_new(out, "security",
	    is_public(method) ? json_array() : json_pack("[{s:[]}]", "apiKey"));
	if (!is_public(method))
		(void)json_object_set_new(
		    out, "x-permission", json_string(method->permission));
}

static json_t *
operation(struct op *op, const char *path)
{
	json_t *out = json_object();
	bool get = strcmp(op->verb, "get") == 0;

	op->in_body = !get && strcmp(op->verb, "delete") != 0;
	op->parameters = json_array();
	op->params = json_loads(op->method->params_schema, 0, NULL);
	parts_share_money(op->params);
	take_path(op, path);
	if (!op->in_body)
		take_query(op);
	else
		op->in_body = op->method->raw_body || parts_left(op->params);
	if (!get)
		(void)json_array_append_new(op->parameters,
		    parts_reference("parameters", "IdempotencyKey"));
	(void)json_object_set_new(
	    out, "operationId", json_string(op->method->name));
	(void)json_object_set_new(
	    out, "summary", json_string(op->method->summary));
	(void)json_object_set_new(
	    out, "description", parts_description(op->method));
	(void)json_object_set_new(out, "tags", tags_of(op->method));
	put_security(op->method, out);
	if (json_array_size(op->parameters) > 0)
		(void)json_object_set(out, "parameters", op->parameters);
	if (op->in_body)
		put_body(op, out);
	put_responses(op, out);
	json_decref(op->params);
	json_decref(op->parameters);
	return out;
}

/* --- the document ---------------------------------------------------- */

static const char *
verb_of(const char *rest)
{
	static const char *const verbs[][2] = { { "GET ", "get" },
		{ "POST ", "post" }, { "PUT ", "put" }, { "PATCH ", "patch" },
		{ "DELETE ", "delete" } };

	for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
		if (strncmp(rest, verbs[i][0], strlen(verbs[i][0])) == 0)
			return verbs[i][1];
	return NULL;
}

static void
put_method(json_t *paths, const struct aicx_method *method)
{
	struct op op = { .method = method };
	const char *path;
	json_t *item;

	if (method->rest == NULL || method->params_schema == NULL)
		return;
	op.verb = verb_of(method->rest);
	path = strchr(method->rest, '/');
	if (op.verb == NULL || path == NULL)
		return;
	item = json_object_get(paths, path);
	if (item == NULL) {
		item = json_object();
		(void)json_object_set_new(paths, path, item);
	}
	(void)json_object_set_new(item, op.verb, operation(&op, path));
}

static json_t *
tags_of_all(const struct aicx_method *const *methods, size_t n_methods)
{
	json_t *tags = json_array();
	json_t *seen = json_object();

	for (size_t i = 0; i < n_methods; i++) {
		json_t *list = tags_of(methods[i]);
		json_t *name = json_array_get(list, 0);

		if (methods[i]->rest != NULL &&
		    json_object_get(seen, json_string_value(name)) == NULL) {
			(void)json_object_set_new(
			    seen, json_string_value(name), json_true());
			(void)json_array_append_new(tags,
			    json_pack("{s:O,s:o}", "name", name, "description",
				json_sprintf("The methods of %s.",
				    json_string_value(name))));
		}
		json_decref(list);
	}
	json_decref(seen);
	return tags;
}

char *
openapi_print(
    const struct aicx_method *const *methods, size_t n_methods, const char *url)
{
	json_t *paths = json_object();
	json_t *document;
	char *text;

	for (size_t i = 0; i < n_methods; i++)
		put_method(paths, methods[i]);
	document = json_pack("{s:s,s:o,s:[{s:s,s:s}],s:o,s:o,s:o}", "openapi",
	    "3.1.0", "info", parts_info(), "servers", "url",
	    url != NULL ? url : URL, "description", "The broker.", "tags",
	    tags_of_all(methods, n_methods), "paths", paths, "components",
	    parts_components());
	text = json_dumps(document, JSON_COMPACT);
	json_decref(document);
	return text;
}
