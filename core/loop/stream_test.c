/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream_test.c - listeners and streams over TCP and unix sockets, both ends on
 * one loop.
 */
#include "loop/loop.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/str.h"

struct net;

/* One end of a connection and what it was told. */
struct end {
	struct net *net;
	struct aicx_stream *stream; /* NULL: closed */
	struct buf got;
	int n_connects, n_eofs, n_errors, n_drains, n_runs;
	bool echo, close_on_data, close_on_end, close_on_connect;
	struct end *victim; /* closed when data comes */
};

enum { N_SERVED = 8 };

struct net {
	struct loop *loop;
	struct aicx_listener *listener;
	struct end served[N_SERVED];
	int n_served;
	bool ignore; /* take nobody */
	bool close_at_once, close_listener;
	char address[LOOP_ADDRESS_TEXT]; /* of the last that came */
};

static void
end_close(struct end *end)
{
	loop_stream_close(end->stream);
	end->stream = NULL;
}

static void
on_data(struct aicx_str bytes, void *arg)
{
	struct end *end = arg;

	ck_assert_ptr_nonnull(end->stream);
	end->n_runs++;
	buf_str(&end->got, bytes);
	if (end->echo)
		ck_assert_int_eq(
		    loop_stream_write(end->stream, bytes), AICX_OK);
	if (end->victim != NULL && end->victim->stream != NULL)
		end_close(end->victim);
	if (end->close_on_data)
		end_close(end);
}

static void
on_end(enum aicx_stream_end why, void *arg)
{
	struct end *end = arg;

	ck_assert_ptr_nonnull(end->stream);
	if (why == AICX_STREAM_EOF)
		end->n_eofs++;
	else
		end->n_errors++;
	if (end->close_on_end)
		end_close(end);
}

static void
on_drain(void *arg)
{
	struct end *end = arg;

	ck_assert_ptr_nonnull(end->stream);
	ck_assert_uint_eq(loop_stream_queued(end->stream), 0);
	end->n_drains++;
}

static void
on_connect(void *arg)
{
	struct end *end = arg;

	end->n_connects++;
	if (end->close_on_connect)
		end_close(end);
}

static const struct aicx_stream_ops end_ops = { sizeof end_ops, on_data, on_end,
	on_drain, on_connect };

static void
on_accept(struct aicx_stream *stream, struct aicx_str address, void *arg)
{
	struct net *net = arg;
	struct end *end = &net->served[net->n_served++];

	ck_assert(str_copy(address, net->address, sizeof net->address));
	if (net->close_listener) {
		loop_listener_close(net->listener);
		net->listener = NULL;
	}
	if (net->close_at_once)
		loop_stream_close(stream);
	if (net->close_at_once || net->ignore)
		return;
	end->net = net;
	end->stream = stream;
	loop_stream_attach(stream, &end_ops, end);
}

static struct net
net_open(void)
{
	return (struct net) { .loop = loop_new(0) };
}

static void
net_listen(struct net *net, const char *address)
{
	struct aicx_error error = { 0 };

	ck_assert_msg(loop_listen(net->loop, address, on_accept, net,
			  &net->listener, &error) == AICX_OK,
	    "%s", error.text);
}

static void
net_dial(struct net *net, struct end *end)
{
	struct aicx_error error = { 0 };
	const char *address = loop_listener_address(net->listener);

	end->net = net;
	ck_assert_msg(loop_stream_connect(net->loop, address, &end_ops, end,
			  &end->stream, &error) == AICX_OK,
	    "%s", error.text);
	ck_assert_int_eq(end->n_connects, 0); /* never from inside the call */
}

static void
net_close(struct net *net)
{
	for (int i = 0; i < N_SERVED; i++) {
		if (net->served[i].stream != NULL)
			end_close(&net->served[i]);
		buf_fini(&net->served[i].got);
	}
	loop_listener_close(net->listener);
	loop_free(net->loop);
}

static void
end_fini(struct end *end)
{
	if (end->stream != NULL)
		end_close(end);
	buf_fini(&end->got);
}

#define RUN_UNTIL(net, condition)                                              \
	do {                                                                   \
		for (int turn = 0; turn < 2000 && !(condition); turn++)        \
			loop_once((net)->loop, 1000);                          \
		ck_assert(condition);                                          \
	} while (0)

static void
end_write(struct end *end, const char *text)
{
	ck_assert_int_eq(loop_stream_write(end->stream, str_of(text)), AICX_OK);
}

