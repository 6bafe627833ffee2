/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lua_view.h - read-only views: how tables look to a policy that are not its
 * own.
 *
 * A view is indexed like a table, has a length, and can be given to ipairs and
 * pairs; it cannot be written to.
 *
 * pairs and next go through keys in order (numbers, then strings by bytes,
 * then booleans), for views and tables alike.  Lua's own order depends on
 * addresses and on the time of start, and a rule that depends on it could not
 * be replayed.
 */
#ifndef HOOK_LUA_LUA_VIEW_H
#define HOOK_LUA_LUA_VIEW_H

#include <lua.h>

/* Prepares the state, once.  May raise, as all that follow. */
void luaview_setup(lua_State *lua);
/* Replaces the table on top by a view of it; len is what # shall say. */
void luaview_wrap(lua_State *lua, lua_Integer len);
/* The type of the value at index, as a policy sees it: views are tables. */
const char *luaview_typename(lua_State *lua, int index);
/* pairs() and next() for policies. */
int luaview_pairs(lua_State *lua);
int luaview_next(lua_State *lua);

#endif
