/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lua_libs.c - the part of Lua's libraries that policies get.
 *
 * To the count hook a C function is one instruction, however long it runs.
 * So each one is wrapped: a row below says what it costs before it starts, by
 * the sizes of its arguments, and what it may not be asked for at all.
 *
 * Not there, and why: load, dofile, require, string.dump (code from data);
 * os, io, package, debug (the way out); coroutine (a hook set later does not
 * reach a thread, so a tripped policy could go on); setmetatable (__gc runs at
 * close, others at odd places), rawset and its kin; collectgarbage; match,
 * gmatch, gsub (patterns backtrack inside C); table.unpack, move, string.pack;
 * math.random (a rule has to give the same answer again); print, warn.
 */
#include "lua_libs.h"

#include "lua_meter.h"
#include "lua_view.h"

#include <lauxlib.h>
#include <lualib.h>
#include <string.h>

enum { CALL_COST = 20, BYTES_PER_COST = 4 };

/* The cost beyond CALL_COST, before the call; raises what is refused. */
typedef lua_Integer cost_fn(lua_State *lua);

struct function {
	const char *name;
	cost_fn *cost;
};

/* --- costs ----------------------------------------------------------- */

static lua_Integer
bytes_at(lua_State *lua, int index)
{
	if (lua_type(lua, index) != LUA_TSTRING)
		return 0;
	return (lua_Integer)lua_rawlen(lua, index);
}

/* One for each argument and a quarter of the bytes of strings. */
static lua_Integer
cost_arguments(lua_State *lua)
{
	int n = lua_gettop(lua);
	lua_Integer bytes = 0;

	for (int i = 1; i <= n; i++)
		bytes += bytes_at(lua, i);
	return n + bytes / BYTES_PER_COST;
}

static lua_Integer
cost_rep(lua_State *lua)
{
	lua_Integer n = luaL_checkinteger(lua, 2);
	lua_Integer bytes, total;

	luaL_checkstring(lua, 1);
	luaL_optstring(lua, 3, "");
	bytes = bytes_at(lua, 1) + bytes_at(lua, 3);
	if (n <= 0)
		return 0;
	if (bytes == 0) {
		/* Lua would count to n, adding nothing each time. */
		lua_pushinteger(lua, 0);
		lua_replace(lua, 2);
		return 0;
	}
	if (__builtin_mul_overflow(n, bytes, &total) || total > LUALIBS_REP_MAX)
		luaL_error(lua, "result of string.rep is above %d bytes",
		    LUALIBS_REP_MAX);
	return total / BYTES_PER_COST;
}

/* Plain text only.  The search may look at each byte of the one for each byte
   of the other, so that is the charge, 64 bytes at a time. */
static lua_Integer
cost_find(lua_State *lua)
{
	size_t text_bytes, wanted_bytes;
	const char *wanted;

	luaL_checklstring(lua, 1, &text_bytes);
	wanted = luaL_checklstring(lua, 2, &wanted_bytes);
	if (!lua_toboolean(lua, 4) && strpbrk(wanted, "^$*+?.([%-") != NULL)
		luaL_error(lua,
		    "string.find takes plain text only: "
		    "give true as its fourth argument");
	lua_settop(lua, 3);
	lua_pushboolean(lua, 1);
	return (lua_Integer)text_bytes / BYTES_PER_COST +
	    (lua_Integer)text_bytes * (lua_Integer)wanted_bytes / 64;
}

/* %p shows an address, %q and %a have no use here. */
static void
format_check(lua_State *lua, const char *format, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++) {
		if (format[i] != '%')
			continue;
		i++;
		while (i < bytes &&
		    strchr("-+ #0123456789.", format[i]) != NULL &&
		    format[i] != '\0')
			i++;
		if (i >= bytes || strchr("cdiouxXeEfgGs%", format[i]) == NULL ||
		    format[i] == '\0')
			luaL_error(
			    lua, "string.format does not take this conversion");
	}
}

static lua_Integer
cost_format(lua_State *lua)
{
	size_t bytes;
	const char *format = luaL_checklstring(lua, 1, &bytes);
	int n = lua_gettop(lua);

	for (int i = 2; i <= n; i++)
		luaL_argexpected(lua,
		    lua_type(lua, i) == LUA_TNUMBER ||
			lua_type(lua, i) == LUA_TSTRING,
		    i, "number or string");
	luameter_charge(lua, 30 + 20 * (int64_t)bytes);
	format_check(lua, format, bytes);
	return cost_arguments(lua);
}

