/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lua_host.h - a policy: one Lua file whose functions are asked at named
 * places, within limits that it cannot get around.
 *
 * The file returns a table; its keys are hooks, its values their functions:
 *
 *     return {
 *         price = function(usage, terms, call) return money "0.0025 AIC" end,
 *         offer = function(intent, me, call) ... end,
 *         choose = function(offers, mandate, call) ... end,
 *         rule = function(dispute, terms, call) ... end,
 *     }
 *
 * Arguments are JSON text and become read-only views; `call` is the whole of
 * it (call.now, call.ceiling).  Answers are checked and become JSON text.
 * Money is {"minor":2500,"currency":"AIC"} in arguments.  Each call starts
 * from the state as it was when the file was loaded, byte for byte.
 *
 * This is the only host: broker, command line and tests link it.  The process
 * stays in the C locale (comparing texts would cost more than is charged).
 * One thread at a time for each host.
 */
#ifndef HOOK_LUA_LUA_HOST_H
#define HOOK_LUA_LUA_HOST_H

#include <aiconexus/hook.h>
#include <jansson.h>
#include <stdbool.h>

enum {
	LUAHOST_SOURCE_MAX = 64 << 10, /* bytes */
	LUAHOST_ARGS_MAX = 256 << 10, /* bytes */
	LUAHOST_MEMORY_MIN = 64 << 10, /* a state without policy has 20 KiB */
	/* Loading is once, before any deal waits: so much more of all but
	   memory. */
	LUAHOST_LOAD_FACTOR = 10
};

struct luahost_limits {
	size_t memory_bytes; /* 1 MiB; the loaded policy included */
	int64_t instructions; /* 50000 in the broker */
	int64_t deadline_ms; /* 5 in the broker; 0: none */
	/* For tests: the n-th allocation is refused; 0: none is. */
	int64_t fail_load_at, fail_run_at;
};

extern const struct luahost_limits luahost_broker_limits;

/* What a host asks back. */
struct luahost_ports {
	int64_t (*now_ms)(void *arg); /* processor time; NULL: no deadline */
	/* Decimals of a currency, 0..9, or below 0: unknown. */
	int (*scale)(const char *currency, void *arg);
	void *arg;
};

struct luahost;

/*
 * Loads and runs the text; name is what errors call it ("surge.lua").
 * AICX_EINVAL: a script error or no table of hooks; AICX_ELIMIT: longer than
 * LUAHOST_SOURCE_MAX, or a limit was used up.
 */
aicx_err luahost_new(const char *name, struct aicx_str source,
    const struct luahost_limits *limits, const struct luahost_ports *ports,
    struct luahost **ret_host, struct aicx_error *reterr);
void luahost_free(struct luahost *host); /* NULL is legal */

bool luahost_has(const struct luahost *host, uint32_t hook);
const uint8_t *luahost_sha256(const struct luahost *host); /* 32 bytes */
struct aicx_str luahost_source(const struct luahost *host);

/*
 * Asks a hook; one that the policy does not define passes.  The result is
 * valid until the next run.  reterr->text names file and line, its word one
 * of policy_instructions, policy_deadline, policy_memory (AICX_ELIMIT),
 * policy_error, policy_answer (AICX_EINVAL).  Any error: fail closed.
 */
aicx_err luahost_run(struct luahost *host, uint32_t hook, struct aicx_str args,
    struct aicx_decision *ret_decision, struct aicx_error *reterr);

/* Bytes in use at the height of the last run, or after loading. */
size_t luahost_memory(const struct luahost *host);
/* The name of a hook ("price"), or NULL; the hook of a name, or 0. */
const char *luahost_hook_name(uint32_t hook);
uint32_t luahost_hook_find(const char *name);

/* Runs a text for the value it returns; caller owns it.  For test files. */
aicx_err luahost_eval(const char *name, struct aicx_str source,
    const struct luahost_limits *limits, const struct luahost_ports *ports,
    json_t **ret_value, struct aicx_error *reterr);

#endif
