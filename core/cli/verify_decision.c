/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify_decision.c - a price that a policy said: asked for what was recorded
 * and signed, and the same when it is asked again.
 */
#include "base/buf.h"
#include "base/str.h"
#include "cli/policy_host.h"
#include "cli/verify_deal.h"

/* --- what it has to have been asked ----------------------------------- */

struct asker {
	struct deal *deal;
	struct json_writer w;
};

/* In minor units of the deal's currency. */
static int64_t
minor_of(const struct deal *deal, const struct amount *amount)
{
	__int128 part = 1;

	for (int scale = deal->hold.scale; scale < AMOUNT_SCALE_MAX; scale++)
		part *= 10;
	return (int64_t)(amount->pico / part);
}

static void
put_money(struct asker *asker, const char *name, const struct amount *amount)
{
	json_key(&asker->w, name);
	json_open(&asker->w, '{');
	json_key(&asker->w, "minor");
	json_put_int(&asker->w, minor_of(asker->deal, amount));
	json_key(&asker->w, "currency");
	json_put_text(&asker->w, amount->currency);
	json_close(&asker->w);
}

static void
put_cost(struct asker *asker, struct json_ref of, const char *name)
{
	struct amount amount;

	if (amount_from_json(json_get(of, name), &asker->deal->arena, &amount))
		put_money(asker, name, &amount);
}

static void
put_number(struct asker *asker, const char *name, struct json_ref ref)
{
	int64_t number = 0;

	(void)json_int(ref, &number);
	json_key(&asker->w, name);
	json_put_int(&asker->w, number);
}

static void
put_text(struct asker *asker, const char *name, struct aicx_str text)
{
	json_key(&asker->w, name);
	json_put_str(&asker->w, text);
}

static void
put_usage(struct asker *asker, struct json_ref status)
{
	struct deal *deal = asker->deal;

	json_key(&asker->w, "usage");
	json_open(&asker->w, '{');
	json_key(&asker->w, "calls");
	json_put_int(&asker->w, 1);
	put_number(asker, "units", json_get(status, "units"));
	put_number(asker, "latency_ms", json_get(status, "duration_ms"));
	if (json_has(json_get(status, "quality")))
		put_number(asker, "quality", json_get(status, "quality"));
	put_text(asker, "capability", contract_says(deal, "capability"));
	put_text(asker, "buyer", contract_says(deal, "requester_id"));
	put_text(asker, "contract", contract_says(deal, "id"));
	put_number(asker, "attempts", json_get(status, "attempts"));
	json_close(&asker->w);
}

static void
put_terms(struct asker *asker)
{
	struct deal *deal = asker->deal;
	struct json_ref pricing = json_get(deal->terms, "pricing");
	struct json_ref sla = json_get(deal->terms, "sla");
	struct aicx_str unit = deal_str(deal, pricing, "unit");

	json_key(&asker->w, "terms");
	json_open(&asker->w, '{');
	put_cost(asker, pricing, "base_cost");
	put_cost(asker, pricing, "unit_cost");
	if (unit.ptr != NULL)
		put_text(asker, "unit", unit);
	json_key(&asker->w, "sla");
	json_open(&asker->w, '{');
	if (json_type(json_get(sla, "max_latency_ms")) != JSON_NULL)
		put_number(
		    asker, "max_latency_ms", json_get(sla, "max_latency_ms"));
	put_cost(asker, sla, "penalty_per_ms");
	put_cost(asker, sla, "penalty_cap");
	put_cost(asker, sla, "bonus_cap");
	json_close(&asker->w);
	json_close(&asker->w);
}

/* The inputs that records and signed texts give. */
static bool
inputs_same(struct deal *deal, struct json_ref status, struct json_ref inputs)
{
	struct buf text = { 0 };
	struct asker asker = { deal, json_writer(&text) };
	struct json doc;

	json_open(&asker.w, '{');
	put_usage(&asker, status);
	put_terms(&asker);
	put_money(&asker, "ceiling", &deal->hold);
	put_text(&asker, "now", deal_str(deal, status, "completed_at"));
	json_close(&asker.w);
	struct aicx_str kept = arena_str(&deal->arena, buf_view(&text));
	buf_fini(&text);
	return json_parse(kept, &deal->arena, &doc, NULL) == AICX_OK &&
	    json_same(json_root(&doc), inputs, &deal->arena);
}

/* --- what it said ------------------------------------------------------ */

/* false: it says something else, or nothing. */
static bool
ask_again(struct deal *deal, struct aicx_str source, struct json_ref decision)
{
	struct aicx_decision said = { .size = sizeof said };
	struct aicx_error why = { 0 };
	struct policy_host *host = NULL;
	struct json doc;

	aicx_err err = policy_host_new(
	    "policy", source, deal->hold.scale, AICX_HOOK_PRICE, &host, &why);
	if (err == AICX_OK)
		err = policy_host_ask(
		    host, json_raw(json_get(decision, "inputs")), &said, &why);
	bool same = err == AICX_OK && said.verdict == AICX_VALUE &&
	    json_parse(arena_str(&deal->arena, said.result), &deal->arena, &doc,
		NULL) == AICX_OK &&
	    json_same(
		json_root(&doc), json_get(decision, "answer"), &deal->arena);
	policy_host_free(host);
	if (err != AICX_OK)
		return deal_bad(deal, "bill: the policy fails: %s", why.text);
	return same ||
	    deal_bad(deal, "bill: asked again, the policy says another price");
}

static bool
answer_is(struct deal *deal, struct json_ref answer, const struct amount *price)
{
	int64_t said = -1;

	(void)json_int(json_get(answer, "minor"), &said);
	return (said >= 0 && said == minor_of(deal, price) &&
		   price->scale <= deal->hold.scale) ||
	    deal_bad(deal, "bill: it is %s, but the policy said %lld",
		amount_text(price).text, (long long)said);
}

bool
check_decision(struct deal *deal, struct json_ref status,
    const struct amount *price, bool *ret_asked)
{
	static const char *const names[] = { "sha256", "inputs", "answer",
		NULL };
	struct json_ref decision = json_get(status, "decision");
	struct json_ref policy = json_get(deal->root, "policy");
	struct aicx_str hash = deal_str(deal, decision, "sha256");
	struct aicx_str source = deal_str(deal, policy, "source");

	*ret_asked = false;
	if (!deal_members(
		deal, "bill: the policy's decision", decision, names) ||
	    !deal_equal(deal, "bill: its policy", hash, "the terms'",
		deal_str(
		    deal, json_get(deal->terms, "pricing"), "policy_sha256")))
		return false;
	if (!inputs_same(deal, status, json_get(decision, "inputs")))
		return deal_bad(deal,
		    "bill: the policy was asked for something else than was "
		    "recorded and signed");
	if (!answer_is(deal, json_get(decision, "answer"), price))
		return false;
	if (source.ptr == NULL)
		return true;
	if (!deal_hash(deal, "the policy's source", source,
		"the policy billed by", hash) ||
	    !ask_again(deal, source, decision))
		return false;
	*ret_asked = true;
	return true;
}
