/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify_deal.h - a file taken apart, most of all a deal's, and what the checks
 * share.
 *
 * The trust goes: the broker's key -> its checkpoint -> the records in its tree
 * -> the rows in them -> every copy outside of them; and beside it each
 * party's key -> the object it signed -> the links between the objects.
 */
#ifndef CLI_VERIFY_DEAL_H
#define CLI_VERIFY_DEAL_H

#include "base/json.h"
#include "cli/amount.h"
#include "cli/verify.h"
#include "protocol/checkpoint.h"
#include "protocol/merkle.h"
#include "protocol/object.h"

enum {
	VERIFY_REGISTRATIONS_MAX = 256,
	VERIFY_OFFERS_MAX = 256,
	VERIFY_RECORDS_MAX = 4096
};

struct registration {
	struct aicx_str agent_id, custody; /* "own" or "broker" */
	uint8_t key[KEY_BYTES];
	char key_id[KEY_ID_TEXT + 1];
	bool used; /* something here is signed under it */
};

/* A signed object and its text parsed. */
struct signed_part {
	bool present;
	struct signed_object object;
	struct json doc;
	struct json_ref root; /* of the text */
};

struct offer_part {
	struct signed_part offer;
	struct aicx_str terms; /* exact text */
	struct json terms_doc;
	struct json_ref pricing, terms_root;
	struct aicx_str id, provider_id;
};

struct record_part {
	struct aicx_str text;
	struct json doc;
	struct json_ref root;
	int64_t seq;
	uint8_t leaf[HASH_BYTES]; /* in the tree; the next one names it */
	struct json_ref proof;
};

struct deal {
	struct arena arena;
	struct json doc;
	struct json_ref root;
	struct aicx_str deal_id, broker_id, broker_key_id;
	struct registration *registrations;
	size_t n_registrations;
	struct signed_part mandate, contract;
	struct offer_part *offers;
	size_t n_offers;
	const struct offer_part *chosen; /* the contract's, or NULL */
	struct json terms_doc;
	struct json_ref terms; /* what the contract is about */
	struct record_part *records;
	size_t n_records;
	struct amount hold; /* for each execution */
	struct amount total, fee; /* of all bills */
	bool has_hold;
	size_t n_executions, n_completed; /* the latter with a result */

	struct checkpoint checkpoint;
	const char *file; /* its name, for comparing; or NULL */
	struct verify_set *set; /* what other files say; or NULL */
	const struct trust *trust;
	const struct trusted *broker_key; /* NULL: unknown */
	struct buf *report;
};

/* --- saying it: both end the line ------------------------------------- */

