/* SPDX-License-Identifier: Apache-2.0 */
/* level_store.c - a store in a folder of its own, for the tests of
 * store_leveldb. */
#include "level_store.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

const struct aicx_plugin *plugin;
const struct aicx_store_ops *ops;
char folder[64];
int n_thrown_away, n_cut;

static int64_t
host_now_ms(struct aicx_self *self)
{
	struct timespec now;

	(void)self;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
host_log(struct aicx_self *self, enum aicx_level level, const char *event,
    const char *text)
{
	(void)self, (void)text;
	if (strcmp(event, "store.taken_over") == 0) {
		ck_assert_int_eq(level, AICX_INFO);
		return;
	}
	ck_assert_int_eq(level, AICX_WARN);
	n_cut += strcmp(event, "store.end_cut") == 0;
	n_thrown_away += strcmp(event, "derived.thrown_away") == 0;
}

const struct aicx_host host = {
	.size = sizeof host,
	.abi_major = AICX_ABI_MAJOR,
	.abi_minor = AICX_ABI_MINOR,
	.now_ms = host_now_ms,
	.log = host_log,
};

void
plugin_load(void)
{
	void *handle = dlopen(".libs/store_leveldb.so", RTLD_NOW | RTLD_LOCAL);

	if (handle == NULL) {
		fprintf(stderr, "%s\n", dlerror());
		exit(1);
	}
	plugin = dlsym(handle, "aicx_plugin");
	ops = plugin->ops.store;
}

int
on_path(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st, (void)flag, (void)ftw;
	return remove(path);
}

static void
folder_make(void)
{
	strcpy(folder, "/tmp/store_leveldb_XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

void
folder_remove(void)
{
	nftw(folder, on_path, 8, FTW_DEPTH | FTW_PHYS);
}

aicx_err
store_open(const char *path, void **ret_store, struct aicx_error *reterr)
{
	struct settings settings = { path, 1, 64 << 10, 64 << 10, 74, 0, "/tmp",
		0, 256 << 10 };

	return plugin->open(&host, NULL, &settings, ret_store, reterr);
}

int
see_nothing(struct aicx_str key, struct aicx_str value, void *arg)
{
	(void)key, (void)value, (void)arg;
	return 0;
}

void *
store_in_folder(void)
{
	struct aicx_error why = { 0 };
	char path[80];
	void *store = NULL;

	snprintf(path, sizeof path, "%s/store", folder);
	if (store_open(path, &store, &why) != AICX_OK)
		ck_abort_msg("%s", why.text);
	return store;
}

struct aicx_str
str(const char *text)
{
	return (struct aicx_str) { text, text == NULL ? 0 : strlen(text) };
}

aicx_err
commit(void *store, const struct aicx_guard *guard,
    const struct aicx_write *writes, size_t n_writes, uint32_t durability,
    struct aicx_error *reterr)
{
	struct aicx_batch batch = {
		.size = sizeof batch,
		.durability = durability,
		.guards = guard,
		.n_guards = guard != NULL,
		.writes = writes,
		.n_writes = n_writes,
	};

	return ops->commit(store, &batch, reterr);
}

void
put(void *store, const char *key, const char *value)
{
	struct aicx_write write = { str(key), str(value) };
	struct aicx_error why;

	ck_assert_int_eq(
	    commit(store, NULL, &write, 1, AICX_DURABLE, &why), AICX_OK);
}

int
on_pair(struct aicx_str key, struct aicx_str value, void *arg)
{
	struct listing *list = arg;
	size_t used = strlen(list->text);

	snprintf(list->text + used, sizeof list->text - used, "%.*s=%.*s ",
	    (int)key.len, key.ptr, (int)value.len, value.ptr);
	return --list->room == 0;
}

void
check_range(void *store, const char *from, const char *to, int reverse,
    int room, const char *want)
{
	struct listing list = { "", room };

	ck_assert_int_eq(ops->range(store, str(from), str(to), reverse, on_pair,
			     &list, NULL),
	    AICX_OK);
	ck_assert_str_eq(list.text, want);
}

void
check_get(void *store, const char *key, const char *want)
{
	struct listing list = { "", 1 };

	if (want == NULL) {
		struct aicx_error why;

		ck_assert_int_eq(
		    ops->get(store, str(key), on_pair, &list, &why),
		    AICX_ENOTFOUND);
		return;
	}
	ck_assert_int_eq(
	    ops->get(store, str(key), on_pair, &list, NULL), AICX_OK);
	ck_assert_str_eq(strchr(list.text, '=') + 1, want);
}

void
frames_path(char *ret, size_t size, int file)
{
	snprintf(ret, size, "%s/store/%08d.frames", folder, file);
}

/* A store that was killed: its index knows nothing of these. */
void
killed_store(void)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		void *store = store_in_folder();
		put(store, "a", "first");
		put(store, "b", "second");
		put(store, "c", "third");
		_exit(0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
}

TCase *
store_case(const char *name)
{
	TCase *tcase = tcase_create(name);

	tcase_add_checked_fixture(tcase, folder_make, folder_remove);
	tcase_set_timeout(tcase, 60);
	return tcase;
}

int
store_run(Suite *suite)
{
	SRunner *runner;
	int n_failed;

	plugin_load();
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed == 0 ? 0 : 1;
}
