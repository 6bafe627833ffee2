/* SPDX-License-Identifier: Apache-2.0 */
/*
 * facilitator.c - the server that verifies and settles.
 *
 * Its word counts only when it is about what was asked: an answer that names
 * another payer, network or amount is none.  A settlement without an answer is
 * unknown, never failed: the money may have moved.
 */
#include "facilitator.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	ANSWER_BYTES_MAX = 64 << 10,
	URL_BYTES_MAX = 1024,
	LOOK_AGAIN_MS = 300000,
	LOOK_SOON_MS = 2000
};

static struct aicx_str
optional(const char *text)
{
	return (struct aicx_str) { text != NULL && *text ? text : NULL,
		text != NULL ? strlen(text) : 0 };
}

static aicx_err
ask(struct x402 *x402, const char *method, const char *path,
    struct aicx_str body, aicx_http_done_fn *done, void *arg,
    struct aicx_fetch **ret_fetch, struct aicx_error *reterr)
{
	const struct x402_settings *settings = x402->settings;
	char url[URL_BYTES_MAX];
	struct aicx_header headers[3] = {
		{ TEXT("Content-Type"), TEXT("application/json") },
		{ TEXT("Accept"), TEXT("application/json") },
		{ TEXT("Authorization"), optional(settings->authorization) },
	};
	struct aicx_http_ask request = {
		.size = sizeof request,
		.method = text_of(method),
		.headers = headers,
		.n_headers = headers[2].value.ptr != NULL ? 3 : 2,
		.body = body,
		.timeout_ms = settings->timeout,
		.body_max = ANSWER_BYTES_MAX,
		.allow = optional(settings->allow),
		.ca_file = optional(settings->ca_file),
	};

	(void)snprintf(url, sizeof url, "%s%s", settings->facilitator, path);
	request.url = text_of(url);
	return x402->host->http_request(
	    x402->self, &request, done, arg, ret_fetch, reterr);
}

static json_t *
object_of(const struct aicx_http_outcome *outcome)
{
	json_t *doc;

	if (outcome->err != AICX_OK || outcome->body.ptr == NULL)
		return NULL;
	doc = json_loadb(
	    outcome->body.ptr, outcome->body.len, JSON_REJECT_DUPLICATES, NULL);
	if (json_is_object(doc))
		return doc;
	json_decref(doc);
	return NULL;
}

/* --- what it supports ------------------------------------------------ */

static bool
is_our_kind(const struct x402 *x402, const json_t *kind)
{
	const char *network = text_in(kind, "network");
	size_t len = strlen(network);
	json_int_t version =
	    json_integer_value(json_object_get(kind, "x402Version"));

	if (version != 2 || strcmp(text_in(kind, "scheme"), "exact") != 0)
		return false;
	if (len > 0 && network[len - 1] == '*') /* "eip155:*" */
		return strncmp(network, x402->settings->network, len - 1) == 0;
	return strcmp(network, x402->settings->network) == 0;
}

static void
on_supported(const struct aicx_http_outcome *outcome, void *arg)
{
	struct x402 *x402 = arg;
	json_t *doc = object_of(outcome);
	const json_t *kinds = json_object_get(doc, "kinds");
	int64_t now_ms = x402->host->now_ms(x402->self);
	enum supported before = x402->supported;
	bool known = outcome->status == 200 && json_is_array(kinds);

	x402->asking = NULL;
	x402->supported_ms = now_ms + (known ? LOOK_AGAIN_MS : LOOK_SOON_MS);
	if (known) {
		x402->supported = SUPPORT_NO;
		for (size_t i = 0; i < json_array_size(kinds); i++)
			if (is_our_kind(x402, json_array_get(kinds, i)))
				x402->supported = SUPPORT_YES;
	} /* else what was known before holds */
	if (x402->supported != before && x402->supported == SUPPORT_NO)
		x402->host->log(x402->self, AICX_ERROR, "x402.unsupported",
		    "the facilitator settles nothing on this network");
	if (!known)
		x402->host->count(x402->self, "supported_unknown", 1);
	json_decref(doc);
	x402_wake(x402, x402->supported_ms - now_ms);
}

void
facilitator_look(struct x402 *x402)
{
	int64_t now_ms = x402->host->now_ms(x402->self);
	struct aicx_error error = { 0 };

	if (x402->asking != NULL || now_ms < x402->supported_ms)
		return;
	x402->supported_ms = now_ms + LOOK_SOON_MS;
	if (ask(x402, "GET", "/supported", (struct aicx_str) { NULL, 0 },
		on_supported, x402, &x402->asking, &error) != AICX_OK) {
		x402->asking = NULL;
		x402_wake(x402, LOOK_SOON_MS);
	}
}

/* --- asking ---------------------------------------------------------- */

