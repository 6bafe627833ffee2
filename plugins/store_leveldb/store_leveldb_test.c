/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_leveldb_test.c - the promises of the store kind: order, guards, all or
 * nothing, one owner, and what was acknowledged is there after kill -9.
 *
 * The plugin is loaded by hand from .libs, with a host that has only a clock.
 * Called with the argument "writer" the program is the child that gets killed.
 */
#include <aiconexus/plugin.h>
#include <aiconexus/store.h>

#include <check.h>
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <ftw.h>
#include <leveldb/c.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { KILLS = 20, KEYS_PER_COMMIT = 3 };

/* As the plugin declares it: the settings an operator would get. */
struct settings {
	const char *path;
	uint8_t paranoid;
	int64_t write_buffer, cache, max_open_files;
	uint8_t compression;
	const char *scratch;
	uint8_t repair;
	int64_t file_size;
};

static const struct aicx_plugin *plugin;
static const struct aicx_store_ops *ops;
static char folder[64];
static char self_path[4096];
static int n_thrown_away, n_cut;

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

static const struct aicx_host host = {
	.size = sizeof host,
	.abi_major = AICX_ABI_MAJOR,
	.abi_minor = AICX_ABI_MINOR,
	.now_ms = host_now_ms,
	.log = host_log,
};

static void
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

static int
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

static void
folder_remove(void)
{
	nftw(folder, on_path, 8, FTW_DEPTH | FTW_PHYS);
}

static aicx_err
store_open(const char *path, void **ret_store, struct aicx_error *reterr)
{
	struct settings settings = { path, 1, 64 << 10, 64 << 10, 74, 0, "/tmp",
		0, 256 << 10 };

	return plugin->open(&host, NULL, &settings, ret_store, reterr);
}

static int
see_nothing(struct aicx_str key, struct aicx_str value, void *arg)
{
	(void)key, (void)value, (void)arg;
	return 0;
}

static void *
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

static struct aicx_str
str(const char *text)
{
	return (struct aicx_str) { text, text == NULL ? 0 : strlen(text) };
}

static aicx_err
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

static void
put(void *store, const char *key, const char *value)
{
	struct aicx_write write = { str(key), str(value) };
	struct aicx_error why;

	ck_assert_int_eq(
	    commit(store, NULL, &write, 1, AICX_DURABLE, &why), AICX_OK);
}

/* Collects "key=value " for each pair; stops after `room` of them. */
struct listing {
	char text[1024];
	int room;
};

static int
on_pair(struct aicx_str key, struct aicx_str value, void *arg)
{
	struct listing *list = arg;
	size_t used = strlen(list->text);

	snprintf(list->text + used, sizeof list->text - used, "%.*s=%.*s ",
	    (int)key.len, key.ptr, (int)value.len, value.ptr);
	return --list->room == 0;
}

static void
check_range(void *store, const char *from, const char *to, int reverse,
    int room, const char *want)
{
	struct listing list = { "", room };

	ck_assert_int_eq(ops->range(store, str(from), str(to), reverse, on_pair,
			     &list, NULL),
	    AICX_OK);
	ck_assert_str_eq(list.text, want);
}

static void
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

/* --- order ----------------------------------------------------------- */

START_TEST(a_range_is_ascending_half_open_and_stops_when_told)
{
	void *store = store_in_folder();

	put(store, "b", "2");
	put(store, "a", "1");
	put(store, "c", "3");
	put(store, "bb", "22");
	check_range(store, NULL, NULL, 0, 0, "a=1 b=2 bb=22 c=3 ");
	check_range(store, "b", "c", 0, 0, "b=2 bb=22 ");
	check_range(store, "ab", NULL, 0, 0, "b=2 bb=22 c=3 ");
	check_range(store, NULL, "b", 0, 0, "a=1 ");
	check_range(store, "b", NULL, 0, 1, "b=2 ");
	check_range(store, "x", NULL, 0, 0, "");
	check_range(store, "c", "a", 0, 0, "");
	plugin->close(store);
}
END_TEST

START_TEST(a_reverse_range_starts_just_below_its_end)
{
	void *store = store_in_folder();

	check_range(store, NULL, NULL, 1, 0, "");
	put(store, "a", "1");
	put(store, "b", "2");
	put(store, "c", "3");
	check_range(store, NULL, NULL, 1, 0, "c=3 b=2 a=1 ");
	check_range(store, NULL, "c", 1, 0, "b=2 a=1 ");
	check_range(store, "b", "c", 1, 0, "b=2 ");
	check_range(store, "b", "zz", 1, 0, "c=3 b=2 ");
	check_range(store, NULL, "a", 1, 0, "");
	check_range(store, NULL, NULL, 1, 2, "c=3 b=2 ");
	plugin->close(store);
}
END_TEST

