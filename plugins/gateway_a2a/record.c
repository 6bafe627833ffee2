/* SPDX-License-Identifier: Apache-2.0 */
/* record.c - what the gateway keeps of a task beside its deal. */
#include "record.h"

#include "canon.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* --- keys --------------------------------------------------------------- */

static json_t *
get(struct gateway *gateway, char kind, const char *id)
{
	struct aicx_str value;
	struct aicx_error error;
	char key[64];

	(void)snprintf(key, sizeof key, "%c/%.40s", kind, id);
	if (gateway->host->get(gateway->self, text_of(key), &value, &error) !=
	    AICX_OK)
		return NULL;
	return json_loadb(value.ptr, value.len, JSON_ALLOW_NUL, NULL);
}

/* value NULL: delete. */
static bool
put(struct gateway *gateway, char kind, const char *id, const json_t *value)
{
	struct aicx_error error = { 0 };
	struct bytes text = { 0 };
	char key[64];
	aicx_err err;

	(void)snprintf(key, sizeof key, "%c/%.40s", kind, id);
	if (value != NULL)
		plain_print(value, &text);
	err = text.failed ? AICX_ENOMEM
			  : gateway->host->put(gateway->self, text_of(key),
				bytes_view(&text), &error);
	bytes_fini(&text);
	if (err != AICX_OK)
		gateway->host->log(
		    gateway->self, AICX_ERROR, "task.unkept", error.text);
	return err == AICX_OK;
}

json_t *
record_get(struct gateway *gateway, const char *task)
{
	return strlen(task) == TASK_ID_TEXT ? get(gateway, 't', task) : NULL;
}

bool
record_put(struct gateway *gateway, const char *task, const json_t *record)
{
	return put(gateway, 't', task, record);
}

void
record_drop(struct gateway *gateway, const char *task)
{
	(void)put(gateway, 't', task, NULL);
}

/* --- refused tasks -------------------------------------------------------- */

json_t *
record_refused(struct gateway *gateway, const char *owner)
{
	json_t *list = get(gateway, 'r', owner);

	return list != NULL ? list : json_array();
}

void
record_refuse(struct gateway *gateway, const char *task, json_t *record,
    const char *code, const char *detail)
{
	const char *owner = member_text(record, "owner");
	json_t *list = record_refused(gateway, owner);

	(void)json_object_set_new(record, "refused",
	    json_pack("{s:s,s:s,s:o}", "code", code, "detail", detail, "at",
		record_time(gateway)));
	(void)record_put(gateway, task, record);
	(void)json_array_insert_new(list, 0, json_string(task));
	if (json_array_size(list) > REFUSED_MAX)
		(void)json_array_remove(list, REFUSED_MAX);
	(void)put(gateway, 'r', owner, list);
	json_decref(list);
}

json_t *
record_configs(struct gateway *gateway, const char *task)
{
	json_t *list = get(gateway, 'p', task);

	return list != NULL ? list : json_array();
}

void
record_configs_put(
    struct gateway *gateway, const char *task, const json_t *configs)
{
	(void)put(
	    gateway, 'p', task, json_array_size(configs) > 0 ? configs : NULL);
}

/* --- followed tasks --------------------------------------------------------
 */

static size_t
place_of(const json_t *list, const char *task)
{
	size_t i = 0;

	while (i < json_array_size(list) &&
	    strcmp(json_string_value(json_array_get(list, i)), task) != 0)
		i++;
	return i;
}

void
record_follow(struct gateway *gateway, const char *task)
{
	const char *end = task + TASK_ID_TEXT - 2;
	json_t *list = get(gateway, 'f', end);

	if (list == NULL)
		list = json_array();
	if (place_of(list, task) == json_array_size(list)) {
		(void)json_array_append_new(list, json_string(task));
		(void)put(gateway, 'f', end, list);
	}
	json_decref(list);
}

void
record_unfollow(struct gateway *gateway, const char *task)
{
	const char *end = task + TASK_ID_TEXT - 2;
	json_t *list = get(gateway, 'f', end);
	size_t at = place_of(list, task);

	if (at < json_array_size(list)) {
		(void)json_array_remove(list, at);
		(void)put(
		    gateway, 'f', end, json_array_size(list) > 0 ? list : NULL);
	}
	json_decref(list);
}

json_t *
record_followed(struct gateway *gateway, unsigned list)
{
	char end[3];

	(void)snprintf(end, sizeof end, "%02x", list & 0xffu);
	return get(gateway, 'f', end);
}

json_t *
record_paid_get(struct gateway *gateway, const char *task)
{
	return get(gateway, 'x', task);
}

bool
record_paid_put(struct gateway *gateway, const char *task, const json_t *doc)
{
	return put(gateway, 'x', task, doc);
}

/* --- ids, hashes, times --------------------------------------------------- */

void
record_id(
    struct op *op, const char *message_id, char ret_task[TASK_ID_TEXT + 1])
{
	static const char digits[] = "0123456789abcdef";
	const struct gateway *gateway = op->gateway;
	struct bytes text = { 0 };
	uint8_t mac[32];
	size_t n = 0;

	bytes_text(&text, "a2a task ");
	bytes_text(&text, message_id);
	gateway->host->hmac_sha256(
	    gateway->self, bytes_view(&op->credential), bytes_view(&text), mac);
	bytes_fini(&text);
	mac[6] = (uint8_t)(0x80 | (mac[6] & 0x0f)); /* UUID, version 8 */
	mac[8] = (uint8_t)(0x80 | (mac[8] & 0x3f));
	for (size_t i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			ret_task[n++] = '-';
		ret_task[n++] = digits[mac[i] >> 4];
		ret_task[n++] = digits[mac[i] & 15];
	}
	ret_task[n] = '\0';
}

json_t *
record_hash(struct op *op)
{
	const struct gateway *gateway = op->gateway;
	json_t *request = json_pack("{s:O,s:O*,s:s}", "message",
	    member(op->params, "message"), "metadata",
	    member(op->params, "metadata"), "agent", op->agent);
	struct bytes text = { 0 };
	uint8_t mac[32];
	char hex[33];

	canon_print(request, &text);
	json_decref(request);
	gateway->host->hmac_sha256(
	    gateway->self, TEXT("a2a request"), bytes_view(&text), mac);
	bytes_fini(&text);
	for (int i = 0; i < 16; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", mac[i]);
	return json_string(hex);
}

json_t *
record_new(struct op *op, const char *skill, json_t *hash)
{
	json_t *message = member(op->params, "message");
	const char *context = member_text(message, "contextId");

	return json_pack("{s:s,s:s,s:o,s:s,s:s,s:o,s:[O]}", "owner",
	    member_text(op->caller, "agent_id"), "context",
	    *context != '\0' ? context : op->task, "hash", hash, "skill", skill,
	    "agent", op->agent, "at", record_time(op->gateway), "messages",
	    message);
}

json_t *
record_time(struct gateway *gateway)
{
	int64_t now_ms = gateway->host->wall_ms(gateway->self);
	time_t seconds = (time_t)(now_ms / 1000);
	struct tm parts;
	char text[40];
	size_t n;

	(void)gmtime_r(&seconds, &parts);
	n = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
	(void)snprintf(
	    text + n, sizeof text - n, ".%03dZ", (int)(now_ms % 1000));
	return json_string(text);
}
