/* SPDX-License-Identifier: Apache-2.0 */
/* health_test.c - parts, and the whole that is as well as the worst. */
#include "monitoring/health.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

static bool
set(struct health *health, const char *component, enum health_status status,
    const char *details, int64_t now_ms)
{
	bool changed = false;

	ck_assert_int_eq(health_set(health, str_of(component), status,
			     str_of(details), now_ms, &changed, NULL),
	    AICX_OK);
	return changed;
}

START_TEST(the_whole_is_as_well_as_its_worst_part)
{
	struct health health = { 0 };

	ck_assert_int_eq(health_overall(&health), HEALTH_HEALTHY);
	(void)set(&health, "store", HEALTH_HEALTHY, "", 1);
	(void)set(&health, "http", HEALTH_DEGRADED, "slow", 2);
	ck_assert_int_eq(health_overall(&health), HEALTH_DEGRADED);
	(void)set(&health, "store", HEALTH_UNHEALTHY, "disk full", 3);
	ck_assert_int_eq(health_overall(&health), HEALTH_UNHEALTHY);
	(void)set(&health, "store", HEALTH_HEALTHY, "", 4);
	health_remove(&health, STR("http"));
	health_remove(&health, STR("http"));
	ck_assert_int_eq(health_overall(&health), HEALTH_HEALTHY);
	ck_assert_uint_eq(health.n, 1);
}
END_TEST

START_TEST(since_moves_only_with_the_status)
{
	struct health health = { 0 };

	ck_assert(!set(&health, "store", HEALTH_HEALTHY, "", 10));
	ck_assert(!set(&health, "store", HEALTH_HEALTHY, "warm", 20));
	const struct health_part *part = health_find(&health, STR("store"));
	ck_assert_int_eq(part->since_ms, 10);
	ck_assert_str_eq(part->details, "warm");
	ck_assert(set(&health, "store", HEALTH_DEGRADED, "slow", 30));
	ck_assert_int_eq(part->since_ms, 30);
	ck_assert(set(&health, "new", HEALTH_UNHEALTHY, "", 40));
	ck_assert_ptr_null(health_find(&health, STR("sto")));
}
END_TEST

START_TEST(names_and_parts_have_limits)
{
	struct health health = { 0 };
	struct aicx_error err;
	char name[64];

	memset(name, 'n', sizeof name);
	ck_assert_int_eq(health_set(&health, STR(""), HEALTH_HEALTHY, STR(""),
			     0, NULL, &err),
	    AICX_EINVAL);
	ck_assert_int_eq(
	    health_set(&health, (struct aicx_str) { name, sizeof name },
		HEALTH_HEALTHY, STR(""), 0, NULL, &err),
	    AICX_EINVAL);
	for (int i = 0; i < HEALTH_PARTS_MAX; i++) {
		(void)snprintf(name, sizeof name, "part %d", i);
		(void)set(&health, name, HEALTH_HEALTHY, "", 0);
	}
	ck_assert_int_eq(health_set(&health, STR("more"), HEALTH_UNHEALTHY,
			     STR(""), 0, NULL, &err),
	    AICX_ELIMIT);
	ck_assert_str_eq(err.text,
	    "cannot keep the health of \"more\": there are 64 components "
	    "already");
	ck_assert_int_eq(health_overall(&health), HEALTH_HEALTHY);
}
END_TEST

START_TEST(long_details_are_cut_between_characters)
{
	struct health health = { 0 };
	char details[400];

	details[0] = 'a';
	for (size_t i = 1; i + 2 < sizeof details; i += 2)
		memcpy(details + i, "\xC3\xBC", 3);
	(void)set(&health, "store", HEALTH_DEGRADED, details, 0);
	ck_assert_uint_eq(strlen(health.parts[0].details), 159);
	(void)set(&health, "store", HEALTH_DEGRADED, details + 1, 0);
	ck_assert_uint_eq(strlen(health.parts[0].details), 158);
	(void)set(&health, "store", HEALTH_DEGRADED, "a\xFF", 0);
	ck_assert_str_eq(health.parts[0].details, "a");
}
END_TEST

START_TEST(it_prints_as_json)
{
	struct health health = { 0 };
	struct buf buf = { 0 };
	struct json_writer w = json_writer(&buf);

	(void)set(&health, "store", HEALTH_HEALTHY, "", 0);
	(void)set(&health, "http", HEALTH_DEGRADED, "\"slow\"", 1500);
	health_print(&health, &w);
	ck_assert_str_eq(buf_cstr(&buf),
	    "{\"status\":\"degraded\",\"components\":["
	    "{\"component\":\"store\",\"status\":\"healthy\","
	    "\"since\":\"1970-01-01T00:00:00.000Z\"},"
	    "{\"component\":\"http\",\"status\":\"degraded\","
	    "\"since\":\"1970-01-01T00:00:01.500Z\","
	    "\"details\":\"\\\"slow\\\"\"}]}");
	buf_fini(&buf);
}
END_TEST

START_TEST(statuses_have_names)
{
	enum health_status status = HEALTH_HEALTHY;

	ck_assert(health_status_parse(STR("unhealthy"), &status));
	ck_assert_int_eq(status, HEALTH_UNHEALTHY);
	ck_assert(!health_status_parse(STR("ill"), &status));
	ck_assert_str_eq(health_status_name(HEALTH_DEGRADED), "degraded");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("health");
	TCase *tcase = tcase_create("health");

	tcase_add_test(tcase, the_whole_is_as_well_as_its_worst_part);
	tcase_add_test(tcase, since_moves_only_with_the_status);
	tcase_add_test(tcase, names_and_parts_have_limits);
	tcase_add_test(tcase, long_details_are_cut_between_characters);
	tcase_add_test(tcase, it_prints_as_json);
	tcase_add_test(tcase, statuses_have_names);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
