/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_frames.c - any bytes in the place of a frame of the store, as they are
 * and with the sums put right, so that what a sum protects is tried, too.
 *
 * Nothing outside of the bytes is looked at; what is called whole adds up.
 */
/* fuzz: -Iplugins/store_leveldb plugins/store_leveldb/frame.c */
/* fuzz: plugins/store_leveldb/crc32c.c */
/* fuzz: -Iplugins/lib plugins/lib/bytes.c plugins/lib/text.c */
#include <stdlib.h>
#include <string.h>

#include "crc32c.h"
#include "frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
try_entries(const char *bytes, const struct frame_head *head)
{
	const char *at = bytes + FRAME_HEAD;
	size_t left = head->body_bytes;
	struct entry entry;

	for (uint32_t i = 0; i < head->n_entries; i++) {
		if (!entry_parse(at, left, &entry))
			abort();
		at += entry.n_bytes;
		left -= entry.n_bytes;
	}
	if (left != 0)
		abort();
}

static void
try_frame(const char *bytes, size_t n)
{
	struct frame_head head;

	if (!frame_head_parse(bytes, n, &head) ||
	    head.body_bytes > n - FRAME_HEAD)
		return;
	if (frame_is_whole(bytes, &head))
		try_entries(bytes, &head);
}

/* Right where the lengths say that an entry is. */
static void
put_sums_right(char *bytes, size_t n)
{
	uint32_t sums = 0, n_entries = get_le32(bytes + 12);
	size_t at = FRAME_HEAD;

	put_le32(bytes + 8, (uint32_t)(n - FRAME_HEAD));
	for (uint32_t i = 0; i < n_entries && n - at >= ENTRY_HEAD; i++) {
		uint32_t value = get_le32(bytes + at + 8);
		uint64_t len = (uint64_t)ENTRY_HEAD + get_le32(bytes + at + 4) +
		    (value == UINT32_MAX ? 0 : value);
		if (len > n - at)
			break;
		put_le32(bytes + at, crc32c(0, bytes + at + 4, len - 4));
		sums = crc32c(sums, bytes + at, 4);
		at += len;
	}
	put_le32(bytes + 36, crc32c(sums, bytes, 36));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct aicx_write write = { { "k", 1 }, { "v", 1 } };
	struct frame frame = { { NULL } };
	char *bytes = malloc(size + 1);
	size_t n_bytes;

	memcpy(bytes, data, size);
	if (frame_look(bytes, size) > size)
		abort();
	try_frame(bytes, size);
	if (size >= FRAME_HEAD) {
		frame_begin(&frame);
		(void)frame_put(&frame, &write, &n_bytes);
		(void)frame_end(&frame, 1, 0, 0);
		memcpy(bytes, frame.bytes.ptr, FRAME_MAGIC);
		put_sums_right(bytes, size);
		try_frame(bytes, size);
		frame_fini(&frame);
	}
	free(bytes);
	return 0;
}
