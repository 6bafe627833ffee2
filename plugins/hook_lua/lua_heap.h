/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lua_heap.h - the memory of one Lua state: a fixed piece with a hard end,
 * that can be put back to a saved image.
 *
 * A Lua state lies wholly in the memory its allocator gave it.  So the bytes
 * saved after a policy was loaded, copied back to the same place, are that
 * state again: every call starts from them, nothing of an earlier call is
 * left, and no collector has to run.
 */
#ifndef HOOK_LUA_LUA_HEAP_H
#define HOOK_LUA_LUA_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	LUAHEAP_GRAIN = 16, /* sizes are multiples of it */
	LUAHEAP_SMALL_MAX = 1024, /* up to here one free list per size */
	LUAHEAP_N_SMALL = LUAHEAP_SMALL_MAX / LUAHEAP_GRAIN + 1,
	LUAHEAP_N_BIG = 40 /* one free list per power of two */
};

struct luaheap_free; /* a free block; its first bytes link it */

/* All that changes; saved and put back with the bytes. */
struct luaheap_marks {
	size_t top; /* bytes in use or on free lists, from the base */
	size_t live; /* bytes in use */
	struct luaheap_free *small[LUAHEAP_N_SMALL];
	struct luaheap_free *big[LUAHEAP_N_BIG];
};

struct luaheap {
	char *base;
	size_t limit;
	size_t map_bytes; /* with a guard page at both ends */
	struct luaheap_marks now, saved;
	char *image;
	size_t peak; /* highest top since the last restore */
	uint64_t handed; /* bytes handed out since the last restore */
	bool refused; /* sticky until restored: no growth any more */
	/* Called at the first refusal, from within Lua's allocation. */
	void (*on_refuse)(void *arg);
	void *arg;
	/* For tests: the n-th growth from now on is refused; < 0: none. */
	int64_t fail_in;
};

/* Only address space is taken until bytes are used.  False: errno. */
bool luaheap_init(struct luaheap *heap, size_t limit);
void luaheap_fini(struct luaheap *heap);

/* A lua_Alloc; `heap` is a struct luaheap.  Shrinking and freeing succeed. */
void *luaheap_alloc(void *heap, void *ptr, size_t old_bytes, size_t new_bytes);

/* The state as it is now becomes the image.  False: out of memory. */
bool luaheap_save(struct luaheap *heap);
/* Back to the image, byte for byte; costs a copy of saved.top bytes. */
void luaheap_restore(struct luaheap *heap);

#endif
