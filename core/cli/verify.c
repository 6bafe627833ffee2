/* SPDX-License-Identifier: Apache-2.0 */
/* verify.c - what kind of file it is, and the checks of a deal in order. */
#include "cli/verify.h"

#include <string.h>

#include "base/str.h"
#include "cli/verify_deal.h"
#include "cli/verify_set.h"

/* The broker's own records first: the copies are held against them. */
static bool (*const checks[])(struct deal *deal) = {
	check_shape,
	check_checkpoint,
	check_records,
	check_registrations,
	check_mandate,
	check_offers,
	check_contract,
	check_mandate_covers,
	check_choice,
	check_intent,
	check_delegation,
	check_policy,
	check_hold,
	check_executions,
	check_usage,
	check_bill,
	check_entries,
	check_back,
	check_answers,
	check_rating,
	check_keys_used,
};

static bool
verify_deal(struct deal *deal)
{
	size_t index;

	for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++)
		if (!checks[i](deal))
			return false;
	return set_add_note(deal, &deal->checkpoint, &index) &&
	    set_add_deal(deal);
}

void
verify_say(struct buf *report, enum verdict verdict)
{
	static const char *const lines[] = {
		[VERDICT_GOOD] = "good",
		[VERDICT_BROKEN] =
		    "broken: the first link that does not hold is named above",
		[VERDICT_UNREADABLE] = "unreadable: the reason is named above",
		[VERDICT_UNKNOWN_KEY] =
		    "sound, but the broker's key is unknown: name it with "
		    "--trust FILE",
	};

	buf_printf(report, "%s\n", lines[verdict]);
}

enum verdict
verify_verdict(const struct deal *file, bool holds)
{
	if (!holds)
		return VERDICT_BROKEN;
	return file->broker_key == NULL ? VERDICT_UNKNOWN_KEY : VERDICT_GOOD;
}

/* --- kinds ------------------------------------------------------------ */

static const struct kind {
	const char *name; /* in the member "kind" */
	bool (*verify)(struct deal *file);
} kinds[] = { { "receipt", verify_receipt },
	{ "consistency", verify_consistency } };

static enum verdict
unreadable(struct buf *report, const char *why)
{
	buf_printf(report, "unreadable: %s\n", why);
	return VERDICT_UNREADABLE;
}

static enum verdict
verify_json(struct deal *file)
{
	struct aicx_str kind = deal_str(file, file->root, "kind");
	int64_t version = 0;
	bool (*verify)(struct deal *) = NULL;

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (str_is(kind, kinds[i].name))
			verify = kinds[i].verify;
	if (verify == NULL && json_has(json_get(file->root, "deal_id")) &&
	    json_has(json_get(file->root, "entries")))
		verify = verify_deal;
	if (verify == NULL)
		return unreadable(file->report,
		    "no deal file, receipt, checkpoint, consistency proof, "
		    "ledger or audit file");
	if (!json_int(json_get(file->root, "version"), &version) ||
	    version != 1)
		return unreadable(
		    file->report, "a file of another version than 1");
	return verify_verdict(file, verify(file));
}

static bool
is_lines(struct aicx_str kind)
{
	return str_is(kind, "ledger") || str_is(kind, "audit");
}

bool
verify_is_ledger(struct aicx_str first_line)
{
	struct arena arena = { NULL };
	struct json doc;
	int64_t version = 0;

	bool is = json_parse(first_line, &arena, &doc, NULL) == AICX_OK &&
	    is_lines(json_str(json_get(json_root(&doc), "kind"), &arena)) &&
	    json_int(json_get(json_root(&doc), "version"), &version) &&
	    version == 1;
	arena_fini(&arena);
	return is;
}

enum verdict
verify_file(const char *name, struct aicx_str text, const struct trust *trust,
    struct verify_set *set, struct buf *report)
{
	struct deal file = {
		.file = name, .set = set, .trust = trust, .report = report
	};
	struct aicx_error why = { 0 };
	enum verdict verdict;

	if (json_parse(text, &file.arena, &file.doc, &why) == AICX_OK) {
		file.root = json_root(&file.doc);
		verdict = verify_json(&file);
	} else if (checkpoint_parse(text, &file.checkpoint, NULL) == AICX_OK) {
		verdict = verify_verdict(&file, verify_checkpoint(&file, text));
	} else {
		verdict = unreadable(report, why.text);
	}
	arena_fini(&file.arena);
	return verdict;
}

static enum verdict
verify_lines(struct aicx_str text, const struct trust *trust,
    struct verify_set *set, struct buf *report)
{
	struct ledger_check *check = ledger_check_new(NULL, trust, set, report);

	while (text.len > 0 &&
	    ledger_check_line(check, str_cut(text, '\n', &text)))
		;
	return ledger_check_end(check);
}

enum verdict
verify_text(struct aicx_str text, const struct trust *trust, struct buf *report)
{
	struct verify_set *set = verify_set_new();
	struct aicx_str rest;
	struct aicx_str first = str_cut(text, '\n', &rest);

	enum verdict verdict = rest.ptr != NULL && verify_is_ledger(first)
	    ? verify_lines(text, trust, set, report)
	    : verify_file(NULL, text, trust, set, report);
	verify_compare(set, report);
	if (verdict != VERDICT_UNREADABLE) /* it was said */
		verify_say(report, verdict);
	verify_set_free(set);
	return verdict;
}
