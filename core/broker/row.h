/* SPDX-License-Identifier: Apache-2.0 */
/* row.h - one row in memory, for the files that make up the state. */
#ifndef BROKER_ROW_H
#define BROKER_ROW_H

#include "broker/state.h"

struct row {
	struct arena mem; /* holds this struct, the text and the values */
	struct row_entry entry; /* as the index has it, or will */
	struct list node; /* among those that may leave memory */
	size_t bytes;
	/* Its places, from 1, among what changed: the index does not have it
	   like this yet (`now`), or was sent it and has not confirmed it. */
	uint32_t now_at, sent_at;
	uint8_t table;
	bool over;
	bool listed; /* the index has it among the live ones */
	_Alignas(16) char value[];
};

static inline const struct aicx_id *
row_id(enum table table, const struct row *row)
{
	return (const struct aicx_id *)(const void *)(row->value +
	    table_defs[table].id_offset);
}

/* Reading back what left memory changes nothing that anybody can see. */
static inline struct state *
state_own(const struct state *state)
{
	return (struct state *)(uintptr_t)state;
}

/* Of state.c.  NULL: it is not in memory. */
struct row *row_find(
    const struct state *state, enum table table, const struct aicx_id *id);
struct row *row_from_record(struct state *state, enum table table,
    struct aicx_str text, const struct row_entry *entry,
    struct aicx_error *reterr);
void row_drop(struct state *state, enum table table, struct row *row);

/* Of state_past.c.  The row as the index finds it; NULL: there is none. */
struct row *row_back(
    struct state *state, enum table table, const struct aicx_id *id);
/* It may leave when there are too many of its kind; it may not (again). */
void row_may_leave(struct state *state, struct row *row);
void row_stay(struct state *state, struct row *row);
void request_may_leave(struct state *state, struct request *request);
void request_stay(struct state *state, struct request *request);
/* The store or the index cannot be read: the broker ends. */
void state_break(struct state *state, const struct aicx_error *error);

#endif
