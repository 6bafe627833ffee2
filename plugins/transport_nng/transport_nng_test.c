/* SPDX-License-Identifier: Apache-2.0 */
/* transport_nng_test.c - the plugin as it is loaded, on a fake host, with
   clients of libnng; its threads and ours meet as in the broker. */
#include "fake_host.h"

#include <aiconexus/transport.h>
#include <check.h>
#include <nng/nng.h>
#include <nng/protocol/reqrep0/req.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TASKS_MAX = 64, WATCHES_MAX = 4, LONG_S = 30 };

#define GREETING "{\"type\":\"QUERY\",\"id\":\"c\"}"

static const struct aicx_plugin *plugin;
static struct fake *fake;
static void *settings, *state;

/* --- the loop ---------------------------------------------------------- */

struct aicx_watch {
	int fd;
	aicx_watch_fn *fn;
	void *arg;
};

static struct {
	pthread_mutex_t mutex; /* over the tasks: any thread posts */
	struct {
		aicx_task_fn *fn;
		void *arg;
	} tasks[TASKS_MAX];
	size_t n_tasks;
	struct aicx_watch watches[WATCHES_MAX];
} loop = { .mutex = PTHREAD_MUTEX_INITIALIZER };

static aicx_err
host_post(struct aicx_self *self, aicx_task_fn *fn, void *arg)
{
	(void)self;
	(void)pthread_mutex_lock(&loop.mutex);
	ck_assert_uint_lt(loop.n_tasks, TASKS_MAX);
	loop.tasks[loop.n_tasks].fn = fn;
	loop.tasks[loop.n_tasks++].arg = arg;
	(void)pthread_mutex_unlock(&loop.mutex);
	return AICX_OK;
}

static aicx_err
host_watch_fd(struct aicx_self *self, int fd, uint32_t events,
    aicx_watch_fn *fn, void *arg, struct aicx_watch **ret_watch)
{
	struct aicx_watch *watch = loop.watches;

	(void)self;
	ck_assert_uint_eq(events, AICX_READABLE);
	while (watch->fn != NULL)
		watch++;
	ck_assert(watch < loop.watches + WATCHES_MAX);
	*watch = (struct aicx_watch) { fd, fn, arg };
	*ret_watch = watch;
	return AICX_OK;
}

static void
host_watch_free(struct aicx_watch *watch)
{
	if (watch != NULL)
		watch->fn = NULL;
}

static void
run_tasks(void)
{
	aicx_task_fn *fn = NULL;
	void *arg = NULL;

	(void)pthread_mutex_lock(&loop.mutex);
	if (loop.n_tasks > 0) {
		fn = loop.tasks[0].fn;
		arg = loop.tasks[0].arg;
		memmove(loop.tasks, loop.tasks + 1,
		    --loop.n_tasks * sizeof loop.tasks[0]);
	}
	(void)pthread_mutex_unlock(&loop.mutex);
	if (fn != NULL)
		fn(arg);
}

static void
turn(void)
{
	run_tasks();
	for (size_t i = 0; i < WATCHES_MAX; i++) {
		struct pollfd one = { .fd = loop.watches[i].fd,
			.events = POLLIN };
		if (loop.watches[i].fn != NULL && poll(&one, 1, 2) > 0)
			loop.watches[i].fn(AICX_READABLE, loop.watches[i].arg);
	}
}

typedef bool until_fn(void *arg);

static void
run_until(until_fn *happened, void *arg)
{
	time_t end = time(NULL) + LONG_S;

	while (!happened(arg)) {
		ck_assert_int_lt(time(NULL), end);
		turn();
	}
}

/* --- a client ------------------------------------------------------------ */

struct client {
	nng_socket socket;
	char text[512]; /* what came last */
	bool got;
};

static void
client_open(struct client *client)
{
	char url[128];

	memset(client, 0, sizeof *client);
	(void)snprintf(
	    url, sizeof url, "%s", plugin->ops.transport->address(state));
	ck_assert_int_eq(nng_req0_open(&client->socket), 0);
	ck_assert_int_eq(nng_dial(client->socket, url, NULL, 0), 0);
}

static void
client_says(struct client *client, const char *text)
{
	client->got = false;
	ck_assert_int_eq(
	    nng_send(client->socket, (void *)text, strlen(text), 0), 0);
}

static bool
has_answer(void *arg)
{
	struct client *client = arg;
	void *bytes = NULL;
	size_t n = 0;

	if (nng_recv(client->socket, &bytes, &n,
		NNG_FLAG_ALLOC | NNG_FLAG_NONBLOCK) != 0)
		return false;
	ck_assert_uint_lt(n, sizeof client->text);
	memcpy(client->text, bytes, n);
	client->text[n] = '\0';
	nng_free(bytes, n);
	return true;
}

static bool
has_message(void *arg)
{
	(void)arg;
	return fake->n_messages > 0;
}

static bool
is_alone(void *arg)
{
	(void)arg;
	return fake->n_peers == 0;
}

