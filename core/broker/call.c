/* SPDX-License-Identifier: Apache-2.0 */
/*
 * call.c - one request from its parameters to its answer: rights, repeats, the
 * handler, and the gate that keeps the answer until it is durable.
 */
#include "base/broken.h"
#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/asked.h"
#include "broker/flow.h"
#include "broker/handlers.h"
#include "broker/peer.h"
#include "broker/receipt.h"
#include "broker/rights.h"
#include "broker/transit.h"

#include <string.h>

enum {
	RETRY_AFTER_MS = 1000,
	CALL_BYTES = 2048 /* of parameters and answer, most times */
};

struct parcel { /* an answer behind the gate; in the call's memory */
	struct call *call;
	int status;
	enum msg_type type;
	struct aicx_str body;
	struct buf envelope;
	bool forwarded; /* the envelope is another agent's, and ready */
};

/* It lives in its own memory, whose blocks go round. */
/* The body is a copy of its own, in the call's memory. */
static void
parcel_fini(struct parcel *parcel, bool secret)
{
	if (secret) {
		mem_wipe((char *)parcel->body.ptr, parcel->body.len);
		mem_wipe(parcel->envelope.ptr, parcel->envelope.len);
	}
	buf_fini(&parcel->envelope);
}

struct call *
call_new(struct broker *broker)
{
	struct arena mem = { NULL };

	arena_start(&mem, sizeof(struct call) + CALL_BYTES);
	struct call *call = arena_new(&mem, sizeof *call);
	call->mem = mem;
	call->broker = broker;
	list_push(&broker->every_call, &call->all);
	list_init(&call->node);
	list_init(&call->watch_node);
	list_init(&call->peer_node);
	list_init(&call->repeats);
	call->started_us = broker->ports.now_us(broker->ports.arg);
	broker->n_calls++;
	return call;
}

void
call_free(struct call *call)
{
	struct list repeats; /* each a call of its own, freed as such */

	underway_end(call, &repeats);
	LIST_EACH (node, &repeats)
		list_remove(node);
	asked_forget(call);
	if (call->parcel != NULL)
		parcel_fini(call->parcel, call->shows_secret);
	list_remove(&call->all);
	list_remove(&call->node);
	list_remove(&call->watch_node);
	list_remove(&call->peer_node);
	if (call->ret_ticket != NULL)
		*call->ret_ticket = NULL;
	call->broker->n_calls--;
	struct arena mem = call->mem; /* the call is in it */
	arena_fini(&mem);
}

/* Nobody waits any more.  A call that only waits is dropped; one that is being
   worked on ends silently. */
void
call_abandon(struct call *call)
{
	call->peer = NULL;
	call->done = NULL;
	if (!list_empty(&call->node))
		call_free(call);
}

/* --- answering ------------------------------------------------------- */

static const char *
outcome_of(int status)
{
	return status < 400 ? "ok" : status < 500 ? "refused" : "failed";
}

static void
measure(const struct call *call, int status)
{
	struct broker *broker = call->broker;
	const char *name = call->route ? call->route->method.name : "none";

	metrics_count(broker->metrics, METRIC_REQUESTS, 1,
	    call->ticket ? "http" : "session", name, outcome_of(status));
	log_debug(broker->log, "request.answered", KV("method", name),
	    KV("status", status), KV("correlation", call->correlation));
	metrics_observe(broker->metrics, METRIC_REQUEST_DURATION,
	    broker->ports.now_us(broker->ports.arg) - call->started_us, name);
}

static int64_t
retry_after_ms(const struct call *call)
{
	return call->wait_ms > 0 ? call->wait_ms : RETRY_AFTER_MS;
}

static void
answer_gateway(struct parcel *parcel)
{
	struct call *call = parcel->call;
	const struct route *route = call->route;
	struct aicx_answer answer = {
		.size = sizeof answer,
		.status = (uint16_t)parcel->status,
		.replayed = call->replayed,
		.retry_after_ms = -1,
		.content_type = STR("application/json"),
		.body = parcel->body,
		.correlation = str_of(call->correlation),
	};

	if (parcel->status == 429 || parcel->status == 503)
		answer.retry_after_ms = (int32_t)retry_after_ms(call);
	if (parcel->type == MSG_ERROR) /* ill health is a result */
		answer.content_type = STR("application/problem+json");
	else if (route != NULL && route->content_type != NULL)
		answer.content_type = str_of(route->content_type);
	if (call->envelope) {
		answer.content_type = STR("application/json");
		answer.body = buf_view(&parcel->envelope);
	}
	call->done(&answer, call->done_arg);
}

static struct envelope_head
answer_head(const struct parcel *parcel)
{
	struct broker *broker = parcel->call->broker;

	return (struct envelope_head) {
		.id = broker_new_id(broker),
		.sender_id = broker->keys.broker_id,
		.receiver_id = parcel->call->sender,
		.correlation_id = parcel->call->message_id,
		.type = parcel->type,
		.timestamp_ms = broker_now(broker),
	};
}

