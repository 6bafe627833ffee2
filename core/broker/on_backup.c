/* SPDX-License-Identifier: Apache-2.0 */
/*
 * on_backup.c - a copy of the whole store while the broker runs: by the store,
 * on the pool, into DATA_DIR/backups.
 *
 * The copy is of one moment after the call and holds every record that was
 * answered before it.  It starts as any store does, verified by its chain and
 * tree.
 */
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/handlers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_BYTES = 64 };

struct backup_wish {
	PARAMS;
	struct aicx_str name;
};

const struct field backup_params[] = {
	PARAMS_METHOD(struct backup_wish),
	FIELD(struct backup_wish, name, "name", FIELD_STR, .min = 1,
	    .max = NAME_MAX_BYTES,
	    .help = "Name of the new folder; absent: the time."),
	FIELD_END,
};
PARAMS_SIZE(backup, backup_wish);

struct backup {
	struct call *call;
	struct broker *broker;
	const struct aicx_store_ops *ops;
	void *store;
	char path[16 + NAME_MAX_BYTES + TIME_TEXT];
	uint64_t n_records; /* at least */
	int64_t began_us;
	struct aicx_error error;
	aicx_err err;
};

/* A plain file name: no folder, nothing hidden. */
static bool
is_name(struct aicx_str name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-_.";

	for (size_t i = 0; i < name.len; i++)
		if (memchr(letters, name.ptr[i], sizeof letters - 1) == NULL)
			return false;
	return name.len > 0 && name.ptr[0] != '.' && name.ptr[0] != '-' &&
	    !str_ends(name, ".part");
}

static aicx_err
put_path(struct backup *backup, struct aicx_str name, struct aicx_error *reterr)
{
	char now[TIME_TEXT];

	if (name.len == 0) {
		/* 20261122T200000.000Z */
		size_t n = 0;
		struct time_text text = time_text(broker_now(backup->broker));
		for (size_t i = 0; i < TIME_TEXT; i++)
			if (text.text[i] != '-' && text.text[i] != ':')
				now[n++] = text.text[i];
		name = (struct aicx_str) { now, n };
		(void)snprintf(backup->path, sizeof backup->path,
		    "backups/%.*s", STR_ARG(name));
		return AICX_OK;
	}
	if (!is_name(name))
		return err_field(reterr, AICX_EINVAL, "invalid_params", "/name",
		    "\"%.*s\" is no name of letters, digits, -, _ and .",
		    STR_ARG(name));
	(void)snprintf(
	    backup->path, sizeof backup->path, "backups/%.*s", STR_ARG(name));
	return AICX_OK;
}

static void
backup_work(void *arg)
{
	struct backup *backup = arg;

	backup->err =
	    backup->ops->backup(backup->store, backup->path, &backup->error);
}

static void
tell(struct backup *backup)
{
	struct broker *broker = backup->broker;
	int64_t took_ms =
	    (broker->ports.now_us(broker->ports.arg) - backup->began_us) / 1000;
	struct reply reply;

	if (backup->err == AICX_OK)
		log_info(broker->log, "backup.made", KV("path", backup->path),
		    KV("records", (long)backup->n_records),
		    KV("took_ms", (long)took_ms));
	else
		log_error(broker->log, "backup.failed",
		    KV("path", backup->path), KV("reason", backup->error.text));
	if (backup->call == NULL)
		return;
	if (backup->err == AICX_EEXIST) {
		(void)err_word(&backup->error, AICX_EEXIST, "already_exists",
		    "there is a backup of that name");
		call_fail(backup->call, &backup->error);
		return;
	}
	if (backup->err != AICX_OK) {
		call_fail(backup->call, &backup->error);
		return;
	}
	reply_begin(&reply, backup->call);
	json_key(&reply.w, "path");
	json_put_text(&reply.w, backup->path);
	json_key(&reply.w, "records");
	json_put_int(&reply.w, (int64_t)backup->n_records);
	json_key(&reply.w, "took_ms");
	json_put_int(&reply.w, took_ms);
	reply_send(&reply, 201);
}

static void
backup_done(void *arg)
{
	struct backup *backup = arg;

	backup->broker->backup = NULL;
	tell(backup);
	free(backup);
}

/* All that was answered is in the store now, and so in the copy. */
static void
backup_now(void *arg)
{
	struct backup *backup = arg;
	struct broker *broker = backup->broker;
	struct aicx_error error = { 0 };

	backup->n_records = journal_next(broker->journal) - 1;
	backup->began_us = broker->ports.now_us(broker->ports.arg);
	if (broker->ports.work(
		broker->ports.arg, backup_work, backup_done, backup) == AICX_OK)
		return;
	backup->err = err_word(&error, AICX_EAGAIN, "unavailable",
	    "too much is waiting for the pool");
	backup->error = error;
	backup_done(backup);
}

aicx_err
on_backup(struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct backup_wish *wish = params;

	if (!AICX_HAS(broker->store, struct aicx_store_ops, backup))
		return err_word(reterr, AICX_ESTATE, "wrong_state",
		    "this store makes no copies while it is open");
	if (broker->backup != NULL)
		return err_word(reterr, AICX_ESTATE, "wrong_state",
		    "another backup is being made");
	struct backup *backup = MEM_NEW(struct backup);
	backup->call = call;
	backup->broker = broker;
	backup->ops = broker->store;
	backup->store = broker->store_state;
	aicx_err err = put_path(backup, wish->name, reterr);
	if (err != AICX_OK) {
		free(backup);
		return err;
	}
	broker->backup = backup;
	call->held = backup;
	journal_after(broker->journal, backup_now, backup);
	return AICX_OK;
}
