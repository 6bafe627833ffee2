/* SPDX-License-Identifier: Apache-2.0 */
/* rights_test.c - routes and their permissions, roles of own keys, grants over
   a restart. */
#include "broker/rights.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/str.h"
#include "broker/peer.h"
#include "broker/testdata/stage.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct stage stage;
static struct buf body;

static void
setup(void)
{
	stage_open(&stage);
}

static void
teardown(void)
{
	buf_fini(&body);
	stage_close(&stage);
}

/* As the operator; the answer is in body. */
static int
call(const char *method, struct buf *params)
{
	buf_clear(&body);
	int status = stage_call(
	    &stage, stage.operator_key, method, buf_cstr(params), NULL, &body);
	buf_fini(params);
	return status;
}

static struct id_text
new_agent(void)
{
	struct id_text id = { "" };
	const char *at;

	struct buf params = { 0 };

	buf_text(&params, "{\"name\":\"a\"}");
	ck_assert_int_eq(call("discovery.register", &params), 201);
	at = strstr(buf_cstr(&body), "\"agent_id\":\"");
	ck_assert_ptr_nonnull(at);
	memcpy(id.text, at + strlen("\"agent_id\":\""), sizeof id.text - 1);
	return id;
}

static struct principal
own_key_of(const struct id_text *agent)
{
	struct aicx_id id;

	ck_assert(id_parse(str_of(agent->text), &id));
	return principal_of_key(stage.broker, &id);
}

START_TEST(a_broker_does_not_start_with_a_route_that_needs_nothing)
{
	struct route copy[2] = { routes[0], routes[1] };

	ck_assert_ptr_null(route_unsound(routes, n_routes));
	copy[1].permission = PERM_NONE;
	ck_assert_ptr_eq(route_unsound(copy, 2), &copy[1]);
	copy[1] = routes[1];
	copy[1].method.permission = NULL;
	ck_assert_ptr_eq(route_unsound(copy, 2), &copy[1]);
	copy[1].method.permission = "money.issue";
	ck_assert_ptr_eq(route_unsound(copy, 2), &copy[1]);
	copy[1] = routes[1];
	ck_assert_ptr_null(route_unsound(copy, 2));
}
END_TEST

static void
give(const struct id_text *agent, const char *role, const char *more)
{
	struct buf params = { 0 };

	buf_printf(&params, "{\"agent_id\":\"%s\",\"role\":\"%s\"%s}",
	    agent->text, role, more);
	ck_assert_int_eq(call("security.generate_credentials", &params), 201);
}

START_TEST(an_own_key_has_the_role_of_credentials_that_are_good_and_whole)
{
	struct id_text agent = new_agent();
	struct buf end = { 0 };

	ck_assert_int_eq(own_key_of(&agent).role, ROLE_AGENT);
	give(&agent, "operator", ",\"permissions\":[\"money.read\"]");
	ck_assert_int_eq(own_key_of(&agent).role, ROLE_AGENT);
	give(&agent, "auditor", "");
	ck_assert_int_eq(own_key_of(&agent).role, ROLE_AUDITOR);
	buf_printf(&end, ",\"expires\":\"%s\"",
	    time_text(broker_now(stage.broker) + 60000).text);
	give(&agent, "operator", buf_cstr(&end));
	buf_fini(&end);
	ck_assert_int_eq(own_key_of(&agent).role, ROLE_OPERATOR);
	stage_pass(&stage, 60001);
	ck_assert_int_eq(own_key_of(&agent).role, ROLE_AUDITOR);
}
END_TEST

static bool
may_read(const struct id_text *who, const struct id_text *owner)
{
	struct aicx_id owner_id;
	struct principal principal = own_key_of(who);

	ck_assert(id_parse(str_of(owner->text), &owner_id));
	return strcmp(rights_by(
			  stage.broker, &principal, PERM_DEAL_READ, &owner_id),
		   "grant") == 0;
}

static void
grant(const struct id_text *who, const struct id_text *owner, int64_t for_ms)
{
	struct buf params = { 0 };

	buf_printf(&params,
	    "{\"agent_id\":\"%s\",\"resource\":\"deal\",\"action\":"
	    "\"read\",\"scope\":\"%s\",\"expires\":\"%s\"}",
	    who->text, owner->text,
	    time_text(broker_now(stage.broker) + for_ms).text);
	ck_assert_int_eq(call("security.grant_permission", &params), 201);
}

START_TEST(the_longest_of_two_grants_counts_and_both_survive_a_restart)
{
	struct id_text owner = new_agent(), deputy = new_agent();
	struct buf params = { 0 };
	char id[37] = "";

	grant(&deputy, &owner, 60000);
	ck_assert(may_read(&deputy, &owner));
	ck_assert(!may_read(&owner, &deputy));
	grant(&deputy, &owner, 120000);
	memcpy(id,
	    strstr(buf_cstr(&body), "\"permission_id\":\"") +
		strlen("\"permission_id\":\""),
	    36);
	stage_crash(&stage);
	ck_assert(may_read(&deputy, &owner));
	stage_pass(&stage, 60001);
	ck_assert(may_read(&deputy, &owner));
	buf_printf(&params, "{\"permission_id\":\"%s\"}", id);
	ck_assert_int_eq(call("security.revoke_permission", &params), 200);
	ck_assert(!may_read(&deputy, &owner));
	stage_crash(&stage);
	ck_assert(!may_read(&deputy, &owner));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("rights");
	TCase *tcase = tcase_create("rights");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(
	    tcase, a_broker_does_not_start_with_a_route_that_needs_nothing);
	tcase_add_test(tcase,
	    an_own_key_has_the_role_of_credentials_that_are_good_and_whole);
	tcase_add_test(
	    tcase, the_longest_of_two_grants_counts_and_both_survive_a_restart);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
