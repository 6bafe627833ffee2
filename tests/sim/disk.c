/* SPDX-License-Identifier: Apache-2.0 */
/* disk.c - ordered keys in memory, with a record of what is not synced yet. */
#include "disk.h"

#include "audit.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

struct pair {
	struct buf key, value;
};

/* What a cached batch replaced: lost when the machine ends before a sync. */
struct undo {
	struct undo *before;
	struct buf key, value;
	bool had;
	uint64_t batch;
};

struct disk {
	struct sim *sim;
	struct undo *undo;
	uint64_t n_cached;
	struct pair **pairs; /* in order of keys */
	size_t n, cap;
	size_t batches_left;
	bool full;
};

struct disk *
disk_new(struct sim *sim)
{
	struct disk *disk = MEM_NEW(struct disk);

	disk->sim = sim;
	disk->batches_left = SIZE_MAX;
	return disk;
}

static void
pair_free(struct pair *pair)
{
	buf_fini(&pair->key);
	buf_fini(&pair->value);
	free(pair);
}

static void
forget_undo(struct disk *disk)
{
	while (disk->undo != NULL) {
		struct undo *undo = disk->undo;
		disk->undo = undo->before;
		buf_fini(&undo->key);
		buf_fini(&undo->value);
		free(undo);
	}
	disk->n_cached = 0;
}

void
disk_free(struct disk *disk)
{
	forget_undo(disk);
	for (size_t i = 0; i < disk->n; i++)
		pair_free(disk->pairs[i]);
	free(disk->pairs);
	free(disk);
}

