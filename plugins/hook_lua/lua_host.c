/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lua_host.c - a policy: one Lua file whose functions are asked at named
 * places.
 *
 * Every entry into Lua is a lua_pcall() of one of the C functions below, with
 * arguments that need no memory, so nothing can reach Lua's panic handler.
 */
#include "lua_host.h"

#include "lua_answer.h"
#include "lua_json.h"
#include "lua_libs.h"
#include "lua_meter.h"
#include "lua_view.h"
#include "policy_hash.h"

#include <errno.h>
#include <lauxlib.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	READ_BYTES = 256,
	N_HOOKS = 3,
	STACK_SLOTS = 160 /* in the image, so that few calls have to grow it */
};

/* The two members of the arguments that become parameters. */
static const struct hook {
	const char *name;
	const char *first, *second;
} hooks[N_HOOKS + 1] = {
	[AICX_HOOK_PRICE] = { "price", "usage", "terms" },
	[AICX_HOOK_OFFER] = { "offer", "intent", "me" },
	[AICX_HOOK_CHOOSE] = { "choose", "offers", "mandate" },
};

const struct luahost_limits luahost_broker_limits = {
	.memory_bytes = 1 << 20, .instructions = 50000, .deadline_ms = 5
};

struct luahost {
	char *chunk; /* "@surge.lua" */
	char place[LUA_IDSIZE + 16]; /* "surge.lua:3", of what runs */
	char *source;
	size_t source_bytes;
	uint8_t hash[POLICY_HASH_BYTES];
	struct luahost_limits limits;
	struct luawords_scale scale;
	struct luaheap heap;
	struct luameter meter;
	lua_State *lua;
	bool as_policy; /* or as a value */
	int lines[N_HOOKS + 1]; /* where each hook is defined; 0: it is not */
	char *result; /* of the last run */
};

static const char function_keys[N_HOOKS + 1]; /* in the registry */

/* --- errors ------------------------------------------------------------------
 */

/* Policies may put anything into a message; a log line takes text. */
static void
text_clean(char *text)
{
	size_t len = strlen(text);
	json_t *valid;

	while (len > 0 && ((unsigned char)text[len - 1] & 0xC0) == 0x80)
		len--;
	if (len > 0 && (unsigned char)text[len - 1] >= 0xC0)
		len--;
	valid = json_string(text);
	if (valid == NULL) { /* perhaps only cut in the middle of a character */
		text[len] = '\0';
		valid = json_string(text);
	}
	for (char *at = text; *at != '\0'; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7F ||
		    (valid == NULL && (unsigned char)*at >= 0x80))
			*at = '?';
	json_decref(valid);
}

static aicx_err __attribute__((format(printf, 4, 5)))
fail(struct aicx_error *reterr, aicx_err code, const char *word,
    const char *fmt, ...)
{
	va_list args;

	if (reterr == NULL)
		return code;
	memset(reterr, 0, sizeof *reterr);
	reterr->code = code;
	snprintf(reterr->word, sizeof reterr->word, "%s", word);
	va_start(args, fmt);
	vsnprintf(reterr->text, sizeof reterr->text, fmt, args);
	va_end(args);
	text_clean(reterr->text);
	return code;
}

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
		return fail(reterr, AICX_ELIMIT, trip_word(host->meter.trip),
		    "%s", text);
	}
	if (status == LUA_OK)
		return AICX_OK;
	if (lua_type(lua, -1) != LUA_TSTRING)
		return fail(reterr, AICX_EINVAL, "policy_error",
		    "%s: raised a %s and no message", host->place,
		    luaview_typename(lua, -1));
	if (has_place(lua_tostring(lua, -1), host->place))
		return fail(reterr, AICX_EINVAL, "policy_error", "%s",
		    lua_tostring(lua, -1));
	return fail(reterr, AICX_EINVAL, "policy_error", "%s: %s", host->place,
	    lua_tostring(lua, -1));
}

/* Where errors are from that do not say it; line 0: the whole file. */
static void
place_set(struct luahost *host, int line)
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

/* fn(host), counted; its results are left on the stack. */
static aicx_err
protected_call(struct luahost *host, lua_CFunction fn, void *arg,
    int64_t budget, int64_t deadline_ms, int64_t fail_at,
    struct aicx_error *reterr)
{
	int status;

