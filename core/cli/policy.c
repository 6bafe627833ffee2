/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy.c - a Lua file that decides what a seller offers.
 *
 * The same host as the broker's runs it.  A policy counts in minor units, and
 * how many decimals a currency has is seen in the first intent: until then the
 * shipped scale is assumed, and the file is loaded again when it was wrong.
 */
#include "cli/policy.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "cli/amount.h"
#include "cli/file.h"
#include "cli/outside.h"
#include "cli/policy_host.h"

enum { SCALE_SHIPPED = 6 };

struct policy {
	char *path;
	struct buf source;
	struct policy_host *host;
	char currency[8]; /* "" until an intent named one */
	int scale;
};

static aicx_err
policy_load(struct policy *policy, struct aicx_error *reterr)
{
	struct policy_host *host;

	aicx_err err = policy_host_new(policy->path, buf_view(&policy->source),
	    policy->scale, AICX_HOOK_OFFER, &host, reterr);
	if (err != AICX_OK)
		return err;
	policy_host_free(policy->host);
	policy->host = host;
	return AICX_OK;
}

aicx_err
policy_open(const char *path, struct policy **ret, struct aicx_error *reterr)
{
	struct policy *policy = MEM_NEW(struct policy);

	policy->path = mem_strdup(path);
	policy->scale = SCALE_SHIPPED;
	aicx_err err =
	    file_read(path, POLICY_BYTES_MAX, &policy->source, reterr);
	if (err == AICX_OK)
		err = policy_load(policy, reterr);
	if (err != AICX_OK) {
		policy_free(policy);
		return err;
	}
	*ret = policy;
	return AICX_OK;
}

void
policy_free(struct policy *policy)
{
	if (policy == NULL)
		return;
	policy_host_free(policy->host);
	buf_fini(&policy->source);
	free(policy->path);
	free(policy);
}

/* --- values ----------------------------------------------------------- */

static __int128
minor_pico(int scale)
{
	__int128 pico = 1;

	for (; scale < AMOUNT_SCALE_MAX; scale++)
		pico *= 10;
	return pico;
}

/* The broker prints all decimals, so an amount shows the scale. */
static aicx_err
scale_learn(
    struct policy *policy, const struct amount *seen, struct aicx_error *reterr)
{
	bool known = strcmp(policy->currency, seen->currency) == 0 &&
	    policy->scale == seen->scale;

	if (known)
		return AICX_OK;
	memcpy(policy->currency, seen->currency, sizeof policy->currency);
	policy->scale = seen->scale;
	aicx_err err = policy_load(policy, reterr);
	if (err != AICX_OK)
		policy->currency[0] = '\0'; /* try again next time */
	return err;
}

static void
put_minor(struct json_writer *w, const struct policy *policy,
    const struct amount *amount)
{
	json_open(w, '{');
	json_key(w, "minor");
	json_put_int(w, (int64_t)(amount->pico / minor_pico(policy->scale)));
	json_key(w, "currency");
	json_put_text(w, amount->currency);
	json_close(w);
}

/* A copy of the object with each amount at its top level in minor units. */
static void
put_view(struct json_writer *w, const struct policy *policy,
    struct json_ref object, struct arena *arena)
{
	struct json_iter it = json_iter(object);
	struct amount amount;

	json_open(w, '{');
	while (json_next(&it)) {
		json_key_str(w, json_str(it.name, arena));
		if (amount_from_json(it.value, arena, &amount))
			put_minor(w, policy, &amount);
		else
			json_put_raw(w, json_raw(it.value));
	}
	json_close(w);
}

static void
put_cost(struct json_writer *w, const struct policy *policy, const char *name,
    struct json_ref minor)
{
	struct amount amount = { .scale = policy->scale };
	int64_t number;

	if (!json_int(minor, &number))
		return;
	memcpy(amount.currency, policy->currency, sizeof amount.currency);
	amount.pico = number * minor_pico(policy->scale);
	json_key(w, name);
	amount_put(w, &amount);
}

