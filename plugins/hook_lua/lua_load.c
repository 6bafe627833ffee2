/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lua_load.c - a policy that is loaded: compiled, run once, its hooks kept, and
 * the state saved as the image that each call starts from.
 */
#include "lua_fault.h"
#include "lua_inside.h"
#include "lua_libs.h"
#include "lua_value.h"
#include "lua_view.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

enum {
	READ_BYTES = 256,
	STACK_SLOTS = 160 /* in the image, so that few calls have to grow it */
};

struct source_reader {
	const char *at;
	size_t left;
};

/* The compiler runs no instruction that a hook could count; so it is fed in
   small pieces, each charged, and the clock is looked at between them. */
static const char *
source_read(lua_State *lua, void *arg, size_t *ret_bytes)
{
	struct source_reader *reader = arg;
	const char *piece = reader->at;
	size_t bytes = reader->left < READ_BYTES ? reader->left : READ_BYTES;

	luameter_charge(lua, 20 + (int64_t)bytes / 4);
	reader->at += bytes;
	reader->left -= bytes;
	*ret_bytes = bytes;
	return bytes == 0 ? NULL : piece;
}

static int
on_setup(lua_State *lua)
{
	struct luahost *host = lua_touserdata(lua, 1);

	lua_settop(lua, 0);
	lualibs_setup(lua, &host->scale);
	return 0;
}

/* The key at -2 and value at -1 of the policy's table. */
static void
hook_take(lua_State *lua, struct luahost *host)
{
	lua_Debug at;
	uint32_t hook;

	if (lua_type(lua, -2) != LUA_TSTRING)
		luaL_error(lua, "returned a table with a key that is no hook");
	hook = luahost_hook_find(lua_tostring(lua, -2));
	if (hook == 0)
		luaL_error(lua,
		    "unknown hook '%s': there are price, offer and choose",
		    lua_tostring(lua, -2));
	if (lua_type(lua, -1) != LUA_TFUNCTION)
		luaL_error(lua, "hook '%s' is a %s and no function",
		    lua_tostring(lua, -2), luaview_typename(lua, -1));
	lua_pushvalue(lua, -1);
	lua_getinfo(lua, ">S", &at);
	host->lines[hook] = at.linedefined > 0 ? at.linedefined : 1;
	lua_rawsetp(lua, LUA_REGISTRYINDEX, &luahost_function_keys[hook]);
}

static void
hooks_take(lua_State *lua, struct luahost *host)
{
	bool some = false;

	if (lua_type(lua, -1) != LUA_TTABLE)
		luaL_error(lua, "returned a %s: it has to be a table of hooks",
		    luaview_typename(lua, -1));
	lua_pushnil(lua);
	while (lua_next(lua, -2)) {
		hook_take(lua, host);
		some = true;
	}
	if (!some)
		luaL_error(lua, "returned a table without hooks");
}

static int
on_load(lua_State *lua)
{
	struct luahost *host = lua_touserdata(lua, 1);
	struct source_reader reader = { host->source, host->source_bytes };

	lua_settop(lua, 0);
	if (lua_load(lua, source_read, &reader, host->chunk, "t") != LUA_OK)
		lua_error(lua);
	lua_call(lua, 0, 1);
	if (!host->as_policy)
		return 1;
	hooks_take(lua, host);
	return 0;
}

static char *
text_copy(const char *prefix, const char *text, size_t len)
{
	size_t prefix_len = strlen(prefix);
	char *copy = malloc(prefix_len + len + 1);

	if (copy == NULL)
		return NULL;
	memcpy(copy, prefix, prefix_len);
	if (len > 0)
		memcpy(copy + prefix_len, text, len);
	copy[prefix_len + len] = '\0';
	return copy;
}

static aicx_err
host_make(const char *name, struct aicx_str source,
    const struct luahost_limits *limits, const struct luahost_ports *ports,
    struct luahost **ret_host, struct aicx_error *reterr)
{
	struct luahost *host = calloc(1, sizeof *host);

