/* SPDX-License-Identifier: Apache-2.0 */
/*
 * on_ledger.c - proofs about the records: receipts, checkpoints, and that one
 * checkpoint's records begin another's.
 */
#include "base/b64.h"
#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "broker/checkpoints.h"
#include "broker/handlers.h"
#include "broker/proofs.h"

static void
put_head(struct json_writer *w, struct broker *broker, const char *kind)
{
	json_key(w, "version");
	json_put_int(w, 1);
	json_key(w, "kind");
	json_put_text(w, kind);
	broker_put(w, broker);
}

/* --- receipts -------------------------------------------------------- */

struct receipt_params {
	PARAMS;
	struct aicx_id id;
};

const struct field get_receipt_params[] = {
	PARAMS_METHOD(struct receipt_params),
	FIELD(struct receipt_params, id, "transaction_id", FIELD_ID,
	    .flags = FIELDF_REQUIRED, .help = "Which transaction, or batch."),
	FIELD_END,
};
PARAMS_SIZE(get_receipt, receipt_params);

struct receipt_job { /* in the call's memory */
	struct aicx_id transaction_id;
	uint64_t seq;
};

static void
on_receipt_covered(uint64_t n_leaves, struct aicx_str note, void *arg)
{
	struct call *call = arg;
	const struct receipt_job *job = call->held;
	struct aicx_error error = { 0 };
	struct reply reply;

	reply_begin(&reply, call);
	put_head(&reply.w, call->broker, "receipt");
	json_key(&reply.w, "transaction_id");
	json_put_id(&reply.w, &job->transaction_id);
	aicx_err err = record_put_proven(
	    &reply.w, call->broker, job->seq, n_leaves, &error);
	if (err != AICX_OK) {
		buf_fini(&reply.buf);
		call_fail(call, &error);
		return;
	}
	json_key(&reply.w, "checkpoint");
	json_put_str(&reply.w, note);
	reply_send(&reply, 200);
}

static bool
sees(const struct call *call, const struct aicx_id *agent_id)
{
	return must_see_agent(call, agent_id, NULL) == AICX_OK;
}

/* The record of a transaction, or of a batch, that the caller is party of; 0:
   there is none. */
static uint64_t
record_of(const struct call *call, const struct aicx_id *id)
{
	const struct state *state = &call->broker->state;
	const struct transaction *transaction = state_transaction(state, id);
	const struct batch *batch = state_batch(state, id);

	if (transaction != NULL &&
	    (sees(call, &transaction->from) || sees(call, &transaction->to)))
		return transaction->seq;
	for (size_t i = 0; batch != NULL && i < batch->parties.n; i++) {
		const struct batch_party *list = batch->parties.items;
		if (sees(call, &list[i].agent_id))
			return state_row_seq(state, T_BATCH, id);
	}
	return 0;
}

aicx_err
on_get_receipt(struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct receipt_params *by = params;
	uint64_t seq = record_of(call, &by->id);

	if (seq == 0)
		return not_found("transaction", &by->id, reterr);
	struct receipt_job *job = arena_new(&call->mem, sizeof *job);
	job->transaction_id = by->id;
	job->seq = seq;
	call->held = job;
	checkpoints_cover(broker, job->seq, on_receipt_covered, call);
	return AICX_OK;
}

/* --- checkpoints ----------------------------------------------------- */

struct checkpoint_params {
	PARAMS;
};

const struct field get_checkpoint_params[] = {
	PARAMS_METHOD(struct checkpoint_params),
	FIELD_END,
};
PARAMS_SIZE(get_checkpoint, checkpoint_params);

static void
on_checkpoint(uint64_t n_leaves, struct aicx_str note, void *arg)
{
	struct reply reply;

	reply_begin(&reply, arg);
	json_key(&reply.w, "records");
	json_put_int(&reply.w, (int64_t)n_leaves);
	json_key(&reply.w, "checkpoint");
	json_put_str(&reply.w, note);
	reply_send(&reply, 200);
}

aicx_err
on_get_checkpoint(
    struct call *call, const void *params, struct aicx_error *reterr)
{
	(void)params;
	(void)reterr;
	checkpoints_cover(call->broker, 1, on_checkpoint, call);
	return AICX_OK;
}

/* --- consistency ----------------------------------------------------- */

struct consistency {
	PARAMS;
	int64_t from, to;
};

const struct field get_consistency_params[] = {
	PARAMS_METHOD(struct consistency),
	FIELD(struct consistency, from, "from", FIELD_INT, .min = 1,
	    .max = INT64_MAX, .flags = FIELDF_REQUIRED,
	    .help = "Records of the earlier checkpoint."),
	FIELD(struct consistency, to, "to", FIELD_INT, .min = 1,
	    .max = INT64_MAX,
	    .help = "Records of the later one; absent: the newest."),
	FIELD_END,
};
PARAMS_SIZE(get_consistency, consistency);

static aicx_err
put_note(struct json_writer *w, struct broker *broker, const char *name,
    uint64_t n_leaves, struct aicx_error *reterr)
{
	struct buf note = { 0 };
	aicx_err err = checkpoints_sign(broker, n_leaves, &note, reterr);

	json_key(w, name);
	json_put_str(w, buf_view(&note));
	buf_fini(&note);
	return err;
}

static void
on_consistency_covered(uint64_t n_leaves, struct aicx_str note, void *arg)
{
	struct call *call = arg;
	struct broker *broker = call->broker;
	const struct consistency *wish = call->held;
	uint64_t from = (uint64_t)wish->from;
	uint64_t to = wish->to != 0 ? (uint64_t)wish->to : n_leaves;
	struct aicx_error error = { 0 };
	struct merkle_proof proof;
	struct reply reply;

	reply_begin(&reply, call);
	put_head(&reply.w, broker, "consistency");
	aicx_err err = put_note(&reply.w, broker, "from", from, &error);
	if (err == AICX_OK && to != n_leaves)
		err = put_note(&reply.w, broker, "to", to, &error);
	else {
		json_key(&reply.w, "to");
		json_put_str(&reply.w, note);
	}
	if (err == AICX_OK)
		err = journal_consistency(
		    broker->journal, from, to, &proof, &error);
	if (err != AICX_OK) {
		buf_fini(&reply.buf);
		call_fail(call, &error);
		return;
	}
	proof_put(&reply.w, &proof);
	reply_send(&reply, 200);
}

aicx_err
on_get_consistency(
    struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct consistency *wish = params;
	int64_t n_records = (int64_t)journal_next(broker->journal) - 1;
	int64_t last = wish->to != 0 ? wish->to : wish->from;

	if (wish->from > n_records)
		return err_field(reterr, AICX_EINVAL, "invalid_params", "/from",
		    "there are only %lld records", (long long)n_records);
	if (wish->to > n_records || (wish->to != 0 && wish->to < wish->from))
		return err_field(reterr, AICX_EINVAL, "invalid_params", "/to",
		    "must be between \"from\" and the number of records, %lld",
		    (long long)n_records);
	call->held = (void *)params;
	checkpoints_cover(broker, (uint64_t)last, on_consistency_covered, call);
	return AICX_OK;
}
