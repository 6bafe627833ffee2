/* SPDX-License-Identifier: Apache-2.0 */
/* verify_work.c - what was ordered, delivered and used, as the records have
   it. */
#include <stdio.h>

#include "base/str.h"
#include "cli/verify_deal.h"

/* --- executions ------------------------------------------------------- */

/* A named hash of a value's own text in the records. */
static bool
hash_of_value(struct deal *deal, const char *what, struct json_ref copy,
    const char *name, struct json_ref value)
{
	struct aicx_str named = deal_str(deal, copy, name);

	if (named.ptr == NULL && !json_has(value))
		return true;
	if (named.ptr == NULL || !json_has(value))
		return deal_bad(deal,
		    "%s: %s without a value, or a value "
		    "without it",
		    what, name);
	return deal_hash(deal, what, json_raw(value), name, named);
}

static bool
number_same(struct deal *deal, const char *what, struct json_ref copy,
    const char *name, struct json_ref row, const char *row_name,
    const struct record_part *record)
{
	int64_t a = 0, b = 0;

	(void)json_int(json_get(row, row_name), &b);
	if (json_has(json_get(copy, name)) &&
	    !json_int(json_get(copy, name), &a))
		return deal_bad(deal, "%s: %s is no number", what, name);
	if (a != b)
		return deal_bad(deal,
		    "%s: %s is %lld, but record %lld says %lld", what, name,
		    (long long)a, (long long)record->seq, (long long)b);
	return true;
}

static bool
execution_check(struct deal *deal, struct json_ref copy)
{
	static const char *const names[] = { "execution_id", "state", NULL };
	const struct record_part *record = NULL;
	struct aicx_str id = deal_str(deal, copy, "execution_id");
	char what[64];

	(void)snprintf(what, sizeof what, "execution %.*s", STR_ARG(id));
	if (!deal_members(deal, what, copy, names))
		return false;
	struct json_ref order =
	    deal_row(deal, "execution", "execution_id", id, NULL);
	struct json_ref status =
	    deal_row(deal, "execution_status", "execution_id", id, &record);
	if (!json_has(order) || !json_has(status))
		return deal_bad(deal, "%s is in no record", what);
	if (!deal_equal(deal, "execution: its contract",
		deal_str(deal, order, "contract_id"), "the contract's id",
		contract_says(deal, "id")) ||
	    !deal_equal(deal, "execution: its provider",
		deal_str(deal, order, "provider_id"), "the contract's",
		contract_says(deal, "provider_id")) ||
	    !deal_equal(deal, "execution: state", deal_str(deal, copy, "state"),
		"the recorded one", deal_str(deal, status, "state")) ||
	    !hash_of_value(deal, "the execution's input", copy, "input_sha256",
		json_get(order, "input")) ||
	    !hash_of_value(deal, "the execution's output", copy,
		"output_sha256", json_get(status, "output")) ||
	    !number_same(deal, what, copy, "latency_ms", status, "duration_ms",
		record) ||
	    !number_same(
		deal, what, copy, "attempts", status, "attempts", record))
		return false;
	deal->n_completed += str_is(deal_str(deal, copy, "state"), "COMPLETED");
	deal_ok(deal, "%s: %.*s, input and output as recorded", what,
	    STR_ARG(deal_str(deal, copy, "state")));
	return true;
}

bool
check_executions(struct deal *deal)
{
	struct json_ref list = json_get(deal->root, "executions");
	struct json_iter it = json_iter(list);
	int64_t most = 1;

	if (json_type(list) != JSON_ARRAY)
		return deal_bad(deal, "executions is no list");
	(void)json_int(json_get(deal->contract.root, "max_executions"), &most);
	if ((int64_t)json_len(list) > most)
		return deal_bad(deal,
		    "executions: %zu, but the contract allows %lld",
		    json_len(list), (long long)most);
	while (json_next(&it))
		if (!execution_check(deal, it.value))
			return false;
	deal->n_executions = json_len(list);
	return true;
}

/* --- usage ------------------------------------------------------------ */

/* What the broker measures itself can be measured again from the records. */
static bool
measure(struct json_ref order, struct json_ref status, struct aicx_str unit,
    int64_t *ret_units)
{
	struct json_ref output = json_get(status, "output");
	int64_t took_ms = 0;

	(void)json_int(json_get(status, "duration_ms"), &took_ms);
	if (str_is(unit, "calls"))
		*ret_units = 1;
	else if (str_is(unit, "seconds"))
		*ret_units = (took_ms + 999) / 1000;
	else if (str_is(unit, "bytes"))
		*ret_units = (int64_t)json_raw(json_get(order, "input")).len;
	else if (str_is(unit, "items"))
		*ret_units = json_type(output) == JSON_ARRAY
		    ? (int64_t)json_len(output)
		    : 1;
	else
		return false;
	return true;
}

/* A hash in the claim of what the broker says: the very text that the provider
   had before it. */
static bool
claim_binds(
    struct deal *deal, const struct signed_part *claim, struct json_ref status)
{
	struct aicx_str contract =
	    deal_str(deal, claim->root, "contract_sha256");
	struct aicx_str output = deal_str(deal, claim->root, "output_sha256");

	if (contract.ptr != NULL &&
	    !deal_hash(deal, "the contract", deal->contract.object.text,
		"the provider's claim", contract))
		return false;
	if (output.ptr != NULL &&
	    !deal_hash(deal, "the output", json_raw(json_get(status, "output")),
		"the provider's claim", output))
		return false;
	if (contract.ptr == NULL && output.ptr == NULL)
		deal_note(
		    deal, "usage: the claim binds neither contract nor output");
	else
		deal_ok(deal, "usage: the provider's claim binds %s%s%s",
		    contract.ptr ? "the contract" : "",
		    contract.ptr && output.ptr ? " and " : "",
		    output.ptr ? "the output" : "");
	return true;
}