START_TEST(keys_order_as_unsigned_bytes_and_may_hold_any)
{
	void *store = store_in_folder();
	struct aicx_write writes[] = {
		{ { "\xff", 1 }, { "high", 4 } },
		{ { "\0z", 2 }, { "low", 3 } },
		{ { "a\0b", 3 }, { "", 0 } },
		{ { "a", 1 }, { "x\0y", 3 } },
	};
	struct listing list = { "", 0 };

	ck_assert_int_eq(
	    commit(store, NULL, writes, 4, AICX_CACHED, NULL), AICX_OK);
	ck_assert_int_eq(
	    ops->range(store, str(NULL), str(NULL), 0, on_pair, &list, NULL),
	    AICX_OK);
	ck_assert_str_eq(list.text, "=low a=x a= \xff=high ");
	plugin->close(store);
}
END_TEST

/* --- guards, atomicity ----------------------------------------------- */

START_TEST(a_guard_that_holds_lets_the_batch_pass)
{
	void *store = store_in_folder();
	struct aicx_write write = { str("k"), str("2") };
	struct aicx_guard absent = { str("k"), str(NULL) };
	struct aicx_guard is_two = { str("k"), str("2") };

	ck_assert_int_eq(
	    commit(store, &absent, &write, 1, AICX_DURABLE, NULL), AICX_OK);
	write.value = str("3");
	ck_assert_int_eq(
	    commit(store, &is_two, &write, 1, AICX_DURABLE, NULL), AICX_OK);
	check_get(store, "k", "3 ");
	plugin->close(store);
}
END_TEST

START_TEST(a_guard_that_does_not_hold_refuses_the_whole_batch)
{
	void *store = store_in_folder();
	struct aicx_write writes[] = { { str("n"), str("9") },
		{ str("k"), str(NULL) } };
	struct aicx_guard wrong[] = {
		{ str("k"), str("2") }, /* is 1 */
		{ str("k"), str("11") }, { str("k"), str("") },
		{ str("k"), str(NULL) }, /* is there */
		{ str("n"), str("") }, /* is not there */
	};

	put(store, "k", "1");
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct aicx_error why;

		ck_assert_int_eq(
		    commit(store, &wrong[i], writes, 2, AICX_DURABLE, &why),
		    AICX_ESTATE);
		check_range(store, NULL, NULL, 0, 0, "k=1 ");
	}
	/* A refusal is no failure: the next batch passes. */
	ck_assert_int_eq(
	    commit(store, NULL, writes, 2, AICX_DURABLE, NULL), AICX_OK);
	check_range(store, NULL, NULL, 0, 0, "n=9 ");
	plugin->close(store);
}
END_TEST

START_TEST(later_writes_of_a_batch_win_and_deletes_remove)
{
	void *store = store_in_folder();
	struct aicx_write writes[] = {
		{ str("a"), str("1") },
		{ str("a"), str("2") },
		{ str("b"), str("1") },
		{ str("b"), str(NULL) },
		{ str("never"), str(NULL) },
	};

	ck_assert_int_eq(
	    commit(store, NULL, writes, 5, AICX_DURABLE, NULL), AICX_OK);
	check_range(store, NULL, NULL, 0, 0, "a=2 ");
	check_get(store, "b", NULL);
	ck_assert_int_eq(
	    commit(store, NULL, NULL, 0, AICX_DURABLE, NULL), AICX_OK);
	plugin->close(store);
}
END_TEST

START_TEST(an_unknown_durability_is_refused)
{
	void *store = store_in_folder();
	struct aicx_write write = { str("k"), str("1") };
	struct aicx_error why;

	ck_assert_int_eq(commit(store, NULL, &write, 1, 0, &why), AICX_EINVAL);
	ck_assert_ptr_nonnull(strstr(why.text, "durability 0"));
	check_get(store, "k", NULL);
	plugin->close(store);
}
END_TEST

/* --- files ----------------------------------------------------------- */

START_TEST(what_was_written_is_there_after_reopening)
{
	void *store = store_in_folder();
	struct aicx_write write = { str("cached"), str("1") };
	struct stat st;
	char path[80];

	put(store, "durable", "1");
	ck_assert_int_eq(
	    commit(store, NULL, &write, 1, AICX_CACHED, NULL), AICX_OK);
	plugin->close(store);
	store = store_in_folder();
	check_range(store, NULL, NULL, 0, 0, "cached=1 durable=1 ");
	plugin->close(store);

	snprintf(path, sizeof path, "%s/store", folder);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0700);
}
END_TEST