	luameter_start(&host->meter, budget, deadline_ms);
	host->heap.fail_in = fail_at > 0 ? fail_at : -1;
	lua_settop(host->lua, 0);
	lua_pushcfunction(host->lua, fn);
	lua_pushlightuserdata(host->lua, arg);
	status = lua_pcall(host->lua, 1, LUA_MULTRET, 0);
	luameter_stop(&host->meter);
	return call_check(host, status, reterr);
}

/* --- loading
 * ------------------------------------------------------------------ */

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
	lua_rawsetp(lua, LUA_REGISTRYINDEX, &function_keys[hook]);
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
		return fail(reterr, AICX_ENOMEM, "",
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
		return fail(reterr, AICX_ENOMEM, "",
		    "cannot load the policy \"%s\": out of memory", name);
	}
	*ret_host = host;
	return AICX_OK;
}

/* Leaves the text's value on the stack where it is no policy. */
static aicx_err
host_load(struct luahost *host, struct aicx_error *reterr)
{
	aicx_err err;

	place_set(host, 0);
	luameter_bind(&host->meter, host->lua, &host->heap, host->place);
	/* Never needed: each call starts from the image. */
	lua_gc(host->lua, LUA_GCSTOP);
	err = protected_call(host, on_setup, host, INT64_MAX, 0,
	    host->limits.fail_load_at, reterr);
	if (err != AICX_OK)
		return err;
	lua_gc(host->lua, LUA_GCCOLLECT);
	return protected_call(host, on_load, host,
	    host->limits.instructions * LUAHOST_LOAD_FACTOR,
	    host->limits.deadline_ms * LUAHOST_LOAD_FACTOR,
	    host->limits.fail_load_at, reterr);
}

static aicx_err
host_new(const char *name, struct aicx_str source, bool as_policy,
    const struct luahost_limits *limits, const struct luahost_ports *ports,
    struct luahost **ret_host, struct aicx_error *reterr)
{
	struct luahost *host = NULL;
	aicx_err err;

	if (source.len > LUAHOST_SOURCE_MAX)
		return fail(reterr, AICX_ELIMIT, "policy_size",
		    "cannot load the policy \"%s\": it has %zu bytes and the "
		    "limit is %d",
		    name, source.len, LUAHOST_SOURCE_MAX);
	if (limits->memory_bytes < LUAHOST_MEMORY_MIN)
		return fail(reterr, AICX_EINVAL, "",
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
		return fail(reterr, AICX_ENOMEM, "",
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
	value = luajson_value(host->lua, -1);
	luahost_free(host);
	if (value == NULL)
		return fail(reterr, AICX_EINVAL, "policy_answer",
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

/* --- asking
 * ------------------------------------------------------------------- */

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
	lua_rawgetp(lua, LUA_REGISTRYINDEX, &function_keys[call->hook]);
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
		return fail(reterr, AICX_EINVAL, "policy_answer", "%s: %s %s",
		    host->place, name, answer->why);
	if (answer->verdict != AICX_PASS)
		text = luaanswer_print(answer);
	if (text == NULL && answer->verdict != AICX_PASS)
		return fail(reterr, AICX_EINVAL, "policy_answer",
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
		return fail(reterr, AICX_ELIMIT, "policy_error",
		    "cannot ask %s of \"%s\": the arguments have %zu bytes "
		    "and the limit is %d",
		    hooks[hook].name, host->chunk + 1, args.len,
		    LUAHOST_ARGS_MAX);
	luaheap_restore(&host->heap);
	place_set(host, host->lines[hook]);
	err = protected_call(host, on_run, &call, host->limits.instructions,
	    host->limits.deadline_ms, host->limits.fail_run_at, reterr);
	if (err != AICX_OK)
		return err;
	return answer_check(host, &call, ret_decision, reterr);
}

/* --- asking about it
 * ------------------------------------------------------------ */

bool
luahost_has(const struct luahost *host, uint32_t hook)
{
	return hook >= 1 && hook <= N_HOOKS && host->lines[hook] != 0;
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
	return hook >= 1 && hook <= N_HOOKS ? hooks[hook].name : NULL;
}

uint32_t
luahost_hook_find(const char *name)
{
	for (uint32_t hook = 1; hook <= N_HOOKS; hook++)
		if (strcmp(hooks[hook].name, name) == 0)
			return hook;
	return 0;
}
