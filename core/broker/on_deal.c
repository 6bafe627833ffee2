/* SPDX-License-Identifier: Apache-2.0 */
/* on_deal.c - deal.buy: one call from a need to a paid result; and reading. */
#include "base/b64.h"
#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "broker/deal_page.h"
#include "broker/flow.h"
#include "broker/handlers.h"
#include "broker/outside.h"
#include "broker/rights.h"

#include <stdlib.h>
#include <string.h>

struct buy {
	PARAMS;
	struct aicx_str need, input, parameters, mandate;
	struct aicx_money max_price;
	struct aicx_id mandate_id, provider_id, deal_id;
	int64_t deadline_ms, max_units;
	int choose; /* enum choose_rule; -1: as the mandate says */
	struct sla sla;
	bool answers; /* read where the call waits */
};

const struct field deal_buy_params[] = {
	PARAMS_METHOD(struct buy),
	FIELD(struct buy, need, "need", FIELD_STR, .flags = FIELDF_REQUIRED,
	    .min = 1, .max = 128, .help = "The capability's name."),
	FIELD(struct buy, input, "input", FIELD_JSON, .flags = FIELDF_REQUIRED,
	    .help = "What the chosen seller works on."),
	FIELD(struct buy, max_price, "max_price", FIELD_MONEY,
	    .help = "The most it may cost; absent: what the mandate allows."),
	FIELD(struct buy, mandate_id, "mandate_id", FIELD_ID,
	    .help = "A standing mandate; absent: the first that covers it."),
	FIELD(struct buy, provider_id, "provider_id", FIELD_ID,
	    .help = "The only seller that is asked; absent: all are."),
	FIELD(struct buy, mandate, "mandate", FIELD_JSON,
	    .help = "A signed mandate for this deal."),
	FIELD(struct buy, deal_id, "deal_id", FIELD_ID,
	    .help = "Made by the caller, or absent."),
	FIELD(struct buy, deadline_ms, "deadline_ms", FIELD_INT, .min = 1,
	    .max = 86400000, .help = "Time for everything, in milliseconds."),
	FIELD(struct buy, choose, "choose", FIELD_ENUM,
	    .names = choose_rule_names, .fallback = -1,
	    .help = "How an offer is chosen."),
	FIELD(struct buy, parameters, "parameters", FIELD_JSON,
	    .help = "What sellers may price by."),
	FIELD(struct buy, max_units, "max_units", FIELD_INT, .min = 1,
	    .max = 1000000000, .help = "The most units that may be billed."),
	FIELD(struct buy, sla, "sla", FIELD_OBJECT, .fields = sla_fields,
	    .item_size = sizeof(struct sla), .help = "Service that is needed."),
	FIELD(struct buy, answers, "answers", FIELD_BOOL,
	    .help = "The caller answers what the seller asks back, which is "
		    "told by a 202."),
	FIELD_END,
};
PARAMS_SIZE(deal_buy, buy);

/* A purchase between its checks and its first record. */
struct purchase {
	const struct buy *buy;
	struct mandate mandate; /* strings in the call's memory */
	struct mandate_text text;
	bool is_new; /* came with the call: to be recorded */
	struct aicx_id requester_id; /* the caller, or who delegated to it */
	struct aicx_id delegation_id; /* then by this one */
	struct signed_object object;
	uint8_t key[KEY_BYTES];
	bool genuine;
};

static aicx_err
check_mandate(struct call *call, const struct purchase *purchase,
    struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	struct aicx_money least = purchase->text.max_each;

	if (!id_is_nil(&purchase->text.credential_id) &&
	    !id_eq(&purchase->text.credential_id, &call->who.credential_id))
		return err_word(reterr, AICX_EDENIED, "no_mandate",
		    "mandate is for another credential");
	if (money_is_set(&purchase->buy->max_price))
		least = purchase->buy->max_price;
	least.minor = 1;
	return mandate_check(&purchase->mandate, &purchase->text,
	    state_mandate_use(&broker->state, &purchase->mandate.mandate_id),
	    &purchase->requester_id, purchase->buy->need, &least,
	    broker_now(broker), reterr);
}