START_TEST(many_keys_pass_through_table_files)
{
	void *store = store_in_folder();
	char key[16], value[1024];
	struct listing list = { "", 1 };

	memset(value, 'v', sizeof value);
	for (int i = 0; i < 2000; i++) {
		struct aicx_write write = { { key, 8 },
			{ value, sizeof value } };

		snprintf(key, sizeof key, "%08d", i);
		snprintf(value, sizeof value, "%d", i);
		ck_assert_int_eq(
		    commit(store, NULL, &write, 1,
			i % 100 == 0 ? AICX_DURABLE : AICX_CACHED, NULL),
		    AICX_OK);
	}
	plugin->close(store);
	store = store_in_folder();
	ck_assert_int_eq(
	    ops->range(store, str(NULL), str(NULL), 1, on_pair, &list, NULL),
	    AICX_OK);
	ck_assert_int_eq(strncmp(list.text, "00001999=1999", 13), 0);
	plugin->close(store);
}
END_TEST

START_TEST(a_second_open_of_the_same_store_is_refused)
{
	void *store = store_in_folder(), *other = NULL;
	struct aicx_error why;
	char path[80];
	int status;
	pid_t child;

	snprintf(path, sizeof path, "%s/store", folder);
	ck_assert_int_eq(store_open(path, &other, &why), AICX_EIO);
	ck_assert_ptr_null(other);
	ck_assert_ptr_nonnull(strstr(why.text, "another broker has it open"));
	ck_assert_ptr_nonnull(strstr(why.text, path));

	/* Another process is told the same, and does no harm. */
	child = fork();
	if (child == 0)
		_exit(store_open(path, &other, &why) == AICX_EIO &&
			    strstr(why.text, "another broker") != NULL
			? 0
			: 1);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);

	put(store, "k", "1");
	plugin->close(store);
	plugin->close(store_in_folder());
}
END_TEST

START_TEST(a_store_that_cannot_be_created_is_named)
{
	struct aicx_error why;
	void *store = NULL;

	ck_assert_int_eq(store_open("/nowhere/at/all", &store, &why), AICX_EIO);
	ck_assert_str_eq(why.text,
	    "cannot create the store \"/nowhere/at/all\": "
	    "No such file or directory");
}
END_TEST

/* Files grow no more: this stands for a disk that takes nothing. */
static struct rlimit
files_fixed(void)
{
	struct rlimit limit, tight = { 0, 0 };

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &limit);
	tight.rlim_max = limit.rlim_max;
	setrlimit(RLIMIT_FSIZE, &tight);
	return limit;
}

START_TEST(a_store_that_cannot_be_written_is_read_and_refuses_every_commit)
{
	struct aicx_write write = { str("a"), str("1") };
	struct aicx_error why = { 0 };
	void *store = store_in_folder();
	char path[80];

	put(store, "a", "1");
	plugin->close(store);
	snprintf(path, sizeof path, "%s/store", folder);
	/* The scratch folder is on a disk that takes something, so only names
	   are refused: a folder in the place of the index's lock. */
	char lock[128];
	snprintf(lock, sizeof lock, "%s/index/LOCK", path);
	ck_assert_int_eq(unlink(lock), 0);
	ck_assert_int_eq(mkdir(lock, 0700), 0);
	ck_assert_msg(
	    store_open(path, &store, &why) == AICX_OK, "%s", why.text);
	check_get(store, "a", "1 ");
	check_get(store, "b", NULL);
	check_range(store, NULL, NULL, 0, 0, "a=1 ");
	ck_assert_int_eq(
	    commit(store, NULL, &write, 1, AICX_DURABLE, &why), AICX_EIO);
	ck_assert_ptr_nonnull(strstr(why.text, "cannot be written"));
	plugin->close(store);
	ck_assert_int_eq(rmdir(lock), 0);
}
END_TEST

/* Not even the scratch folder: all places are in memory then. */
START_TEST(a_store_is_read_also_where_nothing_at_all_can_be_written)
{
	struct aicx_write write = { str("a"), str("1") };
	struct aicx_error why = { 0 };
	void *store = store_in_folder();
	char path[80];

	put(store, "a", "1");
	put(store, "b", "2");
	plugin->close(store);
	snprintf(path, sizeof path, "%s/store", folder);
	struct rlimit limit = files_fixed();
	ck_assert_msg(
	    store_open(path, &store, &why) == AICX_OK, "%s", why.text);
	check_range(store, NULL, NULL, 0, 0, "a=1 b=2 ");
	ck_assert_int_eq(
	    commit(store, NULL, &write, 1, AICX_DURABLE, &why), AICX_EIO);
	plugin->close(store);
	setrlimit(RLIMIT_FSIZE, &limit);
	store = store_in_folder();
	put(store, "c", "3");
	check_range(store, NULL, NULL, 0, 0, "a=1 b=2 c=3 ");
	plugin->close(store);
}
END_TEST

/* The highest number of a file in the folder. */
static unsigned long
newest_number(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	unsigned long newest = 0;

	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir)) != NULL) {
		unsigned long number = strtoul(entry->d_name, NULL, 10);
		if (number > newest)
			newest = number;
	}
	closedir(dir);
	return newest;
}

