/* SPDX-License-Identifier: Apache-2.0 */
/* their_tool.c - tools of somebody's MCP server, and their results. */
#include "their_tool.h"

#include "schema.h"
#include "slice.h"

#include <string.h>

static void
tool_fini(struct their_tool *tool)
{
	bytes_fini(&tool->name);
	bytes_fini(&tool->description);
	bytes_fini(&tool->input_schema);
	bytes_fini(&tool->output_schema);
}

void
their_tools_fini(struct their_tools *tools)
{
	for (size_t i = 0; i < tools->n; i++)
		tool_fini(&tools->list[i]);
	tools->n = 0;
}

/* --- lists ------------------------------------------------------------ */

/* Names with escapes are nobody's: they pass as written or not at all. */
static bool
is_name(struct aicx_str name)
{
	return name.len > 0 && name.len <= THEIR_NAME_MAX &&
	    memchr(name.ptr, '\\', name.len) == NULL;
}

static bool
is_schema(struct aicx_str schema)
{
	return schema.len <= THEIR_SCHEMA_MAX && schema_is_object(schema);
}

static bool
same_capability(const struct their_tool *a, const struct their_tool *b)
{
	struct bytes one = { 0 }, other = { 0 };

	their_tool_name(a, &one);
	their_tool_name(b, &other);
	bool same = text_same(bytes_view(&one), bytes_view(&other));
	bytes_fini(&one);
	bytes_fini(&other);
	return same;
}

static void
tool_take(struct their_tools *tools, struct aicx_str text)
{
	struct aicx_str name = slice_inside(slice_get(text, "name"));
	struct aicx_str words = slice_get(text, "description");
	struct aicx_str input = slice_get(text, "inputSchema");
	struct aicx_str output = slice_get(text, "outputSchema");
	struct their_tool *tool = &tools->list[tools->n];

	if (tools->n == THEIR_TOOLS_MAX || !is_name(name) ||
	    !is_schema(input) || (output.ptr != NULL && !is_schema(output)))
		return;
	if (slice_inside(words).len == 0 || words.len > THEIR_DESCRIPTION_MAX)
		words = slice_get(text, "title");
	if (slice_inside(words).len == 0 || words.len > THEIR_DESCRIPTION_MAX)
		words = (struct aicx_str) { NULL, 0 };
	*tool = (struct their_tool) { .name = { 0 } };
	bytes_str(&tool->name, name);
	bytes_str(&tool->description, words);
	bytes_str(&tool->input_schema, input);
	bytes_str(&tool->output_schema, output);
	for (size_t i = 0; i < tools->n; i++)
		if (same_capability(&tools->list[i], tool)) {
			tool_fini(tool);
			return;
		}
	tools->n++;
}

bool
their_tools_take(struct their_tools *tools, struct aicx_str result,
    struct aicx_str *ret_cursor)
{
	struct slice_walk walk = { .text = slice_get(result, "tools") };
	struct aicx_str name, tool;

	if (walk.text.len == 0 || *walk.text.ptr != '[')
		return false;
	while (slice_next(&walk, &name, &tool))
		tool_take(tools, tool);
	*ret_cursor = slice_get(result, "nextCursor");
	if (slice_inside(*ret_cursor).ptr == NULL)
		*ret_cursor = (struct aicx_str) { NULL, 0 };
	return true;
}

const struct their_tool *
their_tools_find(const struct their_tools *tools, struct aicx_str name)
{
	for (size_t i = 0; i < tools->n; i++)
		if (text_same(bytes_view(&tools->list[i].name), name))
			return &tools->list[i];
	return NULL;
}

void
their_tool_name(const struct their_tool *tool, struct bytes *ret_name)
{
	for (size_t i = 0; i < tool->name.len; i++) {
		char c = tool->name.ptr[i];
		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		bool good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
		    c == '.' || c == '_' || c == '-';
		bytes_char(ret_name, good ? c : '_');
	}
}

static bool
same_json(struct aicx_str a, struct aicx_str b)
{
	json_t *one, *other;
	bool same;

	if (text_same(a, b))
		return true;
	one = json_loadb(a.ptr, a.len, JSON_DECODE_INT_AS_REAL, NULL);
	other = json_loadb(b.ptr, b.len, JSON_DECODE_INT_AS_REAL, NULL);
	same = one != NULL && other != NULL && json_equal(one, other);
	json_decref(one);
	json_decref(other);
	return same;
}

bool
their_tool_is(const struct their_tool *tool, struct aicx_str input_schema,
    struct aicx_str output_schema)
{
	struct aicx_str output = bytes_view(&tool->output_schema);

	if (input_schema.len > 0 &&
	    !same_json(input_schema, bytes_view(&tool->input_schema)))
		return false;
	return output_schema.len == 0 ||
	    (output.len > 0 && same_json(output_schema, output));
}

/* --- results ---------------------------------------------------------- */

static bool
fail(const char *code, const char *detail, const char **ret_code,
    struct bytes *ret_detail)
{
	*ret_code = code;
	bytes_text(ret_detail, detail);
	return false;
}

/* The first text of the content, as it is once unescaped. */
static void
put_first_text(struct aicx_str content, struct bytes *ret_detail)
{
	struct slice_walk walk = { .text = content };
	struct aicx_str name, item;

	while (slice_next(&walk, &name, &item)) {
		struct aicx_str text = slice_get(item, "text");
		json_t *value;
		if (slice_inside(text).len == 0)
			continue;
		value = json_loadb(text.ptr, text.len, JSON_DECODE_ANY, NULL);
		if (json_is_string(value))
			bytes_text(ret_detail, json_string_value(value));
		json_decref(value);
		if (ret_detail->len > 0)
			return;
	}
	bytes_text(ret_detail, "the tool says that it failed");
}

bool
their_output(struct aicx_str result, bool has_output_schema,
    struct bytes *ret_output, const char **ret_code, struct bytes *ret_detail)
{
	struct aicx_str content = slice_get(result, "content");
	struct aicx_str structure = slice_get(result, "structuredContent");
	struct aicx_str type = slice_get(result, "resultType");

	if (text_same(slice_get(result, "isError"), TEXT("true"))) {
		*ret_code = "tool_failed";
		put_first_text(content, ret_detail);
		return false;
	}
	if (type.ptr != NULL && !text_same(type, TEXT("\"complete\"")))
		return fail("invalid_result",
		    "the tool wants something more, which nobody answers",
		    ret_code, ret_detail);
	if (structure.len > 0 && *structure.ptr == '{') {
		bytes_str(ret_output, structure);
		return true;
	}
	if (has_output_schema)
		return fail("invalid_result",
		    "the tool promises structured content and gives none",
		    ret_code, ret_detail);
	if (content.len == 0 || *content.ptr != '[')
		return fail("invalid_result", "the result has no content",
		    ret_code, ret_detail);
	bytes_text(ret_output, "{\"content\":");
	bytes_str(ret_output, content);
	bytes_char(ret_output, '}');
	return true;
}
