/* SPDX-License-Identifier: Apache-2.0 */
/*
 * order.c - a payment that was checked is reserved, verified, worked for, and
 * its end told to everybody who waits.
 *
 * The work is one deal.buy in the name of the buyer's account, under an id that
 * is reserved with the payment: asked again, after a restart too, it is the
 * same deal.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "facilitator.h"
#include "offer.h"
#include "sale.h"

enum {
	AGAIN_MS = 1000,
	RETRY_AFTER_MS = 5000,
	SETTLE_MS = 5000 /* what is left for the settlement */
};

static void buy(struct job *job);

/* --- telling --------------------------------------------------------- */

/* As it stands in the job's document, or in one from the disk. */
static void
answer_from(struct sale *sale, const json_t *doc, bool replayed)
{
	const json_t *body = json_object_get(doc, "body");
	json_t *response = json_object_get(doc, "response");
	int status = (int)json_integer_value(json_object_get(doc, "status"));

	if (json_is_false(json_object_get(response, "success")))
		sale_require(sale, text_in(response, "errorReason"), response);
	else
		sale_answer(sale, (uint16_t)(status > 0 ? status : 500),
		    response,
		    (struct aicx_str) {
			json_string_value(body), json_string_length(body) },
		    replayed);
}

static void
tell_all(struct job *job)
{
	while (job->sales != NULL)
		answer_from(job->sales, job->doc, false);
}

static void
put_off_all(struct job *job)
{
	while (job->sales != NULL)
		sale_problem(job->sales, 503, "payment_pending",
		    "whether the payment was settled is not known yet; ask "
		    "again with the same payment",
		    RETRY_AFTER_MS);
}

/* --- the deal -------------------------------------------------------- */

static void
later(struct job *job)
{
	job->again_ms = job->x402->host->now_ms(job->x402->self) + AGAIN_MS;
	x402_wake(job->x402, AGAIN_MS);
}

/* What the buyer's account lacks is the operator's to mend, not the payer's. */
static bool
is_ours(int status)
{
	return status >= 401 && status <= 403;
}

static void
finish(struct job *job, enum job_state state, const struct aicx_answer *answer)
{
	static const char unavailable[] =
	    "{\"type\":\"about:blank\",\"title\":\"unavailable\",\"status\":"
	    "503,\"detail\":\"nothing can be bought for payers now\","
	    "\"code\":\"unavailable\"}";
	struct aicx_str body = answer->body;
	int status = answer->status;

	if (is_ours(status)) {
		job->x402->host->log(job->x402->self, AICX_ERROR,
		    "x402.buyer_refused",
		    "the buyer's account lacks funds, a mandate or a right");
		status = 503;
		body = TEXT(unavailable);
	}
	(void)json_object_set_new(job->doc, "status", json_integer(status));
	(void)json_object_set_new(
	    job->doc, "body", json_stringn(body.ptr, body.len));
	job_end(job, state);
	tell_all(job);
	job_free(job);
}

/* The deal came to an end; so does the payment, unless it is not known what
   became of that: then the deal knows better when it is asked again. */
static void
on_bought(const struct aicx_answer *answer, void *arg)
{
	struct job *job = arg;
	bool good = answer->status < 400;

	job->ticket = NULL;
	job->calling = false;
	switch (job->state) {
	case JOB_SETTLING:
	case JOB_PENDING:
		later(job);
		break;
	case JOB_SETTLED:
		if (good)
			finish(job, JOB_SETTLED, answer);
		else
			later(job);
		break;
	case JOB_FAILED:
		finish(job, JOB_FAILED, answer);
		break;
	case JOB_RESERVED:
	case JOB_VERIFIED:
	case JOB_EXECUTING:
	case JOB_RELEASED: /* it failed, or cost nothing */
		finish(job, JOB_RELEASED, answer);
		break;
	}
}

static void
buy(struct job *job)
{
	const char *params = text_in(job->doc, "order");

	job->calling = true;
	job->again_ms = 0;
	if (!x402_call(job->x402, "deal.buy", text_of(params),
		text_of(job->deal_id), (struct aicx_str) { NULL, 0 }, on_bought,
		job, &job->ticket)) {
		job->calling = false;
		later(job);
	}
}

