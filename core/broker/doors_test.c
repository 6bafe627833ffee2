/* SPDX-License-Identifier: Apache-2.0 */
/* doors_test.c - what gateways are told of the broker. */
#include "base/mem.h"
#include "base/str.h"
#include "broker/testdata/stage.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct stage stage;
static struct module_ports ports;

static void
setup(void)
{
	stage_open(&stage);
	ports = broker_module_ports(stage.broker);
}

static void
teardown(void)
{
	stage_close(&stage);
}

START_TEST(each_method_carries_its_schema)
{
	size_t n = 0;
	const struct aicx_method *const *methods = ports.methods(ports.arg, &n);
	struct aicx_error error;

	ck_assert_uint_gt(n, 50);
	for (size_t i = 0; i < n; i++) {
		AUTO(arena_fini) struct arena mem = { 0 };
		struct json doc;
		struct json_ref member;
		const char *schema = methods[i]->params_schema;

		ck_assert_int_eq(
		    json_parse(str_of(schema), &mem, &doc, &error), AICX_OK);
		ck_assert(str_is(json_raw(json_get(json_root(&doc), "type")),
		    methods[i]->raw_body ? "\"string\"" : "\"object\""));
		/* Envelopes name the method; who calls a row does not. */
		member =
		    json_get(json_get(json_root(&doc), "properties"), "method");
		ck_assert(!json_has(member));
	}
	ck_assert_ptr_eq(methods, ports.methods(ports.arg, &n));
	ck_assert_str_eq(methods[0]->name, "deal.buy");
	ck_assert_ptr_nonnull(
	    strstr(methods[0]->params_schema, "\"max_price\":{"));
}
END_TEST

/* --- for whom something is read --------------------------------------- */

static void
on_answer(const struct aicx_answer *answer, void *arg)
{
	*(int *)arg = answer->status;
}

static int
read_for(const char *agent_id, const char *method, const char *params)
{
	struct aicx_ticket *ticket = NULL;
	size_t n = 0;
	const struct aicx_method *const *methods = ports.methods(ports.arg, &n);
	struct aicx_call call = { .size = sizeof call,
		.params = str_of(params),
		.reader = str_of(agent_id) };
	int status = 0;

	for (size_t i = 0; i < n; i++)
		if (strcmp(methods[i]->name, method) == 0)
			call.method = methods[i];
	ports.call(ports.arg, &call, on_answer, &status, &ticket);
	stage_run(&stage);
	return status;
}

START_TEST(a_gateway_reads_for_an_agent_with_a_credential_and_changes_nothing)
{
	struct buf body = { 0 };
	const char *at;
	char id[37] = "", params[128];

	ck_assert_int_eq(
	    stage_call(&stage, stage.operator_key, "discovery.register",
		"{\"name\":\"a\"}", NULL, &body),
	    201);
	at = strstr(buf_cstr(&body), "\"agent_id\":\"");
	ck_assert_ptr_nonnull(at);
	memcpy(id, at + 12, 36);
	ck_assert_int_eq(read_for(id, "deal.list", "{}"), 401);
	(void)snprintf(params, sizeof params, "{\"agent_id\":\"%s\"}", id);
	ck_assert_int_eq(
	    stage_call(&stage, stage.operator_key,
		"security.generate_credentials", params, NULL, &body),
	    201);
	ck_assert_int_eq(read_for(id, "deal.list", "{}"), 200);
	ck_assert_int_eq(
	    read_for(id, "discovery.register", "{\"name\":\"b\"}"), 401);
	ck_assert_int_eq(read_for("nobody", "deal.list", "{}"), 401);
	buf_fini(&body);
}
END_TEST

/* Who adds a method says in results.c what it answers. */
START_TEST(each_answer_in_json_is_described)
{
	size_t n = 0;
	const struct aicx_method *const *methods = ports.methods(ports.arg, &n);

	for (size_t i = 0; i < n; i++) {
		const char *schema = methods[i]->result_schema;

		if (methods[i]->raw_body || methods[i]->media != NULL)
			ck_assert_ptr_null(schema);
		else
			ck_assert_msg(schema != NULL &&
				strstr(schema, "\"properties\":{\"") != NULL,
			    "%s", methods[i]->name);
	}
}
END_TEST

START_TEST(the_public_url_is_an_origin)
{
	static const struct {
		const char *url;
		aicx_err err;
	} rows[] = {
		{ "", AICX_OK },
		{ "https://broker.example.org", AICX_OK },
		{ "http://127.0.0.1:8700", AICX_OK },
		{ "https://[::1]:8443", AICX_OK },
		{ "https://broker.example.org/", AICX_EINVAL },
		{ "https://broker.example.org/a2a", AICX_EINVAL },
		{ "https://me@broker.example.org", AICX_EINVAL },
		{ "https://", AICX_EINVAL },
		{ "broker.example.org", AICX_EINVAL },
		{ "ftp://broker.example.org", AICX_EINVAL },
		{ "https://a\r\nb", AICX_EINVAL },
	};
	struct aicx_error error;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		stage.settings.public_url = rows[i].url;
		ck_assert_msg(
		    doors_check(&stage.settings, &error) == rows[i].err, "%s",
		    rows[i].url);
	}
	stage.settings.public_url = rows[1].url;
	ck_assert_str_eq(ports.public_url(ports.arg), rows[1].url);
	stage.settings.public_url = "";
	ck_assert_ptr_null(ports.public_url(ports.arg));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("doors");
	TCase *tcase = tcase_create("doors");
	SRunner *runner = srunner_create(suite);
	int n_failed;

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, each_method_carries_its_schema);
	tcase_add_test(tcase,
	    a_gateway_reads_for_an_agent_with_a_credential_and_changes_nothing);
	tcase_add_test(tcase, each_answer_in_json_is_described);
	tcase_add_test(tcase, the_public_url_is_an_origin);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
