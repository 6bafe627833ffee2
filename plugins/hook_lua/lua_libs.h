/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lua_libs.h - the part of Lua's libraries that policies get, each function
 * charged by the size of its work.
 */
#ifndef HOOK_LUA_LUA_LIBS_H
#define HOOK_LUA_LUA_LIBS_H

#include "lua_words.h"

#include <lua.h>

enum {
	LUALIBS_SORT_MAX = 1000, /* elements */
	LUALIBS_REP_MAX = 64 << 10 /* bytes of a result of string.rep */
};

/* Fills a fresh state's globals, once; scale is borrowed for the state's life.
   May raise. */
void lualibs_setup(lua_State *lua, const struct luawords_scale *scale);

#endif
