/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_leveldb.c - the store kind in a folder: one folder, one broker.
 *
 * A commit is one frame at the end of a file and one sync (pairs.h); LevelDB
 * has where each key's value is, and the derived keys.  What is written once
 * and read seldom is then written once: LevelDB itself would write each value
 * to a log, to a table and again whenever tables are merged.
 *
 * A failed write or sync is never tried again: after a failed fsync the kernel
 * may have dropped the pages and marked them clean, and a second one would
 * succeed over lost data.  The store refuses every later commit instead.
 *
 * A store that cannot be written from the start, as its disk is full or broken,
 * opens for reading (shadow.c) and refuses every commit.
 *
 * Paths are relative to the working directory, which the broker sets to its
 * data folder before it opens a store.
 */
#include <aiconexus/plugin.h>
#include <aiconexus/store.h>

#include "backup.h"
#include "derived.h"
#include "dir_sync.h"
#include "fail.h"
#include "migrate.h"
#include "pairs.h"
#include "shadow.h"

#include <errno.h>
#include <leveldb/c.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
	FILTER_BITS = 10, /* a key: one look in a hundred is in vain */
	BLOCK_BYTES = 16 << 10
};

struct level_settings {
	const char *path;
	uint8_t paranoid;
	int64_t write_buffer;
	int64_t cache;
	int64_t max_open_files;
	uint8_t compression;
	const char *scratch;
	uint8_t repair;
	int64_t file_size;
};

enum { KNOWN_BYTES = 128 };

/* A guard that held: it does until its key is written. */
struct known {
	char key[KNOWN_BYTES], value[KNOWN_BYTES];
	size_t key_len, value_len;
	bool good;
};

struct level {
	struct pairs_wish wish;
	struct pairs *pairs;
	struct known known;
	leveldb_options_t *options;
	leveldb_cache_t *cache;
	leveldb_filterpolicy_t *filter;
	/* Shared by all threads; never changed after open. */
	leveldb_readoptions_t *read, *scan;
	leveldb_writeoptions_t *durable;
	struct derived derived;
	/* Copies being made, on other threads; the store closes after them. */
	pthread_mutex_t mutex;
	pthread_cond_t rested;
	size_t n_backups;
	atomic_bool closing;
	/* Writer thread only. */
	atomic_bool failed;
	char why[160]; /* the first failure, for all later refusals */
};

static const struct aicx_option level_options[] = {
	{
	    AICX_FIELD(struct level_settings, path),
	    .type = AICX_OPT_STR,
	    .fallback = "store",
	    .help =
		"Folder of the store; relative to the broker's data folder.",
	},
	{
	    AICX_FIELD(struct level_settings, paranoid),
	    .type = AICX_OPT_BOOL,
	    .fallback = "yes",
	    .help = "Refuse to open what is damaged.  No is for recovery of a "
		    "copy alone: damage is then skipped in silence.",
	},
	{
	    AICX_FIELD(struct level_settings, write_buffer),
	    .type = AICX_OPT_SIZE,
	    .fallback = "4m",
	    .min = 64 << 10,
	    .max = 1 << 30,
	    .help = "Memory for new keys before they become a table file; "
		    "at times twice that is in use.",
	},
	{
	    AICX_FIELD(struct level_settings, cache),
	    .type = AICX_OPT_SIZE,
	    .fallback = "2m",
	    .min = 64 << 10,
	    .max = INT64_C(1) << 36,
	    .help = "Memory for blocks that were read.",
	},
	{
	    AICX_FIELD(struct level_settings, max_open_files),
	    .type = AICX_OPT_INT,
	    .fallback = "128",
	    .min = 74,
	    .max = 50000,
	    .help = "Table files kept open.",
	},
	{
	    AICX_FIELD(struct level_settings, compression),
	    .type = AICX_OPT_BOOL,
	    .fallback = "yes",
	    .help = "Snappy: half of the space, and less to write.",
	},
	{
	    AICX_FIELD(struct level_settings, scratch),
	    .type = AICX_OPT_STR,
	    .fallback = "/dev/shm",
	    .help = "Folder on another disk, or in memory, for what reading a "
		    "store takes that cannot be written.",
	},
	{
	    AICX_FIELD(struct level_settings, repair),
	    .type = AICX_OPT_BOOL,
	    .fallback = "no",
	    .help = "Make a new manifest of the files there are, before it is "
		    "opened.  For recovery of a copy alone: what belongs "
		    "together may come apart.",
	},
	{
	    AICX_FIELD(struct level_settings, file_size),
	    .type = AICX_OPT_SIZE,
	    .fallback = "32m",
	    .min = 64 << 10,
	    .max = 1 << 30,
	    .help = "A file of commits as large as this gets a successor.",
	},
	{ .name = NULL },
};