static bool
end_got(const struct end *end, const char *text)
{
	return str_is(buf_view(&end->got), text);
}

static void
talk_over(const char *address, const char *peer_prefix)
{
	struct net net = net_open();
	struct end client = { 0 };

	net.served[0].echo = true;
	net_listen(&net, address);
	net_dial(&net, &client);
	end_write(&client, "hello, "); /* before the connection stands */
	RUN_UNTIL(&net, client.n_connects == 1);
	end_write(&client, "world");
	RUN_UNTIL(&net, end_got(&client, "hello, world"));
	ck_assert(str_starts(str_of(net.address), peer_prefix));
	ck_assert_int_ge(client.n_drains, 1);
	ck_assert_int_eq(client.n_connects, 1);
	ck_assert_int_eq(client.n_errors + client.n_eofs, 0);
	end_fini(&client);
	RUN_UNTIL(&net, net.served[0].n_eofs == 1);
	net_close(&net);
}

START_TEST(bytes_go_both_ways_over_tcp)
{
	talk_over("127.0.0.1:0", "127.0.0.1:");
	talk_over("localhost:0", "127.0.0.1:");
}
END_TEST

START_TEST(bytes_go_both_ways_over_ipv6)
{
	struct loop *loop = loop_new(0);
	struct aicx_listener *probe;
	aicx_err err =
	    loop_listen(loop, "[::1]:0", on_accept, NULL, &probe, NULL);

	if (err == AICX_OK) {
		loop_listener_close(probe);
		talk_over("[::1]:0", "[::1]:");
	} else
		(void)printf("skipped: no IPv6 loopback\n");
	loop_free(loop);
}
END_TEST

