/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lua_json.h - how values come into Lua: JSON text becomes read-only views.
 *
 * null is absent; integers, true, false and texts are what they are.  A number
 * with a fraction or an exponent, or outside of 64 bits, becomes its own text:
 * no float comes from outside, so none ends up in an amount by accident.
 */
#ifndef HOOK_LUA_LUA_JSON_H
#define HOOK_LUA_LUA_JSON_H

#include <lua.h>
#include <stddef.h>

enum { LUAJSON_DEPTH_MAX = 32 };

/* Pushes the value of a JSON text (RFC 8259; a repeated member is an error).
   Raises errors, with the place. */
void luajson_read(lua_State *lua, const char *text, size_t len);

#endif
