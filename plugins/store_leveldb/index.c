/* SPDX-License-Identifier: Apache-2.0 */
/*
 * index.c - LevelDB's keys are "k" and the key of the store, and "m" for the
 * mark; numbers are little-endian.
 */
#include "index.h"

#include "fail.h"

#include <string.h>

static const char mark_key[] = "m";
enum { SPOT_BYTES = 16, MARK_BYTES = 24 };

static void
spot_print(const struct spot *spot, char ret[SPOT_BYTES])
{
	put_le32(ret, spot->file);
	put_le32(ret + 4, spot->n_bytes);
	put_le64(ret + 8, spot->offset);
}

static bool
spot_parse(const char *bytes, size_t n, struct spot *ret_spot)
{
	if (n != SPOT_BYTES)
		return false;
	*ret_spot = (struct spot) { get_le32(bytes), get_le32(bytes + 4),
		get_le64(bytes + 8) };
	return true;
}

static aicx_err
fail_form(struct aicx_error *reterr)
{
	return fail(reterr, AICX_EIO, "cannot read the index: %s",
	    "a place has a wrong length");
}

/* --- one key ----------------------------------------------------------- */

aicx_err
index_mark(
    struct index *index, struct mark *ret_mark, struct aicx_error *reterr)
{
	char *why = NULL;
	size_t n = 0;

	if (index->level.db == NULL)
		return fail(reterr, AICX_ENOTFOUND, "there is no index");
	char *value =
	    leveldb_get(index->level.db, index->read, mark_key, 1, &n, &why);
	if (why != NULL)
		return fail_with(reterr, "cannot read the index", why);
	if (value == NULL)
		return fail(reterr, AICX_ENOTFOUND, "there is no index");
	if (n == MARK_BYTES)
		*ret_mark =
		    (struct mark) { get_le32(value), get_le32(value + 4),
			    get_le64(value + 8), get_le64(value + 16) };
	leveldb_free(value);
	return n == MARK_BYTES ? AICX_OK : fail_form(reterr);
}

static aicx_err
level_find(struct index *index, struct aicx_str key, struct spot *ret_spot,
    struct aicx_error *reterr)
{
	struct bytes name = { NULL };
	char *why = NULL;
	size_t n = 0;

	bytes_char(&name, 'k');
	bytes_str(&name, key);
	if (name.failed)
		return fail(reterr, AICX_ENOMEM, "out of memory");
	char *value = leveldb_get(
	    index->level.db, index->read, name.ptr, name.len, &n, &why);
	bytes_fini(&name);
	if (why != NULL) {
		derived_doubt(&index->level);
		return fail_with(reterr, "cannot read the index", why);
	}
	if (value == NULL)
		return fail(reterr, AICX_ENOTFOUND, "no such key");
	bool good = spot_parse(value, n, ret_spot);
	leveldb_free(value);
	return good ? AICX_OK : fail_form(reterr);
}

aicx_err
index_find(struct index *index, struct aicx_str key, struct spot *ret_spot,
    struct aicx_error *reterr)
{
	bool gone = false;

	(void)pthread_mutex_lock(&index->mutex);
	const struct tail_item *item = tail_find(&index->tail, key);
	bool found = item != NULL;
	if (found) {
		gone = item->gone;
		*ret_spot = item->spot;
	}
	(void)pthread_mutex_unlock(&index->mutex);
	if (gone || (!found && index->level.db == NULL))
		return fail(reterr, AICX_ENOTFOUND, "no such key");
	return found ? AICX_OK : level_find(index, key, ret_spot, reterr);
}

bool
index_put(struct index *index, const struct aicx_write *writes,
    const struct spot *spots, size_t n)
{
	bool good = true;

	(void)pthread_mutex_lock(&index->mutex);
	for (size_t i = 0; good && i < n; i++)
		good = tail_put(&index->tail, writes[i].key,
		    writes[i].value.ptr == NULL, &spots[i]);
	(void)pthread_mutex_unlock(&index->mutex);
	return good;
}

/* --- a batch ------------------------------------------------------------ */

static void
batch_item(leveldb_writebatch_t *batch, const struct tail_item *item,
    struct bytes *name)
{
	char spot[SPOT_BYTES];

	bytes_clear(name);
	bytes_char(name, 'k');
	bytes_str(name, item->key);
	spot_print(&item->spot, spot);
	if (item->gone)
		leveldb_writebatch_delete(batch, name->ptr, name->len);
	else
		leveldb_writebatch_put(
		    batch, name->ptr, name->len, spot, sizeof spot);
}

static void
batch_mark(leveldb_writebatch_t *batch, const struct mark *mark)
{
	char value[MARK_BYTES];

	put_le32(value, mark->file);
	put_le32(value + 4, mark->sum);
	put_le64(value + 8, mark->offset);
	put_le64(value + 16, mark->number);
	leveldb_writebatch_put(batch, mark_key, 1, value, sizeof value);
}

/* Only the writer changes the tail, so it is read here without the mutex.  What
   is in the batch stays in the tail until it is found in the LevelDB. */
aicx_err
index_flush(
    struct index *index, const struct mark *mark, struct aicx_error *reterr)
{
	struct bytes name = { NULL };
	char *why = NULL;

	if (index->level.db == NULL || mark->number == 0)
		return AICX_OK;
	leveldb_writebatch_t *batch = leveldb_writebatch_create();
	for (size_t i = 0; i < index->tail.n && !name.failed; i++)
		batch_item(batch, &index->tail.items[i], &name);
	batch_mark(batch, mark);
	if (!name.failed)
		leveldb_write(index->level.db, index->durable, batch, &why);
	leveldb_writebatch_destroy(batch);
	bool short_of_memory = name.failed;
	bytes_fini(&name);
	if (short_of_memory)
		return fail(reterr, AICX_ENOMEM, "out of memory");
	if (why != NULL)
		return fail_with(reterr, "cannot write the index", why);
	if (!dir_sync_settle(index->level.dir))
		return fail(
		    reterr, AICX_EIO, "cannot sync the folder of the index");
	(void)pthread_mutex_lock(&index->mutex);
	tail_clear(&index->tail);
	(void)pthread_mutex_unlock(&index->mutex);
	return AICX_OK;
}

