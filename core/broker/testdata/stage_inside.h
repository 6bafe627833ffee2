/* SPDX-License-Identifier: Apache-2.0 */
/* stage_inside.h - what the files of the stage tell each other. */
#ifndef BROKER_STAGE_INSIDE_H
#define BROKER_STAGE_INSIDE_H

#include "broker/testdata/stage.h"

struct job {
	struct list node;
	aicx_task_fn *work, *done;
	void *arg;
};

struct actor {
	struct list node;
	struct stage *stage;
	struct aicx_id id;
	struct sign_key *key;
	struct aicx_peer *peer;
	struct buf inbox[ACTOR_MESSAGES_MAX];
	size_t n_in, n_read;
	struct mac *in, *out;
	struct aicx_id session_id;
	uint8_t x25519[KEY_BYTES];
};

/* A broker over the stage's clock, store, price and payment. */
struct broker *stage_new_broker(struct stage *stage);
/* A plain generator: the same run each time. */
void stage_random(void *stage, void *ret_bytes, size_t n_bytes);

/* The store that is used unless the stage has another. */
extern const struct aicx_store_ops stage_store_ops;
/* Absent value: the key goes. */
void stage_write(
    struct stage *stage, struct aicx_str key, struct aicx_str value);
/* A crash of the machine: what no durable commit came after is gone. */
void stage_lose_cached(struct stage *stage);
void stage_keep_cached(struct stage *stage);
/* In `to` is nothing yet. */
void stage_copy_store(struct stage *to, const struct stage *from);
void stage_fini_store(struct stage *stage);

/* All that `stage` knows, in the order of `full`, which has it in memory. */
void stage_print(
    struct buf *buf, const struct stage *stage, const struct stage *full);

void actor_free(struct actor *actor);

#endif
