/* SPDX-License-Identifier: Apache-2.0 */
/* state_index.h - what follows from rows: groups, sellers, partners, search. */
#ifndef BROKER_STATE_INDEX_H
#define BROKER_STATE_INDEX_H

#include "broker/state.h"

/* Called before `row` replaces `old` (NULL: it is new).  true: it joined a
   second list. */
bool state_index_row(
    struct state *state, enum table table, const void *old, const void *row);
/* A deal that is over leaves memory, and what was kept for it. */
void state_index_leave(struct state *state, const struct deal *deal);
void state_index_fini(struct state *state);

/* The same for what was granted, in a file of its own. */
void state_index_granted(
    struct state *state, const struct granted *old, const struct granted *row);
/* A nil key has no group. */
void group_add(
    struct map *groups, const struct aicx_id *key, const struct aicx_id *id);
void group_remove(
    struct map *groups, const struct aicx_id *key, const struct aicx_id *id);

/* A document of the search index: an agent's id, at a place that stays. */
struct doc {
	struct aicx_id agent_id;
};

#endif
