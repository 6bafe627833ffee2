/* SPDX-License-Identifier: Apache-2.0 */
/*
 * notice.c - webhooks of the provider: signed, fresh, each event once.
 *
 * The answer is 200 when the broker has it on disk, also for a repeat; 503 asks
 * the provider to tell it again; any other says that it never will be taken.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "webhook.h"

struct notice { /* one that is being recorded */
	struct notice *next, **prev;
	struct webhook *webhook; /* NULL: it closed meanwhile */
	struct aicx_exchange *exchange; /* NULL: the provider went away */
};

static void
notice_free(struct notice *notice)
{
	if (notice->webhook != NULL) {
		*notice->prev = notice->next;
		if (notice->next != NULL)
			notice->next->prev = notice->prev;
	}
	free(notice);
}

void
notices_close(struct webhook *webhook)
{
	struct notice *next;

	for (struct notice *at = webhook->notices; at != NULL; at = next) {
		next = at->next;
		at->webhook = NULL; /* freed when the broker is done with it */
		at->exchange = NULL;
	}
}

/* --- answering ------------------------------------------------------- */

static void
answer(struct webhook *webhook, struct aicx_exchange *exchange, uint16_t status,
    const char *code, const char *why)
{
	json_t *body = status == 200
	    ? json_pack("{s:b}", "received", 1)
	    : json_pack("{s:i,s:s,s:s}", "status", (int)status, "code", code,
		  "detail", why);
	char *text = json_dumps(body, JSON_COMPACT);
	const char *type =
	    status == 200 ? "application/json" : "application/problem+json";
	struct aicx_http_response response = {
		.size = sizeof response,
		.status = status,
		.content_type = { type, strlen(type) },
		.body = { text, text != NULL ? strlen(text) : 0 },
	};

	json_decref(body);
	webhook->host->respond(exchange, &response);
	free(text);
}

static void
turn_away(struct webhook *webhook, struct aicx_exchange *exchange,
    uint16_t status, const char *code, const char *why)
{
	webhook->host->log(
	    webhook->self, AICX_WARN, "payment.hook_refused", why);
	webhook->host->count(webhook->self, "hook_refused", 1);
	answer(webhook, exchange, status, code, why);
}

static uint16_t
status_of(aicx_err err)
{
	switch (err) {
	case AICX_OK:
		return 200;
	case AICX_ENOTFOUND:
		return 404;
	case AICX_EEXIST:
	case AICX_ESTATE:
		return 409;
	case AICX_EINVAL:
		return 422;
	default:
		return 503; /* later, perhaps */
	}
}

static void
on_recorded(const struct aicx_error *error, void *arg)
{
	struct notice *notice = arg;
	struct webhook *webhook = notice->webhook;
	struct aicx_exchange *exchange = notice->exchange;

	notice_free(notice);
	if (webhook == NULL || exchange == NULL)
		return;
	if (error->code == AICX_OK) {
		webhook->host->count(webhook->self, "hook_taken", 1);
		answer(webhook, exchange, 200, "", "");
	} else
		turn_away(webhook, exchange, status_of(error->code),
		    error->word, error->text);
}

/* --- who tells it, and when ------------------------------------------ */

static struct aicx_str
field_of(const struct aicx_http_request *request, const char *name)
{
	for (size_t i = 0; i < request->n_headers; i++)
		if (request->headers[i].name.len == strlen(name) &&
		    strncasecmp(
			request->headers[i].name.ptr, name, strlen(name)) == 0)
			return request->headers[i].value;
	return (struct aicx_str) { NULL, 0 };
}

/* Digits alone, at most 12 of them. */
static bool
read_time(struct aicx_str text, char ret_text[16], int64_t *ret_ms)
{
	int64_t seconds = 0;

	if (text.len == 0 || text.len > 12)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9')
			return false;
		seconds = seconds * 10 + (text.ptr[i] - '0');
	}
	memcpy(ret_text, text.ptr, text.len);
	ret_text[text.len] = '\0';
	*ret_ms = seconds * 1000;
	return true;
}

/* NULL: it is the provider's, and fresh. */
static const char *
check_sender(
    const struct webhook *webhook, const struct aicx_http_request *request)
{
	struct aicx_str told = field_of(request, "AIConexus-Signature");
	int64_t window_ms = webhook->settings->window, at_ms;
	char time[16], mac[MAC_TEXT];

	if (!read_time(field_of(request, "AIConexus-Timestamp"), time, &at_ms))
		return "webhook has no timestamp";
	if (told.len < 3 || memcmp(told.ptr, "v1=", 3) != 0)
		return "webhook is not signed";
	if (!webhook_sign(
		webhook, time, "POST", request->path, request->body, mac) ||
	    !mac_is(mac, (struct aicx_str) { told.ptr + 3, told.len - 3 }))
		return "webhook has a wrong signature";
	int64_t off_ms = webhook->host->wall_ms(webhook->self) - at_ms;
	if (off_ms > window_ms || off_ms < -window_ms)
		return "webhook's timestamp is too old or too early";
	return NULL;
}