static lua_Integer
length_of(lua_State *lua)
{
	if (lua_type(lua, 1) != LUA_TTABLE && lua_type(lua, 1) != LUA_TUSERDATA)
		luaL_checktype(lua, 1, LUA_TTABLE);
	return luaL_len(lua, 1);
}

/* n log n comparisons, and each may read both texts to the end. */
static lua_Integer
cost_sort(lua_State *lua)
{
	lua_Integer n = length_of(lua), bytes = 0, rounds = 1;

	if (lua_type(lua, 1) != LUA_TTABLE)
		luaL_error(lua, "cannot sort: the table is read-only");
	if (n > LUALIBS_SORT_MAX)
		luaL_error(lua, "table.sort takes at most %d elements",
		    LUALIBS_SORT_MAX);
	for (lua_Integer i = 1; i <= n; i++) {
		lua_rawgeti(lua, 1, i);
		bytes += bytes_at(lua, -1);
		lua_pop(lua, 1);
	}
	while (n >> rounds != 0)
		rounds++;
	return (2 * n + bytes / BYTES_PER_COST) * rounds;
}

/* All that follow the place are moved. */
static lua_Integer
cost_insert(lua_State *lua)
{
	lua_Integer n = length_of(lua);

	return lua_gettop(lua) == 3 ? n : 0;
}

static lua_Integer
cost_remove(lua_State *lua)
{
	lua_Integer n = length_of(lua);

	return lua_gettop(lua) >= 2 ? n : 0;
}

static lua_Integer
cost_concat(lua_State *lua)
{
	lua_Integer n = length_of(lua);
	lua_Integer from = luaL_optinteger(lua, 3, 1);
	lua_Integer to = luaL_optinteger(lua, 4, n);
	lua_Integer count;

	if (to < from)
		return 0;
	if (__builtin_sub_overflow(to, from, &count) || count > INT32_MAX)
		luaL_error(lua, "too many elements for table.concat");
	return count * (2 + bytes_at(lua, 2) / BYTES_PER_COST);
}

/* --- functions of our own -------------------------------------------- */

/* A table or function has an address and no text; its type is shown. */
static int
base_tostring(lua_State *lua)
{
	luameter_charge(lua, CALL_COST);
	luaL_checkany(lua, 1);
	switch (lua_type(lua, 1)) {
	case LUA_TNIL:
	case LUA_TBOOLEAN:
	case LUA_TNUMBER:
	case LUA_TSTRING:
		luaL_tolstring(lua, 1, NULL);
		break;
	default:
		lua_pushstring(lua, luaview_typename(lua, 1));
		break;
	}
	return 1;
}

static int
base_type(lua_State *lua)
{
	luaL_checkany(lua, 1);
	lua_pushstring(lua, luaview_typename(lua, 1));
	return 1;
}

/* --- the rows -------------------------------------------------------- */

static const struct function base_rows[] = {
	{ "assert", cost_arguments },
	{ "error", cost_arguments },
	{ "ipairs", cost_arguments },
	{ "select", cost_arguments },
	{ "tonumber", cost_arguments },
	{ NULL, NULL },
};

static const luaL_Reg own_rows[] = {
	{ "next", luaview_next },
	{ "pairs", luaview_pairs },
	{ "pcall", luameter_pcall },
	{ "tostring", base_tostring },
	{ "type", base_type },
	{ NULL, NULL },
};

static const struct function string_rows[] = {
	{ "byte", cost_arguments },
	{ "char", cost_arguments },
	{ "find", cost_find },
	{ "format", cost_format },
	{ "len", cost_arguments },
	{ "lower", cost_arguments },
	{ "rep", cost_rep },
	{ "reverse", cost_arguments },
	{ "sub", cost_arguments },
	{ "upper", cost_arguments },
	{ NULL, NULL },
};

static const struct function table_rows[] = {
	{ "concat", cost_concat },
	{ "insert", cost_insert },
	{ "remove", cost_remove },
	{ "sort", cost_sort },
	{ NULL, NULL },
};

