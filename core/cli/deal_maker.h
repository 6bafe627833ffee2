/* SPDX-License-Identifier: Apache-2.0 */
/* deal_maker.h - makes deal files for tests: keys, signatures, records, their
   tree and its checkpoint; each member can be told wrong, and everything after
   it is then signed anew. */
#ifndef CLI_DEAL_MAKER_H
#define CLI_DEAL_MAKER_H

#include "base/buf.h"
#include "protocol/crypto.h"

#include <stdbool.h>

struct deal_maker {
	const char *need; /* of the mandate */
	const char *max_each, *max_total, *mandate_expires;
	const char *base_cost,
	    *other_cost; /* of the chosen and the other offer */
	const char *ceiling, *held, *line_amount, *total, *released, *fee;
	/* A batch will pay, and the entry names the seller, or the buyer; fee
	   early: and the fee is taken all the same. */
	bool batched, batched_to_buyer, fee_early;
	const char *listed_price, *listed_other; /* in the contract's choice */
	const char *terms_named; /* what the offer hashes; NULL: its terms */
	const char *origin, *note_signer; /* of the checkpoint */
	const char *others; /* what the tree's other leaves say */
	const char *deal_id;
	const char *loser; /* whose key the other offer is signed with */
	const char *claim_contract, *claim_output; /* hashes; NULL: the right */
	const char *custody; /* of the provider, in the contract */
	const char *uses; /* of the mandate, so far */
	const char *provider_seed_of; /* "provider" signs; or "stranger" */
	bool loser_unlisted; /* the contract names one candidate */
	bool per_unit, loser_badly_signed, claim, chain_broken, no_mandate;
	bool measured; /* the claim is for what the broker measures anyhow */
	bool proof_broken;
	bool no_hold; /* nothing is held and no money moves */
	int units; /* billed, when per_unit */
	int n_leaves; /* of the tree */
	int seq_first; /* of its records */
	int latency_ms; /* of the execution, below a second */
	/* Instead of what the above make: the pricing object, the bill's lines
	   (without brackets).  Besides it: the sla object, and more members of
	   the usage and of its row, each with a comma before it. */
	const char *pricing, *lines, *sla, *more_usage, *decision;
	const char *policy; /* the file's, JSON */
};

struct deal_maker deal_maker(void); /* a good deal, settled */
/* Appends the file. */
void deal_make(const struct deal_maker *maker, struct buf *out);
/* The key that this name signs with; free it. */
struct sign_key *deal_maker_key(const char *name);
void deal_maker_broker_key(uint8_t ret_public[KEY_BYTES]);
extern const char deal_maker_broker_id[];

#endif
