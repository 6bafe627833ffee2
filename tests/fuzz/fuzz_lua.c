/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_lua.c - any text as a policy, asked each hook with any text as its
 * arguments.
 *
 * The input is the policy, a NUL, the arguments.  What comes back is a good
 * answer or an error in plain text, the same and at the same cost when asked
 * again; the policy itself is stopped by its budget, so an input that hangs is
 * a find.
 */
/* fuzz: plugins/hook_lua/lua_answer.c plugins/hook_lua/lua_fault.c */
/* fuzz: plugins/hook_lua/lua_heap.c plugins/hook_lua/lua_host.c */
/* fuzz: plugins/hook_lua/lua_json.c plugins/hook_lua/lua_libs.c */
/* fuzz: plugins/hook_lua/lua_load.c plugins/hook_lua/lua_meter.c */
/* fuzz: plugins/hook_lua/lua_value.c plugins/hook_lua/lua_view.c */
/* fuzz: plugins/hook_lua/lua_words.c plugins/hook_lua/policy_hash.c */
/* fuzz: -Iplugins/hook_lua -llua5.4 -ljansson */
#include "lua_host.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
on_scale(const char *currency, void *arg)
{
	(void)arg;
	return strcmp(currency, "AIC") == 0 ? 6 : -1;
}

static void
require(int holds)
{
	if (!holds)
		abort();
}

/* Text a log can take, without an address. */
static void
check_error(const struct aicx_error *why)
{
	json_t *text = json_string(why->text);

	require(why->text[0] != '\0' && text != NULL);
	for (const char *at = why->text; *at != '\0'; at++)
		require((unsigned char)*at >= ' ');
	json_decref(text);
}

static void
check_answer(const struct aicx_decision *decision)
{
	json_t *json;

	require(decision->instructions >= 0);
	if (decision->verdict == AICX_PASS)
		return;
	json = json_loadb(decision->result.ptr, decision->result.len,
	    JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	require(json != NULL);
	require(json_is_string(json) == (decision->verdict == AICX_REFUSE));
	json_decref(json);
}

static void
ask(struct luahost *host, uint32_t hook, struct aicx_str args)
{
	struct aicx_decision first = { .size = sizeof first }, again = first;
	struct aicx_error why = { 0 }, why_again = { 0 };
	aicx_err err = luahost_run(host, hook, args, &first, &why);
	char *text = NULL;
	size_t memory = luahost_memory(host);

	if (err == AICX_OK) {
		check_answer(&first);
		text = strndup(first.result.ptr == NULL ? "" : first.result.ptr,
		    first.result.len);
	} else
		check_error(&why);
	require(luahost_run(host, hook, args, &again, &why_again) == err);
	require(luahost_memory(host) == memory);
	require(strcmp(why.text, why_again.text) == 0);
	if (err == AICX_OK) {
		require(first.verdict == again.verdict);
		require(first.instructions == again.instructions);
		require(again.result.ptr == NULL ||
		    strcmp(text, again.result.ptr) == 0);
	}
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct luahost_limits limits = { .memory_bytes = 256 << 10,
		.instructions = 20000 };
	static const struct luahost_ports ports = { .scale = on_scale };
	const uint8_t *split = size == 0 ? NULL : memchr(data, 0, size);
	size_t source_bytes = split == NULL ? size : (size_t)(split - data);
	struct aicx_str source = { (const char *)data, source_bytes };
	/* The arguments in a block of their own, so that no byte behind them
	   can be read unseen. */
	size_t args_bytes = split == NULL ? 0 : size - source_bytes - 1;
	char *args = malloc(args_bytes + 1);
	struct luahost *host = NULL;
	struct aicx_error why = { 0 };

	if (args_bytes > 0)
		memcpy(args, split + 1, args_bytes);
	args = realloc(args, args_bytes == 0 ? 1 : args_bytes);
	if (luahost_new("fuzz.lua", source, &limits, &ports, &host, &why) !=
	    AICX_OK)
		check_error(&why);
	else
		for (uint32_t hook = 1; hook <= 3; hook++)
			ask(host, hook, (struct aicx_str) { args, args_bytes });
	luahost_free(host);
	free(args);
	return 0;
}
