/* SPDX-License-Identifier: Apache-2.0 */
/* message.c - A2A messages, and what they mean to a capability. */
#include "message.h"

#include "op.h"

#include <stdio.h>
#include <string.h>

/* --- the shape ---------------------------------------------------------- */

static bool
refuse(struct fault *ret_fault, const char *field, const char *why)
{
	fault_set(ret_fault, FAULT_PARAMS, field, "%s", why);
	return false;
}

/* Exactly one of the four (A2A 4.1.6). */
static bool
part_check(const json_t *part, struct fault *ret_fault)
{
	static const char *const texts[] = { "text", "raw", "url" };
	int n = json_object_get(part, "data") != NULL;

	if (!json_is_object(part))
		return refuse(
		    ret_fault, "message.parts", "a part is no object");
	for (size_t i = 0; i < 3; i++) {
		const json_t *value = member(part, texts[i]);

		if (value == NULL)
			continue;
		n++;
		if (!json_is_string(value))
			return refuse(ret_fault, "message.parts",
			    "text, raw and url of a part are strings");
	}
	if (n != 1)
		return refuse(ret_fault, "message.parts",
		    "a part has exactly one of text, raw, url and data");
	return true;
}

static bool
is_text(const json_t *object, const char *name)
{
	const json_t *value = member(object, name);

	return value == NULL || json_is_string(value);
}

bool
message_check(const json_t *message, struct fault *ret_fault)
{
	const json_t *parts = member(message, "parts");
	const char *id = member_text(message, "messageId");

	if (!json_is_object(message))
		return refuse(ret_fault, "message", "message is required");
	if (*id == '\0' || strlen(id) > MESSAGE_ID_MAX)
		return refuse(ret_fault, "message.messageId",
		    "messageId is a string of 1 to 256 bytes");
	if (strcmp(member_text(message, "role"), "ROLE_USER") != 0)
		return refuse(
		    ret_fault, "message.role", "role is ROLE_USER here");
	if (json_array_size(parts) == 0 || json_array_size(parts) > PARTS_MAX)
		return refuse(ret_fault, "message.parts",
		    "parts is a list of 1 to 256 parts");
	if (!is_text(message, "contextId") || !is_text(message, "taskId"))
		return refuse(ret_fault, "message.contextId",
		    "contextId and taskId are strings");
	if (member(message, "metadata") != NULL &&
	    !json_is_object(member(message, "metadata")))
		return refuse(
		    ret_fault, "message.metadata", "metadata is an object");
	for (size_t i = 0; i < json_array_size(parts); i++)
		if (!part_check(json_array_get(parts, i), ret_fault))
			return false;
	return true;
}

const char *
message_skill(const json_t *message)
{
	const json_t *parts = member(message, "parts");
	const char *skill = member_text(member(message, "metadata"), "skill");

	for (size_t i = 0; *skill == '\0' && i < json_array_size(parts); i++)
		skill = member_text(
		    json_object_get(json_array_get(parts, i), "data"), "skill");
	return skill;
}

const json_t *
message_terms(const json_t *params, const char *uri)
{
	const json_t *message = member(params, "message");
	const json_t *terms = json_object_get(member(message, "metadata"), uri);

	if (!json_is_object(terms))
		terms = json_object_get(member(params, "metadata"), uri);
	return json_is_object(terms) ? terms : NULL;
}

/* --- what a capability gets ---------------------------------------------- */

/* The name of the schema's only property, when that is a string. */
static const char *
only_string(const json_t *schema)
{
	json_t *properties = json_object_get(schema, "properties");
	void *at = json_object_iter(properties);

	if (json_object_size(properties) != 1 ||
	    strcmp(member_text(json_object_iter_value(at), "type"), "string") !=
		0)
		return NULL;
	return json_object_iter_key(at);
}

static json_t *
joined_text(const json_t *parts)
{
	struct bytes text = { 0 };
	json_t *value = NULL;
	bool any = false;

	for (size_t i = 0; i < json_array_size(parts); i++) {
		const json_t *one =
		    json_object_get(json_array_get(parts, i), "text");

		if (one == NULL)
			continue;
		if (any)
			bytes_char(&text, '\n');
		any = true;
		bytes_put(
		    &text, json_string_value(one), json_string_length(one));
	}
	if (any)
		value = json_stringn(text.len > 0 ? text.ptr : "", text.len);
	bytes_fini(&text);
	return value;
}

static json_t *
files_of(const json_t *parts)
{
	json_t *files = NULL;

	for (size_t i = 0; i < json_array_size(parts); i++) {
		json_t *part = json_array_get(parts, i);

		if (member(part, "raw") == NULL && member(part, "url") == NULL)
			continue;
		if (files == NULL)
			files = json_array();
		(void)json_array_append(files, part);
	}
	return files;
}

static json_t *
data_of(const json_t *parts)
{
	for (size_t i = 0; i < json_array_size(parts); i++) {
		const json_t *part = json_array_get(parts, i);

		if (json_object_get(part, "data") != NULL)
			return json_deep_copy(json_object_get(part, "data"));
	}
	return NULL;
}

json_t *
message_input(const json_t *message, const json_t *schema)
{
	const json_t *parts = member(message, "parts");
	const char *name = only_string(schema);
	json_t *input = data_of(parts);
	json_t *files = files_of(parts);
	json_t *text = joined_text(parts);

	if (input == NULL && text != NULL && files == NULL &&
	    strcmp(member_text(schema, "type"), "string") == 0)
		return text;
	if (input == NULL)
		input = json_object();
	else
		(void)json_object_del(input, "skill");
	if (!json_is_object(input)) {
		json_decref(text);
		json_decref(files);
		return input;
	}
	if (name == NULL)
		name = "text";
	if (text != NULL && json_object_get(input, name) == NULL)
		(void)json_object_set(input, name, text);
	if (files != NULL && json_object_get(input, "files") == NULL)
		(void)json_object_set(input, "files", files);
	json_decref(text);
	json_decref(files);
	return input;
}

/* --- what a client gets --------------------------------------------------- */

static bool
is_artifact(const json_t *value)
{
	return json_is_string(json_object_get(value, "artifactId")) &&
	    json_array_size(json_object_get(value, "parts")) > 0;
}

/* An agent of this protocol gave artifacts of its own. */
static bool
has_artifacts(const json_t *output)
{
	const json_t *list = json_object_get(output, "artifacts");

	for (size_t i = 0; i < json_array_size(list); i++)
		if (!is_artifact(json_array_get(list, i)))
			return false;
	return json_array_size(list) > 0 && json_object_size(output) == 1;
}

json_t *
message_artifacts(const json_t *output, const char *id)
{
	if (has_artifacts(output))
		return json_incref(json_object_get(output, "artifacts"));
	return json_pack("[{s:s,s:[{s:O}]}]", "artifactId", id, "parts",
	    json_is_string(output) ? "text" : "data", output);
}

json_t *
message_ours(const char *task, const char *context, const char *text)
{
	char id[64];

	(void)snprintf(id, sizeof id, "%.36s-status", task);
	return json_pack("{s:s,s:s,s:s,s:s,s:[{s:s}]}", "messageId", id,
	    "contextId", context, "taskId", task, "role", "ROLE_AGENT", "parts",
	    "text", text);
}
