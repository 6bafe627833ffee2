/* SPDX-License-Identifier: Apache-2.0 */
/* events.c - server-sent events, read in whatever pieces they come. */
#include "events.h"

#include <string.h>

void
events_fini(struct events *events)
{
	bytes_fini(&events->in);
	bytes_fini(&events->data);
	bytes_fini(&events->given);
	bytes_fini(&events->id);
	bytes_fini(&events->name);
	bytes_fini(&events->next_name);
}

void
events_put(struct events *events, struct aicx_str bytes)
{
	if (events->at > 0) {
		events->in.len -= events->at;
		memmove(events->in.ptr, events->in.ptr + events->at,
		    events->in.len);
		events->at = 0;
	}
	bytes_str(&events->in, bytes);
}

/* Lines end with LF, CR LF or CR; after a CR at the very end more must come
   before one knows which. */
static bool
next_line(struct events *events, struct aicx_str *ret_line)
{
	const char *from = events->in.ptr + events->at;
	size_t len = events->in.len - events->at;
	size_t n = 0;

	while (n < len && from[n] != '\n' && from[n] != '\r')
		n++;
	if (n == len || (from[n] == '\r' && n + 1 == len))
		return false;
	*ret_line = (struct aicx_str) { from, n };
	events->at += n + (from[n] == '\r' && from[n + 1] == '\n' ? 2 : 1);
	return true;
}

static void
take_field(struct events *events, struct aicx_str line)
{
	struct aicx_str value;
	struct aicx_str name = text_cut(line, ':', &value);

	if (value.ptr == NULL)
		value = (struct aicx_str) { "", 0 };
	if (value.len > 0 && *value.ptr == ' ')
		value = (struct aicx_str) { value.ptr + 1, value.len - 1 };
	if (text_same(name, TEXT("data"))) {
		if (events->has_data)
			bytes_char(&events->data, '\n');
		bytes_str(&events->data, value);
		events->has_data = true;
	} else if (text_same(name, TEXT("event"))) {
		bytes_clear(&events->next_name);
		bytes_str(&events->next_name, value);
	} else if (text_same(name, TEXT("id")) &&
	    (value.len == 0 || memchr(value.ptr, '\0', value.len) == NULL)) {
		bytes_clear(&events->id);
		bytes_str(&events->id, value);
	}
}

/* An empty line: the event is whole. */
static bool
dispatch(struct events *events)
{
	struct bytes given = events->given;
	struct bytes name = events->name;
	bool whole = events->has_data;

	events->given = events->data;
	events->data = given;
	bytes_clear(&events->data);
	events->name = events->next_name;
	events->next_name = name;
	bytes_clear(&events->next_name);
	events->has_data = false;
	return whole;
}

bool
events_next(struct events *events, struct aicx_str *ret_data)
{
	struct aicx_str line;

	if (!events->begun && events->in.len >= 3) {
		events->begun = true;
		if (memcmp(events->in.ptr, "\xef\xbb\xbf", 3) == 0)
			events->at = 3;
	}
	while (events->begun && next_line(events, &line)) {
		if (line.len > 0 && *line.ptr != ':')
			take_field(events, line);
		else if (line.len == 0 && dispatch(events)) {
			*ret_data = bytes_view(&events->given);
			return true;
		}
	}
	return false;
}
