/* SPDX-License-Identifier: Apache-2.0 */
/* journal.c - records in a chain, and what waits for them to be durable. */
#include "broker/journal.h"

#include "base/b64.h"
#include "base/broken.h"
#include "base/err.h"
#include "base/json.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/catalog.h"
#include "broker/writer.h"
#include "protocol/crypto.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char record_prefix[] = "0/r/";
enum { RECORD_KEY = 4 + 8, ASIDE_MAX = 32, WRITES_MAX = ASIDE_MAX + 1 };

struct waiting {
	uint64_t seq;
	aicx_task_fn *fn;
	void *arg;
};

struct aside { /* not durable yet; get reads it */
	struct buf key, value;
	bool gone;
};

struct tile {
	int level;
	uint64_t index;
	struct merkle_tile tile;
};

struct journal {
	const struct aicx_store_ops *ops;
	void *store;
	struct catalog catalog;
	struct writer *writer; /* NULL: commits are made at once */
	journal_durable_fn *on_durable;
	journal_failed_fn *on_failed;
	void *arg;
	uint64_t epoch, seq, durable; /* of the last record */
	uint8_t prev[HASH_BYTES];
	struct waiting *ring; /* in order of seq */
	size_t head, n_ring, cap_ring;
	struct map overlay; /* key -> struct aside */
	struct aside *aside[ASIDE_MAX]; /* for the next record */
	size_t n_aside;
	struct merkle *tree;
	struct tile **tiles; /* the index does not have, or not for sure */
	size_t n_tiles, n_tiles_sent, cap_tiles;
	bool failed;
	struct aicx_error failure;
};

static void
put_be64(uint64_t value, char ret_bytes[8])
{
	for (int i = 0; i < 8; i++)
		ret_bytes[i] = (char)(value >> (56 - 8 * i));
}

static void
record_key(uint64_t seq, char ret_key[RECORD_KEY])
{
	memcpy(ret_key, record_prefix, 4);
	put_be64(seq, ret_key + 4);
}

static uint64_t
key_seq(struct aicx_str key)
{
	uint64_t seq = 0;

	for (size_t i = key.len - 8; i < key.len; i++)
		seq = seq << 8 | (unsigned char)key.ptr[i];
	return seq;
}

static void
overlay_clear(struct journal *journal)
{
	MAP_EACH (entry, &journal->overlay) {
		struct aside *aside = entry->value;
		buf_fini(&aside->key);
		buf_fini(&aside->value);
		free(aside);
	}
	map_fini(&journal->overlay);
}

static void
became_durable(uint64_t seq, int64_t took_us, size_t n_records, void *arg)
{
	struct journal *journal = arg;

	if (seq > journal->durable)
		journal->durable = seq;
	if (journal->on_durable != NULL)
		journal->on_durable(took_us, n_records, journal->arg);
	while (journal->n_ring > 0) {
		struct waiting first = journal->ring[journal->head];
		if (first.seq > journal->durable)
			break;
		journal->head = (journal->head + 1) % journal->cap_ring;
		journal->n_ring--;
		first.fn(first.arg);
	}
	/* Keys put aside have no number of their own: the store has them all
	   when nothing waits to be written. */
	if (journal->durable == journal->seq && journal->n_aside == 0 &&
	    (journal->writer == NULL || writer_pending(journal->writer) == 0))
		overlay_clear(journal);
}

static void
commit_failed(const struct aicx_error *error, void *arg)
{
	struct journal *journal = arg;

	journal->failed = true;
	journal->failure = *error;
	journal->on_failed(error, journal->arg);
}

static int
copy_value(struct aicx_str key, struct aicx_str value, void *arg)
{
	(void)key;
	buf_str(arg, value);
	return 0;
}

static aicx_err
commit_as(struct journal *journal, const struct aicx_store_ops *ops,
    enum aicx_durability durability, const struct aicx_write *writes, size_t n,
    struct aicx_error *reterr)
{
	struct aicx_batch batch = {
		.size = sizeof batch,
		.durability = durability,
		.writes = writes,
		.n_writes = n,
	};

	return ops->commit(journal->store, &batch, reterr);
}

static aicx_err
commit_now(struct journal *journal, const struct aicx_write *writes, size_t n,
    struct aicx_error *reterr)
{
	return commit_as(
	    journal, journal->ops, AICX_DURABLE, writes, n, reterr);
}

/* --- tiles of the tree --------------------------------------------------- */