/* --- reading: [any thread] ------------------------------------------- */

static aicx_err
db_get(const struct level *level, leveldb_t *db, struct aicx_str key,
    aicx_pair_fn *fn, void *arg, struct aicx_error *reterr)
{
	char *why = NULL;
	size_t len = 0;
	char *value =
	    leveldb_get(db, level->read, key.ptr, key.len, &len, &why);

	if (why != NULL)
		return fail_with(reterr, "cannot read a key", why);
	if (value == NULL)
		return fail(reterr, AICX_ENOTFOUND, "no such key");
	fn(key, (struct aicx_str) { value, len }, arg);
	leveldb_free(value);
	return AICX_OK;
}

static aicx_err
level_get(void *state, struct aicx_str key, aicx_pair_fn *fn, void *arg,
    struct aicx_error *reterr)
{
	const struct level *level = state;

	return pairs_get(level->pairs, key, fn, arg, reterr);
}

static struct aicx_str
iter_key(const leveldb_iterator_t *iter)
{
	struct aicx_str key;

	key.ptr = leveldb_iter_key(iter, &key.len);
	return key;
}

static struct aicx_str
iter_value(const leveldb_iterator_t *iter)
{
	struct aicx_str value;

	value.ptr = leveldb_iter_value(iter, &value.len);
	return value;
}

static void
scan_up(leveldb_iterator_t *iter, struct aicx_str from, struct aicx_str to,
    aicx_pair_fn *fn, void *arg)
{
	if (from.ptr != NULL)
		leveldb_iter_seek(iter, from.ptr, from.len);
	else
		leveldb_iter_seek_to_first(iter);
	for (; leveldb_iter_valid(iter); leveldb_iter_next(iter)) {
		if (to.ptr != NULL && key_compare(iter_key(iter), to) >= 0)
			return;
		if (fn(iter_key(iter), iter_value(iter), arg) != 0)
			return;
	}
}

/* Seeking finds the first key at or above `to`: the wanted one is before it,
   or is the last of all when there is none. */
static void
scan_down(leveldb_iterator_t *iter, struct aicx_str from, struct aicx_str to,
    aicx_pair_fn *fn, void *arg)
{
	if (to.ptr != NULL)
		leveldb_iter_seek(iter, to.ptr, to.len);
	if (to.ptr != NULL && leveldb_iter_valid(iter))
		leveldb_iter_prev(iter);
	else
		leveldb_iter_seek_to_last(iter);
	for (; leveldb_iter_valid(iter); leveldb_iter_prev(iter)) {
		if (from.ptr != NULL && key_compare(iter_key(iter), from) < 0)
			return;
		if (fn(iter_key(iter), iter_value(iter), arg) != 0)
			return;
	}
}

static aicx_err
db_range(const struct level *level, leveldb_t *db, struct aicx_str from,
    struct aicx_str to, int reverse, aicx_pair_fn *fn, void *arg,
    struct aicx_error *reterr)
{
	leveldb_iterator_t *iter = leveldb_create_iterator(db, level->scan);
	char *why = NULL;

	(reverse ? scan_down : scan_up)(iter, from, to, fn, arg);
	leveldb_iter_get_error(iter, &why);
	leveldb_iter_destroy(iter);
	if (why != NULL)
		return fail_with(reterr, "cannot read a range", why);
	return AICX_OK;
}

static aicx_err
level_range(void *state, struct aicx_str from, struct aicx_str to, int reverse,
    aicx_pair_fn *fn, void *arg, struct aicx_error *reterr)
{
	const struct level *level = state;

	return pairs_range(
	    level->pairs, from, to, reverse != 0, fn, arg, reterr);
}

/* --- writing: the writer thread -------------------------------------- */

/* From here on nothing is known of the disk. */
static aicx_err
level_fail(struct level *level, const char *what, const char *why,
    struct aicx_error *reterr)
{
	(void)snprintf(
	    level->why, sizeof level->why, "%.50s: %.100s", what, why);
	atomic_store(&level->failed, true);
	return fail(reterr, AICX_EIO, "%s", level->why);
}

struct comparison {
	struct aicx_str want;
	bool same;
};

static int
on_compare(struct aicx_str key, struct aicx_str value, void *arg)
{
	struct comparison *comparison = arg;

	(void)key;
	comparison->same = comparison->want.ptr != NULL &&
	    key_compare(value, comparison->want) == 0;
	return 0;
}

