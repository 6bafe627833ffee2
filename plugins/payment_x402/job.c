/* SPDX-License-Identifier: Apache-2.0 */
/*
 * job.c - a payment from its reservation to its end, as it stands on disk.
 *
 *     r/NETWORK/ASSET/FROM/NONCE   the payment
 *     i/ID                         key of the payment with this identifier
 *     o/SLOT                       key of a payment that is open
 *     e/N, n                       keys of the last that ended, and how many
 */
#include "job.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const job_state_names[] = { "reserved", "verified", "executing",
	"settling", "pending", "settled", "released", "failed" };

enum { N_STATES = sizeof job_state_names / sizeof *job_state_names };

void
id_print(const struct aicx_id *id, char ret_text[ID_TEXT])
{
	char *to = ret_text;

	for (size_t i = 0; i < sizeof id->bytes; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*to++ = '-';
		to += snprintf(to, 3, "%02x", id->bytes[i]);
	}
}

/* --- keys ------------------------------------------------------------ */

static aicx_err
put(struct x402 *x402, const char *key, struct aicx_str value,
    struct aicx_error *reterr)
{
	return x402->host->put(x402->self, text_of(key), value, reterr);
}

static bool
get(struct x402 *x402, const char *key, struct aicx_str *ret_value)
{
	struct aicx_error error = { 0 };

	return x402->host->get(x402->self, text_of(key), ret_value, &error) ==
	    AICX_OK;
}

static bool
get_key(struct x402 *x402, const char *key, char ret_key[KEY_TEXT])
{
	struct aicx_str value;

	if (!get(x402, key, &value) || value.len == 0 || value.len >= KEY_TEXT)
		return false;
	memcpy(ret_key, value.ptr, value.len);
	ret_key[value.len] = '\0';
	return true;
}

static void
drop(struct x402 *x402, const char *key)
{
	struct aicx_error error = { 0 };

	(void)put(x402, key, (struct aicx_str) { NULL, 0 }, &error);
}

static void
slot_key(int64_t slot, char ret_key[32])
{
	(void)snprintf(ret_key, 32, "o/%" PRId64, slot);
}

static void
id_key(const char *id, char ret_key[PAYMENT_ID_MAX + 3])
{
	(void)snprintf(ret_key, PAYMENT_ID_MAX + 3, "i/%s", id);
}

