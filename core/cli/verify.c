/* SPDX-License-Identifier: Apache-2.0 */
/* verify.c - what kind of file it is, and the checks of a deal in order. */
#include "cli/verify.h"

#include <string.h>

#include "base/str.h"
#include "cli/verify_deal.h"

/* The broker's own records first: the copies are held against them. */
static bool (*const checks[])(struct deal *deal) = {
	check_shape,
	check_seal,
	check_records,
	check_registrations,
	check_mandate,
	check_offers,
	check_contract,
	check_mandate_covers,
	check_choice,
	check_intent,
	check_policy,
	check_hold,
	check_executions,
	check_usage,
	check_bill,
	check_entries,
	check_answers,
	check_rating,
	check_keys_used,
};

static enum verdict
say(struct buf *report, enum verdict verdict, const char *text)
{
	buf_printf(report, "%s\n", text);
	return verdict;
}

static enum verdict
deal_verify(struct deal *deal)
{
	for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++)
		if (!checks[i](deal))
			return say(deal->report, VERDICT_BROKEN,
			    "broken: the first link that does not hold is "
			    "named above");
	(void)say(deal->report, VERDICT_GOOD, "not anchored: no checkpoint");
	if (deal->broker_key == NULL)
		return say(deal->report, VERDICT_UNKNOWN_KEY,
		    "sound, but the broker's key is unknown: name it with "
		    "--trust FILE");
	return say(deal->report, VERDICT_GOOD, "good");
}

/* The kind of a JSON file by its members, or NULL: a deal file. */
static const char *
other_kind(struct json_ref root)
{
	if (json_has(json_get(root, "deal_id")) &&
	    json_has(json_get(root, "entries")))
		return NULL;
	if (json_has(json_get(root, "record")) &&
	    json_has(json_get(root, "proof")))
		return "a receipt";
	if (json_has(json_get(root, "text")) &&
	    json_has(json_get(root, "signature")))
		return "a signed object";
	if (json_has(json_get(root, "seq")) && json_has(json_get(root, "prev")))
		return "a ledger";
	return "no deal file";
}

/* Texts that are no single JSON value: a ledger has one record a line, a
   checkpoint is a signed note (C2SP): lines, an empty one, "— NAME SIG". */
static const char *
text_kind(struct aicx_str text, struct arena *arena)
{
	struct aicx_str rest;
	struct aicx_str first = str_cut(text, '\n', &rest);
	struct json doc;

	if (memmem(text.ptr, text.len, "\n\n\xE2\x80\x94 ", 6) != NULL)
		return "a checkpoint";
	if (json_parse(first, arena, &doc, NULL) == AICX_OK)
		return other_kind(json_root(&doc));
	return NULL;
}

static enum verdict
unreadable(struct buf *report, const char *kind, const char *why)
{
	if (kind != NULL && strcmp(kind, "no deal file") != 0)
		buf_printf(report,
		    "this is %s: not supported in this version\n", kind);
	else
		buf_printf(report, "unreadable: %s\n", why);
	return VERDICT_UNREADABLE;
}

enum verdict
verify_text(struct aicx_str text, const struct trust *trust, struct buf *report)
{
	struct deal deal = { .trust = trust, .report = report };
	struct aicx_error why = { 0 };
	enum verdict verdict;
	int64_t version = 0;

	if (json_parse(text, &deal.arena, &deal.doc, &why) != AICX_OK) {
		const char *kind =
		    text.len > 0 ? text_kind(text, &deal.arena) : NULL;
		verdict = unreadable(report, kind, why.text);
		arena_fini(&deal.arena);
		return verdict;
	}
	deal.root = json_root(&deal.doc);
	const char *kind = other_kind(deal.root);
	if (kind != NULL)
		verdict = unreadable(report, kind, kind);
	else if (!json_int(json_get(deal.root, "version"), &version) ||
	    version != 1)
		verdict = unreadable(
		    report, NULL, "a deal file of another version than 1");
	else
		verdict = deal_verify(&deal);
	arena_fini(&deal.arena);
	return verdict;
}
