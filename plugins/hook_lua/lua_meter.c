/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lua_meter.c - what a call of a policy may use up.
 *
 * The count hook fires every 100 instructions.  100 and not more, because one
 * instruction can be long: comparing two strings of 300 KiB takes 20 us, and a
 * table made to collide as much.  The work between two looks at the clock then
 * stays below a millisecond or two.
 */
#include "lua_meter.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

enum {
	HOOK_EVERY = 100, /* instructions */
	BYTES_PER_INSTRUCTION = 64, /* of allocated memory */
	LEVELS_MAX = 250 /* more C calls than that cannot be nested */
};

static struct luameter *
meter_of(lua_State *lua)
{
	struct luameter *meter;

	memcpy(&meter, lua_getextraspace(lua), sizeof(void *));
	return meter;
}

/* Neither allocates nor changes the state: it also runs inside the
   allocator. */
static void
meter_locate(struct luameter *meter)
{
	lua_Debug at;

	for (int level = 0; level < LEVELS_MAX; level++) {
		if (!lua_getstack(meter->lua, level, &at))
			return;
		lua_getinfo(meter->lua, "Sl", &at);
		if (at.currentline > 0) {
			snprintf(meter->where, sizeof meter->where, "%s:%d",
			    at.short_src, at.currentline);
			return;
		}
	}
}

static void
meter_trip(struct luameter *meter, enum luatrip trip)
{
	if (meter->trip != LUATRIP_NONE)
		return;
	meter->trip = trip;
	meter_locate(meter);
}

static void
on_refuse(void *arg)
{
	struct luameter *meter = arg;

	if (meter->running)
		meter_trip(meter, LUATRIP_MEMORY);
}

static void
meter_check(struct luameter *meter)
{
	uint64_t fresh = meter->heap->handed - meter->heap_seen;

	meter->used += (int64_t)(fresh / BYTES_PER_INSTRUCTION);
	meter->heap_seen += fresh - fresh % BYTES_PER_INSTRUCTION;
	if (meter->used > meter->budget)
		meter_trip(meter, LUATRIP_INSTRUCTIONS);
	if (meter->deadline_ms == 0 || meter->used < meter->clock_at)
		return;
	meter->clock_at = meter->used + HOOK_EVERY;
	if (meter->now_ms(meter->arg) > meter->until_ms)
		meter_trip(meter, LUATRIP_DEADLINE);
}

static void on_count(lua_State *lua, lua_Debug *at);

/* The error value needs no memory. */
static void
meter_raise(struct luameter *meter)
{
	lua_sethook(meter->lua, on_count, LUA_MASKCOUNT, 1);
	lua_pushlightuserdata(meter->lua, meter);
	lua_error(meter->lua);
}

static void
on_count(lua_State *lua, lua_Debug *at)
{
	struct luameter *meter = meter_of(lua);

	(void)at;
	meter->used += HOOK_EVERY;
	meter_check(meter);
	if (meter->trip != LUATRIP_NONE)
		meter_raise(meter);
}

void
luameter_charge(lua_State *lua, int64_t n)
{
	struct luameter *meter = meter_of(lua);

	if (!meter->running)
		return;
	if (__builtin_add_overflow(meter->used, n, &meter->used))
		meter->used = INT64_MAX;
	meter_check(meter);
	if (meter->trip != LUATRIP_NONE)
		meter_raise(meter);
}

int
luameter_pcall(lua_State *lua)
{
	struct luameter *meter = meter_of(lua);
	int status;

	luameter_charge(lua, 20);
	luaL_checkany(lua, 1);
	lua_pushboolean(lua, 1);
	lua_insert(lua, 1);
	status = lua_pcall(lua, lua_gettop(lua) - 2, LUA_MULTRET, 0);
	if (meter->trip != LUATRIP_NONE)
		meter_raise(meter);
	if (status != LUA_OK) {
		lua_pushboolean(lua, 0);
		lua_replace(lua, 1);
	}
	return lua_gettop(lua);
}

void
luameter_bind(struct luameter *meter, lua_State *lua, struct luaheap *heap,
    const char *name)
{
	meter->lua = lua;
	meter->heap = heap;
	heap->on_refuse = on_refuse;
	heap->arg = meter;
	snprintf(meter->where, sizeof meter->where, "%s", name);
	memcpy(lua_getextraspace(lua), &meter, sizeof(void *));
}

void
luameter_start(struct luameter *meter, int64_t budget, int64_t deadline_ms)
{
	meter->budget = budget;
	meter->used = 0;
	meter->heap_seen = meter->heap->handed;
	meter->clock_at = HOOK_EVERY;
	meter->deadline_ms = meter->now_ms == NULL ? 0 : deadline_ms;
	if (meter->deadline_ms != 0)
		meter->until_ms = meter->now_ms(meter->arg) + deadline_ms;
	meter->trip = LUATRIP_NONE;
	meter->running = true;
	lua_sethook(meter->lua, on_count, LUA_MASKCOUNT, HOOK_EVERY);
}

void
luameter_stop(struct luameter *meter)
{
	lua_sethook(meter->lua, NULL, 0, 0);
	meter->running = false;
}

int64_t
luameter_used(const struct luameter *meter)
{
	return meter->used +
	    (int64_t)((meter->heap->handed - meter->heap_seen) /
		BYTES_PER_INSTRUCTION);
}

void
luameter_text(const struct luameter *meter, char *ret_text, size_t size)
{
	switch (meter->trip) {
	case LUATRIP_NONE:
		snprintf(ret_text, size, "no limit was passed");
		break;
	case LUATRIP_INSTRUCTIONS:
		snprintf(ret_text, size,
		    "instruction budget of %lld used up in %s",
		    (long long)meter->budget, meter->where);
		break;
	case LUATRIP_DEADLINE:
		snprintf(ret_text, size, "deadline of %lld ms passed in %s",
		    (long long)meter->deadline_ms, meter->where);
		break;
	case LUATRIP_MEMORY:
		snprintf(ret_text, size,
		    "memory limit of %zu bytes used up in %s",
		    meter->heap->limit, meter->where);
		break;
	}
}