void
facilitator_ask(struct x402 *x402, const char *path, json_t *payment,
    json_t *requirements, aicx_http_done_fn *done, void *arg,
    struct aicx_fetch **ret_fetch)
{
	json_t *body = json_pack("{s:i,s:O,s:O}", "x402Version", 2,
	    "paymentPayload", payment, "paymentRequirements", requirements);
	char *text = json_dumps(body, JSON_COMPACT);
	struct aicx_http_outcome none = { .size = sizeof none,
		.err = AICX_ENOMEM };

	json_decref(body);
	*ret_fetch = NULL;
	if (text != NULL)
		none.err = ask(x402, "POST", path, text_of(text), done, arg,
		    ret_fetch, &none.error);
	free(text);
	if (none.err != AICX_OK)
		done(&none, arg);
}

/* --- what an answer is worth ----------------------------------------- */

static bool
is_success(const struct aicx_http_outcome *outcome)
{
	return outcome->status >= 200 && outcome->status <= 299;
}

static const char *
reason_of(const json_t *doc, const char *name, const char *fallback)
{
	const char *reason = text_in(doc, name);

	return *reason != '\0' && strlen(reason) <= 200 ? reason : fallback;
}

/* A member that is there names this. */
static bool
agrees(const json_t *doc, const char *name, const char *wanted)
{
	const json_t *member = json_object_get(doc, name);

	return member == NULL || json_is_null(member) ||
	    (json_is_string(member) &&
		same_address(json_string_value(member), wanted));
}

enum verdict
facilitator_verified(const struct aicx_http_outcome *outcome, const char *from,
    const char **ret_reason, json_t **ret_doc)
{
	json_t *doc = object_of(outcome);
	const json_t *valid = json_object_get(doc, "isValid");

	*ret_doc = doc;
	*ret_reason = "unexpected_verify_error";
	if (json_is_false(valid)) {
		*ret_reason = reason_of(doc, "invalidReason", *ret_reason);
		return VERDICT_BAD;
	}
	if (outcome->err != AICX_OK || !is_success(outcome))
		return VERDICT_UNKNOWN;
	return json_is_true(valid) && agrees(doc, "payer", from) ? VERDICT_GOOD
								 : VERDICT_BAD;
}

static bool
is_one_of(const char *reason, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcmp(reason, *list) == 0)
			return true;
	return false;
}

/* The chain took this nonce before. */
static bool
says_used(const char *reason)
{
	return strstr(reason, "nonce_already_used") != NULL ||
	    strstr(reason, "nonce_used") != NULL ||
	    strstr(reason, "authorization_used") != NULL ||
	    strstr(reason, "authorization_is_used") != NULL;
}

/* It may yet happen, or have happened. */
static bool
is_unsure(const char *reason)
{
	static const char *const list[] = { "settlement_pending",
		"unexpected_settle_error", "unknown_settlement_error", NULL };

	return is_one_of(reason, list);
}

/* After a settlement without an answer, what else a chain says of a nonce that
   is used. */
static bool
is_unsure_again(const char *reason)
{
	static const char *const list[] = { "invalid_transaction_state",
		"invalid_exact_evm_transaction_failed",
		"invalid_exact_evm_transaction_simulation_failed", NULL };

	return is_one_of(reason, list);
}

static enum verdict
judge_success(const json_t *doc, const json_t *requirements, const char *from)
{
	const char *amount = text_in(doc, "amount");
	const char *transaction = text_in(doc, "transaction");

	if (*transaction == '\0' || strlen(transaction) > 128 ||
	    !agrees(doc, "network", text_in(requirements, "network")) ||
	    !agrees(doc, "payer", from))
		return VERDICT_UNKNOWN;
	if (*amount != '\0' &&
	    (!digits_are(amount) ||
		!digits_same(amount, text_in(requirements, "amount"))))
		return VERDICT_UNKNOWN;
	return VERDICT_GOOD;
}

enum verdict
facilitator_settled(const struct aicx_http_outcome *outcome,
    const json_t *requirements, const char *from, bool again,
    const char **ret_reason, json_t **ret_doc)
{
	json_t *doc = object_of(outcome);
	const json_t *success = json_object_get(doc, "success");

	*ret_doc = doc;
	*ret_reason = "unexpected_settle_error";
	if (json_is_true(success))
		return is_success(outcome)
		    ? judge_success(doc, requirements, from)
		    : VERDICT_UNKNOWN;
	if (!json_is_false(success))
		return VERDICT_UNKNOWN;
	*ret_reason = reason_of(doc, "errorReason", *ret_reason);
	if (again && says_used(*ret_reason))
		return VERDICT_GOOD;
	if (is_unsure(*ret_reason) || (again && is_unsure_again(*ret_reason)))
		return VERDICT_UNKNOWN;
	return VERDICT_BAD;
}
