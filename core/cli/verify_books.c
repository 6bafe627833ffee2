/* SPDX-License-Identifier: Apache-2.0 */
/* verify_books.c - nothing is created or lost, nobody is below zero, each hold
   is resolved once and each use of a mandate counted once. */
#include "cli/verify_books.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"

struct place {
	struct amount balance;
	char name[64];
};

/* What a hold or a mandate was said to be last. */
struct told {
	bool open;
	int64_t uses;
};

void
books_fini(struct books *books)
{
	MAP_EACH (entry, &books->places)
		free(entry->value);
	map_fini(&books->places);
	map_fini(&books->holds);
	map_fini(&books->mandates);
	arena_fini(&books->arena);
}

/* --- entries ---------------------------------------------------------- */

static struct place *
place_of(struct books *books, struct deal *file, struct aicx_str name,
    const struct amount *amount)
{
	struct aicx_str key = arena_printf(
	    &file->arena, "%.*s %s", STR_ARG(name), amount->currency);
	struct place *place = map_find(&books->places, key);

	if (place != NULL)
		return place;
	place = MEM_NEW(struct place);
	if (!str_copy(key, place->name, sizeof place->name)) {
		free(place);
		return NULL;
	}
	place->balance = amount_zero(amount);
	(void)map_put(&books->places, str_of(place->name), place);
	return place;
}

static bool
entry_apply(struct books *books, struct deal *file,
    const struct record_part *record, struct json_ref entry)
{
	struct amount amount;

	if (!amount_from_json(
		json_get(entry, "amount"), &file->arena, &amount) ||
	    amount.pico <= 0)
		return deal_bad(file, "record %lld: an entry has no amount",
		    (long long)record->seq);
	struct place *from =
	    place_of(books, file, deal_str(file, entry, "debit"), &amount);
	struct place *to =
	    place_of(books, file, deal_str(file, entry, "credit"), &amount);
	struct amount less = amount;
	less.pico = -less.pico;
	if (from == NULL || to == NULL || !amount_add(&to->balance, &amount) ||
	    !amount_add(&from->balance, &less))
		return deal_bad(file, "record %lld: an entry cannot be made",
		    (long long)record->seq);
	books->n_entries++;
	return true;
}

/* Only funding and losses may be below zero; clearing is passed through. */
static bool
place_legal(
    struct deal *file, const struct record_part *record, const struct place *p)
{
	struct aicx_str name = str_of(p->name);
	bool legal = str_starts(name, "funding:") ||
	    str_starts(name, "losses:") ||
	    (str_starts(name, "clearing:") ? p->balance.pico == 0
					   : p->balance.pico >= 0);

	if (legal)
		return true;
	return deal_bad(file, "record %lld: %s is left with %s",
	    (long long)record->seq, p->name, amount_text(&p->balance).text);
}

static bool
entry_legal(struct books *books, struct deal *file,
    const struct record_part *record, struct json_ref entry)
{
	struct amount amount = { 0 };

	(void)amount_from_json(
	    json_get(entry, "amount"), &file->arena, &amount);
	return place_legal(file, record,
		   place_of(
		       books, file, deal_str(file, entry, "debit"), &amount)) &&
	    place_legal(file, record,
		place_of(
		    books, file, deal_str(file, entry, "credit"), &amount));
}

/* --- rows ------------------------------------------------------------- */

static struct told *
told_of(struct books *books, struct map *map, struct aicx_str id, bool *ret_new)
{
	struct told *told = map_find(map, id);

	*ret_new = told == NULL;
	if (told != NULL)
		return told;
	told = arena_new(&books->arena, sizeof *told);
	(void)map_put(map, arena_str(&books->arena, id), told);
	return told;
}

static bool
hold_take(struct books *books, struct deal *file,
    const struct record_part *record, struct json_ref row)
{
	struct aicx_str id = deal_str(file, row, "hold_id");
	bool open = str_is(deal_str(file, row, "state"), "open"), is_new;

	if (id.ptr == NULL)
		return true;
	struct told *hold = told_of(books, &books->holds, id, &is_new);
	if (is_new && !open)
		return deal_bad(file,
		    "record %lld: hold %.*s is resolved and was never made",
		    (long long)record->seq, STR_ARG(id));
	if (!is_new && !hold->open)
		return deal_bad(file,
		    "record %lld: hold %.*s is resolved a second time",
		    (long long)record->seq, STR_ARG(id));
	hold->open = open;
	return true;
}

static bool
use_take(struct books *books, struct deal *file,
    const struct record_part *record, struct json_ref row)
{
	struct aicx_str id = deal_str(file, row, "mandate_id");
	int64_t uses = 0;
	bool is_new;

	if (id.ptr == NULL)
		return true;
	struct told *mandate = told_of(books, &books->mandates, id, &is_new);
	(void)json_int(json_get(row, "uses"), &uses);
	if (uses != mandate->uses && uses != mandate->uses + 1)
		return deal_bad(file,
		    "record %lld: use %lld of mandate %.*s, after use %lld",
		    (long long)record->seq, (long long)uses, STR_ARG(id),
		    (long long)mandate->uses);
	mandate->uses = uses;
	return true;
}

bool
books_take(
    struct books *books, struct deal *file, const struct record_part *record)
{
	struct json_iter it = json_iter(json_get(record->root, "entries"));

	while (json_next(&it))
		if (!entry_apply(books, file, record, it.value))
			return false;
	it = json_iter(json_get(record->root, "entries"));
	while (json_next(&it))
		if (!entry_legal(books, file, record, it.value))
			return false;
	it = json_iter(json_get(record->root, "put"));
	while (json_next(&it))
		if (!hold_take(
			books, file, record, json_get(it.value, "hold")) ||
		    !use_take(
			books, file, record, json_get(it.value, "mandate_use")))
			return false;
	return true;
}

bool
books_close(struct books *books, struct deal *file)
{
	struct amount sum = { 0 };
	size_t n_open = 0;

	MAP_EACH (entry, &books->places) {
		const struct place *place = entry->value;
		sum.pico += place->balance.pico; /* over all currencies */
	}
	MAP_EACH (entry, &books->holds)
		n_open += ((const struct told *)entry->value)->open;
	if (sum.pico != 0)
		return deal_bad(file, "money: the places do not sum to zero");
	deal_ok(file,
	    "money: %" PRIu64
	    " entries in %zu places sum to zero, none below it but funding, "
	    "%zu holds open",
	    books->n_entries, map_len(&books->places), n_open);
	return true;
}