/* A claim that the provider signed for this execution. */
static bool
claim_take(struct deal *deal, struct json_ref usage, struct json_ref status,
    struct aicx_str id, struct signed_part *ret)
{
	struct aicx_error why = { 0 };

	if (!deal_signed_part(
		deal, "usage: claim", json_get(usage, "object"), ret))
		return false;
	struct aicx_str provider = contract_says(deal, "provider_id");
	struct registration *signer =
	    deal_agent(deal, provider, ret->object.key_id);
	if (signer == NULL ||
	    object_verify(&ret->object, SIG_USAGE, signer->key, &why) !=
		AICX_OK)
		return deal_bad(deal, "usage: not signed by the provider");
	signer->used = true;
	struct aicx_str broker = deal_str(deal, ret->root, "broker_id");
	if (broker.ptr != NULL &&
	    !deal_equal(deal, "usage: the claim's broker", broker, "the file's",
		deal->broker_id))
		return false;
	return deal_equal(deal, "usage: the claim's execution",
		   deal_str(deal, ret->root, "execution_id"), "the listed one",
		   id) &&
	    claim_binds(deal, ret, status);
}

/* The units billed are what was measured or claimed, up to the contract's
   limit. */
static bool
units_check(struct deal *deal, struct json_ref usage, struct json_ref order,
    struct json_ref status)
{
	struct aicx_str unit = deal_str(deal, usage, "unit");
	struct aicx_str id = deal_str(deal, usage, "execution_id");
	struct signed_part claim = { .present = false };
	int64_t units = 0, counted = 0, most = 0;

	if (json_type(json_get(usage, "object")) != JSON_NULL &&
	    !claim_take(deal, usage, status, id, &claim))
		return false;
	if (!measure(order, status, unit, &counted) &&
	    !json_int(json_get(claim.root, "units"), &counted))
		return deal_bad(
		    deal, "usage: nobody claims any %.*s", STR_ARG(unit));
	if (json_int(json_get(deal->contract.root, "max_units"), &most) &&
	    counted > most)
		counted = most;
	(void)json_int(json_get(usage, "units"), &units);
	if (units != counted)
		return deal_bad(deal,
		    "usage: %lld %.*s are billed, but there were %lld",
		    (long long)units, STR_ARG(unit), (long long)counted);
	return true;
}

/* A member that is absent in both, or the same in both. */
static bool
member_same(struct deal *deal, const char *name, struct json_ref usage,
    struct json_ref status, const struct record_part *record)
{
	struct json_ref a = json_get(usage, name), b = json_get(status, name);
	bool none = json_type(a) == JSON_NULL && json_type(b) == JSON_NULL;

	return none || json_same(a, b, &deal->arena) ||
	    deal_bad(deal, "usage: %s is not what record %lld says", name,
		(long long)record->seq);
}

static bool
usage_check(struct deal *deal, struct json_ref usage)
{
	static const char *const names[] = { "execution_id", "calls", "units",
		"unit", NULL };
	struct aicx_str id = deal_str(deal, usage, "execution_id");
	const struct record_part *record = NULL;
	int64_t calls = 0;

	if (!deal_members(deal, "usage", usage, names))
		return false;
	struct json_ref status =
	    deal_row(deal, "execution_status", "execution_id", id, &record);
	if (!json_has(status))
		return deal_bad(
		    deal, "usage: execution %.*s is in no record", STR_ARG(id));
	if (!json_int(json_get(usage, "calls"), &calls) || calls != 1)
		return deal_bad(deal,
		    "usage: an execution is one call, not %.*s",
		    STR_ARG(json_raw(json_get(usage, "calls"))));
	if (!number_same(
		deal, "usage", usage, "units", status, "units", record))
		return false;
	struct aicx_str kept = deal_str(deal, status, "unit");
	if (!deal_equal(deal, "usage: unit", deal_str(deal, usage, "unit"),
		"the recorded one", kept.ptr ? kept : STR("calls")))
		return false;
	if (!number_same(deal, "usage", usage, "latency_ms", status,
		"duration_ms", record) ||
	    !member_same(deal, "quality", usage, status, record) ||
	    !member_same(deal, "period", usage, status, record) ||
	    !member_same(deal, "used_before", usage, status, record) ||
	    !check_measured(deal, status, record))
		return false;
	struct json_ref object = json_get(usage, "object");
	struct json_ref claim = json_get(status, "usage");
	if ((json_type(object) != JSON_NULL || json_type(claim) != JSON_NULL) &&
	    !json_same(object, claim, &deal->arena))
		return deal_bad(deal, "usage: not the claim of record %lld",
		    (long long)record->seq);
	return units_check(deal, usage,
	    deal_row(deal, "execution", "execution_id", id, NULL), status);
}

bool
check_usage(struct deal *deal)
{
	struct json_ref list = json_get(deal->root, "usage");
	struct json_iter it = json_iter(list);

	if (json_type(list) != JSON_ARRAY)
		return deal_bad(deal, "usage is no list");
	if (json_len(list) != deal->n_completed)
		return deal_bad(deal,
		    "usage: of %zu executions, but %zu were completed",
		    json_len(list), deal->n_completed);
	while (json_next(&it))
		if (!usage_check(deal, it.value))
			return false;
	return true;
}
