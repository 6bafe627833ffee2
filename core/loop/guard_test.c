/* SPDX-License-Identifier: Apache-2.0 */
/* guard_test.c - which addresses are asked, and which the operator allows. */
#include "loop/guard.h"

#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

union any {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static union any
address_of(const char *text)
{
	union any out = { .any.sa_family = AF_INET };

	if (inet_pton(AF_INET, text, &out.v4.sin_addr) == 1)
		return out;
	memset(&out, 0, sizeof out);
	out.any.sa_family = AF_INET6;
	ck_assert_int_eq(inet_pton(AF_INET6, text, &out.v6.sin6_addr), 1);
	return out;
}

START_TEST(only_what_everybody_reaches_is_public)
{
	static const char *const good[] = { "1.1.1.1", "9.255.255.255",
		"11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
		"128.0.0.0", "169.253.255.255", "172.15.255.255", "172.32.0.0",
		"192.167.255.255", "192.169.0.0", "198.17.255.255",
		"198.20.0.0", "223.255.255.255", "2606:4700::1",
		"::ffff:1.1.1.1", "64:ff9b::101:101" };
	static const char *const bad[] = { "0.0.0.0", "0.1.2.3", "10.0.0.1",
		"10.255.255.255", "100.64.0.1", "127.0.0.1", "127.255.255.255",
		"169.254.169.254", "172.16.0.0", "172.31.255.255",
		"192.168.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1",
		"203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
		"::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
		"64:ff9b::7f00:1", "fc00::1", "fd12::1", "fe80::1", "fec0::1",
		"ff02::1", "2001:db8::1", "2001::1",
		"2002:7f00:1::", "::127.0.0.1", "100::1" };

	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		union any address = address_of(good[i]);
		ck_assert_msg(guard_is_public(&address.any), "%s", good[i]);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		union any address = address_of(bad[i]);
		ck_assert_msg(!guard_is_public(&address.any), "%s", bad[i]);
	}
	union any local = { .any.sa_family = AF_UNIX };
	ck_assert(!guard_is_public(&local.any));
}
END_TEST

START_TEST(the_list_names_hosts_or_addresses_as_a_whole)
{
	union any local = address_of("127.0.0.1"), six = address_of("::1");
	struct aicx_str host = STR("Pay.example");

	ck_assert(guard_is_allowed(STR("pay.EXAMPLE"), host, &local.any));
	ck_assert(guard_is_allowed(STR("a, 127.0.0.1"), host, &local.any));
	ck_assert(guard_is_allowed(STR("a,::1,b"), host, &six.any));
	ck_assert(!guard_is_allowed(STR("127.0.0.1"), host, &six.any));
	ck_assert(!guard_is_allowed(STR("127.0.0"), host, &local.any));
	ck_assert(!guard_is_allowed(STR("example"), host, &local.any));
	ck_assert(!guard_is_allowed(STR(" ,, "), host, &local.any));
	ck_assert(!guard_is_allowed(STR(""), STR(""), &local.any));
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("guard");
	Suite *suite = suite_create("guard");

	tcase_add_test(tests, only_what_everybody_reaches_is_public);
	tcase_add_test(tests, the_list_names_hosts_or_addresses_as_a_whole);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed != 0;
}