static bool
is_bytes(const char *bytes, size_t len, struct aicx_str str)
{
	return str.len == len && memcmp(bytes, str.ptr, len) == 0;
}

/* The same guard comes with every batch. */
static bool
guard_is_known(const struct level *level, const struct aicx_guard *guard)
{
	const struct known *known = &level->known;

	return known->good && guard->key.ptr != NULL &&
	    guard->value.ptr != NULL &&
	    is_bytes(known->key, known->key_len, guard->key) &&
	    is_bytes(known->value, known->value_len, guard->value);
}

static void
guard_keep(struct level *level, const struct aicx_guard *guard)
{
	struct known *known = &level->known;

	if (guard->key.ptr == NULL || guard->value.ptr == NULL ||
	    guard->key.len > KNOWN_BYTES || guard->value.len > KNOWN_BYTES)
		return;
	memcpy(known->key, guard->key.ptr, guard->key.len);
	memcpy(known->value, guard->value.ptr, guard->value.len);
	known->key_len = guard->key.len;
	known->value_len = guard->value.len;
	known->good = true;
}

static void
guard_forget(struct level *level, const struct aicx_batch *batch)
{
	struct known *known = &level->known;

	for (size_t i = 0; known->good && i < batch->n_writes; i++)
		if (batch->writes[i].key.ptr != NULL &&
		    is_bytes(known->key, known->key_len, batch->writes[i].key))
			known->good = false;
}

static aicx_err
guard_check(struct level *level, const struct aicx_guard *guard,
    struct aicx_error *reterr)
{
	struct comparison comparison = { guard->value, false };
	struct aicx_error why = { 0 };

	if (guard_is_known(level, guard))
		return AICX_OK;
	aicx_err err =
	    pairs_get(level->pairs, guard->key, on_compare, &comparison, &why);
	if (err != AICX_OK && err != AICX_ENOTFOUND)
		return level_fail(
		    level, "cannot read a guarded key", why.text, reterr);
	if (err == AICX_ENOTFOUND ? guard->value.ptr != NULL : !comparison.same)
		return fail(reterr, AICX_ESTATE,
		    "a guarded key has another value than expected");
	guard_keep(level, guard);
	return AICX_OK;
}

static leveldb_writebatch_t *
writes_collect(const struct aicx_write *writes, size_t n_writes)
{
	leveldb_writebatch_t *batch = leveldb_writebatch_create();

	for (size_t i = 0; i < n_writes; i++) {
		const struct aicx_write *write = &writes[i];

		if (write->value.ptr == NULL)
			leveldb_writebatch_delete(
			    batch, write->key.ptr, write->key.len);
		else
			leveldb_writebatch_put(batch, write->key.ptr,
			    write->key.len, write->value.ptr, write->value.len);
	}
	return batch;
}

/* May this batch be written at all? */
static aicx_err
batch_check(struct level *level, const struct aicx_batch *batch,
    struct aicx_error *reterr)
{
	if (atomic_load(&level->failed))
		return fail(reterr, AICX_EIO,
		    "the store refuses to write after a failure: %s",
		    level->why);
	if (batch->durability != AICX_DURABLE &&
	    batch->durability != AICX_CACHED)
		return fail(reterr, AICX_EINVAL,
		    "cannot commit with durability %u: it is unknown",
		    batch->durability);
	for (size_t i = 0; i < batch->n_guards; i++) {
		aicx_err err = guard_check(level, &batch->guards[i], reterr);

		if (err != AICX_OK)
			return err;
	}
	return AICX_OK;
}

static aicx_err
level_commit(
    void *state, const struct aicx_batch *batch, struct aicx_error *reterr)
{
	struct level *level = state;
	struct aicx_error why = { 0 };
	aicx_err err = batch_check(level, batch, reterr);

	if (err != AICX_OK)
		return err;
	guard_forget(level, batch);
	err = pairs_commit(level->pairs, batch->writes, batch->n_writes,
	    batch->durability == AICX_DURABLE, &why);
	if (err == AICX_OK)
		return AICX_OK;
	if (pairs_failure(level->pairs) != NULL) {
		(void)snprintf(level->why, sizeof level->why, "%s",
		    pairs_failure(level->pairs));
		atomic_store(&level->failed, true);
	}
	return fail(reterr, err, "%s", why.text);
}

/* --- derived keys ----------------------------------------------------- */

