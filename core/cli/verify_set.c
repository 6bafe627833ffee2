/* SPDX-License-Identifier: Apache-2.0 */
/* verify_set.c - two files that contradict each other, and what could not be
   compared. */
#include "cli/verify_set.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/str.h"

struct seen_note {
	char origin[ORIGIN_MAX];
	uint64_t size;
	uint8_t root[HASH_BYTES];
	const char *file;
	size_t group; /* index of a note that is proven one history with it */
};

/* A record, a use of a mandate, an agent's key, or the records of a deal. */
struct seen {
	const char *file;
	struct aicx_str deal_id;
	uint8_t leaf[HASH_BYTES]; /* or the agent's key */
	uint64_t size; /* of the tree the deal was shown in */
	int64_t *seq; /* n of them */
	size_t n;
};

struct verify_set {
	struct arena arena;
	struct seen_note *notes;
	size_t n_notes, cap_notes;
	struct map records, uses, deals, agents;
};

struct verify_set *
verify_set_new(void)
{
	return MEM_NEW(struct verify_set);
}

void
verify_set_free(struct verify_set *set)
{
	if (set == NULL)
		return;
	map_fini(&set->records);
	map_fini(&set->uses);
	map_fini(&set->deals);
	map_fini(&set->agents);
	free(set->notes);
	arena_fini(&set->arena);
	free(set);
}

static const char *
file_name(struct verify_set *set, const struct deal *deal)
{
	return arena_printf(&set->arena, "%s", deal->file ? deal->file : "it")
	    .ptr;
}

/* --- checkpoints ------------------------------------------------------ */

static size_t
group_of(const struct verify_set *set, size_t i)
{
	while (set->notes[i].group != i)
		i = set->notes[i].group;
	return i;
}

void
set_join(struct verify_set *set, size_t a, size_t b)
{
	set->notes[group_of(set, a)].group = group_of(set, b);
}

static bool
two_histories(struct deal *deal, const struct seen_note *other, uint64_t size)
{
	return deal_bad(deal,
	    "history: at %" PRIu64
	    " records it has another root than in \"%s\": %s has told two "
	    "histories",
	    size, other->file, other->origin);
}

bool
set_add_note(
    struct deal *deal, const struct checkpoint *checkpoint, size_t *ret_index)
{
	struct verify_set *set = deal->set;

	for (size_t i = 0; i < set->n_notes; i++) {
		const struct seen_note *n = &set->notes[i];
		if (!str_is(checkpoint->origin, n->origin) ||
		    n->size != checkpoint->n_leaves)
			continue;
		if (memcmp(n->root, checkpoint->root, HASH_BYTES) != 0)
			return two_histories(deal, n, n->size);
		*ret_index = i;
		return true;
	}
	if (set->n_notes == set->cap_notes) {
		set->cap_notes = set->cap_notes ? 2 * set->cap_notes : 16;
		set->notes =
		    mem_grow(set->notes, set->cap_notes * sizeof *set->notes);
	}
	struct seen_note *note = &set->notes[set->n_notes];
	*note = (struct seen_note) { .size = checkpoint->n_leaves,
		.file = file_name(set, deal),
		.group = set->n_notes };
	(void)str_copy(checkpoint->origin, note->origin, sizeof note->origin);
	memcpy(note->root, checkpoint->root, HASH_BYTES);
	*ret_index = set->n_notes++;
	return true;
}

uint64_t
set_next_size(const struct verify_set *set, uint64_t above)
{
	uint64_t next = UINT64_MAX;

	for (size_t i = 0; i < set->n_notes; i++)
		if (set->notes[i].size > above && set->notes[i].size < next)
			next = set->notes[i].size;
	return next;
}

bool
set_recomputed(struct deal *file, size_t *last, uint64_t size,
    const uint8_t root[HASH_BYTES])
{
	struct verify_set *set = file->set;

	for (size_t i = 0; i < set->n_notes; i++) {
		const struct seen_note *n = &set->notes[i];
		if (i == *last || n->size != size ||
		    !str_is(file->checkpoint.origin, n->origin))
			continue;
		if (memcmp(n->root, root, HASH_BYTES) != 0)
			return two_histories(file, n, size);
		if (*last == (size_t)SET_NONE)
			*last = i;
		set_join(set, i, *last);
		deal_ok(file,
		    "recomputed: the root of %" PRIu64
		    " records is that in \"%s\"",
		    size, n->file);
	}
	return true;
}