/* --- many keys ---------------------------------------------------------- */

static struct aicx_str
iter_key(const struct cursor *cursor)
{
	struct aicx_str key;

	key.ptr = leveldb_iter_key(cursor->iter, &key.len);
	return key;
}

static bool
iter_is_at_key(const struct cursor *cursor)
{
	if (cursor->iter == NULL || !leveldb_iter_valid(cursor->iter))
		return false;
	struct aicx_str key = iter_key(cursor);
	return key.len > 0 && key.ptr[0] == 'k';
}

/* Ascending: the first one from `from` on; descending: the last below `to`. */
static void
iter_begin(struct cursor *cursor, struct bytes *name)
{
	struct aicx_str start = cursor->down ? cursor->to : cursor->from;

	/* "l" comes right behind all keys. */
	bytes_char(name, cursor->down && start.ptr == NULL ? 'l' : 'k');
	bytes_str(name, start);
	if (name->failed)
		return;
	leveldb_iter_seek(cursor->iter, name->ptr, name->len);
	if (!cursor->down)
		return;
	if (leveldb_iter_valid(cursor->iter))
		leveldb_iter_prev(cursor->iter);
	else
		leveldb_iter_seek_to_last(cursor->iter);
}

aicx_err
cursor_begin(struct cursor *cursor, struct index *index, struct aicx_str from,
    struct aicx_str to, bool down, struct aicx_error *reterr)
{
	struct bytes name = { NULL };
	const struct tail *tail = &index->tail;

	*cursor =
	    (struct cursor) { index, .from = from, .to = to, .down = down };
	(void)pthread_mutex_lock(&index->mutex);
	size_t low = from.ptr == NULL ? 0 : tail_seek(tail, from);
	size_t high = to.ptr == NULL ? tail->n : tail_seek(tail, to);
	bool good = tail_copy(tail, low, high, &cursor->tail);
	if (index->level.db != NULL)
		cursor->iter =
		    leveldb_create_iterator(index->level.db, index->scan);
	(void)pthread_mutex_unlock(&index->mutex);
	if (down)
		cursor->next = cursor->tail.n;
	if (cursor->iter != NULL)
		iter_begin(cursor, &name);
	good = good && !name.failed;
	bytes_fini(&name);
	if (good)
		return AICX_OK;
	cursor_fini(cursor);
	return fail(reterr, AICX_ENOMEM, "out of memory");
}

static const struct tail_item *
tail_next(const struct cursor *cursor)
{
	if (cursor->down)
		return cursor->next > 0 ? &cursor->tail.items[cursor->next - 1]
					: NULL;
	return cursor->next < cursor->tail.n ? &cursor->tail.items[cursor->next]
					     : NULL;
}

/* The key under the LevelDB's iterator, when it is within the range. */
static bool
iter_in_range(const struct cursor *cursor, struct aicx_str *ret_key)
{
	if (!iter_is_at_key(cursor))
		return false;
	struct aicx_str key = iter_key(cursor);
	*ret_key = (struct aicx_str) { key.ptr + 1, key.len - 1 };
	if (cursor->down)
		return cursor->from.ptr == NULL ||
		    key_compare(*ret_key, cursor->from) >= 0;
	return cursor->to.ptr == NULL || key_compare(*ret_key, cursor->to) < 0;
}

static void
iter_step(const struct cursor *cursor)
{
	if (cursor->down)
		leveldb_iter_prev(cursor->iter);
	else
		leveldb_iter_next(cursor->iter);
}

/* The last key came from the iterator and was borrowed until now. */
static void
step_on(struct cursor *cursor)
{
	if (cursor->borrowed)
		iter_step(cursor);
	cursor->borrowed = false;
}

aicx_err
cursor_next(
    struct cursor *cursor, struct found *ret_found, struct aicx_error *reterr)
{
	struct aicx_str key;
	char *why = NULL;

	for (;;) {
		step_on(cursor);
		const struct tail_item *item = tail_next(cursor);
		bool more = iter_in_range(cursor, &key);
		int order = !more ? -1
		    : item == NULL
		    ? 1
		    : key_compare(item->key, key) * (cursor->down ? -1 : 1);
		if (item == NULL && !more)
			break;
		cursor->borrowed = more && order >= 0;
		if (order > 0) {
			size_t n = 0;
			const char *value =
			    leveldb_iter_value(cursor->iter, &n);
			ret_found->key = key;
			return spot_parse(value, n, &ret_found->spot)
			    ? AICX_OK
			    : fail_form(reterr);
		}
		/* The tail has the newer one of two. */
		cursor->next =
		    cursor->down ? cursor->next - 1 : cursor->next + 1;
		if (item->gone)
			continue;
		*ret_found = (struct found) { item->key, item->spot };
		return AICX_OK;
	}
	if (cursor->iter != NULL)
		leveldb_iter_get_error(cursor->iter, &why);
	if (why == NULL)
		return AICX_ENOTFOUND;
	derived_doubt(&cursor->index->level);
	return fail_with(reterr, "cannot read the index", why);
}

void
cursor_fini(struct cursor *cursor)
{
	if (cursor->iter != NULL)
		leveldb_iter_destroy(cursor->iter);
	tail_fini(&cursor->tail);
	*cursor = (struct cursor) { .iter = NULL };
}