bool
job_key(
    const struct x402 *x402, const struct claim *claim, char ret_key[KEY_TEXT])
{
	int len = snprintf(ret_key, KEY_TEXT, "r/%s/%s/%s/%s",
	    x402->settings->network, x402->settings->asset, claim->from,
	    claim->nonce);

	for (char *c = ret_key; *c != '\0'; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	return len > 0 && len < KEY_TEXT;
}

bool
job_key_of_id(struct x402 *x402, const char *id, char ret_key[KEY_TEXT])
{
	char key[PAYMENT_ID_MAX + 3];

	id_key(id, key);
	return get_key(x402, key, ret_key);
}

json_t *
job_read(struct x402 *x402, const char *key)
{
	struct aicx_str value;

	if (!get(x402, key, &value))
		return NULL;
	return json_loadb(value.ptr, value.len, 0, NULL);
}

/* --- one of them ----------------------------------------------------- */

static void
link_job(struct job *job)
{
	struct x402 *x402 = job->x402;

	job->next = x402->jobs;
	job->prev = &x402->jobs;
	if (job->next != NULL)
		job->next->prev = &job->next;
	x402->jobs = job;
	x402->n_jobs++;
}

void
job_free(struct job *job)
{
	*job->prev = job->next;
	if (job->next != NULL)
		job->next->prev = job->prev;
	job->x402->n_jobs--;
	claim_fini(&job->claim);
	json_decref(job->doc);
	free(job);
}

struct job *
job_of_key(struct x402 *x402, const char *key)
{
	struct job *job = x402->jobs;

	while (job != NULL && strcmp(job->key, key) != 0)
		job = job->next;
	return job;
}

struct job *
job_of_deal(struct x402 *x402, const struct aicx_id *deal_id)
{
	struct job *job = x402->jobs;
	char text[ID_TEXT];

	id_print(deal_id, text);
	while (job != NULL && strcmp(job->deal_id, text) != 0)
		job = job->next;
	return job;
}

static aicx_err
write_job(struct job *job, struct aicx_error *reterr)
{
	char *text;
	aicx_err err;

	(void)json_object_set_new(
	    job->doc, "state", json_string(job_state_names[job->state]));
	(void)json_object_set_new(job->doc, "tries", json_integer(job->tries));
	text = json_dumps(job->doc, JSON_COMPACT);
	if (text == NULL)
		return AICX_ENOMEM;
	err = put(job->x402, job->key, text_of(text), reterr);
	free(text);
	return err;
}

bool
job_put(struct job *job, enum job_state state)
{
	struct aicx_error error = { 0 };

	job->state = state;
	if (write_job(job, &error) == AICX_OK)
		return true;
	job->x402->host->log(
	    job->x402->self, AICX_ERROR, "x402.unwritten", error.text);
	return false;
}

static bool
is_slot_taken(const struct x402 *x402, int64_t slot)
{
	const struct job *job = x402->jobs;

	while (job != NULL && job->slot != slot)
		job = job->next;
	return job != NULL;
}

static aicx_err
put_new(struct job *job, struct aicx_error *reterr)
{
	struct x402 *x402 = job->x402;
	char slot[32], id[PAYMENT_ID_MAX + 3];
	aicx_err err;

	slot_key(job->slot, slot);
	err = put(x402, slot, text_of(job->key), reterr);
	if (err == AICX_OK)
		err = write_job(job, reterr);
	if (err == AICX_OK && job->claim.id != NULL) {
		id_key(job->claim.id, id);
		err = put(x402, id, text_of(job->key), reterr);
	}
	return err;
}

aicx_err
job_new(struct x402 *x402, struct claim *claim, json_t *doc,
    struct job **ret_job, struct aicx_error *reterr)
{
	struct job *job = calloc(1, sizeof *job);
	aicx_err err;

	if (job == NULL || x402->n_jobs >= x402->settings->max_open) {
		claim_fini(claim);
		json_decref(doc);
		free(job);
		return AICX_ELIMIT;
	}
	job->x402 = x402;
	job->claim = *claim;
	job->doc = doc;
	(void)job_key(x402, &job->claim, job->key);
	(void)snprintf(
	    job->deal_id, sizeof job->deal_id, "%s", text_in(doc, "deal"));
	job->price_minor = json_integer_value(json_object_get(doc, "price"));
	while (is_slot_taken(x402, job->slot))
		job->slot++;
	link_job(job);
	err = put_new(job, reterr);
	if (err != AICX_OK)
		job_free(job);
	else
		*ret_job = job;
	return err;
}

/* --- ends ------------------------------------------------------------ */

static void
drop_all(struct x402 *x402, const char *key, const json_t *doc)
{
	const char *id = text_in(doc, "id");
	char name[PAYMENT_ID_MAX + 3];

	drop(x402, key);
	if (*id == '\0' || strlen(id) > PAYMENT_ID_MAX)
		return;
	id_key(id, name);
	drop(x402, name);
}

void
job_forget(struct job *job)
{
	char slot[32];

	slot_key(job->slot, slot);
	drop(job->x402, slot);
	drop_all(job->x402, job->key, job->doc);
	job_free(job);
}

/* The one that ended `keep` ends ago makes room, once its authorization cannot
   be used any more. */
static void
put_ended(struct job *job)
{
	struct x402 *x402 = job->x402;
	struct aicx_error error = { 0 };
	struct aicx_str value;
	char ring[32], old_key[KEY_TEXT], number[24] = "0";
	int64_t now_s = x402->host->wall_ms(x402->self) / 1000;

	if (get(x402, "n", &value) && value.len < sizeof number) {
		memcpy(number, value.ptr, value.len);
		number[value.len] = '\0';
	}
	int64_t n = digits_number(number);
	(void)snprintf(
	    ring, sizeof ring, "e/%" PRId64, n % x402->settings->keep);
	if (get_key(x402, ring, old_key)) {
		json_t *old = job_read(x402, old_key);
		if (json_integer_value(json_object_get(old, "before")) < now_s)
			drop_all(x402, old_key, old);
		json_decref(old);
	}
	(void)snprintf(number, sizeof number, "%" PRId64, n + 1);
	(void)put(x402, ring, text_of(job->key), &error);
	(void)put(x402, "n", text_of(number), &error);
}

void
job_end(struct job *job, enum job_state state)
{
	char slot[32];

	if (!job_put(job, state))
		return; /* it is taken up again at the next start */
	slot_key(job->slot, slot);
	drop(job->x402, slot);
	put_ended(job);
	job->x402->host->count(job->x402->self, job_state_names[state], 1);
}

/* --- after a restart ------------------------------------------------- */

static enum job_state
state_of(const json_t *doc)
{
	const char *name = text_in(doc, "state");
	unsigned i = 0;

	while (i < N_STATES - 1 && strcmp(job_state_names[i], name) != 0)
		i++;
	return (enum job_state)i;
}

static void
load_one(struct x402 *x402, int64_t slot, const char *key)
{
	struct job *job = calloc(1, sizeof *job);
	json_t *doc = job_read(x402, key);
	char *payment = json_dumps(json_object_get(doc, "payment"), 0);
	const char *why = NULL;

	if (job == NULL || payment == NULL ||
	    !claim_parse(text_of(payment), &job->claim, &why)) {
		x402->host->log(x402->self, AICX_ERROR, "x402.lost", key);
		json_decref(doc);
		free(payment);
		free(job);
		return;
	}
	free(payment);
	job->x402 = x402;
	job->doc = doc;
	job->slot = slot;
	job->state = state_of(doc);
	job->tries = json_integer_value(json_object_get(doc, "tries"));
	job->price_minor = json_integer_value(json_object_get(doc, "price"));
	(void)snprintf(job->key, sizeof job->key, "%s", key);
	(void)snprintf(
	    job->deal_id, sizeof job->deal_id, "%s", text_in(doc, "deal"));
	job->again_ms = 1; /* at once */
	link_job(job);
}

bool
jobs_load(struct x402 *x402)
{
	struct aicx_error error = { 0 };
	struct aicx_str value;
	char slot[32], key[KEY_TEXT];

	if (x402->loaded)
		return true;
	if (x402->host->get(x402->self, TEXT("n"), &value, &error) ==
	    AICX_ESTATE)
		return false;
	x402->loaded = true;
	for (int64_t i = 0; i < x402->settings->max_open; i++) {
		slot_key(i, slot);
		if (get_key(x402, slot, key))
			load_one(x402, i, key);
	}
	if (x402->jobs != NULL)
		x402->host->log(x402->self, AICX_INFO, "x402.resumed",
		    "payments that were open are taken up");
	return true;
}
