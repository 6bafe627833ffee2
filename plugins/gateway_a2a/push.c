/* SPDX-License-Identifier: Apache-2.0 */
/* push.c - events of a task, posted to URLs that its buyer named. */
#include "push.h"

#include "courier.h"
#include "record.h"
#include "stream.h"
#include "task.h"
#include "tasks.h"

#include <stdio.h>
#include <string.h>

/* --- configs ----------------------------------------------------------------
 */

static bool
is_line(const char *text)
{
	for (; *text != '\0'; text++)
		if ((uint8_t)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

bool
push_check(const json_t *config, struct fault *ret_fault)
{
	const char *url = member_text(config, "url");
	const json_t *how = member(config, "authentication");

	if ((strncmp(url, "https://", 8) != 0 &&
		strncmp(url, "http://", 7) != 0) ||
	    strlen(url) > PUSH_URL_MAX || !is_line(url)) {
		fault_set(ret_fault, FAULT_PARAMS, "url",
		    "url is no http or https URL");
		return false;
	}
	if (!is_line(member_text(config, "token")) ||
	    !is_line(member_text(how, "scheme")) ||
	    !is_line(member_text(how, "credentials")) ||
	    (how != NULL && *member_text(how, "scheme") == '\0')) {
		fault_set(ret_fault, FAULT_PARAMS, "authentication",
		    "token, scheme and credentials are texts of one line");
		return false;
	}
	return true;
}

static json_t *
new_id(struct gateway *gateway)
{
	uint8_t bytes[16];
	char text[33];

	gateway->host->random(gateway->self, bytes, sizeof bytes);
	for (int i = 0; i < 16; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	return json_string(text);
}

static size_t
config_at(const json_t *configs, const char *id)
{
	size_t i = 0;

	while (i < json_array_size(configs) &&
	    strcmp(member_text(json_array_get(configs, i), "id"), id) != 0)
		i++;
	return i;
}

json_t *
push_keep(struct op *op, const json_t *config)
{
	struct gateway *gateway = op->gateway;
	json_t *configs = record_configs(gateway, op->task);
	json_t *kept = json_pack("{s:s,s:O,s:O*,s:O*}", "taskId", op->task,
	    "url", member(config, "url"), "token", member(config, "token"),
	    "authentication", member(config, "authentication"));
	const char *id = member_text(config, "id");
	size_t at = config_at(configs, id);
	struct courier *old = courier_find(gateway, op->task, id);

	if (old != NULL)
		courier_free(old); /* the config is replaced */
	(void)json_object_set_new(
	    kept, "id", *id != '\0' ? json_string(id) : new_id(gateway));
	if (at < json_array_size(configs))
		(void)json_array_set(configs, at, kept);
	else
		(void)json_array_append(configs, kept);
	if (json_array_size(configs) > PUSH_CONFIGS_MAX) {
		json_decref(kept);
		kept = NULL;
	} else {
		record_configs_put(gateway, op->task, configs);
	}
	json_decref(configs);
	return kept;
}

/* --- following --------------------------------------------------------------
 */

void
push_follow(struct op *op)
{
	struct gateway *gateway = op->gateway;
	json_t *configs = record_configs(gateway, op->task);
	struct op *follower = NULL;

	for (size_t i = 0; i < json_array_size(configs); i++)
		courier_need(gateway, op->task, json_array_get(configs, i));
	if (json_array_size(configs) > 0 &&
	    !courier_follows(gateway, op->task)) {
		record_follow(gateway, op->task);
		follower = op_follow(gateway, op->task, op->record);
	}
	json_decref(configs);
	if (follower != NULL)
		stream_follow(follower);
}

static void
resume(struct gateway *gateway, const char *task)
{
	json_t *record = record_get(gateway, task);
	json_t *configs = record_configs(gateway, task);
	struct op *follower = NULL;

	for (size_t i = 0; i < json_array_size(configs); i++)
		courier_need(gateway, task, json_array_get(configs, i));
	if (record == NULL || json_array_size(configs) == 0)
		record_unfollow(gateway, task);
	else if (!courier_follows(gateway, task))
		follower = op_follow(gateway, task, record);
	json_decref(configs);
	json_decref(record);
	if (follower != NULL)
		stream_follow(follower);
}

bool
push_resume(struct gateway *gateway)
{
	struct aicx_error error;
	struct aicx_str value;

	if (gateway->host->get(gateway->self, TEXT("f/00"), &value, &error) ==
	    AICX_ESTATE)
		return false;
	for (unsigned i = 0; i < FOLLOWED_LISTS; i++) {
		json_t *tasks = record_followed(gateway, i);

		for (size_t k = 0; k < json_array_size(tasks); k++)
			resume(gateway,
			    json_string_value(json_array_get(tasks, k)));
		json_decref(tasks);
	}
	return true;
}

/* --- operations
 * --------------------------------------------------------------- */

static void
on_task_to_push(struct op *op, int status, json_t *deal)
{
	json_t *kept = push_keep(op, op->params);

	if (kept == NULL) {
		op_refuse(op, FAULT_PARAMS, "id",
		    "a task has at most %d configs", PUSH_CONFIGS_MAX);
		return;
	}
	if (status == 200 && !task_is_over(task_state(deal, op->record)))
		push_follow(op);
	op_result(op, kept);
}

void
push_create(struct op *op)
{
	struct fault fault;

	if (!tasks_named(op, "taskId"))
		return;
	if (!push_check(op->params, &fault))
		op_fail(op, &fault);
	else
		task_read(op, on_task_to_push);
}

static void
missing(struct op *op)
{
	op_refuse(op, FAULT_TASK_NOT_FOUND, "", "there is no such config");
}

static void
on_task_to_get(struct op *op, int status, json_t *deal)
{
	json_t *configs = record_configs(op->gateway, op->task);
	size_t at = config_at(configs, member_text(op->params, "id"));

	(void)status, (void)deal;
	if (at < json_array_size(configs))
		op_result(op, json_incref(json_array_get(configs, at)));
	else
		missing(op);
	json_decref(configs);
}

void
push_get(struct op *op)
{
	if (tasks_named(op, "taskId"))
		task_read(op, on_task_to_get);
}

static void
on_task_to_list(struct op *op, int status, json_t *deal)
{
	(void)status, (void)deal;
	op_result(op,
	    json_pack(
		"{s:o}", "configs", record_configs(op->gateway, op->task)));
}

void
push_list(struct op *op)
{
	if (tasks_named(op, "taskId"))
		task_read(op, on_task_to_list);
}

static void
on_task_to_leave(struct op *op, int status, json_t *deal)
{
	const char *id = member_text(op->params, "id");
	struct courier *courier = courier_find(op->gateway, op->task, id);
	json_t *configs = record_configs(op->gateway, op->task);
	size_t at = config_at(configs, id);

	(void)status, (void)deal;
	if (courier != NULL)
		courier_free(courier);
	if (at < json_array_size(configs)) {
		(void)json_array_remove(configs, at);
		record_configs_put(op->gateway, op->task, configs);
		if (json_array_size(configs) == 0)
			record_unfollow(op->gateway, op->task);
	}
	json_decref(configs);
	op_result(op, json_null());
}

void
push_delete(struct op *op)
{
	if (tasks_named(op, "taskId"))
		task_read(op, on_task_to_leave);
}
