/* SPDX-License-Identifier: Apache-2.0 */
/* rolls.c - lists that only grow, the greater part of them in the store. */
#include "broker/rolls.h"

#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/varint.h"

#include <stdlib.h>
#include <string.h>

struct chunk {
	struct chunk_key {
		struct aicx_id owner;
		uint64_t roll; /* no byte is left unset */
	} key;
	uint64_t first, last;
	struct buf value;
};

static struct aicx_str
key_view(const struct chunk_key *key)
{
	return (struct aicx_str) { (const char *)key, sizeof *key };
}

static struct chunk *
chunk_find(
    const struct map *chunks, enum roll roll, const struct aicx_id *owner)
{
	struct chunk_key key = { *owner, (uint64_t)roll };

	return map_find(chunks, key_view(&key));
}

static void
chunk_free(struct chunk *chunk)
{
	buf_fini(&chunk->value);
	free(chunk);
}

static void
chunks_free(struct map *chunks)
{
	MAP_EACH (entry, chunks)
		chunk_free(entry->value);
	map_fini(chunks);
}

void
rolls_fini(struct rolls *rolls)
{
	chunks_free(&rolls->now);
	chunks_free(&rolls->sent);
}

static bool
has_ids(enum roll roll)
{
	return roll != ROLL_TRAIL && roll != ROLL_ACTS;
}

void
rolls_add(struct rolls *rolls, enum roll roll, const struct aicx_id *owner,
    uint64_t rank, const struct aicx_id *id)
{
	struct chunk *chunk = chunk_find(&rolls->now, roll, owner);

	if (chunk == NULL) {
		chunk = MEM_NEW(struct chunk);
		chunk->key.owner = *owner;
		chunk->key.roll = (uint64_t)roll;
		chunk->first = chunk->last = rank;
		(void)map_put(&rolls->now, key_view(&chunk->key), chunk);
	}
	ENSURE(rank >= chunk->last);
	varint_put(&chunk->value, rank - chunk->last);
	chunk->last = rank;
	if (has_ids(roll))
		buf_put(&chunk->value, id, sizeof *id);
}

void
rolls_send(struct rolls *rolls, rolls_put_fn *put, void *arg)
{
	ENSURE(map_len(&rolls->sent) == 0);
	rolls_confirm(rolls);
	rolls->sent = rolls->now;
	rolls->now = (struct map) { 0 };
	MAP_EACH (entry, &rolls->sent) {
		const struct chunk *chunk = entry->value;
		struct catalog_key key = catalog_roll_key(
		    (char)chunk->key.roll, &chunk->key.owner, chunk->first);
		put(&key, buf_view(&chunk->value), arg);
	}
}

void
rolls_confirm(struct rolls *rolls)
{
	chunks_free(&rolls->sent);
}

/* --- reading --------------------------------------------------------- */

static bool
chunk_walk(
    uint64_t first, enum roll roll, struct aicx_str text, struct buf *ret_list)
{
	struct roll_entry entry = { .rank = first };

	while (text.len > 0) {
		uint64_t distance = 0;
		if (!varint_take(&text, &distance))
			return false;
		entry.rank += distance;
		if (has_ids(roll)) {
			if (text.len < sizeof entry.id)
				return false;
			memcpy(&entry.id, text.ptr, sizeof entry.id);
			text.ptr += sizeof entry.id;
			text.len -= sizeof entry.id;
		}
		buf_put(ret_list, &entry, sizeof entry);
	}
	return true;
}

static struct roll_entry
entry_at(const struct buf *list, size_t i)
{
	struct roll_entry entry;

	memcpy(&entry, list->ptr + i * sizeof entry, sizeof entry);
	return entry;
}

struct reading {
	enum roll roll;
	struct roll_entry *entries;
	size_t n, cap;
	uint64_t before; /* newest: ranks below; oldest: ranks below, too */
	struct buf list; /* of one chunk */
	bool broken;
};

static void
take_newest(struct reading *reading)
{
	size_t n = reading->list.len / sizeof(struct roll_entry);

	while (n > 0 && reading->n < reading->cap) {
		struct roll_entry entry = entry_at(&reading->list, --n);
		if (entry.rank < reading->before)
			reading->entries[reading->n++] = entry;
	}
}

static bool
read_chunk(struct reading *reading, struct aicx_str key, struct aicx_str value)
{
	uint64_t first = 0;

	for (size_t i = key.len - 8; i < key.len; i++)
		first = first << 8 | (uint8_t)key.ptr[i];
	buf_clear(&reading->list);
	reading->broken =
	    !chunk_walk(first, reading->roll, value, &reading->list);
	return !reading->broken;
}

