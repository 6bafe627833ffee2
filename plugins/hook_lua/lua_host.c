/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lua_host.c - a policy that is asked: one protected, counted call, and its
 * answer.
 */
#include "lua_host.h"

#include "lua_answer.h"
#include "lua_fault.h"
#include "lua_inside.h"
#include "lua_json.h"
#include "lua_view.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The two members of the arguments that become parameters. */
static const struct hook {
	const char *name;
	const char *first, *second;
} hooks[LUAHOST_N_HOOKS + 1] = {
	[AICX_HOOK_PRICE] = { "price", "usage", "terms" },
	[AICX_HOOK_OFFER] = { "offer", "intent", "me" },
	[AICX_HOOK_CHOOSE] = { "choose", "offers", "mandate" },
	[AICX_HOOK_RULE] = { "rule", "dispute", "terms" },
};

const char luahost_function_keys[LUAHOST_N_HOOKS + 1];

const struct luahost_limits luahost_broker_limits = {
	.memory_bytes = 1 << 20, .instructions = 50000, .deadline_ms = 5
};

/* --- protected calls ------------------------------------------------- */

static const char *
trip_word(enum luatrip trip)
{
	switch (trip) {
	case LUATRIP_INSTRUCTIONS:
		return "policy_instructions";
	case LUATRIP_DEADLINE:
		return "policy_deadline";
	case LUATRIP_MEMORY:
		return "policy_memory";
	case LUATRIP_NONE:
		break;
	}
	return "policy_error";
}

/* True when the message says itself where it is from: "surge.lua:12: ...".
   Lua puts no place before what a C function raised that another one called. */
static bool
has_place(const char *text, const char *place)
{
	size_t len = strcspn(place, ":");

	return strncmp(text, place, len) == 0 && text[len] == ':';
}

/* After a protected call ended with status; AICX_OK when all is well. */
static aicx_err
call_check(struct luahost *host, int status, struct aicx_error *reterr)
{
	lua_State *lua = host->lua;
	char text[160];

	if (host->meter.trip != LUATRIP_NONE) {
		luameter_text(&host->meter, text, sizeof text);
		return luafault_set(reterr, AICX_ELIMIT,
		    trip_word(host->meter.trip), "%s", text);
	}
	if (status == LUA_OK)
		return AICX_OK;
	if (lua_type(lua, -1) != LUA_TSTRING)
		return luafault_set(reterr, AICX_EINVAL, "policy_error",
		    "%s: raised a %s and no message", host->place,
		    luaview_typename(lua, -1));
	if (has_place(lua_tostring(lua, -1), host->place))
		return luafault_set(reterr, AICX_EINVAL, "policy_error", "%s",
		    lua_tostring(lua, -1));
	return luafault_set(reterr, AICX_EINVAL, "policy_error", "%s: %s",
	    host->place, lua_tostring(lua, -1));
}

void
luahost_place(struct luahost *host, int line)
{
	size_t len = strlen(host->chunk);
	/* As Lua shortens names (LUA_IDSIZE): the end of it is kept. */
	bool cut = len > LUA_IDSIZE;
	const char *name =
	    cut ? host->chunk + len - (LUA_IDSIZE - 4) : host->chunk + 1;

	if (line > 0)
		snprintf(host->place, sizeof host->place, "%s%s:%d",
		    cut ? "..." : "", name, line);
	else
		snprintf(host->place, sizeof host->place, "%s%s",
		    cut ? "..." : "", name);
}

aicx_err
luahost_call(struct luahost *host, lua_CFunction fn, void *arg,
    const struct luahost_limits *limits, int64_t fail_at,
    struct aicx_error *reterr)
{
	int status;

	luameter_start(&host->meter, limits->instructions, limits->deadline_ms);
	host->heap.fail_in = fail_at > 0 ? fail_at : -1;
	lua_settop(host->lua, 0);
	lua_pushcfunction(host->lua, fn);
	lua_pushlightuserdata(host->lua, arg);
	status = lua_pcall(host->lua, 1, LUA_MULTRET, 0);
	luameter_stop(&host->meter);
	return call_check(host, status, reterr);
}

/* --- asking ---------------------------------------------------------- */