/* --- the plugin ---------------------------------------------------------- */

static const struct aicx_method take = {
	.size = sizeof take, .name = "take", .permission = "", .raw_body = 1
};
static const struct aicx_method *const methods[] = { &take };

static aicx_err
open_with(const char *name, int64_t number, const char *text)
{
	struct aicx_error error = { 0 };

	if (name != NULL)
		fake_set(settings, plugin, name, number, text);
	return plugin->open(
	    &fake->table, fake_self(fake), settings, &state, &error);
}

static aicx_err
start_at(const char *address)
{
	struct aicx_error error = { 0 };

	return plugin->ops.transport->start(state, address, &error);
}

static void
setup(void)
{
	memset(loop.watches, 0, sizeof loop.watches);
	loop.n_tasks = 0;
	state = NULL;
	fake = fake_new();
	fake->table.post = host_post;
	fake->table.watch_fd = host_watch_fd;
	fake->table.watch_free = host_watch_free;
	fake->methods = methods;
	fake->n_methods = 1;
	fake->peer_greeting = GREETING;
	settings = fake_settings(plugin);
}

static void
teardown(void)
{
	if (state != NULL)
		plugin->close(state);
	for (int i = 0; i < TASKS_MAX; i++)
		run_tasks(); /* the last one frees what was shared */
	ck_assert_uint_eq(fake->n_peers, 0);
	free(settings);
	fake_free(fake);
}

START_TEST(a_client_is_greeted_heard_and_answered)
{
	struct client client;
	const struct aicx_peer *peer;

	ck_assert_int_eq(open_with(NULL, 0, NULL), AICX_OK);
	ck_assert_int_eq(start_at("tcp://127.0.0.1:0"), AICX_OK);
	client_open(&client);
	client_says(&client, "");
	run_until(has_answer, &client);
	ck_assert_str_eq(client.text, GREETING);
	client_says(&client, "{\"id\":\"q\",\"type\":\"QUERY\"}");
	run_until(has_message, NULL);
	peer = fake->peer;
	ck_assert_int_eq(
	    peer->ops->send(peer->conn,
		(struct aicx_str) { "{\"correlation_id\":\"q\"}", 22 }),
	    AICX_OK);
	run_until(has_answer, &client);
	ck_assert_str_eq(client.text, "{\"correlation_id\":\"q\"}");
	(void)nng_close(client.socket);
	run_until(is_alone, NULL);
}
END_TEST

START_TEST(two_clients_get_what_is_theirs_and_a_large_message_ends_its_own)
{
	struct client one, two;
	char large[1000];

	memset(large, 'x', sizeof large - 1);
	large[sizeof large - 1] = '\0';
	ck_assert_int_eq(open_with("max_message", 500, NULL), AICX_OK);
	ck_assert_int_eq(start_at("tcp://127.0.0.1:0"), AICX_OK);
	client_open(&one);
	client_open(&two);
	client_says(&one, "");
	run_until(has_answer, &one);
	client_says(&one, large);
	run_until(is_alone, NULL);
	ck_assert_uint_eq(fake->n_messages, 0);
	client_says(&two, "");
	run_until(has_answer, &two);
	ck_assert_str_eq(two.text, GREETING);
	(void)nng_close(one.socket);
	(void)nng_close(two.socket);
	run_until(is_alone, NULL);
}
END_TEST

START_TEST(it_closes_with_clients_that_wait)
{
	struct client client;

	ck_assert_int_eq(open_with(NULL, 0, NULL), AICX_OK);
	ck_assert_int_eq(start_at("tcp://127.0.0.1:0"), AICX_OK);
	client_open(&client);
	client_says(&client, "");
	run_until(has_answer, &client);
	plugin->drain(state);
	plugin->close(state);
	state = NULL;
	(void)nng_close(client.socket);
}
END_TEST

START_TEST(what_it_cannot_work_with_does_not_start)
{
	ck_assert_int_eq(open_with("mode", 0, "0777"), AICX_EINVAL);
	state = NULL;
	ck_assert_int_eq(open_with("mode", 0, "0600"), AICX_OK);
	ck_assert_int_eq(start_at("127.0.0.1:0"), AICX_EINVAL);
	ck_assert_int_ne(start_at("nonsense://127.0.0.1:0"), AICX_OK);
	fake->n_methods = 0;
	ck_assert_int_eq(start_at("tcp://127.0.0.1:0"), AICX_ESTATE);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("transport_nng");
	TCase *tcase = tcase_create("transport_nng");
	SRunner *runner = srunner_create(suite);
	int n_failed;

	plugin = fake_plugin(".libs/transport_nng.so");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 2 * LONG_S);
	tcase_add_test(tcase, a_client_is_greeted_heard_and_answered);
	tcase_add_test(tcase,
	    two_clients_get_what_is_theirs_and_a_large_message_ends_its_own);
	tcase_add_test(tcase, it_closes_with_clients_that_wait);
	tcase_add_test(tcase, what_it_cannot_work_with_does_not_start);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
