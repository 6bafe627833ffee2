/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flow_choose.c - from offers to a contract under a mandate: choose, verify all
 * that was to choose from and sign the contract on the pool, authorize the
 * payment, then hold and order in one record.
 */
#include "base/b64.h"
#include "base/broken.h"
#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/contracts.h"
#include "broker/offers.h"
#include "broker/policies.h"
#include "broker/transit.h"

#include <stdlib.h>
#include <string.h>

struct check { /* of one offer that was to choose from */
	struct aicx_id offer_id, provider_id;
	uint8_t provider_key[KEY_BYTES];
	struct signed_object object;
	bool genuine;
};

struct choice { /* of one deal, while it is verified and paid for */
	struct flow *flow;
	struct broker *broker;
	struct arena mem;
	struct offer offer; /* the chosen one, copied into mem */
	struct check *checks; /* all that the contract lists */
	size_t n_checks;
	struct contract_draft draft;
	struct buf why;
	bool genuine; /* all signatures are good */
};

static void
choice_free(struct choice *choice)
{
	struct flow *flow = choice->flow;

	flow->busy = false;
	if (flow->dead)
		flow_end(flow);
	buf_fini(&choice->why);
	arena_fini(&choice->mem);
	free(choice);
}

/* --- the policy's turn ----------------------------------------------- */

static void
put_candidates(struct json_writer *w, struct broker *broker,
    const struct candidate *list, size_t n)
{
	json_key(w, "offers");
	json_open(w, '[');
	for (size_t i = 0; i < n; i++) {
		const struct offer *offer =
		    state_offer(&broker->state, list[i].offer_id);
		json_open(w, '{');
		json_key(w, "offer_id");
		json_put_id(w, list[i].offer_id);
		json_key(w, "provider_id");
		json_put_id(w, list[i].provider_id);
		json_key(w, "price");
		hook_put_money(w, &offer->price);
		json_key(w, "reputation");
		json_put_int(w, list[i].reputation);
		json_key(w, "latency_ms");
		json_put_int(w, list[i].latency_ms);
		json_key(w, "score");
		json_put_int(w, list[i].score);
		json_key(w, "parts");
		json_open(w, '{');
		json_key(w, "price");
		json_put_int(w, list[i].part_price);
		json_key(w, "reputation");
		json_put_int(w, list[i].part_reputation);
		json_key(w, "latency");
		json_put_int(w, list[i].part_latency);
		json_close(w);
		json_close(w);
	}
	json_close(w);
}

/* Index of the winner the policy names; an error fails the deal. */
static aicx_err
run_policy(struct flow *flow, const struct hook *hook,
    const struct candidate *list, size_t n, const struct mandate_text *mandate,
    struct arena *mem, size_t *ret_winner, struct aicx_str *ret_reason,
    struct aicx_error *reterr)
{
	struct broker *broker = flow->broker;
	struct aicx_decision decision = { .size = sizeof decision };
	struct buf args = { 0 };
	struct json_writer w = json_writer(&args);
	struct aicx_id id;
	struct json *doc = arena_new(mem, sizeof *doc);

	json_open(&w, '{');
	put_candidates(&w, broker, list, n);
	json_key(&w, "mandate");
	json_open(&w, '{');
	json_key(&w, "max_each");
	hook_put_money(&w, &mandate->max_each);
	json_key(&w, "max_total");
	hook_put_money(&w, &mandate->max_total);
	json_close(&w);
	json_key(&w, "now");
	json_put_time(&w, broker_now(broker));
	json_close(&w);
	aicx_err err = hook->ops->run(
	    hook->state, AICX_HOOK_CHOOSE, buf_view(&args), &decision, reterr);
	buf_fini(&args);
	metrics_count(broker->metrics, METRIC_HOOK_RUNS, 1, "choose",
	    err == AICX_OK ? "ok" : "failed");
	if (err != AICX_OK) {
		log_warn(broker->log, "policy.failed", KV("hook", "choose"),
		    KV("reason", reterr->text));
		return err_word(reterr, AICX_EINVAL, "policy_failed",
		    "policy that chooses failed");
	}
	if (decision.verdict == AICX_REFUSE)
		return err_word(reterr, AICX_EDENIED, "policy_refused",
		    "policy refuses every offer");
	if (decision.verdict == AICX_PASS) {
		*ret_winner = choose_winner(list, n, CHOOSE_BEST_SCORE);
		return AICX_OK;
	}
	struct aicx_str result = arena_str(mem, decision.result);
	err = json_parse(result, mem, doc, reterr);
	if (err == AICX_OK &&
	    id_parse(json_str(json_get(json_root(doc), "offer_id"), mem), &id))
		for (size_t i = 0; i < n; i++)
			if (id_eq(list[i].offer_id, &id)) {
				*ret_winner = i;
				*ret_reason = json_str(
				    json_get(json_root(doc), "reason"), mem);
				return AICX_OK;
			}
	return err_word(reterr, AICX_EINVAL, "policy_failed",
	    "policy chose an offer that is not there");
}

