/* SPDX-License-Identifier: Apache-2.0 */
/*
 * caller_test.c - whose request it is: over TLS, with a certificate, behind
 * proxies; and which settings fit together.
 */
#include <check.h>
#include <string.h>

#include "test_site.h"

#define PROXY "10.0.0.1:4711"
#define GET(fields) "GET /x HTTP/1.1\r\n" HOST fields "\r\n"

static struct site
site_with(const char *certificate, const char *clients, const char *from)
{
	struct site site = site_prepare();

	fake_set(site.settings, plugin, "listen", 0, "0.0.0.0:8700");
	fake_set(site.settings, plugin, "insecure", 1, NULL);
	fake_set(site.settings, plugin, "certificate", 0, certificate);
	fake_set(site.settings, plugin, "key", 0, certificate);
	fake_set(site.settings, plugin, "client_certificate", 0, clients);
	fake_set(site.settings, plugin, "client_from", 0, from);
	fake_set(site.settings, plugin, "proxies", 0,
	    strcmp(from, "connection") == 0 ? "" : "10.0.0.");
	site_start(&site);
	return site;
}

/* The request that this text is, from that address; it waits for an answer. */
static struct aicx_exchange *
ask(struct site *site, const char *address, const char *text)
{
	struct fake_client *client = fake_connect(site->fake, address);
	size_t n = site->fake->n_requests;

	site->fake->hold = true;
	fake_text(site->fake, client, text);
	ck_assert_uint_eq(site->fake->n_requests, n + 1);
	return site->fake->requests[n];
}

static void
comes_from(
    struct site *site, const char *text, const char *address, bool secure)
{
	struct aicx_exchange *request = ask(site, PROXY, text);

	ck_assert_str_eq(request->address, address);
	ck_assert_int_eq(request->secure, secure);
	fake_reply(request, 200, "{}");
}

START_TEST(over_tls_a_client_is_secure_wherever_it_is)
{
	struct site site = site_with("server.pem", "no", "connection");
	struct aicx_exchange *request = ask(&site, "192.0.2.7:1", GET(""));

	ck_assert(request->secure);
	ck_assert_str_eq(request->authorization, "");
	ck_assert_str_eq(site.fake->listen_how.certificate_file, "server.pem");
	fake_reply(request, 200, "{}");
	site_close(&site);
	site = site_with(NULL, "no", "connection");
	request = ask(&site, "192.0.2.7:1", GET(""));
	ck_assert(!request->secure);
	fake_reply(request, 200, "{}");
	site_close(&site);
}
END_TEST

START_TEST(a_certificate_speaks_where_no_key_does)
{
	struct site site = site_with("server.pem", "optional", "connection");
	struct aicx_exchange *request;

	ck_assert_uint_eq(site.fake->listen_how.clients, AICX_TLS_ANYBODY);
	site.fake->stream_facts.known = 1;
	request = ask(&site, "192.0.2.7:1", GET(""));
	ck_assert_str_eq(request->authorization, "Bearer the-certificate");
	fake_reply(request, 200, "{}");
	request = ask(&site, "192.0.2.7:1", GET("Authorization: Bearer x\r\n"));
	ck_assert_str_eq(request->authorization, "Bearer x");
	fake_reply(request, 200, "{}");
	site.fake->stream_facts.known = 0;
	request = ask(&site, "192.0.2.7:1", GET(""));
	ck_assert_str_eq(request->authorization, "");
	fake_reply(request, 200, "{}");
	site_close(&site);
}
END_TEST

START_TEST(the_proxy_protocol_says_whether_others_read_along)
{
	struct site site = site_with(NULL, "no", "proxy");
	struct aicx_exchange *request;

	ck_assert_str_eq(site.fake->listen_how.proxies, "10.0.0.");
	site.fake->stream_facts =
	    (struct aicx_stream_facts) { .proxied = 1, .secret = 1 };
	request = ask(&site, "192.0.2.7:1", GET(""));
	ck_assert(request->secure);
	fake_reply(request, 200, "{}");
	site.fake->stream_facts.secret = 0;
	request = ask(&site, "192.0.2.7:1", GET(""));
	ck_assert(!request->secure);
	fake_reply(request, 200, "{}");
	site_close(&site);
}
END_TEST

START_TEST(forwarded_names_the_last_that_is_no_proxy)
{
	struct site site = site_with(NULL, "no", "forwarded");

	comes_from(&site, GET(""), PROXY, false);
	comes_from(
	    &site, GET("Forwarded: for=192.0.2.7\r\n"), "192.0.2.7", false);
	comes_from(&site,
	    GET("Forwarded: proto=HTTPS ; For=\"192.0.2.7:1\";by=x\r\n"),
	    "192.0.2.7:1", true);
	comes_from(&site,
	    GET("Forwarded: for=\"[2001:db8::7]:1\";proto=https\r\n"),
	    "[2001:db8::7]:1", true);
	comes_from(&site,
	    GET("Forwarded: for=1.1.1.1, for=192.0.2.7, "
		"for=10.0.0.2;proto=https\r\n"),
	    "192.0.2.7", false);
	/* What its client wrote in a field of its own is before the proxy's. */
	comes_from(&site,
	    GET("Forwarded: for=1.1.1.1;proto=https\r\n"
		"Forwarded: for=192.0.2.7\r\n"),
	    "192.0.2.7", false);
	comes_from(
	    &site, GET("Forwarded: for=unknown;proto=https\r\n"), PROXY, false);
	comes_from(&site, GET("Forwarded: for=_x, for=_y\r\n"), PROXY, false);
	comes_from(&site, GET("Forwarded: ;;=,,==\r\n"), PROXY, false);
	comes_from(&site, GET("Forwarded: \r\n"), PROXY, false);
	comes_from(&site, GET("X-Forwarded-For: 1.1.1.1\r\n"), PROXY, false);
	site_close(&site);
}
END_TEST

