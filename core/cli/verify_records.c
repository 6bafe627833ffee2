/* SPDX-License-Identifier: Apache-2.0 */
/* verify_records.c - the shape of a deal file; the order and the chain of its
   records. */
#include <stdio.h>

#include "base/b64.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/str.h"
#include "cli/verify_deal.h"

/* --- shape: the file's own members ------------------------------------ */

bool
record_take(struct deal *deal, const char *what, struct json_ref entry,
    struct record_part *ret)
{
	struct aicx_error why = { 0 };
	int64_t said;

	ret->text = deal_str(deal, entry, "record");
	if (json_parse(ret->text, &deal->arena, &ret->doc, &why) != AICX_OK)
		return deal_bad(
		    deal, "%s: its record cannot be read: %s", what, why.text);
	ret->root = json_root(&ret->doc);
	ret->proof = json_get(entry, "proof");
	merkle_leaf(ret->text.ptr, ret->text.len, ret->leaf);
	if (!json_int(json_get(ret->root, "seq"), &ret->seq) || ret->seq < 1)
		return deal_bad(deal, "%s: its record has no number", what);
	if (!json_int(json_get(entry, "index"), &said) || said != ret->seq - 1)
		return deal_bad(deal,
		    "%s: its index is %.*s, but its record is number %lld",
		    what, STR_ARG(json_raw(json_get(entry, "index"))),
		    (long long)ret->seq);
	return true;
}

static bool
entry_take(struct deal *deal, struct json_ref entry)
{
	static const char *const names[] = { "record", "index", "proof", NULL };
	char what[48];

	(void)snprintf(what, sizeof what, "entry %zu", deal->n_records);
	return deal_members(deal, what, entry, names) &&
	    record_take(deal, what, entry, &deal->records[deal->n_records]);
}

static bool
records_take(struct deal *deal)
{
	struct json_ref entries = json_get(deal->root, "entries");
	struct json_iter it = json_iter(entries);
	size_t n = json_len(entries);

	if (json_type(entries) != JSON_ARRAY || n > VERIFY_RECORDS_MAX)
		return deal_bad(deal, "entries is no list of at most %d",
		    VERIFY_RECORDS_MAX);
	deal->records = arena_new(&deal->arena, n * sizeof *deal->records);
	while (json_next(&it)) {
		if (!entry_take(deal, it.value))
			return false;
		deal->n_records++;
	}
	return true;
}

static bool
contract_take(struct deal *deal)
{
	static const char *const names[] = { "text", "key_id", "signature",
		"terms", "signatures", NULL };
	struct json_ref contract = json_get(deal->root, "contract");

	if (json_type(contract) == JSON_NULL)
		return true;
	return deal_members(deal, "contract", contract, names) &&
	    deal_signed_open(deal, "contract", contract, &deal->contract);
}

bool
check_shape(struct deal *deal)
{
	static const char *const names[] = { "version", "deal_id", "broker",
		"registrations", "intent", "mandate", "offers", "rounds",
		"contract", "policy", "hold", "executions", "usage", "bill",
		"entries", "checkpoint", NULL };
	struct aicx_id id;

	if (!deal_members(deal, "the file", deal->root, names) ||
	    !broker_take(deal))
		return false;
	deal->deal_id = deal_str(deal, deal->root, "deal_id");
	if (!id_parse(deal->deal_id, &id))
		return deal_bad(deal, "deal_id is no UUID");
	if (json_type(json_get(deal->root, "rounds")) != JSON_ARRAY ||
	    json_len(json_get(deal->root, "rounds")) != 0)
		return deal_bad(deal,
		    "rounds is not empty: this version knows no bargaining");
	if (!contract_take(deal) || !records_take(deal))
		return false;
	deal_ok(deal, "file: deal %.*s, %zu records", STR_ARG(deal->deal_id),
	    deal->n_records);
	return true;
}

/* --- the records among themselves ------------------------------------- */

bool
record_head(struct deal *deal, const struct record_part *record,
    int64_t *ret_epoch, int64_t *ret_ms)
{
	static const char *const names[] = { "shard", "step", "actor" };
	struct aicx_str of = deal_str(deal, record->root, "deal");
	uint8_t prev[HASH_BYTES];
	char what[48];

	(void)snprintf(
	    what, sizeof what, "record %lld", (long long)record->seq);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (deal_str(deal, record->root, names[i]).ptr == NULL)
			return deal_bad(
			    deal, "%s lacks \"%s\"", what, names[i]);
	if (!b64_parse(deal_str(deal, record->root, "prev"), prev, sizeof prev))
		return deal_bad(deal, "%s: prev is no hash", what);
	if (!json_int(json_get(record->root, "epoch"), ret_epoch))
		return deal_bad(deal, "%s: epoch is no number", what);
	if (!deal_time(deal, what, json_get(record->root, "time"), ret_ms))
		return false;
	if (of.ptr != NULL && deal->deal_id.ptr != NULL &&
	    !str_eq(of, deal->deal_id))
		return deal_bad(
		    deal, "%s is about another deal, %.*s", what, STR_ARG(of));
	return true;
}

/* b follows a: numbers and times go up; neighbours are chained. */
static bool
follows(
    struct deal *deal, const struct record_part *a, const struct record_part *b)
{
	char hash[44];

	if (b->seq <= a->seq)
		return deal_bad(deal, "record %lld stands after record %lld",
		    (long long)b->seq, (long long)a->seq);
	if (b->seq != a->seq + 1)
		return true;
	hash_print(a->leaf, hash);
	if (!str_is(deal_str(deal, b->root, "prev"), hash))
		return deal_bad(deal,
		    "record %lld: prev is %.*s, but the hash of record %lld "
		    "is %s",
		    (long long)b->seq, STR_ARG(deal_str(deal, b->root, "prev")),
		    (long long)a->seq, hash);
	return true;
}

struct aicx_str
deal_state(struct deal *deal)
{
	return deal_str(deal,
	    deal_row(deal, "deal", "deal_id", deal->deal_id, NULL), "state");
}

bool
check_records(struct deal *deal)
{
	int64_t epoch = 0, time_ms = 0, last_epoch = 0, last_ms = 0;
	size_t n_links = 0;

	for (size_t i = 0; i < deal->n_records; i++) {
		const struct record_part *record = &deal->records[i];
		if (!record_head(deal, record, &epoch, &time_ms))
			return false;
		if (epoch < last_epoch || time_ms < last_ms)
			return deal_bad(deal,
			    "record %lld goes back in time or epoch",
			    (long long)record->seq);
		last_epoch = epoch, last_ms = time_ms;
		if (i == 0)
			continue;
		if (!follows(deal, &deal->records[i - 1], record))
			return false;
		n_links += record->seq == deal->records[i - 1].seq + 1;
	}
	if (deal_state(deal).ptr == NULL)
		return deal_bad(deal, "records: none tells of the deal");
	deal_ok(deal, "records: in order, %zu of %zu chained to the one before",
	    n_links, deal->n_records);
	return true;
}
