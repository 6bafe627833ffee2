/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_sockets_test.c - transport_http and gateway_rest as built, loaded as the
 * broker loads them, over real sockets; both ends on one loop.
 *
 * The rules stand in the plugins' own tests; here is what only sockets show:
 * packets, half-closed connections, time, and clients beside each other.
 */
#include <aiconexus/transport.h>
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/str.h"
#include "module/module.h"

#define HELLO "GET /v1/things/7?a=b HTTP/1.1\r\nHost: a\r\n\r\n"
#define ANSWER "{\"id\":\"7\",\"a\":\"b\"}"

/* --- a broker that answers with what it was asked --- */

struct aicx_peer {
	const struct aicx_peer_ops *ops;
	void *conn;
};

struct site {
	char dir[32];
	struct loop *loop;
	struct conf *conf;
	struct modules *modules;
	struct module *transport;
	struct aicx_peer peers[8];
	size_t n_peers, n_gone;
	char address[64];
};

static const struct aicx_method methods[] = {
	{ .size = sizeof *methods,
	    .name = "thing.get",
	    .rest = "GET /v1/things/{id}",
	    .success = 200 },
	{ .size = sizeof *methods,
	    .name = "thing.put",
	    .rest = "POST /v1/things",
	    .success = 201 },
};

static const struct aicx_method *const *
port_methods(void *arg, size_t *ret_n)
{
	static const struct aicx_method *const list[] = { &methods[0],
		&methods[1] };

	(void)arg;
	*ret_n = 2;
	return list;
}

static void
port_call(void *arg, const struct aicx_call *call, aicx_answer_fn *done,
    void *done_arg, struct aicx_ticket **ret_ticket)
{
	const struct aicx_answer answer = {
		.size = sizeof answer,
		.status = call->method->success,
		.retry_after_ms = -1,
		.content_type = STR("application/json"),
		.body = call->params,
		.correlation = STR("req-1"),
	};

	(void)arg;
	*ret_ticket = NULL;
	done(&answer, done_arg);
}

static aicx_err
port_peer_new(void *arg, const struct aicx_peer_ops *ops, void *conn,
    const struct aicx_peer_info *info, struct aicx_peer **ret_peer,
    struct aicx_error *reterr)
{
	struct site *site = arg;
	struct aicx_peer *peer = &site->peers[site->n_peers++];

	(void)info, (void)reterr;
	*peer = (struct aicx_peer) { ops, conn };
	*ret_peer = peer;
	return AICX_OK;
}

static void
port_deliver(struct aicx_peer *peer, struct aicx_str message)
{
	ck_assert_int_eq(peer->ops->send(peer->conn, message), AICX_OK);
}

static void
port_peer_free(struct aicx_peer *peer)
{
	peer->ops = NULL;
}

static void
port_call_cancel(struct aicx_ticket *ticket)
{
	(void)ticket;
}

static int64_t
port_wall_ms(void *arg)
{
	const struct site *site = arg;

	return loop_wall_ms(site->loop);
}

static void
port_count(void *arg, const char *instance, const char *metric, int64_t delta)
{
	(void)arg, (void)instance, (void)metric, (void)delta;
}

/* --- the site --- */

static void
write_conf(const struct site *site, const char *options)
{
	char path[64];
	FILE *file;

	(void)snprintf(path, sizeof path, "%s/10-a.conf", site->dir);
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_gt(
	    fprintf(file,
		"[gateway rest \"rest\"]\n"
		"[transport http \"http\"]\nlisten = 127.0.0.1:0\n%s",
		options),
	    0);
	ck_assert_int_eq(fclose(file), 0);
}

static void
site_open(struct site *site, const char *options)
{
	struct aicx_error error = { 0 };
	const struct aicx_transport_ops *ops;
	struct module_ports ports = {
		.peer_new = port_peer_new,
		.deliver = port_deliver,
		.peer_free = port_peer_free,
		.methods = port_methods,
		.call = port_call,
		.call_cancel = port_call_cancel,
		.wall_ms = port_wall_ms,
		.count = port_count,
		.arg = site,
	};

	*site = (struct site) { .dir = "/tmp/http-XXXXXX" };
	ck_assert_ptr_nonnull(mkdtemp(site->dir));
	write_conf(site, options);
	site->loop = loop_new(0);
	ck_assert_msg(conf_read(site->dir, &site->conf, &error) == AICX_OK &&
		modules_load(site->conf, ".libs", site->loop, NULL, &ports,
		    &site->modules, &error) == AICX_OK &&
		modules_open(site->modules, &error) == AICX_OK,
	    "%s", error.text);
	site->transport = modules_find(site->modules, AICX_TRANSPORT, NULL);
	ops = module_ops(site->transport);
	ck_assert_int_eq(
	    ops->start(module_state(site->transport), NULL, &error), AICX_OK);
	(void)snprintf(site->address, sizeof site->address, "%s",
	    ops->address(module_state(site->transport)));
}

