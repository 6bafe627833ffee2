/* SPDX-License-Identifier: Apache-2.0 */
/* arena.h - memory freed all at once.  A zeroed struct is an empty arena. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <aiconexus/types.h>

struct arena_block;

struct arena {
	struct arena_block *blocks;
};

/* The first block of an empty arena, when the usual size would be waste. */
void arena_start(struct arena *arena, size_t n_bytes);
void *arena_new(struct arena *arena, size_t n_bytes); /* zeroed, aligned 16 */
/* The same with anything in it, for who writes all of it at once: what is large
   is not cleared first. */
void *arena_bytes(struct arena *arena, size_t n_bytes);
struct aicx_str arena_str(struct arena *arena, struct aicx_str str); /* copy */
struct aicx_str arena_printf(struct arena *arena, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Frees all but the newest block, which is reused (up to 256 KiB). */
void arena_clear(struct arena *arena);
void arena_fini(struct arena *arena);

#endif
