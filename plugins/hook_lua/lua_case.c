/* SPDX-License-Identifier: Apache-2.0 */
/* lua_case.c - tests of policies, written in Lua beside them. */
#include "lua_case.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WHY_BYTES = 400 };

static const char *
text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text == NULL ? "" : text;
}

static void
compare_error(const json_t *want, aicx_err err, const struct aicx_error *error,
    char why[WHY_BYTES])
{
	if (err == AICX_OK)
		snprintf(why, WHY_BYTES, "wanted the error \"%s\", got none",
		    text_of(want, "error"));
	else if (strstr(error->text, text_of(want, "error")) == NULL)
		snprintf(why, WHY_BYTES, "wanted the error \"%s\", got \"%s\"",
		    text_of(want, "error"), error->text);
}

/* Each wanted field has to be in the result; others may be. */
static void
compare_fields(json_t *want, const char *result, char why[WHY_BYTES])
{
	json_t *got = json_loads(result, 0, NULL);
	const char *name;
	json_t *value;

	json_object_foreach(want, name, value)
	{
		if (json_equal(value, json_object_get(got, name)))
			continue;
		snprintf(
		    why, WHY_BYTES, "wanted another %s, got %s", name, result);
		break;
	}
	json_decref(got);
}

static void
compare(json_t *want, aicx_err err, const struct aicx_decision *decision,
    const struct aicx_error *error, char why[WHY_BYTES])
{
	const char *result = decision->result.ptr;

	if (json_object_get(want, "error") != NULL) {
		compare_error(want, err, error, why);
		return;
	}
	if (err != AICX_OK) {
		snprintf(why, WHY_BYTES, "%s", error->text);
		return;
	}
	switch ((enum aicx_verdict)decision->verdict) {
	case AICX_PASS:
		if (json_object_get(want, "pass") == NULL)
			snprintf(why, WHY_BYTES, "passed");
		return;
	case AICX_REFUSE: {
		char quoted[WHY_BYTES];

		snprintf(
		    quoted, sizeof quoted, "\"%s\"", text_of(want, "refuse"));
		if (strcmp(quoted, result) != 0)
			snprintf(why, WHY_BYTES, "refused with %s", result);
		return;
	}
	case AICX_VALUE:
		compare_fields(want, result, why);
		return;
	}
}

static void
case_run(struct luahost *policy, const json_t *test, char why[WHY_BYTES])
{
	json_t *want = json_object_get(test, "want");
	uint32_t hook = luahost_hook_find(text_of(test, "hook"));
	char *args = json_dumps(json_object_get(test, "args"), JSON_COMPACT);
	struct aicx_decision decision = { .size = sizeof decision };
	struct aicx_error error = { 0 };
	aicx_err err;

	if (!json_is_object(want) || json_object_size(want) == 0)
		snprintf(why, WHY_BYTES, "the case has no want");
	else if (hook == 0)
		snprintf(why, WHY_BYTES, "the case names no hook");
	else if (args == NULL)
		snprintf(why, WHY_BYTES, "the case has no args");
	else {
		err = luahost_run(policy, hook,
		    (struct aicx_str) { args, strlen(args) }, &decision,
		    &error);
		compare(want, err, &decision, &error, why);
	}
	free(args);
}

aicx_err
luacase_run(struct luahost *policy, const char *test_name,
    struct aicx_str test_source, const struct luahost_limits *limits,
    const struct luahost_ports *ports, luacase_fn *on_case, void *arg,
    size_t *ret_n_cases, size_t *ret_n_failed, struct aicx_error *reterr)
{
	json_t *tests;
	aicx_err err =
	    luahost_eval(test_name, test_source, limits, ports, &tests, reterr);

	if (err != AICX_OK)
		return err;
	*ret_n_cases = json_array_size(tests);
	*ret_n_failed = 0;
	for (size_t i = 0; i < *ret_n_cases; i++) {
		const json_t *test = json_array_get(tests, i);
		char why[WHY_BYTES] = "";

		case_run(policy, test, why);
		*ret_n_failed += why[0] != '\0';
		if (on_case != NULL)
			on_case(text_of(test, "name"), why, arg);
	}
	json_decref(tests);
	return AICX_OK;
}

const char *
luacase_sample(uint32_t hook)
{
	switch (hook) {
	case AICX_HOOK_PRICE:
		return "{\"usage\":{\"calls\":1,\"units\":120,"
		       "\"latency_ms\":80,\"capability\":\"text.check\","
		       "\"attempts\":1,\"buyer\":\"buyer\","
		       "\"contract\":\"contract\"},"
		       "\"terms\":{\"model\":\"per_call\",\"base_cost\":"
		       "{\"minor\":2500,\"currency\":\"AIC\"}},"
		       "\"ceiling\":{\"minor\":10000,\"currency\":\"AIC\"},"
		       "\"now\":\"2026-01-05T09:00:00Z\"}";
	case AICX_HOOK_OFFER:
		return "{\"intent\":{\"need\":\"text.check\","
		       "\"parameters\":{},\"max_price\":"
		       "{\"minor\":10000,\"currency\":\"AIC\"},"
		       "\"deadline_ms\":2000,\"buyer\":\"buyer\","
		       "\"buyer_reputation\":4000},"
		       "\"me\":{\"load\":1,\"price\":"
		       "{\"minor\":2500,\"currency\":\"AIC\"},"
		       "\"reputation\":4500,\"calls\":100},"
		       "\"now\":\"2026-01-05T09:00:00Z\"}";
	case AICX_HOOK_CHOOSE:
		return "{\"offers\":["
		       "{\"offer_id\":\"one\",\"provider_id\":\"p1\","
		       "\"price\":{\"minor\":2500,\"currency\":\"AIC\"},"
		       "\"reputation\":4500,\"latency_ms\":80,\"parts\":"
		       "{\"price\":600,\"reputation\":900,\"latency\":500},"
		       "\"score\":700,\"terms\":{}},"
		       "{\"offer_id\":\"two\",\"provider_id\":\"p2\","
		       "\"price\":{\"minor\":1000,\"currency\":\"AIC\"},"
		       "\"reputation\":3000,\"latency_ms\":200,\"parts\":"
		       "{\"price\":900,\"reputation\":600,\"latency\":300},"
		       "\"score\":650,\"terms\":{}}],"
		       "\"mandate\":{},\"now\":\"2026-01-05T09:00:00Z\"}";
	case AICX_HOOK_RULE:
		return "{\"dispute\":{\"capability\":\"text.check\","
		       "\"buyer\":\"buyer\",\"seller\":\"seller\","
		       "\"reason\":\"it is wrong\",\"latency_ms\":80,"
		       "\"attempts\":1,\"units\":120,\"amount\":"
		       "{\"minor\":10000,\"currency\":\"AIC\"}},"
		       "\"terms\":{\"model\":\"per_call\",\"base_cost\":"
		       "{\"minor\":2500,\"currency\":\"AIC\"}},"
		       "\"ceiling\":{\"minor\":10000,\"currency\":\"AIC\"},"
		       "\"now\":\"2026-01-05T09:00:00Z\"}";
	default:
		return NULL;
	}
}
