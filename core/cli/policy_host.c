/* SPDX-License-Identifier: Apache-2.0 */
/* policy_host.c - the Lua host for one policy file. */
#include "cli/policy_host.h"

#include <hook_lua/lua_host.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "cli/outside.h"

_Static_assert((int)POLICY_BYTES_MAX == (int)LUAHOST_SOURCE_MAX, "one limit");

struct policy_host {
	struct luahost *lua;
	enum aicx_hook hook;
	int scale;
};

/* The upper bounds of hook_lua's options. */
static const struct luahost_limits largest = {
	.memory_bytes = 64 << 20,
	.instructions = 100000000,
	.deadline_ms = 0, /* a clock is nobody's proof */
};

static int64_t
on_now(void *arg)
{
	(void)arg;
	return outside_now_ms();
}

/* An intent and its answer have one currency, so one scale does. */
static int
on_scale(const char *currency, void *arg)
{
	const struct policy_host *host = arg;

	(void)currency;
	return host->scale;
}

aicx_err
policy_host_new(const char *name, struct aicx_str source, int scale,
    enum aicx_hook hook, struct policy_host **ret, struct aicx_error *reterr)
{
	struct policy_host *host = MEM_NEW(struct policy_host);
	struct luahost_ports ports = { on_now, on_scale, host };

	host->scale = scale;
	host->hook = hook;
	aicx_err err = luahost_new(name, source,
	    hook == AICX_HOOK_OFFER ? &luahost_broker_limits : &largest, &ports,
	    &host->lua, reterr);
	if (err == AICX_OK && !luahost_has(host->lua, hook))
		err = err_word(reterr, AICX_EINVAL, "policy_error",
		    "the policy \"%s\" defines no function \"%s\"", name,
		    luahost_hook_name(hook));
	if (err != AICX_OK) {
		policy_host_free(host);
		return err;
	}
	*ret = host;
	return AICX_OK;
}

void
policy_host_free(struct policy_host *host)
{
	if (host == NULL)
		return;
	luahost_free(host->lua);
	free(host);
}

aicx_err
policy_host_ask(struct policy_host *host, struct aicx_str args,
    struct aicx_decision *ret, struct aicx_error *reterr)
{
	return luahost_run(host->lua, host->hook, args, ret, reterr);
}
