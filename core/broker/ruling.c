/* SPDX-License-Identifier: Apache-2.0 */
/* ruling.c - what a policy is told of a dispute, and what it may answer. */
#include "broker/ruling.h"

#include "base/b64.h"
#include "base/str.h"
#include "broker/offers.h"
#include "protocol/terms.h"

static const struct hook *
rule_hook(struct broker *broker)
{
	for (size_t i = 0; i < broker->n_hooks; i++)
		if (broker->hooks[i].ops->has(
			broker->hooks[i].state, AICX_HOOK_RULE))
			return &broker->hooks[i];
	return NULL;
}

static void
put_terms(struct json_writer *w, struct step *step, struct aicx_str text)
{
	struct terms terms;

	json_key(w, "terms");
	json_open(w, '{');
	if (terms_parse(text, &step->broker->state.currencies, &step->mem,
		&terms, NULL) == AICX_OK) {
		json_key(w, "model");
		json_put_text(w, pricing_models[terms.pricing.model]);
		json_key(w, "base_cost");
		hook_put_money(w, &terms.pricing.base_cost);
	}
	json_close(w);
}

static void
put_dispute(
    struct json_writer *w, struct step *step, const struct dispute *dispute)
{
	struct state *state = &step->broker->state;
	const struct execution *execution =
	    state_execution(state, &dispute->execution_id);
	const struct execution_status *status =
	    state_execution_status(state, &dispute->execution_id);

	json_key(w, "dispute");
	json_open(w, '{');
	json_key(w, "capability");
	json_put_str(w, execution->capability);
	json_key(w, "buyer");
	json_put_id(w, &dispute->requester_id);
	json_key(w, "seller");
	json_put_id(w, &dispute->provider_id);
	json_key(w, "contract");
	json_put_id(w, &dispute->contract_id);
	json_key(w, "reason");
	json_put_str(w, dispute->reason);
	json_key(w, "latency_ms");
	json_put_int(w, status->duration_ms);
	json_key(w, "attempts");
	json_put_int(w, status->attempts);
	json_key(w, "units");
	json_put_int(w, status->units);
	json_key(w, "amount");
	hook_put_money(w, &dispute->amount);
	json_close(w);
}

static aicx_err
ask(const struct hook *hook, struct step *step, const struct dispute *dispute,
    struct aicx_decision *ret_decision, struct aicx_error *reterr)
{
	const struct contract *contract =
	    state_contract(&step->broker->state, &dispute->contract_id);
	struct buf args = { 0 };
	struct json_writer w = json_writer(&args);

	json_open(&w, '{');
	put_dispute(&w, step, dispute);
	put_terms(&w, step, contract->terms);
	json_key(&w, "ceiling");
	hook_put_money(&w, &dispute->amount);
	json_key(&w, "now");
	json_put_time(&w, step->now_ms);
	json_close(&w);
	aicx_err err = hook->ops->run(
	    hook->state, AICX_HOOK_RULE, buf_view(&args), ret_decision, reterr);
	buf_fini(&args);
	return err;
}

/* {"minor":n}, or the text of a refusal: nothing goes back. */
static bool
read_answer(struct step *step, const struct aicx_decision *decision,
    struct dispute *dispute, int64_t *ret_refund_minor)
{
	struct json doc;

	if (decision->verdict == AICX_PASS ||
	    json_parse(decision->result, &step->mem, &doc, NULL) != AICX_OK)
		return false;
	if (decision->verdict == AICX_REFUSE) {
		dispute->ruling = arena_str(
		    &step->mem, json_str(json_root(&doc), &step->mem));
		*ret_refund_minor = 0;
		return true;
	}
	return json_int(json_get(json_root(&doc), "minor"), ret_refund_minor);
}

static bool
payee_can_pay(struct broker *broker, const struct transaction_state *paid,
    int64_t refund_minor)
{
	int64_t available_minor = ledger_account(
	    broker->state.ledger, &paid->payee_id, paid->amount.currency)
				      ->available_minor;

	return paid->settled_ms == 0 ||
	    refund_minor - transaction_fee_back(paid, refund_minor) <=
	    available_minor;
}

bool
ruling_by_policy(struct step *step, const struct transaction_state *paid,
    struct dispute *dispute, int64_t *ret_refund_minor)
{
	struct broker *broker = step->broker;
	const struct hook *hook = rule_hook(broker);
	struct aicx_decision decision = { .size = sizeof decision };
	struct aicx_error error = { 0 };
	char sha256_text[B64_LEN(HASH_BYTES)];
	int64_t minor = -1;

	if (hook == NULL)
		return false;
	aicx_err err = ask(hook, step, dispute, &decision, &error);
	metrics_count(broker->metrics, METRIC_HOOK_RUNS, 1, "rule",
	    err == AICX_OK ? "ok" : "failed");
	if (err != AICX_OK) {
		log_warn(broker->log, "policy.failed", KV("hook", "rule"),
		    KV("reason", error.text));
		return false;
	}
	if (!read_answer(step, &decision, dispute, &minor) || minor < 0 ||
	    minor > dispute->amount.minor ||
	    !payee_can_pay(broker, paid, minor))
		return false;
	b64_print(hook->ops->sha256(hook->state), HASH_BYTES, sha256_text);
	dispute->policy_sha256 = arena_str(
	    &step->mem, (struct aicx_str) { sha256_text, sizeof sha256_text });
	*ret_refund_minor = minor;
	return true;
}
