/* SPDX-License-Identifier: Apache-2.0 */
/* stage_store.c - a store in memory that forgets like a disk, and what tests do
   to it. */
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/testdata/stage_inside.h"

#include <stdlib.h>
#include <string.h>

struct pair {
	struct buf key, value;
	struct list node; /* in undo */
	bool absent;
};

static void
pair_free(struct pair *pair)
{
	buf_fini(&pair->key);
	buf_fini(&pair->value);
	free(pair);
}

static aicx_err
store_get(void *state, struct aicx_str key, aicx_pair_fn *fn, void *arg,
    struct aicx_error *reterr)
{
	struct stage *stage = state;
	const struct pair *pair = map_find(&stage->store, key);

	if (pair == NULL)
		return err_set(reterr, AICX_ENOTFOUND, "no such key");
	(void)fn(key, buf_view(&pair->value), arg);
	return AICX_OK;
}

static int
by_key(const void *a, const void *b)
{
	const struct pair *const *left = a, *const *right = b;

	return str_cmp(buf_view(&(*left)->key), buf_view(&(*right)->key));
}

static aicx_err
store_range(void *state, struct aicx_str from, struct aicx_str to, int reverse,
    aicx_pair_fn *fn, void *arg, struct aicx_error *reterr)
{
	struct stage *stage = state;
	struct pair **found =
	    mem_new((map_len(&stage->store) + 1) * sizeof(struct pair *));
	size_t n = 0;

	(void)reterr;
	MAP_EACH (entry, &stage->store)
		if (str_cmp(entry->key, from) >= 0 &&
		    str_cmp(entry->key, to) < 0)
			found[n++] = entry->value;
	qsort(found, n, sizeof *found, by_key);
	for (size_t i = 0; i < n; i++) {
		const struct pair *pair = found[reverse ? n - 1 - i : i];
		if (fn(buf_view(&pair->key), buf_view(&pair->value), arg) != 0)
			break;
	}
	free(found);
	return AICX_OK;
}

void
stage_write(struct stage *stage, struct aicx_str key, struct aicx_str value)
{
	struct pair *pair = map_find(&stage->store, key);

	if (pair != NULL) {
		(void)map_remove(&stage->store, key);
		pair_free(pair);
	}
	if (value.ptr == NULL)
		return;
	pair = MEM_NEW(struct pair);
	buf_str(&pair->key, key);
	buf_str(&pair->value, value);
	(void)map_put(&stage->store, buf_view(&pair->key), pair);
}

void
stage_keep_cached(struct stage *stage)
{
	LIST_EACH (node, &stage->undo) {
		list_remove(node);
		pair_free(LIST_ITEM(node, struct pair, node));
	}
}

static void
undo_note(struct stage *stage, struct aicx_str key)
{
	const struct pair *before = map_find(&stage->store, key);
	struct pair *undo = MEM_NEW(struct pair);

	buf_str(&undo->key, key);
	undo->absent = before == NULL;
	if (before != NULL)
		buf_str(&undo->value, buf_view(&before->value));
	list_push_front(&stage->undo, &undo->node);
}

static aicx_err
store_commit(
    void *state, const struct aicx_batch *batch, struct aicx_error *reterr)
{
	struct stage *stage = state;

	if (stage->commits_left == 0)
		return err_set(reterr, AICX_EIO, "the disk is gone");
	stage->commits_left--;
	for (size_t i = 0; i < batch->n_writes; i++) {
		if (batch->durability == AICX_CACHED)
			undo_note(stage, batch->writes[i].key);
		stage_write(
		    stage, batch->writes[i].key, batch->writes[i].value);
	}
	if (batch->durability == AICX_DURABLE)
		stage_keep_cached(stage);
	return AICX_OK;
}

void
stage_lose_cached(struct stage *stage)
{
	LIST_EACH (node, &stage->undo) {
		const struct pair *undo = LIST_ITEM(node, struct pair, node);
		struct aicx_str value = buf_view(&undo->value);
		if (!undo->absent && value.ptr == NULL)
			value = STR("");
		stage_write(stage, buf_view(&undo->key),
		    undo->absent ? (struct aicx_str) { NULL, 0 } : value);
	}
	stage_keep_cached(stage);
}

void
stage_copy_store(struct stage *to, const struct stage *from)
{
	memset(&to->store, 0, sizeof to->store);
	list_init(&to->undo);
	MAP_EACH (entry, &from->store) {
		const struct pair *pair = entry->value;
		struct aicx_str value = buf_view(&pair->value);
		stage_write(
		    to, entry->key, value.ptr != NULL ? value : STR(""));
	}
}

void
stage_fini_store(struct stage *stage)
{
	stage_keep_cached(stage);
	MAP_EACH (entry, &stage->store)
		pair_free(entry->value);
	map_fini(&stage->store);
}

const struct aicx_store_ops stage_store_ops = {
	.size = sizeof stage_store_ops,
	.get = store_get,
	.range = store_range,
	.commit = store_commit,
};

static struct pair *
record_pair(struct stage *stage, uint64_t seq)
{
	char key[12] = "0/r/";

	for (int i = 0; i < 8; i++)
		key[4 + i] = (char)(seq >> (56 - 8 * i));
	return map_find(&stage->store, (struct aicx_str) { key, sizeof key });
}

void
stage_lose(struct stage *stage, uint64_t seq)
{
	struct pair *pair = record_pair(stage, seq);

	(void)map_remove(&stage->store, buf_view(&pair->key));
	pair_free(pair);
}

void
stage_tamper(struct stage *stage, uint64_t seq)
{
	struct pair *pair = record_pair(stage, seq);
	char *at = memmem(pair->value.ptr, pair->value.len, ".", 1);
	at[1] = at[1] == '0' ? '1' : '0';
}

void
stage_forget(struct stage *stage)
{
	static const char index_letters[] = "wiqxalt";

	stage_keep_cached(stage);
	stage_write(stage, str_of(applied_key), (struct aicx_str) { NULL, 0 });
	MAP_EACH (entry, &stage->store) {
		struct pair *pair = entry->value;
		if (!str_starts(entry->key, "0/") || entry->key.len < 4 ||
		    entry->key.ptr[3] != '/' ||
		    strchr(index_letters, entry->key.ptr[2]) == NULL)
			continue;
		(void)map_remove(&stage->store, buf_view(&pair->key));
		pair_free(pair);
	}
}

struct buf *
stage_value(struct stage *stage, const char *prefix, size_t n)
{
	MAP_EACH (entry, &stage->store)
		if (str_starts(entry->key, prefix) && n-- == 0)
			return &((struct pair *)entry->value)->value;
	return NULL;
}