static struct tile *
tile_find(const struct journal *journal, int level, uint64_t index)
{
	for (size_t i = journal->n_tiles; i > 0; i--) {
		struct tile *tile = journal->tiles[i - 1];
		if (tile->level == level && tile->index == index)
			return tile;
	}
	return NULL;
}

static aicx_err
tile_read(int level, uint64_t index, struct merkle_tile *ret_tile, void *arg,
    struct aicx_error *reterr)
{
	const struct journal *journal = arg;
	const struct tile *tile = tile_find(journal, level, index);
	struct catalog_key key = catalog_tile_key(level, index);
	struct buf value = { 0 };

	if (tile != NULL) {
		*ret_tile = tile->tile;
		return AICX_OK;
	}
	aicx_err err = catalog_get(&journal->catalog, &key, &value, reterr);
	if (err == AICX_OK && value.len != sizeof *ret_tile)
		err = AICX_EIO;
	if (err == AICX_OK)
		memcpy(ret_tile, value.ptr, sizeof *ret_tile);
	else
		err = err_set(reterr, AICX_EIO,
		    "tile %llu of level %d cannot be read",
		    (unsigned long long)index, level);
	buf_fini(&value);
	return err;
}

/* In memory until the index has it. */
static void
tile_keep(int level, uint64_t index, const struct merkle_tile *tile, void *arg)
{
	struct journal *journal = arg;
	struct tile *kept = MEM_NEW(struct tile);

	*kept = (struct tile) { level, index, *tile };
	if (journal->n_tiles == journal->cap_tiles) {
		journal->cap_tiles =
		    journal->cap_tiles > 0 ? journal->cap_tiles * 2 : 16;
		journal->tiles = mem_grow(journal->tiles,
		    journal->cap_tiles * sizeof *journal->tiles);
	}
	journal->tiles[journal->n_tiles++] = kept;
}

void
journal_tiles_send(struct journal *journal, journal_tile_fn *fn, void *arg)
{
	for (size_t i = 0; i < journal->n_tiles; i++) {
		const struct tile *tile = journal->tiles[i];
		struct catalog_key key =
		    catalog_tile_key(tile->level, tile->index);
		fn(&key,
		    (struct aicx_str) {
			(const char *)&tile->tile, sizeof tile->tile },
		    arg);
	}
	journal->n_tiles_sent = journal->n_tiles;
}

void
journal_tiles_confirm(struct journal *journal)
{
	size_t n = journal->n_tiles_sent;

	for (size_t i = 0; i < n; i++)
		free(journal->tiles[i]);
	if (n > 0)
		memmove(journal->tiles, journal->tiles + n,
		    (journal->n_tiles - n) * sizeof(struct tile *));
	journal->n_tiles -= n;
	journal->n_tiles_sent = 0;
}

aicx_err
journal_root(struct journal *journal, uint64_t n_leaves,
    uint8_t ret_root[HASH_BYTES], struct aicx_error *reterr)
{
	return merkle_root(journal->tree, n_leaves, ret_root, reterr);
}

aicx_err
journal_inclusion(struct journal *journal, uint64_t seq, uint64_t n_leaves,
    struct merkle_proof *ret_proof, struct aicx_error *reterr)
{
	return merkle_inclusion(
	    journal->tree, seq - 1, n_leaves, ret_proof, reterr);
}

aicx_err
journal_consistency(struct journal *journal, uint64_t from, uint64_t to,
    struct merkle_proof *ret_proof, struct aicx_error *reterr)
{
	return merkle_consistency(journal->tree, from, to, ret_proof, reterr);
}

/* One hash of a record is its leaf in the tree and its link in the chain. */
static void
add_leaf(struct journal *journal, struct aicx_str record)
{
	merkle_leaf(record.ptr, record.len, journal->prev);
	merkle_append(journal->tree, journal->prev);
}

struct journal *
journal_new(struct loop *loop, const struct aicx_store_ops *ops, void *store,
    size_t batch_max, journal_durable_fn *on_durable,
    journal_failed_fn *on_failed, void *arg)
{
	struct journal *journal = MEM_NEW(struct journal);

	journal->ops = ops;
	journal->store = store;
	journal->catalog = (struct catalog) { catalog_ops(ops), ops, store };
	journal->on_durable = on_durable;
	journal->on_failed = on_failed;
	journal->arg = arg;
	journal->tree = merkle_new(
	    &(struct merkle_ports) { tile_keep, tile_read, journal });
	if (loop != NULL) {
		struct writer_limits limits = writer_limits_default;
		limits.records_max = batch_max;
		journal->writer = writer_new(loop, ops, store, &limits,
		    became_durable, commit_failed, journal);
	}
	return journal;
}

