/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outside.c - sellers that are servers of others: what is ordered from them is
 * an errand of the gateway that speaks their protocol.
 *
 * Nothing of an errand is recorded.  After a restart the work is still ordered
 * and is handed on again, under the same execution id; time, retries, bills and
 * refusals are those of any other seller.
 */
#include "broker/outside.h"

#include <aiconexus/gateway.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/feed.h"
#include "broker/flow.h"
#include "broker/pass.h"
#include "module/module.h"

struct aicx_errand {
	struct list node; /* in broker->errands */
	struct broker *broker;
	const struct speaker *speaker;
	struct aicx_id execution_id, provider_id, deal_id; /* of work */
	bool started; /* the gateway has it */
	char *pass; /* PASS_BYTES: what its server is shown; or NULL */
	struct buf question; /* JSON: what the buyer is asked; empty: nothing */
	described_fn *described; /* or of a description */
	void *arg;
};

static void
errand_free(struct aicx_errand *errand)
{
	list_remove(&errand->node);
	buf_fini(&errand->question);
	if (errand->pass != NULL)
		mem_wipe(errand->pass, PASS_BYTES);
	free(errand->pass);
	free(errand);
}

/* --- who speaks what
 * ---------------------------------------------------------------- */

void
outside_bind_gateway(
    struct broker *broker, const struct aicx_gateway_ops *ops, void *state)
{
	if (ops->speaks == NULL || ops->execute == NULL ||
	    ops->describe == NULL || ops->recall == NULL)
		return;
	if (broker->n_speakers == SPEAKERS_MAX) {
		log_warn(broker->log, "gateway.unused",
		    KV("reason", "too many speak to sellers outside"));
		return;
	}
	broker->speakers[broker->n_speakers++] =
	    (struct speaker) { ops, state };
}

void
outside_bind(struct broker *broker, const struct modules *modules)
{
	for (size_t i = 0; i < modules_len(modules); i++) {
		struct module *module = modules_at(modules, i);
		if (module_plugin(module)->kind == AICX_GATEWAY)
			outside_bind_gateway(
			    broker, module_ops(module), module_state(module));
	}
}

void
outside_fini(struct broker *broker)
{
	LIST_EACH (node, &broker->errands)
		errand_free(LIST_ITEM(node, struct aicx_errand, node));
}

static const struct speaker *
speaker_of(const struct broker *broker, const struct endpoint *endpoint)
{
	const char *kind = endpoint_kinds[endpoint->kind];

	if (endpoint->url.len == 0)
		return NULL;
	for (size_t i = 0; i < broker->n_speakers; i++) {
		const struct speaker *speaker = &broker->speakers[i];
		const char *const *each = speaker->ops->speaks(speaker->state);
		for (; each != NULL && *each != NULL; each++)
			if (strcmp(*each, kind) == 0)
				return speaker;
	}
	return NULL;
}

/* The first of an agent's endpoints that can be reached. */
static const struct speaker *
find(const struct broker *broker, const struct agent *agent,
    const struct endpoint **ret_endpoint)
{
	const struct endpoint *list = agent->endpoints.items;

	for (size_t i = 0; i < agent->endpoints.n; i++) {
		const struct speaker *speaker = speaker_of(broker, &list[i]);
		if (speaker == NULL)
			continue;
		*ret_endpoint = &list[i];
		return speaker;
	}
	return NULL;
}

const struct endpoint *
outside_endpoint(const struct field_list *endpoints)
{
	const struct endpoint *list = endpoints->items;

	for (size_t i = 0; i < endpoints->n; i++)
		if (list[i].url.len > 0 && list[i].kind >= ENDPOINT_HTTP)
			return &list[i];
	return NULL;
}

static bool
has_session(struct broker *broker, const struct aicx_id *agent_id)
{
	const struct member *member = member_find(broker, agent_id);

	return member != NULL && member->peer != NULL;
}

bool
outside_is(struct broker *broker, const struct aicx_id *agent_id)
{
	const struct agent *agent = state_agent(&broker->state, agent_id);
	const struct endpoint *endpoint;

	return broker->n_speakers > 0 && agent != NULL &&
	    !has_session(broker, agent_id) &&
	    find(broker, agent, &endpoint) != NULL;
}

bool
outside_sells(struct broker *broker, const struct agent *agent)
{
	return agent->custody && outside_is(broker, &agent->agent_id);
}

/* --- errands
 * ------------------------------------------------------------------------ */

