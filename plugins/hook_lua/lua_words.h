/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lua_words.h - the words that policies have beyond Lua's own:
 *
 *     money "0.0025 AIC"   minor units of that currency, an integer
 *     add(a, b, ...)       sum of integers; an overflow is an error
 *     mul(a, b)            product of integers; an overflow is an error
 *     muldiv(a, b, c)      a * b / c in 128 bits, rounded half away from zero
 *     refuse "why"         the answer that refuses
 */
#ifndef HOOK_LUA_LUA_WORDS_H
#define HOOK_LUA_LUA_WORDS_H

#include <lua.h>

enum { LUAWORDS_REASON_MAX = 200 }; /* bytes */

/* What money() asks for the decimals of a currency: 0..9, or below 0 when
   there is none of that name.  of may be NULL: all are unknown. */
struct luawords_scale {
	int (*of)(const char *currency, void *arg);
	void *arg;
};

/* Defines the words in the globals; scale is borrowed for the state's life.
   May raise. */
void luawords_setup(lua_State *lua, const struct luawords_scale *scale);
/* The reason when the value at index is one of refuse(), else NULL; valid as
   long as the value. */
const char *luawords_refusal(lua_State *lua, int index, size_t *ret_len);

#endif
