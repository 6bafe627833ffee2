/* SPDX-License-Identifier: Apache-2.0 */
/* on_execution.c - ordering work under a contract, delivering it, reading
   it. */
#include "base/broken.h"
#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/str.h"
#include "broker/flow.h"
#include "broker/handlers.h"
#include "broker/offers.h"
#include "broker/outside.h"
#include "protocol/crypto.h"

#include <string.h>

struct execute {
	PARAMS;
	struct aicx_id contract_id, execution_id;
	struct aicx_str input;
	int64_t deadline_ms;
	bool answers; /* read where the call waits */
};

const struct field execute_params[] = {
	PARAMS_METHOD(struct execute),
	FIELD(struct execute, contract_id, "contract_id", FIELD_ID,
	    .flags = FIELDF_REQUIRED, .help = "A contract in force."),
	FIELD(struct execute, execution_id, "execution_id", FIELD_ID,
	    .help = "Made by the caller, or absent."),
	FIELD(struct execute, input, "input", FIELD_JSON,
	    .flags = FIELDF_REQUIRED, .help = "What the seller works on."),
	FIELD(struct execute, deadline_ms, "deadline_ms", FIELD_INT, .min = 1,
	    .max = 86400000, .help = "Time for it, in milliseconds."),
	FIELD(struct execute, answers, "answers", FIELD_BOOL,
	    .help = "The caller answers what the seller asks back, which is "
		    "told by a 202."),
	FIELD_END,
};
PARAMS_SIZE(execute, execute);

/* Who repeats its request, even when a crash took all memory of it, orders the
   same work: its seller knows it by the id.  Its beginning is the request's:
   as a rule a time, and the index likes ids in order. */
static struct aicx_id
execution_id_of(const struct call *call)
{
	uint8_t hash[HASH_BYTES];
	struct aicx_id whole[2] = { call->sender, call->id };

	if (id_is_nil(&call->id) || broken("new_execution_id"))
		return broker_new_id(call->broker);
	sha256_two((struct aicx_str) { (const char *)whole, sizeof whole },
	    (struct aicx_str) { (const char *)call->body, sizeof call->body },
	    hash);
	memmove(hash + 6, hash, 10);
	memcpy(hash, call->id.bytes, 6);
	return id_v8(hash);
}

aicx_err
on_execute(struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct execute *order = params;
	const struct contract *contract =
	    state_contract(&broker->state, &order->contract_id);
	int64_t deadline_ms = 0;

	if (contract == NULL ||
	    !(id_eq(&contract->requester_id, &call->who.agent_id) ||
		id_eq(&contract->provider_id, &call->who.agent_id) ||
		role_sees_all(call->who.role)))
		return not_found("contract", &order->contract_id, reterr);
	aicx_err err = must_act_for(call, &contract->requester_id, reterr);
	if (err != AICX_OK)
		return err;
	if (order->input.len > (size_t)broker->settings->input_max)
		return err_field(reterr, AICX_ELIMIT, "too_large", "/input",
		    "input is larger than %lld bytes",
		    (long long)broker->settings->input_max);
	err = schemas_check_input(broker, &contract->provider_id,
	    contract->capability, order->input, reterr);
	if (err != AICX_OK)
		return err;
	struct aicx_id id = id_is_nil(&order->execution_id)
	    ? execution_id_of(call)
	    : order->execution_id;
	if (state_execution(&broker->state, &id) != NULL)
		return err_word(reterr, AICX_EEXIST, "already_exists",
		    "an execution with this id exists");
	if (order->deadline_ms > 0)
		deadline_ms = broker_now(broker) + order->deadline_ms;
	return flow_execute(flow_need(broker, &contract->deal_id), call,
	    contract, &id, order->input, deadline_ms, reterr);
}

/* --- a provider's answer over REST or as a method -------------------- */

struct result {
	PARAMS;
	struct aicx_id execution_id;
	struct aicx_str output, usage, error;
};

