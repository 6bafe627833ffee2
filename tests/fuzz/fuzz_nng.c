/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_nng.c - what transport_nng reads of a message before anybody judges it.
 *
 * The text has no end of its own, as NNG hands it over; whatever it is, views
 * stay inside it, and a message that was cut off asks for nothing that the
 * whole one does not.
 */
/* fuzz: -Iplugins/lib plugins/lib/text.c plugins/lib/slice.c */
/* fuzz: -Iplugins/transport_nng plugins/transport_nng/frame.c */
#include "frame.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must_be_inside(struct aicx_str part, struct aicx_str text)
{
	if (part.ptr != NULL &&
	    (part.ptr < text.ptr || part.len > text.len ||
		part.ptr + part.len > text.ptr + text.len))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size + 1); /* exact, for the sanitizer */
	struct aicx_str text = { copy, size };
	struct frame frame;

	if (copy == NULL)
		return 0;
	if (size > 0)
		memcpy(copy, data, size);
	copy = realloc(copy, size > 0 ? size : 1);
	text.ptr = copy;
	frame = frame_read(text);
	must_be_inside(frame.id, text);
	must_be_inside(frame.correlation, text);
	if (frame.asks && text.len < sizeof "{\"type\":\"QUERY\"" - 1)
		abort();
	free(copy);
	return 0;
}
