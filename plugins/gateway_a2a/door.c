/* SPDX-License-Identifier: Apache-2.0 */
/* door.c - the paths of the two bindings, and of the cards. */
#include "door.h"

#include <string.h>

static const char *const methods[OP_N] = {
	[OP_SEND] = "SendMessage",
	[OP_STREAM] = "SendStreamingMessage",
	[OP_GET] = "GetTask",
	[OP_LIST] = "ListTasks",
	[OP_CANCEL] = "CancelTask",
	[OP_SUBSCRIBE] = "SubscribeToTask",
	[OP_PUSH_CREATE] = "CreateTaskPushNotificationConfig",
	[OP_PUSH_GET] = "GetTaskPushNotificationConfig",
	[OP_PUSH_LIST] = "ListTaskPushNotificationConfigs",
	[OP_PUSH_DELETE] = "DeleteTaskPushNotificationConfig",
	[OP_EXTENDED_CARD] = "GetExtendedAgentCard",
};

enum operation
door_method(struct aicx_str name)
{
	for (int i = OP_SEND; i < OP_N; i++)
		if (text_same(name, text_of(methods[i])))
			return (enum operation)i;
	return OP_NONE;
}

/* A row of a path: what ends there, by verb. */
struct end {
	const char *verb;
	enum operation operation;
};

static struct door
ends(struct door door, const struct end *list, const char *allow,
    struct aicx_str verb)
{
	door.kind = DOOR_REST;
	for (; list->verb != NULL; list++)
		if (text_same(verb, text_of(list->verb))) {
			door.operation = list->operation;
			return door;
		}
	door.allow = allow;
	return door;
}

/* "x:cancel" -> "x", true. */
static bool
take_suffix(struct aicx_str *id, struct aicx_str suffix)
{
	if (id->len <= suffix.len ||
	    memcmp(id->ptr + id->len - suffix.len, suffix.ptr, suffix.len) != 0)
		return false;
	id->len -= suffix.len;
	return true;
}

static struct door
of_task(struct door door, struct aicx_str verb)
{
	static const struct end get[] = { { "GET", OP_GET }, { "HEAD", OP_GET },
		{ NULL, OP_NONE } };
	static const struct end cancel[] = { { "POST", OP_CANCEL },
		{ NULL, OP_NONE } };
	static const struct end subscribe[] = { { "GET", OP_SUBSCRIBE },
		{ "POST", OP_SUBSCRIBE }, { NULL, OP_NONE } };

	if (take_suffix(&door.task, TEXT(":cancel")))
		return ends(door, cancel, "POST, OPTIONS", verb);
	if (take_suffix(&door.task, TEXT(":subscribe")))
		return ends(door, subscribe, "GET, POST, OPTIONS", verb);
	return ends(door, get, "GET, HEAD, OPTIONS", verb);
}

static struct door
of_configs(struct door door, struct aicx_str rest, struct aicx_str verb)
{
	static const struct end all[] = { { "POST", OP_PUSH_CREATE },
		{ "GET", OP_PUSH_LIST }, { NULL, OP_NONE } };
	static const struct end one[] = { { "GET", OP_PUSH_GET },
		{ "DELETE", OP_PUSH_DELETE }, { NULL, OP_NONE } };

	if (rest.ptr == NULL)
		return ends(door, all, "GET, POST, OPTIONS", verb);
	if (rest.len == 0 || memchr(rest.ptr, '/', rest.len) != NULL)
		return (struct door) { .kind = DOOR_NONE };
	door.config = rest;
	return ends(door, one, "GET, DELETE, OPTIONS", verb);
}