static int
on_newest(struct aicx_str key, struct aicx_str value, void *arg)
{
	struct reading *reading = arg;

	if (!read_chunk(reading, key, value))
		return 1;
	take_newest(reading);
	return reading->n == reading->cap;
}

static aicx_err
read_store(struct reading *reading, const struct catalog *catalog,
    const struct aicx_id *owner, bool newest, aicx_pair_fn *fn,
    struct aicx_error *reterr)
{
	struct catalog_key from =
	    catalog_roll_key((char)reading->roll, owner, 0);
	struct catalog_key to =
	    catalog_roll_key((char)reading->roll, owner, reading->before);

	if (catalog->ops == NULL || reading->n == reading->cap)
		return AICX_OK;
	aicx_err err =
	    catalog->ops->range(catalog->store, catalog_key_view(&from),
		catalog_key_view(&to), newest, fn, reading, reterr);
	if (err == AICX_OK && reading->broken)
		err = err_set(reterr, AICX_EIO,
		    "index's list \"%c\" of \"%s\" cannot be read",
		    reading->roll, id_text(owner).text);
	return err;
}

static void
read_memory(struct reading *reading, const struct chunk *chunk)
{
	buf_clear(&reading->list);
	ENSURE(chunk_walk(chunk->first, reading->roll, buf_view(&chunk->value),
	    &reading->list));
}

aicx_err
rolls_newest(const struct rolls *rolls, const struct catalog *catalog,
    enum roll roll, const struct aicx_id *owner, uint64_t before,
    struct roll_entry *ret_entries, size_t cap, size_t *ret_n,
    struct aicx_error *reterr)
{
	const struct chunk *chunks[] = { chunk_find(&rolls->now, roll, owner),
		chunk_find(&rolls->sent, roll, owner) };
	struct reading reading = { .roll = roll,
		.entries = ret_entries,
		.cap = cap,
		.before = before == 0 ? UINT64_MAX : before };

	for (int i = 0; i < 2; i++)
		if (chunks[i] != NULL) {
			read_memory(&reading, chunks[i]);
			take_newest(&reading);
			/* The store may have what was sent: not twice. */
			if (chunks[i]->first < reading.before)
				reading.before = chunks[i]->first;
		}
	aicx_err err =
	    read_store(&reading, catalog, owner, true, on_newest, reterr);
	buf_fini(&reading.list);
	*ret_n = err == AICX_OK ? reading.n : 0;
	return err;
}

static void
take_oldest(struct reading *reading, struct buf *ret_all)
{
	size_t n = reading->list.len / sizeof(struct roll_entry);

	for (size_t i = 0; i < n && reading->n < reading->cap; i++) {
		struct roll_entry entry = entry_at(&reading->list, i);
		if (entry.rank >= reading->before)
			break;
		buf_put(ret_all, &entry, sizeof entry);
		reading->n++;
	}
}

struct oldest {
	struct reading reading;
	struct buf all;
};

static int
on_oldest(struct aicx_str key, struct aicx_str value, void *arg)
{
	struct oldest *oldest = (struct oldest *)arg;

	if (!read_chunk(&oldest->reading, key, value))
		return 1;
	take_oldest(&oldest->reading, &oldest->all);
	return oldest->reading.n == oldest->reading.cap;
}

aicx_err
rolls_oldest(const struct rolls *rolls, const struct catalog *catalog,
    enum roll roll, const struct aicx_id *owner, size_t cap, struct arena *mem,
    struct roll_entry **ret_entries, size_t *ret_n, struct aicx_error *reterr)
{
	const struct chunk *chunks[] = { chunk_find(&rolls->sent, roll, owner),
		chunk_find(&rolls->now, roll, owner) };
	struct oldest oldest = {
		.reading = { .roll = roll, .cap = cap, .before = UINT64_MAX }
	};

	for (int i = 0; i < 2 && oldest.reading.before == UINT64_MAX; i++)
		if (chunks[i] != NULL)
			oldest.reading.before = chunks[i]->first;
	aicx_err err = read_store(
	    &oldest.reading, catalog, owner, false, on_oldest, reterr);
	oldest.reading.before = UINT64_MAX;
	for (int i = 0; i < 2 && err == AICX_OK; i++)
		if (chunks[i] != NULL) {
			read_memory(&oldest.reading, chunks[i]);
			take_oldest(&oldest.reading, &oldest.all);
		}
	*ret_n = 0;
	if (err == AICX_OK) {
		*ret_n = oldest.reading.n;
		*ret_entries = arena_new(mem, oldest.all.len + 1);
		if (oldest.all.len > 0)
			memcpy(*ret_entries, oldest.all.ptr, oldest.all.len);
	}
	buf_fini(&oldest.reading.list);
	buf_fini(&oldest.all);
	return err;
}
