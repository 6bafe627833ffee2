/* SPDX-License-Identifier: Apache-2.0 */
/* packer.c - gzip, with one work area for all answers. */
#include "packer.h"

#include <stdlib.h>
#define ZLIB_CONST /* what is packed is only read */
#include <zlib.h>

enum {
	WINDOW_GZIP = 15 + 16, /* the largest window, a gzip head */
	MEMORY = 8,
	LEVEL = 1 /* the loop waits; more costs thrice for a tenth */
};

struct packer {
	z_stream stream;
	struct bytes out;
};

struct packer *
packer_new(void)
{
	struct packer *packer = calloc(1, sizeof *packer);

	if (packer != NULL &&
	    deflateInit2(&packer->stream, LEVEL, Z_DEFLATED, WINDOW_GZIP,
		MEMORY, Z_DEFAULT_STRATEGY) != Z_OK) {
		free(packer);
		return NULL;
	}
	return packer;
}

void
packer_free(struct packer *packer)
{
	if (packer == NULL)
		return;
	(void)deflateEnd(&packer->stream);
	bytes_fini(&packer->out);
	free(packer);
}

struct aicx_str
packer_pack(struct packer *packer, struct aicx_str body)
{
	const struct aicx_str absent = { NULL, 0 };
	z_stream *stream = &packer->stream;

	if (body.len < PACKER_MIN_BYTES || body.len > PACKER_MAX_BYTES)
		return absent;
	bytes_clear(&packer->out);
	/* Room for less than the body: what would not shrink does not fit. */
	if (deflateReset(stream) != Z_OK ||
	    !bytes_room(&packer->out, body.len)) {
		packer->out.failed = false;
		return absent;
	}
	stream->next_in = (const Bytef *)body.ptr;
	stream->avail_in = (uInt)body.len;
	stream->next_out = (Bytef *)packer->out.ptr;
	stream->avail_out = (uInt)(body.len - 1);
	if (deflate(stream, Z_FINISH) != Z_STREAM_END)
		return absent;
	return (struct aicx_str) { packer->out.ptr, (size_t)stream->total_out };
}
