/* SPDX-License-Identifier: Apache-2.0 */
/*
 * provider.c - agents of others as sellers: what the host asks for, and the
 * card that comes first.
 *
 * What a skill was when it was registered is kept by its card's URL; work is
 * not sent to a skill that is another by now, as its price was agreed for that
 * one.
 */
#include "provider.h"

#include "canon.h"
#include "job.h"
#include "member.h"
#include "shelf.h"
#include "their_card.h"
#include "their_seal.h"
#include "their_work.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CARD_MAX = 256 * 1024, CARD_TIMEOUT_MS = 10000, PROBE_MAX = 65536 };

/* --- what skills were when they were registered ------------------------------
 */

static void
hex_mac(const struct gateway *gateway, const char *kind, struct aicx_str text,
    char ret_hex[33])
{
	uint8_t mac[32];

	gateway->host->hmac_sha256(gateway->self, text_of(kind), text, mac);
	for (int i = 0; i < 16; i++)
		(void)snprintf(ret_hex + 2 * i, 3, "%02x", mac[i]);
}

static struct aicx_str
marks_key(const struct job *job, char text[40])
{
	char hex[33];

	hex_mac(job->gateway, "a2a card", bytes_view(&job->url), hex);
	(void)snprintf(text, 40, "s/%s", hex);
	return text_of(text);
}

static json_t *
mark_of(const struct gateway *gateway, const json_t *skill)
{
	struct bytes text = { 0 };
	char hex[33];

	their_skill_mark(skill, &text);
	hex_mac(gateway, "a2a skill", bytes_view(&text), hex);
	bytes_fini(&text);
	return json_string(hex);
}

static void
keep_marks(const struct job *job)
{
	const struct gateway *gateway = job->gateway;
	const json_t *skills = member(job->card, "skills");
	json_t *marks = json_object();
	struct aicx_error error = { 0 };
	struct bytes text = { 0 };
	char key[40];

	for (size_t i = 0; i < json_array_size(skills); i++) {
		const json_t *skill = json_array_get(skills, i);

		(void)json_object_set_new(
		    marks, member_text(skill, "id"), mark_of(gateway, skill));
	}
	plain_print(marks, &text);
	if (gateway->host->put(gateway->self, marks_key(job, key),
		bytes_view(&text), &error) != AICX_OK)
		gateway->host->log(
		    gateway->self, AICX_ERROR, "card.unkept", error.text);
	bytes_fini(&text);
	json_decref(marks);
}

/* Also when nothing was kept: the agent was registered with capabilities. */
static bool
is_as_registered(const struct job *job, const json_t *skill)
{
	const struct gateway *gateway = job->gateway;
	struct aicx_error error;
	struct aicx_str value;
	json_t *marks, *mark;
	const json_t *was;
	bool same;
	char key[40];

	if (gateway->host->get(
		gateway->self, marks_key(job, key), &value, &error) != AICX_OK)
		return true;
	marks = json_loadb(value.ptr, value.len, JSON_ALLOW_NUL, NULL);
	was = json_object_get(marks, job->skill);
	mark = mark_of(gateway, skill);
	same = was == NULL || json_equal(was, mark);
	json_decref(mark);
	json_decref(marks);
	return same;
}

/* --- a card that will do
 * ------------------------------------------------------ */

static void
end_described(struct job *job)
{
	json_t *entry =
	    their_entry(job->card, job->gateway->settings->extension);

	keep_marks(job);
	job_done(job, entry);
	json_decref(entry);
}

/* What answers there does not matter; whether it may be asked does. */
static void
on_probed(const struct aicx_http_outcome *outcome, void *arg)
{
	struct job *job = arg;

	job->fetch = NULL;
	if (outcome->err == AICX_EDENIED)
		job_fail_by(job, outcome);
	else
		end_described(job);
}

/* A card may point elsewhere: into the operator's network, too. */
static void
describe(struct job *job)
{
	const struct job_ask probe = {
		.url = job->door.url,
		.done = on_probed,
		.timeout_ms = CARD_TIMEOUT_MS,
		.max = PROBE_MAX,
	};

	if (job_is_home(job, job->door.url))
		end_described(job);
	else
		(void)job_ask(job, &probe);
}

static void
work(struct job *job)
{
	const json_t *skill = their_skill(job->card, job->skill);

	if (job->task[0] == '\0' && skill == NULL)
		job_fail(job, AICX_EIO, "skill_gone",
		    "the agent's card no longer has this skill", false);
	else if (job->task[0] == '\0' && !is_as_registered(job, skill))
		job_fail(job, AICX_EIO, "skill_changed",
		    "the agent's card describes this skill otherwise than when "
		    "it was registered",
		    false);
	else
		their_work_begin(job);
}

/* Takes card. */
static void
with_card(struct job *job, json_t *card)
{
	job->card = card;
	(void)their_door(card, &job->door);
	if (job->input == NULL)
		describe(job);
	else
		work(job);
}

/* --- asking for the card
 * ------------------------------------------------------ */