static bool
has_sellers(struct call *call, const struct purchase *purchase)
{
	const struct buy *buy = purchase->buy;
	struct broker *broker = call->broker;
	const struct sellers *sellers =
	    state_sellers(&broker->state, buy->need);

	for (size_t i = 0; sellers != NULL && i < sellers->n; i++) {
		const struct aicx_id *id = &sellers->agents[i];
		if (id_eq(id, &purchase->requester_id) ||
		    (!id_is_nil(&buy->provider_id) &&
			!id_eq(id, &buy->provider_id)))
			continue;
		if (member_is_there(
			member_find(broker, id), broker_now(broker)) ||
		    state_group(&broker->state.standing_of_agent, id)->n > 0 ||
		    outside_sells(broker, state_agent(&broker->state, id)))
			return true;
	}
	return false;
}

/* The mandate's own limits make the price limit tighter. */
static struct aicx_money
price_limit(struct broker *broker, const struct purchase *purchase)
{
	struct aicx_money limit = money_is_set(&purchase->buy->max_price)
	    ? purchase->buy->max_price
	    : purchase->text.max_each;
	const struct mandate_use *use =
	    state_mandate_use(&broker->state, &purchase->mandate.mandate_id);
	int64_t left_minor = purchase->text.max_total.minor;

	if (use != NULL)
		left_minor -= use->held_minor + use->posted_minor;
	if (limit.minor > purchase->text.max_each.minor)
		limit.minor = purchase->text.max_each.minor;
	if (limit.minor > left_minor)
		limit.minor = left_minor;
	return limit;
}

static struct intent
make_intent(struct call *call, const struct purchase *purchase)
{
	struct broker *broker = call->broker;
	const struct broker_settings *settings = broker->settings;
	const struct buy *buy = purchase->buy;
	int64_t now_ms = broker_now(broker);
	int64_t time_ms =
	    buy->deadline_ms > 0 ? buy->deadline_ms : settings->deadline_ms;
	int64_t window_ms = settings->offer_window_ms;

	if (time_ms > settings->deadline_max_ms)
		time_ms = settings->deadline_max_ms;
	if (window_ms > time_ms / 2)
		window_ms = time_ms / 2;
	return (struct intent) {
		.intent_id = id_is_nil(&buy->deal_id) ? broker_new_id(broker)
						      : buy->deal_id,
		.requester_id = purchase->requester_id,
		.delegate_id = id_is_nil(&purchase->delegation_id)
		    ? purchase->delegation_id
		    : call->who.agent_id,
		.delegation_id = purchase->delegation_id,
		.provider_id = buy->provider_id,
		.need = buy->need,
		.parameters = buy->parameters,
		.input = buy->input,
		.max_price = price_limit(broker, purchase),
		.sla = buy->sla,
		.choose =
		    buy->choose >= 0 ? buy->choose : purchase->text.choose,
		.max_units = buy->max_units,
		.deadline_ms = now_ms + time_ms,
		.offers_until_ms = now_ms + window_ms,
		.created_ms = now_ms,
	};
}

static aicx_err
open_deal(
    struct call *call, struct purchase *purchase, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	aicx_err err = disk_may_begin(broker, reterr);

	if (err == AICX_OK)
		err = check_mandate(call, purchase, reterr);
	if (err == AICX_OK &&
	    state_deal(&broker->state, &purchase->buy->deal_id) != NULL)
		err = err_word(reterr, AICX_EEXIST, "already_exists",
		    "a deal with this id exists");
	if (err == AICX_OK && !has_sellers(call, purchase))
		err = err_word(reterr, AICX_ENOTFOUND, "no_offer",
		    "nobody sells \"%.*s\" now", STR_ARG(purchase->buy->need));
	if (err == AICX_OK &&
	    broker->state.n_deals_open >= (size_t)broker->settings->deals_max)
		err = err_word(reterr, AICX_ELIMIT, "too_many",
		    "too many deals are open; try later");
	if (err != AICX_OK)
		return err;
	struct intent intent = make_intent(call, purchase);
	struct step *step = call_step(call, "deal.open", &intent.intent_id);
	struct deal deal = {
		.deal_id = intent.intent_id,
		.state = DEAL_OPEN,
		.requester_id = intent.requester_id,
		.mandate_id = purchase->mandate.mandate_id,
		.buy = true,
		.request_id = step->request_id,
		.request_sender = step->request_sender,
		.created_ms = step->now_ms,
		.changed_ms = step->now_ms,
	};
	if (purchase->is_new)
		step_put(step, T_MANDATE, &purchase->mandate);
	step_put(step, T_INTENT, &intent);
	step_put(step, T_DEAL, &deal);
	err = step_commit(step, reterr);
	if (err != AICX_OK)
		return err;
	struct flow *flow = flow_need(broker, &deal.deal_id);
	flow_wait(flow, call);
	flow_invite(flow);
	return AICX_OK;
}