struct call {
	uint32_t hook;
	struct aicx_str args;
	struct luaanswer answer;
};

/* Pushes the parameter of that name, a member of the arguments at index 1. */
static void
parameter_push(lua_State *lua, const char *name)
{
	if (lua_getfield(lua, 1, name) == LUA_TNIL)
		luaL_error(lua, "arguments lack \"%s\"", name);
}

static int
on_run(lua_State *lua)
{
	struct call *call = lua_touserdata(lua, 1);
	const struct hook *hook = &hooks[call->hook];

	lua_settop(lua, 0);
	luajson_read(lua, call->args.ptr, call->args.len);
	luaL_argexpected(lua, lua_isuserdata(lua, 1), 1, "JSON object");
	lua_rawgetp(lua, LUA_REGISTRYINDEX, &luahost_function_keys[call->hook]);
	parameter_push(lua, hook->first);
	parameter_push(lua, hook->second);
	lua_pushvalue(lua, 1);
	lua_call(lua, 3, LUA_MULTRET);
	luaanswer_take(lua, call->hook, &call->answer);
	return 0;
}

static aicx_err
answer_check(struct luahost *host, const struct call *call,
    struct aicx_decision *ret_decision, struct aicx_error *reterr)
{
	const struct luaanswer *answer = &call->answer;
	const char *name = hooks[call->hook].name;
	char *text = NULL;

	if (answer->verdict == 0)
		return luafault_set(reterr, AICX_EINVAL, "policy_answer",
		    "%s: %s %s", host->place, name, answer->why);
	if (answer->verdict != AICX_PASS)
		text = luaanswer_print(answer);
	if (text == NULL && answer->verdict != AICX_PASS)
		return luafault_set(reterr, AICX_EINVAL, "policy_answer",
		    "%s: %s answered a text that is no UTF-8", host->place,
		    name);
	free(host->result);
	host->result = text;
	ret_decision->verdict = answer->verdict;
	ret_decision->result.ptr = text;
	ret_decision->result.len = text == NULL ? 0 : strlen(text);
	ret_decision->instructions = luameter_used(&host->meter);
	return AICX_OK;
}

aicx_err
luahost_run(struct luahost *host, uint32_t hook, struct aicx_str args,
    struct aicx_decision *ret_decision, struct aicx_error *reterr)
{
	struct call call = { .hook = hook, .args = args };
	aicx_err err;

	if (!luahost_has(host, hook)) {
		ret_decision->verdict = AICX_PASS;
		ret_decision->result = (struct aicx_str) { NULL, 0 };
		ret_decision->instructions = 0;
		return AICX_OK;
	}
	if (args.len > LUAHOST_ARGS_MAX)
		return luafault_set(reterr, AICX_ELIMIT, "policy_error",
		    "cannot ask %s of \"%s\": the arguments have %zu bytes "
		    "and the limit is %d",
		    hooks[hook].name, host->chunk + 1, args.len,
		    LUAHOST_ARGS_MAX);
	luaheap_restore(&host->heap);
	luahost_place(host, host->lines[hook]);
	err = luahost_call(host, on_run, &call, &host->limits,
	    host->limits.fail_run_at, reterr);
	if (err != AICX_OK)
		return err;
	return answer_check(host, &call, ret_decision, reterr);
}

/* --- asking about it ------------------------------------------------- */

bool
luahost_has(const struct luahost *host, uint32_t hook)
{
	return hook >= 1 && hook <= LUAHOST_N_HOOKS && host->lines[hook] != 0;
}

const uint8_t *
luahost_sha256(const struct luahost *host)
{
	return host->hash;
}

struct aicx_str
luahost_source(const struct luahost *host)
{
	return (struct aicx_str) { host->source, host->source_bytes };
}

size_t
luahost_memory(const struct luahost *host)
{
	return host->heap.peak;
}

const char *
luahost_hook_name(uint32_t hook)
{
	return hook >= 1 && hook <= LUAHOST_N_HOOKS ? hooks[hook].name : NULL;
}

uint32_t
luahost_hook_find(const char *name)
{
	for (uint32_t hook = 1; hook <= LUAHOST_N_HOOKS; hook++)
		if (strcmp(hooks[hook].name, name) == 0)
			return hook;
	return 0;
}
