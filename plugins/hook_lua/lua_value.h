/* SPDX-License-Identifier: Apache-2.0 */
/* lua_value.h - how a value leaves Lua whole, as JSON; for test files. */
#ifndef HOOK_LUA_LUA_VALUE_H
#define HOOK_LUA_LUA_VALUE_H

#include <jansson.h>
#include <lua.h>

enum { LUAVALUE_DEPTH_MAX = 32 };

/* The value at index; tables with t[1] are arrays.  Raises nothing; NULL:
   something JSON has not, a float, or too deep.  Caller owns. */
json_t *luavalue_json(lua_State *lua, int index);

#endif
