/* SPDX-License-Identifier: Apache-2.0 */
/* cors_test.c - which pages of others may read answers. */
#include <check.h>
#include <string.h>

#include "test_site.h"

#define FROM(origin) "GET /x HTTP/1.1\r\n" HOST "Origin: " origin "\r\n\r\n"
#define PREFLIGHT(origin, method)                                              \
	"OPTIONS /x HTTP/1.1\r\n" HOST "Origin: " origin                       \
	"\r\nAccess-Control-Request-Method: " method "\r\n"

static struct site
open_for(const char *origins)
{
	struct site site = site_prepare();

	fake_set(site.settings, plugin, "origins", 0, origins);
	site_start(&site);
	return site;
}

START_TEST(as_shipped_no_page_of_others_reads_anything)
{
	struct site site = site_open();
	struct fake_client *client = connect_to(&site);

	fake_text(site.fake, client, FROM("https://a.test"));
	ck_assert_int_eq(status_of(client), 200);
	ck_assert(!has(client, "Access-Control"));
	ck_assert(!has(client, "Vary"));
	fake_text(site.fake, client, PREFLIGHT("https://a.test", "PUT") "\r\n");
	ck_assert(!has(client, "Access-Control"));
	ck_assert_uint_eq(site.fake->n_requests, 2);
	site_close(&site);
}
END_TEST

START_TEST(a_listed_page_reads_answers)
{
	struct site site = open_for("https://a.test, https://b.test");
	struct fake_client *client = connect_to(&site);

	fake_text(site.fake, client, FROM("https://b.test"));
	ck_assert(
	    has(client, "Access-Control-Allow-Origin: https://b.test\r\n"));
	ck_assert(has(client, "\r\nVary: Origin\r\n"));
	ck_assert(
	    has(client, "Access-Control-Expose-Headers: PAYMENT-REQUIRED"));
	ck_assert(!has(client, "Allow-Credentials"));
	client = connect_to(&site);
	fake_text(site.fake, client, FROM("https://c.test"));
	ck_assert(!has(client, "Access-Control"));
	ck_assert(has(client, "\r\nVary: Origin\r\n"));
	client = connect_to(&site);
	fake_text(site.fake, client, FROM("null"));
	ck_assert(!has(client, "Access-Control"));
	client = connect_to(&site);
	fake_text(site.fake, client,
	    "GET /x HTTP/1.1\r\n" HOST
	    "Origin: https://a.test\r\nOrigin: https://b.test\r\n\r\n");
	ck_assert(!has(client, "Access-Control"));
	client = connect_to(&site);
	fake_text(site.fake, client, HELLO);
	ck_assert(!has(client, "Access-Control"));
	ck_assert(has(client, "\r\nVary: Origin\r\n"));
	site_close(&site);
}
END_TEST

START_TEST(a_listed_page_reads_refusals_too)
{
	struct site site = open_for("https://a.test");
	struct fake_client *client = connect_to(&site);

	fake_text(site.fake, client,
	    "POST /x HTTP/1.1\r\n" HOST
	    "Origin: https://a.test\r\nContent-Length: 999999999\r\n\r\n");
	ck_assert_int_eq(status_of(client), 413);
	ck_assert(
	    has(client, "Access-Control-Allow-Origin: https://a.test\r\n"));
	client = connect_to(&site);
	fake_text(site.fake, client,
	    "POST /x HTTP/1.1\r\n" HOST
	    "Origin: https://c.test\r\nContent-Length: 999999999\r\n\r\n");
	ck_assert_int_eq(status_of(client), 413);
	ck_assert(!has(client, "Access-Control"));
	client = connect_to(&site);
	fake_text(site.fake, client,
	    "GET /x HTTP/1.1\r\nOrigin: https://a.test\r\n\r\n");
	ck_assert_int_eq(status_of(client), 400); /* without a Host */
	ck_assert(
	    has(client, "Access-Control-Allow-Origin: https://a.test\r\n"));
	client = connect_to(&site);
	fake_text(site.fake, client,
	    "GET /x HTTP/1.1\r\nOrigin: https://a.test\r\nbad field\r\n\r\n");
	ck_assert_int_eq(status_of(client), 400);
	ck_assert(!has(client, "Access-Control")); /* it is not understood */
	site_close(&site);
}
END_TEST