/* A compaction that was cut short leaves tables whose numbers come again. */
START_TEST(a_store_that_is_only_read_is_not_written_through_links)
{
	char name[128], text[16] = "", path[80], index[96];
	struct aicx_error why = { 0 };
	void *store = store_in_folder();

	put(store, "a", "1");
	plugin->close(store);
	snprintf(path, sizeof path, "%s/store", folder);
	snprintf(index, sizeof index, "%s/index", path);
	unsigned long newest = newest_number(index);
	for (unsigned long i = 1; i <= 6; i++) {
		snprintf(name, sizeof name, "%s/%06lu.ldb", index, newest + i);
		FILE *orphan = fopen(name, "w");
		ck_assert_ptr_nonnull(orphan);
		fputs("orphan", orphan);
		fclose(orphan);
	}
	snprintf(name, sizeof name, "%s/LOCK", index);
	ck_assert_int_eq(unlink(name), 0);
	ck_assert_int_eq(mkdir(name, 0700), 0);
	ck_assert_msg(
	    store_open(path, &store, &why) == AICX_OK, "%s", why.text);
	check_get(store, "a", "1 ");
	plugin->close(store);
	for (unsigned long i = 1; i <= 6; i++) {
		snprintf(name, sizeof name, "%s/%06lu.ldb", index, newest + i);
		FILE *orphan = fopen(name, "r");
		ck_assert_ptr_nonnull(orphan);
		ck_assert_ptr_nonnull(fgets(text, sizeof text, orphan));
		ck_assert_str_eq(text, "orphan");
		fclose(orphan);
	}
}
END_TEST

START_TEST(what_a_killed_reader_left_is_removed_at_the_next_start)
{
	char dead[] = "/tmp/aicx-store-XXXXXX";
	char alive[] = "/tmp/aicx-store-XXXXXX";

	ck_assert_ptr_nonnull(mkdtemp(dead));
	ck_assert_ptr_nonnull(mkdtemp(alive));
	int fd = open(alive, O_RDONLY);
	ck_assert_int_eq(flock(fd, LOCK_EX), 0);
	plugin->close(store_in_folder());
	ck_assert_int_ne(access(dead, F_OK), 0);
	ck_assert_int_eq(rmdir(alive), 0);
	close(fd);
}
END_TEST

/* --- damage ------------------------------------------------------------- */

static void
frames_path(char *ret, size_t size, int file)
{
	snprintf(ret, size, "%s/store/%08d.frames", folder, file);
}

/* Flips a bit of the first byte of `word` in a file of commits. */
static void
frames_damage(int file, const char *word)
{
	static char bytes[1 << 20];
	char path[128];

	frames_path(path, sizeof path, file);
	int fd = open(path, O_RDWR);
	ssize_t n = read(fd, bytes, sizeof bytes);
	char *at = memmem(bytes, (size_t)n, word, strlen(word));
	ck_assert_ptr_nonnull(at);
	*at ^= 1;
	ck_assert_int_eq(pwrite(fd, at, 1, at - bytes), 1);
	close(fd);
}

/* Without the room that is not filled. */
static off_t
frames_size(int file)
{
	static char bytes[1 << 20];
	char path[128];

	frames_path(path, sizeof path, file);
	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, bytes, sizeof bytes);
	close(fd);
	ck_assert_int_ge(n, 0);
	while (n > 0 && bytes[n - 1] == 0)
		n--;
	return n;
}

static void
frames_cut(int file, off_t size)
{
	char path[128];

	frames_path(path, sizeof path, file);
	ck_assert_int_eq(truncate(path, size), 0);
}

static void
frames_add(int file, const char *bytes, size_t n)
{
	char path[128];
	off_t end = frames_size(file);

	frames_path(path, sizeof path, file);
	int fd = open(path, O_WRONLY);
	ck_assert_int_eq(pwrite(fd, bytes, n, end), n);
	close(fd);
}

/* A store that was killed: its index knows nothing of these. */
static void
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

static void
check_refused(const char *words)
{
	struct aicx_error why = { 0 };
	char path[80];
	void *store = NULL;

	snprintf(path, sizeof path, "%s/store", folder);
	ck_assert_int_eq(store_open(path, &store, &why), AICX_EIO);
	ck_assert_msg(strstr(why.text, words) != NULL, "%s", why.text);
}

START_TEST(a_damaged_commit_with_others_behind_it_is_refused)
{
	killed_store();
	frames_damage(1, "second");
	check_refused("it is damaged (00000001.frames from byte 58 on, after "
		      "commit 1)");
	frames_damage(1, "recond"); /* back again */
	void *store = store_in_folder();
	check_range(store, NULL, NULL, 0, 0, "a=first b=second c=third ");
	plugin->close(store);
}
END_TEST