static struct aicx_errand *
errand_new(struct broker *broker, const struct speaker *speaker)
{
	struct aicx_errand *errand = MEM_NEW(struct aicx_errand);

	errand->broker = broker;
	errand->speaker = speaker;
	list_push(&broker->errands, &errand->node);
	return errand;
}

static struct aicx_errand *
errand_find(struct broker *broker, const struct aicx_id *execution_id)
{
	LIST_EACH (node, &broker->errands) {
		struct aicx_errand *errand =
		    LIST_ITEM(node, struct aicx_errand, node);
		if (errand->described == NULL &&
		    id_eq(&errand->execution_id, execution_id))
			return errand;
	}
	return NULL;
}

static void
errand_shows(struct aicx_errand *errand, const struct agent *agent)
{
	if (!agent->passes)
		return;
	errand->pass = mem_new(PASS_BYTES);
	if (pass_get(errand->broker, &agent->agent_id, errand->pass))
		return;
	log_error(errand->broker->log, "pass.lost",
	    KV("agent", id_text(&agent->agent_id).text));
	errand->pass[0] = '\0';
}

/* To the gateway, which may answer at once. */
static void
errand_start(struct aicx_errand *errand, const struct agent *agent,
    const struct endpoint *endpoint, const struct execution *execution)
{
	struct broker *broker = errand->broker;
	const struct speaker *speaker = errand->speaker;
	const struct execution_status *status =
	    state_execution_status(&broker->state, &execution->execution_id);
	const struct capability *capability =
	    agent_capability(agent, execution->capability);
	struct id_text ids[] = { id_text(&execution->provider_id),
		id_text(&execution->deal_id), id_text(&execution->contract_id),
		id_text(&execution->requester_id),
		id_text(&execution->execution_id) };
	struct aicx_work work = {
		.size = sizeof work,
		.kind = str_of(endpoint_kinds[endpoint->kind]),
		.url = endpoint->url,
		.agent_id = str_of(ids[0].text),
		.deal_id = str_of(ids[1].text),
		.contract_id = str_of(ids[2].text),
		.requester_id = str_of(ids[3].text),
		.execution_id = str_of(ids[4].text),
		.attempt = status->attempts,
		.timeout_ms = execution->deadline_ms - broker_now(broker),
		.capability = execution->capability,
		.input = execution->input,
	};

	if (capability != NULL) {
		work.capability = capability->capability_id;
		work.remote = capability->remote;
		work.input_schema = capability->input_schema;
		work.output_schema = capability->output_schema;
	}
	const struct flow *flow = flow_find(broker, &execution->deal_id);

	if (flow != NULL && flow->trace[0] != '\0')
		work.traceparent = str_of(flow->trace);
	if (work.timeout_ms < 1)
		work.timeout_ms = 1;
	errand_shows(errand, agent);
	errand->started = true;
	speaker->ops->execute(speaker->state, errand, &work);
}

/* An answer may end the deal, so nothing is handed on from inside the step that
   ordered it: at the next tick, which is at once. */
bool
outside_takes(struct broker *broker, const struct letter *letter)
{
	const struct execution *execution;
	struct aicx_errand *errand;

	if (letter->type != MSG_EXECUTE || !outside_is(broker, &letter->to))
		return false;
	execution = state_execution(&broker->state, &letter->subject);
	if (execution == NULL)
		return false;
	if (errand_find(broker, &execution->execution_id) != NULL)
		return true;
	errand = errand_new(broker, NULL);
	errand->execution_id = execution->execution_id;
	errand->provider_id = execution->provider_id;
	errand->deal_id = execution->deal_id;
	broker_wake(broker, broker_now(broker));
	return true;
}

void
outside_tick(struct broker *broker)
{
	LIST_EACH (node, &broker->errands) {
		struct aicx_errand *errand =
		    LIST_ITEM(node, struct aicx_errand, node);
		const struct endpoint *endpoint = NULL;
		if (errand->described != NULL || errand->started)
			continue;
		const struct agent *agent =
		    state_agent(&broker->state, &errand->provider_id);
		errand->speaker = find(broker, agent, &endpoint);
		if (errand->speaker == NULL) /* its entry has changed since */
			continue;
		errand_start(errand, agent, endpoint,
		    state_execution(&broker->state, &errand->execution_id));
	}
}

void
outside_recall(struct broker *broker, const struct aicx_id *execution_id)
{
	struct aicx_errand *errand;

	if (list_empty(&broker->errands))
		return;
	errand = errand_find(broker, execution_id);
	if (errand == NULL)
		return;
	list_remove(&errand->node);
	if (errand->started)
		errand->speaker->ops->recall(errand->speaker->state, errand);
	errand_free(errand);
}

