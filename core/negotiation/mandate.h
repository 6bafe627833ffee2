/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mandate.h - what a requester allows to be bought in its name: its signature
 * on any contract inside it.
 */
#ifndef NEGOTIATION_MANDATE_H
#define NEGOTIATION_MANDATE_H

#include "negotiation/intent.h"
#include "protocol/object.h"

enum { MANDATE_NEEDS_MAX = 32 };

struct mandate_text {
	struct aicx_str kind;
	struct aicx_id id, broker_id, requester;
	struct field_strs need; /* names; "text.*" covers all below */
	struct aicx_money max_each, max_total;
	int64_t max_deals; /* 1 if absent */
	int64_t not_before_ms, expires_ms;
	int choose; /* enum choose_rule */
	struct aicx_str policy_sha256;
	int64_t standbys;
	struct aicx_id credential_id; /* only calls under it; nil: any */
	struct aicx_str requester_custody; /* "broker" */
};

extern const struct field mandate_text_fields[];

/* As stored. */
struct mandate {
	struct aicx_id mandate_id, requester_id;
	struct aicx_str text, key_id, signature;
	bool custody; /* signed by a key in the broker's keeping */
	bool revoked;
	int64_t granted_ms;
};

extern const struct field mandate_fields[];

/* What was used of it: counted in the step that reserves. */
struct mandate_use {
	struct aicx_id mandate_id;
	int64_t uses;
	int64_t held_minor, posted_minor;
};

extern const struct field mandate_use_fields[];

void mandate_text_print(struct buf *buf, const struct mandate_text *text,
    const struct currencies *currencies);
/* Parses and checks the text by itself: kind, broker, amounts of one currency
   and positive, times in order, at least one need. */
aicx_err mandate_text_parse(struct aicx_str text,
    const struct currencies *currencies, const struct aicx_id *broker_id,
    struct arena *arena, struct mandate_text *ret, struct aicx_error *reterr);
bool mandate_covers_need(const struct mandate_text *text, struct aicx_str need);
/*
 * May this mandate be used once more, for this need and amount, by this
 * requester?  use may be NULL (never used).  "no_mandate", "mandate_expired",
 * "mandate_exhausted", "denied".
 */
aicx_err mandate_check(const struct mandate *mandate,
    const struct mandate_text *text, const struct mandate_use *use,
    const struct aicx_id *requester_id, struct aicx_str need,
    const struct aicx_money *amount, int64_t now_ms, struct aicx_error *reterr);

#endif
