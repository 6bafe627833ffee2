/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chunk.h - chunked bodies (RFC 9112 section 7.1), strictly.
 *
 * libhttp-parser as Debian builds it checks neither the CR LF after a chunk nor
 * the LF after its size, which lets two servers disagree on where a request
 * ends.  So this part is ours.
 */
#ifndef CHUNK_H
#define CHUNK_H

#include "bytes.h"

enum chunk_step {
	CHUNK_MORE = 1,
	CHUNK_DONE = 2,
	CHUNK_BAD = 3,
	CHUNK_BIG = 4
};

struct chunk {
	int state; /* enum in chunk.c; 0 is the beginning */
	unsigned n_digits;
	uint64_t left; /* of the present chunk */
	size_t extra_bytes; /* extensions and trailers so far */
};

/* Takes bytes up to the end of the body, *ret_taken of them; the data goes to
   body, at most max_bytes of it (CHUNK_BIG beyond).  Extensions and trailers
   are dropped; all of them together are limited to max_extra bytes. */
enum chunk_step chunk_feed(struct chunk *chunk, struct aicx_str bytes,
    struct bytes *body, size_t max_bytes, size_t max_extra, size_t *ret_taken);

#endif
