/* SPDX-License-Identifier: Apache-2.0 */
/* frame.c - frames made and read; bytes only, no file. */
#include "frame.h"

#include "crc32c.h"

#include <string.h>

/* Bytes that no JSON text holds: a record is never taken for a frame. */
static const char magic[] = "\xf5"
			    "AICXF\x01\xf5";
enum {
	AT_BODY = 8,
	AT_ENTRIES = 12,
	AT_NUMBER = 16,
	AT_SAFE = 24,
	AT_PREV = 32,
	AT_SUM = 36
};
static const uint32_t gone = UINT32_MAX;

void
put_le32(char *to, uint32_t number)
{
	for (int i = 0; i < 4; i++)
		to[i] = (char)(number >> 8 * i);
}

void
put_le64(char *to, uint64_t number)
{
	put_le32(to, (uint32_t)number);
	put_le32(to + 4, (uint32_t)(number >> 32));
}

uint32_t
get_le32(const char *from)
{
	uint32_t number = 0;

	for (int i = 3; i >= 0; i--)
		number = number << 8 | (unsigned char)from[i];
	return number;
}

uint64_t
get_le64(const char *from)
{
	return (uint64_t)get_le32(from + 4) << 32 | get_le32(from);
}

/* --- making ------------------------------------------------------------ */

void
frame_begin(struct frame *frame)
{
	static const char head[FRAME_HEAD];

	bytes_clear(&frame->bytes);
	frame->bytes.failed = false;
	bytes_put(&frame->bytes, head, sizeof head);
	frame->n_entries = frame->sums = 0;
}

size_t
frame_put(
    struct frame *frame, const struct aicx_write *write, size_t *ret_n_bytes)
{
	size_t at = frame->bytes.len;
	bool is_gone = write->value.ptr == NULL;
	size_t value_len = is_gone ? 0 : write->value.len;
	size_t n = ENTRY_HEAD + write->key.len + value_len;
	char sum[4];

	*ret_n_bytes = n;
	if (!bytes_room(&frame->bytes, n))
		return at;
	char *entry = frame->bytes.ptr + at;
	put_le32(entry + 4, (uint32_t)write->key.len);
	put_le32(entry + 8, is_gone ? gone : (uint32_t)value_len);
	if (write->key.len > 0)
		memcpy(entry + ENTRY_HEAD, write->key.ptr, write->key.len);
	if (value_len > 0)
		memcpy(entry + ENTRY_HEAD + write->key.len, write->value.ptr,
		    value_len);
	put_le32(sum, crc32c(0, entry + 4, n - 4));
	memcpy(entry, sum, sizeof sum);
	frame->sums = crc32c(frame->sums, sum, sizeof sum);
	frame->bytes.len += n;
	frame->n_entries++;
	return at;
}

uint32_t
frame_end(struct frame *frame, uint64_t number, uint64_t safe, uint32_t prev)
{
	char *head = frame->bytes.ptr;

	if (frame->bytes.failed)
		return 0;
	memcpy(head, magic, FRAME_MAGIC);
	put_le32(head + AT_BODY, (uint32_t)(frame->bytes.len - FRAME_HEAD));
	put_le32(head + AT_ENTRIES, frame->n_entries);
	put_le64(head + AT_NUMBER, number);
	put_le64(head + AT_SAFE, safe);
	put_le32(head + AT_PREV, prev);
	uint32_t sum = crc32c(frame->sums, head, AT_SUM);
	put_le32(head + AT_SUM, sum);
	return sum;
}

void
frame_fini(struct frame *frame)
{
	bytes_fini(&frame->bytes);
}

/* --- reading ----------------------------------------------------------- */

size_t
frame_look(const char *bytes, size_t n)
{
	const char *found =
	    n < FRAME_MAGIC ? NULL : memmem(bytes, n, magic, FRAME_MAGIC);

	return found == NULL ? n : (size_t)(found - bytes);
}

bool
frame_head_parse(const char *bytes, size_t n, struct frame_head *ret_head)
{
	if (n < FRAME_HEAD || memcmp(bytes, magic, FRAME_MAGIC) != 0)
		return false;
	*ret_head = (struct frame_head) {
		.body_bytes = get_le32(bytes + AT_BODY),
		.n_entries = get_le32(bytes + AT_ENTRIES),
		.number = get_le64(bytes + AT_NUMBER),
		.safe = get_le64(bytes + AT_SAFE),
		.prev = get_le32(bytes + AT_PREV),
		.sum = get_le32(bytes + AT_SUM),
	};
	return true;
}

bool
entry_parse(const char *bytes, size_t n, struct entry *ret_entry)
{
	if (n < ENTRY_HEAD)
		return false;
	size_t key_len = get_le32(bytes + 4);
	uint32_t value_mark = get_le32(bytes + 8);
	size_t value_len = value_mark == gone ? 0 : value_mark;
	uint64_t n_bytes = (uint64_t)ENTRY_HEAD + key_len + value_len;
	const char *key = bytes + ENTRY_HEAD;

	if (n_bytes > n)
		return false;
	*ret_entry = (struct entry) {
		.key = { key, key_len },
		.value = { value_mark == gone ? NULL : key + key_len,
		    value_len },
		.n_bytes = (size_t)n_bytes,
		.sum = get_le32(bytes),
	};
	return crc32c(0, bytes + 4, ret_entry->n_bytes - 4) == ret_entry->sum;
}

bool
frame_is_whole(const char *bytes, const struct frame_head *head)
{
	const char *at = bytes + FRAME_HEAD;
	size_t left = head->body_bytes;
	uint32_t sums = 0;
	struct entry entry;

	for (uint32_t i = 0; i < head->n_entries; i++) {
		if (!entry_parse(at, left, &entry))
			return false;
		sums = crc32c(sums, at, 4);
		at += entry.n_bytes;
		left -= entry.n_bytes;
	}
	return left == 0 && crc32c(sums, bytes, AT_SUM) == head->sum;
}
