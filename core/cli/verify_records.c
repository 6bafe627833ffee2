/* SPDX-License-Identifier: Apache-2.0 */
/* verify_records.c - the broker's receipt, the records it covers, their order
   and chain. */
#include <stdio.h>

#include "base/b64.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/str.h"
#include "cli/verify_deal.h"

/* --- shape: the file's own members ------------------------------------ */

static bool
record_take(struct deal *deal, size_t index, struct json_ref entry)
{
	static const char *const names[] = { "record", "index", "proof", NULL };
	struct record_part *record = &deal->records[index];
	struct aicx_error why = { 0 };
	char what[48];
	int64_t said;

	(void)snprintf(what, sizeof what, "entry %zu", index);
	if (!deal_members(deal, what, entry, names, 3))
		return false;
	record->text = deal_str(deal, entry, "record");
	if (json_parse(record->text, &deal->arena, &record->doc, &why) !=
	    AICX_OK)
		return deal_bad(
		    deal, "%s: its record cannot be read: %s", what, why.text);
	record->root = json_root(&record->doc);
	sha256(record->text.ptr, record->text.len, record->hash);
	if (!json_int(json_get(record->root, "seq"), &record->seq))
		return deal_bad(deal, "%s: its record has no number", what);
	if (!json_int(json_get(entry, "index"), &said) || said != record->seq)
		return deal_bad(deal,
		    "%s: its index is %.*s, but its record is number %lld",
		    what, STR_ARG(json_raw(json_get(entry, "index"))),
		    (long long)record->seq);
	if (json_type(json_get(entry, "proof")) != JSON_ARRAY ||
	    json_len(json_get(entry, "proof")) != 0)
		return deal_bad(deal,
		    "record %lld has a proof, but there is no checkpoint",
		    (long long)record->seq);
	return true;
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
		if (!record_take(deal, deal->n_records, it.value))
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
	return deal_members(deal, "contract", contract, names, 5) &&
	    deal_signed_open(deal, "contract", contract, &deal->contract);
}

bool
check_shape(struct deal *deal)
{
	static const char *const names[] = { "version", "deal_id", "broker",
		"registrations", "intent", "mandate", "offers", "rounds",
		"contract", "policy", "hold", "executions", "usage", "bill",
		"entries", "checkpoint", "seal", "rating", NULL };
	static const char *const broker_names[] = { "id", "key_id", NULL };
	struct json_ref broker = json_get(deal->root, "broker");
	struct aicx_id id;

	if (!deal_members(deal, "the file", deal->root, names, 17) ||
	    !deal_members(deal, "broker", broker, broker_names, 2))
		return false;
	deal->deal_id = deal_str(deal, deal->root, "deal_id");
	deal->broker_id = deal_str(deal, broker, "id");
	deal->broker_key_id = deal_str(deal, broker, "key_id");
	if (!id_parse(deal->deal_id, &id))
		return deal_bad(deal, "deal_id is no UUID");
	if (!id_parse(deal->broker_id, &id))
		return deal_bad(deal, "the broker's id is no UUID");
	if (json_type(json_get(deal->root, "rounds")) != JSON_ARRAY ||
	    json_len(json_get(deal->root, "rounds")) != 0)
		return deal_bad(deal,
		    "rounds is not empty: this version knows no bargaining");
	if (json_type(json_get(deal->root, "checkpoint")) != JSON_NULL)
		return deal_bad(deal,
		    "there is a checkpoint: this version cannot check one");
	if (!contract_take(deal) || !records_take(deal))
		return false;
	deal_ok(deal, "file: deal %.*s, %zu records", STR_ARG(deal->deal_id),
	    deal->n_records);
	return true;
}

/* --- the broker's key ------------------------------------------------- */

/* The key that is trusted for this broker.  An unknown one is no broken link,
   another one than expected is. */
static bool
broker_key_find(struct deal *deal)
{
	const struct trust *trust = deal->trust;
	const struct trusted *other = NULL;
	struct aicx_id id;
	char key_id[KEY_ID_TEXT + 1];

	(void)id_parse(deal->broker_id, &id);
	for (size_t i = 0; i < trust->n && deal->broker_key == NULL; i++) {
		const struct trusted *t = &trust->list[i];
		bool any = id_is_nil(&t->broker_id);
		key_id_of(t->key, key_id);
		bool fits = str_is(deal->broker_key_id, key_id);
		if (fits && (any || id_eq(&t->broker_id, &id)))
			deal->broker_key = t;
		else if (trust->strict || (!any && id_eq(&t->broker_id, &id)))
			other = t;
	}
	if (deal->broker_key == NULL && other != NULL) {
		key_id_of(other->key, key_id);
		return deal_bad(deal,
		    "broker: the file is signed under key \"%.*s\" of broker "
		    "%.*s, but the key trusted by %.*s is \"%s\"",
		    STR_ARG(deal->broker_key_id), STR_ARG(deal->broker_id),
		    STR_ARG(other->source), key_id);
	}
	if (deal->broker_key != NULL)
		deal_ok(deal, "broker: %.*s, key trusted by %.*s",
		    STR_ARG(deal->broker_id),
		    STR_ARG(deal->broker_key->source));
	else
		deal_note(deal, "broker: no key of %.*s is known",
		    STR_ARG(deal->broker_id));
	return true;
}