/* --- where the mandate comes from ------------------------------------ */

/* The mandate of another counts when that one let the caller act for it. */
static void
take_place(struct call *call, struct purchase *purchase)
{
	const struct granted *by;

	if (id_eq(&purchase->text.requester, &call->who.agent_id))
		return;
	by =
	    rights_delegation(call, &purchase->text.requester, PERM_DEAL_WRITE);
	if (by == NULL)
		return;
	purchase->requester_id = purchase->text.requester;
	purchase->delegation_id = by->permission_id;
}

static aicx_err
use_stored(struct call *call, const struct mandate *stored,
    struct purchase *purchase, struct aicx_error *reterr)
{
	purchase->mandate = *stored;
	return mandate_text_parse(arena_str(&call->mem, stored->text),
	    &call->broker->state.currencies, &call->broker->keys.broker_id,
	    &call->mem, &purchase->text, reterr);
}

static aicx_err
find_standing(
    struct call *call, struct purchase *purchase, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct group *group =
	    state_group(&broker->state.mandates_of_agent, &call->who.agent_id);
	struct aicx_error why = { 0 };

	(void)err_word(&why, AICX_EDENIED, "no_mandate",
	    "caller has no mandate for \"%.*s\"", STR_ARG(purchase->buy->need));
	/* The newest first; the reason of the newest that covers the need. */
	for (size_t i = group->n; i > 0; i--) {
		const struct mandate *stored =
		    state_mandate(&broker->state, &group->ids[i - 1]);
		struct aicx_error error = { 0 };
		if (stored->revoked)
			continue;
		aicx_err err = use_stored(call, stored, purchase, &error);
		if (err == AICX_OK)
			err = check_mandate(call, purchase, &error);
		if (err == AICX_OK)
			return AICX_OK;
		if (mandate_covers_need(&purchase->text, purchase->buy->need) &&
		    strcmp(why.word, "no_mandate") == 0)
			why = error;
	}
	*reterr = why;
	return why.code;
}

static void
mandate_work(void *arg)
{
	struct call *call = arg;
	struct purchase *purchase = call->held;

	purchase->genuine = object_verify(&purchase->object, SIG_MANDATE,
				purchase->key, NULL) == AICX_OK;
}

static void
mandate_done(void *arg)
{
	struct call *call = arg;
	struct purchase *purchase = call->held;
	struct aicx_error error = { 0 };
	aicx_err err = AICX_OK;

	if (!purchase->genuine)
		err = err_word(&error, AICX_EDENIED, "bad_signature",
		    "mandate is not signed by its requester");
	if (err == AICX_OK)
		err = open_deal(call, purchase, &error);
	if (err != AICX_OK)
		call_fail(call, &error);
}