START_TEST(an_end_that_was_never_finished_is_cut_off)
{
	char path[128];
	struct stat st;

	killed_store();
	off_t whole = frames_size(1);
	frames_add(1, "garbage", 7);
	plugin->close(store_in_folder());
	ck_assert_int_eq(n_cut, 1);
	ck_assert_int_eq(frames_size(1), whole);
	frames_path(path, sizeof path, 1);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_size, whole);
	/* Room that was not filled is no end of a commit. */
	frames_cut(1, whole + 5000);
	void *store = store_in_folder();
	ck_assert_int_eq(n_cut, 1);
	put(store, "d", "4");
	plugin->close(store);
	store = store_in_folder();
	check_range(store, NULL, NULL, 0, 0, "a=first b=second c=third d=4 ");
	plugin->close(store);
}
END_TEST

START_TEST(a_half_written_commit_is_cut_off)
{
	for (off_t less = 1; less < 40; less += 6) {
		killed_store();
		frames_cut(1, frames_size(1) - less);
		void *store = store_in_folder();
		check_range(store, NULL, NULL, 0, 0, "a=first b=second ");
		plugin->close(store);
		folder_remove();
		ck_assert_int_eq(mkdir(folder, 0700), 0);
	}
}
END_TEST

START_TEST(what_the_index_knows_may_not_be_missing_at_the_end)
{
	killed_store();
	plugin->close(store_in_folder()); /* the index knows all of it */
	frames_damage(1, "third");
	check_refused("it is damaged");
	frames_damage(1, "uhird"); /* back again */
	frames_cut(1, frames_size(1) - 3);
	check_refused("it is damaged");
	char path[128];
	frames_path(path, sizeof path, 1);
	ck_assert_int_eq(unlink(path), 0);
	check_refused("it is damaged");
}
END_TEST

START_TEST(a_missing_file_is_named)
{
	static char big[200 << 10];
	void *store = store_in_folder();
	char path[128], key[2] = "a";

	for (; key[0] < 'f'; key[0]++) {
		struct aicx_write write = { str(key), { big, sizeof big } };
		ck_assert_int_eq(
		    commit(store, NULL, &write, 1, AICX_DURABLE, NULL),
		    AICX_OK);
	}
	plugin->close(store);
	ck_assert_int_gt(frames_size(5), 0);
	frames_path(path, sizeof path, 3);
	ck_assert_int_eq(unlink(path), 0);
	check_refused("of 5 files .frames 4 are there");
}
END_TEST

START_TEST(damage_that_is_skipped_leaves_the_rest_and_can_be_written_on)
{
	struct settings lenient = { NULL, 0, 64 << 10, 64 << 10, 74, 0, "/tmp",
		0, 256 << 10 };
	struct aicx_error why = { 0 };
	void *store = NULL;
	char path[80];

	killed_store();
	frames_damage(1, "second");
	snprintf(path, sizeof path, "%s/store", folder);
	lenient.path = path;
	ck_assert_int_eq(
	    plugin->open(&host, NULL, &lenient, &store, &why), AICX_OK);
	check_range(store, NULL, NULL, 0, 0, "a=first c=third ");
	put(store, "d", "4");
	plugin->close(store);
	store = store_in_folder();
	check_range(store, NULL, NULL, 0, 0, "a=first c=third d=4 ");
	plugin->close(store);
}
END_TEST

START_TEST(a_value_that_is_damaged_later_is_refused_when_it_is_read)
{
	struct aicx_error why = { 0 };
	void *store;

	killed_store();
	store = store_in_folder();
	frames_damage(1, "second");
	ck_assert_int_eq(
	    ops->get(store, str("b"), see_nothing, NULL, &why), AICX_EIO);
	ck_assert_ptr_nonnull(strstr(why.text, "00000001.frames at byte 98"));
	ck_assert_int_eq(
	    ops->range(store, str(NULL), str(NULL), 0, see_nothing, NULL, &why),
	    AICX_EIO);
	check_get(store, "a", "first ");
	plugin->close(store);
}
END_TEST

/* --- the index ------------------------------------------------------------ */

static void
check_many(void *store, int n)
{
	struct listing list = { "", 1 };
	char key[16], want[32];

	for (int i = 0; i < n; i += 97) {
		snprintf(key, sizeof key, "%08d", i);
		snprintf(want, sizeof want, "%d ", i * 3);
		check_get(store, key, want);
	}
	ck_assert_int_eq(
	    ops->range(store, str(NULL), str(NULL), 1, on_pair, &list, NULL),
	    AICX_OK);
	snprintf(want, sizeof want, "%08d=%d ", n - 1, (n - 1) * 3);
	ck_assert_str_eq(list.text, want);
	list = (struct listing) { "", 2 };
	ck_assert_int_eq(
	    ops->range(store, str(NULL), str(NULL), 0, on_pair, &list, NULL),
	    AICX_OK);
	ck_assert_str_eq(list.text, "00000000=0 00000001=3 ");
}