static aicx_err
derived_get(void *state, struct aicx_str key, aicx_pair_fn *fn, void *arg,
    struct aicx_error *reterr)
{
	const struct level *level = state;

	if (level->derived.db == NULL)
		return fail(reterr, AICX_ENOTFOUND, "no such key");
	aicx_err err = db_get(level, level->derived.db, key, fn, arg, reterr);
	if (err == AICX_EIO)
		derived_doubt(&level->derived);
	return err;
}

static aicx_err
derived_range(void *state, struct aicx_str from, struct aicx_str to,
    int reverse, aicx_pair_fn *fn, void *arg, struct aicx_error *reterr)
{
	const struct level *level = state;

	if (level->derived.db == NULL)
		return AICX_OK;
	aicx_err err = db_range(
	    level, level->derived.db, from, to, reverse, fn, arg, reterr);
	if (err == AICX_EIO)
		derived_doubt(&level->derived);
	return err;
}

/* Always synced: of commits that are not, a crash may take one and leave the
   next.  They are few and large. */
static aicx_err
derived_commit(
    void *state, const struct aicx_batch *batch, struct aicx_error *reterr)
{
	struct level *level = state;
	char *why = NULL;
	aicx_err err = batch_check(level, batch, reterr);

	if (err != AICX_OK)
		return err;
	leveldb_writebatch_t *writes =
	    writes_collect(batch->writes, batch->n_writes);
	leveldb_write(level->derived.db, level->durable, writes, &why);
	leveldb_writebatch_destroy(writes);
	if (why != NULL) {
		err =
		    level_fail(level, "cannot write derived keys", why, reterr);
		leveldb_free(why);
		return err;
	}
	if (!dir_sync_settle(level->derived.dir))
		return level_fail(level,
		    "cannot sync the folder of derived keys", strerror(errno),
		    reterr);
	return AICX_OK;
}

/* --- life ------------------------------------------------------------ */

static void
level_close(void *state)
{
	struct level *level = state;

	atomic_store(&level->closing, true);
	(void)pthread_mutex_lock(&level->mutex);
	while (level->n_backups > 0)
		(void)pthread_cond_wait(&level->rested, &level->mutex);
	(void)pthread_mutex_unlock(&level->mutex);
	(void)pthread_cond_destroy(&level->rested);
	(void)pthread_mutex_destroy(&level->mutex);
	derived_close(&level->derived);
	pairs_close(level->pairs);
	leveldb_writeoptions_destroy(level->durable);
	leveldb_readoptions_destroy(level->scan);
	leveldb_readoptions_destroy(level->read);
	leveldb_options_destroy(level->options);
	leveldb_cache_destroy(level->cache);
	leveldb_filterpolicy_destroy(level->filter);
	free(level);
}

static void
level_configure(struct level *level, const struct level_settings *settings)
{
	level->cache = leveldb_cache_create_lru((size_t)settings->cache);
	level->options = leveldb_options_create();
	leveldb_options_set_create_if_missing(level->options, 1);
	/* Without these a damaged middle is skipped in silence. */
	leveldb_options_set_paranoid_checks(level->options, settings->paranoid);
	/* Records compress the better the more of them lie together. */
	leveldb_options_set_block_size(level->options, BLOCK_BYTES);
	leveldb_options_set_write_buffer_size(
	    level->options, (size_t)settings->write_buffer);
	leveldb_options_set_max_open_files(
	    level->options, (int)settings->max_open_files);
	leveldb_options_set_cache(level->options, level->cache);
	/* Many reads ask for keys that are not there: requests that are new. */
	level->filter = leveldb_filterpolicy_create_bloom(FILTER_BITS);
	leveldb_options_set_filter_policy(level->options, level->filter);
	leveldb_options_set_compression(level->options,
	    settings->compression ? leveldb_snappy_compression
				  : leveldb_no_compression);

	level->read = leveldb_readoptions_create();
	leveldb_readoptions_set_verify_checksums(level->read, 1);
	/* A scan would fill the cache with blocks that no one asks for again.
	 */
	level->scan = leveldb_readoptions_create();
	leveldb_readoptions_set_verify_checksums(level->scan, 1);
	leveldb_readoptions_set_fill_cache(level->scan, 0);

	level->durable = leveldb_writeoptions_create();
	leveldb_writeoptions_set_sync(level->durable, 1);
}

static void
level_note_failure(struct level *level, const char *why)
{
	(void)snprintf(level->why, sizeof level->why, "%.150s", why);
	atomic_store(&level->failed, true);
}

