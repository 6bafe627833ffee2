/* SPDX-License-Identifier: Apache-2.0 */
/* proxy_test.c - PROXY headers, taken apart and before a connection. */
#include "loop/proxy.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
/* 192.0.2.7:4711 to 192.0.2.1:443, then an extra that says TLS. */
#define V4 "\xc0\x00\x02\x07\xc0\x00\x02\x01\x12\x67\x01\xbb"
#define V6                                                                     \
	"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07"                           \
	"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"                           \
	"\x12\x67\x01\xbb"
#define OVER_TLS "\x20\x00\x05\x01\x00\x00\x00\x00"
#define IN_CLEAR "\x20\x00\x05\x00\x00\x00\x00\x00"
#define BYTES(text) ((struct aicx_str) { (text), sizeof(text) - 1 })

static const char *
client_of(struct aicx_str header, bool *ret_secret)
{
	static char text[LOOP_ADDRESS_TEXT];
	struct proxy_client client;
	struct aicx_error why;

	ck_assert_uint_eq(proxy_bytes((const uint8_t *)header.ptr), header.len);
	ck_assert_msg(
	    proxy_parse(header, &client, &why) == AICX_OK, "%s", why.text);
	*ret_secret = client.secret;
	if (client.address.len == 0)
		return "itself";
	address_print(&client.address, text);
	return text;
}

START_TEST(a_header_names_the_client)
{
	bool secret;

	ck_assert_str_eq(
	    client_of(BYTES(SIGNATURE "\x21\x11\x00\x0c" V4), &secret),
	    "192.0.2.7:4711");
	ck_assert(!secret);
	ck_assert_str_eq(
	    client_of(BYTES(SIGNATURE "\x21\x21\x00\x24" V6), &secret),
	    "[2001:db8::7]:4711");
	ck_assert_str_eq(
	    client_of(BYTES(SIGNATURE "\x21\x11\x00\x14" V4 OVER_TLS), &secret),
	    "192.0.2.7:4711");
	ck_assert(secret);
	(void)client_of(
	    BYTES(SIGNATURE "\x21\x11\x00\x17" V4 "\x04\x00\x00" IN_CLEAR),
	    &secret);
	ck_assert(!secret);
	/* LOCAL: the proxy looks whether we live. */
	ck_assert_str_eq(
	    client_of(BYTES(SIGNATURE "\x20\x00\x00\x00"), &secret), "itself");
}
END_TEST

START_TEST(what_is_no_header_is_refused)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *why;
	} rows[] = {
#define ROW(text, why) { text, sizeof(text) - 1, why }
		ROW("GET / HTTP/1.1\r\nHost: x\r\n", "version 2"),
		ROW("PROXY TCP4 192.0.2.7 192.0.2.1 1 2\r\n", "version 2"),
		ROW(SIGNATURE "\x11\x11\x00\x0c" V4, "version 2"),
		ROW(SIGNATURE "\x22\x11\x00\x0c" V4, "command"),
		ROW(SIGNATURE "\x21\x12\x00\x0c" V4, "other means"),
		ROW(SIGNATURE "\x21\x31\x00\x0c" V4, "other means"),
		ROW(SIGNATURE "\x21\x00\x00\x00", "other means"),
		ROW(SIGNATURE "\x21\x11\x00\x08\xc0\x00\x02\x07\xc0\x00\x02"
			      "\x01",
		    "cut off"),
		ROW(SIGNATURE "\x21\x21\x00\x0c" V4, "cut off"),
		ROW(SIGNATURE "\x21\x11\x00\x0d" V4 "\x04", "cut off"),
		ROW(SIGNATURE "\x21\x11\x00\x0f" V4 "\x04\x00\x01", "cut off"),
		ROW(SIGNATURE "\x21\x11\x00\x10" V4, "version 2"),
		ROW(SIGNATURE "\x21", "version 2"),
	};
	struct proxy_client client;
	struct aicx_error why;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct aicx_str bytes = { rows[i].bytes, rows[i].len };
		ck_assert_int_eq(
		    proxy_parse(bytes, &client, &why), AICX_EINVAL);
		ck_assert_msg(strstr(why.text, rows[i].why) != NULL,
		    "row %zu: %s", i, why.text);
	}
	ck_assert_uint_eq(
	    proxy_bytes((const uint8_t *)SIGNATURE "\x21\x11\xff\xff"), 0);
}
END_TEST

/* --- before a connection ---------------------------------------------- */

struct door {
	struct loop *loop;
	struct aicx_listener *listener;
	struct aicx_stream *client, *served;
	char address[LOOP_ADDRESS_TEXT], refused[64];
	struct buf got;
	bool proxied, secret, ended;
};

static void
on_data(struct aicx_str bytes, void *arg)
{
	buf_str(&((struct door *)arg)->got, bytes);
}

static void
on_end(enum aicx_stream_end end, void *arg)
{
	(void)end, (void)arg;
}

static void
on_client_end(enum aicx_stream_end end, void *arg)
{
	(void)end;
	((struct door *)arg)->ended = true;
}

