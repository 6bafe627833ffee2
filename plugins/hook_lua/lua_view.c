/* SPDX-License-Identifier: Apache-2.0 */
/* lua_view.c - read-only views of tables, and walking in key order. */
#include "lua_view.h"

#include "lua_meter.h"

#include <lauxlib.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* The view's only field; the table it shows is its user value. */
struct view {
	lua_Integer len;
};

static const char view_key; /* of the metatable, in the registry */

/* --- what a view answers --------------------------------------------- */

void
luaview_wrap(lua_State *lua, lua_Integer len)
{
	struct view *view = lua_newuserdatauv(lua, sizeof *view, 1);

	view->len = len;
	lua_insert(lua, -2);
	lua_setiuservalue(lua, -2, 1);
	lua_rawgetp(lua, LUA_REGISTRYINDEX, &view_key);
	lua_setmetatable(lua, -2);
}

/* Policies get no hand on a metatable, so the only caller is the machine and
   argument 1 is a view. */
static int
view_index(lua_State *lua)
{
	lua_getiuservalue(lua, 1, 1);
	lua_replace(lua, 1);
	lua_rawget(lua, 1);
	return 1;
}

static int
view_newindex(lua_State *lua)
{
	if (lua_type(lua, 2) == LUA_TSTRING)
		return luaL_error(lua,
		    "cannot set field '%s': the table is read-only",
		    lua_tostring(lua, 2));
	return luaL_error(lua, "cannot set a field: the table is read-only");
}

static int
view_len(lua_State *lua)
{
	lua_pushinteger(lua, ((struct view *)lua_touserdata(lua, 1))->len);
	return 1;
}

void
luaview_setup(lua_State *lua)
{
	static const luaL_Reg methods[] = {
		{ "__index", view_index },
		{ "__newindex", view_newindex },
		{ "__len", view_len },
		{ NULL, NULL },
	};

	luaL_newlib(lua, methods);
	/* For error texts, and against getmetatable should it ever come. */
	lua_pushliteral(lua, "table");
	lua_setfield(lua, -2, "__name");
	lua_pushboolean(lua, 0);
	lua_setfield(lua, -2, "__metatable");
	lua_rawsetp(lua, LUA_REGISTRYINDEX, &view_key);
}

const char *
luaview_typename(lua_State *lua, int index)
{
	int type = lua_type(lua, index);

	return lua_typename(lua, type == LUA_TUSERDATA ? LUA_TTABLE : type);
}

/* --- walking in order ------------------------------------------------ */

/* Replaces a view at index 1 by the table it shows; other things are errors. */
static void
table_of(lua_State *lua)
{
	if (lua_type(lua, 1) == LUA_TUSERDATA && lua_getmetatable(lua, 1)) {
		lua_rawgetp(lua, LUA_REGISTRYINDEX, &view_key);
		if (lua_rawequal(lua, -1, -2)) {
			lua_getiuservalue(lua, 1, 1);
			lua_replace(lua, 1);
		}
		lua_pop(lua, 2);
	}
	luaL_checktype(lua, 1, LUA_TTABLE);
}

struct key {
	int type;
	lua_Integer i; /* integer or boolean */
	lua_Number n; /* float */
	bool is_float;
	const char *text;
	size_t len;
};

static int
type_rank(int type)
{
	return type == LUA_TNUMBER ? 0 : type == LUA_TSTRING ? 1 : 2;
}

/* The key at index stays on the stack or in its table while `key` is used. */
static struct key
key_at(lua_State *lua, int index)
{
	struct key key = { .type = lua_type(lua, index) };

	if (key.type == LUA_TSTRING)
		key.text = lua_tolstring(lua, index, &key.len);
	else if (key.type == LUA_TBOOLEAN)
		key.i = lua_toboolean(lua, index);
	else if (lua_isinteger(lua, index))
		key.i = lua_tointeger(lua, index);
	else if (key.type == LUA_TNUMBER) {
		key.n = lua_tonumber(lua, index);
		key.is_float = true;
	} else
		luaL_error(lua, "cannot walk a table with a key of type %s",
		    luaview_typename(lua, index));
	return key;
}

/* A float key never equals an integer (Lua would have made it one), so a
   rounded comparison can only tie next to 2^63, and then the types decide. */