/* --- after the payment said yes -------------------------------------- */

static aicx_err
commit_contract(struct choice *choice, struct aicx_error *reterr)
{
	struct broker *broker = choice->broker;
	const struct deal *deal =
	    state_deal(&broker->state, &choice->flow->deal_id);
	const struct intent *intent =
	    state_intent(&broker->state, &choice->flow->deal_id);
	struct contract_draft *draft = &choice->draft;
	enum deal_state next;
	struct work_plan work;
	aicx_err err = deal_step((enum deal_state)deal->state, DEAL_CONTRACT,
	    PARTY_BROKER, &next, reterr);

	if (err != AICX_OK)
		return err;
	const struct mandate *mandate =
	    state_mandate(&broker->state, &deal->mandate_id);
	struct mandate_text text;
	err = mandate_text_parse(mandate->text, &broker->state.currencies,
	    &broker->keys.broker_id, &choice->mem, &text, reterr);
	if (err == AICX_OK)
		err = work_plan(broker, &draft->contract, &draft->execution_id,
		    &draft->hold_id, mandate, &text, intent->input,
		    intent->deadline_ms, &work, reterr);
	if (err != AICX_OK)
		return err;

	struct step *step = step_begin(
	    broker, "deal.contract", &deal->requester_id, &deal->deal_id);
	struct deal changed = *deal;
	changed.state = (int)next;
	changed.provider_id = choice->offer.provider_id;
	changed.offer_id = choice->offer.offer_id;
	changed.contract_id = draft->contract.contract_id;
	changed.execution_id = draft->execution_id;
	changed.hold_id = draft->hold_id;
	changed.why = buf_view(&choice->why);
	changed.changed_ms = step->now_ms;
	struct contract_state status = {
		.contract_id = draft->contract.contract_id,
		.status = CONTRACT_SIGNED,
		.n_executions = 1,
		.signed_ms = step->now_ms,
	};
	step_put(step, T_CONTRACT, &draft->contract);
	step_put(step, T_CONTRACT_STATE, &status);
	work_plan_put(step, &work);
	transit_put_done(step, &draft->hold_id);
	step_put(step, T_DEAL, &changed);
	err = step_commit(step, reterr);
	if (err == AICX_OK) {
		metrics_count(broker->metrics, METRIC_CONTRACTS, 1, "signed");
		log_info(broker->log, "deal.contracted",
		    KV("deal", id_text(&changed.deal_id).text),
		    KV("provider", id_text(&changed.provider_id).text),
		    KV("correlation", choice->flow->correlation));
		flow_watch(choice->flow);
	}
	return err;
}

static void
on_authorized(const struct aicx_pay_result *result, void *arg)
{
	struct choice *choice = arg;
	struct flow *flow = choice->flow;
	struct broker *broker = choice->broker;
	struct aicx_id hold_id = choice->draft.hold_id;
	struct aicx_error error = { 0 };
	aicx_err err = AICX_OK;

	if (result == NULL) { /* the broker ends */
		choice_free(choice);
		return;
	}
	if (result->state != AICX_PAY_DONE)
		err = err_word(&error, AICX_ELIMIT, "insufficient_funds",
		    "payment was not authorized: %s", result->error.text);
	flow->busy = false;
	if (err == AICX_OK && !flow->dead)
		err = commit_contract(choice, &error);
	bool dead = flow->dead;
	choice_free(choice);
	if (err != AICX_OK || dead)
		transit_void(broker, &hold_id);
	if (err != AICX_OK && !dead)
		flow_fail(flow, &error, false);
}