static struct door
under_tasks(struct door door, struct aicx_str rest, struct aicx_str verb)
{
	static const struct end list[] = { { "GET", OP_LIST },
		{ "HEAD", OP_LIST }, { NULL, OP_NONE } };
	struct aicx_str word;

	if (rest.ptr == NULL)
		return ends(door, list, "GET, HEAD, OPTIONS", verb);
	door.task = text_cut(rest, '/', &rest);
	if (door.task.len == 0)
		return (struct door) { .kind = DOOR_NONE };
	if (rest.ptr == NULL)
		return of_task(door, verb);
	word = text_cut(rest, '/', &rest);
	if (!text_same(word, TEXT("pushNotificationConfigs")))
		return (struct door) { .kind = DOOR_NONE };
	return of_configs(door, rest, verb);
}

/* Behind "/rest/". */
static struct door
under_rest(struct door door, struct aicx_str path, struct aicx_str verb)
{
	static const struct end send[] = { { "POST", OP_SEND },
		{ NULL, OP_NONE } };
	static const struct end stream[] = { { "POST", OP_STREAM },
		{ NULL, OP_NONE } };
	static const struct end card[] = { { "GET", OP_EXTENDED_CARD },
		{ "HEAD", OP_EXTENDED_CARD }, { NULL, OP_NONE } };
	struct aicx_str rest;
	struct aicx_str word = text_cut(path, '/', &rest);

	if (word.len == DOOR_AGENT_MAX && rest.ptr != NULL &&
	    door.agent.len == 0) { /* a tenant: an agent by its id */
		door.agent = word;
		path = rest;
		word = text_cut(path, '/', &rest);
	}
	if (text_same(word, TEXT("tasks")))
		return under_tasks(door, rest, verb);
	if (rest.ptr != NULL)
		return (struct door) { .kind = DOOR_NONE };
	if (text_same(word, TEXT("message:send")))
		return ends(door, send, "POST, OPTIONS", verb);
	if (text_same(word, TEXT("message:stream")))
		return ends(door, stream, "POST, OPTIONS", verb);
	if (text_same(word, TEXT("extendedAgentCard")))
		return ends(door, card, "GET, HEAD, OPTIONS", verb);
	return (struct door) { .kind = DOOR_NONE };
}

static struct door
document(struct door door, enum door_kind kind, struct aicx_str verb)
{
	door.kind = kind;
	if (!text_same(verb, TEXT("GET")) && !text_same(verb, TEXT("HEAD")))
		door.allow = "GET, HEAD, OPTIONS";
	return door;
}

static bool
take_prefix(struct aicx_str *path, struct aicx_str prefix)
{
	if (path->len < prefix.len ||
	    memcmp(path->ptr, prefix.ptr, prefix.len) != 0)
		return false;
	path->ptr += prefix.len;
	path->len -= prefix.len;
	return true;
}

/* Behind "/a2a/", or "/a2a/agents/<id>/". */
static struct door
under_agent(struct door door, struct aicx_str path, struct aicx_str verb)
{
	if (text_same(path, TEXT(".well-known/agent-card.json")))
		return document(door, DOOR_CARD, verb);
	if (text_same(path, TEXT("jsonrpc"))) {
		door.kind = DOOR_RPC;
		if (!text_same(verb, TEXT("POST")))
			door.allow = "POST, OPTIONS";
		return door;
	}
	if (take_prefix(&path, TEXT("rest/")))
		return under_rest(door, path, verb);
	return (struct door) { .kind = DOOR_NONE };
}

struct door
door_find(struct aicx_str path, struct aicx_str verb)
{
	struct door door = { .kind = DOOR_NONE };

	if (text_same(path, TEXT("/.well-known/agent-card.json")))
		return document(door, DOOR_CARD, verb);
	if (text_same(path, TEXT("/.well-known/jwks.json")))
		return document(door, DOOR_KEYS, verb);
	if (take_prefix(&path, TEXT("/a2a/agents/"))) {
		door.agent = text_cut(path, '/', &path);
		if (path.ptr == NULL || door.agent.len != DOOR_AGENT_MAX)
			return (struct door) { .kind = DOOR_NONE };
		return under_agent(door, path, verb);
	}
	if (take_prefix(&path, TEXT("/a2a/")))
		return under_agent(door, path, verb);
	return door;
}