/* More keys than stay in memory, overwritten and deleted on both sides. */
START_TEST(keys_in_memory_and_in_the_index_are_seen_as_one_range)
{
	enum { MANY = 5000 };
	void *store = store_in_folder();
	char key[16], value[16], path[128];

	for (int round = 1; round <= 3; round += 2)
		for (int i = 0; i < MANY; i++) {
			struct aicx_write write = { { key, 8 }, { value, 0 } };
			snprintf(key, sizeof key, "%08d", i);
			write.value.len = (size_t)snprintf(
			    value, sizeof value, "%d", i * round);
			ck_assert_int_eq(
			    commit(store, NULL, &write, 1, AICX_CACHED, NULL),
			    AICX_OK);
		}
	check_many(store, MANY);
	struct aicx_write gone = { str("00000002"), str(NULL) };
	ck_assert_int_eq(
	    commit(store, NULL, &gone, 1, AICX_DURABLE, NULL), AICX_OK);
	check_range(
	    store, "00000001", "00000004", 0, 0, "00000001=3 00000003=9 ");
	check_range(
	    store, "00000001", "00000004", 1, 0, "00000003=9 00000001=3 ");
	plugin->close(store);
	store = store_in_folder();
	check_many(store, MANY);
	check_get(store, "00000002", NULL);
	plugin->close(store);

	/* Without its index, too. */
	snprintf(path, sizeof path, "%s/store/index", folder);
	nftw(path, on_path, 8, FTW_DEPTH | FTW_PHYS);
	store = store_in_folder();
	check_many(store, MANY);
	check_get(store, "00000002", NULL);
	plugin->close(store);
}
END_TEST

START_TEST(an_index_of_another_store_is_made_anew)
{
	char from[160], to[160];

	killed_store();
	plugin->close(store_in_folder());
	snprintf(from, sizeof from, "%s/store/index", folder);
	snprintf(to, sizeof to, "%s/other", folder);
	ck_assert_int_eq(rename(from, to), 0);
	char path[128];
	frames_path(path, sizeof path, 1);
	ck_assert_int_eq(unlink(path), 0);
	void *store = store_in_folder();
	for (int i = 0; i < 9; i++)
		put(store, "k", i % 2 ? "other value" : "that value");
	plugin->close(store);
	nftw(from, on_path, 8, FTW_DEPTH | FTW_PHYS);
	ck_assert_int_eq(rename(to, from), 0);
	store = store_in_folder();
	ck_assert_int_eq(n_thrown_away, 1);
	check_range(store, NULL, NULL, 0, 0, "k=that value ");
	plugin->close(store);
}
END_TEST

/* --- an older form ------------------------------------------------------- */

static void
old_store(void)
{
	leveldb_options_t *options = leveldb_options_create();
	leveldb_writeoptions_t *how = leveldb_writeoptions_create();
	char path[80], *why = NULL;

	snprintf(path, sizeof path, "%s/store", folder);
	leveldb_options_set_create_if_missing(options, 1);
	leveldb_t *db = leveldb_open(options, path, &why);
	ck_assert_ptr_null(why);
	leveldb_put(db, how, "a", 1, "1", 1, &why);
	leveldb_put(db, how, "b", 1, "2", 1, &why);
	ck_assert_ptr_null(why);
	leveldb_close(db);
	leveldb_writeoptions_destroy(how);
	leveldb_options_destroy(options);
}

START_TEST(a_store_of_an_older_form_is_taken_over)
{
	char path[128];

	old_store();
	void *store = store_in_folder();
	check_range(store, NULL, NULL, 0, 0, "a=1 b=2 ");
	put(store, "b", "3");
	plugin->close(store);
	snprintf(path, sizeof path, "%s/store/MANIFEST-000002", folder);
	ck_assert_int_ne(access(path, F_OK), 0);
	store = store_in_folder();
	check_range(store, NULL, NULL, 0, 0, "a=1 b=3 ");
	plugin->close(store);
}
END_TEST

START_TEST(a_take_over_that_was_cut_short_begins_anew)
{
	char path[128];

	killed_store(); /* stands for what it had written */
	snprintf(path, sizeof path, "%s/store/CURRENT", folder);
	ck_assert_int_eq(unlink(path), 0);
	old_store();
	void *store = store_in_folder();
	check_range(store, NULL, NULL, 0, 0, "a=1 b=2 ");
	plugin->close(store);
}
END_TEST