/* A path in a fresh folder. */
static char *
unix_address(char folder[32], char address[64])
{
	(void)snprintf(folder, 32, "/tmp/aicx-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(address, 64, "unix:%s/s", folder);
	return address + strlen("unix:");
}

START_TEST(bytes_go_both_ways_over_a_unix_socket_which_is_then_removed)
{
	char folder[32], address[64];
	const char *path = unix_address(folder, address);

	talk_over(address, address);
	ck_assert_int_ne(access(path, F_OK), 0);
	(void)rmdir(folder);
}
END_TEST

START_TEST(a_unix_socket_tells_who_connects_and_a_port_does_not)
{
	char folder[32], address[64];
	const char *const addresses[] = { address, "127.0.0.1:0" };

	(void)unix_address(folder, address);
	for (int i = 0; i < 2; i++) {
		struct net net = net_open();
		struct end client = { 0 };
		struct aicx_stream_peer peer = { sizeof peer, 1, 1, 0 };

		net_listen(&net, addresses[i]);
		net_dial(&net, &client);
		RUN_UNTIL(&net, net.n_served == 1);
		ck_assert_int_eq(loop_stream_peer(net.served[0].stream, &peer),
		    i == 0 ? AICX_OK : AICX_ESTATE);
		ck_assert_uint_eq(peer.uid, i == 0 ? geteuid() : 1);
		ck_assert_uint_eq(peer.gid, i == 0 ? getegid() : 1);
		ck_assert_int_eq(peer.ours, i == 0);
		end_fini(&client);
		RUN_UNTIL(&net, net.served[0].n_eofs == 1);
		net_close(&net);
	}
	(void)rmdir(folder);
}
END_TEST

START_TEST(a_refused_connection_ends_in_one_error)
{
	struct net net = net_open();
	struct end client = { 0 };
	char address[LOOP_ADDRESS_TEXT];

	net_listen(&net, "127.0.0.1:0");
	ck_assert(str_copy(str_of(loop_listener_address(net.listener)), address,
	    sizeof address));
	loop_listener_close(net.listener);
	net.listener = NULL;
	ck_assert_int_eq(loop_stream_connect(net.loop, address, &end_ops,
			     &client, &client.stream, NULL),
	    AICX_OK);
	end_write(&client, "lost");
	RUN_UNTIL(&net, client.n_errors == 1);
	loop_once(net.loop, 0);
	ck_assert_int_eq(client.n_errors, 1);
	ck_assert_int_eq(client.n_connects + client.n_eofs, 0);
	ck_assert_int_eq(
	    loop_stream_write(client.stream, STR("more")), AICX_EIO);
	ck_assert_uint_eq(loop_stream_queued(client.stream), 0);
	end_fini(&client);
	net_close(&net);
}
END_TEST

START_TEST(after_their_end_of_file_we_may_still_answer)
{
	struct net net = net_open();
	struct end client = { 0 };
	struct end *server = &net.served[0];

	net_listen(&net, "127.0.0.1:0");
	net_dial(&net, &client);
	end_write(&client, "question");
	loop_stream_shutdown(client.stream);
	loop_stream_shutdown(client.stream);
	ck_assert_int_eq(
	    loop_stream_write(client.stream, STR("more")), AICX_ESTATE);
	RUN_UNTIL(&net, server->n_eofs == 1);
	ck_assert(end_got(server, "question"));
	end_write(server, "answer");
	loop_stream_shutdown(server->stream);
	RUN_UNTIL(&net, client.n_eofs == 1);
	ck_assert(end_got(&client, "answer"));
	loop_once(net.loop, 0);
	ck_assert_int_eq(server->n_eofs, 1); /* once */
	ck_assert_int_eq(client.n_errors + server->n_errors, 0);
	end_fini(&client);
	net_close(&net);
}
END_TEST

/* Queues more than the system takes; returns how much. */
static size_t
write_much(struct end *end)
{
	static char block[100000];
	size_t n = 0;

	memset(block, 'x', sizeof block);
	for (int i = 0; i < 200; i++) {
		struct aicx_str bytes = { block, sizeof block };
		ck_assert_int_eq(
		    loop_stream_write(end->stream, bytes), AICX_OK);
		n += sizeof block;
	}
	return n;
}

START_TEST(a_paused_reader_holds_the_writer_back_and_loses_nothing)
{
	struct net net = net_open();
	struct end client = { 0 };
	struct end *server = &net.served[0];

	net_listen(&net, "127.0.0.1:0");
	net_dial(&net, &client);
	RUN_UNTIL(&net, server->stream != NULL);
	loop_stream_pause(server->stream, true);
	size_t n = write_much(&client);
	for (int i = 0; i < 50; i++)
		loop_once(net.loop, 1);
	ck_assert_uint_gt(loop_stream_queued(client.stream), 0);
	ck_assert_int_eq(server->n_runs, 0);
	ck_assert_int_eq(client.n_drains, 0);
	loop_stream_pause(server->stream, false);
	RUN_UNTIL(&net, server->got.len == n);
	RUN_UNTIL(&net, client.n_drains == 1);
	ck_assert_uint_eq(loop_stream_queued(client.stream), 0);
	end_fini(&client);
	net_close(&net);
}
END_TEST

START_TEST(a_shutdown_waits_for_what_is_queued)
{
	struct net net = net_open();
	struct end client = { 0 };
	struct end *server = &net.served[0];

	net_listen(&net, "127.0.0.1:0");
	net_dial(&net, &client);
	size_t n = write_much(&client);
	loop_stream_shutdown(client.stream);
	RUN_UNTIL(&net, server->n_eofs == 1);
	ck_assert_uint_eq(server->got.len, n);
	end_fini(&client);
	net_close(&net);
}
END_TEST

START_TEST(a_stream_takes_no_more_than_its_limit)
{
	struct net net = net_open();
	struct end client = { 0 };
	size_t n_bytes = LOOP_STREAM_QUEUE_MAX;
	char *bytes = calloc(1, n_bytes);

	net_listen(&net, "127.0.0.1:0");
	net_dial(&net, &client);
	end_write(&client, "x");
	ck_assert_int_eq(loop_stream_write(client.stream,
			     (struct aicx_str) { bytes, n_bytes }),
	    AICX_ELIMIT);
	ck_assert_uint_eq(loop_stream_queued(client.stream), 1);
	ck_assert_int_eq(loop_stream_write(client.stream,
			     (struct aicx_str) { bytes, n_bytes - 1 }),
	    AICX_OK);
	ck_assert_int_eq(
	    loop_stream_write(client.stream, STR("x")), AICX_ELIMIT);
	free(bytes);
	end_fini(&client);
	net_close(&net);
}
END_TEST

START_TEST(writes_of_one_turn_leave_together)
{
	struct net net = net_open();
	struct end client = { 0 };
	struct end *server = &net.served[0];

	net_listen(&net, "127.0.0.1:0");
	net_dial(&net, &client);
	RUN_UNTIL(&net, client.n_connects == 1 && server->stream != NULL);
	for (int i = 0; i < 1000; i++)
		end_write(&client, "0123456789");
	ck_assert_uint_eq(loop_stream_queued(client.stream), 10000);
	RUN_UNTIL(&net, server->got.len == 10000);
	ck_assert_int_eq(server->n_runs, 1);
	ck_assert_int_eq(client.n_drains, 1);
	end_fini(&client);
	net_close(&net);
}
END_TEST

START_TEST(a_reset_is_told_as_an_error_once)
{
	struct net net = net_open();
	struct end client = { 0 };
	struct end *server = &net.served[0];

	net_listen(&net, "127.0.0.1:0");
	net_dial(&net, &client);
	RUN_UNTIL(&net, server->stream != NULL && client.n_connects == 1);
	end_write(&client, "unread");
	loop_stream_pause(server->stream, true);
	for (int i = 0; i < 5; i++)
		loop_once(net.loop, 1);
	end_close(server); /* with bytes unread: the system resets */
	RUN_UNTIL(&net, client.n_errors == 1);
	for (int i = 0; i < 3; i++)
		loop_once(net.loop, 1);
	ck_assert_int_eq(client.n_errors, 1);
	end_fini(&client);
	net_close(&net);
}
END_TEST

START_TEST(writing_to_one_who_left_is_an_error_and_no_signal)
{
	struct net net = net_open();
	struct end client = { 0 };
	struct end *server = &net.served[0];

	net_listen(&net, "127.0.0.1:0");
	net_dial(&net, &client);
	RUN_UNTIL(&net, server->stream != NULL && client.n_connects == 1);
	end_fini(&client);
	RUN_UNTIL(&net, server->n_eofs == 1);
	for (int i = 0; i < 100 && server->n_errors == 0; i++) {
		end_write(server, "anyone?");
		loop_once(net.loop, 1);
	}
	ck_assert_int_eq(server->n_errors, 1);
	ck_assert_int_eq(loop_stream_write(server->stream, STR("x")), AICX_EIO);
	loop_stream_shutdown(server->stream); /* legal, does nothing */
	net_close(&net);
}
END_TEST

START_TEST(a_close_tries_once_what_is_queued)
{
	struct net net = net_open();
	struct end client = { 0 };
	struct end *server = &net.served[0];

	net_listen(&net, "127.0.0.1:0");
	net_dial(&net, &client);
	RUN_UNTIL(&net, client.n_connects == 1);
	end_write(&client, "farewell");
	end_fini(&client);
	RUN_UNTIL(&net, server->n_eofs == 1);
	ck_assert(end_got(server, "farewell"));
	net_close(&net);
}
END_TEST

START_TEST(a_stream_may_be_closed_in_each_of_its_callbacks)
{
	struct net net = net_open();
	struct end clients[3] = { { .close_on_connect = true },
		{ .close_on_data = true }, { .close_on_end = true } };

	net_listen(&net, "127.0.0.1:0");
	for (int i = 0; i < 3; i++)
		net.served[i].echo = true;
	net_dial(&net, &clients[0]);
	RUN_UNTIL(&net, clients[0].n_connects == 1);
	ck_assert_ptr_null(clients[0].stream);
	RUN_UNTIL(&net, net.served[0].n_eofs == 1);
	net_dial(&net, &clients[1]);
	end_write(&clients[1], "x");
	RUN_UNTIL(&net, clients[1].n_runs == 1);
	ck_assert_ptr_null(clients[1].stream);
	net_dial(&net, &clients[2]);
	end_write(&clients[2], "x");
	RUN_UNTIL(&net, clients[2].n_runs == 1);
	end_close(&net.served[2]);
	RUN_UNTIL(&net, clients[2].n_eofs == 1);
	ck_assert_ptr_null(clients[2].stream);
	for (int i = 0; i < 3; i++)
		end_fini(&clients[i]);
	net_close(&net);
}
END_TEST

START_TEST(a_stream_may_close_another_that_is_ready_or_has_bytes_queued)
{
	struct net net = net_open();
	struct end clients[2] = { { 0 } };

	net_listen(&net, "127.0.0.1:0");
	for (int i = 0; i < 2; i++)
		net_dial(&net, &clients[i]);
	RUN_UNTIL(&net,
	    net.n_served == 2 && clients[0].n_connects == 1 &&
		clients[1].n_connects == 1);
	net.served[0].victim = &net.served[1];
	net.served[1].victim = &net.served[0];
	end_write(&net.served[0], "mine");
	end_write(&net.served[1], "yours");
	end_write(&clients[0], "x");
	end_write(&clients[1], "y");
	loop_once(net.loop, 1000); /* all four are written ... */
	RUN_UNTIL(&net,
	    clients[0].n_eofs + clients[1].n_eofs > 0 ||
		clients[0].n_errors + clients[1].n_errors > 0);
	/* ... both servers were ready, and the first closed the other. */
	ck_assert_int_eq(net.served[0].n_runs + net.served[1].n_runs, 1);
	for (int i = 0; i < 2; i++)
		end_fini(&clients[i]);
	net_close(&net);
}
END_TEST

START_TEST(a_closed_descriptor_number_can_be_used_again_in_the_same_turn)
{
	struct net net = net_open();
	struct end first = { 0 }, second = { 0 };

	net_listen(&net, "127.0.0.1:0");
	for (int i = 0; i < N_SERVED; i++)
		net.served[i].echo = true;
	net_dial(&net, &first);
	RUN_UNTIL(&net, first.n_connects == 1);
	end_close(&first);
	net_dial(&net, &second); /* gets the number that was just closed */
	end_write(&second, "again");
	RUN_UNTIL(&net, end_got(&second, "again"));
	end_fini(&first);
	end_fini(&second);
	net_close(&net);
}
END_TEST

START_TEST(who_is_not_taken_is_closed)
{
	struct net net = net_open();
	struct end clients[2] = { { 0 } };

	net_listen(&net, "127.0.0.1:0");
	net.ignore = true;
	net_dial(&net, &clients[0]);
	RUN_UNTIL(&net, clients[0].n_eofs == 1);
	net.close_at_once = true;
	net_dial(&net, &clients[1]);
	RUN_UNTIL(&net, clients[1].n_eofs == 1);
	for (int i = 0; i < 2; i++)
		end_fini(&clients[i]);
	net_close(&net);
}
END_TEST

START_TEST(a_listener_may_close_itself_while_accepting)
{
	struct net net = net_open();
	struct end clients[2] = { { 0 } };

	net_listen(&net, "127.0.0.1:0");
	net.close_listener = true;
	net_dial(&net, &clients[0]);
	net_dial(&net, &clients[1]);
	RUN_UNTIL(&net,
	    clients[1].n_errors + clients[1].n_eofs > 0 ||
		clients[0].n_errors + clients[0].n_eofs > 0);
	ck_assert_int_eq(net.n_served, 1);
	for (int i = 0; i < 2; i++)
		end_fini(&clients[i]);
	net_close(&net);
}
END_TEST

START_TEST(without_descriptors_accepting_rests_and_goes_on_later)
{
	struct net net = net_open();
	struct end client = { 0 }, later = { 0 };
	struct rlimit old, low;

	net_listen(&net, "127.0.0.1:0");
	net_dial(&net, &client);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &old), 0);
	low = old;
	low.rlim_cur = 3; /* below those that are open */
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &low), 0);
	for (int i = 0; i < 5; i++)
		loop_once(net.loop, 1);
	ck_assert_int_eq(net.n_served, 0);
	int64_t before_us = loop_now_us(net.loop);
	loop_once(net.loop, 10); /* does not spin */
	ck_assert_int_ge(loop_now_us(net.loop) - before_us, 5000);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &old), 0);
	net_dial(&net, &later); /* valgrind loses those accepted in vain */
	RUN_UNTIL(&net, net.n_served >= 1);
	end_fini(&client);
	end_fini(&later);
	net_close(&net);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = { bytes_go_both_ways_over_tcp,
		bytes_go_both_ways_over_ipv6,
		bytes_go_both_ways_over_a_unix_socket_which_is_then_removed,
		a_unix_socket_tells_who_connects_and_a_port_does_not,
		a_refused_connection_ends_in_one_error,
		after_their_end_of_file_we_may_still_answer,
		a_paused_reader_holds_the_writer_back_and_loses_nothing,
		a_shutdown_waits_for_what_is_queued,
		a_stream_takes_no_more_than_its_limit,
		writes_of_one_turn_leave_together,
		a_reset_is_told_as_an_error_once,
		writing_to_one_who_left_is_an_error_and_no_signal,
		a_close_tries_once_what_is_queued,
		a_stream_may_be_closed_in_each_of_its_callbacks,
		a_stream_may_close_another_that_is_ready_or_has_bytes_queued,
		a_closed_descriptor_number_can_be_used_again_in_the_same_turn,
		who_is_not_taken_is_closed,
		a_listener_may_close_itself_while_accepting,
		without_descriptors_accepting_rests_and_goes_on_later };
	Suite *suite = suite_create("stream");
	TCase *tcase = tcase_create("stream");

	tcase_set_timeout(tcase, 60); /* for valgrind */
	for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed == 0 ? 0 : 1;
}
