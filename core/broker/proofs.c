/* SPDX-License-Identifier: Apache-2.0 */
/* proofs.c - records with what proves them. */
#include "broker/proofs.h"

#include "base/b64.h"
#include "base/err.h"
#include "base/id.h"
#include "broker/inside.h"

void
broker_put(struct json_writer *w, struct broker *broker)
{
	json_key(w, "broker");
	json_open(w, '{');
	json_key(w, "id");
	json_put_id(w, &broker->keys.broker_id);
	json_key(w, "key_id");
	json_put_text(w, sign_key_id(broker->key));
	json_close(w);
}

void
proof_put(struct json_writer *w, const struct merkle_proof *proof)
{
	char text[B64_LEN(HASH_BYTES)];

	json_key(w, "proof");
	json_open(w, '[');
	for (size_t i = 0; i < proof->n; i++) {
		b64_print(proof->hash[i], HASH_BYTES, text);
		json_put_str(w, (struct aicx_str) { text, sizeof text });
	}
	json_close(w);
}

aicx_err
record_put_proven(struct json_writer *w, struct broker *broker, uint64_t seq,
    uint64_t n_leaves, struct aicx_error *reterr)
{
	struct buf record = { 0 };
	struct merkle_proof proof;
	aicx_err err = journal_record(broker->journal, seq, &record, reterr);

	if (err == AICX_OK)
		err = journal_inclusion(
		    broker->journal, seq, n_leaves, &proof, reterr);
	if (err == AICX_OK) {
		json_key(w, "record");
		json_put_str(w, buf_view(&record));
		json_key(w, "index");
		json_put_int(w, (int64_t)seq - 1);
		proof_put(w, &proof);
	}
	buf_fini(&record);
	return err;
}