void
journal_free(struct journal *journal)
{
	if (journal == NULL)
		return;
	if (journal->writer != NULL) {
		writer_flush(journal->writer);
		writer_free(journal->writer);
	}
	overlay_clear(journal);
	merkle_free(journal->tree);
	for (size_t i = 0; i < journal->n_tiles; i++)
		free(journal->tiles[i]);
	free(journal->tiles);
	free(journal->ring);
	free(journal);
}

aicx_err
journal_check(struct journal *journal, struct aicx_error *reterr)
{
	struct buf value = { 0 };
	int64_t format = 0;
	aicx_err err = journal->ops->get(
	    journal->store, STR("format"), copy_value, &value, reterr);

	if (err == AICX_ENOTFOUND) {
		struct aicx_write write = { STR("format"), STR("2") };
		err = commit_now(journal, &write, 1, reterr);
	} else if (err == AICX_OK && !str_int(buf_view(&value), &format))
		err = err_set(reterr, AICX_EIO,
		    "store's format \"%.*s\" is no number",
		    STR_ARG(buf_view(&value)));
	else if (err == AICX_OK && format > JOURNAL_FORMAT)
		err = err_set(reterr, AICX_EABI,
		    "store has format %lld, this broker writes %d: "
		    "a newer broker made it",
		    (long long)format, JOURNAL_FORMAT);
	else if (err == AICX_OK && format < JOURNAL_FORMAT)
		err = err_set(reterr, AICX_EABI,
		    "store has format %lld, this broker reads %d: "
		    "an older broker made it",
		    (long long)format, JOURNAL_FORMAT);
	buf_fini(&value);
	return err;
}

static aicx_err
take_epoch(struct journal *journal, struct aicx_error *reterr)
{
	struct buf value = { 0 };
	struct aicx_error why = { 0 };
	int64_t epoch = 0;
	char text[24];
	aicx_err err = journal->ops->get(
	    journal->store, STR("0/epoch"), copy_value, &value, reterr);

	if (err != AICX_OK && err != AICX_ENOTFOUND)
		return err;
	(void)str_int(buf_view(&value), &epoch);
	journal->epoch = (uint64_t)epoch + 1;
	int n = snprintf(
	    text, sizeof text, "%llu", (unsigned long long)journal->epoch);
	struct aicx_write write = { STR("0/epoch"), { text, (size_t)n } };
	buf_fini(&value);
	err = commit_now(journal, &write, 1, &why);
	if (err == AICX_OK && journal->writer != NULL)
		writer_guard(journal->writer, write.key, write.value);
	if (err == AICX_EIO && epoch > 0) {
		journal->failed = true;
		journal->failure = why;
		return AICX_OK;
	}
	if (err != AICX_OK && reterr != NULL)
		*reterr = why;
	return err;
}

struct replay {
	struct journal *journal;
	journal_record_fn *on_record;
	void *arg;
	struct aicx_error *reterr;
	aicx_err err;
};

/* The record's own seq and prev: its first and fourth member, always there. */
static aicx_err
check_link(const struct journal *journal, uint64_t seq, struct aicx_str record,
    struct aicx_error *reterr)
{
	char head[128], prev[44];
	int n = snprintf(
	    head, sizeof head, "{\"seq\":%llu,", (unsigned long long)seq);

	if (seq != journal->seq + 1)
		return err_set(reterr, AICX_EIO,
		    "record %llu is missing: the next one is %llu",
		    (unsigned long long)journal->seq + 1,
		    (unsigned long long)seq);
	if (record.len < (size_t)n || memcmp(record.ptr, head, (size_t)n) != 0)
		return err_set(reterr, AICX_EIO,
		    "record %llu does not name its own number",
		    (unsigned long long)seq);
	journal_prev(journal, prev);
	n = snprintf(head, sizeof head, "\"prev\":\"%s\",", prev);
	if (memmem(record.ptr, record.len < 256 ? record.len : 256, head,
		(size_t)n) == NULL &&
	    !broken("no_chain"))
		return err_set(reterr, AICX_EIO,
		    "record %llu does not follow record %llu: its prev differs",
		    (unsigned long long)seq, (unsigned long long)journal->seq);
	return AICX_OK;
}