static int
number_compare(const struct key *a, const struct key *b)
{
	lua_Number x = a->is_float ? a->n : (lua_Number)a->i;
	lua_Number y = b->is_float ? b->n : (lua_Number)b->i;

	if (!a->is_float && !b->is_float)
		return (a->i > b->i) - (a->i < b->i);
	if (x != y)
		return x > y ? 1 : -1;
	return a->is_float - b->is_float;
}

static int
key_compare(const void *one, const void *other)
{
	const struct key *a = one, *b = other;
	int order = type_rank(a->type) - type_rank(b->type);

	if (order != 0)
		return order;
	if (a->type == LUA_TNUMBER)
		return number_compare(a, b);
	if (a->type == LUA_TBOOLEAN)
		return (a->i > b->i) - (a->i < b->i);
	order = memcmp(a->text, b->text, a->len < b->len ? a->len : b->len);
	return order != 0 ? order : (a->len > b->len) - (a->len < b->len);
}

static void
key_push(lua_State *lua, const struct key *key)
{
	if (key->type == LUA_TSTRING)
		lua_pushlstring(lua, key->text, key->len);
	else if (key->type == LUA_TBOOLEAN)
		lua_pushboolean(lua, (int)key->i);
	else if (key->is_float)
		lua_pushnumber(lua, key->n);
	else
		lua_pushinteger(lua, key->i);
}

static lua_Integer
keys_count(lua_State *lua)
{
	lua_Integer n = 0;

	lua_pushnil(lua);
	while (lua_next(lua, 1)) {
		lua_pop(lua, 1);
		n++;
	}
	return n;
}

/* Pushes a block with the n keys of the table at index 1, in order.  Their
   texts are owned by the table; no collector runs during a call. */
static const struct key *
keys_sorted(lua_State *lua, lua_Integer n)
{
	struct key *keys =
	    lua_newuserdatauv(lua, (size_t)n * sizeof *keys + 1, 0);
	bool sorted = true;
	lua_Integer i = 0;

	lua_pushnil(lua);
	while (lua_next(lua, 1)) {
		lua_pop(lua, 1);
		keys[i] = key_at(lua, -1);
		if (i > 0 && key_compare(&keys[i - 1], &keys[i]) > 0)
			sorted = false;
		i++;
	}
	if (!sorted)
		qsort(keys, (size_t)n, sizeof *keys, key_compare);
	return keys;
}

/* Upvalues: the table, the block of keys, how many, how many are done. */
static int
pairs_step(lua_State *lua)
{
	const struct key *keys = lua_touserdata(lua, lua_upvalueindex(2));
	lua_Integer n = lua_tointeger(lua, lua_upvalueindex(3));
	lua_Integer i = lua_tointeger(lua, lua_upvalueindex(4));

	while (i < n) {
		key_push(lua, &keys[i++]);
		lua_pushvalue(lua, -1);
		lua_rawget(lua, lua_upvalueindex(1));
		if (!lua_isnil(lua, -1)) {
			lua_pushinteger(lua, i);
			lua_replace(lua, lua_upvalueindex(4));
			return 2;
		}
		/* Removed meanwhile. */
		lua_pop(lua, 2);
		luameter_charge(lua, 1);
	}
	return 0;
}

int
luaview_pairs(lua_State *lua)
{
	lua_Integer n;

	lua_settop(lua, 1);
	table_of(lua);
	n = keys_count(lua);
	luameter_charge(lua, 20 + 10 * n);
	lua_pushvalue(lua, 1);
	keys_sorted(lua, n);
	lua_pushinteger(lua, n);
	lua_pushinteger(lua, 0);
	lua_pushcclosure(lua, pairs_step, 4);
	return 1;
}

int
luaview_next(lua_State *lua)
{
	struct key after = { 0 }, best = { 0 };
	bool from_start, found = false;

	lua_settop(lua, 2);
	table_of(lua);
	luameter_charge(lua, 20 + 4 * keys_count(lua));
	from_start = lua_isnil(lua, 2);
	if (!from_start)
		after = key_at(lua, 2);
	lua_pushnil(lua);
	while (lua_next(lua, 1)) {
		struct key key;

		lua_pop(lua, 1);
		key = key_at(lua, -1);
		if (!from_start && key_compare(&key, &after) <= 0)
			continue;
		if (!found || key_compare(&key, &best) < 0)
			best = key;
		found = true;
	}
	if (!found) {
		lua_pushnil(lua);
		return 1;
	}
	key_push(lua, &best);
	lua_pushvalue(lua, -1);
	lua_rawget(lua, 1);
	return 2;
}
