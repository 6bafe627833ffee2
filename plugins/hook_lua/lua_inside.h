/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lua_inside.h - what a policy consists of; for lua_load.c and lua_host.c.
 */
#ifndef HOOK_LUA_LUA_INSIDE_H
#define HOOK_LUA_LUA_INSIDE_H

#include "lua_heap.h"
#include "lua_host.h"
#include "lua_meter.h"
#include "lua_words.h"
#include "policy_hash.h"

enum { LUAHOST_N_HOOKS = 4 };

struct luahost {
	char *chunk; /* "@surge.lua" */
	char place[LUA_IDSIZE + 16]; /* "surge.lua:3", of what runs */
	char *source;
	size_t source_bytes;
	uint8_t hash[POLICY_HASH_BYTES];
	struct luahost_limits limits;
	struct luawords_scale scale;
	struct luaheap heap;
	struct luameter meter;
	lua_State *lua;
	bool as_policy; /* or as a value */
	/* Where each hook is defined; 0: it is not. */
	int lines[LUAHOST_N_HOOKS + 1];
	char *result; /* of the last run */
};

/* Registry keys of the hooks' functions: the address of the hook's element. */
extern const char luahost_function_keys[LUAHOST_N_HOOKS + 1];

/* Where errors are from that do not say it; line 0: the whole file. */
void luahost_place(struct luahost *host, int line);

/*
 * fn with arg as its light userdata, protected and counted; its results are
 * left on the stack.  The only way into Lua: the arguments need no memory, so
 * nothing can reach Lua's panic handler.
 */
aicx_err luahost_call(struct luahost *host, lua_CFunction fn, void *arg,
    const struct luahost_limits *limits, int64_t fail_at,
    struct aicx_error *reterr);

#endif