static void
authorize(struct choice *choice)
{
	struct broker *broker = choice->broker;
	const struct contract *contract = &choice->draft.contract;

	const struct intent *intent =
	    state_intent(&broker->state, &choice->flow->deal_id);
	struct flow *flow = choice->flow;
	struct aicx_error error = { 0 };
	struct payment wish = {
		.payment_id = choice->draft.hold_id,
		.op = PAYMENT_AUTHORIZE,
		.party = contract->requester_id,
		.payee = contract->provider_id,
		.deal_id = flow->deal_id,
		.amount = contract->ceiling,
		.expires_ms = contract->expires_ms,
	};

	if (transit_begin(broker, &wish, intent->deadline_ms, on_authorized,
		choice, &error) == AICX_OK)
		return;
	choice_free(choice);
	flow_fail(flow, &error, false);
}

/* --- on the pool ----------------------------------------------------- */

static void
choice_work(void *arg)
{
	struct choice *choice = arg;

	choice->genuine = true;
	for (size_t i = 0; i < choice->n_checks; i++) {
		struct check *check = &choice->checks[i];
		check->genuine = object_verify(&check->object, SIG_OFFER,
				     check->provider_key, NULL) == AICX_OK;
		if (broken("forged_offer"))
			check->genuine = true;
		choice->genuine = choice->genuine && check->genuine;
	}
	if (choice->genuine)
		contract_draft_sign(&choice->draft, choice->broker->key);
}

/* Forged offers are no candidates any more. */
static void
pass_over(const struct choice *choice)
{
	struct flow *flow = choice->flow;

	for (size_t i = 0; i < choice->n_checks; i++) {
		const struct check *check = &choice->checks[i];
		if (check->genuine)
			continue;
		log_warn(choice->broker->log, "offer.forged",
		    KV("provider", id_text(&check->provider_id).text),
		    KV("offer", id_text(&check->offer_id).text),
		    KV("correlation", flow->correlation));
		if (flow->n_bad < INVITED_MAX)
			flow->bad[flow->n_bad++] = check->offer_id;
	}
}

static void
choice_done(void *arg)
{
	struct choice *choice = arg;
	struct flow *flow = choice->flow;

	flow->busy = false;
	if (flow->dead) {
		choice_free(choice);
		return;
	}
	if (!choice->genuine) {
		pass_over(choice);
		choice_free(choice);
		flow_choose(flow);
		return;
	}
	flow->busy = true;
	authorize(choice);
}

/* --- choosing -------------------------------------------------------- */

static void
check_fill(struct choice *choice, struct check *check, const struct aicx_id *id)
{
	struct arena *mem = &choice->mem;
	const struct offer *offer = state_offer(&choice->broker->state, id);

	check->offer_id = *id;
	check->provider_id = offer->provider_id;
	check->object.text = arena_str(mem, offer->text);
	check->object.key_id = arena_str(mem, offer->key_id);
	(void)b64_parse(offer->signature, check->object.signature, SIG_BYTES);
	(void)broker_agent_key(
	    choice->broker, &offer->provider_id, check->provider_key);
}

static struct choice *
choice_new(struct flow *flow, const struct candidate *list, size_t n,
    const struct candidate *winner)
{
	struct broker *broker = flow->broker;
	struct choice *choice = MEM_NEW(struct choice);
	const struct offer *offer =
	    state_offer(&broker->state, winner->offer_id);
	struct offer *copy = &choice->offer;

	choice->flow = flow;
	choice->broker = broker;
	*copy = *offer;
	copy->text = arena_str(&choice->mem, offer->text);
	copy->key_id = arena_str(&choice->mem, offer->key_id);
	copy->signature = arena_str(&choice->mem, offer->signature);
	copy->terms = arena_str(&choice->mem, offer->terms);
	choice->checks = arena_new(&choice->mem, n * sizeof *choice->checks);
	for (; choice->n_checks < n; choice->n_checks++)
		check_fill(choice, &choice->checks[choice->n_checks],
		    list[choice->n_checks].offer_id);
	return choice;
}

