/* SPDX-License-Identifier: Apache-2.0 */
/* mandate.c - what a mandate says, and whether it still covers a purchase. */
#include "negotiation/mandate.h"

#include "base/err.h"
#include "base/id.h"
#include "base/str.h"

const struct field mandate_text_fields[] = {
	FIELD(struct mandate_text, kind, "kind", FIELD_STR, .max = 16),
	FIELD(struct mandate_text, id, "id", FIELD_ID),
	FIELD(struct mandate_text, broker_id, "broker_id", FIELD_ID),
	FIELD(struct mandate_text, requester, "requester", FIELD_ID),
	FIELD(struct mandate_text, need, "need", FIELD_STRS,
	    .flags = FIELDF_REQUIRED, .max = MANDATE_NEEDS_MAX,
	    .help = "Capabilities it covers; text.* covers all below text."),
	FIELD(struct mandate_text, max_each, "max_each", FIELD_MONEY,
	    .flags = FIELDF_REQUIRED, .help = "The most one deal may cost."),
	FIELD(struct mandate_text, max_total, "max_total", FIELD_MONEY,
	    .flags = FIELDF_REQUIRED, .help = "The most all deals may cost."),
	FIELD(struct mandate_text, max_deals, "max_deals", FIELD_INT, .min = 1,
	    .max = 1000000000, .fallback = 1, .help = "How many deals."),
	FIELD(struct mandate_text, not_before_ms, "not_before", FIELD_TIME,
	    .help = "Not valid earlier."),
	FIELD(struct mandate_text, expires_ms, "expires", FIELD_TIME,
	    .help = "Not valid from then on."),
	FIELD(struct mandate_text, choose, "choose", FIELD_ENUM,
	    .names = choose_rule_names, .help = "How an offer is chosen."),
	FIELD(struct mandate_text, policy_sha256, "policy_sha256", FIELD_STR,
	    .min = 43, .max = 43, .help = "Policy that chooses instead."),
	FIELD(struct mandate_text, standbys, "standbys", FIELD_INT, .min = 0,
	    .max = 8, .help = "How many losing offers stay in reserve."),
	FIELD(struct mandate_text, credential_id, "credential_id", FIELD_ID,
	    .help = "Only calls under this credential."),
	FIELD(struct mandate_text, requester_custody, "custody", FIELD_STR,
	    .max = 8,
	    .help = "\"broker\": signed by the broker for its owner."),
	FIELD_END,
};

const struct field mandate_fields[] = {
	FIELD(struct mandate, mandate_id, "mandate_id", FIELD_ID),
	FIELD(struct mandate, requester_id, "requester_id", FIELD_ID),
	FIELD(struct mandate, text, "text", FIELD_STR),
	FIELD(struct mandate, key_id, "key_id", FIELD_STR),
	FIELD(struct mandate, signature, "signature", FIELD_STR),
	FIELD(struct mandate, custody, "custody", FIELD_BOOL),
	FIELD(struct mandate, revoked, "revoked", FIELD_BOOL),
	FIELD(struct mandate, granted_ms, "granted", FIELD_TIME),
	FIELD_END,
};

const struct field mandate_use_fields[] = {
	FIELD(struct mandate_use, mandate_id, "mandate_id", FIELD_ID),
	FIELD(struct mandate_use, uses, "uses", FIELD_INT,
	    .flags = FIELDF_ALWAYS),
	FIELD(struct mandate_use, held_minor, "held", FIELD_INT,
	    .flags = FIELDF_ALWAYS),
	FIELD(struct mandate_use, posted_minor, "posted", FIELD_INT,
	    .flags = FIELDF_ALWAYS),
	FIELD_END,
};

void
mandate_text_print(struct buf *buf, const struct mandate_text *text,
    const struct currencies *currencies)
{
	struct json_writer w = json_writer(buf);

	json_open(&w, '{');
	field_print(mandate_text_fields, text, currencies, &w);
	json_close(&w);
}

