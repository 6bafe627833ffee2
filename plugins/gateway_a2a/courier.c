/* SPDX-License-Identifier: Apache-2.0 */
/* courier.c - brings the events of a task to one URL, one after the other. */
#include "courier.h"

#include "canon.h"
#include "record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_WAIT_MS = 1000, ANSWER_MAX = 4096, GONE = 410 };

struct courier {
	struct courier *next;
	struct gateway *gateway;
	char task[TASK_ID_TEXT + 1];
	json_t *config, *waiting; /* events, oldest first */
	struct aicx_fetch *fetch; /* under way */
	struct aicx_timer *timer;
	int64_t tries;
};

/* --- couriers ------------------------------------------------------------- */

void
courier_free(struct courier *courier)
{
	struct gateway *gateway = courier->gateway;
	struct courier **at = &gateway->couriers;

	while (*at != courier)
		at = &(*at)->next;
	*at = courier->next;
	if (courier->fetch != NULL)
		gateway->host->http_cancel(courier->fetch);
	gateway->host->timer_free(courier->timer);
	json_decref(courier->config);
	json_decref(courier->waiting);
	free(courier);
}

struct courier *
courier_find(struct gateway *gateway, const char *task, const char *config)
{
	struct courier *courier = gateway->couriers;

	while (courier != NULL &&
	    (strcmp(courier->task, task) != 0 ||
		strcmp(member_text(courier->config, "id"), config) != 0))
		courier = courier->next;
	return courier;
}

bool
courier_follows(const struct gateway *gateway, const char *task)
{
	for (size_t i = 0; i < OP_BUCKETS; i++)
		for (const struct op *op = gateway->ops[i]; op != NULL;
		     op = op->next)
			if (op->pushes && strcmp(op->task, task) == 0)
				return true;
	return false;
}

static void deliver(struct courier *courier);

static void
on_time(void *arg)
{
	deliver(arg);
}

/* It brings nothing more: without another the task is not followed after a
   restart. */
static void
retire(struct courier *courier)
{
	struct gateway *gateway = courier->gateway;
	const struct courier *other;
	char task[TASK_ID_TEXT + 1];

	memcpy(task, courier->task, sizeof task);
	courier_free(courier);
	for (other = gateway->couriers; other != NULL; other = other->next)
		if (strcmp(other->task, task) == 0)
			return;
	if (!courier_follows(gateway, task))
		record_unfollow(gateway, task);
}

static void
drop_config(struct courier *courier)
{
	json_t *configs = record_configs(courier->gateway, courier->task);
	const char *id = member_text(courier->config, "id");

	for (size_t i = json_array_size(configs); i > 0; i--)
		if (strcmp(member_text(json_array_get(configs, i - 1), "id"),
			id) == 0)
			(void)json_array_remove(configs, i - 1);
	record_configs_put(courier->gateway, courier->task, configs);
	json_decref(configs);
}

/* The event is done with: the next, or rest. */
static void
go_on(struct courier *courier)
{
	(void)json_array_remove(courier->waiting, 0);
	courier->tries = 0;
	if (json_array_size(courier->waiting) == 0 &&
	    !courier_follows(courier->gateway, courier->task))
		retire(courier);
	else
		deliver(courier);
}

static void
on_taken(const struct aicx_http_outcome *outcome, void *arg)
{
	struct courier *courier = arg;
	struct gateway *gateway = courier->gateway;
	const struct aicx_host *host = gateway->host;

	courier->fetch = NULL;
	if (outcome->err == AICX_OK && outcome->status / 100 == 2) {
		host->count(gateway->self, "push_delivered", 1);
		go_on(courier);
	} else if (outcome->err == AICX_EDENIED ||
	    (outcome->err == AICX_OK && outcome->status == GONE)) {
		host->count(gateway->self, "push_dropped", 1);
		drop_config(courier);
		retire(courier);
	} else if (++courier->tries < gateway->settings->push_tries) {
		host->timer_set(courier->timer,
		    (int64_t)FIRST_WAIT_MS << (courier->tries - 1));
	} else {
		host->count(gateway->self, "push_given_up", 1);
		go_on(courier);
	}
}

/* "<scheme> <credentials>" */
static void
put_authorization(const json_t *config, struct bytes *out)
{
	const json_t *how = member(config, "authentication");

	if (how == NULL)
		return;
	bytes_text(out, member_text(how, "scheme"));
	bytes_char(out, ' ');
	bytes_text(out, member_text(how, "credentials"));
}

static void
post(struct courier *courier, const struct bytes *body,
    const struct bytes *authorization)
{
	struct gateway *gateway = courier->gateway;
	const char *token = member_text(courier->config, "token");
	struct aicx_header headers[3] = { { TEXT("Content-Type"),
	    TEXT("application/a2a+json") } };
	struct aicx_http_ask ask = {
		.size = sizeof ask,
		.method = TEXT("POST"),
		.url = text_of(member_text(courier->config, "url")),
		.headers = headers,
		.n_headers = 1,
		.body = bytes_view(body),
		.timeout_ms = gateway->settings->push_timeout_ms,
		.body_max = ANSWER_MAX,
		.allow = text_of(gateway->settings->push_allow),
	};
	struct aicx_error error;

	if (*token != '\0')
		headers[ask.n_headers++] =
		    (struct aicx_header) { TEXT("X-A2A-Notification-Token"),
			    text_of(token) };
	if (authorization->len > 0)
		headers[ask.n_headers++] =
		    (struct aicx_header) { TEXT("Authorization"),
			    bytes_view(authorization) };
	if (gateway->host->http_request(gateway->self, &ask, on_taken, courier,
		&courier->fetch, &error) != AICX_OK)
		gateway->host->timer_set(courier->timer, FIRST_WAIT_MS);
}

static void
deliver(struct courier *courier)
{
	const json_t *event = json_array_get(courier->waiting, 0);
	struct bytes body = { 0 };
	struct bytes authorization = { 0 };

	if (event == NULL || courier->fetch != NULL)
		return;
	plain_print(event, &body);
	put_authorization(courier->config, &authorization);
	post(courier, &body, &authorization);
	bytes_fini(&body);
	bytes_fini(&authorization);
}

void
courier_need(struct gateway *gateway, const char *task, const json_t *config)
{
	struct courier *courier;

	if (courier_find(gateway, task, member_text(config, "id")) != NULL)
		return;
	courier = calloc(1, sizeof *courier);
	if (courier == NULL)
		return;
	courier->gateway = gateway;
	(void)snprintf(courier->task, sizeof courier->task, "%s", task);
	courier->config = json_deep_copy(config);
	courier->waiting = json_array();
	courier->next = gateway->couriers;
	gateway->couriers = courier;
	(void)gateway->host->timer_new(
	    gateway->self, on_time, courier, &courier->timer);
}

void
courier_event(struct gateway *gateway, const char *task, json_t *event)
{
	struct courier *next;

	for (struct courier *courier = gateway->couriers; courier != NULL;
	     courier = next) {
		next = courier->next;
		if (strcmp(courier->task, task) != 0 ||
		    json_array_size(courier->waiting) == COURIER_WAITING_MAX)
			continue;
		(void)json_array_append(courier->waiting, event);
		if (json_array_size(courier->waiting) == 1)
			deliver(courier);
	}
	json_decref(event);
}

void
courier_free_all(struct gateway *gateway)
{
	while (gateway->couriers != NULL)
		courier_free(gateway->couriers);
}