static int
replay_one(struct aicx_str key, struct aicx_str value, void *arg)
{
	struct replay *replay = arg;
	struct journal *journal = replay->journal;
	uint64_t seq = 0;

	if (catalog_is_checkpoint(key))
		return 0;
	if (key.len != RECORD_KEY) {
		replay->err = err_set(
		    replay->reterr, AICX_EIO, "record key has a wrong length");
		return 1;
	}
	seq = key_seq(key);
	replay->err = check_link(journal, seq, value, replay->reterr);
	if (replay->err != AICX_OK)
		return 1;
	replay->err =
	    replay->on_record(seq, value, replay->arg, replay->reterr);
	if (replay->err != AICX_OK)
		return 1;
	journal->seq = journal->durable = seq;
	add_leaf(journal, value);
	return 0;
}

/* --- starting in the middle ---------------------------------------------- */

static int
resume_one(struct aicx_str key, struct aicx_str value, void *arg)
{
	struct replay *replay = arg;
	struct journal *journal = replay->journal;
	if (catalog_is_checkpoint(key))
		return 0;
	bool first = journal->seq > 0 &&
	    journal->seq == merkle_size(journal->tree) && journal->durable == 0;

	/* Nothing is known of the record before the first one. */
	if (!first)
		replay->err =
		    check_link(journal, key_seq(key), value, replay->reterr);
	if (replay->err != AICX_OK)
		return 1;
	journal->seq = journal->durable = key_seq(key);
	add_leaf(journal, value);
	return 0;
}

/* The tree goes on from its last full tile; the leaves after it are made from
   the records again. */
aicx_err
journal_resume(struct journal *journal, uint64_t seq,
    const uint8_t hash[HASH_BYTES], struct aicx_error *reterr)
{
	uint64_t first = (seq - 1) / MERKLE_TILE * MERKLE_TILE;
	struct replay replay = { .journal = journal, .reterr = reterr };
	char from[RECORD_KEY], to[RECORD_KEY];
	aicx_err err = merkle_resume(journal->tree, first, reterr);

	if (err != AICX_OK)
		return err;
	record_key(first + 1, from);
	record_key(seq + 1, to);
	journal->seq = first;
	err = journal->ops->range(journal->store,
	    (struct aicx_str) { from, sizeof from },
	    (struct aicx_str) { to, sizeof to }, 0, resume_one, &replay,
	    reterr);
	if (err == AICX_OK)
		err = replay.err;
	if (err != AICX_OK)
		return err;
	if (journal->seq != seq)
		return err_set(reterr, AICX_EIO,
		    "records are missing: the index has followed %llu",
		    (unsigned long long)seq);
	if (memcmp(journal->prev, hash, sizeof journal->prev) != 0)
		return err_set(reterr, AICX_EIO,
		    "index does not belong to these records: record %llu is "
		    "another one",
		    (unsigned long long)seq);
	return AICX_OK;
}

aicx_err
journal_replay(struct journal *journal, journal_record_fn *on_record, void *arg,
    struct aicx_error *reterr)
{
	struct replay replay = { journal, on_record, arg, reterr, AICX_OK };
	char from[RECORD_KEY];
	aicx_err err = take_epoch(journal, reterr);

	if (err != AICX_OK)
		return err;
	record_key(journal->seq + 1, from);
	err = journal->ops->range(journal->store,
	    (struct aicx_str) { from, sizeof from }, STR("0/r0"), 0, replay_one,
	    &replay, reterr);
	if (err == AICX_OK)
		err = replay.err;
	return err;
}

const struct aicx_error *
journal_failure(const struct journal *journal)
{
	return journal->failed ? &journal->failure : NULL;
}

uint64_t
journal_epoch(const struct journal *journal)
{
	return journal->epoch;
}

uint64_t
journal_next(const struct journal *journal)
{
	return journal->seq + 1;
}

void
journal_hash(const struct journal *journal, uint8_t ret_hash[HASH_BYTES])
{
	memcpy(ret_hash, journal->prev, HASH_BYTES);
}

void
journal_prev(const struct journal *journal, char ret_b64[44])
{
	b64_print(journal->prev, sizeof journal->prev, ret_b64);
	ret_b64[43] = '\0';
}

static void
write_out(struct journal *journal, const struct aicx_write *writes, size_t n)
{
	struct aicx_error error = { 0 };

	if (journal->failed)
		return; /* nothing is tried again */
	if (journal->writer != NULL) {
		writer_put(
		    journal->writer, journal->seq, writes, n, STEP_DURABLE);
		return;
	}
	if (commit_now(journal, writes, n, &error) != AICX_OK)
		commit_failed(&error, journal);
	else
		became_durable(journal->seq, 0, 1, journal);
}