/* --- the seal --------------------------------------------------------- */

static bool
sealed_record(struct deal *deal, struct json_ref sealed, size_t index)
{
	static const char *const names[] = { "seq", "sha256", NULL };
	const struct record_part *record = &deal->records[index];
	char hash[44];
	int64_t seq;

	if (!deal_members(deal, "seal: a record", sealed, names, 2))
		return false;
	if (!json_int(json_get(sealed, "seq"), &seq) || seq != record->seq)
		return deal_bad(deal,
		    "record %lld: the broker's receipt has number %.*s in its "
		    "place",
		    (long long)record->seq,
		    STR_ARG(json_raw(json_get(sealed, "seq"))));
	hash_print(record->hash, hash);
	if (!str_is(deal_str(deal, sealed, "sha256"), hash))
		return deal_bad(deal,
		    "record %lld: its hash is %s, but the broker's receipt "
		    "names %.*s",
		    (long long)record->seq, hash,
		    STR_ARG(deal_str(deal, sealed, "sha256")));
	return true;
}

/* The state that the broker signed is the last one recorded. */
static bool
sealed_state(struct deal *deal)
{
	const struct record_part *record = NULL;
	struct json_ref row =
	    deal_row(deal, "deal", "deal_id", deal->deal_id, &record);

	if (!json_has(row))
		return deal_bad(deal, "seal: no record tells of the deal");
	return deal_equal(deal, "seal: its state",
	    deal_str(deal, deal->seal.root, "state"), "the last recorded one",
	    deal_str(deal, row, "state"));
}

static bool
sealed_records(struct deal *deal)
{
	struct json_ref list = json_get(deal->seal.root, "records");
	struct json_iter it = json_iter(list);

	if (json_type(list) != JSON_ARRAY || json_len(list) != deal->n_records)
		return deal_bad(deal,
		    "seal: the broker's receipt covers %zu records, the file "
		    "has %zu",
		    json_len(list), deal->n_records);
	for (size_t i = 0; json_next(&it); i++)
		if (!sealed_record(deal, it.value, i))
			return false;
	return true;
}

bool
check_seal(struct deal *deal)
{
	struct aicx_error why = { 0 };
	struct signed_part *seal = &deal->seal;

	if (!broker_key_find(deal) ||
	    !deal_signed_part(deal, "seal", json_get(deal->root, "seal"), seal))
		return false;
	if (!deal_equal(deal, "seal: its key", seal->object.key_id,
		"the broker's", deal->broker_key_id) ||
	    !deal_equal(deal, "seal: its kind",
		deal_str(deal, seal->root, "kind"), "a receipt's",
		STR("receipt")) ||
	    !deal_equal(deal, "seal: its broker",
		deal_str(deal, seal->root, "broker_id"), "the file's",
		deal->broker_id) ||
	    !deal_equal(deal, "seal: its deal",
		deal_str(deal, seal->root, "deal_id"), "the file's",
		deal->deal_id))
		return false;
	if (deal->broker_key != NULL &&
	    object_verify(&seal->object, SIG_RECEIPT, deal->broker_key->key,
		&why) != AICX_OK)
		return deal_bad(deal, "seal: %s", why.text);
	if (!sealed_records(deal) || !sealed_state(deal))
		return false;
	deal_ok(deal, "seal: the broker's receipt covers all %zu records%s",
	    deal->n_records,
	    deal->broker_key ? "" : " (signature not checked)");
	return true;
}

/* --- the records among themselves ------------------------------------- */

static bool
record_head(struct deal *deal, const struct record_part *record,
    int64_t *ret_epoch, int64_t *ret_ms)
{
	static const char *const names[] = { "seq", "time", "epoch", "prev",
		"shard", "step", "actor", "deal", "request", "entries", "put",
		"answer", NULL };
	struct aicx_str of = deal_str(deal, record->root, "deal");
	uint8_t prev[HASH_BYTES];
	char what[48];

	(void)snprintf(
	    what, sizeof what, "record %lld", (long long)record->seq);
	if (!deal_members(deal, what, record->root, names, 7))
		return false;
	if (!b64_parse(deal_str(deal, record->root, "prev"), prev, sizeof prev))
		return deal_bad(deal, "%s: prev is no hash", what);
	if (!json_int(json_get(record->root, "epoch"), ret_epoch))
		return deal_bad(deal, "%s: epoch is no number", what);
	if (!deal_time(deal, what, json_get(record->root, "time"), ret_ms))
		return false;
	if (of.ptr != NULL && !str_eq(of, deal->deal_id))
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
	hash_print(a->hash, hash);
	if (!str_is(deal_str(deal, b->root, "prev"), hash))
		return deal_bad(deal,
		    "record %lld: prev is %.*s, but the hash of record %lld "
		    "is %s",
		    (long long)b->seq, STR_ARG(deal_str(deal, b->root, "prev")),
		    (long long)a->seq, hash);
	return true;
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
	deal_ok(deal, "records: in order, %zu of %zu chained to the one before",
	    n_links, deal->n_records);
	return true;
}