static aicx_err
level_open_pairs(struct level *level, const struct level_settings *set,
    const struct aicx_host *host, struct aicx_self *self,
    struct aicx_error *reterr)
{
	struct aicx_error why = { 0 };

	level->wish = (struct pairs_wish) { set->path, set->scratch,
		(uint64_t)set->file_size, !set->paranoid || set->repair,
		level->options, level->read, level->scan, level->durable, host,
		self };
	aicx_err err = migrate(&level->wish, &why);
	if (err == AICX_OK)
		err = pairs_open(&level->wish, &level->pairs, &why);
	if (err != AICX_OK)
		return fail(reterr, err, "cannot open the store \"%s\": %s",
		    set->path, why.text);
	if (pairs_failure(level->pairs) != NULL) {
		(void)snprintf(level->why, sizeof level->why,
		    "it cannot be written: %.120s",
		    pairs_failure(level->pairs));
		atomic_store(&level->failed, true);
	}
	return AICX_OK;
}

/* Without them the rest can be read, and nothing be written. */
static void
level_open_derived(struct level *level, const struct level_settings *settings,
    const struct aicx_host *host, struct aicx_self *self)
{
	struct aicx_error why;
	aicx_err err = derived_open(&level->derived, level->options,
	    settings->path, "derived",
	    atomic_load(&level->failed) ? settings->scratch : NULL, host, self,
	    &why);

	if (err != AICX_OK)
		level_note_failure(level, why.text);
}

/* LevelDB would make it readable by all. */
static aicx_err
folder_make(const char *path, struct aicx_error *reterr)
{
	if (mkdir(path, 0700) == 0 || errno == EEXIST)
		return AICX_OK;
	return fail(reterr, AICX_EIO, "cannot create the store \"%s\": %s",
	    path, strerror(errno));
}

/* Its own name, and the names in it. */
static void
folder_sync(struct level *level, const char *path, const struct aicx_host *host,
    struct aicx_self *self)
{
	struct dir_sync *dir;

	if (atomic_load(&level->failed))
		return;
	dir = dir_sync_new(path, host, self);
	if (dir == NULL)
		level_note_failure(level, strerror(errno));
	dir_sync_free(dir);
}

static aicx_err
level_open(const struct aicx_host *host, struct aicx_self *self,
    const void *settings, void **ret_state, struct aicx_error *reterr)
{
	const struct level_settings *set = settings;
	struct level *level = calloc(1, sizeof *level);
	aicx_err err;

	if (level == NULL)
		return fail(reterr, AICX_ENOMEM,
		    "cannot open the store \"%s\": "
		    "out of memory",
		    set->path);
	(void)pthread_mutex_init(&level->mutex, NULL);
	(void)pthread_cond_init(&level->rested, NULL);
	level_configure(level, set);
	err = folder_make(set->path, reterr);
	shadow_sweep(set->scratch);
	if (err == AICX_OK)
		err = level_open_pairs(level, set, host, self, reterr);
	if (err != AICX_OK) {
		level_close(level);
		return err;
	}
	folder_sync(level, set->path, host, self);
	level_open_derived(level, set, host, self);
	*ret_state = level;
	return AICX_OK;
}

static aicx_err
level_backup(void *state, const char *path, struct aicx_error *reterr)
{
	struct level *level = state;

	(void)pthread_mutex_lock(&level->mutex);
	level->n_backups++;
	(void)pthread_mutex_unlock(&level->mutex);
	aicx_err err = backup_copy(
	    level->pairs, &level->wish, path, &level->closing, reterr);
	(void)pthread_mutex_lock(&level->mutex);
	level->n_backups--;
	(void)pthread_cond_broadcast(&level->rested);
	(void)pthread_mutex_unlock(&level->mutex);
	return err;
}

static const struct aicx_store_ops derived_ops = {
	.size = sizeof derived_ops,
	.get = derived_get,
	.range = derived_range,
	.commit = derived_commit,
};

static const struct aicx_store_ops level_ops = {
	.size = sizeof level_ops,
	.get = level_get,
	.range = level_range,
	.commit = level_commit,
	.backup = level_backup,
	.derived = &derived_ops,
};

const struct aicx_plugin aicx_plugin = {
	AICX_PLUGIN_HEAD(AICX_STORE),
	.name = "leveldb",
	.version = "0.1.0",
	.license = "Apache-2.0",
	.summary = "ordered keys in a folder of its own, by LevelDB",
	.options = level_options,
	.settings_size = sizeof(struct level_settings),
	.ops.store = &level_ops,
	.open = level_open,
	.close = level_close,
};
