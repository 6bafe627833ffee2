/* SPDX-License-Identifier: Apache-2.0 */
/* subnet_test.c - lists of addresses and networks. */
#include "loop/subnet.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

static bool
has(const char *list, const char *address)
{
	return subnets_have(list, str_of(address));
}

START_TEST(an_address_is_found_with_its_port_and_without)
{
	ck_assert(has("192.0.2.7", "192.0.2.7"));
	ck_assert(has("192.0.2.7", "192.0.2.7:4711"));
	ck_assert(has("10.1.1.1, 192.0.2.7", "192.0.2.7:4711"));
	ck_assert(has("2001:db8::7", "[2001:db8::7]:4711"));
	ck_assert(has("2001:db8::7", "2001:db8::7"));
	ck_assert(!has("192.0.2.7", "192.0.2.8:4711"));
	ck_assert(!has("192.0.2.7", ""));
	ck_assert(!has("192.0.2.7", "nonsense"));
	ck_assert(!has("", "192.0.2.7"));
	ck_assert(!has(NULL, "192.0.2.7"));
}
END_TEST

START_TEST(a_network_has_what_its_bits_say)
{
	ck_assert(has("10.0.0.0/8", "10.255.0.1:1"));
	ck_assert(!has("10.0.0.0/8", "11.0.0.1:1"));
	ck_assert(has("192.168.4.0/22", "192.168.7.255"));
	ck_assert(!has("192.168.4.0/22", "192.168.8.0"));
	ck_assert(has("0.0.0.0/0", "203.0.113.9"));
	ck_assert(!has("0.0.0.0/0", "2001:db8::1"));
	ck_assert(has("2001:db8::/33", "[2001:db8:7fff::1]:1"));
	ck_assert(!has("2001:db8::/33", "[2001:db8:8000::1]:1"));
	ck_assert(has("127.0.0.1", "::ffff:127.0.0.1"));
}
END_TEST

START_TEST(a_unix_socket_has_a_name_of_its_own)
{
	ck_assert(has("unix", "unix:/run/broker.sock"));
	ck_assert(!has("0.0.0.0/0", "unix:/run/broker.sock"));
	ck_assert(!has("unix", "127.0.0.1:1"));
}
END_TEST

START_TEST(a_word_that_is_neither_is_named)
{
	static const char *const bad[] = { "nonsense", "10.0.0.0/33",
		"10.0.0.0/-1", "10.0.0.0/", "10.0.0/8", "::/129", "127.0.0.1:1",
		"[::1]", "10.0.0.0/8x" };
	struct aicx_error why;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		ck_assert_int_eq(subnets_check(bad[i], &why), AICX_EINVAL);
		ck_assert_ptr_nonnull(strstr(why.text, bad[i]));
		ck_assert(!has(bad[i], "10.0.0.1"));
	}
	ck_assert_int_eq(
	    subnets_check("127.0.0.1,nonsense", &why), AICX_EINVAL);
	ck_assert_int_eq(subnets_check(NULL, &why), AICX_OK);
	ck_assert_int_eq(subnets_check(" , ", &why), AICX_OK);
	ck_assert_int_eq(
	    subnets_check("127.0.0.1, ::1/128 10.0.0.0/8,unix", &why), AICX_OK);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("subnet");
	TCase *tc = tcase_create("subnet");

	tcase_add_test(tc, an_address_is_found_with_its_port_and_without);
	tcase_add_test(tc, a_network_has_what_its_bits_say);
	tcase_add_test(tc, a_unix_socket_has_a_name_of_its_own);
	tcase_add_test(tc, a_word_that_is_neither_is_named);
	suite_add_tcase(suite, tc);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
