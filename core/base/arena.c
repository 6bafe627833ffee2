/* SPDX-License-Identifier: Apache-2.0 */
/* arena.c - memory freed all at once: blocks, the newest first. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

enum {
	ARENA_ALIGN = 16,
	ARENA_LARGE_BYTES = 4096, /* bytes of a block of their own */
	ARENA_FIRST_BYTES = 4096 - 64,
	ARENA_BLOCK_BYTES_MAX = 256 * 1024
};

struct arena_block {
	struct arena_block *next;
	size_t used, cap;
	_Alignas(ARENA_ALIGN) char bytes[];
};

/*
 * Blocks up to the usual first one go round: each message takes one or two, and
 * each row has one, which is more than malloc() keeps at hand.  Each thread has
 * its own, by sizes.
 */
enum {
	SPARE_STEP_BYTES = 64, /* sizes are multiples of it */
	SPARE_SIZES = ARENA_FIRST_BYTES / SPARE_STEP_BYTES + 1,
#ifdef __SANITIZE_ADDRESS__
	SPARE_BYTES_MAX = 0 /* what is freed is not to be touched again */
#else
	SPARE_BYTES_MAX = 2 << 20
#endif
};

_Static_assert(ARENA_FIRST_BYTES % SPARE_STEP_BYTES == 0, "it is a size");

static _Thread_local struct {
	struct arena_block *blocks[SPARE_SIZES]; /* of n steps */
	size_t n_bytes;
} spare;

static struct arena_block *
block_get(size_t cap)
{
	struct arena_block *block = NULL;

	if (cap <= ARENA_FIRST_BYTES && cap % SPARE_STEP_BYTES == 0)
		block = spare.blocks[cap / SPARE_STEP_BYTES];
	if (block == NULL)
		return mem_grow(NULL, sizeof *block + cap);
	spare.blocks[cap / SPARE_STEP_BYTES] = block->next;
	spare.n_bytes -= sizeof *block + cap;
	return block;
}

static void
block_free(struct arena_block *block)
{
	size_t cap = block->cap;

	if (cap > ARENA_FIRST_BYTES || cap % SPARE_STEP_BYTES != 0 ||
	    spare.n_bytes + sizeof *block + cap > SPARE_BYTES_MAX) {
		free(block);
		return;
	}
	block->next = spare.blocks[cap / SPARE_STEP_BYTES];
	spare.blocks[cap / SPARE_STEP_BYTES] = block;
	spare.n_bytes += sizeof *block + cap;
}

static struct arena_block *
block_new(size_t cap)
{
	struct arena_block *block = block_get(cap);

	block->next = NULL;
	block->used = 0;
	block->cap = cap;
	return block;
}

/* What is too large for a usual block gets its own, behind the present one,
   which goes on being filled. */
static struct arena_block *
block_for(struct arena *arena, size_t n_bytes)
{
	struct arena_block *head = arena->blocks;
	size_t cap = head == NULL ? ARENA_FIRST_BYTES : head->cap * 2;

	if (cap > ARENA_BLOCK_BYTES_MAX)
		cap = ARENA_BLOCK_BYTES_MAX;
	struct arena_block *block = block_new(n_bytes > cap ? n_bytes : cap);
	if (head != NULL && n_bytes > cap / 2) {
		block->next = head->next;
		head->next = block;
	} else {
		block->next = head;
		arena->blocks = block;
	}
	return block;
}

void
arena_start(struct arena *arena, size_t n_bytes)
{
	ENSURE(arena->blocks == NULL && n_bytes <= SIZE_MAX / 2);
	n_bytes += SPARE_STEP_BYTES - 1;
	arena->blocks = block_new(n_bytes - n_bytes % SPARE_STEP_BYTES);
}

static void *
take(struct arena *arena, size_t n_bytes)
{
	struct arena_block *block = arena->blocks;

	ENSURE(n_bytes <= SIZE_MAX / 2);
	n_bytes = (n_bytes + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
	if (block == NULL || block->cap - block->used < n_bytes)
		block = block_for(arena, n_bytes);
	void *ptr = block->bytes + block->used;
	block->used += n_bytes;
	return ptr;
}

void *
arena_new(struct arena *arena, size_t n_bytes)
{
	return memset(take(arena, n_bytes), 0, n_bytes);
}

void *
arena_bytes(struct arena *arena, size_t n_bytes)
{
	struct arena_block *head = arena->blocks;

	if (head == NULL || n_bytes < ARENA_LARGE_BYTES ||
	    head->cap - head->used >= n_bytes)
		return take(arena, n_bytes);
	ENSURE(n_bytes <= SIZE_MAX / 2);
	struct arena_block *block = mem_grow(NULL, sizeof *block + n_bytes);
	block->next = head->next;
	block->used = block->cap = n_bytes;
	head->next = block;
	return block->bytes;
}

struct aicx_str
arena_str(struct arena *arena, struct aicx_str str)
{
	if (str.ptr == NULL)
		return str;
	char *copy = arena_bytes(arena, str.len);
	if (str.len > 0)
		memcpy(copy, str.ptr, str.len);
	return (struct aicx_str) { copy, str.len };
}

struct aicx_str
arena_printf(struct arena *arena, const char *fmt, ...)
{
	va_list ap, again;

	va_start(ap, fmt);
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, ap);
	ENSURE(n >= 0);
	char *text = arena_new(arena, (size_t)n + 1);
	(void)vsnprintf(text, (size_t)n + 1, fmt, again);
	va_end(again);
	va_end(ap);
	return (struct aicx_str) { text, (size_t)n };
}

static void
free_blocks(struct arena_block *block)
{
	while (block != NULL) {
		struct arena_block *next = block->next;
		block_free(block);
		block = next;
	}
}

void
arena_clear(struct arena *arena)
{
	struct arena_block *block = arena->blocks;

	if (block == NULL)
		return;
	if (block->cap > ARENA_BLOCK_BYTES_MAX) {
		arena_fini(arena);
		return;
	}
	free_blocks(block->next);
	block->next = NULL;
	block->used = 0;
}

void
arena_fini(struct arena *arena)
{
	free_blocks(arena->blocks);
	arena->blocks = NULL;
}
