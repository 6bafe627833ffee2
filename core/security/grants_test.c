/* SPDX-License-Identifier: Apache-2.0 */
/* grants_test.c - what is granted, to whom, of whose things, until when. */
#include "security/grants.h"

#include <check.h>
#include <stdlib.h>

#include "base/id.h"
#include "base/str.h"

static const struct aicx_id owner = { { 1 } }, deputy = { { 2 } },
			    stranger = { { 3 } }, all, nobody;

static bool
allows(const struct grants *grants, const struct aicx_id *agent,
    const struct aicx_id *of, enum permission permission, int64_t now_ms)
{
	return now_ms < grants_until(grants, agent, of, permission);
}

static bool
allows_all(const struct grants *grants, const struct aicx_id *agent,
    enum permission permission, int64_t now_ms)
{
	return now_ms < grants_until_all(grants, agent, permission);
}

START_TEST(a_grant_is_for_one_agent_one_permission_and_one_owner)
{
	struct grants grants = { .n_all = 0 };

	grants_set(&grants, &deputy, &owner, PERM_DEAL_READ, 100);
	ck_assert(allows(&grants, &deputy, &owner, PERM_DEAL_READ, 99));
	ck_assert(!allows(&grants, &deputy, &owner, PERM_DEAL_WRITE, 99));
	ck_assert(!allows(&grants, &stranger, &owner, PERM_DEAL_READ, 99));
	ck_assert(!allows(&grants, &deputy, &stranger, PERM_DEAL_READ, 99));
	ck_assert(!allows(&grants, &owner, &deputy, PERM_DEAL_READ, 99));
	ck_assert(!allows_all(&grants, &deputy, PERM_DEAL_READ, 99));
	grants_fini(&grants);
}
END_TEST

START_TEST(it_ends_at_its_time_and_when_it_is_taken_back)
{
	struct grants grants = { .n_all = 0 };

	grants_set(&grants, &deputy, &owner, PERM_DEAL_READ, 100);
	ck_assert(!allows(&grants, &deputy, &owner, PERM_DEAL_READ, 100));
	grants_set(&grants, &deputy, &owner, PERM_DEAL_READ, INT64_MAX);
	ck_assert(allows(&grants, &deputy, &owner, PERM_DEAL_READ, 100));
	grants_set(&grants, &deputy, &owner, PERM_DEAL_READ, 0);
	ck_assert(!allows(&grants, &deputy, &owner, PERM_DEAL_READ, 1));
	ck_assert_uint_eq(map_len(&grants.pairs), 0);
	grants_fini(&grants);
}
END_TEST

START_TEST(what_is_granted_of_all_holds_for_each_and_for_nobody_unknown)
{
	struct grants grants = { .n_all = 0 };

	grants_set(&grants, &deputy, &all, PERM_MONEY_ISSUE, INT64_MAX);
	ck_assert(allows_all(&grants, &deputy, PERM_MONEY_ISSUE, 1));
	ck_assert(allows(&grants, &deputy, &owner, PERM_MONEY_ISSUE, 1));
	ck_assert(!allows_all(&grants, &stranger, PERM_MONEY_ISSUE, 1));
	/* A guest's id is nil, and so is the scope of everybody. */
	grants_set(&grants, &nobody, &all, PERM_MONEY_ISSUE, INT64_MAX);
	ck_assert(!allows_all(&grants, &nobody, PERM_MONEY_ISSUE, 1));
	ck_assert(!allows(&grants, &nobody, &owner, PERM_MONEY_ISSUE, 1));
	grants_fini(&grants);
}
END_TEST

START_TEST(a_row_says_whose_things_and_until_when)
{
	struct aicx_str names[] = { STR("deal.read"), STR("deal.write") };
	struct granted row = { .permissions = { names, 2 },
		.scope = STR(SCOPE_ALL),
		.expires_ms = 100 };
	struct aicx_id owner_id = granted_owner(&row);
	struct id_text text = id_text(&owner);

	ck_assert(id_is_nil(&owner_id));
	ck_assert_int_eq(granted_until(&row, PERM_DEAL_WRITE), 100);
	ck_assert_int_eq(granted_until(&row, PERM_MONEY_READ), 0);
	row.expires_ms = 0;
	ck_assert_int_eq(granted_until(&row, PERM_DEAL_READ), INT64_MAX);
	row.revoked = true;
	ck_assert_int_eq(granted_until(&row, PERM_DEAL_READ), 0);
	row.scope = str_of(text.text);
	owner_id = granted_owner(&row);
	ck_assert(id_eq(&owner_id, &owner));
}
END_TEST

START_TEST(what_lets_one_take_everything_is_granted_to_nobody)
{
	ck_assert_int_eq(permission_reach(PERM_CREDENTIAL_WRITE), REACH_NOBODY);
	ck_assert_int_eq(permission_reach(PERM_PERMISSION_WRITE), REACH_NOBODY);
	ck_assert_int_eq(permission_reach(PERM_MONEY_ISSUE), REACH_ALL);
	ck_assert_int_eq(permission_reach(PERM_DEAL_READ), REACH_AGENT);
	ck_assert_int_eq(permission_find(STR("deal.read")), PERM_DEAL_READ);
	ck_assert_int_eq(permission_find(STR("deal.eat")), PERM_NONE);
	ck_assert_int_eq(permission_find(STR("none")), PERM_NONE);
	ck_assert_int_eq(permission_find(STR("")), PERM_NONE);
	ck_assert_int_eq(
	    permission_of(STR("deal"), STR("write")), PERM_DEAL_WRITE);
	ck_assert_int_eq(permission_of(STR("deal."), STR("rite")), PERM_NONE);
}
END_TEST

START_TEST(a_credential_may_leave_out_what_its_role_has)
{
	struct aicx_str names[] = { STR("deal.read") };
	struct field_strs list = { names, 1 }, none = { NULL, 0 };
	struct principal who = { .agent_id = owner, .role = ROLE_AGENT };
	struct aicx_error err;

	ck_assert_uint_eq(permissions_without(&none), 0);
	who.without = permissions_without(&list);
	ck_assert(principal_has(&who, PERM_DEAL_READ));
	ck_assert(principal_has(&who, PERM_PUBLIC));
	ck_assert(!principal_has(&who, PERM_DEAL_WRITE));
	(void)access_check(&who, PERM_DEAL_WRITE, "deal.buy", &err);
	ck_assert_str_eq(err.word, "denied");
	ck_assert_str_eq(err.text,
	    "method \"deal.buy\" needs deal.write, this credential leaves it "
	    "out");
	ck_assert_int_eq(permissions_check(&list, &err), AICX_OK);
	names[0] = STR("deal.eat");
	ck_assert_int_eq(permissions_check(&list, &err), AICX_EINVAL);
	ck_assert_str_eq(err.text, "\"deal.eat\" is no permission");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("grants");
	TCase *tcase = tcase_create("grants");

	tcase_add_test(
	    tcase, a_grant_is_for_one_agent_one_permission_and_one_owner);
	tcase_add_test(tcase, it_ends_at_its_time_and_when_it_is_taken_back);
	tcase_add_test(tcase,
	    what_is_granted_of_all_holds_for_each_and_for_nobody_unknown);
	tcase_add_test(tcase, a_row_says_whose_things_and_until_when);
	tcase_add_test(
	    tcase, what_lets_one_take_everything_is_granted_to_nobody);
	tcase_add_test(tcase, a_credential_may_leave_out_what_its_role_has);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
