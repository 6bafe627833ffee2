/* SPDX-License-Identifier: Apache-2.0 */
/* origin_test.c - which addresses count as one. */
#include "security/origin.h"

#include "base/str.h"

#include <check.h>
#include <stdlib.h>

static uint64_t
of(const char *address)
{
	return origin_mark(str_of(address));
}

START_TEST(the_port_does_not_matter)
{
	ck_assert_uint_eq(of("192.0.2.1:4711"), of("192.0.2.1:80"));
	ck_assert_uint_eq(of("192.0.2.1:4711"), of("192.0.2.1"));
	ck_assert_uint_eq(of("[2001:db8::1]:80"), of("2001:db8::1"));
	ck_assert_uint_ne(of("192.0.2.1:80"), of("192.0.2.2:80"));
}
END_TEST

START_TEST(a_network_of_64_bits_is_one_owner)
{
	ck_assert_uint_eq(
	    of("[2001:db8:1:2::1]:80"), of("[2001:db8:1:2:ffff::9]:81"));
	ck_assert_uint_ne(
	    of("[2001:db8:1:2::1]:80"), of("[2001:db8:1:3::1]:80"));
	ck_assert_uint_eq(of("[::ffff:192.0.2.1]:80"), of("192.0.2.1:81"));
}
END_TEST

START_TEST(this_machine_is_local_and_nobody_else)
{
	ck_assert_uint_eq(of("127.0.0.1:80"), ORIGIN_LOCAL);
	ck_assert_uint_eq(of("127.9.9.9:80"), ORIGIN_LOCAL);
	ck_assert_uint_eq(of("[::1]:80"), ORIGIN_LOCAL);
	ck_assert_uint_eq(of("[::ffff:127.0.0.1]:80"), ORIGIN_LOCAL);
	ck_assert_uint_eq(of("unix"), ORIGIN_LOCAL);
	ck_assert_uint_eq(of(""), ORIGIN_LOCAL);
	ck_assert_uint_ne(of("127.example.org:80"), ORIGIN_LOCAL);
	ck_assert_uint_ne(of("[::2]:80"), ORIGIN_LOCAL);
}
END_TEST

START_TEST(what_is_no_address_is_an_origin_of_its_own)
{
	ck_assert_uint_eq(of("[::1"), of("[::1"));
	ck_assert_uint_ne(of("[::1"), ORIGIN_LOCAL);
	ck_assert_uint_ne(of("somebody"), of("else"));
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("origin");
	Suite *suite = suite_create("origin");
	SRunner *runner = srunner_create(suite);
	int n_failed;

	tcase_add_test(tcase, the_port_does_not_matter);
	tcase_add_test(tcase, a_network_of_64_bits_is_one_owner);
	tcase_add_test(tcase, this_machine_is_local_and_nobody_else);
	tcase_add_test(tcase, what_is_no_address_is_an_origin_of_its_own);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
