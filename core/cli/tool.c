/* SPDX-License-Identifier: Apache-2.0 */
/* tool.c - what an MCP server says: its messages, its tools, a call's
   result. */
#include "cli/tool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

/* --- messages --------------------------------------------------------- */

static bool
is_id(struct json_ref ref)
{
	return json_type(ref) == JSON_STRING || json_type(ref) == JSON_NUMBER;
}

static aicx_err
bad_message(struct aicx_error *reterr)
{
	return err_word(
	    reterr, AICX_EINVAL, "malformed", "line is no JSON-RPC message");
}

aicx_err
tool_message_read(struct aicx_str line, struct arena *arena,
    struct tool_message *ret, struct aicx_error *reterr)
{
	struct json *doc = arena_new(arena, sizeof *doc);
	aicx_err err = json_parse(line, arena, doc, reterr);

	if (err != AICX_OK)
		return err;
	struct json_ref root = json_root(doc), id = json_get(root, "id");
	struct json_ref method = json_get(root, "method");
	struct json_ref result = json_get(root, "result");
	struct json_ref error = json_get(root, "error");
	if (!str_is(json_str(json_get(root, "jsonrpc"), arena), "2.0"))
		return bad_message(reterr);
	*ret = (struct tool_message) { .id = id,
		.method = json_str(method, arena),
		.body = json_get(root, "params") };
	if (json_type(method) == JSON_STRING && (is_id(id) || !json_has(id))) {
		ret->kind = json_has(id) ? TOOL_REQUEST : TOOL_NOTIFICATION;
		return AICX_OK;
	}
	ret->body = json_has(error) ? error : result;
	ret->kind = json_has(error) ? TOOL_ERROR : TOOL_RESULT;
	if (json_has(method) || json_has(error) == json_has(result) ||
	    json_type(ret->body) != JSON_OBJECT)
		return bad_message(reterr);
	return AICX_OK;
}

/* --- tools ------------------------------------------------------------ */

static void
tool_fini(struct tool *tool)
{
	free(tool->name);
	free(tool->capability);
	free(tool->description);
	free(tool->input_schema);
	free(tool->output_schema);
}

void
tools_fini(struct tools *tools)
{
	for (size_t i = 0; i < tools->n; i++)
		tool_fini(&tools->list[i]);
	*tools = (struct tools) { .n = 0 };
}

static char *
text_of(struct aicx_str str)
{
	char *text = mem_new(str.len + 1);

	if (str.len > 0)
		memcpy(text, str.ptr, str.len);
	return text;
}

/* Capital letters become small, whatever else is not allowed an underscore. */
static char *
capability_of(struct aicx_str name, const char *prefix)
{
	struct buf buf = { 0 };

	if (prefix != NULL)
		buf_printf(&buf, "%s.", prefix);
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];
		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		bool good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
		    c == '.' || c == '_' || c == '-';
		buf_char(&buf, good ? c : '_');
	}
	(void)buf_cstr(&buf);
	return buf_take(&buf);
}

/* Whole characters of UTF-8 only. */
static struct aicx_str
cut(struct aicx_str text, size_t max)
{
	if (text.len <= max)
		return text;
	text.len = max;
	while (text.len > 0 && !str_is_utf8(text))
		text.len--;
	return text;
}

static bool
is_object_schema(struct json_ref schema, struct arena *arena)
{
	return json_type(schema) == JSON_OBJECT &&
	    json_raw(schema).len <= TOOL_SCHEMA_MAX &&
	    str_is(json_str(json_get(schema, "type"), arena), "object");
}

/* false: it is left out. */
static bool
tool_take(struct tools *tools, struct json_ref ref, const char *prefix,
    struct arena *arena)
{
	struct aicx_str name = json_str(json_get(ref, "name"), arena);
	struct aicx_str words = json_str(json_get(ref, "description"), arena);
	struct json_ref input = json_get(ref, "inputSchema");
	struct json_ref output = json_get(ref, "outputSchema");