static aicx_err
text_check(const struct mandate_text *text, const struct aicx_id *broker_id,
    struct aicx_error *reterr)
{
	if (!str_is(text->kind, "mandate"))
		return err_field(reterr, AICX_EINVAL, "invalid_params",
		    "/mandate/kind",
		    "signed text is of kind \"%.*s\", not mandate",
		    STR_ARG(text->kind));
	if (!id_eq(&text->broker_id, broker_id))
		return err_word(reterr, AICX_EDENIED, "misaddressed",
		    "mandate names another broker");
	if (id_is_nil(&text->id) || id_is_nil(&text->requester))
		return err_field(reterr, AICX_EINVAL, "invalid_params",
		    "/mandate", "mandate lacks id or requester");
	if (text->need.n == 0)
		return err_field(reterr, AICX_EINVAL, "invalid_params",
		    "/mandate/need", "mandate covers no capability");
	if (!money_same_currency(&text->max_each, &text->max_total))
		return err_field(reterr, AICX_EINVAL, "invalid_params",
		    "/mandate/max_total",
		    "max_each and max_total are of different currencies");
	if (text->max_each.minor <= 0 || text->max_total.minor <= 0)
		return err_field(reterr, AICX_EINVAL, "invalid_amount",
		    text->max_each.minor <= 0 ? "/mandate/max_each"
					      : "/mandate/max_total",
		    "mandate's limits must be above zero");
	if (text->expires_ms != 0 && text->expires_ms <= text->not_before_ms)
		return err_field(reterr, AICX_EINVAL, "invalid_params",
		    "/mandate/expires", "mandate ends before it begins");
	return AICX_OK;
}

aicx_err
mandate_text_parse(struct aicx_str text, const struct currencies *currencies,
    const struct aicx_id *broker_id, struct arena *arena,
    struct mandate_text *ret, struct aicx_error *reterr)
{
	/* The document must outlive this call: strings point into it. */
	struct json *doc = arena_new(arena, sizeof *doc);
	aicx_err err = json_parse(text, arena, doc, reterr);

	if (err != AICX_OK)
		return err;
	err = field_parse(mandate_text_fields, json_root(doc), currencies,
	    false, arena, ret, sizeof *ret, reterr);
	if (err != AICX_OK)
		return err;
	return text_check(ret, broker_id, reterr);
}

bool
mandate_covers_need(const struct mandate_text *text, struct aicx_str need)
{
	for (size_t i = 0; i < text->need.n; i++) {
		struct aicx_str name = text->need.items[i];
		if (str_eq(name, need))
			return true;
		if (name.len >= 2 && str_ends(name, ".*") &&
		    need.len >= name.len &&
		    str_eq((struct aicx_str) { need.ptr, name.len - 1 },
			(struct aicx_str) { name.ptr, name.len - 1 }))
			return true;
	}
	return false;
}

static aicx_err
check_left(const struct mandate_text *text, const struct mandate_use *use,
    const struct aicx_money *amount, struct aicx_error *reterr)
{
	int64_t uses = use ? use->uses : 0, used_minor = 0;

	if (use != NULL &&
	    __builtin_add_overflow(
		use->held_minor, use->posted_minor, &used_minor))
		return err_word(reterr, AICX_ELIMIT, "mandate_exhausted",
		    "mandate's total overflows");
	if (uses >= text->max_deals)
		return err_word(reterr, AICX_ELIMIT, "mandate_exhausted",
		    "mandate allows %lld deals and all are used",
		    (long long)text->max_deals);
	if (amount->minor > text->max_each.minor)
		return err_word(reterr, AICX_ELIMIT, "mandate_exhausted",
		    "mandate allows less for one deal");
	if (amount->minor > text->max_total.minor - used_minor)
		return err_word(reterr, AICX_ELIMIT, "mandate_exhausted",
		    "mandate's total does not cover this deal any more");
	return AICX_OK;
}

aicx_err
mandate_check(const struct mandate *mandate, const struct mandate_text *text,
    const struct mandate_use *use, const struct aicx_id *requester_id,
    struct aicx_str need, const struct aicx_money *amount, int64_t now_ms,
    struct aicx_error *reterr)
{
	if (!id_eq(&text->requester, requester_id))
		return err_word(reterr, AICX_EDENIED, "denied",
		    "mandate belongs to another requester");
	if (mandate->revoked)
		return err_word(
		    reterr, AICX_EDENIED, "no_mandate", "mandate is revoked");
	if (now_ms < text->not_before_ms)
		return err_word(reterr, AICX_EDENIED, "no_mandate",
		    "mandate is not valid yet");
	if (text->expires_ms != 0 && now_ms >= text->expires_ms)
		return err_word(reterr, AICX_EDENIED, "mandate_expired",
		    "mandate has expired");
	if (!mandate_covers_need(text, need))
		return err_word(reterr, AICX_EDENIED, "no_mandate",
		    "mandate does not cover \"%.*s\"", STR_ARG(need));
	if (!money_same_currency(amount, &text->max_each))
		return err_word(reterr, AICX_EDENIED, "no_mandate",
		    "mandate is in %s, the deal in %s", text->max_each.currency,
		    amount->currency);
	return check_left(text, use, amount, reterr);
}
