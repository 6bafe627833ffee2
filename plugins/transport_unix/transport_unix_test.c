/* SPDX-License-Identifier: Apache-2.0 */
/* transport_unix_test.c - who needs no key on a unix socket, and who does; the
   rest is as in transport_http. */
#include "test_site.h"

#include <aiconexus/transport.h>
#include <string.h>

static struct site
site_of(int64_t operator_uid, const char *mode)
{
	struct site site = site_prepare();

	fake_set(site.settings, plugin, "operator_uid", operator_uid, NULL);
	fake_set(site.settings, plugin, "mode", 0, mode);
	site_start(&site);
	return site;
}

/* What the host saw in Authorization of a request by this user. */
static const char *
authorization(struct site *site, uint32_t uid, bool ours, const char *request)
{
	struct fake_client *client;

	site->fake->stream_peer =
	    (struct aicx_stream_peer) { sizeof site->fake->stream_peer, uid,
		    uid, ours };
	client = connect_to(site);
	fake_text(site->fake, client, request);
	ck_assert_int_eq(status_of(client), 200);
	return site->fake->requests[site->fake->n_requests - 1]->authorization;
}

START_TEST(the_users_own_requests_speak_for_the_operator)
{
	struct site site = site_of(-1, "0600");

	ck_assert_str_eq(
	    authorization(&site, 1000, true, HELLO), "Bearer the-operator");
	ck_assert_str_eq(authorization(&site, 1001, false, HELLO), "");
	ck_assert_str_eq(authorization(&site, 0, false, HELLO), "");
	site_close(&site);
}
END_TEST

START_TEST(another_user_can_be_the_operator_and_then_ours_is_not)
{
	struct site site = site_of(1001, "0660");

	ck_assert_str_eq(
	    authorization(&site, 1001, false, HELLO), "Bearer the-operator");
	ck_assert_str_eq(authorization(&site, 1000, true, HELLO), "");
	site_close(&site);
}
END_TEST

START_TEST(a_key_that_is_shown_is_the_one_that_counts)
{
	struct site site = site_of(-1, "0600");

	ck_assert_str_eq(
	    authorization(&site, 1000, true,
		"GET / HTTP/1.1\r\n" HOST "Authorization: Bearer mine\r\n\r\n"),
	    "Bearer mine");
	ck_assert_str_eq(
	    authorization(&site, 1000, true,
		"GET / HTTP/1.1\r\n" HOST "Authorization: \r\n\r\n"),
	    "");
	site_close(&site);
}
END_TEST

START_TEST(every_request_of_a_connection_is_the_operators)
{
	struct site site = site_of(-1, "0600");

	ck_assert_str_eq(authorization(&site, 1000, true, HELLO HELLO HELLO),
	    "Bearer the-operator");
	ck_assert_uint_eq(site.fake->n_requests, 3);
	for (size_t i = 0; i < 3; i++)
		ck_assert_str_eq(site.fake->requests[i]->authorization,
		    "Bearer the-operator");
	site_close(&site);
}
END_TEST

START_TEST(who_cannot_be_told_needs_a_key)
{
	struct site site = site_of(-1, "0600");
	struct fake_client *client = connect_to(&site);

	fake_text(site.fake, client, HELLO);
	ck_assert_int_eq(status_of(client), 200);
	ck_assert_str_eq(site.fake->requests[0]->authorization, "");
	site_close(&site);
}
END_TEST

#define UPGRADE                                                                \
	"GET /ws HTTP/1.1\r\n" HOST                                            \
	"Connection: Upgrade\r\nUpgrade: websocket\r\n"                        \
	"Sec-WebSocket-Version: 13\r\n"                                        \
	"Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n"

START_TEST(a_session_is_opened_by_a_key_also_by_the_operators_user)
{
	struct site site = site_of(-1, "0600");
	struct fake_client *client;

	site.fake->stream_peer =
	    (struct aicx_stream_peer) { sizeof site.fake->stream_peer, 0, 0,
		    1 };
	client = connect_to(&site);
	fake_text(site.fake, client, UPGRADE "\r\n");
	ck_assert_int_eq(status_of(client), 101);
	ck_assert(!site.fake->peer->has_credential);
	ck_assert(site.fake->peer->secure);
	client = connect_to(&site);
	fake_text(
	    site.fake, client, UPGRADE "Origin: https://evil.example\r\n\r\n");
	ck_assert_int_eq(status_of(client), 403);
	site_close(&site);
}
END_TEST

START_TEST(the_socket_has_the_mode_that_was_asked_for)
{
	static const struct {
		const char *text;
		uint32_t mode;
	} modes[] = { { "0600", 0600 }, { "0660", 0660 }, { "0666", 0666 } };

	for (size_t i = 0; i < 3; i++) {
		struct site site = site_of(-1, modes[i].text);

		ck_assert_uint_eq(site.fake->listen_mode, modes[i].mode);
		ck_assert_str_eq(plugin->ops.transport->address(site.state),
		    "unix:broker.sock");
		site_close(&site);
	}
}
END_TEST

START_TEST(settings_that_make_no_sense_are_refused)
{
	static const char *const wrong[] = { "0777", "600", "rw", "" };
	struct aicx_error error;

	for (size_t i = 0; i < 4; i++) {
		struct site site = site_prepare();

		fake_set(site.settings, plugin, "mode", 0, wrong[i]);
		ck_assert_int_eq(
		    plugin->open(&site.fake->table, fake_self(site.fake),
			site.settings, &site.state, &error),
		    AICX_EINVAL);
		ck_assert_ptr_nonnull(strstr(error.text, "mode"));
		site_forget(&site);
	}
}
END_TEST

START_TEST(an_address_of_the_command_line_must_be_a_unix_socket)
{
	struct site site = site_prepare();
	struct aicx_error error;

	ck_assert_int_eq(plugin->open(&site.fake->table, fake_self(site.fake),
			     site.settings, &site.state, &error),
	    AICX_OK);
	ck_assert_int_eq(
	    plugin->ops.transport->start(site.state, "127.0.0.1:0", &error),
	    AICX_EINVAL);
	ck_assert_ptr_nonnull(strstr(error.text, "127.0.0.1:0"));
	ck_assert_int_eq(
	    plugin->ops.transport->start(site.state, "unix:/x", &error),
	    AICX_OK);
	ck_assert_str_eq(plugin->ops.transport->address(site.state), "unix:/x");
	site_close(&site);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		the_users_own_requests_speak_for_the_operator,
		another_user_can_be_the_operator_and_then_ours_is_not,
		a_key_that_is_shown_is_the_one_that_counts,
		every_request_of_a_connection_is_the_operators,
		who_cannot_be_told_needs_a_key,
		a_session_is_opened_by_a_key_also_by_the_operators_user,
		the_socket_has_the_mode_that_was_asked_for,
		settings_that_make_no_sense_are_refused,
		an_address_of_the_command_line_must_be_a_unix_socket,
	};
	Suite *suite = suite_create("transport_unix");
	TCase *tcase = tcase_create("transport_unix");

	for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	site_file = ".libs/transport_unix.so";
	return site_run(suite);
}
