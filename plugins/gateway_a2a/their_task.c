/* SPDX-License-Identifier: Apache-2.0 */
/* their_task.c - what somebody's agent is asked, and what its answers come to.
 */
#include "their_task.h"

#include "member.h"

#include <string.h>

enum { INTERNAL = -32603, TASK_NOT_FOUND = -32001 };

/* --- asking ------------------------------------------------------------ */

/* A text by itself goes as text. */
static json_t *
part_of(const json_t *value)
{
	const json_t *text = json_object_get(value, "text");

	if (json_is_string(value))
		return json_pack("{s:O}", "text", value);
	if (json_object_size(value) == 1 && json_is_string(text))
		return json_pack("{s:O}", "text", text);
	return json_pack("{s:O}", "data", value);
}

/* More of the message: one of its members. */
static json_t *
request_of(const struct their_door *door, const json_t *value, const char *id,
    const char *name, json_t *more)
{
	json_t *request =
	    json_pack("{s:{s:s,s:s,s:[o],s:o},s:{s:b}}", "message", "messageId",
		id, "role", "ROLE_USER", "parts", part_of(value), name, more,
		"configuration", "returnImmediately", 1);

	if (door->tenant[0] != '\0' && !door->rest)
		(void)json_object_set_new(
		    request, "tenant", json_string(door->tenant));
	return request;
}

json_t *
their_request(const struct their_door *door, const json_t *input,
    const char *skill, const char *id)
{
	return request_of(
	    door, input, id, "metadata", json_pack("{s:s}", "skill", skill));
}

json_t *
their_reply(const struct their_door *door, const json_t *answer,
    const char *task, const char *id)
{
	return request_of(door, answer, id, "taskId", json_string(task));
}

/* --- errors ------------------------------------------------------------ */

static struct verdict
garbage(const char *why)
{
	return (struct verdict) {
		.end = THEIR_GARBAGE,
		.code = "invalid_agent_response",
		.detail = why,
		.task = "",
		.said = "",
	};
}

static bool
is_lost(const json_t *error)
{
	const json_t *details = member(error, "details");

	return json_integer_value(member(error, "code")) == TASK_NOT_FOUND ||
	    strcmp(member_text(json_array_get(details, 0), "reason"),
		"TASK_NOT_FOUND") == 0;
}

static struct verdict
refusal(const json_t *error)
{
	const char *why = member_text(error, "message");
	struct verdict verdict = {
		.end = is_lost(error) ? THEIR_LOST : THEIR_FAILED,
		.code = is_lost(error) ? "task_lost" : "agent_refused",
		.detail = *why != '\0' ? why : "the agent gave no reason",
		.retryable = is_lost(error) ||
		    json_integer_value(member(error, "code")) == INTERNAL,
		.task = "",
		.said = "",
	};

	return verdict;
}

/* What is inside the binding's envelope; NULL: *ret_verdict says why not. */
static const json_t *
open_answer(const struct their_door *door, const json_t *said,
    struct verdict *ret_verdict)
{
	const json_t *error = member(said, "error");
	const json_t *result = door->rest ? said : member(said, "result");

	if (json_is_object(error))
		*ret_verdict = refusal(error);
	else if (!json_is_object(result))
		*ret_verdict = garbage("the agent's answer is none of A2A");
	else
		return result;
	return NULL;
}

/* --- results ----------------------------------------------------------- */

static bool
has_parts(const json_t *value)
{
	const json_t *parts = member(value, "parts");

	for (size_t i = 0; i < json_array_size(parts); i++)
		if (!json_is_object(json_array_get(parts, i)))
			return false;
	return json_array_size(parts) > 0;
}

static json_t *
output_of_message(const json_t *message)
{
	return json_pack("{s:[{s:s,s:O}]}", "artifacts", "artifactId",
	    "message", "parts", member(message, "parts"));
}

/* The agent's artifacts as they are; without one, its last word. */
static json_t *
output_of(const json_t *task)
{
	json_t *artifacts = member(task, "artifacts");
	const json_t *message = member(member(task, "status"), "message");

	for (size_t i = 0; i < json_array_size(artifacts); i++)
		if (!has_parts(json_array_get(artifacts, i)) ||
		    *member_text(json_array_get(artifacts, i), "artifactId") ==
			'\0')
			return NULL;
	if (json_array_size(artifacts) > 0)
		return json_pack("{s:O}", "artifacts", artifacts);
	return has_parts(message) ? output_of_message(message) : json_null();
}

static const char *
first_text(const json_t *message)
{
	const json_t *parts = member(message, "parts");

	return member_text(json_array_get(parts, 0), "text");
}

/* --- states ------------------------------------------------------------ */

static const struct {
	const char *state;
	enum their_end end;
	const char *code;
} states[] = {
	{ "TASK_STATE_SUBMITTED", THEIR_WORKS, "" },
	{ "TASK_STATE_WORKING", THEIR_WORKS, "" },
	{ "TASK_STATE_COMPLETED", THEIR_READ, "" },
	{ "TASK_STATE_FAILED", THEIR_FAILED, "agent_failed" },
	{ "TASK_STATE_REJECTED", THEIR_FAILED, "agent_rejected" },
	{ "TASK_STATE_CANCELED", THEIR_FAILED, "agent_canceled" },
	{ "TASK_STATE_INPUT_REQUIRED", THEIR_ASKS, "input_required" },
	{ "TASK_STATE_AUTH_REQUIRED", THEIR_ASKS, "auth_required" },
};

static struct verdict
by_status(const json_t *status, const char *task)
{
	const char *state = member_text(status, "state");
	const char *said = first_text(member(status, "message"));
	size_t i = 0;

	while (i < sizeof states / sizeof *states &&
	    strcmp(states[i].state, state) != 0)
		i++;
	if (i == sizeof states / sizeof *states || *task == '\0')
		return garbage("the agent's task has no id or state");
	if (strlen(task) > THEIR_TASK_MAX)
		return garbage("the id of the agent's task is too long");
	return (struct verdict) {
		.end = states[i].end,
		.code = states[i].code,
		.detail = *said != '\0' ? said : "the agent gave no reason",
		.task = task,
		.said = said,
		.parts = member(member(status, "message"), "parts"),
	};
}

static struct verdict
by_task(const json_t *task)
{
	struct verdict verdict =
	    by_status(member(task, "status"), member_text(task, "id"));

	if (verdict.end != THEIR_READ)
		return verdict;
	verdict.end = THEIR_DONE;
	verdict.output = output_of(task);
	return verdict.output != NULL
	    ? verdict
	    : garbage("the agent's artifacts are none of A2A");
}

struct verdict
their_answer(const struct their_door *door, const json_t *said)
{
	struct verdict verdict;
	const json_t *result = open_answer(door, said, &verdict);
	const json_t *message = member(result, "message");
	const json_t *update = member(result, "statusUpdate");
	const json_t *artifact = member(result, "artifactUpdate");

	if (result == NULL)
		return verdict;
	if (has_parts(message))
		return (struct verdict) {
			.end = THEIR_DONE,
			.output = output_of_message(message),
			.task = "",
			.said = "",
		};
	if (update != NULL)
		return by_status(
		    member(update, "status"), member_text(update, "taskId"));
	if (artifact != NULL)
		return (struct verdict) {
			.end = THEIR_WORKS,
			.task = member_text(artifact, "taskId"),
			.said = "",
		};
	return by_task(member(result, "task"));
}

struct verdict
their_task(const struct their_door *door, const json_t *said)
{
	struct verdict verdict;
	const json_t *task = open_answer(door, said, &verdict);

	return task != NULL ? by_task(task) : verdict;
}
