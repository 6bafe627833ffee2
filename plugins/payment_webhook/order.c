/* SPDX-License-Identifier: Apache-2.0 */
/*
 * order.c - a payment as a signed request, and what the answer is worth.
 *
 * Only a JSON answer about the same id, operation, amount and currency says
 * done or refused.  All else (no answer, 5xx, another id, too much, no JSON)
 * leaves the payment unknown, and the broker asks for its status.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "webhook.h"

enum { ANSWER_BYTES_MAX = 16 << 10, URL_BYTES_MAX = 1024, HEADERS = 4 };

const char *const op_names[] = { NULL, "authorize", "capture", "void", "fund",
	"payout", "refund" };

struct order { /* one that is not answered */
	struct order *next, **prev;
	struct webhook *webhook;
	struct aicx_fetch *fetch;
	aicx_pay_fn *done;
	void *arg;
	struct aicx_id id;
	uint32_t op;
	struct aicx_money amount;
	bool is_status;
};

static void
order_free(struct order *order)
{
	*order->prev = order->next;
	if (order->next != NULL)
		order->next->prev = order->prev;
	free(order);
}

void
orders_close(struct webhook *webhook)
{
	while (webhook->orders != NULL) {
		webhook->host->http_cancel(webhook->orders->fetch);
		order_free(webhook->orders);
	}
}

/* --- what an answer is worth ----------------------------------------- */

static void
set_error(struct aicx_pay_result *result, const char *word, const char *text)
{
	(void)snprintf(
	    result->error.word, sizeof result->error.word, "%s", word);
	(void)snprintf(
	    result->error.text, sizeof result->error.text, "%s", text);
}

static void
doubt(const struct order *order, struct aicx_pay_result *result,
    const char *metric, const char *why)
{
	const struct webhook *webhook = order->webhook;
	char id[ID_TEXT], line[320];

	result->state = AICX_PAY_UNKNOWN;
	set_error(result, "unavailable", why);
	uuid_print(&order->id, id);
	(void)snprintf(line, sizeof line, "%s of %s: %s",
	    order->is_status ? "status" : op_names[order->op], id, why);
	webhook->host->log(webhook->self, AICX_WARN, "payment.doubted", line);
	webhook->host->count(webhook->self, metric, 1);
}

static const char *
text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL ? text : "";
}

/* Is it about what was asked, to the last digit? */
static bool
is_same(const struct order *order, const json_t *answer)
{
	const struct webhook *webhook = order->webhook;
	aicx_err scale = webhook->host->currency_scale(
	    webhook->self, order->amount.currency);
	char id[ID_TEXT];
	int64_t minor;

	uuid_print(&order->id, id);
	return strcmp(text_of(answer, "id"), id) == 0 &&
	    strcmp(text_of(answer, "op"), op_names[order->op]) == 0 &&
	    strcmp(text_of(answer, "currency"), order->amount.currency) == 0 &&
	    scale >= 0 &&
	    amount_parse(text_of(answer, "amount"), scale, &minor) &&
	    minor == order->amount.minor;
}

static bool
is_about(const struct order *order, const json_t *answer)
{
	char id[ID_TEXT];

	uuid_print(&order->id, id);
	return strcmp(text_of(answer, "id"), id) == 0 &&
	    strcmp(text_of(answer, "op"), op_names[order->op]) == 0;
}

static void
judge_json(const struct order *order, uint16_t status, const json_t *answer,
    struct aicx_pay_result *result)
{
	const char *state = text_of(answer, "state");

