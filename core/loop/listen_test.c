/* SPDX-License-Identifier: Apache-2.0 */
/* listen_test.c - addresses, and sockets that are or are not to be had. */
#include "loop/loop.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static void
on_accept(struct aicx_stream *stream, struct aicx_str address, void *arg)
{
	(void)stream;
	(void)address;
	(void)arg;
}

static const struct aicx_stream_ops no_ops = { sizeof no_ops };

static struct aicx_listener *
must_listen(struct loop *loop, const char *address)
{
	struct aicx_listener *listener = NULL;
	struct aicx_error error = { 0 };

	ck_assert_msg(loop_listen(loop, address, on_accept, NULL, &listener,
			  &error) == AICX_OK,
	    "%s", error.text);
	return listener;
}

/* A path in a fresh folder. */
static char *
unix_address(char folder[32], char address[64])
{
	(void)snprintf(folder, 32, "/tmp/aicx-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(address, 64, "unix:%s/s", folder);
	return address + strlen("unix:");
}

START_TEST(a_unix_socket_has_mode_0660_whatever_the_umask)
{
	char folder[32], address[64];
	const char *path = unix_address(folder, address);
	struct loop *loop = loop_new(0);
	struct aicx_listener *listener;
	struct stat at;
	mode_t old = umask(0077);

	listener = must_listen(loop, address);
	(void)umask(old);
	ck_assert_int_eq(stat(path, &at), 0);
	ck_assert_int_eq(at.st_mode & 0777, 0660);
	loop_listener_close(listener);
	loop_free(loop);
	(void)rmdir(folder);
}
END_TEST

START_TEST(a_stale_unix_socket_is_replaced_a_live_one_and_a_file_are_not)
{
	char folder[32], address[64];
	const char *path = unix_address(folder, address);
	struct sockaddr_un stale = { .sun_family = AF_UNIX };
	struct loop *loop = loop_new(0);
	struct aicx_listener *listener;
	struct aicx_listener *second;
	struct aicx_error error;

	(void)snprintf(stale.sun_path, sizeof stale.sun_path, "%s", path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&stale, sizeof stale), 0);
	(void)close(fd); /* and the file stays */
	listener = must_listen(loop, address);
	ck_assert_int_eq(
	    loop_listen(loop, address, on_accept, NULL, &second, &error),
	    AICX_EEXIST);
	ck_assert_ptr_nonnull(strstr(error.text, address));
	loop_listener_close(listener);
	fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	(void)close(fd);
	ck_assert_int_eq(
	    loop_listen(loop, address, on_accept, NULL, &listener, &error),
	    AICX_EEXIST);
	ck_assert_int_eq(unlink(path), 0); /* nobody touched it */
	loop_free(loop);
	(void)rmdir(folder);
}
END_TEST

START_TEST(a_taken_port_is_refused_by_name)
{
	struct loop *loop = loop_new(0);
	struct aicx_listener *listener;
	struct aicx_listener *second = NULL;
	struct aicx_error error;
	char expected[224];

	listener = must_listen(loop, "127.0.0.1:0");
	const char *taken = loop_listener_address(listener);
	ck_assert_int_eq(
	    loop_listen(loop, taken, on_accept, NULL, &second, &error),
	    AICX_EEXIST);
	(void)snprintf(expected, sizeof expected,
	    "cannot listen on \"%s\": Address already in use", taken);
	ck_assert_str_eq(error.text, expected);
	ck_assert_ptr_null(second);
	loop_listener_close(listener);
	loop_free(loop);
}
END_TEST

START_TEST(addresses_that_make_no_sense_are_refused)
{
	static const char *const wrong[] = { "", "8700", ":8700", "127.0.0.1",
		"127.0.0.1:", "127.0.0.1:70000", "127.0.0.1:-1", "127.0.0.1:+1",
		"127.0.0.1: 1", "127.0.0.1:1x", "1.2.3:1", "::1:80", "[::1]",
		"[::1]:", "[]:1", "[127.0.0.1]:1", "[::1:80", "example.org:80",
		"unix:", NULL };
	char deep[200] = "unix:/";
	struct loop *loop = loop_new(0);
	struct aicx_listener *listener;
	struct aicx_stream *stream;
	struct aicx_error error;

	memset(deep + 6, 'x', sizeof deep - 7);
	for (int i = 0; wrong[i] != NULL; i++) {
		ck_assert_int_eq(loop_listen(loop, wrong[i], on_accept, NULL,
				     &listener, &error),
		    AICX_EINVAL);
		char quoted[80];
		(void)snprintf(quoted, sizeof quoted, "\"%s\"", wrong[i]);
		ck_assert_ptr_nonnull(strstr(error.text, quoted));
		ck_assert_int_eq(loop_stream_connect(loop, wrong[i], &no_ops,
				     NULL, &stream, NULL),
		    AICX_EINVAL);
	}
	ck_assert_int_eq(
	    loop_listen(loop, deep, on_accept, NULL, &listener, &error),
	    AICX_EINVAL);
	loop_free(loop);
}
END_TEST

START_TEST(a_unix_socket_that_is_not_there_is_refused_at_once)
{
	struct loop *loop = loop_new(0);
	struct aicx_stream *stream = NULL;
	struct aicx_error error;

	ck_assert_int_eq(loop_stream_connect(loop, "unix:/nowhere/s", &no_ops,
			     NULL, &stream, &error),
	    AICX_ENOTFOUND);
	ck_assert_str_eq(error.text,
	    "cannot connect to \"unix:/nowhere/s\": No such file or directory");
	ck_assert_ptr_null(stream);
	loop_free(loop);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		a_unix_socket_has_mode_0660_whatever_the_umask,
		a_stale_unix_socket_is_replaced_a_live_one_and_a_file_are_not,
		a_taken_port_is_refused_by_name,
		addresses_that_make_no_sense_are_refused,
		a_unix_socket_that_is_not_there_is_refused_at_once
	};
	Suite *suite = suite_create("listen");
	TCase *tcase = tcase_create("listen");

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