START_TEST(x_forwarded_for_is_the_same_without_words)
{
	struct site site = site_with(NULL, "no", "x-forwarded-for");
	struct aicx_exchange *request;

	comes_from(&site, GET("X-Forwarded-For: 1.1.1.1, 192.0.2.7\r\n"),
	    "192.0.2.7", false);
	comes_from(&site,
	    GET("X-Forwarded-For: 2001:db8::7\r\n"
		"X-Forwarded-Proto: http, https\r\n"),
	    "[2001:db8::7]", true);
	comes_from(&site,
	    GET("X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-Proto: https, "
		"http\r\n"),
	    "1.1.1.1", false);
	comes_from(&site, GET("Forwarded: for=1.1.1.1\r\n"), PROXY, false);
	/* Who is no proxy of ours is not believed. */
	request = ask(&site, "192.0.2.9:1",
	    GET("X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: https\r\n"));
	ck_assert_str_eq(request->address, "192.0.2.9:1");
	ck_assert(!request->secure);
	fake_reply(request, 200, "{}");
	site_close(&site);
}
END_TEST

/* --- settings ---------------------------------------------------------- */

/* The option that is blamed, or NULL. */
static const char *
blamed(
    const char *option, const char *text, const char *more, const char *value)
{
	struct site site = site_prepare();
	struct aicx_error error = { 0 };
	const char *culprit = NULL;
	aicx_err err;

	fake_set(site.settings, plugin, option, 0, text);
	if (more != NULL)
		fake_set(site.settings, plugin, more, 0, value);
	err = plugin->check(&site.fake->table, site.settings, &culprit, &error);
	ck_assert_int_eq(err != AICX_OK, error.text[0] != '\0');
	site_start(&site);
	site_close(&site);
	return err == AICX_OK ? NULL : culprit;
}

START_TEST(settings_that_do_not_fit_name_an_option)
{
	ck_assert_ptr_null(blamed("listen", "127.0.0.1:1", NULL, NULL));
	ck_assert_ptr_null(blamed("certificate", "a.pem", "key", "a.key"));
	ck_assert_str_eq(
	    blamed("certificate", "bad.pem", "key", "a.key"), "certificate");
	ck_assert_str_eq(blamed("key", "a.key", NULL, NULL), "key");
	ck_assert_str_eq(blamed("client_certificate", "perhaps", NULL, NULL),
	    "client_certificate");
	ck_assert_str_eq(
	    blamed("client_from", "rumour", NULL, NULL), "client_from");
	ck_assert_str_eq(
	    blamed("client_from", "proxy", NULL, NULL), "client_from");
	ck_assert_str_eq(blamed("proxies", "10.0.0.1", NULL, NULL), "proxies");
	ck_assert_str_eq(
	    blamed("proxies", "bad", "client_from", "proxy"), "proxies");
	ck_assert_ptr_null(
	    blamed("proxies", "10.0.0.1", "client_from", "forwarded"));
}
END_TEST

START_TEST(what_others_reach_needs_tls_or_the_operators_word)
{
	struct site site = site_prepare();
	struct aicx_error error = { 0 };
	const char *culprit = NULL;

	fake_set(site.settings, plugin, "listen", 0, "0.0.0.0:8700");
	ck_assert_int_eq(
	    plugin->check(&site.fake->table, site.settings, &culprit, &error),
	    AICX_EINVAL);
	ck_assert_str_eq(culprit, "listen");
	ck_assert_ptr_nonnull(strstr(error.text, "insecure = yes"));
	fake_set(site.settings, plugin, "insecure", 1, NULL);
	ck_assert_int_eq(
	    plugin->check(&site.fake->table, site.settings, &culprit, &error),
	    AICX_OK);
	site_start(&site);
	site_close(&site);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("caller");
	TCase *tcase = tcase_create("caller");

	tcase_add_test(tcase, over_tls_a_client_is_secure_wherever_it_is);
	tcase_add_test(tcase, a_certificate_speaks_where_no_key_does);
	tcase_add_test(
	    tcase, the_proxy_protocol_says_whether_others_read_along);
	tcase_add_test(tcase, forwarded_names_the_last_that_is_no_proxy);
	tcase_add_test(tcase, x_forwarded_for_is_the_same_without_words);
	tcase_add_test(tcase, settings_that_do_not_fit_name_an_option);
	tcase_add_test(
	    tcase, what_others_reach_needs_tls_or_the_operators_word);
	suite_add_tcase(suite, tcase);
	return site_run(suite);
}