/* The first pair that is not below key. */
static size_t
place_of(const struct disk *disk, struct aicx_str key)
{
	size_t from = 0, to = disk->n;

	while (from < to) {
		size_t middle = (from + to) / 2;
		if (str_cmp(buf_view(&disk->pairs[middle]->key), key) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

static struct pair *
pair_at(const struct disk *disk, size_t at, struct aicx_str key)
{
	if (at < disk->n && str_eq(buf_view(&disk->pairs[at]->key), key))
		return disk->pairs[at];
	return NULL;
}

static void
put(struct disk *disk, const struct aicx_write *write)
{
	size_t at = place_of(disk, write->key);
	struct pair *pair = pair_at(disk, at, write->key);

	if (write->value.ptr == NULL) {
		if (pair == NULL)
			return;
		pair_free(pair);
		disk->n--;
		memmove(&disk->pairs[at], &disk->pairs[at + 1],
		    (disk->n - at) * sizeof *disk->pairs);
		return;
	}
	if (pair == NULL) {
		if (disk->n == disk->cap) {
			disk->cap = disk->cap ? disk->cap * 2 : 256;
			disk->pairs = mem_grow(
			    disk->pairs, disk->cap * sizeof *disk->pairs);
		}
		memmove(&disk->pairs[at + 1], &disk->pairs[at],
		    (disk->n - at) * sizeof *disk->pairs);
		disk->n++;
		pair = disk->pairs[at] = MEM_NEW(struct pair);
		buf_str(&pair->key, write->key);
	}
	buf_clear(&pair->value);
	buf_str(&pair->value, write->value);
}

static aicx_err
disk_get(void *state, struct aicx_str key, aicx_pair_fn *fn, void *arg,
    struct aicx_error *reterr)
{
	struct disk *disk = state;
	const struct pair *pair = pair_at(disk, place_of(disk, key), key);

	if (pair == NULL)
		return err_set(reterr, AICX_ENOTFOUND, "no such key");
	(void)fn(key, buf_view(&pair->value), arg);
	return AICX_OK;
}

static aicx_err
disk_range(void *state, struct aicx_str from, struct aicx_str to, int reverse,
    aicx_pair_fn *fn, void *arg, struct aicx_error *reterr)
{
	struct disk *disk = state;
	size_t first = place_of(disk, from);
	size_t end = to.ptr == NULL ? disk->n : place_of(disk, to);

	(void)reterr;
	for (size_t i = first; i < end; i++) {
		const struct pair *pair =
		    disk->pairs[reverse ? first + end - 1 - i : i];
		if (fn(buf_view(&pair->key), buf_view(&pair->value), arg) != 0)
			break;
	}
	return AICX_OK;
}

static aicx_err
check_guards(struct disk *disk, const struct aicx_batch *batch,
    struct aicx_error *reterr)
{
	for (size_t i = 0; i < batch->n_guards; i++) {
		const struct aicx_guard *guard = &batch->guards[i];
		const struct pair *pair =
		    pair_at(disk, place_of(disk, guard->key), guard->key);
		bool holds = guard->value.ptr == NULL ? pair == NULL
						      : pair != NULL &&
			str_eq(buf_view(&pair->value), guard->value);
		if (!holds)
			return err_set(
			    reterr, AICX_ESTATE, "a guard does not hold");
	}
	return AICX_OK;
}

static void
note_undo(struct disk *disk, struct aicx_str key)
{
	const struct pair *pair = pair_at(disk, place_of(disk, key), key);
	struct undo *undo = MEM_NEW(struct undo);

	buf_str(&undo->key, key);
	undo->had = pair != NULL;
	if (pair != NULL)
		buf_str(&undo->value, buf_view(&pair->value));
	undo->batch = disk->n_cached;
	undo->before = disk->undo;
	disk->undo = undo;
}

/* Of the batches that no sync covers the first few are kept. */
void
disk_crash(struct disk *disk)
{
	uint64_t kept =
	    chance_below(&disk->sim->fault_chance, disk->n_cached + 1);

	if (disk->n_cached > 0)
		mark(kept < disk->n_cached ? "cached batch lost"
					   : "cached batch kept");
	for (struct undo *u = disk->undo; u != NULL; u = u->before) {
		struct aicx_write write = { buf_view(&u->key),
			buf_view(&u->value) };
		if (u->batch < kept)
			continue;
		if (!u->had)
			write.value.ptr = NULL;
		else if (write.value.ptr == NULL)
			write.value = STR("");
		put(disk, &write);
	}
	forget_undo(disk);
}

static void
apply(struct disk *disk, const struct aicx_batch *batch)
{
	bool cached = batch->durability == AICX_CACHED;

	for (size_t i = 0; cached && i < batch->n_writes; i++)
		note_undo(disk, batch->writes[i].key);
	if (cached)
		disk->n_cached++;
	else
		forget_undo(disk);
	for (size_t i = 0; i < batch->n_writes; i++) {
		const struct aicx_write *write = &batch->writes[i];
		put(disk, write);
		if (write->key.len == 12 && str_starts(write->key, "0/r/"))
			audit_record(disk->sim->audit, write->value);
	}
}

static aicx_err
fails(struct disk *disk, const struct aicx_batch *batch, enum fault fault,
    struct aicx_error *reterr)
{
	struct sim *sim = disk->sim;
	bool kept = fault != FAULT_DISK_FULL &&
	    chance_below(&sim->fault_chance, 2) == 0;

	trace_line(&sim->trace, sim->now_ms, "disk %s%s", fault_names[fault],
	    kept ? ", kept" : "");
	mark(fault_names[fault]);
	if (kept) {
		apply(disk, batch);
		mark("batch kept");
	} else
		mark("batch lost");
	sim->crash_wished = true;
	disk->batches_left = 0;
	return err_set(reterr, AICX_EIO, "the disk failed");
}

static aicx_err
disk_commit(
    void *state, const struct aicx_batch *batch, struct aicx_error *reterr)
{
	struct disk *disk = state;
	struct sim *sim = disk->sim;
	const uint32_t *ppm = sim->faults.ppm;

	if (disk->batches_left == 0)
		return err_set(reterr, AICX_EIO, "the disk is gone");
	aicx_err err = check_guards(disk, batch, reterr);
	if (err != AICX_OK)
		return err;
	if (disk->batches_left != SIZE_MAX) {
		disk->batches_left--;
		mark("batch kept");
		apply(disk, batch);
		return AICX_OK;
	}
	if (disk->full)
		return fails(disk, batch, FAULT_DISK_FULL, reterr);
	if (chance_hit(&sim->fault_chance, ppm[FAULT_DISK_ERROR]))
		return fails(disk, batch, FAULT_DISK_ERROR, reterr);
	if (chance_hit(&sim->fault_chance, ppm[FAULT_CRASH_AT_COMMIT]))
		return fails(disk, batch, FAULT_CRASH_AT_COMMIT, reterr);
	apply(disk, batch);
	return AICX_OK;
}

const struct aicx_store_ops disk_ops = {
	.size = sizeof disk_ops,
	.get = disk_get,
	.range = disk_range,
	.commit = disk_commit,
};

struct disk *
disk_copy(const struct disk *disk)
{
	struct disk *copy = disk_new(disk->sim);

	copy->n = copy->cap = disk->n;
	copy->pairs = mem_new((disk->n + 1) * sizeof *copy->pairs);
	for (size_t i = 0; i < disk->n; i++) {
		copy->pairs[i] = MEM_NEW(struct pair);
		buf_str(&copy->pairs[i]->key, buf_view(&disk->pairs[i]->key));
		buf_str(
		    &copy->pairs[i]->value, buf_view(&disk->pairs[i]->value));
	}
	return copy;
}

void
disk_dies(struct disk *disk, size_t n_batches)
{
	disk->batches_left = n_batches;
}

void
disk_restart(struct disk *disk)
{
	disk->batches_left = SIZE_MAX;
}

void
disk_fill(struct disk *disk)
{
	disk->full = true;
}

void
disk_rot(struct disk *disk, uint64_t draw)
{
	size_t from = place_of(disk, STR("0/r/"));
	size_t to = place_of(disk, STR("0/r0"));

	size_t at = from + draw % (to - from - 1);
	while (at > from && disk->pairs[at]->key.len != 12)
		at--; /* a checkpoint */
	struct buf *value = &disk->pairs[at]->value;
	char *dot = memchr(value->ptr, '.', value->len);

	if (dot != NULL)
		dot[3] ^= 1; /* the last digit of the milliseconds */
}

void
disk_empty(struct disk *disk)
{
	disk->full = false;
}