const struct field result_params[] = {
	PARAMS_METHOD(struct result),
	FIELD(struct result, execution_id, "execution_id", FIELD_ID,
	    .flags = FIELDF_REQUIRED, .help = "Which work."),
	FIELD(struct result, output, "output", FIELD_JSON,
	    .help = "What came out."),
	FIELD(struct result, usage, "usage", FIELD_JSON,
	    .help = "Units used, signed where they are billed."),
	FIELD(struct result, error, "error", FIELD_JSON,
	    .help = "Why nothing came out: code, detail, retryable."),
	FIELD_END,
};
PARAMS_SIZE(result, result);

aicx_err
on_result(struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct result *result = params;
	const struct execution *execution =
	    state_execution(&broker->state, &result->execution_id);
	struct reply reply;

	if (execution == NULL)
		return not_found("execution", &result->execution_id, reterr);
	aicx_err err = must_act_for(call, &execution->provider_id, reterr);
	if (err != AICX_OK)
		return err;
	if ((result->output.ptr == NULL) == (result->error.ptr == NULL))
		return err_field(reterr, AICX_EINVAL, "invalid_params",
		    "/output", "a result has either \"output\" or \"error\"");
	struct aicx_id provider_id = execution->provider_id;
	err = execution_answer(broker, &result->execution_id, &provider_id,
	    result->error.ptr != NULL ? result->error : call->params,
	    result->error.ptr != NULL, reterr);
	if (err != AICX_OK)
		return err;
	member_drop_subject(broker, &provider_id, &result->execution_id);
	const struct execution_status *status =
	    state_execution_status(&broker->state, &result->execution_id);
	reply_begin(&reply, call);
	json_key(&reply.w, "execution_id");
	json_put_id(&reply.w, &result->execution_id);
	json_key(&reply.w, "state");
	json_put_text(&reply.w, execution_state_names[status->state]);
	reply_send(&reply, 200);
	return AICX_OK;
}

/* --- a buyer's answer to what is asked back ------------------------------ */

struct answer {
	PARAMS;
	struct aicx_id execution_id;
	struct aicx_str answer;
};

const struct field answer_params[] = {
	PARAMS_METHOD(struct answer),
	FIELD(struct answer, execution_id, "execution_id", FIELD_ID,
	    .flags = FIELDF_REQUIRED, .help = "Which work."),
	FIELD(struct answer, answer, "answer", FIELD_JSON,
	    .flags = FIELDF_REQUIRED, .max = 1048576,
	    .help = "What the seller is told."),
	FIELD_END,
};
PARAMS_SIZE(answer, answer);

/* Nothing is recorded: after a restart the seller asks anew. */
aicx_err
on_answer(struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct answer *answer = params;
	struct aicx_id id = answer->execution_id;
	const struct execution *execution =
	    state_execution(&broker->state, &id);

	if (execution == NULL || deal_shown(call, &execution->deal_id) == NULL)
		return not_found("execution", &id, reterr);
	execution = state_execution(&broker->state, &id);
	aicx_err err = must_act_for(call, &execution->requester_id, reterr);
	if (err != AICX_OK)
		return err;
	if (outside_question(broker, &id).ptr == NULL)
		return err_word(reterr, AICX_ESTATE, "wrong_state",
		    "execution asks nothing");
	AUTO(buf_fini) struct buf text = { 0 };
	buf_str(&text, answer->answer); /* the call may be gone before it */
	call->answers = true;
	flow_wait(flow_need(broker, &execution->deal_id), call);
	outside_answer(broker, &id, buf_view(&text));
	return AICX_OK;
}

/* A RESULT whose EXECUTE is not waited for: repeats of what was taken are
   silently done, everything else is told. */
aicx_err
execution_late_answer(struct broker *broker, const struct envelope *env,
    struct aicx_error *reterr)
{
	struct arena mem = { NULL };
	struct json doc;
	struct aicx_id id;
	aicx_err err = json_parse(env->payload, &mem, &doc, reterr);

	if (err == AICX_OK &&
	    !id_parse(
		json_str(json_get(json_root(&doc), "execution_id"), &mem), &id))
		err = err_word(reterr, AICX_ENOTFOUND, "not_found",
		    "message answers nothing that was asked");
	arena_fini(&mem);
	if (err != AICX_OK)
		return err;
	return execution_answer(broker, &id, &env->sender_id, env->payload,
	    env->type == MSG_ERROR, reterr);
}

