/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lua_heap.c - the memory of one Lua state.
 *
 * Blocks are cut from the front of one mapping; freed ones go to lists by
 * size.  Lua tells the old size at each call, so blocks carry no header, and
 * an overrun meets a guard page at the ends, never the broker's own heap.
 */
#include "lua_heap.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct luaheap_free {
	struct luaheap_free *next;
	size_t bytes;
};

static size_t
grain_up(size_t bytes)
{
	return (bytes + LUAHEAP_GRAIN - 1) & ~(size_t)(LUAHEAP_GRAIN - 1);
}

static int
log2_down(size_t bytes)
{
	return 63 - __builtin_clzll((unsigned long long)bytes);
}

static bool
is_last(const struct luaheap *heap, const char *block, size_t bytes)
{
	return block + bytes == heap->base + heap->now.top;
}

/* Takes a block that nobody uses; bytes is a multiple of the grain. */
static void
block_keep(struct luaheap *heap, char *block, size_t bytes)
{
	struct luaheap_free *freed = (struct luaheap_free *)block;
	struct luaheap_free **list;

	if (bytes == 0)
		return;
	if (is_last(heap, block, bytes)) {
		heap->now.top -= bytes;
		return;
	}
	list = bytes <= LUAHEAP_SMALL_MAX
	    ? &heap->now.small[bytes / LUAHEAP_GRAIN]
	    : &heap->now.big[log2_down(bytes)];
	freed->next = *list;
	freed->bytes = bytes;
	*list = freed;
}

/* Any block on a big list is large enough for all smaller powers of two. */
static char *
block_reuse(struct luaheap *heap, size_t bytes)
{
	struct luaheap_free **list = NULL, *found;

	if (bytes <= LUAHEAP_SMALL_MAX) {
		if (heap->now.small[bytes / LUAHEAP_GRAIN] != NULL)
			list = &heap->now.small[bytes / LUAHEAP_GRAIN];
	} else {
		for (int i = log2_down(bytes - 1) + 1;
		     i < LUAHEAP_N_BIG && list == NULL; i++)
			if (heap->now.big[i] != NULL)
				list = &heap->now.big[i];
	}
	if (list == NULL)
		return NULL;
	found = *list;
	*list = found->next;
	block_keep(heap, (char *)found + bytes, found->bytes - bytes);
	return (char *)found;
}

static bool
may_grow(struct luaheap *heap)
{
	if (heap->fail_in > 0)
		heap->fail_in--;
	return !heap->refused && heap->fail_in != 0;
}

static void *
refuse(struct luaheap *heap)
{
	bool first = !heap->refused;

	heap->refused = true;
	if (first && heap->on_refuse != NULL)
		heap->on_refuse(heap->arg);
	return NULL;
}

static bool
top_raise(struct luaheap *heap, size_t bytes)
{
	if (bytes > heap->limit - heap->now.top)
		return false;
	heap->now.top += bytes;
	if (heap->now.top > heap->peak)
		heap->peak = heap->now.top;
	return true;
}

static char *
block_take(struct luaheap *heap, size_t bytes)
{
	char *block;

	if (!may_grow(heap) || bytes > heap->limit)
		return refuse(heap);
	block = block_reuse(heap, bytes);
	if (block == NULL && top_raise(heap, bytes))
		block = heap->base + heap->now.top - bytes;
	if (block == NULL)
		return refuse(heap);
	heap->now.live += bytes;
	heap->handed += bytes;
	return block;
}

static void
block_give(struct luaheap *heap, char *block, size_t bytes)
{
	heap->now.live -= bytes;
	block_keep(heap, block, bytes);
}

static void *
block_grow(struct luaheap *heap, char *block, size_t old, size_t new)
{
	char *moved;

	if (is_last(heap, block, old) && new <= heap->limit) {
		if (!may_grow(heap) || !top_raise(heap, new - old))
			return refuse(heap);
		heap->now.live += new - old;
		heap->handed += new - old;
		return block;
	}
	moved = block_take(heap, new);
	if (moved == NULL)
		return NULL;
	memcpy(moved, block, old);
	block_give(heap, block, old);
	return moved;
}

void *
luaheap_alloc(void *ud, void *ptr, size_t old_bytes, size_t new_bytes)
{
	struct luaheap *heap = ud;
	size_t old = ptr == NULL ? 0 : grain_up(old_bytes);
	size_t new = grain_up(new_bytes);

	if (new < new_bytes) /* wrapped */
		return refuse(heap);
	if (ptr == NULL)
		return new == 0 ? NULL : block_take(heap, new);
	if (new > old)
		return block_grow(heap, ptr, old, new);
	block_give(heap, (char *)ptr + new, old - new);
	return new == 0 ? NULL : ptr;
}

bool
luaheap_init(struct luaheap *heap, size_t limit)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *map;

	memset(heap, 0, sizeof *heap);
	heap->fail_in = -1;
	heap->limit = limit & ~(size_t)(LUAHEAP_GRAIN - 1);
	heap->map_bytes = ((limit + page - 1) & ~(page - 1)) + 2 * page;
	map = mmap(NULL, heap->map_bytes, PROT_NONE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (map == MAP_FAILED)
		return false;
	heap->base = map + page;
	if (mprotect(heap->base, heap->map_bytes - 2 * page,
		PROT_READ | PROT_WRITE) == 0)
		return true;
	luaheap_fini(heap);
	return false;
}

void
luaheap_fini(struct luaheap *heap)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	if (heap->base != NULL)
		munmap(heap->base - page, heap->map_bytes);
	free(heap->image);
	memset(heap, 0, sizeof *heap);
}

bool
luaheap_save(struct luaheap *heap)
{
	char *image = malloc(heap->now.top);

	if (image == NULL)
		return false;
	free(heap->image);
	memcpy(image, heap->base, heap->now.top);
	heap->image = image;
	heap->saved = heap->now;
	return true;
}

void
luaheap_restore(struct luaheap *heap)
{
	memcpy(heap->base, heap->image, heap->saved.top);
	heap->now = heap->saved;
	heap->peak = heap->saved.top;
	heap->handed = 0;
	heap->refused = false;
}