static void
parcel_end(void *arg)
{
	struct parcel *parcel = arg;
	struct call *call = parcel->call;

	if (call->done != NULL)
		answer_gateway(parcel);
	call_free(call);
}

static void
parcel_sign(void *arg)
{
	struct parcel *parcel = arg;

	envelope_sign_key(&parcel->envelope, 0, parcel->call->broker->key);
}

/* An answer as an envelope: under the caller's API key, or the broker's key. */
static void
send_envelope(struct parcel *parcel)
{
	struct call *call = parcel->call;
	struct broker *broker = call->broker;
	struct envelope_head head = answer_head(parcel);
	struct credential_mac *mac = NULL;

	if (parcel->forwarded) {
		parcel_end(parcel);
		return;
	}
	envelope_print(&parcel->envelope, &head, parcel->body);
	if (!id_is_nil(&call->who.credential_id))
		mac = credential_mac(broker, &call->who.credential_id);
	if (mac != NULL) {
		envelope_sign_mac(&parcel->envelope, 0, mac->out,
		    str_of(id_text(&mac->credential_id).text));
		parcel_end(parcel);
	} else if (broker->ports.work(broker->ports.arg, parcel_sign,
		       parcel_end, parcel) != AICX_OK) {
		parcel_sign(parcel);
		parcel_end(parcel);
	}
}

static void
parcel_send(void *arg)
{
	struct parcel *parcel = arg;
	struct call *call = parcel->call;

	measure(call, parcel->status);
	if (call->peer != NULL) {
		struct envelope_head head = answer_head(parcel);
		(void)peer_send(call->peer, &head, parcel->body);
		parcel_end(parcel);
	} else if (call->done != NULL && call->envelope)
		send_envelope(parcel);
	else
		parcel_end(parcel);
}

static struct parcel *
parcel_new(struct call *call, enum msg_type type, int status)
{
	struct parcel *parcel = arena_new(&call->mem, sizeof *parcel);

	ENSURE(!call->answered);
	call->answered = true;
	asked_forget(call);
	list_remove(&call->node);
	parcel->call = call;
	call->parcel = parcel;
	parcel->status = status;
	parcel->type = type;
	return parcel;
}

void
call_answer_as(
    struct call *call, enum msg_type type, int status, struct aicx_str body)
{
	struct parcel *parcel = parcel_new(call, type, status);
	struct list repeats;

	parcel->body = arena_str(&call->mem, body);
	if (call->broker->unreadable)
		return; /* what was not found may well be there */
	underway_end(call, &repeats);
	if (broken("reads_ahead") && call->route != NULL &&
	    !call->route->durable)
		parcel_send(parcel);
	else
		journal_after(call->broker->journal, parcel_send, parcel);
	underway_again(&repeats);
}

void
call_forward(struct call *call, const struct envelope *env)
{
	struct parcel *parcel = parcel_new(call, env->type, 200);
	struct credential_mac *mac = NULL;

	if (!id_is_nil(&call->who.credential_id))
		mac = credential_mac(call->broker, &call->who.credential_id);
	parcel->forwarded = true;
	if (env->signature.alg == ALG_ED25519 || mac == NULL)
		buf_str(&parcel->envelope, env->text);
	else
		envelope_resign_mac(&parcel->envelope, env, mac->out,
		    str_of(id_text(&mac->credential_id).text));
	journal_after(call->broker->journal, parcel_send, parcel);
}

void
call_answer(struct call *call, int status, struct aicx_str body)
{
	call_answer_as(
	    call, status < 400 ? MSG_RESULT : MSG_ERROR, status, body);
}

void
call_fail(struct call *call, const struct aicx_error *error)
{
	const struct problem *problem = problem_of(error);
	struct buf body = { 0 };
	struct json_writer w = json_writer(&body);
	bool later = problem->status == 429 || problem->status == 503;

	audit_refused(call->broker, &call->who.agent_id, call->address, error,
	    call->route ? call->route->method.name : NULL);
	problem_put(&w, error,
	    call->ticket ? str_of(call->correlation)
			 : (struct aicx_str) { NULL, 0 },
	    later ? retry_after_ms(call) : -1);
	call_answer(call, problem->status, buf_view(&body));
	buf_fini(&body);
}

/* --- deciding -------------------------------------------------------- */

struct step *
call_step(struct call *call, const char *name, const struct aicx_id *deal_id)
{
	struct step *step =
	    step_begin(call->broker, name, &call->who.agent_id, deal_id);

	if (call->route->durable && !id_is_nil(&call->id)) {
		step->request_sender = call->sender;
		step->request_id = call->id;
		memcpy(step->request_body, call->body, 16);
	} else if (call->correlation[0] != '\0')
		step->correlation = call->correlation;
	return step;
}

/* step->answer holds the body. */
aicx_err
call_commit(
    struct call *call, struct step *step, int status, struct aicx_error *reterr)
{
	struct aicx_str body = arena_str(&call->mem, buf_view(&step->answer));