/* --- reading --------------------------------------------------------- */

struct by_execution {
	PARAMS;
	struct aicx_id id, contract_id, cursor;
	int64_t limit;
};

const struct field get_execution_params[] = {
	PARAMS_METHOD(struct by_execution),
	FIELD(struct by_execution, id, "execution_id", FIELD_ID,
	    .flags = FIELDF_REQUIRED, .help = "Which work."),
	FIELD_END,
};
PARAMS_SIZE(get_execution, by_execution);

const struct field list_executions_params[] = {
	PARAMS_METHOD(struct by_execution),
	FIELD(struct by_execution, contract_id, "contract_id", FIELD_ID,
	    .flags = FIELDF_REQUIRED, .help = "Under which contract."),
	FIELD(struct by_execution, limit, "limit", FIELD_INT, .min = 1,
	    .max = LIST_LIMIT_MAX, .fallback = LIST_LIMIT,
	    .help = "How many at most."),
	FIELD(struct by_execution, cursor, "cursor", FIELD_ID,
	    .help = "Where the last page ended."),
	FIELD_END,
};
PARAMS_SIZE(list_executions, by_execution);

static void
put_execution(
    struct json_writer *w, struct broker *broker, const struct aicx_id *id)
{
	const struct execution *execution = state_execution(&broker->state, id);

	field_print(execution_status_fields,
	    state_execution_status(&broker->state, id),
	    &broker->state.currencies, w);
	outside_put_question(w, broker, id);
	json_key(w, "contract_id");
	json_put_id(w, &execution->contract_id);
	json_key(w, "deal_id");
	json_put_id(w, &execution->deal_id);
	json_key(w, "capability");
	json_put_str(w, execution->capability);
	json_key(w, "requester_id");
	json_put_id(w, &execution->requester_id);
	json_key(w, "provider_id");
	json_put_id(w, &execution->provider_id);
}

aicx_err
on_get_execution(
    struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct by_execution *by = params;
	const struct execution *execution =
	    state_execution(&broker->state, &by->id);
	struct reply reply;

	if (execution == NULL || deal_shown(call, &execution->deal_id) == NULL)
		return not_found("execution", &by->id, reterr);
	reply_begin(&reply, call);
	put_execution(&reply.w, broker, &by->id);
	reply_send(&reply, 200);
	return AICX_OK;
}

/* Where the page after this one begins; SIZE_MAX: there is no such place. */
static size_t
page_start(const struct group *group, const struct aicx_id *cursor)
{
	if (id_is_nil(cursor))
		return 0;
	for (size_t i = 0; i < group->n; i++)
		if (id_eq(&group->ids[i], cursor))
			return i + 1;
	return SIZE_MAX;
}

aicx_err
on_list_executions(
    struct call *call, const void *params, struct aicx_error *reterr)
{
	struct broker *broker = call->broker;
	const struct by_execution *by = params;
	const struct contract *contract =
	    state_contract(&broker->state, &by->contract_id);
	struct reply reply;

	if (contract == NULL || deal_shown(call, &contract->deal_id) == NULL)
		return not_found("contract", &by->contract_id, reterr);
	const struct group *group =
	    state_executions(&broker->state, &by->contract_id, SIZE_MAX);
	size_t first = page_start(group, &by->cursor);
	if (first == SIZE_MAX)
		return err_field(reterr, AICX_EINVAL, "invalid_params",
		    "/cursor", "\"cursor\" is no cursor of an answer");
	size_t end = group->n - first > (size_t)by->limit
	    ? first + (size_t)by->limit
	    : group->n;
	reply_begin(&reply, call);
	json_key(&reply.w, "executions");
	json_open(&reply.w, '[');
	for (size_t i = first; i < end; i++) {
		json_open(&reply.w, '{');
		put_execution(&reply.w, broker, &group->ids[i]);
		json_close(&reply.w);
	}
	json_close(&reply.w);
	if (end < group->n) {
		json_key(&reply.w, "cursor");
		json_put_id(&reply.w, &group->ids[end - 1]);
	}
	reply_send(&reply, 200);
	return AICX_OK;
}
