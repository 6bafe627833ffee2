/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify_deal.h - a deal file taken apart, and what its checks share.
 *
 * The trust goes: the broker's key -> its receipt -> the hashes of the records
 * -> the rows in them -> every copy outside of them; and beside it each
 * party's key -> the object it signed -> the links between the objects.
 */
#ifndef CLI_VERIFY_DEAL_H
#define CLI_VERIFY_DEAL_H

#include "base/json.h"
#include "cli/amount.h"
#include "cli/verify.h"
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
	uint8_t hash[HASH_BYTES];
};

struct deal {
	struct arena arena;
	struct json doc;
	struct json_ref root;
	struct aicx_str deal_id, broker_id, broker_key_id;
	struct registration *registrations;
	size_t n_registrations;
	struct signed_part mandate, contract, seal;
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
/* No member but these (ended by NULL); all named ones up to n_required. */
bool deal_members(struct deal *deal, const char *what, struct json_ref object,
    const char *const *names, size_t n_required);
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

/* --- the checks, in this order ---------------------------------------- */

bool check_shape(struct deal *deal);
bool check_seal(struct deal *deal);
bool check_records(struct deal *deal);
bool check_registrations(struct deal *deal);
bool check_mandate(struct deal *deal);
bool check_offers(struct deal *deal);
bool check_contract(struct deal *deal);
bool check_mandate_covers(struct deal *deal);
bool check_choice(struct deal *deal);
bool check_intent(struct deal *deal);
bool check_policy(struct deal *deal);
bool check_hold(struct deal *deal);
bool check_executions(struct deal *deal);
bool check_usage(struct deal *deal);
bool check_bill(struct deal *deal);
bool check_entries(struct deal *deal);
bool check_answers(struct deal *deal);
bool check_rating(struct deal *deal);
bool check_keys_used(struct deal *deal);

#endif
