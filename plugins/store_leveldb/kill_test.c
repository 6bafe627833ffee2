/* SPDX-License-Identifier: Apache-2.0 */
/* kill_test.c - what was acknowledged survives kill -9: a child commits until
   it is killed, and the store is looked through. Called with the argument
   "writer" the program is that child. */
#include "level_store.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { KILLS = 20, KEYS_PER_COMMIT = 3 };

static char self_path[4096];

/* The child: commits 1, 2, 3 ... and prints each number once acknowledged. */
static int
writer(const char *path)
{
	struct aicx_error why;
	void *store;

	if (store_open(path, &store, &why) != AICX_OK) {
		fprintf(stderr, "%s\n", why.text);
		return 1;
	}
	for (uint32_t n = 1;; n++) {
		char keys[KEYS_PER_COMMIT][24], value[600];
		struct aicx_write writes[KEYS_PER_COMMIT + 1];

		/* Values long enough to make new files during the run. */
		memset(value, 'x', sizeof value);
		for (int i = 0; i < KEYS_PER_COMMIT; i++) {
			snprintf(
			    keys[i], sizeof keys[i], "%c/%010u", 'a' + i, n);
			writes[i] = (struct aicx_write) { str(keys[i]),
				{ value, sizeof value } };
		}
		writes[KEYS_PER_COMMIT] = (struct aicx_write) { str("last"),
			{ (const char *)&n, sizeof n } };
		if (commit(store, NULL, writes, KEYS_PER_COMMIT + 1,
			AICX_DURABLE, &why) != AICX_OK)
			return 1;
		if (write(STDOUT_FILENO, &n, sizeof n) != sizeof n)
			return 1;
	}
}

static pid_t
writer_start(const char *path, int *ret_fd)
{
	int fds[2];
	pid_t child;

	ck_assert_int_eq(pipe(fds), 0);
	child = fork();
	if (child == 0) {
		dup2(fds[1], STDOUT_FILENO);
		close(fds[0]);
		execl(self_path, self_path, "writer", path, (char *)NULL);
		_exit(127);
	}
	close(fds[1]);
	*ret_fd = fds[0];
	return child;
}

/* Lets the child acknowledge a few, kills it, returns the last acknowledged. */
static uint32_t
writer_kill_after(pid_t child, int fd, uint32_t n_acks)
{
	uint32_t n, acked = 0;
	int status;

	while (read(fd, &n, sizeof n) == sizeof n) {
		acked = n;
		if (acked == n_acks)
			ck_assert_int_eq(kill(child, SIGKILL), 0);
	}
	close(fd);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	return acked;
}

static int
on_last(struct aicx_str key, struct aicx_str value, void *arg)
{
	(void)key;
	ck_assert_uint_eq(value.len, sizeof(uint32_t));
	memcpy(arg, value.ptr, sizeof(uint32_t));
	return 0;
}

static int
on_count(struct aicx_str key, struct aicx_str value, void *arg)
{
	uint32_t *n = arg;
	char want[24];

	(void)value;
	snprintf(want, sizeof want, "%010u", ++*n);
	ck_assert_int_eq(memcmp(key.ptr + 2, want, 10), 0);
	return 0;
}

START_TEST(what_was_acknowledged_survives_kill_9_and_no_commit_is_halved)
{
	uint32_t total = 0;

	for (uint32_t round = 0; round < KILLS; round++) {
		char path[80], from[] = "a/", to[] = "a0";
		uint32_t acked, last = 0;
		int fd;
		pid_t child;
		struct aicx_error why;
		void *store = NULL;

		snprintf(path, sizeof path, "%s/store%u", folder, round);
		child = writer_start(path, &fd);
		acked = writer_kill_after(child, fd, 7 + 13 * round);
		ck_assert_int_eq(store_open(path, &store, &why), AICX_OK);
		ck_assert_int_eq(
		    ops->get(store, str("last"), on_last, &last, NULL),
		    AICX_OK);
		/* At most one was under way, unheard. */
		ck_assert_uint_ge(last, acked);
		ck_assert_uint_le(last, acked + 1);
		for (int i = 0; i < KEYS_PER_COMMIT; i++) {
			uint32_t n = 0;

			from[0] = to[0] = (char)('a' + i);
			ops->range(
			    store, str(from), str(to), 0, on_count, &n, NULL);
			ck_assert_uint_eq(n, last);
		}
		plugin->close(store);
		total += acked;
	}
	printf("%d kills, %u acknowledged commits, 0 lost\n", KILLS, total);
}
END_TEST

static Suite *
suite(void)
{
	Suite *all = suite_create("kill");
	TCase *tcase = store_case("kill");

	tcase_add_test(tcase,
	    what_was_acknowledged_survives_kill_9_and_no_commit_is_halved);
	suite_add_tcase(all, tcase);
	return all;
}

int
main(int argc, char **argv)
{
	ssize_t len =
	    readlink("/proc/self/exe", self_path, sizeof self_path - 1);

	if (len < 0)
		return 1;
	if (argc == 3 && strcmp(argv[1], "writer") == 0) {
		plugin_load();
		return writer(argv[2]);
	}
	return store_run(suite());
}
