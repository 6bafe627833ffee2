/* SPDX-License-Identifier: Apache-2.0 */
/* content.c - what a tool gives back. */
#include "content.h"

#include <string.h>

/* string: JSON, or bytes that become a JSON string. */
static void
put_text_item(struct print *out, struct aicx_str text, bool is_json_string)
{
	print_open(out, '{');
	print_key(out, "type");
	print_text(out, "text");
	print_key(out, "text");
	if (is_json_string)
		print_raw(out, text);
	else
		print_str(out, text);
	print_close(out, '}');
}

static void
put_text(struct print *out, struct aicx_str text, bool is_json_string)
{
	print_key(out, "content");
	print_open(out, '[');
	put_text_item(out, text, is_json_string);
	print_close(out, ']');
}

void
content_object(struct print *out, struct aicx_str object)
{
	put_text(out, object, false);
	print_key(out, "structuredContent");
	print_raw(out, object);
}

/* --- what a seller delivered -------------------------------------- */

static bool
has_text(struct aicx_str item, const char *name)
{
	return slice_inside(slice_get(item, name)).ptr != NULL;
}

static bool
is_item(struct aicx_str item)
{
	struct aicx_str type = slice_get(item, "type");

	if (text_same(type, TEXT("\"text\"")))
		return has_text(item, "text");
	if (text_same(type, TEXT("\"image\"")) ||
	    text_same(type, TEXT("\"audio\"")))
		return has_text(item, "data") && has_text(item, "mimeType");
	if (text_same(type, TEXT("\"resource\"")))
		return has_text(slice_get(item, "resource"), "uri");
	return text_same(type, TEXT("\"resource_link\"")) &&
	    has_text(item, "uri") && has_text(item, "name");
}

static bool
are_items(struct aicx_str list)
{
	struct slice_walk walk = { .text = list };
	struct aicx_str name, item;

	if (list.len == 0 || *list.ptr != '[')
		return false;
	while (slice_next(&walk, &name, &item))
		if (!is_item(item))
			return false;
	return true;
}

/* An object of content and perhaps structuredContent, and nothing else. */
static bool
is_tool_result(struct aicx_str result)
{
	struct slice_walk walk = { .text = result };
	struct aicx_str name, value;
	bool has_content = false;

	if (result.len == 0 || *result.ptr != '{')
		return false;
	while (slice_next(&walk, &name, &value)) {
		if (text_same(name, TEXT("content")) && are_items(value))
			has_content = true;
		else if (!text_same(name, TEXT("structuredContent")) &&
		    !text_same(name, TEXT("_meta")))
			return false;
	}
	return has_content;
}

void
content_result(
    struct print *out, struct aicx_str result, bool has_output_schema)
{
	bool is_object = result.len > 0 && *result.ptr == '{';
	struct aicx_str structure = slice_get(result, "structuredContent");

	if (is_tool_result(result) &&
	    (structure.ptr != NULL || !has_output_schema)) {
		print_key(out, "content");
		print_raw(out, slice_get(result, "content"));
		if (structure.ptr == NULL)
			return;
		print_key(out, "structuredContent");
		print_raw(out, structure);
	} else if (is_object) {
		content_object(out, result);
	} else {
		put_text(out, result, slice_inside(result).ptr != NULL);
	}
}

/* --- what went wrong ---------------------------------------------- */

void
content_error(
    struct talk *talk, struct aicx_str text, struct aicx_str structure)
{
	struct print *out = talk_begin(talk);

	put_text(out, text, false);
	if (structure.ptr != NULL && !talk->bargain.has_output_schema) {
		print_key(out, "structuredContent");
		print_raw(out, structure);
	}
	print_key(out, "isError");
	print_bool(out, true);
	talk_end(talk, (struct aicx_str) { NULL, 0 });
}

void
content_problem(struct talk *talk, struct aicx_str problem)
{
	struct print text = { 0 };
	struct aicx_str code = slice_inside(slice_get(problem, "code"));
	struct aicx_str detail = slice_inside(slice_get(problem, "detail"));
	struct print *out = talk_begin(talk);

	/* Both are escaped as they stand. */
	bytes_char(&text.bytes, '"');
	bytes_str(&text.bytes, code);
	bytes_text(&text.bytes, ": ");
	bytes_str(&text.bytes, detail);
	bytes_char(&text.bytes, '"');
	put_text(out, bytes_view(&text.bytes), true);
	print_fini(&text);
	if (!talk->bargain.has_output_schema) {
		print_key(out, "structuredContent");
		print_open(out, '{');
		print_key(out, "error");
		print_raw(out, slice_get(problem, "code"));
		if (slice_get(problem, "detail").ptr != NULL) {
			print_key(out, "detail");
			print_raw(out, slice_get(problem, "detail"));
		}
		print_close(out, '}');
	}
	print_key(out, "isError");
	print_bool(out, true);
	talk_end(talk, (struct aicx_str) { NULL, 0 });
}
