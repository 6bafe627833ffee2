/* SPDX-License-Identifier: Apache-2.0 */
/* checkpoints.c - when they are made, kept, and waited for. */
#include "broker/checkpoints.h"

#include "base/broken.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/inside.h"
#include "protocol/checkpoint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHECKPOINT_MS = 1000 };

static const struct aicx_str generation_key = { "0/origin", 8 };

struct cover { /* who waits */
	struct list node;
	uint64_t n_leaves;
	checkpoint_fn *fn;
	void *arg;
};

struct checkpoint_job { /* while one is signed */
	struct broker *broker;
	struct buf note;
	uint64_t n_leaves;
};

static void
job_free(struct broker *broker, struct checkpoint_job *job)
{
	broker->checkpoints.job = NULL;
	if (job == NULL)
		return;
	buf_fini(&job->note);
	free(job);
}

void
checkpoints_init(struct broker *broker)
{
	list_init(&broker->checkpoints.waiting);
}

void
checkpoints_fini(struct broker *broker)
{
	LIST_EACH (node, &broker->checkpoints.waiting)
		free(LIST_ITEM(node, struct cover, node));
	buf_fini(&broker->checkpoints.note);
	job_free(broker, broker->checkpoints.job);
}

/* --- at the start ------------------------------------------------------- */

/* Leaves the value empty when there is no such key. */
static aicx_err
get_if_any(struct broker *broker, struct aicx_str key, struct buf *ret_value,
    struct aicx_error *reterr)
{
	struct aicx_error error = { 0 };
	aicx_err err = journal_get(broker->journal, key, ret_value, &error);

	if (err == AICX_ENOTFOUND)
		return AICX_OK;
	if (err != AICX_OK && reterr != NULL)
		*reterr = error;
	return err;
}

static aicx_err
load_generation(
    struct broker *broker, int64_t *ret_generation, struct aicx_error *reterr)
{
	struct buf value = { 0 };
	int64_t generation = 1;
	aicx_err err = get_if_any(broker, generation_key, &value, reterr);

	if (err == AICX_OK && value.len > 0 &&
	    !str_int(buf_view(&value), &generation))
		err = err_set(
		    reterr, AICX_EIO, "store's origin generation is no number");
	buf_fini(&value);
	if (err != AICX_OK)
		return err;
	checkpoint_origin(
	    &broker->keys.broker_id, "0", (uint64_t)generation, broker->origin);
	*ret_generation = generation;
	return AICX_OK;
}

/* Both keys in one commit, or the old note would be of a wrong origin. */
aicx_err
checkpoints_new_origin(struct broker *broker, struct aicx_error *reterr)
{
	struct checkpoints *checkpoints = &broker->checkpoints;
	int64_t generation = 1;
	char text[24];
	aicx_err err = load_generation(broker, &generation, reterr);

	if (err != AICX_OK)
		return err;
	generation++;
	int n = snprintf(text, sizeof text, "%lld", (long long)generation);
	struct catalog_key none =
	    catalog_checkpoint_key(journal_next(broker->journal) - 1);
	journal_aside(broker->journal, catalog_key_view(&none), STR(""), false);
	journal_aside(broker->journal, generation_key,
	    (struct aicx_str) { text, (size_t)n }, true);
	buf_clear(&checkpoints->note);
	checkpoints->n_leaves = 0;
	checkpoint_origin(
	    &broker->keys.broker_id, "0", (uint64_t)generation, broker->origin);
	checkpoints_note(broker, broker_now(broker));
	log_warn(broker->log, "origin.began", KV("origin", broker->origin),
	    KV("records", (long)(journal_next(broker->journal) - 1)));
	return AICX_OK;
}

static aicx_err
check_newest(struct broker *broker, struct aicx_str note,
    uint64_t *ret_n_leaves, struct aicx_error *reterr)
{
	struct checkpoint said;
	uint8_t root[HASH_BYTES];
	uint64_t n_records = journal_next(broker->journal) - 1;
	aicx_err err = checkpoint_parse(note, &said, reterr);

	if (err != AICX_OK)
		return err;
	if (broken("no_anchor")) {
		*ret_n_leaves = said.n_leaves;
		return AICX_OK;
	}
	if (!str_is(said.origin, broker->origin) ||
	    !note_verify(note, said.origin, sign_key_public(broker->key)))
		return err_set(reterr, AICX_EIO,
		    "the last checkpoint is not signed by this broker");
	if (said.n_leaves > n_records)
		return err_set(reterr, AICX_EIO,
		    "records are missing: the last checkpoint covers %llu, "
		    "there are %llu",
		    (unsigned long long)said.n_leaves,
		    (unsigned long long)n_records);
	err = journal_root(broker->journal, said.n_leaves, root, reterr);
	if (err == AICX_OK && memcmp(root, said.root, sizeof root) != 0)
		err = err_set(reterr, AICX_EIO,
		    "the first %llu records are not those of the last "
		    "checkpoint",
		    (unsigned long long)said.n_leaves);
	*ret_n_leaves = said.n_leaves;
	return err;
}

aicx_err
checkpoints_load(struct broker *broker, struct aicx_error *reterr)
{
	struct checkpoints *checkpoints = &broker->checkpoints;
	int64_t generation;
	aicx_err err = load_generation(broker, &generation, reterr);

	if (err != AICX_OK)
		return err;
	err = journal_checkpoint(broker->journal, &checkpoints->note, reterr);
	if (err == AICX_OK && checkpoints->note.len > 0)
		err = check_newest(broker, buf_view(&checkpoints->note),
		    &checkpoints->n_leaves, reterr);
	return err;
}