static void
site_close(struct site *site)
{
	char path[64];

	modules_free(site->modules);
	conf_free(site->conf);
	loop_free(site->loop);
	(void)snprintf(path, sizeof path, "%s/10-a.conf", site->dir);
	(void)unlink(path);
	(void)rmdir(site->dir);
}

/* --- clients --- */

struct client {
	struct site *site;
	struct aicx_stream *stream;
	struct buf got;
	bool eof;
};

static void
on_data(struct aicx_str bytes, void *arg)
{
	struct client *client = arg;

	buf_str(&client->got, bytes);
}

static void
on_end(enum aicx_stream_end end, void *arg)
{
	struct client *client = arg;

	(void)end;
	client->eof = true;
}

static void
client_open(struct client *client, struct site *site)
{
	static const struct aicx_stream_ops ops = {
		.size = sizeof ops,
		.on_data = on_data,
		.on_end = on_end,
	};

	*client = (struct client) { .site = site };
	ck_assert_int_eq(loop_stream_connect(site->loop, site->address, &ops,
			     client, &client->stream, NULL),
	    AICX_OK);
}

static void
client_close(struct client *client)
{
	loop_stream_close(client->stream);
	buf_fini(&client->got);
}

static void
client_send(struct client *client, const void *bytes, size_t n_bytes)
{
	ck_assert_int_eq(loop_stream_write(client->stream,
			     (struct aicx_str) { bytes, n_bytes }),
	    AICX_OK);
}

static void
client_say(struct client *client, const char *text)
{
	client_send(client, text, strlen(text));
}

static size_t
count(struct client *client, const char *text)
{
	size_t n = 0;

	for (const char *at = buf_cstr(&client->got);
	     (at = strstr(at, text)) != NULL; at++)
		n++;
	return n;
}

/* Runs the loop until the text came n times. */
static void
await(struct client *client, const char *text, size_t n)
{
	int64_t until_ms = loop_now_ms(client->site->loop) + 3000;

	while (count(client, text) < n) {
		ck_assert_msg(loop_now_ms(client->site->loop) < until_ms,
		    "no \"%s\" in: %s", text, buf_cstr(&client->got));
		loop_once(client->site->loop, 20);
	}
}

static void
await_eof(struct client *client)
{
	int64_t until_ms = loop_now_ms(client->site->loop) + 3000;

	while (!client->eof) {
		ck_assert_int_lt(loop_now_ms(client->site->loop), until_ms);
		loop_once(client->site->loop, 20);
	}
}

/* --- tests --- */

START_TEST(a_request_becomes_a_call_and_its_answer_comes_back)
{
	struct site site;
	struct client client;

	site_open(&site, "");
	client_open(&client, &site);
	client_say(&client, HELLO);
	await(&client, ANSWER, 1);
	ck_assert_uint_eq(count(&client, "HTTP/1.1 200 OK\r\n"), 1);
	ck_assert_uint_eq(count(&client, "X-Request-Id: req-1\r\n"), 1);
	client_say(&client, "DELETE /v1/things HTTP/1.1\r\nHost: a\r\n\r\n");
	await(&client, "Allow: POST, OPTIONS\r\n", 1);
	client_close(&client);
	site_close(&site);
}
END_TEST

START_TEST(a_head_byte_by_byte_delays_nobody)
{
	struct site site;
	struct client slow;
	struct client others[20];

	site_open(&site, "");
	client_open(&slow, &site);
	for (size_t i = 0; i < strlen(HELLO); i++) {
		client_say(&slow, (const char[]) { HELLO[i], '\0' });
		loop_once(site.loop, 0);
		if (i != 20)
			continue;
		for (size_t j = 0; j < 20; j++)
			client_open(&others[j], &site);
		for (size_t j = 0; j < 20; j++)
			client_say(&others[j], HELLO);
		for (size_t j = 0; j < 20; j++)
			await(&others[j], ANSWER, 1);
	}
	await(&slow, ANSWER, 1);
	for (size_t j = 0; j < 20; j++)
		client_close(&others[j]);
	client_close(&slow);
	site_close(&site);
}
END_TEST

START_TEST(a_thousand_pipelined_requests_are_answered)
{
	struct site site;
	struct client client;

	site_open(&site, "max_queue = 4k\n");
	client_open(&client, &site);
	for (size_t i = 0; i < 1000; i++)
		client_say(&client, HELLO);
	await(&client, ANSWER, 1000);
	ck_assert(!client.eof);
	client_close(&client);
	site_close(&site);
}
END_TEST

