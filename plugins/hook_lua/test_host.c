/* SPDX-License-Identifier: Apache-2.0 */
/* test_host.c - a host without time, and what it answers as one text. */
#include "test_host.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

/* Time stands still, so no test depends on it. */
static int64_t
on_now_ms(void *arg)
{
	(void)arg;
	return 1000;
}

static int
on_scale(const char *currency, void *arg)
{
	(void)arg;
	if (strcmp(currency, "AIC") == 0)
		return 6;
	return strcmp(currency, "JPY") == 0 ? 0 : -1;
}

const struct luahost_ports test_ports = { on_now_ms, on_scale, NULL };

const char price_args[] =
    "{\"usage\":{\"calls\":3,\"units\":40},\"terms\":{\"base_cost\":"
    "{\"minor\":2500,\"currency\":\"AIC\"}},\"ceiling\":{\"minor\":"
    "9000000000,\"currency\":\"AIC\"},\"now\":\"2026-01-05T09:00:00Z\"}";

const char choose_args[] =
    "{\"offers\":[{\"offer_id\":\"one\",\"price\":{\"minor\":5}},"
    "{\"offer_id\":\"two\",\"price\":{\"minor\":4}}],\"mandate\":{},"
    "\"now\":\"2026-01-05T09:00:00Z\"}";

struct aicx_str
str(const char *text)
{
	return (struct aicx_str) { text, strlen(text) };
}

struct luahost *
host_of(const char *source)
{
	struct luahost *host = NULL;
	struct aicx_error why;

	if (luahost_new("rule.lua", str(source), &luahost_broker_limits,
		&test_ports, &host, &why) != AICX_OK)
		ck_abort_msg("%s", why.text);
	return host;
}

const char *
ask(struct luahost *host, uint32_t hook, const char *args)
{
	static char text[4096];
	struct aicx_decision decision = { .size = sizeof decision };
	struct aicx_error why = { 0 };
	aicx_err err = luahost_run(host, hook, str(args), &decision, &why);

	if (err != AICX_OK) {
		ck_assert_int_eq(err, why.code);
		snprintf(text, sizeof text, "%s", why.text);
	} else if (decision.verdict == AICX_PASS) {
		ck_assert_ptr_null(decision.result.ptr);
		snprintf(text, sizeof text, "PASS");
	} else
		snprintf(text, sizeof text, "%s %.*s",
		    decision.verdict == AICX_VALUE ? "VALUE" : "REFUSE",
		    (int)decision.result.len, decision.result.ptr);
	return text;
}

void
check_ask(uint32_t hook, const char *body, const char *args, const char *want)
{
	char source[4096];
	struct luahost *host;

	snprintf(source, sizeof source,
	    "return { %s = function(a, b, call)\n%s\nend }",
	    luahost_hook_name(hook), body);
	host = host_of(source);
	ck_assert_str_eq(ask(host, hook, args), want);
	luahost_free(host);
}
