/* SPDX-License-Identifier: Apache-2.0 */
/* docs.c - the OpenAPI description as one page for people. */
#include "docs.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* DOCS_POLICY has its hash; a test tells when it does not. */
static const char style[] =
    ":root{color-scheme:light dark}"
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem "
    "auto;padding:0 1rem}"
    "code,pre{font:14px/1.4 ui-monospace,monospace}"
    "pre{overflow:auto;padding:.6rem;border:1px solid #8886;border-radius:4px}"
    "table{border-collapse:collapse;width:100%}"
    "td,th{text-align:left;vertical-align:top;padding:.2rem .6rem .2rem 0;"
    "border-bottom:1px solid #8884}"
    "section{border-top:1px solid #8886;margin-top:1.5rem}"
    "nav a{margin-right:.8rem;white-space:nowrap}"
    ".verb{font-weight:700}.small{opacity:.75}";

static void
put_escaped(struct bytes *out, const char *text)
{
	for (; text != NULL && *text != '\0'; text++) {
		switch (*text) {
		case '<':
			bytes_text(out, "&lt;");
			break;
		case '>':
			bytes_text(out, "&gt;");
			break;
		case '&':
			bytes_text(out, "&amp;");
			break;
		case '"':
			bytes_text(out, "&quot;");
			break;
		default:
			bytes_char(out, *text);
			break;
		}
	}
}

static void
put_tagged(struct bytes *out, const char *tag, const char *text)
{
	bytes_char(out, '<');
	bytes_text(out, tag);
	bytes_char(out, '>');
	put_escaped(out, text);
	bytes_text(out, "</");
	bytes_text(out, tag);
	bytes_text(out, ">");
}

static const char *
text_in(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL ? text : "";
}

/* --- schemas --------------------------------------------------------- */

static const char *
type_of(const json_t *schema)
{
	const json_t *type = json_object_get(schema, "type");

	if (json_object_get(schema, "$ref") != NULL)
		return strrchr(text_in(schema, "$ref"), '/') + 1;
	if (json_object_get(schema, "enum") != NULL)
		return "one of";
	if (json_is_array(type))
		return "integer or string";
	if (text_in(schema, "format")[0] != '\0')
		return text_in(schema, "format");
	return type != NULL ? json_string_value(type) : "any";
}

static void
put_kind(struct bytes *out, const json_t *schema)
{
	const json_t *choices = json_object_get(schema, "enum");

	bytes_text(out, "<td>");
	put_escaped(out, type_of(schema));
	for (size_t i = 0; i < json_array_size(choices); i++) {
		bytes_text(out, i == 0 ? " " : ", ");
		put_escaped(out, json_string_value(json_array_get(choices, i)));
	}
	bytes_text(out, "</td>");
}

static void
put_row(struct bytes *out, const char *name, const json_t *schema,
    const char *where, const char *help)
{
	bytes_text(out, "<tr><td><code>");
	put_escaped(out, name);
	bytes_text(out, "</code></td>");
	put_kind(out, schema);
	put_tagged(out, "td", where);
	put_tagged(out, "td", help);
	bytes_text(out, "</tr>\n");
}

static bool requires(const json_t *schema, const char *name)
{
	const json_t *list = json_object_get(schema, "required");

	for (size_t i = 0; i < json_array_size(list); i++)
		if (strcmp(json_string_value(json_array_get(list, i)), name) ==
		    0)
			return true;
	return false;
}

static void
put_members(struct bytes *out, const json_t *schema)
{
	json_t *properties = json_object_get(schema, "properties");
	const char *name;
	json_t *member;

	json_object_foreach(properties, name, member)
	{
		put_row(out, name, member,
		    requires(schema, name) ? "required" : "",
		    text_in(member, "description"));
	}
}

/* --- operations ------------------------------------------------------ */

static void
put_json(struct bytes *out, const char *title, const json_t *value)
{
	char *text;

	if (value == NULL)
		return;
	text = json_dumps(value, JSON_INDENT(2) | JSON_ENCODE_ANY);
	put_tagged(out, "p", title);
	put_tagged(out, "pre", text);
	bytes_char(out, '\n');
	free(text);
}

static void
put_parameters(struct bytes *out, const json_t *parameters)
{
	for (size_t i = 0; i < json_array_size(parameters); i++) {
		const json_t *one = json_array_get(parameters, i);
		const char *where = text_in(one, "in");

		if (where[0] == '\0')
			continue; /* a shared one, told of at the top */
		put_row(out, text_in(one, "name"),
		    json_object_get(one, "schema"),
		    json_is_true(json_object_get(one, "required"))
			? strcmp(where, "path") == 0 ? "path"
						     : "query, required"
			: where,
		    text_in(one, "description"));
	}
}

static void
put_request(struct bytes *out, const json_t *operation)
{
	const json_t *body = json_object_get(
	    json_object_get(
		json_object_get(operation, "requestBody"), "content"),
	    "application/json");

	bytes_text(out, "<table>\n");
	put_parameters(out, json_object_get(operation, "parameters"));
	put_members(out, json_object_get(body, "schema"));
	bytes_text(out, "</table>\n");
	put_json(out, "Body", json_object_get(body, "example"));
}

