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

struct frame
frame_read(struct aicx_str text)
{
	struct slice_walk walk = { .text = text };
	struct frame frame = { .asks = false };
	struct aicx_str name;
	struct aicx_str value;

	while (slice_next(&walk, &name, &value)) {
		if (text_same(name, TEXT("id")))
			frame.id = slice_inside(value);
		else if (text_same(name, TEXT("correlation_id")))
			frame.correlation = slice_inside(value);
		else if (text_same(name, TEXT("type")))
			frame.asks = type_asks(slice_inside(value));
	}
	return frame;
}
