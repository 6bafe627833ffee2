/* SPDX-License-Identifier: Apache-2.0 */
/* level_open.c - a store's life: its LevelDB is told how to be, its folder is
   made, taken over and opened, and all of it is closed. */
#include "level.h"

#include "dir_sync.h"
#include "fail.h"
#include "migrate.h"
#include "shadow.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
	FILTER_BITS = 10, /* a key: one look in a hundred is in vain */
	BLOCK_BYTES = 16 << 10
};

void
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

aicx_err
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