static void
put_answer(struct bytes *out, const json_t *operation)
{
	json_t *responses = json_object_get(operation, "responses");
	const char *status = json_object_iter_key(json_object_iter(responses));
	const json_t *content =
	    json_object_get(json_object_get(responses, status), "content");
	const json_t *json = json_object_get(content, "application/json");
	const json_t *schema = json_object_get(json, "schema");

	bytes_text(out, "<p>Answer: ");
	put_escaped(out, status);
	bytes_text(out, "</p>\n");
	if (json_object_get(schema, "properties") != NULL) {
		bytes_text(out, "<table>\n");
		put_members(out, schema);
		bytes_text(out, "</table>\n");
	}
}

static void
put_operation(struct bytes *out, const char *path, const char *verb,
    const json_t *operation)
{
	const char *id = text_in(operation, "operationId");

	bytes_text(out, "<section id=\"");
	put_escaped(out, id);
	bytes_text(out, "\"><h3>");
	put_escaped(out, text_in(operation, "summary"));
	bytes_text(out, "</h3>\n<p><code><span class=\"verb\">");
	for (; *verb != '\0'; verb++)
		bytes_char(out, (char)(*verb - 'a' + 'A'));
	bytes_text(out, "</span> ");
	put_escaped(out, path);
	bytes_text(out, "</code> <span class=\"small\">");
	put_escaped(out, id);
	bytes_text(out, ", ");
	put_escaped(out,
	    text_in(operation, "x-permission")[0] != '\0'
		? text_in(operation, "x-permission")
		: "for everybody");
	bytes_text(out, "</span></p>\n");
	put_request(out, operation);
	put_answer(out, operation);
	bytes_text(out, "</section>\n");
}

static void
put_link(struct bytes *out, const json_t *operation)
{
	bytes_text(out, "<a href=\"#");
	put_escaped(out, text_in(operation, "operationId"));
	bytes_text(out, "\">");
	put_escaped(out, text_in(operation, "operationId"));
	bytes_text(out, "</a>\n");
}

/* --- the page -------------------------------------------------------- */

static void
put_head(struct bytes *out, const json_t *document)
{
	const json_t *info = json_object_get(document, "info");

	bytes_text(out,
	    "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width\">\n");
	put_tagged(out, "title", text_in(info, "title"));
	bytes_text(out, "\n<style>");
	bytes_text(out, style);
	bytes_text(out, "</style>\n");
	put_tagged(out, "h1", text_in(info, "title"));
	put_tagged(out, "p", text_in(info, "description"));
	bytes_text(out,
	    "\n<p>For programs: <a href=\"/openapi.json\">openapi.json</a>. "
	    "Send <code>Authorization: Bearer KEY</code>; with "
	    "<code>Idempotency-Key</code> a request that changes something "
	    "may be sent again.</p>\n");
}

static void
put_refusals(struct bytes *out, const json_t *document)
{
	json_t *responses = json_object_get(
	    json_object_get(document, "components"), "responses");
	const char *name;
	json_t *one;

	bytes_text(
	    out, "<section id=\"refusals\"><h2>Refusals</h2>\n<table>\n");
	json_object_foreach(responses, name, one)
	{
		const json_t *example = json_object_get(
		    json_object_get(json_object_get(one, "content"),
			"application/problem+json"),
		    "example");
		bytes_text(out, "<tr><td>");
		bytes_number(out,
		    (uint64_t)json_integer_value(
			json_object_get(example, "status")));
		bytes_text(out, "</td><td><code>");
		put_escaped(out, text_in(example, "code"));
		bytes_text(out, "</code></td>");
		put_tagged(out, "td", text_in(one, "description"));
		bytes_text(out, "</tr>\n");
	}
	bytes_text(out, "</table></section>\n");
}

typedef void each_fn(struct bytes *out, const char *path, const char *verb,
    const json_t *operation);

static void
each_link(struct bytes *out, const char *path, const char *verb,
    const json_t *operation)
{
	(void)path, (void)verb;
	put_link(out, operation);
}

static void
each(struct bytes *out, const json_t *document, each_fn *fn)
{
	const char *path;
	const char *verb;
	json_t *item;
	json_t *operation;

	json_object_foreach(json_object_get(document, "paths"), path, item)
	{
		json_object_foreach(item, verb, operation)
		{
			fn(out, path, verb, operation);
		}
	}
}

void
docs_print(const char *openapi, struct bytes *out)
{
	json_t *document = json_loads(openapi, 0, NULL);

	if (document == NULL) {
		out->failed = true;
		return;
	}
	put_head(out, document);
	bytes_text(out, "<nav>\n");
	each(out, document, each_link);
	bytes_text(out, "<a href=\"#refusals\">refusals</a>\n</nav>\n");
	each(out, document, put_operation);
	put_refusals(out, document);
	bytes_text(out, "</html>\n");
	json_decref(document);
}
