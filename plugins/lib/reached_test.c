/* SPDX-License-Identifier: Apache-2.0 */
/* reached_test.c - the operator's URL, a loopback name, or none. */
#include "reached.h"

#include "text.h"

#include <check.h>

static const char *said;

static const char *
host_public_url(struct aicx_self *self)
{
	(void)self;
	return said;
}

static const struct aicx_host host = {
	.size = sizeof host,
	.public_url = host_public_url,
};

START_TEST(names_of_ones_own_machine_are_known_with_and_without_a_port)
{
	static const char *const own[] = { "127.0.0.1", "127.0.0.1:8700",
		"LocalHost", "localhost:1", "[::1]", "[::1]:65535" };

	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		ck_assert_msg(
		    reached_is_loopback(text_of(own[i])), "%s", own[i]);
}
END_TEST

START_TEST(other_names_are_not)
{
	static const char *const other[] = { "", "127.0.0.2", "localhost.evil",
		"localhost:80@evil", "localhost:123456", "localhost:8x", "[::1",
		"[::1]8", "[::1].evil", "::1", "127.0.0.1/x", "evil:80" };

	for (size_t i = 0; i < sizeof other / sizeof *other; i++)
		ck_assert_msg(
		    !reached_is_loopback(text_of(other[i])), "%s", other[i]);
	ck_assert(!reached_is_loopback((struct aicx_str) { NULL, 0 }));
}
END_TEST

START_TEST(the_operators_url_goes_before_what_a_client_says)
{
	struct bytes out = { 0 };

	said = "https://broker.example";
	ck_assert(reached_url(&host, NULL, TEXT("evil"), &out));
	ck_assert_str_eq(out.ptr, "https://broker.example");
	bytes_clear(&out);
	said = NULL;
	ck_assert(reached_url(&host, NULL, TEXT("[::1]:1"), &out));
	ck_assert_str_eq(out.ptr, "http://[::1]:1");
	ck_assert_uint_eq(out.len, 14);
	bytes_clear(&out);
	ck_assert(!reached_url(&host, NULL, TEXT("evil"), &out));
	ck_assert_uint_eq(out.len, 0);
	bytes_fini(&out);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("reached");
	TCase *tcase = tcase_create("reached");
	SRunner *runner = srunner_create(suite);
	int n_failed;

	tcase_add_test(
	    tcase, names_of_ones_own_machine_are_known_with_and_without_a_port);
	tcase_add_test(tcase, other_names_are_not);
	tcase_add_test(tcase, the_operators_url_goes_before_what_a_client_says);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed != 0;
}