/* --- what it tells --------------------------------------------------- */

static const char *
text_of(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

static bool
read_amount(const struct webhook *webhook, const json_t *told,
    struct aicx_money *ret_amount)
{
	const char *amount = text_of(told, "amount");
	const char *currency = text_of(told, "currency");
	aicx_err scale;

	if (amount == NULL || currency == NULL || currency[0] == '\0' ||
	    strlen(currency) >= sizeof ret_amount->currency)
		return false;
	(void)snprintf(
	    ret_amount->currency, sizeof ret_amount->currency, "%s", currency);
	scale = webhook->host->currency_scale(webhook->self, currency);
	return scale >= 0 && amount_parse(amount, scale, &ret_amount->minor);
}

/* Views into `told`.  NULL: it is an event. */
static const char *
read_event(const struct webhook *webhook, const json_t *told,
    struct aicx_pay_event *ret_event)
{
	static const char *const names[] = { NULL, "settled", "failed",
		"chargeback" };
	const char *id = text_of(told, "event");
	const char *payment = text_of(told, "payment_id");
	const char *type = text_of(told, "type");
	const char *reason = text_of(told, "reason");

	if (id == NULL || payment == NULL || type == NULL)
		return "webhook lacks event, type or payment_id";
	*ret_event = (struct aicx_pay_event) { .size = sizeof *ret_event,
		.id = { id, strlen(id) },
		.reason = { reason, reason != NULL ? strlen(reason) : 0 } };
	for (uint32_t i = AICX_PAY_SETTLED; i <= AICX_PAY_CHARGEBACK; i++)
		if (strcmp(type, names[i]) == 0)
			ret_event->happened = i;
	if (ret_event->happened == 0)
		return "webhook is of no known type";
	if (!uuid_parse(payment, &ret_event->payment_id))
		return "webhook's payment_id is no id";
	if (ret_event->happened == AICX_PAY_CHARGEBACK &&
	    !read_amount(webhook, told, &ret_event->amount))
		return "chargeback has no amount in a known currency";
	return NULL;
}

static void
record(struct webhook *webhook, struct aicx_exchange *exchange,
    const struct aicx_pay_event *event)
{
	struct notice *notice = calloc(1, sizeof *notice);

	if (notice == NULL) {
		turn_away(webhook, exchange, 503, "unavailable", "no memory");
		return;
	}
	*notice = (struct notice) { webhook->notices, &webhook->notices,
		webhook, exchange };
	if (notice->next != NULL)
		notice->next->prev = &notice->next;
	webhook->notices = notice;
	webhook->host->pay_event(webhook->self, event, on_recorded, notice);
}

static void
notice_request(void *arg, struct aicx_exchange *exchange,
    const struct aicx_http_request *request)
{
	struct webhook *webhook = arg;
	struct aicx_pay_event event;
	const char *why;

	if (request->method.len != 4 ||
	    memcmp(request->method.ptr, "POST", 4) != 0) {
		turn_away(webhook, exchange, 405, "invalid_params",
		    "webhooks are POSTed");
		return;
	}
	why = check_sender(webhook, request);
	if (why != NULL) {
		turn_away(webhook, exchange, 401, "bad_signature", why);
		return;
	}
	json_t *told =
	    json_loadb(request->body.ptr != NULL ? request->body.ptr : "",
		request->body.len, JSON_REJECT_DUPLICATES, NULL);
	why = json_is_object(told) ? read_event(webhook, told, &event)
				   : "webhook is no JSON object";
	if (why != NULL)
		turn_away(webhook, exchange, 400, "malformed", why);
	else
		record(webhook, exchange, &event);
	json_decref(told);
}

static void
notice_cancel(void *arg, struct aicx_exchange *exchange)
{
	struct webhook *webhook = arg;

	for (struct notice *at = webhook->notices; at != NULL; at = at->next)
		if (at->exchange == exchange)
			at->exchange = NULL;
}

const struct aicx_path_ops notice_ops = {
	.size = sizeof notice_ops,
	.request = notice_request,
	.cancel = notice_cancel,
};
