/* SPDX-License-Identifier: Apache-2.0 */
/*
 * on_audit_export.c - records on their way to an archive: as they are, one
 * after the other, with the proof that the last is in the tree.  Each record
 * names the leaf of the one before, so that proof is good for all of them.
 */
#include "base/err.h"
#include "base/str.h"
#include "broker/checkpoints.h"
#include "broker/handlers.h"
#include "broker/opened.h"
#include "broker/proofs.h"

enum { EXPORT_LIMIT = 500, EXPORT_BYTES = 1024 * 1024 };

struct export_query {
	PARAMS;
	int64_t after, limit, from_ms;
};

const struct field export_audit_params[] = {
	PARAMS_METHOD(struct export_query),
	FIELD(struct export_query, after, "after", FIELD_INT, .min = 0,
	    .max = INT64_MAX, .help = "The record before the first."),
	FIELD(struct export_query, from_ms, "from", FIELD_TIME,
	    .help = "Only from this time on."),
	FIELD(struct export_query, limit, "limit", FIELD_INT, .min = 1,
	    .max = EXPORT_LIMIT, .fallback = EXPORT_LIMIT,
	    .help = "How many at most."),
	FIELD_END,
};
PARAMS_SIZE(export_audit, export_query);

struct export_job { /* in the call's memory */
	uint64_t first, last;
};

/* As many as one answer may hold; *ret_last: the last of them. */
static aicx_err
put_records(struct json_writer *w, struct broker *broker,
    const struct export_job *job, uint64_t *ret_last, struct aicx_error *reterr)
{
	struct buf record = { 0 };
	size_t n_bytes = 0;
	aicx_err err = AICX_OK;

	json_key(w, "records");
	json_open(w, '[');
	for (uint64_t seq = job->first;
	     err == AICX_OK && seq <= job->last && n_bytes < EXPORT_BYTES;
	     seq++) {
		buf_clear(&record);
		err = journal_record(broker->journal, seq, &record, reterr);
		json_put_str(w, buf_view(&record));
		n_bytes += record.len;
		*ret_last = seq;
	}
	json_close(w);
	buf_fini(&record);
	return err;
}

static void
on_covered(uint64_t n_leaves, struct aicx_str note, void *arg)
{
	struct call *call = arg;
	struct broker *broker = call->broker;
	const struct export_job *job = call->held;
	struct merkle_proof proof;
	struct aicx_error error = { 0 };
	struct reply reply;
	uint64_t last = 0;

	reply_begin(&reply, call);
	broker_put(&reply.w, broker);
	aicx_err err = put_records(&reply.w, broker, job, &last, &error);
	if (err == AICX_OK && last > 0)
		err = journal_inclusion(
		    broker->journal, last, n_leaves, &proof, &error);
	if (err != AICX_OK) {
		buf_fini(&reply.buf);
		call_fail(call, &error);
		return;
	}
	if (last > 0) {
		json_key(&reply.w, "index");
		json_put_int(&reply.w, (int64_t)last - 1);
		proof_put(&reply.w, &proof);
	}
	json_key(&reply.w, "checkpoint");
	json_put_str(&reply.w, note);
	reply_send(&reply, 200);
}

aicx_err
on_export_audit(
    struct call *call, const void *params, struct aicx_error *reterr)
{
	const struct export_query *query = params;
	struct journal *journal = call->broker->journal;
	struct export_job *job = arena_new(&call->mem, sizeof *job);
	uint64_t end = journal_durable(journal) + 1;
	aicx_err err = AICX_OK;

	job->first = (uint64_t)query->after + 1;
	if (query->from_ms > 0) {
		uint64_t seek = 0;
		err = opened_seek(journal, query->from_ms, end, &seek, reterr);
		if (seek > job->first)
			job->first = seek;
	}
	if (err != AICX_OK)
		return err;
	job->last = end - 1;
	if (job->last >= job->first + (uint64_t)query->limit)
		job->last = job->first + (uint64_t)query->limit - 1;
	call->held = job;
	checkpoints_cover(call->broker, job->last, on_covered, call);
	return AICX_OK;
}
