/* SPDX-License-Identifier: Apache-2.0 */
/* problem.c - the table of stable error words. */
#include "protocol/problem.h"

#include <string.h>

#include "base/buf.h"
#include "base/str.h"

static const struct problem problems[] = {
	{ "malformed", 400, "The message is malformed" },
	{ "invalid_params", 400, "The parameters are invalid" },
	{ "invalid_amount", 400, "The amount is invalid" },
	{ "unknown_currency", 400, "The currency is unknown" },
	{ "unsupported_version", 400, "The protocol version is not supported" },
	{ "stale", 400, "The message is too old or too early" },
	{ "bad_key", 400, "The key cannot be used" },
	{ "bad_signature", 401, "The signature is wrong" },
	{ "unauthenticated", 401, "Nobody is known by these credentials" },
	{ "insufficient_funds", 402, "The account does not hold enough" },
	{ "budget_exceeded", 402, "The budget does not allow it" },
	{ "sender_mismatch", 403, "The sender is not the owner of the key" },
	{ "denied", 403, "The caller may not do this" },
	{ "misaddressed", 403, "The receiver is not reached this way" },
	{ "not_party", 403, "The caller is not a party to it" },
	{ "no_mandate", 403, "No mandate covers it" },
	{ "mandate_exhausted", 403, "The mandate is used up" },
	{ "mandate_expired", 403, "The mandate has expired" },
	{ "policy_refused", 403, "A policy refused it" },
	{ "unknown_method", 404, "The method is unknown" },
	{ "not_found", 404, "There is no such thing" },
	{ "no_offer", 404, "Nobody offered it on these terms" },
	{ "conflict", 409, "It was said before, and otherwise" },
	{ "already_exists", 409, "It exists already" },
	{ "wrong_state", 409, "It is not possible in this state" },
	{ "cancelled", 409, "It was cancelled" },
	{ "held_by_contract", 409, "A contract holds the money" },
	{ "already_posted", 409, "The hold is posted already" },
	{ "already_voided", 409, "The hold is void already" },
	{ "expired", 410, "It has expired" },
	{ "too_large", 413, "The message is too large" },
	{ "invalid_input", 422, "The input does not fit the capability" },
	{ "rate_limited", 429, "Too many requests" },
	{ "mailbox_full", 429, "The mailbox is full" },
	{ "too_many", 429, "There are too many of them" },
	{ "internal", 500, "The broker failed" },
	{ "policy_failed", 502, "A policy failed" },
	{ "provider_failed", 502, "The provider failed" },
	{ "provider_busy", 503, "The provider is busy" },
	{ "unavailable", 503, "It is not available now" },
	{ "draining", 503, "The broker is stopping" },
	{ "timeout", 504, "It took too long" },
};

/* For errors whose maker knew no better word. */
static const struct {
	aicx_err code;
	const char *word;
} words[] = {
	{ AICX_EINVAL, "invalid_params" },
	{ AICX_ENOTFOUND, "not_found" },
	{ AICX_EEXIST, "conflict" },
	{ AICX_EAGAIN, "unavailable" },
	{ AICX_ETIMEDOUT, "timeout" },
	{ AICX_EDENIED, "denied" },
	{ AICX_ELIMIT, "too_many" },
	{ AICX_EIO, "unavailable" },
	{ AICX_ESTATE, "wrong_state" },
};

const struct problem *
problem_find(const char *word)
{
	for (size_t i = 0; i < sizeof problems / sizeof *problems; i++) {
		if (strcmp(problems[i].word, word) == 0)
			return &problems[i];
	}
	return NULL;
}

const struct problem *
problem_of(const struct aicx_error *error)
{
	const struct problem *problem = problem_find(error->word);

	for (size_t i = 0; problem == NULL; i++) {
		if (i == sizeof words / sizeof *words)
			return problem_find("internal");
		if (words[i].code == error->code)
			problem = problem_find(words[i].word);
	}
	return problem;
}

/* Error texts quote what they refuse; broken UTF-8 must not come back out. */
static void
put_clean(struct json_writer *w, const char *text)
{
	char clean[sizeof((struct aicx_error *)0)->text];

	if (str_is_utf8(str_of(text))) {
		json_put_text(w, text);
		return;
	}
	(void)str_copy(str_of(text), clean, sizeof clean);
	for (char *at = clean; *at != '\0'; at++) {
		if (*at & 0x80)
			*at = '?';
	}
	json_put_text(w, clean);
}

void
problem_put(struct json_writer *w, const struct aicx_error *error,
    struct aicx_str correlation, int64_t retry_after_ms)
{
	const struct problem *problem = problem_of(error);
	struct buf type = { 0 };

	buf_printf(&type, "urn:aiconexus:problem:%s", problem->word);
	json_open(w, '{');
	json_key(w, "type");
	json_put_str(w, buf_view(&type));
	json_key(w, "title");
	json_put_text(w, problem->title);
	json_key(w, "status");
	json_put_int(w, problem->status);
	json_key(w, "detail");
	put_clean(w, error->text[0] != '\0' ? error->text : problem->title);
	json_key(w, "code");
	json_put_text(w, problem->word);
	if (error->field[0] != '\0') {
		json_key(w, "field");
		put_clean(w, error->field);
	}
	if (retry_after_ms >= 0) {
		json_key(w, "retry_after_ms");
		json_put_int(w, retry_after_ms);
	}
	if (correlation.ptr != NULL) {
		json_key(w, "correlation_id");
		json_put_str(w, correlation);
	}
	json_close(w);
	buf_fini(&type);
}