static const struct function math_rows[] = {
	{ "abs", cost_arguments },
	{ "ceil", cost_arguments },
	{ "cos", cost_arguments },
	{ "exp", cost_arguments },
	{ "floor", cost_arguments },
	{ "fmod", cost_arguments },
	{ "log", cost_arguments },
	{ "max", cost_arguments },
	{ "min", cost_arguments },
	{ "modf", cost_arguments },
	{ "sin", cost_arguments },
	{ "sqrt", cost_arguments },
	{ "tointeger", cost_arguments },
	{ "type", cost_arguments },
	{ "ult", cost_arguments },
	{ NULL, NULL },
};

static const struct function utf8_rows[] = {
	{ "char", cost_arguments },
	{ "len", cost_arguments },
	{ NULL, NULL },
};

/* --- the wrapper ----------------------------------------------------- */

/* Upvalues: the row, and Lua's own function, which has no upvalues and so may
   run in this frame, where it finds its arguments and raises its errors. */
static int
charged(lua_State *lua)
{
	const struct function *row = lua_touserdata(lua, lua_upvalueindex(1));
	lua_CFunction inner = lua_tocfunction(lua, lua_upvalueindex(2));
	int n_results;

	luameter_charge(lua, CALL_COST);
	luameter_charge(lua, row->cost(lua));
	n_results = inner(lua);
	if (n_results == 1)
		luameter_charge(lua, bytes_at(lua, -1) / BYTES_PER_COST);
	else
		luameter_charge(lua, n_results);
	return n_results;
}

/* For each row, from the table below the top to the table on top. */
static void
rows_copy(lua_State *lua, const struct function *rows)
{
	for (const struct function *row = rows; row->name != NULL; row++) {
		lua_pushlightuserdata(lua, (void *)row);
		lua_getfield(lua, -3, row->name);
		lua_pushcclosure(lua, charged, 2);
		lua_setfield(lua, -2, row->name);
	}
}

/* A read-only library of that name in the globals at index 1. */
static void
library_open(lua_State *lua, const char *name, lua_CFunction open,
    const struct function *rows)
{
	lua_pushcfunction(lua, open);
	lua_call(lua, 0, 1);
	lua_newtable(lua);
	rows_copy(lua, rows);
	if (strcmp(name, LUA_MATHLIBNAME) == 0) {
		static const char *const constants[] = { "huge", "maxinteger",
			"mininteger", "pi" };

		for (size_t i = 0; i < sizeof constants / sizeof *constants;
		     i++) {
			lua_getfield(lua, -2, constants[i]);
			lua_setfield(lua, -2, constants[i]);
		}
	}
	if (strcmp(name, LUA_STRLIBNAME) == 0) {
		/* For ("x"):upper(); without the arithmetic on texts, so that
		   "10" + 1 is an error and not a number. */
		lua_pushliteral(lua, "");
		lua_createtable(lua, 0, 2);
		lua_pushvalue(lua, -3);
		lua_setfield(lua, -2, "__index");
		lua_pushboolean(lua, 0);
		lua_setfield(lua, -2, "__metatable");
		lua_setmetatable(lua, -2);
		lua_pop(lua, 1);
	}
	luaview_wrap(lua, 0);
	lua_setfield(lua, 1, name);
	lua_pop(lua, 1);
}

void
lualibs_setup(lua_State *lua, const struct luawords_scale *scale)
{
	luaview_setup(lua);
	/* luaopen_base fills the globals; these become a plain source. */
	lua_pushcfunction(lua, luaopen_base);
	lua_call(lua, 0, 1);
	lua_newtable(lua);
	rows_copy(lua, base_rows);
	luaL_setfuncs(lua, own_rows, 0);
	lua_replace(lua, 1);
	lua_settop(lua, 1);
	lua_pushvalue(lua, 1);
	lua_rawseti(lua, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);

	library_open(lua, LUA_STRLIBNAME, luaopen_string, string_rows);
	library_open(lua, LUA_TABLIBNAME, luaopen_table, table_rows);
	library_open(lua, LUA_MATHLIBNAME, luaopen_math, math_rows);
	library_open(lua, LUA_UTF8LIBNAME, luaopen_utf8, utf8_rows);
	luawords_setup(lua, scale);
	lua_settop(lua, 0);
}
