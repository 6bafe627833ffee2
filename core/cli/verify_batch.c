/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify_batch.c - a batch pays each party the net of the payments in it, made
 * again from their list, and moves nothing else.
 */
#include <string.h>

#include "base/str.h"
#include "cli/verify_books.h"

/* One party's sums, in minor units. */
struct party {
	struct aicx_str id;
	int64_t earned, spent, fee;
	bool told; /* the row has it */
	int64_t in, out, net, fees; /* what the entries move */
};

struct tally {
	struct deal *file;
	const struct record_part *record;
	struct json_ref row;
	struct party *list;
	size_t n;
	int64_t total;
};

static bool
bad(struct tally *tally, const char *why)
{
	struct aicx_str id = deal_str(tally->file, tally->row, "batch_id");

	return deal_bad(tally->file, "record %lld: batch %.*s: %s",
	    (long long)tally->record->seq, STR_ARG(id), why);
}

static struct party *
party_of(struct tally *tally, struct aicx_str id)
{
	for (size_t i = 0; i < tally->n; i++)
		if (str_eq(tally->list[i].id, id))
			return &tally->list[i];
	tally->list[tally->n] = (struct party) { .id = id };
	return &tally->list[tally->n++];
}

static bool
add(int64_t *sum, int64_t minor)
{
	return minor >= 0 && !__builtin_add_overflow(*sum, minor, sum);
}

static int64_t
number(struct json_ref row, const char *name)
{
	int64_t value = 0;

	(void)json_int(json_get(row, name), &value);
	return value;
}

static bool
payments_add(struct tally *tally)
{
	struct json_iter it = json_iter(json_get(tally->row, "transactions"));

	while (json_next(&it)) {
		struct party *payer = party_of(
		    tally, deal_str(tally->file, it.value, "payer_id"));
		struct party *payee = party_of(
		    tally, deal_str(tally->file, it.value, "payee_id"));
		int64_t minor = number(it.value, "amount");
		if (!add(&payer->spent, minor) || !add(&payee->earned, minor) ||
		    !add(&payee->fee, number(it.value, "fee")) ||
		    !add(&tally->total, minor))
			return bad(tally, "its payments cannot be added up");
	}
	return true;
}

static bool
parties_match(struct tally *tally)
{
	struct json_iter it = json_iter(json_get(tally->row, "parties"));
	size_t n = 0;

	for (; json_next(&it); n++) {
		struct party *party = party_of(
		    tally, deal_str(tally->file, it.value, "agent_id"));
		if (party->told ||
		    number(it.value, "earned") != party->earned ||
		    number(it.value, "spent") != party->spent ||
		    number(it.value, "fee") != party->fee ||
		    number(it.value, "net") != party->earned - party->spent)
			return bad(tally,
			    "a party's sums are not those of its payments");
		party->told = true;
	}
	return n == tally->n || bad(tally, "a party is missing");
}

/* --- the entries ---------------------------------------------------------- */

static bool
entry_count(struct tally *tally, struct json_ref entry)
{
	struct aicx_str kind = deal_str(tally->file, entry, "kind"), rest;
	struct aicx_str from =
	    str_cut(deal_str(tally->file, entry, "debit"), ':', &rest);
	struct aicx_str to =
	    str_cut(deal_str(tally->file, entry, "credit"), ':', &rest);
	struct amount amount;

	if (!deal_amount(
		tally->file, "an entry", json_get(entry, "amount"), &amount))
		return false;
	int64_t minor = amount_minor(&amount);
	if (str_is(kind, "settle") && str_is(to, "clearing"))
		return add(&party_of(tally, from)->out, minor);
	if (str_is(kind, "settle") && str_is(from, "clearing"))
		return add(&party_of(tally, to)->in, minor);
	if (str_is(kind, "net") && str_eq(from, to))
		return add(&party_of(tally, from)->net, minor);
	if (str_is(kind, "fee") && str_is(to, "fees"))
		return add(&party_of(tally, from)->fees, minor);
	return bad(tally, "an entry is none of a batch");
}

static bool
entries_match(struct tally *tally)
{
	struct json_iter it =
	    json_iter(json_get(tally->record->root, "entries"));
	size_t n = tally->n;

	while (json_next(&it))
		if (!entry_count(tally, it.value))
			return false;
	for (size_t i = 0; i < tally->n; i++) {
		const struct party *party = &tally->list[i];
		int64_t net = party->earned - party->spent;
		if (i >= n || party->in != (net > 0 ? net : 0) ||
		    party->out != (net < 0 ? -net : 0) ||
		    party->fees != party->fee ||
		    party->net !=
			(party->earned < party->spent ? party->earned
						      : party->spent))
			return bad(
			    tally, "what moves is not the net of its payments");
	}
	return true;
}

static bool
batch_check(
    struct deal *file, const struct record_part *record, struct json_ref row)
{
	size_t n = 2 * json_len(json_get(row, "transactions")) +
	    json_len(json_get(row, "parties")) +
	    json_len(json_get(record->root, "entries"));
	struct tally tally = { .file = file,
		.record = record,
		.row = row,
		.list = arena_new(&file->arena, (n + 1) * sizeof *tally.list) };
	struct amount total;

	if (!payments_add(&tally) || !parties_match(&tally) ||
	    !deal_amount(
		file, "a batch's total", json_get(row, "total"), &total))
		return false;
	if (amount_minor(&total) != tally.total)
		return bad(&tally, "its total is not that of its payments");
	return entries_match(&tally);
}

bool
batches_check(struct deal *file, const struct record_part *record)
{
	struct json_iter it = json_iter(json_get(record->root, "put"));

	while (json_next(&it)) {
		struct json_ref row = json_get(it.value, "batch");
		if (json_has(row) && !batch_check(file, record, row))
			return false;
	}
	return true;
}