	if (!is_about(order, answer)) {
		doubt(order, result, "lies", "answer is about another payment");
	} else if (status == 200 && strcmp(state, "done") == 0) {
		if (is_same(order, answer))
			result->state = AICX_PAY_DONE;
		else
			doubt(order, result, "lies",
			    "answer tells another amount or currency");
	} else if (strcmp(state, "refused") == 0 && status < 500) {
		result->state = AICX_PAY_REFUSED;
		set_error(result, "denied", text_of(answer, "reason"));
	} else if (order->is_status && strcmp(state, "unheard") == 0 &&
	    status == 404) {
		result->state = AICX_PAY_REFUSED;
		set_error(result, AICX_PAY_UNHEARD, "never heard of it");
	} else if (strcmp(state, "unknown") == 0) {
		doubt(order, result, "unknown", "provider does not know yet");
	} else {
		doubt(order, result, "garbled", "answer tells no known state");
	}
}

static void
judge(const struct order *order, const struct aicx_http_outcome *outcome,
    struct aicx_pay_result *result)
{
	char why[64];
	json_t *answer;

	if (outcome->err != AICX_OK) {
		doubt(order, result, "unanswered", outcome->error.text);
		return;
	}
	if (outcome->status != 200 &&
	    (outcome->status < 400 || outcome->status > 499)) {
		(void)snprintf(
		    why, sizeof why, "provider answers %u", outcome->status);
		doubt(order, result, "unanswered", why);
		return;
	}
	answer = json_loadb(outcome->body.ptr != NULL ? outcome->body.ptr : "",
	    outcome->body.len, JSON_REJECT_DUPLICATES, NULL);
	if (json_is_object(answer))
		judge_json(order, outcome->status, answer, result);
	else
		doubt(order, result, "garbled", "answer is no JSON object");
	json_decref(answer);
}

static void
on_outcome(const struct aicx_http_outcome *outcome, void *arg)
{
	struct order *order = arg;
	aicx_pay_fn *done = order->done;
	void *done_arg = order->arg;
	struct aicx_pay_result result = { .size = sizeof result,
		.amount = order->amount };

	judge(order, outcome, &result);
	order_free(order);
	done(&result, done_arg);
}

/* --- asking ---------------------------------------------------------- */

static void
put_id(json_t *object, const char *name, const struct aicx_id *id)
{
	static const struct aicx_id nobody;
	char text[ID_TEXT];

	if (memcmp(id, &nobody, sizeof *id) == 0)
		return;
	uuid_print(id, text);
	(void)json_object_set_new(object, name, json_string(text));
}

static char *
body_of(const struct webhook *webhook, const struct aicx_pay *pay)
{
	aicx_err scale =
	    webhook->host->currency_scale(webhook->self, pay->amount.currency);
	json_t *object = json_object();
	char amount[AMOUNT_TEXT];

	amount_print(pay->amount.minor, scale, amount);
	put_id(object, "id", &pay->id);
	(void)json_object_set_new(object, "op", json_string(op_names[pay->op]));
	(void)json_object_set_new(object, "amount", json_string(amount));
	(void)json_object_set_new(
	    object, "currency", json_string(pay->amount.currency));
	put_id(object, "party", &pay->party);
	put_id(object, "payee", &pay->payee);
	put_id(object, "of", &pay->of);
	put_id(object, "deal_id", &pay->deal_id);
	if (pay->expires_ms > 0)
		(void)json_object_set_new(
		    object, "expires", json_integer(pay->expires_ms / 1000));
	if (pay->reference.len > 0)
		(void)json_object_set_new(object, "reference",
		    json_stringn(pay->reference.ptr, pay->reference.len));
	char *text = json_dumps(object, JSON_COMPACT);
	json_decref(object);
	return text;
}

static struct aicx_header
header(const char *name, const char *value)
{
	return (struct aicx_header) { { name, strlen(name) },
		{ value, strlen(value) } };
}

static struct order *
order_new(struct webhook *webhook, const struct aicx_pay *pay,
    aicx_pay_fn *done, void *arg, bool is_status)
{
	struct order *order = calloc(1, sizeof *order);

	if (order == NULL)
		return NULL;
	*order = (struct order) { .next = webhook->orders,
		.prev = &webhook->orders,
		.webhook = webhook,
		.done = done,
		.arg = arg,
		.id = pay->id,
		.op = pay->op,
		.amount = pay->amount,
		.is_status = is_status };
	if (order->next != NULL)
		order->next->prev = &order->next;
	webhook->orders = order;
	return order;
}