static const struct aicx_stream_ops served_ops = {
	.size = sizeof served_ops,
	.on_data = on_data,
	.on_end = on_end,
};
static const struct aicx_stream_ops client_ops = {
	.size = sizeof client_ops,
	.on_data = on_data,
	.on_end = on_client_end,
};

static void
on_accept(struct aicx_stream *stream, struct aicx_str address, void *arg)
{
	struct door *door = arg;

	(void)snprintf(
	    door->address, sizeof door->address, "%.*s", STR_ARG(address));
	door->proxied = loop_stream_proxied(stream);
	door->secret = loop_stream_secret(stream);
	door->served = stream;
	loop_stream_attach(stream, &served_ops, door);
}

static void
on_refused(const char *address, const char *reason, void *arg)
{
	struct door *door = arg;

	(void)address;
	(void)snprintf(door->refused, sizeof door->refused, "%s", reason);
}

static void
door_dial(struct door *door, const char *proxies)
{
	const struct loop_listen how = { .proxies = proxies };

	loop_on_refused(door->loop, on_refused, door);
	ck_assert_int_eq(loop_listen_as(door->loop, "127.0.0.1:0", &how,
			     on_accept, door, &door->listener, NULL),
	    AICX_OK);
	ck_assert_int_eq(loop_stream_connect(door->loop,
			     loop_listener_address(door->listener), &client_ops,
			     door, &door->client, NULL),
	    AICX_OK);
}

static void
door_close(struct door *door)
{
	loop_stream_close(door->client);
	loop_stream_close(door->served);
	loop_listener_close(door->listener);
	loop_free(door->loop);
	buf_fini(&door->got);
}

#define RUN_UNTIL(door, condition)                                             \
	do {                                                                   \
		for (int turn = 0; turn < 2000 && !(condition); turn++)        \
			loop_once((door)->loop, 100);                          \
		ck_assert(condition);                                          \
	} while (0)

START_TEST(the_client_behind_a_trusted_proxy_has_its_own_address)
{
	static const char header[] = SIGNATURE "\x21\x11\x00\x14" V4 OVER_TLS;
	struct door door = { .loop = loop_new(0) };

	door_dial(&door, "127.0.0.0/8");
	/* A byte at a time, and the first of the client's own at the end. */
	for (size_t i = 0; i < sizeof header - 1; i++) {
		struct aicx_str byte = { header + i, 1 };
		(void)loop_stream_write(door.client, byte);
		loop_once(door.loop, 1);
		ck_assert_uint_eq(door.got.len, 0);
	}
	(void)loop_stream_write(door.client, STR("hello"));
	RUN_UNTIL(&door, str_is(buf_view(&door.got), "hello"));
	ck_assert_str_eq(door.address, "192.0.2.7:4711");
	ck_assert(door.proxied && door.secret);
	door_close(&door);
}
END_TEST

START_TEST(a_proxy_that_is_not_trusted_is_a_client_like_others)
{
	struct door door = { .loop = loop_new(0) };

	door_dial(&door, "10.0.0.0/8");
	(void)loop_stream_write(
	    door.client, BYTES(SIGNATURE "\x21\x11\x00\x0c" V4));
	RUN_UNTIL(&door, door.got.len == 28);
	ck_assert(str_starts(str_of(door.address), "127.0.0.1:"));
	ck_assert(!door.proxied && !door.secret);
	door_close(&door);
}
END_TEST

static void
stays_out(struct aicx_str bytes, const char *reason)
{
	struct door door = { .loop = loop_new(0) };

	door_dial(&door, "127.0.0.1");
	(void)loop_stream_write(door.client, bytes);
	RUN_UNTIL(&door, door.ended);
	ck_assert_str_eq(door.refused, reason);
	ck_assert_ptr_null(door.served);
	door_close(&door);
}

START_TEST(a_trusted_proxy_without_a_good_header_is_refused)
{
	stays_out(BYTES("GET / HTTP/1.1\r\n\r\n"), "proxy_header_missing");
	stays_out(
	    BYTES(SIGNATURE "\x21\x12\x00\x0c" V4), "proxy_header_malformed");
}
END_TEST

START_TEST(networks_that_are_none_are_refused)
{
	const struct loop_listen how = { .proxies = "10.0.0.0/99" };
	struct loop *loop = loop_new(0);
	struct aicx_listener *listener;
	struct aicx_error why;

	ck_assert_int_eq(loop_listen_as(loop, "127.0.0.1:0", &how, on_accept,
			     NULL, &listener, &why),
	    AICX_EINVAL);
	ck_assert_ptr_nonnull(strstr(why.text, "10.0.0.0/99"));
	loop_free(loop);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("proxy");
	TCase *tc = tcase_create("proxy");

	tcase_add_test(tc, a_header_names_the_client);
	tcase_add_test(tc, what_is_no_header_is_refused);
	tcase_add_test(
	    tc, the_client_behind_a_trusted_proxy_has_its_own_address);
	tcase_add_test(tc, a_proxy_that_is_not_trusted_is_a_client_like_others);
	tcase_add_test(tc, a_trusted_proxy_without_a_good_header_is_refused);
	tcase_add_test(tc, networks_that_are_none_are_refused);
	suite_add_tcase(suite, tc);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