static aicx_err
pick(struct flow *flow, const struct candidate *list, size_t n,
    struct arena *mem, size_t *ret_winner, const char **ret_rule,
    struct aicx_str *ret_reason, struct aicx_error *reterr)
{
	struct broker *broker = flow->broker;
	const struct deal *deal = state_deal(&broker->state, &flow->deal_id);
	const struct intent *intent =
	    state_intent(&broker->state, &flow->deal_id);
	const struct mandate *mandate =
	    state_mandate(&broker->state, &deal->mandate_id);
	struct mandate_text text;
	const struct hook *hook;
	aicx_err err;

	*ret_rule = choose_rule_names[intent->choose];
	err = mandate_text_parse(mandate->text, &broker->state.currencies,
	    &broker->keys.broker_id, mem, &text, reterr);
	if (err != AICX_OK)
		return err;
	if (text.policy_sha256.ptr == NULL) {
		*ret_winner =
		    choose_winner(list, n, (enum choose_rule)intent->choose);
		return AICX_OK;
	}
	*ret_rule = "policy";
	hook = policy_agreed(broker, text.policy_sha256, AICX_HOOK_CHOOSE);
	if (hook == NULL)
		return err_word(reterr, AICX_EINVAL, "policy_failed",
		    "policy of the mandate is not loaded");
	return run_policy(
	    flow, hook, list, n, &text, mem, ret_winner, ret_reason, reterr);
}

/* Who does not take the input is no candidate; *reterr says why the last was
   left out. */
static size_t
leave_unfit(struct flow *flow, const struct intent *intent,
    struct candidate *list, size_t n, struct aicx_error *reterr)
{
	size_t n_left = 0;

	for (size_t i = 0; i < n; i++)
		if (intent->input.ptr == NULL ||
		    schemas_check_input(flow->broker, list[i].provider_id,
			intent->need, intent->input, reterr) == AICX_OK)
			list[n_left++] = list[i];
	return n_left;
}

static void
no_offer(struct flow *flow)
{
	struct aicx_error error = { 0 };

	(void)err_word(&error, AICX_ENOTFOUND, "no_offer",
	    flow->n_bad > 0 ? "no offer with a good signature came"
			    : "no seller made an offer that fits");
	flow_fail(flow, &error, false);
}

void
flow_choose(struct flow *flow)
{
	struct broker *broker = flow->broker;
	const struct intent *intent =
	    state_intent(&broker->state, &flow->deal_id);
	struct candidate list[INVITED_MAX];
	struct aicx_str reason = { NULL, 0 };
	struct aicx_error error = { 0 };
	struct arena mem = { NULL };
	const char *rule;
	size_t winner = 0;

	if (flow->busy)
		return;
	size_t n = leave_unfit(flow, intent, list,
	    offers_candidates(flow, list, INVITED_MAX), &error);
	if (n == 0) {
		if (!flow_all_answered(flow, broker_now(broker)))
			return;
		if (error.code != AICX_OK)
			flow_fail(flow, &error, false);
		else
			no_offer(flow);
		return;
	}
	aicx_err err =
	    pick(flow, list, n, &mem, &winner, &rule, &reason, &error);
	if (err == AICX_OK) {
		struct choice *choice =
		    choice_new(flow, list, n, &list[winner]);
		struct json_writer w = json_writer(&choice->why);
		choose_put_why(&w, list, n, winner, rule, reason,
		    intent->max_price.currency, &broker->state.currencies);
		err = contract_draft(broker, intent, &choice->offer,
		    buf_view(&choice->why), &choice->mem, &choice->draft,
		    &error);
		flow->busy = err == AICX_OK;
		if (err == AICX_OK)
			err = broker->ports.work(broker->ports.arg, choice_work,
			    choice_done, choice);
		if (err == AICX_ELIMIT || err == AICX_EAGAIN)
			(void)err_word(&error, AICX_EAGAIN, "unavailable",
			    "too many signatures to verify; try later");
		if (err != AICX_OK)
			choice_free(choice);
	}
	arena_fini(&mem);
	if (err != AICX_OK)
		flow_fail(flow, &error, false);
}
