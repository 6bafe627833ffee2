/* SPDX-License-Identifier: Apache-2.0 */
/*
 * out.c - bytes of one stream that wait to be sent.
 *
 * Most writes leave within the turn, so the block goes from stream to stream
 * and stays in the processor's cache; an idle stream owns none.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "loop/inside.h"

static void
block_get(struct out *out, struct out_spare *spare)
{
	if (spare->n > 0) {
		spare->n--;
		out->ptr = spare->blocks[spare->n].ptr;
		out->cap = spare->blocks[spare->n].cap;
		spare->n_bytes -= out->cap;
		return;
	}
	out->ptr = mem_grow(NULL, OUT_BLOCK_BYTES);
	out->cap = OUT_BLOCK_BYTES;
}

void
out_fini(struct out *out, struct out_spare *spare)
{
	if (out->ptr != NULL && out->cap <= OUT_KEEP_BYTES &&
	    spare->n < OUT_SPARE_MAX &&
	    spare->n_bytes + out->cap <= OUT_SPARE_BYTES) {
		spare->blocks[spare->n].ptr = out->ptr;
		spare->blocks[spare->n].cap = out->cap;
		spare->n++;
		spare->n_bytes += out->cap;
	} else
		free(out->ptr);
	*out = (struct out) { NULL };
}

/* The sums stay below 2^32: the stream refuses more than its limit. */
static void
out_make_room(struct out *out, struct out_spare *spare, uint32_t n_bytes)
{
	uint32_t need = out->len + n_bytes;

	if (out->ptr == NULL)
		block_get(out, spare);
	else if (out->off >= out->len && need <= out->cap) {
		memcpy(out->ptr, out->ptr + out->off, out->len);
		out->off = 0;
	}
	uint32_t cap = out->cap;
	while (cap < out->off + need)
		cap *= 2;
	if (cap > out->cap) {
		out->ptr = mem_grow(out->ptr, cap);
		out->cap = cap;
	}
}

void
out_put(struct out *out, struct out_spare *spare, struct aicx_str bytes)
{
	if (out->off + out->len + bytes.len > out->cap)
		out_make_room(out, spare, (uint32_t)bytes.len);
	memcpy(out->ptr + out->off + out->len, bytes.ptr, bytes.len);
	out->len += (uint32_t)bytes.len;
}

void
out_drop(struct out *out, struct out_spare *spare, size_t n_bytes)
{
	out->off += (uint32_t)n_bytes;
	out->len -= (uint32_t)n_bytes;
	if (out->len == 0)
		out_fini(out, spare);
}

void
out_spare_fini(struct out_spare *spare)
{
	while (spare->n > 0)
		free(spare->blocks[--spare->n].ptr);
}
