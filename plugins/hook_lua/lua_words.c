/* SPDX-License-Identifier: Apache-2.0 */
/* lua_words.c - the words that policies have beyond Lua's own. */
#include "lua_words.h"

#include "lua_meter.h"

#include <lauxlib.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { WORD_COST = 20, CURRENCY_MAX = 7 };

struct refusal {
	size_t len;
	char why[];
};

static const char refusal_key; /* of the metatable, in the registry */

/* --- money ----------------------------------------------------------- */

/* Appends a digit; false: too large. */
static bool
digit_add(lua_Integer *minor, char digit)
{
	return !__builtin_mul_overflow(*minor, 10, minor) &&
	    !__builtin_add_overflow(*minor, digit - '0', minor);
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "0.0025": digits, then perhaps a point and at most `scale` more.  Returns
   where it ended, or NULL. */
static const char *
amount_parse(const char *text, int scale, lua_Integer *ret_minor)
{
	lua_Integer minor = 0;

	if (!is_digit(*text))
		return NULL;
	for (; is_digit(*text); text++)
		if (!digit_add(&minor, *text))
			return NULL;
	if (*text == '.') {
		text++;
		if (!is_digit(*text))
			return NULL;
		for (; is_digit(*text); text++)
			if (scale-- <= 0 || !digit_add(&minor, *text))
				return NULL;
	}
	for (; scale > 0; scale--)
		if (!digit_add(&minor, '0'))
			return NULL;
	*ret_minor = minor;
	return text;
}

/* money "0.0025 AIC" */
static int
word_money(lua_State *lua)
{
	size_t len;
	const char *text = luaL_checklstring(lua, 1, &len), *space, *end;
	const struct luawords_scale *known =
	    lua_touserdata(lua, lua_upvalueindex(1));
	lua_Integer minor;
	int scale = -1;

	luameter_charge(lua, WORD_COST);
	if (len > 40 || strlen(text) != len)
		return luaL_error(lua, "money: this is no amount");
	space = strchr(text, ' ');
	if (space == NULL || space[1] == '\0')
		return luaL_error(lua,
		    "money '%s': write an amount and a currency, as in "
		    "\"0.0025 AIC\"",
		    text);
	if (strlen(space + 1) <= CURRENCY_MAX && known->of != NULL)
		scale = known->of(space + 1, known->arg);
	if (scale < 0)
		return luaL_error(
		    lua, "money '%s': the currency is unknown", text);
	end = amount_parse(text, scale, &minor);
	if (end != space)
		return luaL_error(lua,
		    "money '%s': the amount has to be a plain number with at "
		    "most %d decimals",
		    text, scale);
	lua_pushinteger(lua, minor);
	return 1;
}

/* --- integers -------------------------------------------------------- */

/* Not luaL_checkinteger: that takes 2.0 and "2". */
static lua_Integer
integer_at(lua_State *lua, int index)
{
	luaL_argexpected(lua, lua_isinteger(lua, index), index, "integer");
	return lua_tointeger(lua, index);
}

static int
word_add(lua_State *lua)
{
	int n = lua_gettop(lua);
	lua_Integer sum = integer_at(lua, 1);

	luameter_charge(lua, WORD_COST + n);
	for (int i = 2; i <= n; i++)
		if (__builtin_add_overflow(sum, integer_at(lua, i), &sum))
			return luaL_error(lua, "add: the sum is too large");
	lua_pushinteger(lua, sum);
	return 1;
}

static int
word_mul(lua_State *lua)
{
	lua_Integer product;

	luameter_charge(lua, WORD_COST);
	if (__builtin_mul_overflow(
		integer_at(lua, 1), integer_at(lua, 2), &product))
		return luaL_error(lua, "mul: the product is too large");
	lua_pushinteger(lua, product);
	return 1;
}

static int
word_muldiv(lua_State *lua)
{
	__int128 product = (__int128)integer_at(lua, 1) * integer_at(lua, 2);
	__int128 divisor = integer_at(lua, 3), quotient, rest;

	luameter_charge(lua, WORD_COST);
	if (divisor == 0)
		return luaL_error(lua, "muldiv: the divisor is 0");
	if (divisor < 0) {
		product = -product;
		divisor = -divisor;
	}
	quotient = product / divisor;
	rest = product % divisor;
	if (2 * (rest < 0 ? -rest : rest) >= divisor)
		quotient += product < 0 ? -1 : 1;
	if (quotient > INT64_MAX || quotient < INT64_MIN)
		return luaL_error(lua, "muldiv: the result is too large");
	lua_pushinteger(lua, (lua_Integer)quotient);
	return 1;
}

/* --- refuse ---------------------------------------------------------- */

static int
word_refuse(lua_State *lua)
{
	size_t len;
	const char *why = luaL_checklstring(lua, 1, &len);
	struct refusal *refusal;

	luameter_charge(lua, WORD_COST);
	if (len == 0 || len > LUAWORDS_REASON_MAX)
		return luaL_error(lua,
		    "refuse: the reason has to have 1 to %d bytes",
		    LUAWORDS_REASON_MAX);
	refusal = lua_newuserdatauv(lua, sizeof *refusal + len + 1, 0);
	refusal->len = len;
	memcpy(refusal->why, why, len + 1);
	lua_rawgetp(lua, LUA_REGISTRYINDEX, &refusal_key);
	lua_setmetatable(lua, -2);
	return 1;
}

const char *
luawords_refusal(lua_State *lua, int index, size_t *ret_len)
{
	struct refusal *refusal = lua_touserdata(lua, index);
	bool is_refusal = false;

	if (refusal == NULL || !lua_getmetatable(lua, index))
		return NULL;
	lua_rawgetp(lua, LUA_REGISTRYINDEX, &refusal_key);
	is_refusal = lua_rawequal(lua, -1, -2);
	lua_pop(lua, 2);
	if (!is_refusal)
		return NULL;
	*ret_len = refusal->len;
	return refusal->why;
}

void
luawords_setup(lua_State *lua, const struct luawords_scale *scale)
{
	static const luaL_Reg words[] = {
		{ "add", word_add },
		{ "mul", word_mul },
		{ "muldiv", word_muldiv },
		{ "refuse", word_refuse },
		{ NULL, NULL },
	};

	lua_pushglobaltable(lua);
	luaL_setfuncs(lua, words, 0);
	lua_pushlightuserdata(lua, (void *)scale);
	lua_pushcclosure(lua, word_money, 1);
	lua_setfield(lua, -2, "money");
	lua_pop(lua, 1);
	lua_createtable(lua, 0, 2);
	lua_pushliteral(lua, "refusal");
	lua_setfield(lua, -2, "__name");
	lua_pushboolean(lua, 0);
	lua_setfield(lua, -2, "__metatable");
	lua_rawsetp(lua, LUA_REGISTRYINDEX, &refusal_key);
}