char *
order_params(const struct sale *sale, const char *deal_id, int64_t time_ms)
{
	struct bytes out = { 0 };

	bytes_text(&out, "{\"need\":");
	bytes_json(&out, text_of(sale->capability));
	bytes_text(&out, ",\"input\":");
	bytes_text(&out, sale->input);
	bytes_text(&out, ",\"provider_id\":");
	bytes_json(&out, text_of(sale->due->provider));
	if (deal_id != NULL) {
		bytes_text(&out, ",\"deal_id\":");
		bytes_json(&out, text_of(deal_id));
		bytes_text(&out, ",\"max_price\":{\"amount\":");
		bytes_json(&out, text_of(sale->due->price));
		bytes_text(&out, ",\"currency\":");
		bytes_json(&out, text_of(sale->x402->settings->currency));
		bytes_text(&out, "},\"deadline_ms\":");
		bytes_number(&out, (uint64_t)time_ms);
	}
	bytes_char(&out, '}');
	bytes_char(&out, '\0');
	if (!out.failed)
		return out.ptr;
	bytes_fini(&out);
	return NULL;
}

/* --- verifying ------------------------------------------------------- */

/* Nothing of the payment stays. */
static void
refuse_all(struct job *job, const char *reason)
{
	while (job->sales != NULL) {
		if (reason != NULL)
			sale_require(job->sales, reason, NULL);
		else
			sale_problem(job->sales, 503, "unavailable",
			    "the facilitator does not answer", RETRY_AFTER_MS);
	}
	job_forget(job);
}

static void
on_verified(const struct aicx_http_outcome *outcome, void *arg)
{
	struct job *job = arg;
	const char *reason;
	json_t *doc;
	enum verdict verdict =
	    facilitator_verified(outcome, job->claim.from, &reason, &doc);

	job->fetch = NULL;
	job->x402->host->count(job->x402->self,
	    verdict == VERDICT_GOOD      ? "verify_good"
		: verdict == VERDICT_BAD ? "verify_bad"
					 : "verify_unknown",
	    1);
	if (verdict == VERDICT_GOOD && job_put(job, JOB_VERIFIED))
		buy(job);
	else
		refuse_all(job, verdict == VERDICT_BAD ? reason : NULL);
	json_decref(doc);
}

/* --- reserving ------------------------------------------------------- */

/* UUIDv7 (RFC 9562). */
static void
new_id(struct x402 *x402, char ret_text[ID_TEXT])
{
	struct aicx_id id;
	int64_t now_ms = x402->host->wall_ms(x402->self);

	x402->host->random(x402->self, id.bytes, sizeof id.bytes);
	for (int i = 0; i < 6; i++)
		id.bytes[i] = (uint8_t)(now_ms >> (8 * (5 - i)));
	id.bytes[6] = (uint8_t)(0x70 | (id.bytes[6] & 0x0f));
	id.bytes[8] = (uint8_t)(0x80 | (id.bytes[8] & 0x3f));
	id_print(&id, ret_text);
}

static json_t *
document(const struct sale *sale, const struct claim *claim)
{
	char deal_id[ID_TEXT];
	char *order;
	json_t *doc;
	int64_t time_ms = claim->valid_before * 1000 - SETTLE_MS -
	    sale->x402->host->wall_ms(sale->x402->self);

	if (time_ms > sale->x402->settings->price_for)
		time_ms = sale->x402->settings->price_for;
	new_id(sale->x402, deal_id);
	order = order_params(sale, deal_id, time_ms);
	doc = json_pack("{s:s,s:s,s:s,s:O,s:O,s:I,s:I}", "deal", deal_id,
	    "resource", sale->resource, "order", order != NULL ? order : "",
	    "payment", claim->doc, "requirements", sale->due->requirements,
	    "price", (json_int_t)sale->due->price_minor, "before",
	    (json_int_t)claim->valid_before);
	free(order);
	if (claim->id != NULL)
		(void)json_object_set_new(doc, "id", json_string(claim->id));
	(void)json_object_set_new(doc, "input", json_string(sale->input));
	return doc;
}