bool
set_covered(struct deal *file, uint64_t n_records)
{
	const struct verify_set *set = file->set;

	for (size_t i = 0; i < set->n_notes; i++) {
		const struct seen_note *n = &set->notes[i];
		if (str_is(file->checkpoint.origin, n->origin) &&
		    n->size > n_records)
			return deal_bad(file,
			    "records %" PRIu64 " to %" PRIu64
			    " are missing: \"%s\" covers them",
			    n_records + 1, n->size, n->file);
	}
	return true;
}

/* --- records, uses, deals --------------------------------------------- */

/* What was known under this key, or NULL; then this is. */
static struct seen *
look(struct verify_set *set, struct map *map, struct aicx_str key,
    const struct deal *deal, struct seen **ret_own)
{
	struct seen *known = map_find(map, key);

	if (known != NULL)
		return known;
	*ret_own = arena_new(&set->arena, sizeof **ret_own);
	(*ret_own)->file = file_name(set, deal);
	(*ret_own)->deal_id = arena_str(&set->arena, deal->deal_id);
	(void)map_put(map, key, *ret_own);
	return NULL;
}

bool
set_add_record(struct deal *deal, const struct record_part *record)
{
	struct verify_set *set = deal->set;
	struct seen *own = NULL;
	struct aicx_str key = arena_printf(&set->arena, "%.*s %lld",
	    STR_ARG(deal->checkpoint.origin), (long long)record->seq);
	const struct seen *known = look(set, &set->records, key, deal, &own);

	if (known == NULL) {
		memcpy(own->leaf, record->leaf, HASH_BYTES);
		return true;
	}
	if (memcmp(known->leaf, record->leaf, HASH_BYTES) == 0)
		return true;
	return deal_bad(deal,
	    "history: record %lld is another one than in \"%s\": %.*s has told "
	    "two histories",
	    (long long)record->seq, known->file,
	    STR_ARG(deal->checkpoint.origin));
}

/* Each hold is one more use of the mandate: no two deals have the same. */
static bool
add_use(struct deal *deal, struct json_ref row)
{
	struct verify_set *set = deal->set;
	struct seen *own = NULL;
	int64_t uses = 0;

	(void)json_int(json_get(row, "uses"), &uses);
	struct aicx_str key = arena_printf(&set->arena, "%.*s %.*s %lld",
	    STR_ARG(deal->checkpoint.origin),
	    STR_ARG(deal_str(deal, row, "mandate_id")), (long long)uses);
	const struct seen *known = look(set, &set->uses, key, deal, &own);
	if (known == NULL || str_eq(known->deal_id, deal->deal_id))
		return true;
	return deal_bad(deal,
	    "mandate: use %lld of %.*s is also that of deal %.*s in \"%s\"",
	    (long long)uses, STR_ARG(deal_str(deal, row, "mandate_id")),
	    STR_ARG(known->deal_id), known->file);
}

static bool
reserves(struct deal *deal, const struct record_part *record)
{
	struct json_iter it = json_iter(json_get(record->root, "entries"));

	while (json_next(&it))
		if (str_is(deal_str(deal, it.value, "kind"), "reserve"))
			return true;
	return false;
}

static bool
add_uses(struct deal *deal, const struct record_part *record)
{
	struct json_iter it = json_iter(json_get(record->root, "put"));

	while (reserves(deal, record) && json_next(&it)) {
		struct json_ref row = json_get(it.value, "mandate_use");
		if (json_has(row) && !add_use(deal, row))
			return false;
	}
	return true;
}

/* How many of the deal's records are in a tree of that size. */
static size_t
records_below(const struct deal *deal, uint64_t size)
{
	size_t n = 0;

	while (n < deal->n_records && (uint64_t)deal->records[n].seq <= size)
		n++;
	return n;
}