/* {"base_cost":2500,...} as terms. */
static void
print_terms(struct buf *buf, const struct policy *policy,
    struct json_ref answer, struct json_ref me)
{
	struct json_writer w = json_writer(buf);
	struct json_ref unit_cost = json_get(answer, "unit_cost");
	struct json_ref model = json_get(answer, "model");
	struct json_ref timeout = json_get(answer, "timeout_ms");
	struct json_ref unit = json_get(me, "unit");

	json_open(&w, '{');
	json_key(&w, "pricing");
	json_open(&w, '{');
	json_key(&w, "model");
	if (json_has(model))
		json_put_raw(&w, json_raw(model));
	else
		json_put_text(
		    &w, json_has(unit_cost) ? "per_unit" : "per_call");
	put_cost(&w, policy, "base_cost", json_get(answer, "base_cost"));
	put_cost(&w, policy, "unit_cost", unit_cost);
	if (json_has(unit_cost) && json_has(unit)) {
		json_key(&w, "unit");
		json_put_raw(&w, json_raw(unit));
	}
	json_close(&w);
	if (json_has(timeout)) {
		json_key(&w, "timeout_ms");
		json_put_raw(&w, json_raw(timeout));
	}
	json_close(&w);
}

/* --- asking ----------------------------------------------------------- */

static aicx_err
decision_take(const struct policy *policy, const struct aicx_decision *decision,
    struct json_ref me, struct arena *arena, enum policy_verdict *ret_verdict,
    struct buf *ret, struct aicx_error *reterr)
{
	struct json doc;

	*ret_verdict = POLICY_PASS;
	if (decision->verdict == AICX_PASS)
		return AICX_OK;
	aicx_err err = json_parse(decision->result, arena, &doc, reterr);
	if (err != AICX_OK)
		return err;
	if (decision->verdict == AICX_REFUSE) {
		*ret_verdict = POLICY_REFUSE;
		buf_str(ret, json_str(json_root(&doc), arena));
		return AICX_OK;
	}
	*ret_verdict = POLICY_TERMS;
	print_terms(ret, policy, json_root(&doc), me);
	return AICX_OK;
}

static aicx_err
offer_ask(struct policy *policy, struct json_ref intent, struct json_ref me,
    struct arena *arena, enum policy_verdict *ret_verdict, struct buf *ret,
    struct aicx_error *reterr)
{
	struct aicx_decision decision = { .size = sizeof decision };
	struct buf args = { 0 };
	struct json_writer w = json_writer(&args);

	json_open(&w, '{');
	json_key(&w, "intent");
	put_view(&w, policy, intent, arena);
	json_key(&w, "me");
	put_view(&w, policy, me, arena);
	json_key(&w, "now");
	json_put_time(&w, outside_wall_ms());
	json_close(&w);
	aicx_err err =
	    policy_host_ask(policy->host, buf_view(&args), &decision, reterr);
	if (err == AICX_OK)
		err = decision_take(
		    policy, &decision, me, arena, ret_verdict, ret, reterr);
	buf_fini(&args);
	return err;
}

aicx_err
policy_offer(struct policy *policy, struct aicx_str intent, struct aicx_str me,
    enum policy_verdict *ret_verdict, struct buf *ret,
    struct aicx_error *reterr)
{
	struct arena arena = { 0 };
	struct json intent_doc, me_doc;
	struct amount most;

	aicx_err err = json_parse(intent, &arena, &intent_doc, reterr);
	if (err == AICX_OK)
		err = json_parse(me, &arena, &me_doc, reterr);
	if (err == AICX_OK &&
	    !amount_from_json(
		json_get(json_root(&intent_doc), "max_price"), &arena, &most))
		err = err_word(reterr, AICX_EINVAL, "policy_error",
		    "the intent names no max_price");
	if (err == AICX_OK)
		err = scale_learn(policy, &most, reterr);
	if (err == AICX_OK)
		err = offer_ask(policy, json_root(&intent_doc),
		    json_root(&me_doc), &arena, ret_verdict, ret, reterr);
	arena_fini(&arena);
	return err;
}