/* NULL: *ret_why says why it is none. */
static json_t *
read_card(struct job *job, struct aicx_str body, const char **ret_why)
{
	struct gateway *gateway = job->gateway;
	json_t *card = json_loadb(body.ptr != NULL ? body.ptr : "", body.len,
	    JSON_REJECT_DUPLICATES, NULL);
	enum their_seal seal;

	*ret_why = "the card is no JSON";
	if (card != NULL)
		*ret_why = their_card_flaw(card, job->url.ptr);
	if (*ret_why == NULL) {
		seal = their_seal_judge(gateway, card);
		if (seal == SEAL_BROKEN)
			*ret_why = "the card's signature does not hold";
		else if (seal == SEAL_NONE && gateway->settings->cards_signed)
			*ret_why = "the card is not signed by a key that is "
				   "known here";
	}
	if (*ret_why == NULL)
		return card;
	json_decref(card);
	return NULL;
}

static void
on_card(const struct aicx_http_outcome *outcome, void *arg)
{
	struct job *job = arg;
	const struct shelved *known =
	    shelf_find(job->gateway->shelf, job->url.ptr);
	const char *why;
	json_t *card;
	char line[80];

	job->fetch = NULL;
	if (outcome->err != AICX_OK) {
		job_fail_by(job, outcome);
	} else if (outcome->status == 304 && known != NULL) {
		shelf_renew(job->gateway, job->url.ptr, outcome);
		with_card(job, json_incref(known->card));
	} else if (outcome->status != 200) {
		(void)snprintf(line, sizeof line,
		    "asked for the card, the server answered %u",
		    (unsigned)outcome->status);
		job_fail(job, AICX_EIO, "no_card", line,
		    job_may_retry(outcome->status));
	} else {
		card = read_card(job, outcome->body, &why);
		if (card == NULL) {
			job_fail(job, AICX_EIO, "invalid_card", why, false);
			return;
		}
		shelf_put(job->gateway, job->url.ptr, card, outcome);
		with_card(job, card);
	}
}

/* A registration always looks anew. */
static void
ask_card(struct job *job)
{
	struct gateway *gateway = job->gateway;
	const struct shelved *known = shelf_find(gateway->shelf, job->url.ptr);
	const struct job_ask ask = {
		.url = job->url.ptr,
		.etag = known != NULL && known->etag[0] != '\0' ? known->etag
								: NULL,
		.done = on_card,
		.timeout_ms = CARD_TIMEOUT_MS,
		.max = CARD_MAX,
	};

	if (known != NULL && job->input != NULL &&
	    shelf_is_fresh(gateway, known))
		with_card(job, json_incref(known->card));
	else
		(void)job_ask(job, &ask);
}

/* --- what the host asks for
 * --------------------------------------------------- */

const char *const *
provider_speaks(void *gateway)
{
	static const char *const kinds[] = { "a2a", NULL };

	(void)gateway;
	return kinds;
}

static void
refuse(struct gateway *gateway, struct aicx_errand *errand)
{
	const struct aicx_errand_result result = {
		.size = sizeof result,
		.err = AICX_ENOMEM,
		.code = TEXT("unavailable"),
		.detail = TEXT("out of memory"),
		.retryable = 1,
	};

	gateway->host->errand_done(errand, &result);
}

void
provider_describe(void *state, struct aicx_errand *errand, struct aicx_str kind,
    struct aicx_str url)
{
	struct job *job = job_new(state, errand, url);

	(void)kind;
	if (job == NULL)
		refuse(state, errand);
	else
		ask_card(job);
}

void
provider_execute(
    void *state, struct aicx_errand *errand, const struct aicx_work *work)
{
	struct gateway *gateway = state;
	struct job *job = job_new(state, errand, work->url);
	struct aicx_str skill =
	    work->remote.len > 0 ? work->remote : work->capability;

	if (job == NULL) {
		refuse(state, errand);
		return;
	}
	(void)snprintf(job->execution, sizeof job->execution, "%.*s",
	    (int)work->execution_id.len, work->execution_id.ptr);
	(void)snprintf(
	    job->skill, sizeof job->skill, "%.*s", (int)skill.len, skill.ptr);
	(void)snprintf(job->trace, sizeof job->trace, "%.*s",
	    (int)work->traceparent.len,
	    work->traceparent.ptr != NULL ? work->traceparent.ptr : "");
	job->deadline_ms =
	    gateway->host->now_ms(gateway->self) + work->timeout_ms;
	job->input = json_loadb(work->input.ptr, work->input.len,
	    JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	if (job->input == NULL) {
		job_fail(job, AICX_EINVAL, "invalid_input",
		    "the input cannot be read", false);
		return;
	}
	job_find_task(job);
	ask_card(job);
}

static struct job *
job_of(const struct gateway *gateway, const struct aicx_errand *errand)
{
	struct job *job = gateway->jobs;

	while (job != NULL && job->errand != errand)
		job = job->next;
	return job;
}

void
provider_recall(void *state, struct aicx_errand *errand)
{
	struct job *job = job_of(state, errand);

	if (job != NULL)
		their_work_stop(job);
}

void
provider_answer(void *state, struct aicx_errand *errand, struct aicx_str answer)
{
	struct job *job = job_of(state, errand);

	if (job != NULL)
		their_work_answer(job, answer);
}

void
provider_free_all(struct gateway *gateway)
{
	while (gateway->jobs != NULL)
		job_free(gateway->jobs);
}