	if (!id_is_nil(&step->request_id))
		step->answer_status = status;
	aicx_err err = step_commit(step, reterr);
	if (err == AICX_OK)
		call_answer(call, status, body);
	return err;
}

/* --- repeats --------------------------------------------------------- */

static void
replay_answer(void *arg)
{
	struct call *call = arg;
	struct broker *broker = call->broker;
	const struct request *request =
	    state_request(&broker->state, &call->sender, &call->id);
	struct buf record = { 0 };
	struct aicx_error error = { 0 };
	struct json doc;
	int64_t status = 0;
	aicx_err err =
	    journal_record(broker->journal, request->seq, &record, &error);

	if (err == AICX_OK)
		err = json_parse(buf_view(&record), &call->mem, &doc, &error);
	if (err != AICX_OK) {
		call_fail(call, &error);
	} else {
		struct buf body = { 0 };
		struct json_writer w = json_writer(&body);
		struct json_ref answer = json_get(json_root(&doc), "answer");
		(void)json_int(json_get(answer, "status"), &status);
		receipt_put_recorded(
		    &w, json_root(&doc), &broker->state.currencies, &call->mem);
		call->replayed = true;
		call_answer(call, (int)status, buf_view(&body));
		buf_fini(&body);
	}
	buf_fini(&record);
}

/* True when the request was asked before and is being answered from that. */
static bool
is_repeat(struct call *call, aicx_err *ret_err, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct request *request;
	struct flow *flow;

	if (!call->route->durable || id_is_nil(&call->id) || broken("no_dedup"))
		return false;
	request = state_request(&broker->state, &call->sender, &call->id);
	if (request == NULL)
		return false;
	if (memcmp(request->body, call->body, sizeof request->body) != 0) {
		*ret_err = err_word(reterr, AICX_EEXIST, "conflict",
		    "another request had the same id");
		return true;
	}
	if (request->seq != 0) {
		journal_after(broker->journal, replay_answer, call);
		return true;
	}
	if (transit_takes_repeat(call))
		return true;
	flow = flow_find(broker, &request->deal_id);
	if (flow == NULL) {
		*ret_err = err_word(reterr, AICX_ESTATE, "wrong_state",
		    "request ended without an answer");
		return true;
	}
	call->replayed = true;
	flow_wait(flow, call);
	flow_ask_again(flow);
	return true;
}

/* --- dispatch -------------------------------------------------------- */

static aicx_err
run(struct call *call, struct aicx_error *reterr)
{
	const struct route *route = call->route;
	struct broker *broker = call->broker;
	aicx_err err = limits_call(call, reterr);
	void *params = NULL;

	if (err == AICX_OK)
		err = rights_check(call, reterr);
	if (err == AICX_OK && route->durable && !route->ends)
		err = memory_may_begin(broker, reterr);
	if (err != AICX_OK)
		return err;
	if (broker->read_only && route->durable)
		return err_word(reterr, AICX_EIO, "unavailable",
		    "the store cannot be written; it is only read");
	if (broker->draining && route->durable && !route->ends)
		return err_word(
		    reterr, AICX_EAGAIN, "draining", "broker is shutting down");
	if (broker->clock_held && route->durable &&
	    route->handle != on_accept_clock)
		return err_word(reterr, AICX_EAGAIN, "unavailable",
		    "the clock differs too much from the last record: an "
		    "operator must accept it (aicx ledger clock accept)");
	if (!route->method.raw_body) {
		params = arena_new(&call->mem, *route->params_size);
		err = json_parse(call->params, &call->mem, &call->doc, reterr);
		if (err == AICX_OK)
			err = field_parse(route->params, json_root(&call->doc),
			    &broker->state.currencies, true, &call->mem, params,
			    *route->params_size, reterr);
		if (err != AICX_OK)
			return err;
	}
	if (is_repeat(call, &err, reterr))
		return err;
	bool guarded = !broken("no_dedup");
	if (broken("no_underway"))
		guarded = false;
	if (guarded && route->durable && !id_is_nil(&call->id)) {
		if (underway_joins(call, &err, reterr))
			return err;
		underway_begin(call);
	}
	return route->handle(call, params, reterr);
}

void
dispatch(struct call *call)
{
	struct aicx_error error = { 0 };

	broker_turn(call->broker);
	if (run(call, &error) != AICX_OK)
		call_fail(call, &error);
}

void
call_tick(struct broker *broker, int64_t now_ms)
{
	int64_t next_ms = INT64_MAX;

	LIST_EACH (node, &broker->calls) {
		struct call *call = LIST_ITEM(node, struct call, node);
		struct aicx_error error = { 0 };
		if (call->resume == NULL)
			continue;
		if (now_ms < call->due_ms) {
			if (call->due_ms < next_ms)
				next_ms = call->due_ms;
			continue;
		}
		if (call->resume(call, &error) != AICX_OK)
			call_fail(call, &error);
	}
	if (next_ms != INT64_MAX)
		broker_wake(broker, next_ms);
}
