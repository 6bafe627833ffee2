/* SPDX-License-Identifier: Apache-2.0 */
/* frame.c - the little that is to be known of a message to find its place. */
#include "frame.h"

#include "slice.h"

static bool
type_asks(struct aicx_str type)
{
	return text_same(type, TEXT("QUERY")) ||
	    text_same(type, TEXT("OFFER")) ||
	    text_same(type, TEXT("EXECUTE")) ||
	    text_same(type, TEXT("HEARTBEAT"));
}

/* These name what they answer. */
static bool
type_answers(struct aicx_str type)
{
	return text_same(type, TEXT("RESULT")) ||
	    text_same(type, TEXT("ERROR")) || text_same(type, TEXT("ACK"));
}

/* The payload is most of a message, and mostly the last that is of interest. */
struct frame
frame_read(struct aicx_str text)
{
	struct slice_walk walk = { .text = text };
	struct frame frame = { .asks = false };
	struct aicx_str type = { NULL, 0 };
	struct aicx_str name;
	struct aicx_str value;

	while (slice_next(&walk, &name, &value)) {
		if (text_same(name, TEXT("id")))
			frame.id = slice_inside(value);
		else if (text_same(name, TEXT("correlation_id")))
			frame.correlation = slice_inside(value);
		else if (text_same(name, TEXT("type")))
			type = slice_inside(value);
		if (frame.id.ptr != NULL && type.ptr != NULL &&
		    (frame.correlation.ptr != NULL || !type_answers(type)))
			break;
	}
	frame.asks = type_asks(type);
	return frame;
}