/* A mandate that came with the call: the caller's own signature on it. */
static aicx_err
take_inline(
    struct call *call, struct purchase *purchase, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	struct json *doc = arena_new(&call->mem, sizeof *doc);
	char key_id[KEY_ID_TEXT + 1];
	aicx_err err =
	    json_parse(purchase->buy->mandate, &call->mem, doc, reterr);

	if (err == AICX_OK)
		err = object_parse(
		    json_root(doc), &call->mem, &purchase->object, reterr);
	if (err == AICX_OK)
		err = mandate_text_parse(purchase->object.text,
		    &broker->state.currencies, &broker->keys.broker_id,
		    &call->mem, &purchase->text, reterr);
	if (err != AICX_OK)
		return err;
	take_place(call, purchase);
	if (!broker_agent_key(broker, &purchase->requester_id, purchase->key))
		return err_word(reterr, AICX_EDENIED, "bad_signature",
		    "caller has no key of its own");
	key_id_of(purchase->key, key_id);
	if (!str_is(purchase->object.key_id, key_id))
		return err_field(reterr, AICX_EDENIED, "bad_signature",
		    "/mandate/key_id", "mandate is signed by a stranger's key");
	char *signature = arena_new(&call->mem, B64_LEN(SIG_BYTES));
	b64_print(purchase->object.signature, SIG_BYTES, signature);
	purchase->mandate = (struct mandate) {
		.mandate_id = purchase->text.id,
		.requester_id = purchase->text.requester,
		.text = purchase->object.text,
		.key_id = purchase->object.key_id,
		.signature = { signature, B64_LEN(SIG_BYTES) },
		.granted_ms = broker_now(broker),
	};
	const struct mandate *known =
	    state_mandate(&broker->state, &purchase->text.id);
	if (known != NULL && !str_eq(known->text, purchase->mandate.text))
		return err_word(reterr, AICX_EEXIST, "conflict",
		    "another mandate has the same id");
	purchase->is_new = known == NULL;
	if (known != NULL)
		purchase->mandate.revoked = known->revoked;
	err = check_mandate(call, purchase, reterr);
	if (err != AICX_OK)
		return err;
	call->held = purchase;
	if (broker->ports.work(
		broker->ports.arg, mandate_work, mandate_done, call) != AICX_OK)
		return err_word(reterr, AICX_EAGAIN, "too_many",
		    "too many signatures to verify; try later");
	return AICX_OK;
}

aicx_err
on_deal_buy(struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	struct purchase *purchase = arena_new(&call->mem, sizeof *purchase);
	const struct buy *buy = params;
	aicx_err err;

	purchase->buy = buy;
	purchase->requester_id = call->who.agent_id;
	if (money_is_set(&buy->max_price) && buy->max_price.minor <= 0)
		return err_field(reterr, AICX_EINVAL, "invalid_amount",
		    "/max_price/amount", "max_price must be above zero");
	if (buy->input.len > (size_t)broker->settings->input_max)
		return err_field(reterr, AICX_ELIMIT, "too_large", "/input",
		    "input is larger than %lld bytes",
		    (long long)broker->settings->input_max);
	if (buy->mandate.ptr != NULL)
		return take_inline(call, purchase, reterr);
	if (!id_is_nil(&buy->mandate_id)) {
		const struct mandate *stored =
		    state_mandate(&broker->state, &buy->mandate_id);
		if (stored == NULL)
			return not_found("mandate", &buy->mandate_id, reterr);
		err = use_stored(call, stored, purchase, reterr);
		if (err == AICX_OK)
			take_place(call, purchase);
	} else
		err = find_standing(call, purchase, reterr);
	if (err != AICX_OK)
		return err;
	return open_deal(call, purchase, reterr);
}

/* --- reading --------------------------------------------------------- */

struct by_id {
	PARAMS;
	struct aicx_id id;
};

const struct field deal_get_params[] = {
	PARAMS_METHOD(struct by_id),
	FIELD(struct by_id, id, "deal_id", FIELD_ID, .flags = FIELDF_REQUIRED,
	    .help = "Which deal."),
	FIELD_END,
};
PARAMS_SIZE(deal_get, by_id);

static void
put_executions(struct json_writer *w, struct broker *broker,
    const struct aicx_id *contract)
{
	const struct group *group =
	    state_executions(&broker->state, contract, LIST_LIMIT_MAX);

	json_key(w, "executions");
	json_open(w, '[');
	for (size_t i = 0; i < group->n; i++) {
		json_open(w, '{');
		field_print(execution_status_fields,
		    state_execution_status(&broker->state, &group->ids[i]),
		    &broker->state.currencies, w);
		outside_put_question(w, broker, &group->ids[i]);
		json_close(w);
	}
	json_close(w);
}

