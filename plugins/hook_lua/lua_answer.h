/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lua_answer.h - what a hook may answer, checked and printed.
 *
 * Money is an integer of minor units, 0 up to the ceiling of the arguments.
 * A float is refused, even 1.0; so are texts that look like numbers, too many
 * results and none.
 */
#ifndef HOOK_LUA_LUA_ANSWER_H
#define HOOK_LUA_LUA_ANSWER_H

#include <aiconexus/types.h>
#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

enum { LUAANSWER_FIELDS_MAX = 5 };

struct luaanswer_field {
	const char *name;
	struct aicx_str text; /* in Lua's memory; absent: it is a number */
	int64_t number;
};

struct luaanswer {
	uint32_t verdict; /* enum aicx_verdict; 0: it is no answer */
	char why[160]; /* then this is why */
	/* AICX_VALUE: members of the result.  AICX_REFUSE: one text. */
	struct luaanswer_field fields[LUAANSWER_FIELDS_MAX];
	size_t n_fields;
};

/* The view of the arguments lies at index 1, the results above it.  hook is
   enum aicx_hook.  May raise. */
void luaanswer_take(
    lua_State *lua, uint32_t hook, struct luaanswer *ret_answer);

/* The answer as JSON by malloc(), while Lua's memory is as it was; NULL: a text
   is no UTF-8, or out of memory. */
char *luaanswer_print(const struct luaanswer *answer);

#endif
