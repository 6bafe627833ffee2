/* SPDX-License-Identifier: Apache-2.0 */
/* lua_value.c - how a value leaves Lua whole, as JSON. */
#include "lua_value.h"

static json_t *value_json(lua_State *lua, int index, int depth);

static json_t *
array_json(lua_State *lua, int index, size_t n, int depth)
{
	json_t *array = json_array();

	for (size_t i = 1; i <= n && array != NULL; i++) {
		lua_rawgeti(lua, index, (lua_Integer)i);
		if (json_array_append_new(array,
			value_json(lua, lua_gettop(lua), depth - 1)) != 0) {
			json_decref(array);
			array = NULL;
		}
		lua_pop(lua, 1);
	}
	return array;
}

static json_t *
object_json(lua_State *lua, int index, int depth)
{
	json_t *object = json_object();

	lua_pushnil(lua);
	while (object != NULL && lua_next(lua, index)) {
		int top = lua_gettop(lua);

		if (lua_type(lua, -2) != LUA_TSTRING ||
		    json_object_set_new(object, lua_tostring(lua, -2),
			value_json(lua, top, depth - 1)) != 0) {
			json_decref(object);
			object = NULL;
			lua_pop(lua, 2);
		} else
			lua_pop(lua, 1);
	}
	return object;
}

static json_t *
value_json(lua_State *lua, int index, int depth)
{
	size_t len;
	const char *text;

	if (depth == 0 || !lua_checkstack(lua, 4))
		return NULL;
	switch (lua_type(lua, index)) {
	case LUA_TBOOLEAN:
		return json_boolean(lua_toboolean(lua, index));
	case LUA_TNUMBER:
		if (!lua_isinteger(lua, index))
			return NULL;
		return json_integer(lua_tointeger(lua, index));
	case LUA_TSTRING:
		text = lua_tolstring(lua, index, &len);
		return json_stringn(text, len);
	case LUA_TTABLE:
		len = lua_rawlen(lua, index);
		return len > 0 ? array_json(lua, index, len, depth)
			       : object_json(lua, index, depth);
	default:
		return NULL;
	}
}

json_t *
luavalue_json(lua_State *lua, int index)
{
	return value_json(lua, lua_absindex(lua, index), LUAVALUE_DEPTH_MAX);
}