static void
put_row(struct json_writer *w, const char *name, struct broker *broker,
    enum table table, const struct aicx_id *id)
{
	const void *row = state_row(&broker->state, table, id);

	if (row == NULL)
		return;
	json_key(w, name);
	json_open(w, '{');
	field_print(
	    table_defs[table].fields, row, &broker->state.currencies, w);
	json_close(w);
}

static void
put_transactions(
    struct json_writer *w, struct broker *broker, const struct deal *deal)
{
	struct aicx_id ids[LIST_LIMIT];
	size_t n =
	    state_payments(&broker->state, &deal->contract_id, ids, LIST_LIMIT);

	json_key(w, "transactions");
	json_open(w, '[');
	for (size_t i = 0; i < n; i++)
		json_put_id(w, &ids[i]);
	json_close(w);
}

aicx_err
on_deal_get(struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct by_id *by = params;
	const struct deal *deal = deal_shown(call, &by->id);
	struct reply reply;

	if (deal == NULL)
		return not_found("deal", &by->id, reterr);
	const struct execution_status *status =
	    state_execution_status(&broker->state, &deal->execution_id);
	const struct group *offers =
	    state_offers(&broker->state, &deal->deal_id);
	reply_begin(&reply, call);
	struct json_writer *w = &reply.w;
	field_print(deal_fields, deal, &broker->state.currencies, w);
	put_row(w, "intent", broker, T_INTENT, &deal->deal_id);
	json_key(w, "offers");
	json_open(w, '[');
	for (size_t i = 0; i < offers->n; i++) {
		json_open(w, '{');
		field_print(offer_fields,
		    state_offer(&broker->state, &offers->ids[i]),
		    &broker->state.currencies, w);
		json_close(w);
	}
	json_close(w);
	put_row(w, "contract", broker, T_CONTRACT, &deal->contract_id);
	put_row(w, "hold", broker, T_HOLD, &deal->hold_id);
	put_executions(w, broker, &deal->contract_id);
	if (status != NULL && status->bill.ptr != NULL) {
		json_key(w, "bill");
		json_put_raw(w, status->bill);
	}
	put_transactions(w, broker, deal);
	reply_send(&reply, 200);
	return AICX_OK;
}

struct listing {
	PARAMS;
	struct aicx_id agent_id;
	int64_t limit;
	struct aicx_id cursor;
	int state; /* enum deal_state, or -1 */
};

const struct field deal_list_params[] = {
	PARAMS_METHOD(struct listing),
	FIELD(struct listing, agent_id, "agent_id", FIELD_ID,
	    .help = "Whose deals; absent: the caller's."),
	FIELD(struct listing, state, "state", FIELD_ENUM,
	    .names = deal_state_names, .fallback = -1,
	    .help = "Only deals in this state."),
	FIELD(struct listing, limit, "limit", FIELD_INT, .min = 1,
	    .max = LIST_LIMIT_MAX, .fallback = LIST_LIMIT,
	    .help = "How many at most."),
	FIELD(struct listing, cursor, "cursor", FIELD_ID,
	    .help = "Where the last page ended."),
	FIELD_END,
};
PARAMS_SIZE(deal_list, listing);

static bool
put_brief(struct reply *reply, const struct deal *deal, const void *params)
{
	const struct listing *listing = params;
	struct deal brief = *deal;

	if (listing->state >= 0 && deal->state != listing->state)
		return false;
	brief.why = (struct aicx_str) { NULL, 0 };
	json_open(&reply->w, '{');
	field_print(deal_fields, &brief, &reply->call->broker->state.currencies,
	    &reply->w);
	outside_put_question(
	    &reply->w, reply->call->broker, &deal->execution_id);
	json_close(&reply->w);
	return true;
}

aicx_err
on_deal_list(struct call *call, const void *params, struct aicx_error *reterr)
{
	const struct listing *listing = params;
	const struct deal_page page = {
		.name = "deals",
		.agent_id = listing->agent_id,
		.cursor = listing->cursor,
		.limit = listing->limit,
		.put = put_brief,
	};

	return deal_page(call, &page, params, reterr);
}