void
order_begin(struct sale *sale, struct claim *claim)
{
	struct x402 *x402 = sale->x402;
	struct job *job;
	struct aicx_error error = { 0 };
	json_t *doc = document(sale, claim);

	if (doc == NULL) {
		claim_fini(claim);
		sale_problem(
		    sale, 400, "invalid_input", "the input is no UTF-8", -1);
		return;
	}
	if (job_new(x402, claim, doc, &job, &error) != AICX_OK) {
		sale_problem(sale, 503, "too_many",
		    "too many payments are under way", RETRY_AFTER_MS);
		return;
	}
	sale_wait(sale, job);
	facilitator_ask(x402, "/verify", json_object_get(job->doc, "payment"),
	    json_object_get(job->doc, "requirements"), on_verified, job,
	    &job->fetch);
}

/* --- the same again -------------------------------------------------- */

/* Who knows the identifier is who paid; a signature alone can be read from the
   chain by anybody. */
static bool
is_same(const struct sale *sale, const struct claim *claim, const json_t *doc)
{
	return claim->id != NULL &&
	    strcmp(claim->id, text_in(doc, "id")) == 0 &&
	    json_equal(claim->doc, json_object_get(doc, "payment")) &&
	    strcmp(sale->resource, text_in(doc, "resource")) == 0 &&
	    strcmp(sale->input, text_in(doc, "input")) == 0;
}

static bool
is_ended(const json_t *doc)
{
	return json_object_get(doc, "status") != NULL;
}

void
order_repeat(struct sale *sale, struct claim *claim, const char *key)
{
	struct job *job = job_of_key(sale->x402, key);
	json_t *doc =
	    job != NULL ? json_incref(job->doc) : job_read(sale->x402, key);
	bool same = is_same(sale, claim, doc);

	claim_fini(claim);
	sale->x402->host->count(sale->x402->self, "repeated", 1);
	if (!same)
		sale_problem(sale, 409, "conflict",
		    "this payment was used before; sign a new one", -1);
	else if (job != NULL)
		sale_wait(sale, job);
	else if (is_ended(doc))
		answer_from(sale, doc, true);
	else
		sale_problem(sale, 503, "unavailable",
		    "this payment is being taken up", RETRY_AFTER_MS);
	json_decref(doc);
}

/* --- restarts and time ----------------------------------------------- */

/* Was there a deal before the restart?  Without one nobody was asked for
   anything, and who paid is gone. */
static void
on_looked(const struct aicx_answer *answer, void *arg)
{
	struct job *job = arg;

	job->ticket = NULL;
	job->calling = false;
	if (answer->status == 404)
		refuse_all(job, NULL);
	else if (answer->status < 400)
		buy(job);
	else
		later(job);
}

static void
look(struct job *job)
{
	char params[64];

	(void)snprintf(
	    params, sizeof params, "{\"deal_id\":\"%s\"}", job->deal_id);
	job->calling = true;
	job->again_ms = 0;
	if (!x402_call(job->x402, "deal.get", text_of(params),
		(struct aicx_str) { NULL, 0 }, (struct aicx_str) { NULL, 0 },
		on_looked, job, &job->ticket)) {
		job->calling = false;
		later(job);
	}
}

static struct job *
next_due(struct x402 *x402, int64_t now_ms)
{
	for (struct job *job = x402->jobs; job != NULL; job = job->next)
		if (job->again_ms > 0 && job->again_ms <= now_ms &&
		    !job->calling)
			return job;
	return NULL;
}

void
orders_tick(struct x402 *x402)
{
	int64_t now_ms = x402->host->now_ms(x402->self);
	struct job *job;

	/* Each call may end its job: start over. */
	while ((job = next_due(x402, now_ms)) != NULL) {
		if (job->state <= JOB_VERIFIED)
			look(job);
		else
			buy(job);
	}
	for (job = x402->jobs; job != NULL; job = job->next) {
		int64_t until_ms =
		    job->unknown_ms + x402->settings->pending_wait;
		if (job->state != JOB_PENDING && job->state != JOB_SETTLING)
			continue;
		if (job->unknown_ms > 0 && now_ms >= until_ms)
			put_off_all(job);
		else if (job->unknown_ms > 0)
			x402_wake(x402, until_ms - now_ms);
	}
}
