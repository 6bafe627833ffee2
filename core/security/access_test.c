/* SPDX-License-Identifier: Apache-2.0 */
/* access_test.c - every role against every permission, and who acts for
   whom. */
#include "security/access.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

static const struct aicx_id owner = { { 1 } }, child = { { 2 } },
			    stranger = { { 3 } }, nobody;

/* The rule a second time: guest, agent, owner, auditor, operator. */
static const struct {
	const char *name;
	const char *roles; /* x: yes, .: no */
} expected[PERM_N] = {
	[PERM_NONE] = { "none", "....." },
	[PERM_PUBLIC] = { "", "xxxxx" },
	[PERM_DISCOVERY_READ] = { "discovery.read", "xxxxx" },
	[PERM_DISCOVERY_WRITE] = { "discovery.write", ".xx.x" },
	[PERM_DEAL_READ] = { "deal.read", ".xxxx" },
	[PERM_DEAL_WRITE] = { "deal.write", ".xx.x" },
	[PERM_MONEY_READ] = { "money.read", ".xxxx" },
	[PERM_MONEY_WRITE] = { "money.write", ".xx.x" },
	[PERM_MONEY_ISSUE] = { "money.issue", "....x" },
	[PERM_BROKER_RUN] = { "broker.run", "....x" },
	[PERM_CREDENTIAL_WRITE] = { "credential.write", ".xx.x" },
	[PERM_PERMISSION_READ] = { "permission.read", ".xxxx" },
	[PERM_PERMISSION_WRITE] = { "permission.write", ".xx.x" },
	[PERM_AUDIT_READ] = { "audit.read", ".xxxx" },
	[PERM_AUDIT_EXPORT] = { "audit.export", "...xx" },
	[PERM_AUDIT_WRITE] = { "audit.write", "....x" },
	[PERM_KEYS_WRITE] = { "keys.write", "....x" },
	[PERM_METRICS_READ] = { "metrics.read", "xxxxx" },
};

START_TEST(each_role_has_its_permissions_and_no_other)
{
	struct aicx_error err;

	for (int perm = 0; perm < PERM_N; perm++) {
		ck_assert_str_eq(permission_name((enum permission)perm),
		    expected[perm].name);
		for (int role = ROLE_GUEST; role <= ROLE_OPERATOR; role++) {
			struct principal who = { .role = (enum role)role };
			bool may = expected[perm].roles[role] == 'x';
			ck_assert_msg(
			    role_allows(who.role, (enum permission)perm) == may,
			    "%s: %s", role_names[role], expected[perm].name);
			ck_assert_int_eq(access_check(&who,
					     (enum permission)perm, "m", &err),
			    may ? AICX_OK : AICX_EDENIED);
		}
	}
}
END_TEST

START_TEST(roles_are_named_as_in_the_configuration)
{
	static const char *const names[] = { "guest", "agent", "owner",
		"auditor", "operator" };

	for (int role = ROLE_GUEST; role <= ROLE_OPERATOR; role++)
		ck_assert_str_eq(role_names[role], names[role]);
	ck_assert_ptr_null(role_names[ROLE_OPERATOR + 1]);
}
END_TEST

START_TEST(a_guest_is_asked_who_it_is_and_others_are_denied)
{
	struct principal who = { .role = ROLE_GUEST };
	struct aicx_error err;

	(void)access_check(&who, PERM_DEAL_READ, "deal.get", &err);
	ck_assert_str_eq(err.word, "unauthenticated");
	ck_assert_str_eq(err.text, "method \"deal.get\" needs a credential");
	who.role = ROLE_AUDITOR;
	(void)access_check(&who, PERM_DEAL_WRITE, "deal.buy", &err);
	ck_assert_str_eq(err.word, "denied");
	ck_assert_str_eq(err.text,
	    "method \"deal.buy\" needs deal.write, role auditor does not "
	    "have it");
}
END_TEST

START_TEST(operator_and_auditor_see_all_and_nobody_else_does)
{
	for (int role = ROLE_GUEST; role <= ROLE_OPERATOR; role++)
		ck_assert_int_eq(role_sees_all((enum role)role),
		    role == ROLE_AUDITOR || role == ROLE_OPERATOR);
}
END_TEST