aicx_err
outside_describe(struct broker *broker, const struct endpoint *endpoint,
    const struct pass *pass, described_fn *done, void *arg,
    struct aicx_error *reterr)
{
	const struct speaker *speaker = speaker_of(broker, endpoint);
	struct aicx_errand *errand;

	if (speaker == NULL)
		return err_field(reterr, AICX_EINVAL, "invalid_params",
		    "/endpoints", "no gateway is loaded that speaks \"%s\"",
		    endpoint_kinds[endpoint->kind]);
	errand = errand_new(broker, speaker);
	if (pass->value.ptr != NULL) {
		errand->pass = mem_new(PASS_BYTES);
		pass_print(pass, errand->pass);
	}
	errand->described = done;
	errand->arg = arg;
	speaker->ops->describe(speaker->state, errand,
	    str_of(endpoint_kinds[endpoint->kind]), endpoint->url);
	return AICX_OK;
}

/* --- what they ask back
 * ---------------------------------------------------------------- */

struct aicx_str
outside_question(struct broker *broker, const struct aicx_id *execution_id)
{
	const struct aicx_errand *errand = list_empty(&broker->errands)
	    ? NULL
	    : errand_find(broker, execution_id);

	return errand != NULL && errand->question.len > 0
	    ? buf_view(&errand->question)
	    : (struct aicx_str) { NULL, 0 };
}

void
outside_put_question(struct json_writer *w, struct broker *broker,
    const struct aicx_id *execution_id)
{
	struct aicx_str question = outside_question(broker, execution_id);

	if (question.ptr == NULL)
		return;
	json_key(w, "asks");
	json_put_raw(w, question);
}

void
outside_answer(struct broker *broker, const struct aicx_id *execution_id,
    struct aicx_str answer)
{
	struct aicx_errand *errand = errand_find(broker, execution_id);

	buf_clear(&errand->question);
	feed_note(broker, &errand->deal_id, "execution.answer");
	errand->speaker->ops->answer(errand->speaker->state, errand, answer);
}

struct question {
	struct aicx_str message, data;
	bool auth;
};

static const struct field question_fields[] = {
	FIELD(struct question, message, "message", FIELD_STR, .max = 4096),
	FIELD(struct question, auth, "auth", FIELD_BOOL),
	FIELD(struct question, data, "data", FIELD_JSON, .max = 65536),
	FIELD_END,
};

static bool
print_question(struct buf *out, struct aicx_str text)
{
	AUTO(arena_fini) struct arena mem = { NULL };
	struct question question = { .auth = false };
	struct json_writer w = json_writer(out);
	struct json doc;

	if (json_parse(text, &mem, &doc, NULL) != AICX_OK ||
	    field_parse(question_fields, json_root(&doc), NULL, true, &mem,
		&question, sizeof question, NULL) != AICX_OK)
		return false;
	json_open(&w, '{');
	field_print(question_fields, &question, NULL, &w);
	json_close(&w);
	return true;
}

aicx_err
errand_ask(struct aicx_errand *errand, struct aicx_str text)
{
	struct broker *broker = errand->broker;
	AUTO(buf_fini) struct buf question = { 0 };

	if (errand->described != NULL || errand->speaker == NULL ||
	    !AICX_HAS(errand->speaker->ops, struct aicx_gateway_ops, answer) ||
	    (text.ptr != NULL && !print_question(&question, text)))
		return AICX_EINVAL;
	if (str_eq(buf_view(&question), buf_view(&errand->question)))
		return AICX_OK;
	struct flow *flow = flow_find(broker, &errand->deal_id);
	if (question.len > 0 && (flow == NULL || !flow_takes_questions(flow)))
		return AICX_ESTATE;
	broker_turn(broker);
	buf_clear(&errand->question);
	buf_str(&errand->question, buf_view(&question));
	feed_note(broker, &errand->deal_id, "execution.ask");
	if (question.len > 0)
		flow_ask(flow, &errand->execution_id);
	return AICX_OK;
}

/* --- their ends
 * --------------------------------------------------------------------- */

static void
end_description(
    struct aicx_errand *errand, const struct aicx_errand_result *result)
{
	described_fn *described = errand->described;
	void *arg = errand->arg;
	struct aicx_error error = { 0 };

