/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lua_case.h - tests of policies, written in Lua beside them.
 *
 * surge_test.lua tests surge.lua.  It returns a list of cases:
 *
 *     { name = "a full seller asks double", hook = "offer",
 *       args = { intent = { ... }, me = { ... } },
 *       want = { base_cost = 5000 } }
 *
 * want lists what the answer has to have: fields of the result, or
 * pass = true, or refuse = "the reason", or error = "part of the text".
 */
#ifndef HOOK_LUA_LUA_CASE_H
#define HOOK_LUA_LUA_CASE_H

#include "lua_host.h"

/* Told of each case; why is "" when it passed. */
typedef void luacase_fn(const char *name, const char *why, void *arg);

/* Runs all cases of a test file against a policy.  An error: the test file
   itself is wrong.  on_case may be NULL. */
aicx_err luacase_run(struct luahost *policy, const char *test_name,
    struct aicx_str test_source, const struct luahost_limits *limits,
    const struct luahost_ports *ports, luacase_fn *on_case, void *arg,
    size_t *ret_n_cases, size_t *ret_n_failed, struct aicx_error *reterr);

/* Plausible arguments of a hook, as JSON, for a first try of a policy. */
const char *luacase_sample(uint32_t hook);

#endif