START_TEST(a_star_lets_all_read_without_cookies)
{
	struct site site = open_for("*");
	struct fake_client *client = connect_to(&site);

	fake_text(site.fake, client, FROM("https://a.test"));
	ck_assert(has(client, "Access-Control-Allow-Origin: *\r\n"));
	ck_assert(!has(client, "Allow-Credentials"));
	ck_assert(!has(client, "Vary"));
	site_close(&site);
}
END_TEST

START_TEST(a_preflight_is_answered_here_in_its_turn)
{
	struct site site = open_for("https://a.test");
	struct fake_client *client = connect_to(&site);

	site.fake->hold = true;
	fake_text(site.fake, client,
	    HELLO PREFLIGHT("https://a.test",
		"DELETE") "Access-Control-Request-Headers: authorization, "
			  "idempotency-key\r\n\r\n");
	ck_assert_uint_eq(client->got.len, 0);
	ck_assert_uint_eq(site.fake->n_requests, 1);
	fake_reply(site.fake->requests[0], 200, "ok");
	ck_assert_uint_eq(count_answers(client), 2);
	ck_assert(has(client, "HTTP/1.1 204 "));
	ck_assert(
	    has(client, "Access-Control-Allow-Origin: https://a.test\r\n"));
	ck_assert(has(client, "Access-Control-Allow-Methods: DELETE\r\n"));
	ck_assert(has(client,
	    "Access-Control-Allow-Headers: authorization, "
	    "idempotency-key\r\n"));
	ck_assert(has(client, "Access-Control-Max-Age: 600\r\n"));
	site_close(&site);
}
END_TEST

START_TEST(what_is_no_preflight_goes_on)
{
	struct site site = open_for("https://a.test");
	struct fake_client *client = connect_to(&site);

	fake_text(site.fake, client, PREFLIGHT("https://c.test", "PUT") "\r\n");
	ck_assert(!has(client, "Access-Control"));
	fake_text(site.fake, client,
	    "OPTIONS /x HTTP/1.1\r\n" HOST "Origin: https://a.test\r\n\r\n");
	ck_assert(!has(client, "Access-Control-Allow-Methods"));
	fake_text(
	    site.fake, client, PREFLIGHT("https://a.test", "P\"UT") "\r\n");
	ck_assert(!has(client, "Access-Control-Allow-Methods"));
	ck_assert_uint_eq(site.fake->n_requests, 3);
	fake_text(site.fake, client,
	    PREFLIGHT("https://a.test",
		"PUT") "Access-Control-Request-Headers: x<script>\r\n\r\n");
	ck_assert(has(client, "Access-Control-Allow-Methods: PUT\r\n"));
	ck_assert(!has(client, "Access-Control-Allow-Headers"));
	ck_assert_uint_eq(site.fake->n_requests, 3);
	site_close(&site);
}
END_TEST

START_TEST(a_stream_is_read_too)
{
	struct site site = open_for("https://a.test");
	struct fake_client *client = connect_to(&site);

	site.fake->hold = true;
	fake_text(site.fake, client, FROM("https://a.test"));
	fake_begin(site.fake->requests[0], 200);
	ck_assert(
	    has(client, "Access-Control-Allow-Origin: https://a.test\r\n"));
	fake_end(site.fake->requests[0], true);
	site_close(&site);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("cors");
	TCase *tcase = tcase_create("cors");

	tcase_add_test(tcase, as_shipped_no_page_of_others_reads_anything);
	tcase_add_test(tcase, a_listed_page_reads_answers);
	tcase_add_test(tcase, a_listed_page_reads_refusals_too);
	tcase_add_test(tcase, a_star_lets_all_read_without_cookies);
	tcase_add_test(tcase, a_preflight_is_answered_here_in_its_turn);
	tcase_add_test(tcase, what_is_no_preflight_goes_on);
	tcase_add_test(tcase, a_stream_is_read_too);
	suite_add_tcase(suite, tcase);
	return site_run(suite);
}