/* --- making one --------------------------------------------------------- */

static void
sign_work(void *arg)
{
	struct checkpoint_job *job = arg;

	note_sign(&job->note, str_of(job->broker->origin), job->broker->key);
}

static void
tell_waiting(struct broker *broker)
{
	struct checkpoints *checkpoints = &broker->checkpoints;

	LIST_EACH (node, &checkpoints->waiting) {
		struct cover *cover = LIST_ITEM(node, struct cover, node);
		if (cover->n_leaves > checkpoints->n_leaves)
			continue;
		list_remove(&cover->node);
		cover->fn(checkpoints->n_leaves, buf_view(&checkpoints->note),
		    cover->arg);
		free(cover);
	}
}

static void
keep(struct broker *broker, uint64_t n_leaves, struct aicx_str note)
{
	struct checkpoints *checkpoints = &broker->checkpoints;

	buf_clear(&checkpoints->note);
	buf_str(&checkpoints->note, note);
	checkpoints->n_leaves = n_leaves;
	if (n_leaves == journal_next(broker->journal) - 1)
		checkpoints->due_ms = 0;
	struct catalog_key key = catalog_checkpoint_key(n_leaves);
	journal_aside(broker->journal, catalog_key_view(&key), note, true);
}

static void begin(struct broker *broker);

static void
sign_done(void *arg)
{
	struct checkpoint_job *job = arg;
	struct broker *broker = job->broker;
	struct checkpoints *checkpoints = &broker->checkpoints;

	if (job->n_leaves > checkpoints->n_leaves)
		keep(broker, job->n_leaves, buf_view(&job->note));
	job_free(broker, job);
	tell_waiting(broker);
	if (!list_empty(&checkpoints->waiting))
		begin(broker);
}

static aicx_err
print_text(struct broker *broker, uint64_t n_leaves, struct buf *buf,
    struct aicx_error *reterr)
{
	struct checkpoint checkpoint = { .origin = str_of(broker->origin),
		.n_leaves = n_leaves };
	aicx_err err =
	    journal_root(broker->journal, n_leaves, checkpoint.root, reterr);

	if (err == AICX_OK)
		checkpoint_print(buf, &checkpoint);
	return err;
}

/* All that the job covers is on disk by now. */
static void
sign_durable(void *arg)
{
	struct checkpoint_job *job = arg;
	struct broker *broker = job->broker;

	if (broker->ports.work(broker->ports.arg, sign_work, sign_done, job) ==
	    AICX_OK)
		return;
	sign_work(job);
	sign_done(job);
}

static void
begin(struct broker *broker)
{
	struct checkpoint_job *job;
	struct aicx_error error = { 0 };

	if (broker->checkpoints.job != NULL || broker->failed)
		return;
	job = MEM_NEW(struct checkpoint_job);
	job->broker = broker;
	job->n_leaves = journal_next(broker->journal) - 1;
	if (print_text(broker, job->n_leaves, &job->note, &error) != AICX_OK) {
		log_error(
		    broker->log, "checkpoint.failed", KV("reason", error.text));
		job_free(broker, job);
		return;
	}
	broker->checkpoints.job = job;
	journal_after(broker->journal, sign_durable, job);
}

void
checkpoints_note(struct broker *broker, int64_t now_ms)
{
	struct checkpoints *checkpoints = &broker->checkpoints;

	if (checkpoints->due_ms != 0)
		return;
	checkpoints->due_ms = now_ms + CHECKPOINT_MS;
	broker_wake(broker, checkpoints->due_ms);
}

void
checkpoints_tick(struct broker *broker, int64_t now_ms)
{
	struct checkpoints *checkpoints = &broker->checkpoints;

	if (checkpoints->due_ms == 0)
		return;
	if (now_ms >= checkpoints->due_ms) {
		checkpoints->due_ms = now_ms + CHECKPOINT_MS;
		begin(broker);
	}
	broker_wake(broker, checkpoints->due_ms);
}

void
checkpoints_cover(
    struct broker *broker, uint64_t n_leaves, checkpoint_fn *fn, void *arg)
{
	struct checkpoints *checkpoints = &broker->checkpoints;
	struct cover *cover;

	if (checkpoints->n_leaves >= n_leaves && checkpoints->note.len > 0) {
		fn(checkpoints->n_leaves, buf_view(&checkpoints->note), arg);
		return;
	}
	if (broker->failed) {
		fn(0, (struct aicx_str) { NULL, 0 }, arg);
		return;
	}
	cover = MEM_NEW(struct cover);
	*cover = (struct cover) { .n_leaves = n_leaves, .fn = fn, .arg = arg };
	list_push(&checkpoints->waiting, &cover->node);
	begin(broker);
}

aicx_err
checkpoints_sign(struct broker *broker, uint64_t n_leaves, struct buf *buf,
    struct aicx_error *reterr)
{
	aicx_err err = print_text(broker, n_leaves, buf, reterr);

	if (err == AICX_OK)
		note_sign(buf, str_of(broker->origin), broker->key);
	return err;
}

void
checkpoints_finish(struct broker *broker)
{
	uint64_t n_leaves = journal_next(broker->journal) - 1;
	struct buf note = { 0 };

	if (broker->checkpoints.due_ms == 0 || broker->failed)
		return;
	if (checkpoints_sign(broker, n_leaves, &note, NULL) == AICX_OK)
		keep(broker, n_leaves, buf_view(&note));
	buf_fini(&note);
}
