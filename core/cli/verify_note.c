/* SPDX-License-Identifier: Apache-2.0 */
/* verify_note.c - the broker's key, the checkpoint it signed, and what is in
   the checkpoint's tree. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/b64.h"
#include "base/id.h"
#include "base/str.h"
#include "cli/verify_deal.h"

/* --- the broker's key ------------------------------------------------- */

bool
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

bool
broker_take(struct deal *deal)
{
	static const char *const names[] = { "id", "key_id", NULL };
	struct json_ref broker = json_get(deal->root, "broker");
	struct aicx_id id;

	if (!deal_members(deal, "broker", broker, names))
		return false;
	deal->broker_id = deal_str(deal, broker, "id");
	deal->broker_key_id = deal_str(deal, broker, "key_id");
	if (!id_parse(deal->broker_id, &id))
		return deal_bad(deal, "the broker's id is no UUID");
	return true;
}

/* --- the checkpoint --------------------------------------------------- */

/* "aiconexus/<broker id>/0", and "-2", "-3" ... after a history was begun
   anew. */
static bool
origin_fits(struct aicx_str origin, struct aicx_str broker_id)
{
	char start[ORIGIN_MAX];
	int64_t generation;
	int n = snprintf(
	    start, sizeof start, "aiconexus/%.*s/0", STR_ARG(broker_id));

	if (n < 0 || n >= ORIGIN_MAX || !str_starts(origin, start))
		return false;
	struct aicx_str rest = { origin.ptr + n, origin.len - (size_t)n };
	if (rest.len == 0)
		return true;
	if (rest.len < 2 || rest.ptr[0] != '-' || rest.ptr[1] == '0')
		return false;
	rest.ptr++, rest.len--;
	return str_int(rest, &generation) && generation >= 2;
}

bool
deal_note_take(struct deal *deal, const char *what, struct aicx_str note,
    struct checkpoint *ret)
{
	struct aicx_error why = { 0 };

	if (note.ptr == NULL)
		return deal_bad(deal, "%s: there is none", what);
	if (checkpoint_parse(note, ret, &why) != AICX_OK)
		return deal_bad(deal, "%s: %s", what, why.text);
	if (!origin_fits(ret->origin, deal->broker_id))
		return deal_bad(deal,
		    "%s: its origin is \"%.*s\", which is none of broker %.*s",
		    what, STR_ARG(ret->origin), STR_ARG(deal->broker_id));
	if (deal->broker_key == NULL) {
		deal_note(deal,
		    "%s: %" PRIu64 " records of %.*s, signature not checked",
		    what, ret->n_leaves, STR_ARG(ret->origin));
		return true;
	}
	if (!note_verify(note, ret->origin, deal->broker_key->key))
		return deal_bad(
		    deal, "%s: not signed by the broker's key", what);
	deal_ok(deal, "%s: %" PRIu64 " records of %.*s, signed by the broker",
	    what, ret->n_leaves, STR_ARG(ret->origin));
	return true;
}

bool
deal_proof(struct deal *deal, const char *what, struct json_ref list,
    struct merkle_proof *ret)
{
	struct json_iter it = json_iter(list);

	ret->n = 0;
	if (json_type(list) != JSON_ARRAY || json_len(list) > MERKLE_PROOF_MAX)
		return deal_bad(deal, "%s: its proof is no list of at most %d",
		    what, MERKLE_PROOF_MAX);
	while (json_next(&it))
		if (!b64_parse(json_str(it.value, &deal->arena),
			ret->hash[ret->n++], HASH_BYTES))
			return deal_bad(deal,
			    "%s: hash %zu of its proof is none", what, ret->n);
	return true;
}

bool
record_included(struct deal *deal, const struct record_part *record)
{
	struct merkle_proof proof;
	char what[48];

	(void)snprintf(
	    what, sizeof what, "record %lld", (long long)record->seq);
	if (!deal_proof(deal, what, record->proof, &proof))
		return false;
	if (merkle_includes(record->leaf, (uint64_t)record->seq - 1,
		deal->checkpoint.n_leaves, &proof, deal->checkpoint.root))
		return true;
	return deal_bad(deal,
	    "%s: it is not in the checkpoint's tree of %" PRIu64 " records",
	    what, deal->checkpoint.n_leaves);
}

bool
check_checkpoint(struct deal *deal)
{
	struct aicx_str note = deal_str(deal, deal->root, "checkpoint");

	if (!broker_key_find(deal) ||
	    !deal_note_take(deal, "checkpoint", note, &deal->checkpoint))
		return false;
	for (size_t i = 0; i < deal->n_records; i++)
		if (!record_included(deal, &deal->records[i]))
			return false;
	deal_ok(deal, "proofs: all %zu records are in the checkpoint's tree",
	    deal->n_records);
	return true;
}
