/* SPDX-License-Identifier: Apache-2.0 */
/* lot.c - offsets instead of pointers, since the block moves when it grows. */
#include "broker/lot.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

enum {
	LOT_FIRST = 64, /* items */
	LOT_FIRST_BYTES = 64 << 10,
	LOT_KEEP_BYTES = 4 << 20 /* a larger block is given back when empty */
};

static void *
grow(void *items, size_t *cap, size_t need, size_t item_bytes, size_t first)
{
	size_t wanted = *cap > 0 ? *cap : first;

	if (need <= *cap)
		return items;
	while (wanted < need)
		wanted *= 2;
	*cap = wanted;
	return mem_grow(items, wanted * item_bytes);
}

static size_t
put_bytes(struct lot *lot, struct aicx_str bytes)
{
	size_t at = lot->n_bytes;

	lot->bytes = grow(lot->bytes, &lot->cap_bytes, at + bytes.len + 1, 1,
	    LOT_FIRST_BYTES);
	if (bytes.len > 0)
		memcpy(lot->bytes + at, bytes.ptr, bytes.len);
	lot->n_bytes += bytes.len;
	return at;
}

void
lot_put(struct lot *lot, uint64_t seq, const struct aicx_write *writes,
    size_t n_writes, unsigned flags)
{
	lot->writes = grow(lot->writes, &lot->cap_writes,
	    lot->n_writes + n_writes, sizeof *lot->writes, LOT_FIRST);
	lot->steps = grow(lot->steps, &lot->cap_steps, lot->n_steps + 1,
	    sizeof *lot->steps, LOT_FIRST);
	for (size_t i = 0; i < n_writes; i++) {
		struct lot_write *write = &lot->writes[lot->n_writes++];
		write->key_len = writes[i].key.len;
		write->key_at = put_bytes(lot, writes[i].key);
		write->gone = writes[i].value.ptr == NULL;
		write->value_len = writes[i].value.len;
		write->value_at = put_bytes(lot, writes[i].value);
	}
	lot->steps[lot->n_steps++] =
	    (struct lot_step) { seq, lot->n_writes, lot->n_bytes, flags };
}

void
lot_clear(struct lot *lot)
{
	if (lot->cap_bytes > LOT_KEEP_BYTES)
		lot_fini(lot);
	lot->n_bytes = lot->n_writes = lot->n_steps = 0;
}

void
lot_fini(struct lot *lot)
{
	free(lot->bytes);
	free(lot->writes);
	free(lot->steps);
	*lot = (struct lot) { NULL };
}

struct lot_slice
lot_slice(
    const struct lot *lot, size_t at, size_t records_max, size_t bytes_max)
{
	const struct lot_step *before = at > 0 ? &lot->steps[at - 1] : NULL;
	size_t writes_before = before != NULL ? before->n_writes : 0;
	size_t bytes_before = before != NULL ? before->n_bytes : 0;
	struct lot_slice slice = { at, at, 0, 0 };

	ENSURE(at < lot->n_steps);
	do {
		const struct lot_step *step = &lot->steps[slice.to++];
		slice.flags |= step->flags;
		slice.n_writes = step->n_writes - writes_before;
	} while (slice.to < lot->n_steps && slice.to - at < records_max &&
	    ((lot->steps[slice.to].flags ^ slice.flags) & STEP_BESIDE) == 0 &&
	    lot->steps[slice.to].n_bytes - bytes_before <= bytes_max);
	return slice;
}

void
lot_writes(const struct lot *lot, const struct lot_slice *slice,
    struct aicx_write *ret_writes)
{
	size_t first = lot->steps[slice->to - 1].n_writes - slice->n_writes;

	for (size_t i = 0; i < slice->n_writes; i++) {
		const struct lot_write *write = &lot->writes[first + i];
		ret_writes[i].key.ptr = lot->bytes + write->key_at;
		ret_writes[i].key.len = write->key_len;
		ret_writes[i].value.ptr =
		    write->gone ? NULL : lot->bytes + write->value_at;
		ret_writes[i].value.len = write->gone ? 0 : write->value_len;
	}
}
