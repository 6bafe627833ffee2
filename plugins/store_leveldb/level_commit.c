/* SPDX-License-Identifier: Apache-2.0 */
/* level_commit.c - a batch: may it be written, and written as one. */
#include "level.h"

#include "fail.h"

#include <stdio.h>
#include <string.h>

/* From here on nothing is known of the disk. */
aicx_err
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

/* May this batch be written at all? */
aicx_err
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

aicx_err
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