START_TEST(a_half_closed_client_gets_its_answers)
{
	struct site site;
	struct client client;

	site_open(&site, "");
	client_open(&client, &site);
	client_say(&client, HELLO HELLO);
	loop_stream_shutdown(client.stream);
	await_eof(&client);
	ck_assert_uint_eq(count(&client, ANSWER), 2);
	client_close(&client);
	site_close(&site);
}
END_TEST

START_TEST(a_smuggled_request_is_never_answered)
{
	struct site site;
	struct client client;

	site_open(&site, "");
	client_open(&client, &site);
	client_say(&client,
	    "POST /v1/things HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" HELLO);
	await_eof(&client);
	ck_assert_uint_eq(count(&client, "HTTP/1.1 "), 1);
	ck_assert_uint_eq(count(&client, "HTTP/1.1 400 "), 1);
	client_close(&client);
	site_close(&site);
}
END_TEST

START_TEST(the_answer_to_too_long_a_body_is_not_lost_to_a_reset)
{
	static char block[100000];
	struct site site;
	struct client client;

	site_open(&site, "close_timeout = 200ms\n");
	client_open(&client, &site);
	client_say(&client,
	    "POST /v1/things HTTP/1.1\r\nHost: a\r\n"
	    "Content-Length: 10000000\r\n\r\n");
	for (size_t i = 0; i < 100; i++)
		client_send(&client, block, sizeof block);
	await_eof(&client);
	ck_assert_uint_eq(count(&client, "HTTP/1.1 413 "), 1);
	client_close(&client);
	site_close(&site);
}
END_TEST

START_TEST(who_is_too_slow_is_told_so)
{
	struct site site;
	struct client head;
	struct client idle;

	site_open(&site,
	    "header_timeout = 100ms\nidle_timeout = 200ms\n"
	    "close_timeout = 50ms\n");
	client_open(&head, &site);
	client_open(&idle, &site);
	client_say(&head, "GET / HTTP/1.1\r\nHo");
	await_eof(&head);
	ck_assert_uint_eq(count(&head, "HTTP/1.1 408 "), 1);
	await_eof(&idle);
	ck_assert_uint_eq(idle.got.len, 0);
	client_close(&head);
	client_close(&idle);
	site_close(&site);
}
END_TEST

START_TEST(a_websocket_carries_messages_both_ways)
{
	struct site site;
	struct client client;

	site_open(&site, "");
	client_open(&client, &site);
	client_say(&client,
	    "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
	    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
	    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
	client_send(&client, "\x81\x82\0\0\0\0hi", 8);
	await(&client, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n\x81\x02hi", 1);
	ck_assert_uint_eq(site.n_peers, 1);
	client_send(&client, "\x88\x82\0\0\0\0\x03\xe8", 8);
	await(&client, "\x88\x02\x03\xe8", 1);
	await_eof(&client);
	ck_assert_ptr_null(site.peers[0].ops);
	client_close(&client);
	site_close(&site);
}
END_TEST

START_TEST(draining_closes_the_door_and_says_goodbye)
{
	struct site site;
	struct client idle;
	struct client late;

	site_open(&site, "");
	client_open(&idle, &site);
	client_say(&idle, HELLO);
	await(&idle, ANSWER, 1);
	modules_drain(site.modules);
	await_eof(&idle);
	client_open(&late, &site);
	await_eof(&late);
	ck_assert_uint_eq(late.got.len, 0);
	client_close(&idle);
	client_close(&late);
	site_close(&site);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("http over sockets");
	TCase *tcase = tcase_create("http over sockets");
	SRunner *runner = srunner_create(suite);
	int n_failed;

	tcase_set_timeout(tcase, 20);
	tcase_add_test(
	    tcase, a_request_becomes_a_call_and_its_answer_comes_back);
	tcase_add_test(tcase, a_head_byte_by_byte_delays_nobody);
	tcase_add_test(tcase, a_thousand_pipelined_requests_are_answered);
	tcase_add_test(tcase, a_half_closed_client_gets_its_answers);
	tcase_add_test(tcase, a_smuggled_request_is_never_answered);
	tcase_add_test(
	    tcase, the_answer_to_too_long_a_body_is_not_lost_to_a_reset);
	tcase_add_test(tcase, who_is_too_slow_is_told_so);
	tcase_add_test(tcase, a_websocket_carries_messages_both_ways);
	tcase_add_test(tcase, draining_closes_the_door_and_says_goodbye);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