	errand_free(errand);
	if (result->err == AICX_OK) {
		described(result->output, NULL, arg);
		return;
	}
	(void)err_word(&error, AICX_EAGAIN,
	    result->err == AICX_ETIMEDOUT ? "timeout" : "provider_failed",
	    "server was asked what it sells: %.*s%s%.*s", STR_ARG(result->code),
	    result->detail.len > 0 ? ": " : "",
	    (int)(result->detail.len > 150 ? 150 : result->detail.len),
	    result->detail.ptr != NULL ? result->detail.ptr : "");
	described((struct aicx_str) { NULL, 0 }, &error, arg);
}

static void
print_failure(struct buf *out, const struct aicx_id *execution_id,
    struct aicx_str code, struct aicx_str detail, bool retryable)
{
	struct json_writer w = json_writer(out);

	if (detail.len > 4096)
		detail.len = 4096;
	json_open(&w, '{');
	json_key(&w, "execution_id");
	json_put_id(&w, execution_id);
	json_key(&w, "code");
	json_put_str(&w, code.len > 0 && code.len <= 64 ? code : STR("failed"));
	json_key(&w, "detail");
	json_put_str(&w, detail);
	json_key(&w, "retryable");
	json_put_bool(&w, retryable);
	json_close(&w);
}

static aicx_err
fail(struct broker *broker, const struct aicx_id *execution_id,
    const struct aicx_id *provider_id, struct aicx_str code,
    struct aicx_str detail, bool retryable)
{
	AUTO(buf_fini) struct buf payload = { 0 };
	struct aicx_error error = { 0 };
	aicx_err err;

	print_failure(&payload, execution_id, code, detail, retryable);
	err = execution_answer(broker, execution_id, provider_id,
	    buf_view(&payload), true, &error);
	if (err != AICX_OK)
		log_info(broker->log, "errand.late",
		    KV("execution", id_text(execution_id).text),
		    KV("reason", error.text));
	return err;
}

static bool
is_json(struct aicx_str text, struct aicx_error *reterr)
{
	AUTO(arena_fini) struct arena mem = { NULL };
	struct json doc;

	return json_parse(text, &mem, &doc, reterr) == AICX_OK;
}

static void
end_work(struct broker *broker, const struct aicx_id *execution_id,
    const struct aicx_id *provider_id, struct aicx_str output)
{
	AUTO(buf_fini) struct buf payload = { 0 };
	struct json_writer w = json_writer(&payload);
	struct aicx_error error = { 0 };

	if (output.len > (size_t)broker->settings->message_max) {
		(void)fail(broker, execution_id, provider_id, STR("too_large"),
		    STR("the result is too large"), false);
		return;
	}
	if (!is_json(output, &error)) {
		(void)fail(broker, execution_id, provider_id,
		    STR("invalid_result"), str_of(error.text), false);
		return;
	}
	json_open(&w, '{');
	json_key(&w, "execution_id");
	json_put_id(&w, execution_id);
	json_key(&w, "output");
	json_put_raw(&w, output);
	json_close(&w);
	aicx_err err = execution_answer(broker, execution_id, provider_id,
	    buf_view(&payload), false, &error);
	if (err == AICX_EINVAL)
		(void)fail(broker, execution_id, provider_id,
		    STR("invalid_result"), str_of(error.text), false);
	else if (err != AICX_OK)
		log_info(broker->log, "errand.late",
		    KV("execution", id_text(execution_id).text),
		    KV("reason", error.text));
}

void
errand_done(struct aicx_errand *errand, const struct aicx_errand_result *result)
{
	struct broker *broker = errand->broker;
	struct aicx_id execution_id = errand->execution_id;
	struct aicx_id provider_id = errand->provider_id;

	broker_turn(broker);
	if (errand->described != NULL) {
		end_description(errand, result);
		return;
	}
	errand_free(errand);
	if (result->err == AICX_OK)
		end_work(broker, &execution_id, &provider_id, result->output);
	else
		(void)fail(broker, &execution_id, &provider_id, result->code,
		    result->detail, result->retryable != 0);
}

aicx_err
errand_pass(const struct aicx_errand *errand, struct aicx_header *ret_header)
{
	const char *line = errand->pass;
	const char *colon = line != NULL ? strstr(line, ": ") : NULL;

	if (colon == NULL)
		return AICX_ENOTFOUND;
	ret_header->name = (struct aicx_str) { line, (size_t)(colon - line) };
	ret_header->value = str_of(colon + 2);
	return AICX_OK;
}

aicx_err
errand_progress(struct aicx_errand *errand, struct aicx_str progress)
{
	AUTO(arena_fini) struct arena mem = { NULL };

	if (errand->described != NULL)
		return AICX_EINVAL;
	return feed_take_progress(
	    errand->broker, &errand->deal_id, progress, &mem);
}
