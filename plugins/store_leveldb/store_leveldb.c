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
#include "level.h"

#include "backup.h"

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
	    .fallback = "8m",
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
	    .fallback = "no",
	    .help = "Tables by Snappy: less space, more processor time.",
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

static aicx_err
level_get(void *state, struct aicx_str key, aicx_pair_fn *fn, void *arg,
    struct aicx_error *reterr)
{
	const struct level *level = state;

	return pairs_get(level->pairs, key, fn, arg, reterr);
}

static aicx_err
level_range(void *state, struct aicx_str from, struct aicx_str to, int reverse,
    aicx_pair_fn *fn, void *arg, struct aicx_error *reterr)
{
	const struct level *level = state;

	return pairs_range(
	    level->pairs, from, to, reverse != 0, fn, arg, reterr);
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
