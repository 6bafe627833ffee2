/* SPDX-License-Identifier: Apache-2.0 */
/* level_derived.c - the derived keys, as a store beside the other: a LevelDB is
   read and written as it is. */
#include "level.h"

#include "fail.h"

#include <errno.h>
#include <string.h>

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

const struct aicx_store_ops derived_ops = {
	.size = sizeof derived_ops,
	.get = derived_get,
	.range = derived_range,
	.commit = derived_commit,
};
