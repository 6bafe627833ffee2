/* SPDX-License-Identifier: Apache-2.0 */
/* proofs.h - how proofs look in the files that people keep. */
#ifndef BROKER_PROOFS_H
#define BROKER_PROOFS_H

#include "base/json.h"
#include "protocol/merkle.h"

struct broker;

/* "broker":{"id","key_id"} */
void broker_put(struct json_writer *w, struct broker *broker);
/* "proof":[...] */
void proof_put(struct json_writer *w, const struct merkle_proof *proof);
/* "record","index","proof": of a record that is on disk, in the tree of
   n_leaves. */
aicx_err record_put_proven(struct json_writer *w, struct broker *broker,
    uint64_t seq, uint64_t n_leaves, struct aicx_error *reterr);

#endif