/* It would not see the records, and begin a store beside them. */
START_TEST(a_broker_of_the_older_form_refuses_a_store_of_today)
{
	leveldb_options_t *options = leveldb_options_create();
	char path[80], *why = NULL;

	killed_store();
	snprintf(path, sizeof path, "%s/store", folder);
	leveldb_options_set_create_if_missing(options, 1);
	ck_assert_ptr_null(leveldb_open(options, path, &why));
	ck_assert_ptr_nonnull(strstr(why, "a-store-of-a-newer-broker"));
	leveldb_free(why);
	leveldb_options_destroy(options);
	void *store = store_in_folder();
	check_range(store, NULL, NULL, 0, 0, "a=first b=second c=third ");
	plugin->close(store);
}
END_TEST

/* --- failures ------------------------------------------------------------ */

/* The file passes the file size limit: the write fails. */
START_TEST(after_a_failed_write_every_commit_is_refused_but_reads_go_on)
{
	void *store = store_in_folder();
	static char big[64 << 10];
	struct aicx_write write = { str("big"), { big, sizeof big } };
	struct aicx_write small = { str("small"), str("1") };
	struct rlimit limit, tight = { 4096, 0 };
	struct aicx_error why;

	put(store, "k", "1");
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &limit);
	tight.rlim_max = limit.rlim_max;
	setrlimit(RLIMIT_FSIZE, &tight);
	ck_assert_int_eq(
	    commit(store, NULL, &write, 1, AICX_DURABLE, &why), AICX_EIO);
	ck_assert_ptr_nonnull(strstr(why.text, "cannot write to the store"));
	setrlimit(RLIMIT_FSIZE, &limit);

	ck_assert_int_eq(
	    commit(store, NULL, &small, 1, AICX_DURABLE, &why), AICX_EIO);
	ck_assert_ptr_nonnull(strstr(why.text, "refuses to write after"));
	check_get(store, "k", "1 ");
	check_get(store, "small", NULL);
	plugin->close(store);
}
END_TEST

/* --- derived keys ------------------------------------------------------- */

static int
on_damage(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	size_t len = strlen(path);
	int fd;

	(void)st, (void)flag, (void)ftw;
	if (len < 4 || strcmp(path + len - 4, ".log") != 0)
		return 0;
	fd = open(path, O_WRONLY);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(pwrite(fd, "\xAA\xAA\xAA\xAA", 4, 20), 4);
	close(fd);
	return 0;
}

static aicx_err
put_derived(void *store, const char *key, const char *value)
{
	struct aicx_write write = { str(key), str(value) };
	struct aicx_batch batch = {
		.size = sizeof batch,
		.durability = AICX_CACHED,
		.writes = &write,
		.n_writes = 1,
	};

	return ops->derived->commit(store, &batch, NULL);
}

static bool
has_derived(void *store, const char *key)
{
	return ops->derived->get(store, str(key), see_nothing, NULL, NULL) ==
	    AICX_OK;
}

START_TEST(derived_keys_are_others_and_outlive_the_process)
{
	void *store = store_in_folder();
	struct listing list = { "", 0 };

	put(store, "k", "1");
	ck_assert_int_eq(put_derived(store, "d", "2"), AICX_OK);
	ck_assert(has_derived(store, "d") && !has_derived(store, "k"));
	check_get(store, "d", NULL);
	check_range(store, NULL, NULL, 0, 0, "k=1 ");
	plugin->close(store);
	store = store_in_folder();
	ck_assert_int_eq(ops->derived->range(store, str(NULL), str(NULL), 0,
			     on_pair, &list, NULL),
	    AICX_OK);
	ck_assert_str_eq(list.text, "d=2 ");
	plugin->close(store);
	ck_assert_int_eq(n_thrown_away, 0);
}
END_TEST

START_TEST(damaged_derived_keys_are_thrown_away_and_the_others_stay)
{
	void *store = store_in_folder();
	char path[sizeof folder + 24];

	put(store, "k", "1");
	ck_assert_int_eq(put_derived(store, "d", "2"), AICX_OK);
	ck_assert_int_eq(put_derived(store, "e", "3"), AICX_OK);
	plugin->close(store);
	snprintf(path, sizeof path, "%s/store/derived", folder);
	nftw(path, on_damage, 8, FTW_PHYS);
	store = store_in_folder();
	ck_assert_int_eq(n_thrown_away, 1);
	ck_assert(!has_derived(store, "d") && !has_derived(store, "e"));
	check_get(store, "k", "1 ");
	ck_assert_int_eq(put_derived(store, "d", "4"), AICX_OK);
	plugin->close(store);
	store = store_in_folder();
	ck_assert(has_derived(store, "d"));
	plugin->close(store);
	ck_assert_int_eq(n_thrown_away, 1);
}
END_TEST

