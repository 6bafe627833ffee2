/* SPDX-License-Identifier: Apache-2.0 */
/* member.c - members of the objects that clients send. */
#include "member.h"

#include <stdlib.h>
#include <string.h>

/* "messageId" -> "message_id". */
static void
snake(const char *name, char *ret_text, size_t size)
{
	size_t n = 0;

	for (; *name != '\0' && n + 3 < size; name++) {
		if (*name >= 'A' && *name <= 'Z') {
			ret_text[n++] = '_';
			ret_text[n++] = (char)(*name | 0x20);
		} else {
			ret_text[n++] = *name;
		}
	}
	ret_text[n] = '\0';
}

json_t *
member(const json_t *object, const char *name)
{
	json_t *value = json_object_get(object, name);
	char other[64];

	if (value == NULL) {
		snake(name, other, sizeof other);
		value = json_object_get(object, other);
	}
	return json_is_null(value) ? NULL : value;
}

const char *
member_text(const json_t *object, const char *name)
{
	const char *text = json_string_value(member(object, name));

	return text != NULL ? text : "";
}

bool
member_number(const json_t *object, const char *name, json_int_t *ret_number)
{
	const json_t *value = member(object, name);
	const char *text = json_string_value(value);
	char *end = NULL;

	*ret_number = 0;
	if (value == NULL || (text != NULL && *text == '\0'))
		return true;
	if (json_is_integer(value)) {
		*ret_number = json_integer_value(value);
		return true;
	}
	if (text == NULL || strlen(text) > 12)
		return false;
	*ret_number = strtoll(text, &end, 10);
	return *end == '\0';
}