	if (name.len == 0 || name.len > TOOL_NAME_MAX ||
	    memchr(name.ptr, '\0', name.len) != NULL || tools->n == TOOLS_MAX ||
	    !is_object_schema(input, arena) ||
	    (json_has(output) && !is_object_schema(output, arena)))
		return false;
	if (words.len == 0)
		words = json_str(json_get(ref, "title"), arena);
	struct tool tool = { .name = text_of(name),
		.capability = capability_of(name, prefix),
		.input_schema = text_of(json_raw(input)) };
	if (strlen(tool.capability) > TOOL_NAME_MAX ||
	    tools_find(tools, str_of(tool.capability)) != NULL) {
		tool_fini(&tool);
		return false;
	}
	if (words.len > 0)
		tool.description = text_of(cut(words, TOOL_DESCRIPTION_MAX));
	if (json_has(output))
		tool.output_schema = text_of(json_raw(output));
	tools->list[tools->n++] = tool;
	return true;
}

aicx_err
tools_take(struct tools *tools, struct json_ref page, const char *prefix,
    struct arena *arena, struct aicx_str *ret_cursor, struct aicx_error *reterr)
{
	struct json_ref list = json_get(page, "tools");
	struct json_iter iter = json_iter(list);

	if (json_type(list) != JSON_ARRAY)
		return err_word(reterr, AICX_EINVAL, "malformed",
		    "answer to tools/list has no tools");
	while (json_next(&iter))
		if (!tool_take(tools, iter.value, prefix, arena))
			tools->n_left_out++;
	*ret_cursor = json_str(json_get(page, "nextCursor"), arena);
	return AICX_OK;
}

static bool
same_text(const char *a, const char *b)
{
	return (a == NULL) == (b == NULL) && (a == NULL || strcmp(a, b) == 0);
}

void
tools_compare(struct tools *tools, const struct tools *before, int64_t now_ms)
{
	for (size_t i = 0; i < tools->n; i++) {
		struct tool *tool = &tools->list[i];
		const struct tool *old =
		    tools_find(before, str_of(tool->capability));
		bool same = old != NULL && same_text(old->name, tool->name) &&
		    same_text(old->input_schema, tool->input_schema) &&
		    same_text(old->output_schema, tool->output_schema);
		tool->changed_ms = same ? old->changed_ms : now_ms;
	}
}

const struct tool *
tools_find(const struct tools *tools, struct aicx_str capability)
{
	for (size_t i = 0; i < tools->n; i++)
		if (str_is(capability, tools->list[i].capability))
			return &tools->list[i];
	return NULL;
}

/* --- results ---------------------------------------------------------- */

/* The first text among the content, for people. */
static struct aicx_str
first_text(struct json_ref content, struct arena *arena)
{
	struct json_iter iter = json_iter(content);

	while (json_type(content) == JSON_ARRAY && json_next(&iter)) {
		struct aicx_str text =
		    json_str(json_get(iter.value, "text"), arena);
		if (text.len > 0)
			return cut(text, 200);
	}
	return STR("the tool says that it failed");
}

aicx_err
tool_output(struct json_ref result, bool has_output_schema, struct arena *arena,
    struct buf *ret_output, struct aicx_error *reterr)
{
	struct json_ref content = json_get(result, "content");
	struct json_ref structure = json_get(result, "structuredContent");
	struct aicx_str type = json_str(json_get(result, "resultType"), arena);
	struct json_writer w = json_writer(ret_output);
	bool failed = false;

	(void)json_bool(json_get(result, "isError"), &failed);
	if (failed)
		return err_word(reterr, AICX_EIO, "tool_failed", "%.*s",
		    STR_ARG(first_text(content, arena)));
	if (type.len > 0 && !str_is(type, "complete"))
		return err_word(reterr, AICX_EIO, "invalid_output",
		    "tool wants something more (%.*s)", STR_ARG(cut(type, 40)));
	if (json_type(structure) == JSON_OBJECT) {
		json_put_raw(&w, json_raw(structure));
		return AICX_OK;
	}
	if (has_output_schema)
		return err_word(reterr, AICX_EIO, "invalid_output",
		    "tool promises structured content and gives none");
	if (json_type(content) != JSON_ARRAY)
		return err_word(reterr, AICX_EIO, "invalid_output",
		    "result has no content");
	json_open(&w, '{');
	json_key(&w, "content");
	json_put_raw(&w, json_raw(content));
	json_close(&w);
	return AICX_OK;
}