static bool
acts(enum role role, const struct aicx_id *self, const struct aicx_id *agent,
    const struct aicx_id *its_owner)
{
	struct principal who = { .agent_id = *self, .role = role };

	return access_acts_for(&who, agent, its_owner);
}

START_TEST(an_agent_acts_for_itself_and_its_own)
{
	ck_assert(acts(ROLE_AGENT, &child, &child, &owner));
	ck_assert(acts(ROLE_AGENT, &owner, &child, &owner));
	ck_assert(acts(ROLE_OWNER, &owner, &child, &owner));
	ck_assert(!acts(ROLE_AGENT, &stranger, &child, &owner));
	ck_assert(!acts(ROLE_OWNER, &stranger, &child, &owner));
	/* A child is not its owner's keeper. */
	ck_assert(!acts(ROLE_AGENT, &child, &owner, &nobody));
}
END_TEST

START_TEST(nobody_acts_for_an_agent_without_an_owner)
{
	ck_assert(acts(ROLE_AGENT, &child, &child, &nobody));
	ck_assert(!acts(ROLE_AGENT, &stranger, &child, &nobody));
	ck_assert(!acts(ROLE_AGENT, &nobody, &child, &nobody));
}
END_TEST

START_TEST(the_operator_acts_for_all_and_readers_for_none)
{
	ck_assert(acts(ROLE_OPERATOR, &stranger, &child, &owner));
	ck_assert(!acts(ROLE_AUDITOR, &child, &child, &owner));
	ck_assert(!acts(ROLE_GUEST, &nobody, &nobody, &nobody));
	ck_assert(!acts(ROLE_GUEST, &child, &child, &child));
}
END_TEST

START_TEST(a_credential_is_printed_and_read_back)
{
	struct credential credential = {
		.credential_id = { { 1 } },
		.agent_id = owner,
		.kind = STR("api_key"),
		.verifier = STR("aGFzaA"),
		.role = ROLE_OPERATOR,
		.created_ms = 1795352646000,
		.revoked = true,
	};
	struct credential back;
	struct arena arena = { 0 };
	struct buf buf = { 0 };
	struct json doc;
	struct json_writer w = json_writer(&buf);

	json_open(&w, '{');
	field_print(credential_fields, &credential, NULL, &w);
	json_close(&w);
	ck_assert_int_eq(
	    json_parse(buf_view(&buf), &arena, &doc, NULL), AICX_OK);
	ck_assert_int_eq(field_parse(credential_fields, json_root(&doc), NULL,
			     true, &arena, &back, sizeof back, NULL),
	    AICX_OK);
	ck_assert_int_eq(back.role, ROLE_OPERATOR);
	ck_assert(back.revoked);
	ck_assert(str_is(back.verifier, "aGFzaA"));
	/* Without a role it is a guest's, never more. */
	ck_assert_int_eq(json_parse(STR("{}"), &arena, &doc, NULL), AICX_OK);
	ck_assert_int_eq(field_parse(credential_fields, json_root(&doc), NULL,
			     true, &arena, &back, sizeof back, NULL),
	    AICX_OK);
	ck_assert_int_eq(back.role, ROLE_GUEST);
	buf_fini(&buf);
	arena_fini(&arena);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("access");
	TCase *tcase = tcase_create("access");

	tcase_add_test(tcase, each_role_has_its_permissions_and_no_other);
	tcase_add_test(tcase, roles_are_named_as_in_the_configuration);
	tcase_add_test(tcase, a_guest_is_asked_who_it_is_and_others_are_denied);
	tcase_add_test(
	    tcase, operator_and_auditor_see_all_and_nobody_else_does);
	tcase_add_test(tcase, an_agent_acts_for_itself_and_its_own);
	tcase_add_test(tcase, nobody_acts_for_an_agent_without_an_owner);
	tcase_add_test(tcase, the_operator_acts_for_all_and_readers_for_none);
	tcase_add_test(tcase, a_credential_is_printed_and_read_back);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
