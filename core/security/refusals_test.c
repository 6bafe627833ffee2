/* SPDX-License-Identifier: Apache-2.0 */
/* refusals_test.c - many refusals, few records. */
#include "security/refusals.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

static const struct aicx_id nobody, alice = { { 1 } }, bob = { { 2 } };
static struct refusals refusals;
static struct buf text;

static void
start(void)
{
	memset(&refusals, 0, sizeof refusals);
}

static void
end(void)
{
	buf_fini(&text);
}

static const char *
printed(void)
{
	struct json_writer w = json_writer(&text);

	buf_clear(&text);
	w = json_writer(&text);
	refusals_print(&refusals, &w);
	return buf_cstr(&text);
}

START_TEST(the_same_is_counted_and_told_once)
{
	ck_assert_int_eq(refusals_due_ms(&refusals), 0);
	for (int i = 0; i < 1000; i++)
		refusals_add(&refusals, &alice, STR("192.0.2.1:1"), "denied",
		    "economics.fund", 1000 + i);
	refusals_add(
	    &refusals, &bob, STR(""), "denied", "economics.fund", 1999);
	refusals_add(&refusals, &alice, STR(""), "stale", "", 1999);
	ck_assert_uint_eq(refusals.n, 3);
	ck_assert_int_eq(refusals_due_ms(&refusals), 2000);
	ck_assert_ptr_nonnull(strstr(printed(),
	    "[{\"agent_id\":\"01000000-0000-0000-0000-000000000000\","
	    "\"method\":\"economics.fund\",\"cause\":\"denied\","
	    "\"count\":1000,\"first\":\"1970-01-01T00:00:01.000Z\","
	    "\"last\":\"1970-01-01T00:00:01.999Z\"},{"));
	ck_assert_ptr_nonnull(strstr(text.ptr,
	    "\"cause\":\"stale\",\"count\":1,\"first\":"
	    "\"1970-01-01T00:00:01.999Z\"}]"));
	refusals_told(&refusals, 2000);
	ck_assert_int_eq(refusals_due_ms(&refusals), 0);
	ck_assert_str_eq(printed(), "[]");
}
END_TEST

START_TEST(who_is_nobody_is_known_by_address_without_its_port)
{
	refusals_add(&refusals, &nobody, STR("192.0.2.1:4711"),
	    "unauthenticated", "", 1);
	refusals_add(&refusals, &nobody, STR("192.0.2.1:4712"),
	    "unauthenticated", "", 2);
	refusals_add(&refusals, &nobody, STR("[2001:db8::1]:80"),
	    "unauthenticated", "", 3);
	refusals_add(
	    &refusals, &nobody, STR("2001:db8::1"), "unauthenticated", "", 4);
	ck_assert_uint_eq(refusals.n, 2);
	ck_assert_ptr_nonnull(strstr(printed(),
	    "{\"address\":\"192.0.2.1\",\"cause\":\"unauthenticated\","
	    "\"count\":2,"));
	ck_assert_ptr_nonnull(strstr(text.ptr,
	    "{\"address\":\"2001:db8::1\",\"cause\":\"unauthenticated\","
	    "\"count\":2,"));
	refusals_add(&refusals, &nobody, STR(""), "malformed", "", 5);
	ck_assert_ptr_nonnull(strstr(printed(), "{\"cause\":\"malformed\","));
}
END_TEST

START_TEST(more_than_there_is_room_for_are_counted_together)
{
	char address[32];

	for (int i = 0; i < REFUSALS_MAX + 5; i++) {
		(void)snprintf(address, sizeof address, "10.0.%d.1:1", i);
		refusals_add(
		    &refusals, &nobody, str_of(address), "malformed", "", 1);
	}
	refusals_add(&refusals, &nobody, STR("10.0.1.1"), "malformed", "", 1);
	ck_assert_uint_eq(refusals.n, REFUSALS_MAX);
	ck_assert_ptr_nonnull(
	    strstr(printed(), "{\"cause\":\"others\",\"count\":5}]"));
	ck_assert_int_eq(refusals.list[1].n, 2);
}
END_TEST

START_TEST(while_they_go_on_they_are_told_less_often)
{
	int64_t now_ms = 1000000, waited_ms = 0;

	for (int64_t want_ms = REFUSALS_SOON_MS; waited_ms < REFUSALS_LATE_MS;
	     want_ms *= 2) {
		refusals_add(&refusals, &alice, STR(""), "denied", "", now_ms);
		waited_ms = refusals_due_ms(&refusals) - now_ms;
		ck_assert_int_eq(waited_ms,
		    want_ms < REFUSALS_LATE_MS ? want_ms : REFUSALS_LATE_MS);
		now_ms = refusals_due_ms(&refusals);
		refusals_told(&refusals, now_ms);
	}
	now_ms += REFUSALS_LATE_MS + 1;
	refusals_add(&refusals, &alice, STR(""), "denied", "", now_ms);
	ck_assert_int_eq(refusals_due_ms(&refusals), now_ms + REFUSALS_SOON_MS);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("refusals");
	TCase *tcase = tcase_create("refusals");

	tcase_add_checked_fixture(tcase, start, end);
	tcase_add_test(tcase, the_same_is_counted_and_told_once);
	tcase_add_test(
	    tcase, who_is_nobody_is_known_by_address_without_its_port);
	tcase_add_test(tcase, more_than_there_is_room_for_are_counted_together);
	tcase_add_test(tcase, while_they_go_on_they_are_told_less_often);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