/* The same deal shown twice: as far as both trees go, the same records. */
static bool
add_records(struct deal *deal)
{
	struct verify_set *set = deal->set;
	struct seen *own = NULL;
	struct aicx_str key = arena_printf(&set->arena, "%.*s %.*s",
	    STR_ARG(deal->checkpoint.origin), STR_ARG(deal->deal_id));
	const struct seen *known = look(set, &set->deals, key, deal, &own);

	if (known == NULL) {
		own->size = deal->checkpoint.n_leaves;
		own->n = deal->n_records;
		own->seq =
		    arena_new(&set->arena, (own->n + 1) * sizeof *own->seq);
		for (size_t i = 0; i < own->n; i++)
			own->seq[i] = deal->records[i].seq;
		return true;
	}
	size_t n = 0, n_here = records_below(deal, known->size);
	while (n < known->n &&
	    (uint64_t)known->seq[n] <= deal->checkpoint.n_leaves)
		n++;
	bool same = n == n_here;
	for (size_t i = 0; same && i < n; i++)
		same = known->seq[i] == deal->records[i].seq;
	if (same)
		return true;
	return deal_bad(deal, "deal: \"%s\" shows other records of deal %.*s",
	    known->file, STR_ARG(deal->deal_id));
}

/* One broker shows one key for an agent, whoever asks. */
static bool
add_agent(struct deal *deal, const struct registration *r)
{
	struct verify_set *set = deal->set;
	struct seen *own = NULL;
	struct aicx_str key = arena_printf(&set->arena, "%.*s %.*s",
	    STR_ARG(deal->broker_id), STR_ARG(r->agent_id));
	const struct seen *known = look(set, &set->agents, key, deal, &own);

	if (known == NULL) {
		memcpy(own->leaf, r->key, KEY_BYTES);
		return true;
	}
	if (memcmp(known->leaf, r->key, KEY_BYTES) == 0)
		return true;
	return deal_bad(deal, "registration of %.*s: \"%s\" shows another key",
	    STR_ARG(r->agent_id), known->file);
}

bool
set_add_deal(struct deal *deal)
{
	for (size_t i = 0; i < deal->n_registrations; i++)
		if (!add_agent(deal, &deal->registrations[i]))
			return false;
	for (size_t i = 0; i < deal->n_records; i++)
		if (!set_add_record(deal, &deal->records[i]) ||
		    !add_uses(deal, &deal->records[i]))
			return false;
	return add_records(deal);
}

/* --- what could not be compared --------------------------------------- */

/* The next larger checkpoint of the same origin, or n_notes. */
static size_t
next_note(const struct verify_set *set, size_t i)
{
	size_t found = set->n_notes;

	for (size_t k = 0; k < set->n_notes; k++) {
		const struct seen_note *n = &set->notes[k];
		if (strcmp(n->origin, set->notes[i].origin) != 0 ||
		    n->size <= set->notes[i].size)
			continue;
		if (found == set->n_notes || n->size < set->notes[found].size)
			found = k;
	}
	return found;
}

static bool
is_alone(const struct verify_set *set, size_t i)
{
	for (size_t k = 0; k < set->n_notes; k++)
		if (k != i &&
		    strcmp(set->notes[k].origin, set->notes[i].origin) == 0)
			return false;
	return true;
}

void
verify_compare(const struct verify_set *set, struct buf *report)
{
	for (size_t i = 0; i < set->n_notes; i++) {
		const struct seen_note *note = &set->notes[i], *other;
		size_t next = next_note(set, i);

		if (is_alone(set, i))
			buf_printf(report,
			    "not compared: there is no other checkpoint of "
			    "%s\n",
			    note->origin);
		if (next == set->n_notes)
			continue;
		other = &set->notes[next];
		if (group_of(set, i) == group_of(set, next))
			buf_printf(report,
			    "ok    history: %" PRIu64 " records of %s are the "
			    "first of %" PRIu64 "\n",
			    note->size, note->origin, other->size);
		else
			buf_printf(report,
			    "not compared: %" PRIu64 " records of %s with "
			    "%" PRIu64 ": no consistency proof and no ledger\n",
			    note->size, note->origin, other->size);
	}
}