static size_t
take_aside(struct journal *journal, struct aicx_write *ret_writes)
{
	size_t n = journal->n_aside;

	for (size_t i = 0; i < n; i++) {
		const struct aside *aside = journal->aside[i];
		ret_writes[i].key = buf_view(&aside->key);
		ret_writes[i].value = buf_view(&aside->value);
		if (aside->gone)
			ret_writes[i].value.ptr = NULL;
		else if (ret_writes[i].value.ptr == NULL)
			ret_writes[i].value = STR("");
	}
	journal->n_aside = 0;
	return n;
}

void
journal_append(struct journal *journal, struct aicx_str record)
{
	struct aicx_write writes[WRITES_MAX];
	char key[RECORD_KEY];

	if (journal->failed)
		return;
	add_leaf(journal, record);
	size_t n = take_aside(journal, writes);
	record_key(++journal->seq, key);
	writes[n++] = (struct aicx_write) { { key, sizeof key }, record };
	write_out(journal, writes, n);
}

void
journal_aside(struct journal *journal, struct aicx_str key,
    struct aicx_str value, bool now)
{
	struct aside *aside = map_find(&journal->overlay, key);

	ENSURE(journal->n_aside < ASIDE_MAX);
	if (aside == NULL) {
		aside = MEM_NEW(struct aside);
		buf_str(&aside->key, key);
		(void)map_put(&journal->overlay, buf_view(&aside->key), aside);
	}
	buf_clear(&aside->value);
	aside->gone = value.ptr == NULL;
	buf_str(&aside->value, value);
	journal->aside[journal->n_aside++] = aside;
	if (now) {
		struct aicx_write writes[WRITES_MAX];
		size_t n = take_aside(journal, writes);
		write_out(journal, writes, n);
	}
}

void
journal_beside(struct journal *journal, const struct aicx_write *writes,
    size_t n, bool now)
{
	struct aicx_error error = { 0 };

	if (journal->failed)
		return;
	if (journal->writer != NULL && !now) {
		writer_put(
		    journal->writer, journal->seq, writes, n, STEP_BESIDE);
		return;
	}
	if (commit_as(journal, journal->catalog.ops, AICX_CACHED, writes, n,
		&error) != AICX_OK)
		commit_failed(&error, journal);
}

bool
journal_has_beside(const struct journal *journal, uint64_t seq)
{
	return journal->writer == NULL || journal->durable > seq;
}

aicx_err
journal_get(struct journal *journal, struct aicx_str key, struct buf *ret_value,
    struct aicx_error *reterr)
{
	const struct aside *aside = map_find(&journal->overlay, key);

	if (aside != NULL && aside->gone)
		return err_set(reterr, AICX_ENOTFOUND, "no such key");
	if (aside != NULL) {
		buf_str(ret_value, buf_view(&aside->value));
		return AICX_OK;
	}
	return journal->ops->get(
	    journal->store, key, copy_value, ret_value, reterr);
}

aicx_err
journal_checkpoint(const struct journal *journal, struct buf *ret_note,
    struct aicx_error *reterr)
{
	return catalog_checkpoint(
	    journal->ops, journal->store, ret_note, reterr);
}

aicx_err
journal_record(struct journal *journal, uint64_t seq, struct buf *ret_record,
    struct aicx_error *reterr)
{
	char key[RECORD_KEY];

	record_key(seq, key);
	return journal->ops->get(journal->store,
	    (struct aicx_str) { key, sizeof key }, copy_value, ret_record,
	    reterr);
}

uint64_t
journal_durable(const struct journal *journal)
{
	return journal->durable;
}

bool
journal_is_durable(const struct journal *journal)
{
	return journal->durable == journal->seq;
}

void
journal_after(struct journal *journal, aicx_task_fn *fn, void *arg)
{
	if (journal->durable == journal->seq || broken("ack_before_sync")) {
		fn(arg);
		return;
	}
	if (journal->n_ring == journal->cap_ring) {
		size_t cap = journal->cap_ring ? journal->cap_ring * 2 : 64;
		struct waiting *ring = mem_new(cap * sizeof *ring);
		for (size_t i = 0; i < journal->n_ring; i++)
			ring[i] =
			    journal
				->ring[(journal->head + i) % journal->cap_ring];
		free(journal->ring);
		journal->ring = ring;
		journal->cap_ring = cap;
		journal->head = 0;
	}
	journal->ring[(journal->head + journal->n_ring++) % journal->cap_ring] =
	    (struct waiting) { journal->seq, fn, arg };
}

void
journal_flush(struct journal *journal)
{
	if (journal->writer != NULL)
		writer_flush(journal->writer);
}
