/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_checkpoint.c - any text as a signed checkpoint: what is taken has the
 * form that is printed, and no key has signed it.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "protocol/checkpoint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t raw[KEY_BYTES] = { 1 };
	struct aicx_str note = { (const char *)data, size }, text;
	struct checkpoint checkpoint;
	struct aicx_error err = { 0 };
	struct buf buf = { 0 };

	if (checkpoint_parse(note, &checkpoint, &err) != AICX_OK) {
		ENSURE(strcmp(err.word, "malformed") == 0);
		return 0;
	}
	ENSURE(note_text(note, &text, NULL) == AICX_OK);
	checkpoint_print(&buf, &checkpoint);
	ENSURE(buf.len <= text.len && memcmp(buf.ptr, text.ptr, buf.len) == 0);
	ENSURE(!note_verify(note, checkpoint.origin, raw));
	buf_fini(&buf);
	return 0;
}