START_TEST(derived_keys_that_could_not_be_read_are_thrown_away_later)
{
	void *store = store_in_folder();
	char path[sizeof folder + 24];

	ck_assert_int_eq(put_derived(store, "d", "2"), AICX_OK);
	plugin->close(store);
	snprintf(path, sizeof path, "%s/store/derived/DAMAGED", folder);
	ck_assert_int_ge(close(open(path, O_CREAT | O_WRONLY, 0600)), 0);
	store = store_in_folder();
	ck_assert_int_eq(n_thrown_away, 1);
	ck_assert(!has_derived(store, "d"));
	plugin->close(store);
}
END_TEST

/* --- kill -9 --------------------------------------------------------- */

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

/* --- the plugin ------------------------------------------------------ */

START_TEST(the_descriptor_says_what_it_is)
{
	ck_assert_uint_eq(plugin->magic, AICX_PLUGIN_MAGIC);
	ck_assert_uint_eq(plugin->kind, AICX_STORE);
	ck_assert_str_eq(plugin->name, "leveldb");
	ck_assert_uint_eq(plugin->settings_size, sizeof(struct settings));
	ck_assert_str_eq(plugin->options[0].name, "path");
	ck_assert_str_eq(plugin->options[0].fallback, "store");
}
END_TEST

static Suite *
suite(void)
{
	Suite *all = suite_create("store_leveldb");
	TCase *tcase = tcase_create("store");

	tcase_add_checked_fixture(tcase, folder_make, folder_remove);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, the_descriptor_says_what_it_is);
	tcase_add_test(
	    tcase, a_range_is_ascending_half_open_and_stops_when_told);
	tcase_add_test(tcase, a_reverse_range_starts_just_below_its_end);
	tcase_add_test(tcase, keys_order_as_unsigned_bytes_and_may_hold_any);
	tcase_add_test(tcase, a_guard_that_holds_lets_the_batch_pass);
	tcase_add_test(
	    tcase, a_guard_that_does_not_hold_refuses_the_whole_batch);
	tcase_add_test(tcase, later_writes_of_a_batch_win_and_deletes_remove);
	tcase_add_test(tcase, an_unknown_durability_is_refused);
	tcase_add_test(tcase, what_was_written_is_there_after_reopening);
	tcase_add_test(tcase, many_keys_pass_through_table_files);
	tcase_add_test(tcase, a_second_open_of_the_same_store_is_refused);
	tcase_add_test(tcase, a_store_that_cannot_be_created_is_named);
	tcase_add_test(
	    tcase, a_damaged_commit_with_others_behind_it_is_refused);
	tcase_add_test(tcase, an_end_that_was_never_finished_is_cut_off);
	tcase_add_test(tcase, a_half_written_commit_is_cut_off);
	tcase_add_test(
	    tcase, what_the_index_knows_may_not_be_missing_at_the_end);
	tcase_add_test(tcase, a_missing_file_is_named);
	tcase_add_test(tcase,
	    damage_that_is_skipped_leaves_the_rest_and_can_be_written_on);
	tcase_add_test(
	    tcase, a_value_that_is_damaged_later_is_refused_when_it_is_read);
	tcase_add_test(
	    tcase, keys_in_memory_and_in_the_index_are_seen_as_one_range);
	tcase_add_test(tcase, an_index_of_another_store_is_made_anew);
	tcase_add_test(tcase, a_store_of_an_older_form_is_taken_over);
	tcase_add_test(tcase, a_take_over_that_was_cut_short_begins_anew);
	tcase_add_test(
	    tcase, a_broker_of_the_older_form_refuses_a_store_of_today);
	tcase_add_test(
	    tcase, a_store_is_read_also_where_nothing_at_all_can_be_written);
	tcase_add_test(tcase,
	    a_store_that_cannot_be_written_is_read_and_refuses_every_commit);
	tcase_add_test(
	    tcase, a_store_that_is_only_read_is_not_written_through_links);
	tcase_add_test(
	    tcase, what_a_killed_reader_left_is_removed_at_the_next_start);
	tcase_add_test(tcase,
	    after_a_failed_write_every_commit_is_refused_but_reads_go_on);
	tcase_add_test(tcase, derived_keys_are_others_and_outlive_the_process);
	tcase_add_test(
	    tcase, damaged_derived_keys_are_thrown_away_and_the_others_stay);
	tcase_add_test(
	    tcase, derived_keys_that_could_not_be_read_are_thrown_away_later);
	tcase_add_test(tcase,
	    what_was_acknowledged_survives_kill_9_and_no_commit_is_halved);
	suite_add_tcase(all, tcase);
	return all;
}

int
main(int argc, char **argv)
{
	SRunner *runner;
	int n_failed;
	ssize_t len =
	    readlink("/proc/self/exe", self_path, sizeof self_path - 1);

	if (len < 0)
		return 1;
	plugin_load();
	if (argc == 3 && strcmp(argv[1], "writer") == 0)
		return writer(argv[2]);
	runner = srunner_create(suite());
	srunner_run_all(runner, CK_NORMAL);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed == 0 ? 0 : 1;
}