	if (host == NULL)
		return luafault_set(reterr, AICX_ENOMEM, "",
		    "cannot load the policy \"%s\": out of memory", name);
	host->limits = *limits;
	host->meter.now_ms = ports->now_ms;
	host->meter.arg = ports->arg;
	host->scale.of = ports->scale;
	host->scale.arg = ports->arg;
	host->source_bytes = source.len;
	policy_hash(source.ptr, source.len, host->hash);
	host->chunk = text_copy("@", name, strlen(name));
	host->source = text_copy("", source.ptr, source.len);
	if (host->chunk != NULL && host->source != NULL &&
	    luaheap_init(&host->heap, limits->memory_bytes))
		host->lua = lua_newstate(luaheap_alloc, &host->heap);
	if (host->lua == NULL) {
		luahost_free(host);
		return luafault_set(reterr, AICX_ENOMEM, "",
		    "cannot load the policy \"%s\": out of memory", name);
	}
	*ret_host = host;
	return AICX_OK;
}

/* Leaves the text's value on the stack where it is no policy. */
static aicx_err
host_load(struct luahost *host, struct aicx_error *reterr)
{
	static const struct luahost_limits unlimited = { .instructions =
							     INT64_MAX };
	struct luahost_limits limits = host->limits;
	aicx_err err;

	limits.instructions *= LUAHOST_LOAD_FACTOR;
	limits.deadline_ms *= LUAHOST_LOAD_FACTOR;
	luahost_place(host, 0);
	luameter_bind(&host->meter, host->lua, &host->heap, host->place);
	/* Never needed: each call starts from the image. */
	lua_gc(host->lua, LUA_GCSTOP);
	err = luahost_call(host, on_setup, host, &unlimited,
	    host->limits.fail_load_at, reterr);
	if (err != AICX_OK)
		return err;
	lua_gc(host->lua, LUA_GCCOLLECT);
	return luahost_call(
	    host, on_load, host, &limits, host->limits.fail_load_at, reterr);
}

static aicx_err
host_new(const char *name, struct aicx_str source, bool as_policy,
    const struct luahost_limits *limits, const struct luahost_ports *ports,
    struct luahost **ret_host, struct aicx_error *reterr)
{
	struct luahost *host = NULL;
	aicx_err err;

	if (source.len > LUAHOST_SOURCE_MAX)
		return luafault_set(reterr, AICX_ELIMIT, "policy_size",
		    "cannot load the policy \"%s\": it has %zu bytes and the "
		    "limit is %d",
		    name, source.len, LUAHOST_SOURCE_MAX);
	if (limits->memory_bytes < LUAHOST_MEMORY_MIN)
		return luafault_set(reterr, AICX_EINVAL, "",
		    "cannot load the policy \"%s\": its memory is below %d "
		    "bytes",
		    name, LUAHOST_MEMORY_MIN);
	err = host_make(name, source, limits, ports, &host, reterr);
	if (err != AICX_OK)
		return err;
	host->as_policy = as_policy;
	err = host_load(host, reterr);
	if (err != AICX_OK) {
		luahost_free(host);
		return err;
	}
	*ret_host = host;
	return AICX_OK;
}

aicx_err
luahost_new(const char *name, struct aicx_str source,
    const struct luahost_limits *limits, const struct luahost_ports *ports,
    struct luahost **ret_host, struct aicx_error *reterr)
{
	struct luahost *host = NULL;
	aicx_err err =
	    host_new(name, source, true, limits, ports, &host, reterr);

	if (err != AICX_OK)
		return err;
	lua_settop(host->lua, 0);
	lua_gc(host->lua, LUA_GCCOLLECT);
	lua_checkstack(host->lua, STACK_SLOTS);
	if (!luaheap_save(&host->heap)) {
		luahost_free(host);
		return luafault_set(reterr, AICX_ENOMEM, "",
		    "cannot load the policy \"%s\": out of memory", name);
	}
	*ret_host = host;
	return AICX_OK;
}

aicx_err
luahost_eval(const char *name, struct aicx_str source,
    const struct luahost_limits *limits, const struct luahost_ports *ports,
    json_t **ret_value, struct aicx_error *reterr)
{
	struct luahost *host = NULL;
	json_t *value = NULL;
	aicx_err err =
	    host_new(name, source, false, limits, ports, &host, reterr);

	if (err != AICX_OK)
		return err;
	value = luavalue_json(host->lua, -1);
	luahost_free(host);
	if (value == NULL)
		return luafault_set(reterr, AICX_EINVAL, "policy_answer",
		    "%s: returned a value with a part that is no text, "
		    "integer, boolean or table",
		    name);
	*ret_value = value;
	return AICX_OK;
}

/* The state needs no closing: all of it is in the heap. */
void
luahost_free(struct luahost *host)
{
	if (host == NULL)
		return;
	luaheap_fini(&host->heap);
	free(host->result);
	free(host->source);
	free(host->chunk);
	free(host);
}
