/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lua_meter.h - what a call of a policy may use up: instructions, time and
 * memory; and the trip that nothing in Lua can reset.
 *
 * Instructions are those of the Lua machine, plus a charge for each C function
 * by the size of its work (lua_libs.c), plus one for each 64 bytes that were
 * allocated.  No clock and no address is in it, so the same call uses the same
 * number wherever it is replayed; the deadline alone depends on a clock.
 */
#ifndef HOOK_LUA_LUA_METER_H
#define HOOK_LUA_LUA_METER_H

#include "lua_heap.h"

#include <lua.h>
#include <stdint.h>

enum luatrip {
	LUATRIP_NONE = 0,
	LUATRIP_INSTRUCTIONS = 1,
	LUATRIP_DEADLINE = 2,
	LUATRIP_MEMORY = 3
};

struct luameter {
	lua_State *lua;
	struct luaheap *heap;
	int64_t (*now_ms)(void *arg); /* that never goes back */
	void *arg;
	/* Of the running call. */
	int64_t budget, used;
	int64_t deadline_ms; /* how long; 0: no deadline */
	int64_t until_ms;
	int64_t clock_at; /* `used` at which the clock is read next */
	uint64_t heap_seen; /* heap->handed that is in `used` already */
	bool running;
	enum luatrip trip;
	char where[80]; /* "surge.lua:12" */
};

/* Ties the meter to its state; both live equally long. */
void luameter_bind(struct luameter *meter, lua_State *lua, struct luaheap *heap,
    const char *name);
/* From here to luameter_stop() all is counted. */
void luameter_start(
    struct luameter *meter, int64_t budget, int64_t deadline_ms);
void luameter_stop(struct luameter *meter);
/* What was used; whole hundreds for the machine's part. */
int64_t luameter_used(const struct luameter *meter);
/* "instruction budget of 50000 used up in surge.lua:12". */
void luameter_text(const struct luameter *meter, char *ret_text, size_t size);

/* Called by C functions before they do n instructions' worth of work; raises
   once a limit is passed, and at each later call. */
void luameter_charge(lua_State *lua, int64_t n);

/* pcall() for policies: what tripped the meter passes through it. */
int luameter_pcall(lua_State *lua);

#endif