void deal_ok(struct deal *deal, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void deal_note(struct deal *deal, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Always false, so that a check writes `return deal_bad(...)`. */
bool deal_bad(struct deal *deal, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* --- comparing -------------------------------------------------------- */

/* Same value, whatever the order of members. */
bool json_same(struct json_ref a, struct json_ref b, struct arena *arena);
/* A string member, or an absent text. */
struct aicx_str deal_str(
    struct deal *deal, struct json_ref of, const char *name);
/* "WHAT is "a", but OTHER is "b"" unless they are equal and present. */
bool deal_equal(struct deal *deal, const char *what, struct aicx_str a,
    const char *other, struct aicx_str b);
bool deal_amount(struct deal *deal, const char *what, struct json_ref ref,
    struct amount *ret);
bool deal_time(
    struct deal *deal, const char *what, struct json_ref ref, int64_t *ret_ms);
/* An object with these members; what it has besides is passed over. */
bool deal_members(struct deal *deal, const char *what, struct json_ref object,
    const char *const *names); /* ended by NULL */
/* A hash as base64url; 43 characters and a NUL. */
void hash_print(const uint8_t hash[HASH_BYTES], char ret_text[44]);
/* The text's hash is the one named. */
bool deal_hash(struct deal *deal, const char *what, struct aicx_str text,
    const char *other, struct aicx_str named);

/* --- parts ------------------------------------------------------------ */

struct registration *deal_agent(
    const struct deal *deal, struct aicx_str agent_id, struct aicx_str key_id);
/* {"text","key_id","signature"}, parsed but not verified. */
bool deal_signed_part(struct deal *deal, const char *what, struct json_ref ref,
    struct signed_part *ret);
/* The same; other members are the caller's matter. */
bool deal_signed_open(struct deal *deal, const char *what, struct json_ref ref,
    struct signed_part *ret);
const struct offer_part *deal_offer(
    const struct deal *deal, struct aicx_str offer_id); /* or NULL */
/* A string member of the contract's text. */
struct aicx_str contract_says(struct deal *deal, const char *name);
/* The last row of this table whose id member has this value, over all records;
 *ret_record names the record.  Absent when there is none. */
struct json_ref deal_row(struct deal *deal, const char *table,
    const char *id_name, struct aicx_str id,
    const struct record_part **ret_record);
/* The copy has the members of the row, with the same values. */
bool deal_copy(struct deal *deal, const char *what, struct json_ref copy,
    struct json_ref row, const struct record_part *record);

/* A record's own members; of another deal than this one is a bad one. */
bool record_head(struct deal *deal, const struct record_part *record,
    int64_t *ret_epoch, int64_t *ret_ms);
/* The state that the records leave the deal in. */
struct aicx_str deal_state(struct deal *deal);

/* --- the broker's signature (verify_note.c) --------------------------- */

/* broker {"id","key_id"} of a file. */
bool broker_take(struct deal *deal);
/* The key that is trusted for the file's broker.  An unknown one is no broken
   link, another one than expected is. */
bool broker_key_find(struct deal *deal);
/* A checkpoint of the file's broker, signed by its key when that is known. */
bool deal_note_take(struct deal *deal, const char *what, struct aicx_str note,
    struct checkpoint *ret);
/* A list of hashes. */
bool deal_proof(struct deal *deal, const char *what, struct json_ref list,
    struct merkle_proof *ret);
/* The record is the checkpoint's leaf seq - 1. */
bool record_included(struct deal *deal, const struct record_part *record);
/* Takes {"record","index","proof"} apart; other members are the caller's. */
bool record_take(struct deal *deal, const char *what, struct json_ref entry,
    struct record_part *ret);

enum verdict verify_verdict(const struct deal *file, bool holds);

/* --- other kinds of file (verify_files.c) ----------------------------- */

bool verify_receipt(struct deal *file);
bool verify_consistency(struct deal *file);
bool verify_checkpoint(struct deal *file, struct aicx_str note);
/* --- parts of checks ------------------------------------------------- */

/* The agent's key that the object is signed under; NULL: it is none of them,
   and that was said. */
const struct registration *deal_signed_by(struct deal *deal, const char *what,
    const struct signed_part *part, enum sig_kind kind,
    struct aicx_str agent_id);

/* How long an execution took, and its place in a subscription, follow from the
   records. */
bool check_measured(struct deal *deal, struct json_ref status,
    const struct record_part *record);
/* The price that a policy gave is the one it gives for what was recorded;
 *ret_asked: its source is here and was asked. */
bool check_decision(struct deal *deal, struct json_ref status,
    const struct amount *price, bool *ret_asked);

/* --- the checks, in this order ---------------------------------------- */

bool check_shape(struct deal *deal);
bool check_checkpoint(struct deal *deal);
bool check_records(struct deal *deal);
bool check_registrations(struct deal *deal);
bool check_mandate(struct deal *deal);
bool check_offers(struct deal *deal);
bool check_contract(struct deal *deal);
bool check_delegation(struct deal *deal);
bool check_mandate_covers(struct deal *deal);
bool check_choice(struct deal *deal);
bool check_intent(struct deal *deal);
bool check_policy(struct deal *deal);
bool check_hold(struct deal *deal);
bool check_executions(struct deal *deal);
bool check_usage(struct deal *deal);
bool check_bill(struct deal *deal);
bool check_entries(struct deal *deal);
bool check_back(struct deal *deal);
bool check_answers(struct deal *deal);
bool check_rating(struct deal *deal);
bool check_keys_used(struct deal *deal);

#endif