/* rest: "/fund"; body NULL: a GET. */
static void
order_ask(struct order *order, const char *rest, const char *body)
{
	struct webhook *webhook = order->webhook;
	const struct webhook_settings *settings = webhook->settings;
	const char *method = body != NULL ? "POST" : "GET";
	struct aicx_str text = { body, body != NULL ? strlen(body) : 0 };
	char url[URL_BYTES_MAX], target[URL_BYTES_MAX], time[24];
	char id[ID_TEXT], mac[MAC_TEXT], signature[MAC_TEXT + 3];
	struct aicx_http_outcome none = { .size = sizeof none };

	(void)snprintf(url, sizeof url, "%s%s", settings->url, rest);
	(void)snprintf(target, sizeof target, "%s%s", webhook->target, rest);
	(void)snprintf(time, sizeof time, "%" PRId64,
	    webhook->host->wall_ms(webhook->self) / 1000);
	if (!webhook_sign(webhook, time, method,
		(struct aicx_str) { target, strlen(target) }, text, mac)) {
		none.err = AICX_ENOMEM;
		on_outcome(&none, order);
		return;
	}
	(void)snprintf(signature, sizeof signature, "v1=%s", mac);
	uuid_print(&order->id, id);
	const struct aicx_header headers[HEADERS] = {
		header("Content-Type", "application/json"),
		header("Idempotency-Key", id),
		header("AIConexus-Timestamp", time),
		header("AIConexus-Signature", signature),
	};
	const char *allow = settings->allow, *ca_file = settings->ca_file;
	struct aicx_http_ask ask = {
		.size = sizeof ask,
		.method = { method, strlen(method) },
		.url = { url, strlen(url) },
		.headers = headers,
		.n_headers = HEADERS,
		.body = text,
		.timeout_ms = settings->timeout,
		.body_max = ANSWER_BYTES_MAX,
		.allow = { allow, allow != NULL ? strlen(allow) : 0 },
		.ca_file = { ca_file, ca_file != NULL ? strlen(ca_file) : 0 },
	};
	none.err = webhook->host->http_request(
	    webhook->self, &ask, on_outcome, order, &order->fetch, &none.error);
	if (none.err != AICX_OK)
		on_outcome(&none, order);
}

/* Nothing was asked: the broker asks again. */
static void
give_up(const struct aicx_pay *pay, aicx_pay_fn *done, void *arg)
{
	struct aicx_pay_result result = { .size = sizeof result,
		.state = AICX_PAY_UNKNOWN,
		.amount = pay->amount };

	set_error(&result, "unavailable", "no memory");
	done(&result, arg);
}

void
order_send(struct webhook *webhook, const struct aicx_pay *pay,
    aicx_pay_fn *done, void *arg)
{
	struct order *order = order_new(webhook, pay, done, arg, false);
	char *body = body_of(webhook, pay);
	char rest[16];

	if (order == NULL || body == NULL) {
		if (order != NULL)
			order_free(order);
		free(body);
		give_up(pay, done, arg);
		return;
	}
	(void)snprintf(rest, sizeof rest, "/%s", op_names[pay->op]);
	order_ask(order, rest, body);
	free(body);
}

void
order_status(struct webhook *webhook, const struct aicx_pay *pay,
    aicx_pay_fn *done, void *arg)
{
	struct order *order = order_new(webhook, pay, done, arg, true);
	char rest[80], id[ID_TEXT];

	if (order == NULL) {
		give_up(pay, done, arg);
		return;
	}
	uuid_print(&pay->id, id);
	(void)snprintf(
	    rest, sizeof rest, "/status/%s?op=%s", id, op_names[pay->op]);
	order_ask(order, rest, NULL);
}
